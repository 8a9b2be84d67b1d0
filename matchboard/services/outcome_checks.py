"""The checks 30, 90, 180 and 365 days after a start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from matchboard.domain.calendar import local_date
from matchboard.domain.errors import (
    Conflict,
    Faults,
    InvalidInput,
    NotAllowed,
    NotFound,
    required,
)
from matchboard.domain.placement import TRANSITIONS, PlacementReason, PlacementState
from matchboard.domain.roles import Actor, Role
from matchboard.extensions import db
from matchboard.models.placement import OutcomeCheck, Placement
from matchboard.services import audit, placement_effects, placement_rules, placements
from matchboard.services.seen import require_seen
from matchboard.services.step_details import StepDetails

#: A check may be made a week early: the officer meets the person when they meet.
EARLY = timedelta(days=7)
_ANSWERERS = frozenset({Role.OFFICER, Role.CLIENT})
HOURS_IN_WEEK = 168


@dataclass(frozen=True, slots=True)
class Answers:
    """What was found: empty values are unknown. An ended job needs its date and reason."""

    still_employed: bool | None
    same_employer: bool | None = None
    wage_cny_month: int | None = None
    hours_per_week: float | None = None
    own_words: str = ""
    ended_on: date | None = None
    end_reason: PlacementReason | None = None
    note: str = ""


def get_check(placement: Placement, day: int) -> OutcomeCheck:
    """Return one check of a placement."""
    found: OutcomeCheck | None = db.session.scalar(
        select(OutcomeCheck).where(
            OutcomeCheck.placement_id == placement.id, OutcomeCheck.day == day
        )
    )
    if found is None:
        raise NotFound
    return found


def record_check(
    placement: Placement,
    day: int,
    answers: Answers,
    *,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
) -> OutcomeCheck:
    """Write down the answers of a check; a job found ended ends the placement in the same stroke.

    Raises
    ------
    StaleEdit
        If the placement has changed since the version seen.
    Conflict
        If the check is done, cancelled, or more than a week ahead.
    InvalidInput
        If whether the person still works is unanswered, a figure is out of range, or the end of
        the job lacks its date or reason; `InvalidFields` for several at once.
    """
    if actor.role not in _ANSWERERS:
        raise NotAllowed
    check = get_check(placement, day)
    if placement.state is not PlacementState.STARTED:
        raise Conflict("wrong_state", state=placement.state)
    if check.done_on is not None or check.cancelled:
        raise Conflict("check_done")
    require_seen(seen, placement)
    today = local_date(now)
    if today < check.due_on - EARLY:
        raise Conflict("check_not_due", due_on=check.due_on.isoformat())
    ending = StepDetails(reason=answers.end_reason, ended_on=answers.ended_on, note=answers.note)
    faults = _faults(answers)
    if answers.still_employed is False:
        with faults.noted():
            placement_rules.check(placement, TRANSITIONS["end"], ending, actor=actor, now=now)
    faults.refuse()
    still_employed = required(answers.still_employed, "still_employed")
    check.done_on = today
    check.still_employed = still_employed
    check.same_employer = answers.same_employer
    check.wage_cny_month = answers.wage_cny_month
    check.hours_per_week = answers.hours_per_week
    check.own_words = answers.own_words.strip()
    check.answered_by = actor.role.value
    check.recorded_by_id = actor.user_id
    placement_effects.touch(placement)
    db.session.flush()
    audit.record(
        "placement.check",
        placement,
        actor=actor,
        now=now,
        day=day,
        still_employed=still_employed,
    )
    if not still_employed:
        placements.advance(placement, "end", actor=actor, now=now, details=ending)
    return check


def _faults(answers: Answers) -> Faults:
    """Note what is wrong with what was found, apart from the end of the job."""
    faults = Faults()
    with faults.noted():
        required(answers.still_employed, "still_employed")
    with faults.noted():
        placement_rules.check_wage(answers.wage_cny_month)
    with faults.noted():
        placement_rules.check_length(
            answers.own_words, placement_rules.NOTE_LENGTH, field="own_words"
        )
    if answers.still_employed and (answers.ended_on or answers.end_reason):
        field = "ended_on" if answers.ended_on else "reason"
        faults.add(InvalidInput("end_of_running_job", field=field))
    hours = answers.hours_per_week
    if hours is not None and not 0 <= hours <= HOURS_IN_WEEK:
        faults.add(InvalidInput("out_of_range", field="hours_per_week", low=0, high=HOURS_IN_WEEK))
    return faults
