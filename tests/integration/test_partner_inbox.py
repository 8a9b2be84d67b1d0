"""The employer sees exactly what the person agreed to, and answers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from matchboard.domain.client import ConsentScope
from matchboard.domain.errors import Conflict
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, Consent, Partner, Placement, Reminder
from matchboard.services import partner_home, referrals
from matchboard.services.seen import shown_version
from tests import factories
from tests.client import words
from tests.sql import assert_sql_independent_of_rows

CARD, CONTACT = ConsentScope.CARD, ConsentScope.CARD_AND_CONTACT


@pytest.fixture
def employer(client: Any) -> Any:
    return client.sign_in(Role.ENTERPRISE)


def _referral(
    employer: Any, scope: ConsentScope | None = CONTACT, state: str = "sent", **attributes: Any
) -> Placement:
    own = db.session.scalars(select(Partner).where(Partner.unit_id == employer.unit_id)).one()
    opening = factories.VacancyFactory(partner=own, headcount=2)
    placement = factories.PlacementFactory(vacancy=opening, state=state, **attributes)
    if scope is not None:
        factories.ConsentFactory(placement=placement, scope=scope)
    return placement


def _named(step: str, **values: str) -> dict[str, str]:
    return {f"{step}-{name}": value for name, value in values.items()}


def test_inbox_shows_the_code_name_only_when_consent_covers_the_card(
    client: Any, employer: Any
) -> None:
    placement = _referral(employer, CARD)
    page = client.get_page(f"/partner/referrals/{placement.pid}")
    person = placement.client
    assert page.has_text(placement.code_name)
    assert not page.has_text(person.name)
    assert not page.has_text(person.phone[-8:])


def test_two_referrals_of_one_person_cannot_be_laid_side_by_side(
    client: Any, employer: Any
) -> None:
    """Whoever learned the name in one of them does not know it in the other."""
    named = _referral(employer)
    person = named.client
    opening = factories.VacancyFactory(partner=named.partner)
    other = factories.PlacementFactory(vacancy=opening, state="sent", client=person)
    factories.ConsentFactory(placement=other, scope=CARD)
    assert named.code_name != other.code_name
    page = client.get_page(f"/partner/referrals/{other.pid}")
    assert page.has_text(other.code_name)
    assert not page.has_text(named.code_name)
    assert not page.has_text(person.name)


@pytest.mark.parametrize(
    ("language", "shown"), [("zh", "求职者 PFXD"), ("en", "Jobseeker PFXD")], ids=["zh", "en"]
)
def test_code_name_is_in_the_readers_language(
    client: Any, employer: Any, language: str, shown: str
) -> None:
    placement = _referral(employer, CARD, code_name="PFXD")
    client.set_language(language)
    for path in ("/partner", f"/partner/referrals/{placement.pid}"):
        assert client.get_page(path).has_text(shown)


def test_inbox_shows_name_and_phone_when_consent_covers_contact(client: Any, employer: Any) -> None:
    placement = _referral(employer)
    page = client.get_page(f"/partner/referrals/{placement.pid}")
    assert page.has_text(placement.client.name)


def test_inbox_never_shows_what_is_nobodys_business(client: Any, employer: Any) -> None:
    placement = _referral(employer, client__with_id_number=True, client__tier="key")
    page = client.get_page(f"/partner/referrals/{placement.pid}")
    person = placement.client
    for secret in (person.id_number, "重点", "刑满", person.birth_date.isoformat()):
        assert not page.has_text(secret)


def test_referral_is_not_found_when_it_is_another_employers(client: Any, employer: Any) -> None:
    other = factories.PlacementFactory(state="sent")
    factories.ConsentFactory(placement=other, scope=CONTACT)
    client.get_page(f"/partner/referrals/{other.pid}", status=404)
    client.get_page(f"/partner/referrals/{_referral(employer).pid}")


def test_referral_is_not_found_before_it_is_sent(client: Any, employer: Any) -> None:
    placement = _referral(employer, state="consented", sent_at=None)
    client.get_page(f"/partner/referrals/{placement.pid}", status=404)
    placement.state, placement.sent_at = PlacementState.SENT, factories.NOW
    client.get_page(f"/partner/referrals/{placement.pid}")


def test_view_closes_at_once_when_consent_is_withdrawn(client: Any, employer: Any) -> None:
    placement = _referral(employer)
    consent = db.session.scalars(select(Consent)).one()
    consent.withdrawn_at = factories.NOW
    page = client.get_page(f"/partner/referrals/{placement.pid}")
    assert not page.has_text(placement.client.name)
    assert not page.has_text(placement.code_name)
    typed = {"version": shown_version(placement), "refuse-note": "已经招到人了"}
    page = client.post(f"/partner/referrals/{placement.pid}/refuse", typed, status=409)
    assert placement.state is PlacementState.SENT
    # What was typed is still there, but sending it again cannot help: it is not offered.
    assert page.has_text("已经招到人了")
    assert not page.all(".error-page form")


@pytest.mark.parametrize(("days", "is_open"), [(29, True), (30, False)])
def test_view_closes_thirty_days_after_the_end(
    client: Any, employer: Any, clock: Any, days: int, is_open: bool
) -> None:
    placement = _referral(employer, state="ended", state_changed_at=clock.now)
    clock.move(days=days)
    page = client.get_page(f"/partner/referrals/{placement.pid}")
    assert page.has_text(placement.client.name) is is_open


def test_reading_a_referral_is_on_record(client: Any, employer: Any) -> None:
    placement = _referral(employer)
    client.get_page(f"/partner/referrals/{placement.pid}")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "referral.read")).one()
    assert entry.subject_pid == placement.pid
    assert entry.actor_pid == employer.pid


def test_contact_request_reaches_the_office_once(client: Any, employer: Any) -> None:
    placement = _referral(employer, CARD)
    path = f"/partner/referrals/{placement.pid}"
    page = client.submit(path, {}, form="form[action$='/request-contact']")
    assert page.has_text("正在征求本人意见")
    reminder = db.session.scalars(select(Reminder)).one()
    assert reminder.unit_id == placement.client.office_id


def test_card_only_referral_offers_no_interview(client: Any, employer: Any) -> None:
    placement = _referral(employer, CARD)
    page = client.get_page(f"/partner/referrals/{placement.pid}")
    assert not page.has_text("面试日期")
    assert page.has_text("请求联系方式")


def test_employer_invites_offers_and_confirms_the_start(
    client: Any, employer: Any, clock: Any
) -> None:
    placement = _referral(employer)
    path = f"/partner/referrals/{placement.pid}"
    client.submit(
        path,
        _named("invite", interview_on="20261126", interview_time="09:30", interview_place="厂门口"),
        form="form[action$='/invite']",
    )
    assert placement.state is PlacementState.INTERVIEW
    client.submit(
        path,
        _named("offer", start_on="2026-12-01", wage_cny_month="4800"),
        form="form[action$='/offer']",
    )
    assert placement.state is PlacementState.OFFERED
    assert placement.vacancy.n_reserved == 1
    clock.move(days=7)
    client.submit(path, _named("start", start_on="2026-12-01"), form="form[action$='/start']")
    assert placement.state is PlacementState.STARTED
    assert (placement.vacancy.n_reserved, placement.vacancy.n_filled) == (0, 1)


def test_wage_below_the_law_is_refused_and_below_the_advertised_asked_once(
    client: Any, employer: Any
) -> None:
    placement = _referral(employer)
    path, form = f"/partner/referrals/{placement.pid}", "form[action$='/offer']"
    assert not client.get_page(path).all("[name='offer-wage_confirmed']")
    values = _named("offer", start_on="2026-12-01", wage_cny_month="900")
    page = client.submit(path, values, form=form, status=422)
    found = page.field_errors()["offer-wage_cny_month"]
    assert "2,010" in found
    assert "《最低工资规定》§12" in found
    assert not page.all("[name='offer-wage_confirmed']")
    values["offer-wage_cny_month"] = "4000"
    page = client.submit(path, values, form=form, page=page, status=422)
    assert "4,500" in page.by_id("offer-wage_confirmed-error").text
    values["offer-wage_confirmed"] = "y"
    client.submit(path, values, form=form, page=page)
    assert (placement.state, placement.wage_cny_month) == (PlacementState.OFFERED, 4000)
    page = client.get_page(path)
    assert page.by_id("amend-wage_cny_month")["value"] == "4000"
    values = _named("amend", start_on="2026-12-02", wage_cny_month="4600")
    client.submit(path, values, form="form[action$='/amend']", page=page)
    assert (placement.offered_start_on, placement.wage_cny_month) == (date(2026, 12, 2), 4600)


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("state", "scope", "is_full", "shown"),
    [
        ("sent", CONTACT, False, ["invite*", "offer", "refuse"]),
        ("sent", CARD, False, ["refuse"]),
        ("interview", CONTACT, False, ["offer*", "refuse", "miss"]),
        ("interview", CONTACT, True, ["refuse", "miss"]),
        ("offered", CONTACT, False, ["start*", "amend", "refuse", "miss"]),
        ("started", CONTACT, False, ["end"]),
    ],
)
def test_likely_answer_comes_first_and_open_and_no_folded_when_a_referral_is_read(
    state: str,
    scope: ConsentScope,
    is_full: bool,
    shown: list[str],
    client: Any,
    employer: Any,
) -> None:
    placement = _referral(
        employer, scope, state=state, wage_cny_month=4600, offered_start_on=date(2026, 12, 1)
    )
    if is_full:
        placement.vacancy.n_filled = placement.vacancy.headcount
        db.session.flush()
    page = client.get_page(f"/partner/referrals/{placement.pid}")
    steps = page.all("#answer details")
    assert [s["id"].removeprefix("step-") + "*" * s.has_attr("open") for s in steps] == shown
    assert len(page.all("#answer summary.btn-primary")) == sum("*" in one for one in shown)
    assert page.has_text("约定工资 ¥4,600/月") is (state in {"offered", "started"})


BAD_ANSWERS = [
    ("invite", {"interview_on": "下周"}, "interview_on"),
    ("invite", {"interview_on": "2026-11-26", "interview_time": "25:99"}, "interview_time"),
    ("invite", {"interview_on": "2026-11-26", "interview_time": "09:00"}, "interview_place"),
    ("offer", {"start_on": "2026-12-01", "wage_cny_month": "-1"}, "wage_cny_month"),
    ("offer", {"start_on": "2026-12-01", "wage_cny_month": "四千多"}, "wage_cny_month"),
    ("offer", {"start_on": "2029-12-01", "wage_cny_month": "4000"}, "start_on"),
    ("refuse", {}, "reason"),
    ("refuse", {"reason": "other"}, "note"),
]


@pytest.mark.parametrize(
    ("step", "values", "field"),
    BAD_ANSWERS,
    ids=[f"{s}-{f}-{n}" for n, (s, _, f) in enumerate(BAD_ANSWERS)],
)
def test_answer_is_refused_at_the_field_when_wrong(
    client: Any, employer: Any, step: str, values: dict[str, str], field: str
) -> None:
    placement = _referral(employer)
    path = f"/partner/referrals/{placement.pid}"
    page = client.submit(path, _named(step, **values), form=f"form[action$='/{step}']", status=422)
    assert f"{step}-{field}" in page.field_errors()
    assert placement.state is PlacementState.SENT


STALE = [
    (
        "offered",
        "offer",
        {"start_on": "2026-12-01", "wage_cny_month": "4700", "note": "包一餐"},
        ("4700", "5100", "拟录用"),
    ),
    ("interview", "invite", {"interview_place": "东门", "note": "带身份证"}, ("约面试", "东门")),
    ("interview", "refuse", {"reason": "other", "note": "已经招满"}, ("约面试",)),
]


@pytest.mark.parametrize(
    ("state", "step", "values", "expected"), STALE, ids=[f"{s}-{n}" for s, n, _, _ in STALE]
)
def test_answer_is_kept_and_compared_when_somebody_was_faster(
    client: Any,
    employer: Any,
    state: str,
    step: str,
    values: dict[str, str],
    expected: tuple[str, ...],
) -> None:
    placement = _referral(employer)
    path = f"/partner/referrals/{placement.pid}"
    opened = client.get_page(path)
    placement.state = PlacementState(state)
    placement.wage_cny_month = 5100
    db.session.commit()
    if step == "invite":
        values = {"interview_on": "2026-11-26", "interview_time": "09:30", **values}
    typed = _named(step, **values)
    selector = f"form[action$='/{step}']"
    page = client.submit(path, typed, form=selector, page=opened, status=409)
    comparison = page.one(".stale-edit").text
    assert all(words in comparison for words in expected)
    assert page.by_id(f"{step}-note").text.strip() == values["note"]
    assert page.by_id(f"step-{step}").has_attr("open")
    version = page.one(f"#step-{step} input[name='{step}-version']")["value"]
    assert version == str(placement.version)
    assert placement.state is PlacementState(state)


def test_answer_is_kept_when_no_place_is_left(client: Any, employer: Any) -> None:
    placement = _referral(employer)
    path = f"/partner/referrals/{placement.pid}"
    opened = client.get_page(path)
    placement.vacancy.n_filled = placement.vacancy.headcount
    db.session.commit()
    typed = _named("offer", start_on="2026-12-01", wage_cny_month="4700", note="包一餐")
    page = client.submit(path, typed, form="form[action$='/offer']", page=opened, status=409)
    assert page.has_text("名额已经全部占用")
    assert page.by_id("offer-note").text.strip() == "包一餐"


@pytest.mark.parametrize("path", ["/partner", "/partner/referrals"])
def test_list_names_nobody_when_the_name_is_open(client: Any, employer: Any, path: str) -> None:
    placement = _referral(employer)
    page = client.get_page(path)
    assert page.has_text(placement.code_name)
    assert not page.has_text(placement.client.name)


def test_home_counts_places_answers_and_people(client: Any, employer: Any) -> None:
    _referral(employer)
    _referral(employer, state="started")
    page = client.get_page("/partner")
    assert page.has_text("等您答复")


def test_home_counts_only_what_it_lists_when_a_view_has_closed(client: Any, employer: Any) -> None:
    _referral(employer)
    _referral(employer, scope=None)
    page = client.get_page("/partner")
    assert [words(figure) for figure in page.all(".kpi-value")][1] == "1 人"
    assert len(page.all(".inbox-row")) == 1
    assert len(client.get_page("/partner/referrals").all(".inbox-row")) == 1
    assert len(client.get_page("/partner/referrals?folder=past").all(".inbox-row")) == 1


@pytest.mark.parametrize(("n_waiting", "is_offered"), [(6, False), (7, True)], ids=["all", "more"])
def test_home_links_to_the_rest_when_more_wait_than_it_shows(
    client: Any, employer: Any, n_waiting: int, is_offered: bool
) -> None:
    for _ in range(n_waiting):
        _referral(employer, CARD)
    page = client.get_page("/partner")
    assert len(page.all(".inbox-row")) == 6
    assert page.has_text(f"全部 {n_waiting} 份") is is_offered


def test_inbox_costs_the_same_statements_whatever_the_rows(client: Any, employer: Any) -> None:
    assert_sql_independent_of_rows(client, "/partner/referrals", lambda: _referral(employer))


def test_old_referrals_are_kept_but_closed(client: Any, employer: Any) -> None:
    placement = _referral(employer, state="declined_by_client")
    page = client.get_page("/partner/referrals?folder=past")
    assert page.has_text("资料已关闭")
    assert not page.has_text(placement.client.name)


def test_no_show_may_be_taken_back_within_a_week(client: Any, employer: Any, clock: Any) -> None:
    placement = _referral(employer, state="no_show", state_changed_at=clock.now)
    clock.set(clock.now + timedelta(days=6))
    path = f"/partner/referrals/{placement.pid}"
    client.submit(path, {}, form="form[action$='/undo_miss']")
    assert placement.state is PlacementState.INTERVIEW


_CLOSED: dict[str, dict[str, Any]] = {
    "employer-suspended": {"state": "suspended"},
    "employer-pending": {"state": "pending"},
    "employer-rejected": {"state": "rejected"},
    "no-agreement": {"agreement_signed_on": None},
    "consent-withdrawn": {},
    "open": {},
}


@pytest.mark.parametrize("why", _CLOSED)
def test_contact_is_asked_for_only_while_the_view_is_open(
    why: str, client: Any, employer: Any, clock: Any
) -> None:
    withdrawn_at = clock.now if why == "consent-withdrawn" else None
    placement = _referral(employer, scope=None)
    factories.ConsentFactory(placement=placement, scope=CARD, withdrawn_at=withdrawn_at)
    for name, value in _CLOSED[why].items():
        setattr(placement.partner, name, value)
    db.session.flush()
    db.session.expire_all()
    if why == "open":
        referrals.request_contact(placement, actor=employer.actor, now=clock.now)
    else:
        with pytest.raises(Conflict):
            referrals.request_contact(placement, actor=employer.actor, now=clock.now)
    n_reminders = len(db.session.scalars(select(Reminder)).all())
    assert n_reminders == int(why == "open")


def test_home_figures_leave_out_reserved_and_filled_places(client: Any, employer: Any) -> None:
    own = db.session.scalars(select(Partner).where(Partner.unit_id == employer.unit_id)).one()
    factories.VacancyFactory(partner=own, headcount=5, n_reserved=1, n_filled=2)
    factories.VacancyFactory(partner=own, headcount=4, state="closed")
    factories.VacancyFactory(headcount=7)  # another employer's
    factories.PlacementFactory(
        vacancy=factories.VacancyFactory(partner=own, state="filled"), state="started"
    )
    found = partner_home.figures(actor=employer.actor)
    assert (found.n_places_open, found.n_working) == (2, 1)
