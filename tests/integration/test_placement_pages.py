"""The pages of placements through the browser: board, file, steps, checks, print."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from matchboard.domain.client import ConsentScope
from matchboard.domain.placement import PlacementReason, PlacementState
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.labels.placements import EVENTS
from matchboard.models import (
    AuditEntry,
    BarDecision,
    OutcomeCheck,
    Placement,
    PlacementEvent,
    Reminder,
    ShownList,
)
from matchboard.services import consents, placements, transaction
from matchboard.services.outcome_checks import Answers, record_check
from matchboard.services.placement_history import EventRow
from matchboard.services.seen import shown_version
from matchboard.web import placement_file
from tests.client import QualityClient, assert_swap_equals_page, words
from tests.conftest import Clock
from tests.factories import NOW, ClientFactory, PlacementFactory, UserFactory, VacancyFactory
from tests.integration.placement_paths import (
    AUDIT_POST,
    GROUNDS,
    PATHS,
    PENALTY,
    POLICE_POST,
    Case,
    a_case,
    a_person,
    brought_to,
    details_of,
    event_names,
    last_event,
    propose,
    take,
    with_facts,
)
from tests.sql import assert_sql_independent_of_rows

pytestmark = pytest.mark.usefixtures("app")
S = PlacementState


@pytest.fixture
def case(app: Any) -> Case:
    return a_case(headcount=5)


def signed_in(client: QualityClient, case: Case) -> QualityClient:
    client.sign_in(case.officer)
    return client


def file_of(placement: Any) -> str:
    return f"/placements/{placement.pid}"


def propose_url(case: Case) -> str:
    return f"/clients/{case.person.pid}/propose/{case.vacancy.pid}"


# --- Journey 1, by the officer alone --------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_journey_leads_from_the_match_to_the_check_when_the_officer_notes_all(
    language: str, client: QualityClient, case: Case, clock: Clock
) -> None:
    signed_in(client, case).set_language(language)
    matches = client.get_page(f"/clients/{case.person.pid}/matches")
    card = matches.form(f"form[action='{propose_url(case)}']")
    page = client.send(card)
    path = page.path
    placement = db.session.scalars(db.select(Placement)).one()
    assert path == file_of(placement)
    assert (placement.shown_position, placement.model_version) == (
        1,
        db.session.scalars(db.select(ShownList.model_version)).first(),
    )

    def step(name: str, values: dict[str, Any]) -> None:
        assert client.get_page(path).one(f"#step-{name}").has_attr("open")
        client.submit(path, values, form=f"#step-{name} form")

    client.submit(
        path,
        {"scope": "card_and_contact", "signed": "y"},
        form="#step-consent form",
    )
    step("send", {})
    assert client.get_page(f"{path}/letter").has_text(case.person.name)
    step(
        "invite",
        {
            "interview_on": clock.today.isoformat(),
            "interview_time": "14:30",
            "interview_place": "示范路2号",
            "note": "王经理来电",
        },
    )
    step(
        "offer",
        {"start_on": clock.today.isoformat(), "wage_cny_month": "4800", "note": "王经理来电"},
    )
    clock.move(days=1)
    step("start", {"start_on": clock.today.isoformat()})
    clock.move(days=30)
    page = client.get_page(path)
    assert f"{path}/checks/30" in page.links()
    client.submit(
        f"{path}/checks/30",
        {"still_employed": "1", "same_employer": "1", "own_words": "师傅很照顾"},
    )
    placement = db.session.scalars(db.select(Placement)).one()
    assert placement.state is S.STARTED
    assert placement.checks[0].done_on == clock.today
    assert client.get_page(path).has_text("师傅很照顾")
    assert client.get_page(f"/clients/{case.person.pid}/placements").has_text(case.vacancy.title)


# --- Proposing ------------------------------------------------------------------------------------


def as_on_a_card(case: Case) -> dict[str, Any]:
    """Return what the button on a card of the list sends."""
    return {"version": case.vacancy.version}


def test_second_click_leads_to_the_same_proposal(client: QualityClient, case: Case) -> None:
    signed_in(client, case)
    first = client.post(propose_url(case), as_on_a_card(case), status=303)
    second = client.post(propose_url(case), as_on_a_card(case), status=303)
    assert first.location == second.location
    assert db.session.scalar(db.select(db.func.count()).select_from(Placement)) == 1


def test_decision_is_asked_for_when_posted_from_a_card_in_review(
    client: QualityClient,
) -> None:
    case = with_facts(a_case(**AUDIT_POST), PENALTY)
    signed_in(client, case)
    # The button on a card asks for nothing, so it is answered with the question: no complaint.
    page = client.post(propose_url(case), as_on_a_card(case), follow=True)
    assert (page.path, page.field_errors()) == (propose_url(case), {})
    assert page.by_id("grounds")
    assert page.has_text("注册会计师法")
    # A legal decision stands nowhere before it is made: neither answer, and grounds alone are none.
    assert not page.all("[name='decision'][checked]")
    assert len(page.all("[name='decision']")) == 2
    assert client.submit(propose_url(case), {}, status=422).field_errors()["grounds"]
    page = client.submit(propose_url(case), {"grounds": GROUNDS}, status=422)
    assert "核定结论" in page.field_errors()["decision"]
    assert db.session.scalars(db.select(BarDecision)).all() == []
    answer = client.submit(propose_url(case), {"decision": "proceed", "grounds": GROUNDS})
    assert answer.path.startswith("/placements/")
    assert db.session.scalars(db.select(BarDecision)).one().grounds == GROUNDS


def test_grounds_are_kept_when_they_are_too_short(client: QualityClient) -> None:
    case = with_facts(a_case(**AUDIT_POST), PENALTY)
    signed_in(client, case)
    page = client.submit(propose_url(case), {"grounds": "太短"}, status=422)
    assert "10" in page.field_errors()["grounds"]
    assert page.by_id("grounds").text.strip() == "太短"
    assert db.session.scalar(db.select(db.func.count()).select_from(BarDecision)) == 0


def test_decision_against_is_kept_and_nothing_proposed(client: QualityClient) -> None:
    case = with_facts(a_case(**AUDIT_POST), PENALTY)
    signed_in(client, case)
    page = client.submit(propose_url(case), {"decision": "refuse", "grounds": GROUNDS})
    assert page.path == f"/clients/{case.person.pid}/matches"
    assert db.session.scalars(db.select(BarDecision)).one().may_proceed is False
    assert db.session.scalar(db.select(db.func.count()).select_from(Placement)) == 0
    assert client.post(propose_url(case), as_on_a_card(case)).status == 409
    assert client.get_page(propose_url(case)).has_text(GROUNDS)


def test_citation_is_shown_and_no_form_when_blocked(client: QualityClient) -> None:
    case = with_facts(a_case(**POLICE_POST), PENALTY)
    signed_in(client, case)
    page = client.get_page(propose_url(case))
    assert page.has_text("法律规定不能从事")
    assert page.all("form#propose") == []
    assert client.post(propose_url(case), as_on_a_card(case)).status == 409


def test_prohibition_of_the_court_is_named_in_words_and_blocks(client: QualityClient) -> None:
    banned = (
        '{"records": [{"basis": "criminal_penalty", "court_prohibition": "other", '
        '"court_prohibition_occupations": ["6-05-01-03"], '
        '"court_prohibition_until": "2029-11-22"}]}'
    )
    case = with_facts(a_case(), banned)
    signed_in(client, case)
    page = client.get_page(propose_url(case))
    assert page.has_text("法院判决禁止从事：缝纫工")
    assert page.all("form#propose") == []
    assert client.post(propose_url(case), as_on_a_card(case)).status == 409


def test_proposal_page_says_so_when_one_is_under_way(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = propose(case, clock)
    page = signed_in(client, case).get_page(propose_url(case))
    assert file_of(placement) in page.links()
    assert page.all("form#propose") == []


def test_proposal_is_refused_with_its_reason_when_the_opening_is_full(
    client: QualityClient, case: Case
) -> None:
    case.vacancy.n_reserved = case.vacancy.headcount
    signed_in(client, case)
    page = client.post(propose_url(case), as_on_a_card(case), status=409)
    assert page.has_text("名额")


@pytest.mark.parametrize("what", ["person", "opening"])
def test_proposal_is_not_found_when_ids_are_foreign(
    what: str, client: QualityClient, case: Case
) -> None:
    signed_in(client, case)
    person, opening = case.person.pid, case.vacancy.pid
    if what == "person":
        person = ClientFactory().pid
    else:
        opening = "zzzzzzzz"
    assert client.post(f"/clients/{person}/propose/{opening}").status == 404
    client.get_page(f"/clients/{person}/propose/{opening}", status=404)
    client.get_page(propose_url(case))


# --- The file -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("state", list(S), ids=[s.value for s in S])
def test_file_offers_the_officers_steps_when_in_any_state(
    state: S, language: str, client: QualityClient, clock: Clock
) -> None:
    from matchboard.domain.placement import available

    case = a_case()
    placement = brought_to(state, case, clock)
    signed_in(client, case).set_language(language)
    page = client.get_page(file_of(placement))
    offered = {str(e["id"]).removeprefix("step-") for e in page.all("details.step-panel")}
    assert offered == {t.name for t in available(state, Role.OFFICER)}
    has_next = f"/clients/{case.person.pid}/matches" in page.links()
    assert has_next is (state not in {*placements.placement_rules.LIVE, S.COMPLETED})


def test_file_offers_no_step_when_the_district_reads_it(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = propose(case, clock)
    district = UserFactory(role=Role.DISTRICT, unit=case.officer.unit.parent)
    client.sign_in(district)
    page = client.get_page(file_of(placement))
    assert page.all("details.step-panel") == []
    assert client.post(f"{file_of(placement)}/withdraw").status == 403


def test_file_is_not_found_when_of_another_office(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = propose(case, clock)
    client.sign_in(Role.OFFICER)
    client.get_page(file_of(placement), status=404)
    for address in ("/consent", "/consent/widen", "/consent/withdraw", "/checks/30"):
        assert client.post(file_of(placement) + address).status == 404
    client.get_page(file_of(placement) + "/letter", status=404)
    signed_in(client, case).get_page(file_of(placement))


def test_preview_shows_exactly_what_consent_covers(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = propose(case, clock)
    consents.give(placement, ConsentScope.CARD, actor=case.officer.actor, now=clock.now)
    page = signed_in(client, case).get_page(file_of(placement))
    shown = page.by_id("preview").text
    assert placement.code_name in shown
    assert case.person.name not in shown
    consents.give(placement, ConsentScope.CARD_AND_CONTACT, actor=case.officer.actor, now=clock.now)
    shown = client.get_page(file_of(placement)).by_id("preview").text
    assert case.person.name in shown


def test_step_names_its_field_and_keeps_the_rest_when_a_field_is_empty(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = brought_to(S.SENT, case, clock)
    signed_in(client, case)
    page = client.submit(
        file_of(placement),
        {"interview_on": "2026.11.26", "interview_place": "门卫室", "note": ""},
        form="#step-invite form",
        status=422,
    )
    assert set(page.field_errors()) == {"interview_time", "note"}
    assert page.by_id("invite-interview_place")["value"] == "门卫室"
    assert page.by_id("step-invite").has_attr("open")


def test_step_names_its_field_when_the_service_refuses(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = brought_to(S.SENT, case, clock)
    signed_in(client, case)
    values = {"interview_on": "20261101", "interview_time": "09:00", "note": "王经理来电"}
    page = client.submit(file_of(placement), values, form="#step-invite form", status=422)
    assert "早于" in page.field_errors()["interview_on"]
    values = {"reason": "other", "note": ""}
    page = client.submit(file_of(placement), values, form="#step-decline form", status=422)
    assert set(page.field_errors()) == {"note"}
    assert db.session.scalars(db.select(Placement.state)).one() is S.SENT


def test_consent_is_not_recorded_when_the_signature_is_missing(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = propose(case, clock)
    signed_in(client, case)
    page = client.submit(
        file_of(placement), {"scope": "card"}, form="#step-consent form", status=422
    )
    assert page.has_text("没有签字的同意书不能登记")
    assert db.session.scalars(db.select(Placement.state)).one() is S.PROPOSED


def test_both_versions_are_shown_when_the_form_is_stale(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = brought_to(S.SENT, case, clock)
    signed_in(client, case)
    opened = client.get_page(file_of(placement))
    take(placement, "offer", case, clock, wage_cny_month=5100)
    transaction.commit()
    values = {"start_on": "2026-11-25", "wage_cny_month": "4700", "note": "王经理来电"}
    page = client.submit(
        file_of(placement), values, form="#step-offer form", page=opened, status=409
    )
    assert page.has_text("4700")
    assert page.has_text("5100")
    assert page.by_id("offer-note").text.strip() == "王经理来电"
    assert db.session.scalars(db.select(Placement.wage_cny_month)).one() == 5100


def test_what_was_agreed_is_corrected_on_record_when_the_officer_is_told(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = brought_to(S.OFFERED, case, clock)
    signed_in(client, case)
    page = client.get_page(file_of(placement))
    assert page.by_id("amend-wage_cny_month")["value"] == "4800"
    values = {"note": "王经理来电"}
    form = "#step-amend form"
    page = client.submit(file_of(placement), values, form=form, page=page, status=422)
    assert page.has_text("没有要更正的，没有记录")
    assert event_names(placement) == ["propose", *PATHS[S.OFFERED]]
    values["wage_cny_month"] = "4000"
    page = client.submit(file_of(placement), values, form=form, page=page, status=422)
    assert "4,500" in page.by_id("amend-wage_confirmed-error").text
    values["wage_confirmed"] = "y"
    client.submit(file_of(placement), values, form=form, page=page)
    page = client.get_page(file_of(placement))
    assert page.has_text("更正了约定")
    assert page.has_text("¥4,000/月（原来 ¥4,800/月）")
    assert page.text.count("原来") == 1  # the day is the one there was


def test_what_was_typed_is_kept_when_the_step_is_no_longer_possible(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = brought_to(S.SENT, case, clock)
    signed_in(client, case)
    values = {"reason": "did_not_come", "note": "打过电话", "step": "miss"}
    values |= {"version": shown_version(placement)}
    page = client.post(f"{file_of(placement)}/miss", values, status=409)
    assert page.by_id("miss-note").text.strip() == "打过电话"
    assert page.has_text("已送企业")


def test_place_is_not_oversold_when_the_last_is_gone(client: QualityClient, clock: Clock) -> None:
    case = a_case(headcount=1)
    late = brought_to(S.SENT, case, clock, person=a_person(case.officer))
    signed_in(client, case)
    # A full opening offers the step no more: it is taken from the page opened before.
    opened = client.get_page(file_of(late))
    brought_to(S.OFFERED, case, clock)
    values = {"start_on": "2026-11-25", "wage_cny_month": "4700", "note": "王经理来电"}
    page = client.submit("", values, form="#step-offer form", page=opened, status=409)
    assert page.has_text("名额已经全部占用")
    assert page.by_id("offer-wage_cny_month")["value"] == "4700"


def test_contact_consent_comes_first_when_only_the_card_is_open(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = propose(case, clock)
    take(placement, "consent", case, clock, scope=ConsentScope.CARD)
    take(placement, "send", case, clock)
    signed_in(client, case)
    page = client.get_page(file_of(placement))
    assert page.by_id("step-widen_consent").has_attr("open")
    refused = client.submit(
        file_of(placement), {"signed": None}, form="#step-widen_consent form", status=422
    )
    assert refused.has_text("没有签字的同意书不能登记")
    client.submit(file_of(placement), {"signed": "y"}, form="#step-widen_consent form")
    page = client.get_page(file_of(placement))
    assert page.by_id("step-invite").has_attr("open")
    assert page.all("#step-widen_consent") == []
    answer = client.post(f"{file_of(placement)}/consent/widen", {"signed": "y"})
    assert answer.status == 409


def test_employers_view_closes_when_consent_is_withdrawn_while_it_reads(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = brought_to(S.SENT, case, clock)
    employer = client.another()
    employer.sign_in(case.employer)
    inbox = f"/partner/referrals/{placement.pid}"
    assert employer.get_page(inbox).has_text(case.person.name)
    signed_in(client, case)
    client.submit(file_of(placement), {}, form="#withdraw-consent form")
    assert not employer.get_page(inbox).has_text(case.person.name)
    assert db.session.scalars(db.select(Placement.state)).one() is S.WITHDRAWN
    assert client.post(f"{file_of(placement)}/consent/withdraw").status == 409


def test_missed_appointment_can_be_undone_from_the_message(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = brought_to(S.INTERVIEW, case, clock)
    signed_in(client, case)
    values = {"reason": "did_not_come", "note": "打过电话"}
    page = client.submit(file_of(placement), values, form="#step-miss form")
    undo = page.form(f"#messages form[action='{file_of(placement)}/undo_miss']")
    client.send(undo)
    assert db.session.scalars(db.select(Placement.state)).one() is S.INTERVIEW


def test_step_is_not_found_when_nobody_takes_it_here(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = propose(case, clock)
    signed_in(client, case)
    for name in ("expire", "complete", "promote", "widen_consent"):
        assert client.post(f"{file_of(placement)}/{name}").status == 404
    assert client.post(f"{file_of(placement)}/decline").status != 404


def test_two_clicks_take_a_step_once(client: QualityClient, case: Case, clock: Clock) -> None:
    placement = propose(case, clock)
    signed_in(client, case)
    page = client.get_page(file_of(placement))
    values = {"scope": "card", "signed": "y"}
    client.submit(file_of(placement), values, form="#step-consent form", page=page)
    again = client.submit(file_of(placement), values, form="#step-consent form", page=page)
    assert again.status == 200
    assert len(db.session.scalars(db.select(Placement)).one().consents) == 1


# --- Checks ---------------------------------------------------------------------------------------


@pytest.fixture
def started(case: Case, clock: Clock) -> Placement:
    placement = brought_to(S.STARTED, case, clock)
    clock.move(days=30)
    return placement


def test_end_is_recorded_in_the_same_form_when_the_answer_is_no(
    client: QualityClient, case: Case, started: Placement, clock: Clock
) -> None:
    signed_in(client, case)
    page = client.submit(
        f"{file_of(started)}/checks/30",
        {
            "still_employed": "0",
            "ended_on": (clock.today - timedelta(days=2)).isoformat(),
            "reason": "family",
            "note": "回老家",
        },
    )
    assert page.has_text("看下一个最合适的岗位")
    placement = db.session.scalars(db.select(Placement)).one()
    assert (placement.state, placement.end_reason) == (S.ENDED, PlacementReason.FAMILY)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "still_employed"),
        ({"still_employed": "0", "reason": "quit"}, "ended_on"),
        ({"still_employed": "0", "ended_on": "2026-12-20"}, "reason"),
        ({"still_employed": "1", "wage_cny_month": "-3"}, "wage_cny_month"),
        ({"still_employed": "1", "wage_cny_month": "四千多"}, "wage_cny_month"),
        ({"still_employed": "1", "hours_per_week": "200"}, "hours_per_week"),
        ({"still_employed": "0", "reason": "quit", "ended_on": "昨天"}, "ended_on"),
    ],
    ids=lambda v: str(v)[:40],
)
def test_check_names_the_field_and_keeps_the_words_when_wrong(
    values: dict[str, str], field: str, client: QualityClient, case: Case, started: Placement
) -> None:
    signed_in(client, case)
    path = f"{file_of(started)}/checks/30"
    page = client.submit(path, {**values, "own_words": "师傅很照顾"}, status=422)
    assert page.has_text("还不能保存")
    assert page.all(f"[id='{field}-error']") != []
    assert page.by_id("own_words").text.strip() == "师傅很照顾"
    assert db.session.scalars(db.select(Placement.state)).one() is S.STARTED


def test_check_is_refused_when_too_early_or_unknown(
    client: QualityClient, case: Case, started: Placement
) -> None:
    signed_in(client, case)
    page = client.submit(f"{file_of(started)}/checks/90", {"still_employed": "1"}, status=409)
    assert page.has_text("还没有到")
    client.get_page(f"{file_of(started)}/checks/31", status=404)


def test_check_shows_both_answers_when_somebody_recorded_it_first(
    client: QualityClient, case: Case, started: Placement, clock: Clock
) -> None:
    signed_in(client, case)
    path = f"{file_of(started)}/checks/30"
    opened = client.get_page(path)
    first = Answers(still_employed=True, same_employer=True, wage_cny_month=5100, own_words="很好")
    record_check(started, 30, first, actor=case.officer.actor, now=clock.now)
    transaction.commit()
    values = {"still_employed": "1", "wage_cny_month": "4700", "own_words": "师傅很照顾"}
    page = client.submit(path, values, page=opened, status=409)
    both = words(page.by_id("recorded"))
    assert all(value in both for value in ("4,700", "5,100", "师傅很照顾", "很好"))
    assert page.by_id("own_words").text.strip() == "师傅很照顾"
    saved = db.session.scalars(db.select(OutcomeCheck).where(OutcomeCheck.day == 30)).one()
    assert saved.wage_cny_month == 5100


@pytest.mark.parametrize("is_recorded", [True, False], ids=["recorded", "changed-otherwise"])
@pytest.mark.usefixtures("on_one_database")
def test_check_says_it_was_recorded_only_when_it_was_and_the_answer_came_too_late(
    is_recorded: bool, client: QualityClient, case: Case, started: Placement, clock: Clock
) -> None:
    signed_in(client, case)
    path = f"{file_of(started)}/checks/30"
    opened = client.get_page(path)
    if is_recorded:
        first = Answers(still_employed=True, same_employer=True, wage_cny_month=5100)
        record_check(started, 30, first, actor=case.officer.actor, now=clock.now)
        transaction.commit()
        assert client.get_page(path).all("#recorded") == []  # nobody has answered anything
    else:
        started.state_changed_at += timedelta(seconds=1)
        transaction.commit()
    page = client.submit(path, {"still_employed": "1"}, page=opened, status=409)
    assert bool(page.all("#recorded")) is is_recorded


@pytest.mark.usefixtures("on_one_database")
def test_history_shows_what_went_well_and_what_came_to_nothing_by_its_tone(app: Any) -> None:
    good = {"consent", "widen_consent", "offer", "start", "complete"}
    nothing = {"decline", "refuse", "miss", "withdraw", "expire", "end", "withdraw_consent"}
    rows = [
        EventRow(PlacementEvent(name=name, at=NOW, actor_role="officer", detail={}, note=""), "")
        for name in EVENTS
    ]
    with app.test_request_context():
        items = placement_file.timeline_items(rows)
    tones = dict(zip(EVENTS, (item["tone"] for item in items), strict=True))
    assert {name for name, tone in tones.items() if tone == "good"} == good
    assert {name for name, tone in tones.items() if tone == "warn"} == nothing
    assert {tones[name] for name in set(EVENTS) - good - nothing} == {"accent"}


# --- A person's placements, and those without an opening ------------------------------------------


def test_settlement_is_recorded_when_there_is_no_opening(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    signed_in(client, case)
    tab = f"/clients/{case.person.pid}/placements"
    assert client.get_page(tab).has_text("还没有推荐过")
    page = client.submit(
        f"/clients/{case.person.pid}/settle",
        {
            "placement_type": "land_restored",
            "description": "种植三亩责任田",
            "started_on": clock.today.isoformat(),
        },
    )
    assert page.has_text("种植三亩责任田")
    assert page.has_text("第 30 天")
    listed = client.get_page(tab)
    assert listed.has_text("种植三亩责任田")
    assert f"/clients/{case.person.pid}/settle" not in listed.links()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"placement_type": ""}, "placement_type"),
        ({"description": ""}, "description"),
        ({"started_on": "2026-13-01"}, "started_on"),
        ({"started_on": "2026-12-24"}, "started_on"),
        ({"wage_cny_month": "-1"}, "wage_cny_month"),
    ],
    ids=lambda v: str(v)[:40],
)
def test_settlement_names_the_field_when_wrong(
    values: dict[str, str], field: str, client: QualityClient, case: Case, clock: Clock
) -> None:
    signed_in(client, case)
    right = {"placement_type": "gig", "description": "送快递", "started_on": "2026-11-20"}
    page = client.submit(f"/clients/{case.person.pid}/settle", {**right, **values}, status=422)
    assert field in page.field_errors()


def test_settlement_is_refused_when_the_person_works(
    client: QualityClient, case: Case, started: Placement
) -> None:
    signed_in(client, case)
    values = {"placement_type": "gig", "description": "送快递", "started_on": "2026-11-20"}
    page = client.submit(f"/clients/{case.person.pid}/settle", values, status=409)
    assert page.by_id("description")["value"] == "送快递"


# --- On paper -------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", list(ConsentScope))
def test_letter_holds_exactly_the_consented_fields(
    scope: ConsentScope, client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = propose(case, clock)
    signed_in(client, case)
    client.get_page(f"{file_of(placement)}/letter", status=409)
    take(placement, "consent", case, clock, scope=scope)
    # Paper must not overtake what `send` checks: employer vetted, bound, opening open.
    client.get_page(f"{file_of(placement)}/letter", status=409)
    take(placement, "send", case, clock)
    page = client.get_page(f"{file_of(placement)}/letter")
    sheet = page.one("article.sheet").text
    assert (case.person.name in sheet) is (scope is ConsentScope.CARD_AND_CONTACT)
    assert case.vacancy.partner.name in sheet
    entry = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.verb, entry.detail) == ("placement.letter", {"scope": scope.value})


def test_letter_is_closed_when_the_placement_is_over(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = brought_to(S.DECLINED_BY_EMPLOYER, case, clock)
    signed_in(client, case).get_page(f"{file_of(placement)}/letter", status=409)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_consent_form_names_employer_and_version_when_printed(
    language: str, client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = propose(case, clock)
    signed_in(client, case).set_language(language)
    page = client.get_page(f"{file_of(placement)}/consent-form")
    assert page.has_text(case.vacancy.partner.name)
    assert page.has_text("2026-11")


# --- The board ------------------------------------------------------------------------------------


def many(case: Case, clock: Clock) -> list[Placement]:
    return [
        brought_to(state, case, clock, person=a_person(case.officer), vacancy=VacancyFactory())
        for state in S
    ]


def test_board_has_a_column_a_state_under_way(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    made = many(case, clock)
    page = signed_in(client, case).get_page("/placements")
    columns = [str(e["aria-labelledby"]) for e in page.all(".board-column")]
    assert columns == [
        f"column-{s}" for s in ("proposed", "consented", "sent", "interview", "offered", "started")
    ]
    shown = {link for link in page.links() if link.count("/") == 2}
    under_way = {file_of(p) for p in made if p.state in placements.placement_rules.LIVE}
    assert shown >= under_way
    assert not shown & ({file_of(p) for p in made} - under_way)


@pytest.mark.parametrize(
    ("days", "words"),
    [(3, "3 天"), (4, "已等 4 天"), (7, "已等 7 天"), (8, "8 天未答复")],
)
def test_card_says_how_long_it_waits(
    days: int, words: str, client: QualityClient, case: Case, clock: Clock
) -> None:
    brought_to(S.SENT, case, clock)
    clock.move(days=days)
    card = signed_in(client, case).get_page("/placements").one(".board-card")
    assert " ".join(card.text.split()).count(words) == 1


def test_table_shows_what_is_over_as_well(client: QualityClient, case: Case, clock: Clock) -> None:
    made = many(case, clock)
    signed_in(client, case)
    page = client.get_page("/placements?view=table")
    assert {file_of(p) for p in made} <= {link.split("?")[0] for link in page.links()}
    ended = client.get_page("/placements?state=ended")
    assert len(ended.all("tbody tr")) == 1


@pytest.mark.parametrize("view", ["board", "table"])
def test_board_is_narrowed_by_text_partner_and_scope(
    view: str, client: QualityClient, case: Case, clock: Clock
) -> None:
    mine = propose(case, clock)
    other = propose(case, clock, person=a_person(case.officer), vacancy=VacancyFactory())
    foreign = propose(a_case(), clock)
    signed_in(client, case)

    def shown(query: str) -> set[str]:
        page = client.get_page(f"/placements?view={view}&{query}")
        links = {link.split("?")[0] for link in page.links()}
        return {p.pid for p in (mine, other, foreign) if file_of(p) in links}

    assert shown("") == {mine.pid, other.pid}
    assert shown(f"q={case.person.name}") == {mine.pid}
    assert shown(f"q={case.vacancy.title}") == {mine.pid}
    assert shown(f"partner={case.vacancy.partner.pid}") == {mine.pid}
    assert shown("q=没有这个人") == set()
    assert shown("partner=zzzzzzzz") == {mine.pid, other.pid}
    assert shown("q=%25") == set()


def test_district_narrows_the_board_by_office(client: QualityClient, clock: Clock) -> None:
    case = a_case()
    placement = propose(case, clock)
    client.sign_in(UserFactory(role=Role.DISTRICT, unit=case.officer.unit.parent))
    office = case.officer.unit.pid
    assert file_of(placement) in client.get_page(f"/placements?office={office}").links()
    assert client.get_page("/placements").by_label("司法所").name == "select"


def test_table_is_sorted_and_paged(client: QualityClient, case: Case, clock: Clock) -> None:
    for n in range(23):
        PlacementFactory(
            client=a_person(case.officer, name_pinyin=f"p{n:02d}"),
            state_changed_at=clock.now - timedelta(days=n % 12),
        )
    signed_in(client, case)
    page = client.get_page("/placements?view=table&page=2")
    assert len(page.all("tbody tr")) == 3
    for sort in ("waiting", "recent", "name", "state", "nonsense"):
        assert len(client.get_page(f"/placements?view=table&sort={sort}").all("tbody tr")) == 20


@pytest.mark.parametrize("after", ["view=table", "q=缝纫", "state=sent", "partner=zzzzzzzz"])
def test_board_swapped_in_is_the_page_asked_for(
    after: str, client: QualityClient, case: Case, clock: Clock
) -> None:
    propose(case, clock)
    signed_in(client, case)
    fragment = client.get_fragment(f"/placements?{after}")
    assert fragment.by_id("placement-board") is not None


def test_swap_equals_page_when_turning_over(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    for _ in range(21):
        PlacementFactory(client=a_person(case.officer))
    signed_in(client, case)
    first = "/placements?view=table&sort=name"
    assert_swap_equals_page(client, first, f"{first}&page=2")


@pytest.mark.parametrize("path", ["/placements", "/placements?view=table"])
def test_statements_do_not_grow_when_the_board_does(
    path: str, client: QualityClient, case: Case, clock: Clock
) -> None:
    signed_in(client, case)

    def make_row() -> None:
        PlacementFactory(client=a_person(case.officer), state="sent")

    assert_sql_independent_of_rows(client, path, make_row, few=2, many=12)


def test_chosen_referrals_are_reminded_when_asked_for(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    sent = [brought_to(S.SENT, case, clock, person=a_person(case.officer)) for _ in range(2)]
    signed_in(client, case)
    page = client.get_page("/placements")
    boxes = page.all("input[name=pid]")
    assert {str(b["value"]) for b in boxes} == {p.pid for p in sent}
    answer = client.submit("/placements", {"pid": [sent[0].pid]}, form="form#remind", page=page)
    assert answer.has_text("已催办 1 份推荐")
    assert db.session.scalar(db.select(db.func.count()).select_from(Reminder)) == 1
    nothing = client.post("/placements/remind", {}, follow=True)
    assert nothing.has_text("请先勾选")
    again = client.post("/placements/remind", {"pid": sent[0].pid}, follow=True)
    assert again.has_text("今天已经催过")


def test_statements_of_the_file_do_not_grow_with_its_events(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = brought_to(S.INTERVIEW, case, clock)
    signed_in(client, case)

    def make_row() -> None:
        for step in ("miss", "undo_miss"):
            placements.advance(
                db.session.get_one(Placement, placement.id),
                step,
                actor=case.officer.actor,
                now=clock.now,
                details=details_of(step, clock),
            )

    assert_sql_independent_of_rows(client, file_of(placement), make_row, few=1, many=5)
    assert last_event(placement).name == "undo_miss"
