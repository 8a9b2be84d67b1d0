"""`placements.advance`: every cell of the table, what each step needs, what it leaves behind."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from typing import Any

import pytest

from matchboard.domain.client import ConsentScope, EmploymentType, Stage
from matchboard.domain.errors import (
    Conflict,
    DomainError,
    HeadcountExhausted,
    InvalidInput,
    NotAllowed,
    NotFound,
    StaleEdit,
)
from matchboard.domain.organisation import BaseKind, PartnerState
from matchboard.domain.placement import (
    BEFORE_START,
    CHECK_DAYS,
    REASONS,
    TRANSITIONS,
    PlacementReason,
    PlacementState,
    PlacementType,
)
from matchboard.domain.roles import Actor, Role
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import db
from matchboard.models import OutcomeCheck, Placement
from matchboard.services import placements, transaction
from matchboard.services.placements import Shown
from matchboard.services.seen import shown_version
from matchboard.services.step_details import StepDetails
from tests.conftest import Clock
from tests.factories import (
    NOW,
    TODAY,
    ExternalVacancyFactory,
    PartnerFactory,
    UserFactory,
    VacancyFactory,
)
from tests.integration.concurrency import run_at_once
from tests.integration.placement_paths import (
    BOTH,
    PATHS,
    a_case,
    a_person,
    audit_verbs,
    brought_to,
    details_of,
    event_names,
    folded_state,
    last_event,
    open_reminders,
    places,
    propose,
    take,
)

pytestmark = pytest.mark.usefixtures("app")
S, R = PlacementState, PlacementReason
ROLES = (
    Role.CLIENT,
    Role.OFFICER,
    Role.ENTERPRISE,
    Role.SYSTEM,
    Role.DISTRICT,
    Role.COORDINATOR,
)


# --- The table ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("state", list(S), ids=[s.value for s in S])
def test_steps_are_taken_or_refused_when_tried_by_every_role(state: S, clock: Clock) -> None:
    case = a_case(headcount=50)
    placement = brought_to(state, case, clock)
    district = UserFactory(role=Role.DISTRICT).actor
    actors = {**case.actors, Role.DISTRICT: district, Role.COORDINATOR: Actor(Role.COORDINATOR)}
    wrong = []
    for step, transition in TRANSITIONS.items():
        for role in ROLES:
            savepoint = db.session.begin_nested()
            try:
                placements.advance(
                    placement,
                    step,
                    actor=actors[role],
                    now=clock.now,
                    details=details_of(step, clock),
                )
                seen: Any = placement.state
            except DomainError as error:
                seen = type(error)
            savepoint.rollback()
            expected: Any = transition.target
            if role not in transition.roles:
                expected = NotAllowed
            elif state not in transition.sources:
                expected = Conflict
            if seen is not expected:
                wrong.append((step, role.value, seen, expected))
            assert placement.state is state
    assert wrong == []


def test_step_is_refused_when_its_name_is_unknown(clock: Clock) -> None:
    case = a_case()
    placement = propose(case, clock)
    with pytest.raises(InvalidInput, match="unknown_step"):
        placements.advance(placement, "promote", actor=case.officer.actor, now=clock.now)


def test_step_is_refused_when_the_form_was_opened_on_an_older_version(clock: Clock) -> None:
    case = a_case()
    placement = propose(case, clock)
    opened_on = shown_version(placement)
    take(placement, "consent", case, clock)
    with pytest.raises(StaleEdit):
        placements.advance(
            placement,
            "send",
            actor=case.officer.actor,
            now=clock.now,
            seen=opened_on,
        )
    seen, officer = shown_version(placement), case.officer.actor
    placements.advance(placement, "send", actor=officer, now=clock.now, seen=seen)
    assert placement.state is S.SENT


def test_events_give_the_state_when_folded_after_any_walk(clock: Clock) -> None:
    for seed in range(6):
        rng = random.Random(seed)
        case = a_case(headcount=3)
        placement = propose(case, clock)
        for _ in range(14):
            step = rng.choice(sorted(TRANSITIONS))
            role = rng.choice(ROLES[:4])
            try:
                take(placement, step, case, clock, role=role)
            except (Conflict, NotAllowed):
                continue
        db.session.refresh(placement)
        assert folded_state(placement) == placement.state.value
        reserved, filled = places(case.vacancy)
        assert reserved == int(placement.holds_reservation)
        assert filled == int(placement.started_on is not None)


@pytest.mark.parametrize("state", list(S), ids=[s.value for s in S])
def test_every_step_is_on_record_when_a_state_is_reached(state: S, clock: Clock) -> None:
    placement = brought_to(state, a_case(), clock)
    assert event_names(placement) == ["propose", *PATHS[state]]
    assert audit_verbs(placement) == [f"placement.{n}" for n in ("propose", *PATHS[state])]
    assert folded_state(placement) == state.value


# --- Proposing ------------------------------------------------------------------------------------


def test_proposal_keeps_how_the_opening_was_shown_when_given(clock: Clock) -> None:
    case = a_case()
    placement = propose(case, clock, shown=Shown(position=3, model_version="expert-1"))
    assert (placement.shown_position, placement.model_version) == (3, "expert-1")
    assert placement.proposed_on == clock.today
    assert placement.proposed_by_id == case.officer.id
    assert placement.partner_id == case.vacancy.partner_id
    assert placement.sent_at is None


_B = BaseKind
_BASE_CASES = [
    (None, EmploymentType.FULL_TIME, PlacementType.HIRED_BY_ENTERPRISE),
    (None, None, PlacementType.HIRED_BY_ENTERPRISE),
    (
        BaseKind.CERTIFIED_ENTERPRISE,
        EmploymentType.SEASONAL,
        PlacementType.CERTIFIED_ENTERPRISE_BASE,
    ),
    (BaseKind.GOVERNMENT, None, PlacementType.GOVERNMENT_BASE),
    (None, EmploymentType.PUBLIC_WELFARE, PlacementType.PUBLIC_WELFARE_POST),
    (BaseKind.GOVERNMENT, EmploymentType.PUBLIC_WELFARE, PlacementType.PUBLIC_WELFARE_POST),
]


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("base", "contract", "expected"),
    _BASE_CASES,
    ids=[f"{base}-{contract}" for base, contract, _ in _BASE_CASES],
)
def test_type_follows_base_and_post_when_proposed(
    base: BaseKind | None, contract: EmploymentType | None, expected: PlacementType, clock: Clock
) -> None:
    case = a_case(partner=PartnerFactory(base_kind=base), employment_type=contract)
    assert propose(case, clock).placement_type is expected


def test_proposal_is_made_when_the_district_makes_it(clock: Clock) -> None:
    case = a_case()
    district = UserFactory(role=Role.DISTRICT)
    made = placements.propose(case.person, case.vacancy, actor=district.actor, now=clock.now)
    assert made.state is S.PROPOSED


@pytest.mark.parametrize("role", [Role.ENTERPRISE, Role.CLIENT, Role.COORDINATOR, Role.SYSTEM])
def test_proposal_is_refused_when_neither_officer_nor_district(role: Role, clock: Clock) -> None:
    case = a_case()
    with pytest.raises(NotAllowed):
        placements.propose(case.person, case.vacancy, actor=Actor(role), now=clock.now)
    assert propose(case, clock).state is S.PROPOSED


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"state": VacancyState.PAUSED}, "vacancy_not_open", id="paused"),
        pytest.param({"open_on": None, "close_on": None}, None, id="no-dates"),
        pytest.param({"close_on": TODAY}, None, id="last-day"),
        pytest.param({"close_on": TODAY - timedelta(days=1)}, "vacancy_not_open", id="day-after"),
        pytest.param({"n_reserved": 1, "n_filled": 1}, "headcount_exhausted", id="full"),
    ],
)
def test_proposal_depends_on_the_opening(change: dict[str, Any], code: str, clock: Clock) -> None:
    case = a_case(**change)
    if code is None:
        assert propose(case, clock).state is S.PROPOSED
        return
    with pytest.raises(Conflict) as refusal:
        propose(case, clock)
    assert refusal.value.code == code


def test_proposal_is_refused_when_the_opening_is_external(clock: Clock) -> None:
    case = a_case()
    with pytest.raises(Conflict, match="vacancy_unchecked"):
        propose(case, clock, vacancy=ExternalVacancyFactory())


def test_proposal_is_refused_when_the_case_is_closed(clock: Clock) -> None:
    case = a_case()
    case.person.stage = Stage.DISCHARGED
    with pytest.raises(Conflict, match="case_closed"):
        propose(case, clock)


@pytest.mark.parametrize("state", sorted(BEFORE_START | {S.STARTED}))
def test_second_proposal_is_refused_when_one_is_under_way(state: S, clock: Clock) -> None:
    case = a_case()
    brought_to(state, case, clock)
    with pytest.raises(Conflict, match="already_proposed"):
        propose(case, clock)


@pytest.mark.parametrize("state", sorted(set(S) - BEFORE_START - {S.STARTED}))
def test_second_proposal_is_a_new_placement_when_the_first_is_over(state: S, clock: Clock) -> None:
    case = a_case(headcount=3)
    first = brought_to(state, case, clock)
    second = propose(case, clock)
    assert second.pid != first.pid
    assert (first.state, second.state) == (state, S.PROPOSED)


def _propose(client_id: int, vacancy_id: int, user_id: int) -> str:
    from matchboard.models import Client, User, Vacancy

    user = db.session.get_one(User, user_id)
    made = placements.propose(
        db.session.get_one(Client, client_id),
        db.session.get_one(Vacancy, vacancy_id),
        actor=user.actor,
        now=NOW,
    )
    transaction.commit()
    return made.pid


def test_one_proposal_is_made_when_several_are_made_at_once(settings: Any, clock: Clock) -> None:
    case = a_case()
    arguments = [(case.person.id, case.vacancy.id, case.officer.id)] * 4
    outcomes = run_at_once(_propose, arguments, settings=settings)
    assert sum(o.is_done for o in outcomes) == 1
    assert {o.error for o in outcomes if not o.is_done} == {"Conflict"}


def test_placement_is_not_found_when_of_another_office(clock: Clock) -> None:
    case = a_case()
    placement = propose(case, clock)
    other = UserFactory(role=Role.OFFICER)
    assert placements.get_placement(placement.pid, actor=case.officer.actor) is placement
    for actor in (other.actor, case.employer.actor, Actor(Role.CLIENT, client_id=-1)):
        with pytest.raises(NotFound):
            placements.get_placement(placement.pid, actor=actor)


# --- What a step needs ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "step", "change", "code", "field"),
    [
        (S.PROPOSED, "consent", {"scope": None}, "required", "scope"),
        (S.PROPOSED, "consent", {"method": None}, "required", "method"),
        (S.PROPOSED, "decline", {"reason": None}, "reason_required", "reason"),
        (S.PROPOSED, "decline", {"reason": R.SKILL_MISSING}, "reason_not_for_step", "reason"),
        (S.PROPOSED, "decline", {"reason": R.OTHER}, "note_required", "note"),
        (S.PROPOSED, "withdraw", {"reason": R.PLACED_ELSEWHERE}, "reason_not_for_step", "reason"),
        (S.PROPOSED, "withdraw", {"note": "长" * 1001}, "text_too_long", "note"),
        (S.SENT, "invite", {"note": " "}, "source_required", "note"),
        (S.SENT, "invite", {"interview_at": None}, "required", "interview_at"),
        (S.SENT, "invite", {"interview_place": "长" * 201}, "text_too_long", "interview_place"),
        (S.SENT, "offer", {"note": ""}, "source_required", "note"),
        (S.SENT, "offer", {"start_on": None}, "required", "start_on"),
        (S.SENT, "offer", {"wage_cny_month": None}, "required", "wage_cny_month"),
        (S.SENT, "offer", {"wage_cny_month": -1}, "out_of_range", "wage_cny_month"),
        (S.SENT, "offer", {"wage_cny_month": 1_000_001}, "out_of_range", "wage_cny_month"),
        *(
            (state, step, {"wage_cny_month": wage, "wage_confirmed": is_sure}, code, field)
            for state, step in ((S.SENT, "offer"), (S.OFFERED, "amend"), (S.OFFERED, "start"))
            for wage, is_sure, code, field in (
                (2009, True, "posting_pay_below_minimum", "wage_cny_month"),
                (4499, False, "wage_below_advertised", "wage_confirmed"),
                (12001, False, "wage_far_above_advertised", "wage_confirmed"),
            )
        ),
        (S.OFFERED, "amend", {"note": ""}, "source_required", "note"),
        (S.OFFERED, "amend", {"wage_cny_month": 4800}, "nothing_amended", None),
        (S.SENT, "refuse", {"note": ""}, "source_required", "note"),
        (S.SENT, "refuse", {"reason": None}, "reason_required", "reason"),
        (S.SENT, "refuse", {"reason": R.TOO_FAR}, "reason_not_for_step", "reason"),
        (S.OFFERED, "start", {"start_on": None}, "required", "start_on"),
        (S.INTERVIEW, "miss", {"note": ""}, "miss_note_required", "note"),
        (S.INTERVIEW, "miss", {"reason": None}, "reason_required", "reason"),
        (S.STARTED, "end", {"ended_on": None}, "required", "ended_on"),
        (S.STARTED, "end", {"reason": None}, "reason_required", "reason"),
        (S.STARTED, "end", {"reason": R.TOO_FAR}, "reason_not_for_step", "reason"),
    ],
    ids=lambda v: str(v)[:30],
)
def test_step_names_the_field_when_a_detail_is_wrong(
    state: S, step: str, change: dict[str, Any], code: str, field: str, clock: Clock
) -> None:
    case = a_case()
    placement = brought_to(state, case, clock)
    with pytest.raises(InvalidInput) as refusal:
        take(placement, step, case, clock, **change)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert placement.state is state


@pytest.mark.parametrize(
    ("state", "step", "field", "offset", "code"),
    [
        (S.SENT, "invite", "interview_at", timedelta(0), None),
        (S.SENT, "invite", "interview_at", timedelta(days=183), None),
        (S.SENT, "invite", "interview_at", timedelta(days=183, minutes=1), "date_too_far_ahead"),
        (S.SENT, "invite", "interview_at", timedelta(minutes=-1), "date_before_sent"),
        (S.SENT, "offer", "start_on", timedelta(0), None),
        (S.SENT, "offer", "start_on", timedelta(days=183), None),
        (S.SENT, "offer", "start_on", timedelta(days=184), "date_too_far_ahead"),
        (S.SENT, "offer", "start_on", timedelta(days=-1), "date_before_sent"),
        (S.OFFERED, "start", "start_on", timedelta(0), None),
        (S.OFFERED, "start", "start_on", timedelta(days=1), "date_in_future"),
        (S.OFFERED, "start", "start_on", timedelta(days=-1), "date_before_sent"),
        (S.STARTED, "end", "ended_on", timedelta(0), None),
        (S.STARTED, "end", "ended_on", timedelta(days=1), "date_in_future"),
        (S.STARTED, "end", "ended_on", timedelta(days=-1), "end_before_start"),
    ],
    ids=lambda v: str(v),
)
def test_step_checks_its_date_at_the_boundary(
    state: S, step: str, field: str, offset: timedelta, code: str | None, clock: Clock
) -> None:
    case = a_case()
    placement = brought_to(state, case, clock)
    value = (clock.now if field == "interview_at" else clock.today) + offset
    if code is None:
        take(placement, step, case, clock, **{field: value})
        assert placement.state is TRANSITIONS[step].target
        return
    with pytest.raises(InvalidInput) as refusal:
        take(placement, step, case, clock, **{field: value})
    assert (refusal.value.code, refusal.value.field) == (code, field)


@pytest.mark.parametrize(
    ("wage", "is_sure"),
    [(2010, True), (4500, False), (12000, False), (28000, True)],
    ids=["least-lawful", "advertised", "twice-the-highest", "confirmed"],
)
@pytest.mark.usefixtures("on_one_database")
def test_wage_is_agreed_when_lawful_and_like_the_advertised_or_confirmed(
    wage: int, is_sure: bool, clock: Clock
) -> None:
    case = a_case()
    placement = brought_to(S.SENT, case, clock)
    take(placement, "offer", case, clock, wage_cny_month=wage, wage_confirmed=is_sure)
    # Once agreed it is not asked about again.
    take(placement, "start", case, clock)
    assert (placement.state, placement.wage_cny_month) == (S.STARTED, wage)


@pytest.mark.usefixtures("on_one_database")
def test_what_was_agreed_is_corrected_until_the_start_when_it_breaks_the_law(clock: Clock) -> None:
    case = a_case()
    placement = brought_to(S.OFFERED, case, clock)
    placement.wage_cny_month = 900  # from before such a wage was refused
    with pytest.raises(InvalidInput, match="posting_pay_below_minimum"):
        take(placement, "start", case, clock)
    day = clock.today + timedelta(days=3)
    values = {"start_on": day, "wage_cny_month": 4600, "note": ""}
    take(placement, "amend", case, clock, role=Role.ENTERPRISE, **values)
    assert (placement.state, placement.offered_start_on, placement.wage_cny_month) == (
        S.OFFERED,
        day,
        4600,
    )
    assert last_event(placement).detail == {
        "start_on": day.isoformat(),
        "wage": 4600,
        "was_start_on": clock.today.isoformat(),
        "was_wage": 900,
    }
    take(placement, "start", case, clock)
    assert placement.vacancy.n_filled == 1
    with pytest.raises(Conflict):
        take(placement, "amend", case, clock)


@pytest.mark.parametrize(
    ("step", "field"), [("invite", "interview_at"), ("offer", "start_on")], ids=["invite", "offer"]
)
@pytest.mark.usefixtures("on_one_database")
def test_day_of_an_answer_is_refused_when_it_has_passed(
    step: str, field: str, clock: Clock
) -> None:
    case = a_case()
    placement = brought_to(S.SENT, case, clock)
    sent_at, sent_on = clock.now, clock.today
    clock.move(days=1)
    clock.move(seconds=40)
    minute = clock.now - timedelta(seconds=40)
    passed: dict[str, list[Any]] = {
        "interview_at": [sent_at, minute - timedelta(minutes=1)],  # earlier today has passed too
        "start_on": [sent_on],
    }
    for value in passed[field]:
        with pytest.raises(InvalidInput) as refusal:
            take(placement, step, case, clock, **{field: value})
        assert (refusal.value.code, refusal.value.field) == ("date_in_past", field)
    today: Any = minute if field == "interview_at" else clock.today
    take(placement, step, case, clock, **{field: today})
    assert placement.state is TRANSITIONS[step].target


@pytest.mark.usefixtures("on_one_database")
def test_interview_is_taken_in_the_minute_of_sending_when_the_form_knows_no_seconds(
    clock: Clock,
) -> None:
    case, minute = a_case(), clock.now
    clock.move(seconds=20)
    placement = brought_to(S.SENT, case, clock)
    clock.move(seconds=20)
    with pytest.raises(InvalidInput, match="date_before_sent"):
        take(placement, "invite", case, clock, interview_at=minute - timedelta(minutes=1))
    take(placement, "invite", case, clock, interview_at=minute)
    assert placement.interview_at == minute


@pytest.mark.parametrize(
    ("step", "reason"),
    [(step, reason) for step, reasons in REASONS.items() for reason in reasons],
    ids=lambda v: str(v),
)
@pytest.mark.usefixtures("on_one_database")
def test_reason_is_kept_when_the_step_takes_it(step: str, reason: R, clock: Clock) -> None:
    case = a_case()
    state = {"decline": S.PROPOSED, "refuse": S.SENT, "miss": S.INTERVIEW, "withdraw": S.PROPOSED}
    placement = brought_to(state.get(step, S.STARTED), case, clock)
    role = Role.SYSTEM if reason is R.PLACED_ELSEWHERE else Role.OFFICER
    take(placement, step, case, clock, role=role, reason=reason, note="说明")
    assert last_event(placement).reason is reason


@pytest.mark.parametrize("step", ["invite", "offer", "refuse"])
def test_source_is_not_asked_when_the_employer_answers(step: str, clock: Clock) -> None:
    case = a_case()
    placement = brought_to(S.SENT, case, clock)
    take(placement, step, case, clock, role=Role.ENTERPRISE, note="")
    assert last_event(placement).on_behalf_of is None


@pytest.mark.parametrize(
    ("state", "step", "on_behalf_of"),
    [
        (S.PROPOSED, "consent", "client"),
        (S.PROPOSED, "decline", "client"),
        (S.CONSENTED, "send", None),
        (S.SENT, "invite", "enterprise"),
        (S.SENT, "offer", "enterprise"),
        (S.SENT, "refuse", "enterprise"),
        (S.INTERVIEW, "miss", "enterprise"),
        (S.NO_SHOW, "undo_miss", "enterprise"),
        (S.OFFERED, "start", None),
        (S.OFFERED, "withdraw", None),
        (S.STARTED, "end", None),
    ],
    ids=lambda v: str(v),
)
def test_event_says_on_whose_behalf_when_an_officer_notes_it(
    state: S, step: str, on_behalf_of: str | None, clock: Clock
) -> None:
    case = a_case()
    placement = brought_to(state, case, clock)
    take(placement, step, case, clock)
    event = last_event(placement)
    assert (event.actor_role, event.actor_id) == ("officer", case.officer.id)
    assert event.on_behalf_of == on_behalf_of


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": PartnerState.SUSPENDED}, "partner_not_active"),
        ({"state": PartnerState.PENDING}, "partner_not_active"),
        ({"agreement_signed_on": None}, "agreement_missing"),
        ({"agreement_signed_on": TODAY + timedelta(days=1)}, "agreement_missing"),
        ({"agreement_signed_on": TODAY}, None),
    ],
    ids=["suspended", "pending", "unsigned", "signed-tomorrow", "signed-today"],
)
def test_sending_depends_on_the_partner(
    change: dict[str, Any], code: str | None, clock: Clock
) -> None:
    case = a_case()
    placement = brought_to(S.CONSENTED, case, clock)
    for name, value in change.items():
        setattr(case.vacancy.partner, name, value)
    if code is None:
        take(placement, "send", case, clock)
        assert placement.sent_at == clock.now
        return
    with pytest.raises(Conflict) as refusal:
        take(placement, "send", case, clock)
    assert refusal.value.code == code
    # The sentence names it; of two for one code the last was shown, with a bare placeholder.
    if code == "partner_not_active":
        assert refusal.value.details == {"state": change["state"]}


def test_sending_is_refused_when_the_opening_was_closed(clock: Clock) -> None:
    case = a_case()
    placement = brought_to(S.CONSENTED, case, clock)
    case.vacancy.state = VacancyState.CLOSED
    with pytest.raises(Conflict, match="vacancy_not_open"):
        take(placement, "send", case, clock)


@pytest.mark.parametrize("step", ["invite", "offer"])
def test_contact_is_needed_when_consent_covers_the_card_only(step: str, clock: Clock) -> None:
    case = a_case()
    placement = propose(case, clock)
    take(placement, "consent", case, clock, scope=ConsentScope.CARD)
    take(placement, "send", case, clock)
    with pytest.raises(Conflict, match="contact_consent_needed"):
        take(placement, step, case, clock)
    assert places(case.vacancy) == (0, 0)


def test_start_is_refused_when_the_person_works_elsewhere(clock: Clock) -> None:
    case = a_case()
    placement = brought_to(S.OFFERED, case, clock)
    other = VacancyFactory()
    running = Placement(
        client=case.person,
        vacancy=other,
        partner_id=other.partner_id,
        state=S.STARTED,
        state_changed_at=clock.now,
        created_at=clock.now,
        started_on=clock.today,
    )
    db.session.add(running)
    with pytest.raises(Conflict, match="already_working"):
        take(placement, "start", case, clock)


# --- Taking a missed appointment back -------------------------------------------------------------


def test_missed_appointment_is_taken_back_when_within_seven_days(clock: Clock) -> None:
    case = a_case()
    placement = brought_to(S.NO_SHOW, case, clock)
    clock.move(days=7)
    take(placement, "undo_miss", case, clock)
    assert placement.state is S.INTERVIEW


def test_missed_appointment_stands_when_seven_days_are_over(clock: Clock) -> None:
    case = a_case()
    placement = brought_to(S.NO_SHOW, case, clock)
    clock.move(days=7, seconds=1)
    with pytest.raises(Conflict, match="undo_too_late"):
        take(placement, "undo_miss", case, clock)


def test_missed_appointment_stands_when_the_pair_was_proposed_anew(clock: Clock) -> None:
    case = a_case()
    placement = brought_to(S.NO_SHOW, case, clock)
    propose(case, clock)
    with pytest.raises(Conflict, match="already_proposed"):
        take(placement, "undo_miss", case, clock)


def test_missed_appointment_stands_when_the_person_has_work_by_now(clock: Clock) -> None:
    case = a_case()
    placement = brought_to(S.NO_SHOW, case, clock)
    brought_to(S.STARTED, case, clock, vacancy=VacancyFactory())
    with pytest.raises(Conflict, match="already_working"):
        take(placement, "undo_miss", case, clock)


# --- Places ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (("consent", "send"), (0, 0)),
        (("consent", "send", "invite"), (0, 0)),
        (("consent", "send", "offer"), (1, 0)),
        (("consent", "send", "invite", "offer"), (1, 0)),
        (("consent", "send", "offer", "decline"), (0, 0)),
        (("consent", "send", "offer", "refuse"), (0, 0)),
        (("consent", "send", "offer", "miss"), (0, 0)),
        (("consent", "send", "offer", "miss", "undo_miss"), (0, 0)),
        (("consent", "send", "offer", "miss", "undo_miss", "offer"), (1, 0)),
        (("consent", "send", "offer", "withdraw"), (0, 0)),
        (("consent", "send", "invite", "decline"), (0, 0)),
        (("consent", "send", "offer", "start"), (0, 1)),
        (("consent", "send", "offer", "start", "end"), (0, 1)),
        (("consent", "send", "offer", "start", "complete"), (0, 1)),
    ],
    ids=lambda v: "-".join(v[-2:]) if isinstance(v[0], str) else "",
)
def test_places_are_counted_when_steps_are_taken(
    steps: tuple[str, ...], expected: tuple[int, int], clock: Clock
) -> None:
    case = a_case(headcount=1)
    placement = propose(case, clock)
    for step in steps:
        take(placement, step, case, clock)
    assert places(case.vacancy) == expected


def test_opening_is_filled_when_the_last_place_is_started(clock: Clock) -> None:
    case = a_case(headcount=1)
    brought_to(S.STARTED, case, clock)
    assert case.vacancy.state is VacancyState.FILLED


def test_offer_is_refused_when_no_place_is_left(clock: Clock) -> None:
    case = a_case(headcount=1)
    late = brought_to(S.SENT, case, clock, person=a_person(case.officer))
    brought_to(S.OFFERED, case, clock)
    with pytest.raises(HeadcountExhausted):
        take(late, "offer", case, clock)
    assert places(case.vacancy) == (1, 0)


def _offer(placement_id: int, user_id: int) -> str:
    from matchboard.models import User

    placements.advance(
        db.session.get_one(Placement, placement_id),
        "offer",
        actor=db.session.get_one(User, user_id).actor,
        now=NOW,
        details=StepDetails(start_on=TODAY, wage_cny_month=4800),
    )
    transaction.commit()
    return "offered"


def test_one_offer_wins_when_sixteen_take_the_last_place_at_once(
    settings: Any, clock: Clock
) -> None:
    case = a_case(headcount=1)
    people = [a_person(case.officer) for _ in range(16)]
    waiting = [brought_to(S.SENT, case, clock, person=person).id for person in people]
    employer, vacancy_id = case.employer.id, case.vacancy.id
    outcomes = run_at_once(_offer, [(one, employer) for one in waiting], settings=settings)
    assert [o.value for o in outcomes if o.is_done] == ["offered"]
    assert {o.error for o in outcomes if not o.is_done} == {"HeadcountExhausted"}
    states = db.session.scalars(
        db.select(Placement.state).where(Placement.vacancy_id == vacancy_id)
    ).all()
    assert sorted(states).count(S.OFFERED) == 1
    assert sorted(states).count(S.SENT) == 15


# --- Starting -------------------------------------------------------------------------------------


def test_other_proposals_are_closed_when_one_starts(clock: Clock) -> None:
    case = a_case()
    others = [
        brought_to(state, case, clock, vacancy=VacancyFactory()) for state in sorted(BEFORE_START)
    ]
    over = brought_to(S.EXPIRED, case, clock, vacancy=VacancyFactory())
    somebody_else = propose(case, clock, person=a_person(case.officer))
    placement = brought_to(S.STARTED, case, clock)
    assert {o.state for o in others} == {S.WITHDRAWN}
    assert {last_event(o).reason for o in others} == {R.PLACED_ELSEWHERE}
    assert {last_event(o).actor_role for o in others} == {"system"}
    assert (over.state, somebody_else.state) == (S.EXPIRED, S.PROPOSED)
    assert all(places(o.vacancy) == (0, 0) for o in others if o.vacancy)
    assert placement.state is S.STARTED


def test_reminders_are_cancelled_when_another_placement_starts(clock: Clock) -> None:
    from matchboard.services import tick

    case = a_case()
    other = brought_to(S.SENT, case, clock, vacancy=VacancyFactory())
    clock.move(days=3)
    tick.run(now=clock.now)
    assert open_reminders(other) == [f"{other.pid}:3"]
    brought_to(S.STARTED, case, clock)
    assert open_reminders(other) == []


def test_checks_are_scheduled_when_a_placement_starts(clock: Clock) -> None:
    placement = brought_to(S.STARTED, a_case(), clock)
    rows = db.session.scalars(
        db.select(OutcomeCheck)
        .where(OutcomeCheck.placement_id == placement.id)
        .order_by(OutcomeCheck.day)
    ).all()
    assert tuple(c.day for c in rows) == CHECK_DAYS == (30, 90, 180, 365)
    assert all(c.due_on == clock.today + timedelta(days=c.day) for c in rows)


def test_wage_of_the_offer_stays_when_the_start_names_none(clock: Clock) -> None:
    case = a_case()
    placement = brought_to(S.OFFERED, case, clock)
    assert placement.wage_cny_month == 4800
    take(placement, "start", case, clock)
    assert placement.wage_cny_month == 4800


def _start(placement_id: int, user_id: int) -> str:
    from matchboard.models import User

    time.sleep(0.3)
    placements.advance(
        db.session.get_one(Placement, placement_id),
        "start",
        actor=db.session.get_one(User, user_id).actor,
        now=NOW,
        details=StepDetails(start_on=TODAY),
    )
    transaction.commit()
    return "started"


def _decline(placement_id: int, user_id: int) -> str:
    """Hold the opening's row for a while before the step writes its audit entry."""
    from matchboard.models import User, Vacancy

    placement = db.session.get_one(Placement, placement_id)
    held = db.select(Vacancy).where(Vacancy.id == placement.vacancy_id)
    db.session.execute(held.with_for_update())
    time.sleep(1.0)
    placements.advance(
        placement,
        "decline",
        actor=db.session.get_one(User, user_id).actor,
        now=NOW,
        details=StepDetails(reason=R.TOO_FAR),
    )
    transaction.commit()
    return "declined"


