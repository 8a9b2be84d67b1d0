"""The checks 30, 90, 180 and 365 days after a start."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from matchboard.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound, problems_of
from matchboard.domain.placement import PlacementReason, PlacementState
from matchboard.domain.roles import Role
from matchboard.services import outcome_checks
from matchboard.services.outcome_checks import Answers, get_check, record_check
from tests.conftest import Clock
from tests.integration.placement_paths import (
    Case,
    a_case,
    audit_verbs,
    brought_to,
    last_event,
    take,
)

pytestmark = pytest.mark.usefixtures("app")
S = PlacementState


@pytest.fixture
def case(app: Any) -> Case:
    return a_case()


def started(case: Case, clock: Clock, *, after: int = 30) -> Any:
    placement = brought_to(S.STARTED, case, clock)
    clock.move(days=after)
    return placement


@pytest.mark.parametrize("role", [Role.OFFICER, Role.CLIENT])
def test_answers_are_kept_when_recorded(role: Role, case: Case, clock: Clock) -> None:
    placement = started(case, clock)
    answers = Answers(
        still_employed=True,
        same_employer=True,
        wage_cny_month=5200,
        hours_per_week=44.5,
        own_words=" 师傅很照顾 ",
    )
    check = record_check(placement, 30, answers, actor=case.actors[role], now=clock.now)
    assert (check.done_on, check.still_employed, check.same_employer) == (clock.today, True, True)
    assert (check.wage_cny_month, check.hours_per_week) == (5200, 44.5)
    assert (check.own_words, check.answered_by) == ("师傅很照顾", role.value)
    assert audit_verbs(placement)[-1] == "placement.check"
    assert placement.state is S.STARTED


def test_placement_ends_when_the_person_no_longer_works_there(case: Case, clock: Clock) -> None:
    placement = started(case, clock)
    answers = Answers(
        still_employed=False,
        ended_on=clock.today - timedelta(days=3),
        end_reason=PlacementReason.FAMILY,
        note="回老家",
    )
    record_check(placement, 30, answers, actor=case.officer.actor, now=clock.now)
    assert placement.state is S.ENDED
    assert (placement.ended_on, placement.end_reason) == (
        clock.today - timedelta(days=3),
        PlacementReason.FAMILY,
    )
    assert last_event(placement).note == "回老家"
    check = get_check(placement, 30)
    assert (check.done_on, check.still_employed, check.cancelled) == (clock.today, False, False)
    assert get_check(placement, 90).cancelled
    assert audit_verbs(placement)[-2:] == ["placement.check", "placement.end"]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"still_employed": None}, "required", "still_employed"),
        ({"wage_cny_month": -1}, "out_of_range", "wage_cny_month"),
        ({"hours_per_week": -0.5}, "out_of_range", "hours_per_week"),
        ({"hours_per_week": 168.5}, "out_of_range", "hours_per_week"),
        ({"own_words": "长" * 1001}, "text_too_long", "own_words"),
        ({"still_employed": False}, "reason_required", "reason"),
        ({"end_reason": PlacementReason.QUIT}, "end_of_running_job", "reason"),
        ({"ended_on": date(2026, 11, 20)}, "end_of_running_job", "ended_on"),
        (
            {"still_employed": False, "end_reason": PlacementReason.QUIT},
            "required",
            "ended_on",
        ),
        (
            {"still_employed": False, "end_reason": PlacementReason.TOO_FAR},
            "reason_not_for_step",
            "reason",
        ),
    ],
    ids=lambda v: str(v)[:40],
)
def test_check_is_left_open_when_an_answer_is_wrong(
    change: dict[str, Any], code: str, field: str, case: Case, clock: Clock
) -> None:
    placement = started(case, clock)
    answers = Answers(**{"still_employed": True, **change})
    with pytest.raises(InvalidInput) as refusal:
        record_check(placement, 30, answers, actor=case.officer.actor, now=clock.now)
    # One of them: a job found ended lacks its day and its reason at once.
    told = {(problem.code, problem.field) for problem in problems_of(refusal.value)}
    assert (code, field) in told
    assert get_check(placement, 30).done_on is None
    assert placement.state is S.STARTED


@pytest.mark.parametrize(("after", "is_possible"), [(22, False), (23, True), (400, True)])
def test_check_may_be_made_a_week_early_and_any_time_later(
    after: int, is_possible: bool, case: Case, clock: Clock
) -> None:
    placement = started(case, clock, after=after)
    answers = Answers(still_employed=True)
    if is_possible:
        record_check(placement, 30, answers, actor=case.officer.actor, now=clock.now)
        return
    with pytest.raises(Conflict, match="check_not_due"):
        record_check(placement, 30, answers, actor=case.officer.actor, now=clock.now)


def test_check_is_refused_when_done_already(case: Case, clock: Clock) -> None:
    placement = started(case, clock)
    answers = Answers(still_employed=True)
    record_check(placement, 30, answers, actor=case.officer.actor, now=clock.now)
    with pytest.raises(Conflict, match="check_done"):
        record_check(placement, 30, answers, actor=case.officer.actor, now=clock.now)


def test_check_is_refused_when_the_job_is_over(case: Case, clock: Clock) -> None:
    placement = started(case, clock)
    take(placement, "end", case, clock)
    with pytest.raises(Conflict, match="wrong_state"):
        record_check(
            placement, 30, Answers(still_employed=True), actor=case.officer.actor, now=clock.now
        )


def test_check_is_not_the_employers_to_answer(case: Case, clock: Clock) -> None:
    placement = started(case, clock)
    with pytest.raises(NotAllowed):
        record_check(
            placement, 30, Answers(still_employed=True), actor=case.employer.actor, now=clock.now
        )


def test_check_is_not_found_when_there_is_none_on_that_day(case: Case, clock: Clock) -> None:
    placement = started(case, clock)
    with pytest.raises(NotFound):
        outcome_checks.get_check(placement, 31)
