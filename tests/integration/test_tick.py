"""What falls due by itself, and that a second run does nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from matchboard.domain.calendar import BEIJING, add_months
from matchboard.domain.placement import PlacementState
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import db
from matchboard.models import AuditEntry, Reminder
from matchboard.services import audit, outcome_checks, placement_reminders, tick
from matchboard.services.outcome_checks import Answers
from tests.conftest import Clock
from tests.integration.placement_paths import (
    a_case,
    audit_verbs,
    brought_to,
    last_event,
    open_reminders,
    take,
)

pytestmark = pytest.mark.usefixtures("app")
S = PlacementState


@pytest.mark.parametrize(
    ("days", "state"),
    [(13, S.SENT), (14, S.EXPIRED), (30, S.EXPIRED)],
)
def test_referral_expires_when_fourteen_calendar_days_are_over(
    days: int, state: S, clock: Clock
) -> None:
    case = a_case()
    placement = brought_to(S.SENT, case, clock)  # at ten in the morning
    clock.move(days=days)
    clock.set(clock.now.astimezone(BEIJING).replace(hour=0, minute=5))  # the tick runs at night
    tick.run(now=clock.now)
    assert placement.state is state


def test_expiry_is_the_systems_step_when_it_comes(clock: Clock) -> None:
    placement = brought_to(S.SENT, a_case(), clock)
    clock.move(days=14)
    report = tick.run(now=clock.now)
    assert report.n_referrals_expired == 1
    assert (last_event(placement).name, last_event(placement).actor_role) == ("expire", "system")
    assert audit_verbs(placement)[-1] == "placement.expire"
    assert open_reminders(placement) == []


@pytest.mark.parametrize(
    ("days", "expected"),
    [(2, []), (3, [3]), (6, [3]), (7, [3, 7]), (13, [3, 7])],
    ids=lambda v: str(v),
)
def test_employer_is_reminded_when_three_and_seven_days_passed(
    days: int, expected: list[int], clock: Clock
) -> None:
    case = a_case()
    placement = brought_to(S.SENT, case, clock)
    for _ in range(days):
        clock.move(days=1)
        tick.run(now=clock.now)
        tick.run(now=clock.now)
    assert open_reminders(placement) == [f"{placement.pid}:{n}" for n in expected]
    units = set(db.session.scalars(db.select(Reminder.unit_id)))
    assert units <= {case.vacancy.partner.unit_id}


def test_each_reminder_is_on_record_as_the_systems_when_the_tick_writes_it(clock: Clock) -> None:
    placement = brought_to(S.SENT, a_case(), clock)
    for _ in range(7):
        clock.move(days=1)
        tick.run(now=clock.now)
        tick.run(now=clock.now)
    query = db.select(AuditEntry).where(AuditEntry.verb == "placement.remind")
    entries = db.session.scalars(query.order_by(AuditEntry.id)).all()
    assert [(e.actor_role, e.subject_pid, e.detail) for e in entries] == [
        ("system", placement.pid, {"after_days": n}) for n in (3, 7)
    ]
    assert audit.verify().is_intact


@pytest.mark.parametrize("step", ["invite", "offer", "refuse", "decline", "withdraw"])
def test_reminders_are_taken_back_when_somebody_acted(step: str, clock: Clock) -> None:
    case = a_case()
    placement = brought_to(S.SENT, case, clock)
    clock.move(days=7)
    tick.run(now=clock.now)
    take(placement, step, case, clock)
    assert open_reminders(placement) == []


def test_second_run_does_nothing_when_the_first_did_it_all(clock: Clock) -> None:
    case = a_case(headcount=5)
    brought_to(S.SENT, case, clock)
    case.vacancy.close_on = clock.today + timedelta(days=3)
    clock.move(days=14)
    first = tick.run(now=clock.now)
    verbs = audit_verbs()
    second = tick.run(now=clock.now)
    assert (first.n_vacancies_expired, first.n_referrals_expired) == (1, 1)
    assert case.vacancy.state is VacancyState.EXPIRED
    assert second.n_changes == 0
    assert audit_verbs() == verbs
    assert verbs[-1] == "tick.run"
    assert audit.verify().is_intact


def passed_last_check(placement: Any, case: Any, clock: Clock) -> None:
    outcome_checks.record_check(
        placement, 365, Answers(still_employed=True), actor=case.officer.actor, now=clock.now
    )


def test_placement_completes_when_the_last_check_is_passed(clock: Clock) -> None:
    case = a_case(contract_months=0)
    placement = brought_to(S.STARTED, case, clock)
    clock.move(days=365)
    assert tick.run(now=clock.now).n_completed == 0
    passed_last_check(placement, case, clock)
    assert tick.run(now=clock.now).n_completed == 1
    assert placement.state is S.COMPLETED
    assert last_event(placement).actor_role == "system"


def test_placement_completes_when_the_fixed_term_is_served(clock: Clock) -> None:
    case = a_case(contract_months=3)
    placement = brought_to(S.STARTED, case, clock)
    start, end = clock.today, add_months(clock.today, 3)
    clock.move(days=(end - start).days - 1)
    for day in (30, 90):
        outcome_checks.record_check(
            placement, day, Answers(still_employed=True), actor=case.officer.actor, now=clock.now
        )
    assert tick.run(now=clock.now).n_completed == 0
    clock.move(days=1)
    assert tick.run(now=clock.now).n_completed == 1
    assert placement.state is S.COMPLETED


def test_placement_is_not_completed_when_a_due_check_is_unanswered(clock: Clock) -> None:
    case = a_case(contract_months=3)
    placement = brought_to(S.STARTED, case, clock)
    clock.move(days=100)
    assert tick.run(now=clock.now).n_completed == 0
    assert placement.state is S.STARTED


# --- Reminders by hand ----------------------------------------------------------------------------


def test_reminder_by_hand_is_written_once_a_day_when_asked_for(clock: Clock) -> None:
    case = a_case(headcount=5)
    sent = brought_to(S.SENT, case, clock)
    actor = case.officer.actor

    def remind() -> int:
        return placement_reminders.remind_employers([sent.pid], actor=actor, now=clock.now)

    assert (remind(), remind()) == (1, 0)
    clock.move(days=1)
    assert remind() == 1
    assert audit_verbs(sent)[-1] == "placement.remind"
    assert len(open_reminders(sent)) == 2


def test_reminder_by_hand_passes_over_what_is_not_ones_own_or_not_sent(clock: Clock) -> None:
    case, foreign = a_case(headcount=5), a_case()
    answered = brought_to(S.INTERVIEW, case, clock)
    elsewhere = brought_to(S.SENT, foreign, clock)
    pids = [answered.pid, elsewhere.pid, "zzzzzzzz"]
    n = placement_reminders.remind_employers(pids, actor=case.officer.actor, now=clock.now)
    assert n == 0


@pytest.mark.parametrize("is_answered", [False, True], ids=["unanswered", "answered"])
@pytest.mark.parametrize("days", [-1, 0, 1], ids=["due-before", "due-that-day", "due-after"])
def test_served_term_waits_for_a_check_that_has_fallen_due(
    days: int, is_answered: bool, clock: Clock
) -> None:
    case = a_case(contract_months=1)
    placement = brought_to(S.STARTED, case, clock)
    served_on = add_months(clock.today, 1)
    check = outcome_checks.get_check(placement, 30)
    check.due_on = served_on + timedelta(days=days)
    clock.move(days=(served_on - clock.today).days)
    if is_answered:
        still_there = Answers(still_employed=True)
        actor = case.officer.actor
        outcome_checks.record_check(placement, 30, still_there, actor=actor, now=clock.now)
    db.session.flush()
    assert tick.run(now=clock.now).n_completed == int(is_answered or days > 0)
