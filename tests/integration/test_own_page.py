"""The personal link: the person reads, decides and says how it goes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matchboard.domain.client import ConsentScope
from matchboard.domain.duties import DutyKind
from matchboard.domain.errors import NotFound
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, Consent, PersonalLink
from matchboard.services import audit, duties, own_page, personal_links, seen
from tests import factories
from tests.client import words
from tests.integration.placement_paths import last_event

LOCK = "personal_link.lock"
BORN = "1985-05-20"  # the factory's birth date


@pytest.fixture
def officer(app: Any) -> Any:
    return factories.UserFactory(role=Role.OFFICER)


@pytest.fixture
def person(officer: Any) -> Any:
    return factories.ClientFactory(office=officer.unit, with_id_number=True)


@pytest.fixture
def path(person: Any, officer: Any, clock: Any) -> str:
    _, token = personal_links.create_link(person, actor=officer.actor, now=clock.now)
    return f"/me/{token}"


def _send(
    client: Any, path: str, placement: Any, action: str, status: int = 200, **values: str
) -> Any:
    named = {f"{action}-{placement.pid}-{name}": value for name, value in values.items()}
    selector = f"form[action$='/{placement.pid}/{action}']"
    return client.submit(path, named, form=selector, status=status)


def test_page_shows_a_proposal_and_nothing_restricted(client: Any, path: str, person: Any) -> None:
    placement = factories.PlacementFactory(client=person)
    factories.RestrictedRecordFactory(client_id=person.id, facts='{"records": []}')
    page = client.get_page(path)
    assert page.has_text(placement.vacancy.title)
    for secret in (person.id_number, "一般", "重点", "刑满释放"):
        assert not page.has_text(secret)


def test_page_shows_only_the_persons_own_proposals(client: Any, path: str, person: Any) -> None:
    other = factories.PlacementFactory(vacancy=factories.VacancyFactory(title="别人的岗位"))
    factories.PlacementFactory(client=person, vacancy=factories.VacancyFactory(title="自己的岗位"))
    page = client.get_page(path)
    assert page.has_text("自己的岗位")
    assert not page.has_text(other.vacancy.title)


@pytest.mark.parametrize("scope", list(ConsentScope))
def test_person_consents_with_the_scope_they_choose(
    client: Any, path: str, person: Any, scope: ConsentScope
) -> None:
    placement = factories.PlacementFactory(client=person)
    _send(client, path, placement, "consent", scope=scope.value, birth_date=BORN)
    assert placement.state is PlacementState.CONSENTED
    consent = db.session.scalars(select(Consent)).one()
    assert (consent.scope, consent.method.value) == (scope, "personal_link")
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.verb == "placement.consent")
    ).one()
    assert entry.actor_role == "client"


BAD = [
    ("consent", {"birth_date": BORN}, "scope"),
    ("consent", {"scope": "card"}, "birth_date"),
    ("consent", {"scope": "card", "birth_date": "1985-05-21"}, "birth_date"),
    ("consent", {"scope": "card", "birth_date": "去年"}, "birth_date"),
    ("decline", {"birth_date": BORN}, "reason"),
    ("decline", {"birth_date": BORN, "reason": "other"}, "note"),
]


@pytest.mark.parametrize(("action", "values", "field"), BAD, ids=range(len(BAD)))
def test_action_is_refused_at_the_field_when_wrong(
    client: Any, path: str, person: Any, action: str, values: dict[str, str], field: str
) -> None:
    placement = factories.PlacementFactory(client=person)
    page = _send(client, path, placement, action, status=422, **values)
    assert any(name.endswith(f"-{field}") for name in page.field_errors())
    assert placement.state is PlacementState.PROPOSED


def test_link_closes_after_five_wrong_birth_dates(client: Any, path: str, person: Any) -> None:
    placement = factories.PlacementFactory(client=person)
    for _ in range(4):
        _send(client, path, placement, "consent", status=422, scope="card", birth_date="1999-01-01")
    link = db.session.scalars(select(PersonalLink)).one()
    assert (link.failed_attempts, link.revoked_at) == (4, None)
    fields = {
        f"consent-{placement.pid}-{n}": v
        for n, v in (("scope", "card"), ("birth_date", "1999-01-01"))
    }
    client.post(f"{path}/{placement.pid}/consent", fields, status=404)
    client.get_page(path, status=404)


def test_wrong_birth_dates_are_on_record_when_they_close_the_link(
    client: Any, path: str, person: Any
) -> None:
    placement = factories.PlacementFactory(client=person)
    pid = person.pid
    wrong = {"scope": "card", "birth_date": "1999-01-01"}
    for n in range(5):  # the fifth finds the link closed
        page = _send(client, path, placement, "consent", status=422 if n < 4 else 404, **wrong)
        assert page.has_text(f"还可以试 {4 - n} 次" if n < 4 else "出生日期多次对不上"), n
    # Whoever guesses has changed nothing: no conflict names a visitor as the last who did.
    last = seen.last_change(person)
    assert last is not None
    assert last.role == "officer"  # who made the link
    query = select(AuditEntry).where(AuditEntry.verb.in_(["personal_link.fail", LOCK]))
    entries = db.session.scalars(query.order_by(AuditEntry.id)).all()
    assert [e.verb for e in entries] == ["personal_link.fail"] * 5 + [LOCK]
    assert {(e.actor_role, e.actor_pid, e.subject_pid) for e in entries} == {("visitor", None, pid)}
    assert audit.verify().is_intact


def test_office_is_told_and_makes_a_new_link_when_guesses_closed_one(
    client: Any, path: str, person: Any, officer: Any, clock: Any
) -> None:
    placement = factories.PlacementFactory(client=person)
    wrong = {"scope": "card", "birth_date": "1999-01-01"}

    def found() -> list[Any]:
        return duties.list_duties(actor=officer.actor, now=clock.now)

    def told() -> list[bool]:
        kinds = {duty.kind for duty in found()}
        page = client.get_page(f"/clients/{person.pid}")
        return [DutyKind.RENEW_LINK in kinds, page.has_text("因出生日期多次输错自动停用")]

    for n in range(5):
        _send(client, path, placement, "consent", status=422 if n < 4 else 404, **wrong)
        if n == 3:
            assert DutyKind.RENEW_LINK not in {duty.kind for duty in found()}
    client.sign_in(officer)
    assert told() == [True, True]
    (duty,) = [d for d in found() if d.kind is DutyKind.RENEW_LINK]
    assert duty.due_on == clock.today + timedelta(days=3)
    link = db.session.scalars(select(PersonalLink)).one()
    until, link.expires_at = link.expires_at, clock.now  # it would not open any more anyway
    assert told() == [False, False]
    link.expires_at = clock.now + timedelta(minutes=1)
    assert told() == [True, True]
    link.expires_at = until
    (row,) = [r for r in client.get_page("/today").all(".duty") if "多次输错停用" in words(r)]
    page = client.get_page(row.select_one(".duty-verb a")["href"])
    assert page.has_text("因出生日期多次输错自动停用。请先问清是不是本人")
    client.submit(page.path, form="form[action$='/link']", page=page)
    assert told() == [False, False]


def test_reload_after_a_wrong_birth_date_is_no_other_try(
    client: Any, path: str, person: Any
) -> None:
    placement = factories.PlacementFactory(client=person)
    name = f"consent-{placement.pid}-"
    form = client.get_page(path).form(f"form[action$='/{placement.pid}/consent']")
    wrong = {name + "scope": "card", name + "birth_date": "1999-01-01"}

    def n_failed() -> int:
        db.session.expire_all()
        return db.session.scalars(select(PersonalLink)).one().failed_attempts

    for _ in range(7):  # the browser sends the very same once more
        page = client.send(form, wrong, status=422)
        assert page.has_text("还可以试 4 次")
        assert n_failed() == 1
    client.send(form, wrong | {name + "birth_date": "1999-01-02"}, status=422)
    assert n_failed() == 2
    verbs = db.session.scalars(select(AuditEntry.verb)).all()
    assert verbs.count("personal_link.fail") == 2
    client.send(form, wrong | {name + "birth_date": BORN})
    assert placement.state is PlacementState.CONSENTED


def test_right_birth_date_is_refused_when_the_link_was_closed_meanwhile(
    path: str, person: Any, clock: Any
) -> None:
    link = personal_links.find_link(path.removeprefix("/me/"), now=clock.now)
    own_page.confirm_person(link, person.birth_date, now=clock.now)
    assert link.client is person
    db.session.commit()
    with Session(db.engine) as overtaking:
        overtaking.execute(update(PersonalLink).values(revoked_at=clock.now))
        overtaking.commit()
    with pytest.raises(NotFound):
        own_page.confirm_person(link, person.birth_date, now=clock.now)


def test_wrong_birth_dates_are_forgotten_after_a_right_one(
    client: Any, path: str, person: Any
) -> None:
    placement = factories.PlacementFactory(client=person)
    _send(client, path, placement, "consent", status=422, scope="card", birth_date="1999-01-01")
    assert db.session.scalars(select(PersonalLink)).one().failed_attempts == 1
    _send(client, path, placement, "consent", scope="card", birth_date=BORN)
    assert db.session.scalars(select(PersonalLink)).one().failed_attempts == 0


def test_person_reads_what_was_agreed_when_an_offer_stands_and_at_work(
    client: Any, path: str, person: Any
) -> None:
    placement = factories.PlacementFactory(
        client=person, state="sent", wage_cny_month=None, offered_start_on=None
    )
    assert not client.get_page(path).has_text("约定")
    placement.state, placement.wage_cny_month = PlacementState.OFFERED, 4600
    placement.offered_start_on = date(2026, 12, 1)
    page = client.get_page(path)
    assert page.has_text("约定上岗日期 2026-12-01 约定工资 ¥4,600/月")
    assert not page.has_text("¥4,500")  # what was advertised counts no more
    placement.state, placement.started_on = PlacementState.STARTED, date(2026, 11, 20)
    page = client.get_page(path)
    assert page.has_text("上岗日期 2026-11-20 约定工资 ¥4,600/月")
    assert not page.has_text("2026-12-01")


def test_person_declines_with_a_reason(client: Any, path: str, person: Any) -> None:
    placement = factories.PlacementFactory(client=person)
    said = {"reason": "too_far", "note": "要转两趟车。"}
    _send(client, path, placement, "decline", birth_date=BORN, **said)
    assert placement.state is PlacementState.DECLINED_BY_CLIENT
    event = last_event(placement)
    assert (event.name, event.reason, event.note) == ("decline", *said.values())
    assert event.actor_role == "client"


def test_person_widens_and_withdraws_consent(client: Any, path: str, person: Any) -> None:
    placement = factories.PlacementFactory(client=person, state="sent")
    factories.ConsentFactory(placement=placement, scope=ConsentScope.CARD)
    _send(client, path, placement, "widen", birth_date=BORN)
    scopes = db.session.scalars(select(Consent.scope).order_by(Consent.id)).all()
    assert scopes == [ConsentScope.CARD, ConsentScope.CARD_AND_CONTACT]
    _send(client, path, placement, "withdraw-consent", birth_date=BORN)
    assert placement.state is PlacementState.WITHDRAWN


def test_person_answers_a_check_when_due(client: Any, path: str, person: Any, clock: Any) -> None:
    placement = factories.PlacementFactory(client=person, state="started")
    check = factories.OutcomeCheckFactory(
        placement_id=placement.id, day=30, due_on=clock.today + timedelta(days=2)
    )
    _send(client, path, placement, "check", still_employed="yes", own_words="挺好", birth_date=BORN)
    assert (check.still_employed, check.own_words, check.answered_by) == (True, "挺好", "client")


def test_person_reports_the_end_of_a_job(client: Any, path: str, person: Any, clock: Any) -> None:
    placement = factories.PlacementFactory(
        client=person, state="started", started_on=clock.today - timedelta(days=40)
    )
    _send(
        client,
        path,
        placement,
        "end",
        reason="quit",
        note="工资没有按时发。",
        ended_on=clock.today.isoformat(),
        birth_date=BORN,
    )
    assert placement.state is PlacementState.ENDED
    assert (placement.ended_by, placement.ended_on) == ("client", clock.today)
    event = last_event(placement)
    assert (event.name, event.reason, event.note) == ("end", "quit", "工资没有按时发。")


def test_page_is_not_found_when_the_link_is_expired_or_revoked(
    client: Any, path: str, person: Any, officer: Any, clock: Any
) -> None:
    client.get_page(path)
    personal_links.revoke_link(person, actor=officer.actor, now=clock.now)
    client.get_page(path, status=404)
    _, token = personal_links.create_link(person, actor=officer.actor, now=clock.now)
    client.get_page(f"/me/{token}")
    clock.move(days=800)
    client.get_page(f"/me/{token}", status=404)


def test_foreign_placement_is_not_found(client: Any, path: str, person: Any) -> None:
    other, own = factories.PlacementFactory(), factories.PlacementFactory(client=person)
    client.post(f"{path}/{other.pid}/consent", {"birth_date": BORN}, status=404)
    assert client.post(f"{path}/{own.pid}/consent", {"birth_date": BORN}).status != 404


def test_page_is_kept_out_of_search_engines_and_caches(client: Any, path: str) -> None:
    page = client.get_page(path)
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["Referrer-Policy"] == "same-origin"


def test_used_up_link_says_whom_to_call_when_opened(
    client: Any, path: str, officer: Any, person: Any, clock: Any
) -> None:
    placement = factories.PlacementFactory(client=person)
    assert client.get_page(path).h1 == f"{person.name}，您好"
    personal_links.revoke_link(person, actor=officer.actor, now=clock.now)
    posted = client.post(f"{path}/{placement.pid}/decline", status=404)
    for page in (client.get_page(path, status=404), client.get_page("/me/made-up", 404), posted):
        assert page.h1 == "这个链接已经停用"
        assert page.has_text("请联系给您链接的司法所")
        assert not page.by_role("link", "回到首页") + page.all(".top-nav, .error-actions")
    assert client.get_page("/jobs/zzzzzzzz", status=404).by_role("link", "回到首页")


def test_refused_answer_leads_back_to_the_own_page(client: Any, path: str, person: Any) -> None:
    """The person has no account: an error page or another language must not end the visit."""
    placement = factories.PlacementFactory(client=person)
    sent_to = f"{path}/{placement.pid}/decline"
    refused = client.post(sent_to, {f"decline-{placement.pid}-note": "太远"}, status=422)
    page = client.submit("", {}, page=refused, form=".language-switch", button="language=en")
    assert (page.path, page.document.html["lang"]) == (path, "en")
    assert client.get_page(sent_to, status=303).location == path
    expired = client.post(sent_to, {"csrf_token": "old"}, status=400)
    assert expired.by_role("link", "Back to the page")[0]["href"] == path


@pytest.mark.parametrize(
    ("given", "is_offered"),
    [
        ((), False),
        ((True,), False),
        ((True, True), False),
        ((False,), True),
        ((True, False), True),
        ((False, True), True),
    ],
    ids=["never", "withdrawn", "twice-withdrawn", "in-force", "given-again", "one-of-two"],
)
def test_consent_may_be_withdrawn_as_long_as_one_is_in_force(
    given: tuple[bool, ...], is_offered: bool, client: Any, path: str, person: Any, clock: Any
) -> None:
    placement = factories.PlacementFactory(client=person, state="started")
    for is_withdrawn in given:
        withdrawn_at = clock.now if is_withdrawn else None
        factories.ConsentFactory(placement=placement, withdrawn_at=withdrawn_at)
    page = client.get_page(path)
    assert page.all(f"form[action$='/{placement.pid}/end']")  # the job's other step is there
    assert bool(page.all(f"form[action$='/{placement.pid}/withdraw-consent']")) is is_offered


def test_own_check_is_stored_whole_when_the_person_says_still_here(
    client: Any, path: str, person: Any, clock: Any
) -> None:
    placement = factories.PlacementFactory(client=person, state="started")
    check = factories.OutcomeCheckFactory(placement_id=placement.id, day=30, due_on=clock.today)
    _send(client, path, placement, "check", still_employed="yes", own_words="好", birth_date=BORN)
    db.session.refresh(check)
    stored = {c.key: getattr(check, c.key) for c in check.__table__.columns}
    assert stored == {
        "id": check.id,
        "placement_id": placement.id,
        "day": 30,
        "due_on": clock.today,
        "done_on": clock.today,
        "still_employed": True,
        "same_employer": True,
        "wage_cny_month": None,
        "hours_per_week": None,
        "own_words": "好",
        "answered_by": "client",
        "recorded_by_id": None,
        "cancelled": False,
    }
