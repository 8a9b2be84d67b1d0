"""Duties of the "today" page that placements and registration give rise to: one kind, one verb.

Casework (visits, reviews, aid …) adds its own kinds in the same shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from matchboard.domain.errors import DomainError


class DutyKind(StrEnum):
    """What is to be done."""

    REGISTER = "register"  # released, not yet registered
    ASK_CONSENT = "ask_consent"
    SEND_REFERRAL = "send_referral"
    ASK_CONTACT_CONSENT = "ask_contact_consent"
    CHASE_EMPLOYER = "chase_employer"
    INTERVIEW_RESULT = "interview_result"
    CONFIRM_START = "confirm_start"
    OUTCOME_CHECK = "outcome_check"
    CORRECTION = "correction"  # the person says that something in the record is wrong
    NEXT_PROPOSAL = "next_proposal"  # the last proposal came to nothing
    OPENING_HELD = "opening_held"  # the next step has to wait for the opening or the employer


class Urgency(StrEnum):
    """Groups of the page, by due date."""

    OVERDUE = "overdue"
    TODAY = "today"
    THIS_WEEK = "this_week"
    LATER = "later"


#: Days an officer has for what another person's act hands them.
ANSWER_DAYS = 3
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Duty:
    """One row: whose, what, until when. `path_pid` names the placement where there is one."""

    kind: DutyKind
    due_on: date
    client_pid: str
    client_name: str
    placement_pid: str | None = None
    vacancy_title: str = ""
    partner_name: str = ""
    check_day: int | None = None
    correction_pid: str | None = None
    words: str = ""  # the person's own
    version: str = ""  # of what a button on the row itself would decide on
    held: DomainError | None = None  # why the next step is not possible now


def urgency(due_on: date, today: date) -> Urgency:
    """Return the group a due date falls into on `today`."""
    if due_on < today:
        return Urgency.OVERDUE
    if due_on == today:
        return Urgency.TODAY
    return Urgency.THIS_WEEK if due_on < today + WEEK else Urgency.LATER
