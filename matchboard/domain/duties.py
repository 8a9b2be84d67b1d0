"""Duties of the "today" page that placements and registration give rise to: one kind, one verb.

Casework (visits, reviews, aid …) adds its own kinds in the same shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from matchboard.domain.errors import DomainError
from matchboard.domain.roles import Permission, Role, is_granted


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
    RENEW_LINK = "renew_link"  # wrong birth dates have closed the person's own link
    NEXT_PROPOSAL = "next_proposal"  # the last proposal came to nothing
    HAND_OVER = "hand_over"  # people are led by somebody who is not active there any more
    NAME_HEAD = "name_head"  # the head of an office is not
    OPEN_ACCOUNT = "open_account"  # nobody of a unit can sign in any more
    COVER_AGAIN = "cover_again"  # who covers for an absent officer is not
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
    lead_pid: str = ""  # whose people are to be handed over; then `n_people` of `office_pid`
    lead_name: str = ""
    office_pid: str = ""
    office_name: str = ""
    n_people: int = 0
    covering_name: str = ""  # who stood in for the lead, and left


P = Permission
#: What whoever does a duty must be allowed to; a duty is theirs alone.
NEEDS: dict[DutyKind, Permission] = {
    DutyKind.REGISTER: P.CLIENT_WRITE,
    DutyKind.ASK_CONSENT: P.PLACEMENT_WRITE,
    DutyKind.SEND_REFERRAL: P.PLACEMENT_WRITE,
    DutyKind.ASK_CONTACT_CONSENT: P.PLACEMENT_WRITE,
    DutyKind.CHASE_EMPLOYER: P.PLACEMENT_WRITE,
    DutyKind.INTERVIEW_RESULT: P.PLACEMENT_WRITE,
    DutyKind.CONFIRM_START: P.PLACEMENT_WRITE,
    DutyKind.OUTCOME_CHECK: P.PLACEMENT_WRITE,
    DutyKind.CORRECTION: P.CLIENT_WRITE,
    DutyKind.RENEW_LINK: P.CLIENT_WRITE,
    DutyKind.NEXT_PROPOSAL: P.PLACEMENT_PROPOSE,
    DutyKind.HAND_OVER: P.CLIENT_WRITE,
    DutyKind.NAME_HEAD: P.ACCOUNTS_ADMIN,
    DutyKind.OPEN_ACCOUNT: P.ACCOUNTS_ADMIN,
    DutyKind.COVER_AGAIN: P.RESTRICTED_WRITE,
    DutyKind.OPENING_HELD: P.PLACEMENT_WRITE,
}


def is_own(kind: DutyKind, role: Role) -> bool:
    """Return whether a role may do a duty; what it may not is somebody else's, and not counted."""
    return is_granted(role, NEEDS[kind])


def urgency(due_on: date, today: date) -> Urgency:
    """Return the group a due date falls into on `today`."""
    if due_on < today:
        return Urgency.OVERDUE
    if due_on == today:
        return Urgency.TODAY
    return Urgency.THIS_WEEK if due_on < today + WEEK else Urgency.LATER