def _start_or_decline(what: str, placement_id: int, user_id: int) -> str:
    return {"start": _start, "decline": _decline}[what](placement_id, user_id)


def test_start_waits_for_an_answer_elsewhere_when_both_come_at_once(
    settings: Any, clock: Clock
) -> None:
    case = a_case(headcount=9)
    offered = brought_to(S.OFFERED, case, clock).id
    other = brought_to(S.OFFERED, case, clock, vacancy=VacancyFactory()).id
    officer = case.officer.id
    arguments = [("start", offered, officer), ("decline", other, officer)]
    outcomes = run_at_once(_start_or_decline, arguments, settings=settings)
    assert [(o.value, o.error) for o in outcomes] == [("started", None), ("declined", None)]
    states = db.session.scalars(db.select(Placement.state).order_by(Placement.id)).all()
    assert list(states) == [S.STARTED, S.DECLINED_BY_CLIENT]


# --- Ending ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.OFFICER, Role.ENTERPRISE, Role.CLIENT])
def test_end_keeps_date_reason_and_by_whom_when_recorded(role: Role, clock: Clock) -> None:
    case = a_case()
    placement = brought_to(S.STARTED, case, clock)
    clock.move(days=40)
    take(placement, "end", case, clock, role=role, reason=R.MOVED_AWAY)
    assert (placement.ended_on, placement.end_reason) == (clock.today, R.MOVED_AWAY)
    assert placement.ended_by == role.value
    checks = db.session.scalars(
        db.select(OutcomeCheck.cancelled).where(OutcomeCheck.placement_id == placement.id)
    ).all()
    assert list(checks) == [True] * 4


# --- Without an opening ---------------------------------------------------------------------------


def settle(case: Any, clock: Clock, **changes: Any) -> Placement:
    values: dict[str, Any] = {
        "placement_type": PlacementType.LAND_RESTORED,
        "description": "种植三亩责任田",
        "started_on": clock.today,
        "wage_cny_month": None,
        "actor": case.officer.actor,
        "now": clock.now,
        **changes,
    }
    return placements.settle(case.person, **values)


def test_settlement_enters_at_started_when_there_is_no_opening(clock: Clock) -> None:
    case = a_case()
    open_proposal = propose(case, clock)
    placement = settle(case, clock)
    assert (placement.state, placement.vacancy_id) == (S.STARTED, None)
    assert open_proposal.state is S.WITHDRAWN
    assert event_names(placement) == ["settle"]
    assert audit_verbs(placement) == ["placement.settle"]
    n_checks = db.session.scalar(
        db.select(db.func.count()).where(OutcomeCheck.placement_id == placement.id)
    )
    assert n_checks == 4
    take(placement, "end", case, clock)
    assert placement.state is S.ENDED


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        (
            {"placement_type": PlacementType.HIRED_BY_ENTERPRISE},
            "needs_vacancy",
            "placement_type",
        ),
        ({"description": "  "}, "required", "description"),
        ({"description": "长" * 201}, "text_too_long", "description"),
        ({"started_on": TODAY + timedelta(days=1)}, "date_in_future", "started_on"),
        ({"wage_cny_month": -1}, "out_of_range", "wage_cny_month"),
    ],
    ids=["type", "description", "long", "future", "wage"],
)
def test_settlement_names_the_field_when_something_is_wrong(
    change: dict[str, Any], code: str, field: str, clock: Clock
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        settle(a_case(), clock, **change)
    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_settlement_is_refused_when_the_person_works_already(clock: Clock) -> None:
    case = a_case()
    settle(case, clock)
    with pytest.raises(Conflict, match="already_working"):
        settle(case, clock)


def test_settlement_is_refused_when_the_case_is_closed(clock: Clock) -> None:
    case = a_case()
    case.person.stage = Stage.DISCHARGED
    with pytest.raises(Conflict, match="case_closed"):
        settle(case, clock)


def test_settlement_is_refused_when_not_by_an_officer(clock: Clock) -> None:
    with pytest.raises(NotAllowed):
        settle(a_case(), clock, actor=UserFactory(role=Role.DISTRICT).actor)
    assert settle(a_case(), clock).state is S.STARTED


def test_consent_scope_is_kept_when_given_at_the_desk(clock: Clock) -> None:
    placement = brought_to(S.CONSENTED, a_case(), clock)
    assert [c.scope for c in placement.consents] == [BOTH]


@pytest.mark.parametrize("state", list(S), ids=str)
def test_places_reserved_are_the_placements_that_hold_one(state: S, clock: Clock) -> None:
    case = a_case(headcount=3)
    placement = brought_to(state, case, clock)
    db.session.refresh(placement)
    assert placement.holds_reservation is (state is S.OFFERED)
    assert places(case.vacancy)[0] == int(state is S.OFFERED)


@pytest.mark.parametrize("step", ["decline", "refuse", "withdraw", "start"])
def test_place_is_held_no_longer_when_an_offer_came_to_its_end(step: str, clock: Clock) -> None:
    case = a_case(headcount=3)
    placement = brought_to(S.OFFERED, case, clock)
    assert (placement.holds_reservation, places(case.vacancy)) == (True, (1, 0))
    take(placement, step, case, clock)
    db.session.flush()
    db.session.refresh(placement)
    n_filled = int(step == "start")
    assert (placement.holds_reservation, places(case.vacancy)) == (False, (0, n_filled))
