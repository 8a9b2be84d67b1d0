"""Lifecycle of a placement as data (DOMAIN.md, "Placement lifecycle").

`services.placements.advance` is the only writer of `Placement.state`; buttons are drawn from
`available`. Rules that need the record (consent, headcount, partner) are the service's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from matchboard.domain.client import EmploymentType
from matchboard.domain.organisation import BaseKind
from matchboard.domain.roles import Role


class PlacementState(StrEnum):
    """Where a placement stands."""

    PROPOSED = "proposed"
    CONSENTED = "consented"
    SENT = "sent"
    INTERVIEW = "interview"
    OFFERED = "offered"
    STARTED = "started"
    COMPLETED = "completed"
    ENDED = "ended"
    DECLINED_BY_CLIENT = "declined_by_client"
    DECLINED_BY_EMPLOYER = "declined_by_employer"
    NO_SHOW = "no_show"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class PlacementFigure(StrEnum):
    """What a figure of the district counts, and the list behind it shows."""

    UNANSWERED = "unanswered"  # sent longer ago than the employer may take
    CHECK_OVERDUE = "check_overdue"
    HALF_YEAR_KNOWN = "half_year_known"  # it is known whether the job was kept half a year
    HALF_YEAR_KEPT = "half_year_kept"


class PlacementType(StrEnum):
    """Way of settling (安置方式); those of `WITHOUT_VACANCY` need no opening."""

    HIRED_BY_ENTERPRISE = "hired_by_enterprise"
    CERTIFIED_ENTERPRISE_BASE = "certified_enterprise_base"
    GOVERNMENT_BASE = "government_base"
    PUBLIC_WELFARE_POST = "public_welfare_post"
    LAND_RESTORED = "land_restored"
    SELF_EMPLOYED_HOUSEHOLD = "self_employed_household"
    OWN_BUSINESS = "own_business"
    TEMPORARY = "temporary"
    SEASONAL = "seasonal"
    GIG = "gig"
    OTHER = "other"


WITHOUT_VACANCY = (
    PlacementType.LAND_RESTORED,
    PlacementType.SELF_EMPLOYED_HOUSEHOLD,
    PlacementType.OWN_BUSINESS,
    PlacementType.PUBLIC_WELFARE_POST,
    PlacementType.TEMPORARY,
    PlacementType.SEASONAL,
    PlacementType.GIG,
    PlacementType.OTHER,
)


def type_at_partner(
    base_kind: BaseKind | None, employment_type: EmploymentType | None
) -> PlacementType:
    """Return how somebody hired from an opening is settled: the post's kind, then the base's."""
    if employment_type is EmploymentType.PUBLIC_WELFARE:
        return PlacementType.PUBLIC_WELFARE_POST
    if base_kind is BaseKind.GOVERNMENT:
        return PlacementType.GOVERNMENT_BASE
    if base_kind is BaseKind.CERTIFIED_ENTERPRISE:
        return PlacementType.CERTIFIED_ENTERPRISE_BASE
    return PlacementType.HIRED_BY_ENTERPRISE


class HeadcountEffect(StrEnum):
    """What a step does to the places of the opening."""

    NONE = "none"
    RESERVE = "reserve"
    FREE = "free"  # only if this placement holds a reservation
    FILL = "fill"


class EmployerView(StrEnum):
    """What the employer sees after a step."""

    NOTHING = "nothing"
    CONSENTED_FIELDS = "consented_fields"
    CLOSED = "closed"
    CLOSES_LATER = "closes_later"  # 30 days on


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table."""

    name: str
    sources: frozenset[PlacementState]
    target: PlacementState
    roles: frozenset[Role]
    headcount: HeadcountEffect = HeadcountEffect.NONE
    employer: EmployerView = EmployerView.NOTHING
    needs_reason: bool = False


S = PlacementState
_OFFICER = frozenset({Role.OFFICER})
_EMPLOYER = frozenset({Role.ENTERPRISE, Role.OFFICER})
_PERSON = frozenset({Role.CLIENT, Role.OFFICER})
_SYSTEM = frozenset({Role.SYSTEM})
_AT_EMPLOYER = frozenset({S.SENT, S.INTERVIEW, S.OFFERED})
BEFORE_START = frozenset({S.PROPOSED, S.CONSENTED}) | _AT_EMPLOYER
WORKED = frozenset({S.STARTED, S.ENDED, S.COMPLETED})
FINAL = frozenset(S) - BEFORE_START - {S.STARTED}

_SHOWN = EmployerView.CONSENTED_FIELDS


def _way_out(
    name: str,
    sources: frozenset[PlacementState],
    target: PlacementState,
    roles: frozenset[Role],
) -> Transition:
    """Return a step that ends a proposal before the start: why is said, the place is free."""
    free, closed = HeadcountEffect.FREE, EmployerView.CLOSED
    return Transition(name, sources, target, roles, free, closed, needs_reason=True)


#: Roles that may open a placement.
PROPOSERS = frozenset({Role.OFFICER, Role.DISTRICT})

TRANSITIONS: dict[str, Transition] = {
    t.name: t
    for t in (
        Transition("consent", frozenset({S.PROPOSED}), S.CONSENTED, _PERSON),
        _way_out("decline", BEFORE_START, S.DECLINED_BY_CLIENT, _PERSON),
        Transition("send", frozenset({S.CONSENTED}), S.SENT, _OFFICER, employer=_SHOWN),
        Transition("invite", frozenset({S.SENT}), S.INTERVIEW, _EMPLOYER, employer=_SHOWN),
        Transition(
            "offer",
            frozenset({S.SENT, S.INTERVIEW}),
            S.OFFERED,
            _EMPLOYER,
            HeadcountEffect.RESERVE,
            _SHOWN,
        ),
        _way_out("refuse", _AT_EMPLOYER, S.DECLINED_BY_EMPLOYER, _EMPLOYER),
        Transition(
            "start", frozenset({S.OFFERED}), S.STARTED, _EMPLOYER, HeadcountEffect.FILL, _SHOWN
        ),
        # Until the start both sides may correct what was agreed; the person is told.
        Transition("amend", frozenset({S.OFFERED}), S.OFFERED, _EMPLOYER, employer=_SHOWN),
        _way_out("miss", frozenset({S.INTERVIEW, S.OFFERED}), S.NO_SHOW, _EMPLOYER),
        # "Reversible within 7 days". The place was freed, so an offer has to be made again.
        Transition("undo_miss", frozenset({S.NO_SHOW}), S.INTERVIEW, _EMPLOYER, employer=_SHOWN),
        _way_out("withdraw", BEFORE_START, S.WITHDRAWN, frozenset({Role.OFFICER, Role.SYSTEM})),
        Transition("expire", frozenset({S.SENT}), S.EXPIRED, _SYSTEM, employer=EmployerView.CLOSED),
        Transition(
            "end",
            frozenset({S.STARTED}),
            S.ENDED,
            frozenset({Role.ENTERPRISE, Role.OFFICER, Role.CLIENT}),
            employer=EmployerView.CLOSES_LATER,
            needs_reason=True,
        ),
        Transition(
            "complete",
            frozenset({S.STARTED}),
            S.COMPLETED,
            _SYSTEM,
            employer=EmployerView.CLOSES_LATER,
        ),
    )
}


class PlacementReason(StrEnum):
    """Structured reasons; `REASONS` says which step takes which."""

    TOO_FAR = "too_far"
    WAGE_TOO_LOW = "wage_too_low"
    SHIFT_UNSUITABLE = "shift_unsuitable"
    WORK_TOO_HEAVY = "work_too_heavy"
    NO_LODGING = "no_lodging"
    NOT_INTERESTED = "not_interested"
    HEALTH = "health"
    FAMILY = "family"
    FOUND_OTHER_WORK = "found_other_work"
    TRAINING_FIRST = "training_first"
    SKILL_MISSING = "skill_missing"
    EXPERIENCE_MISSING = "experience_missing"
    CERTIFICATE_MISSING = "certificate_missing"
    POSITION_FILLED = "position_filled"
    POSITION_CANCELLED = "position_cancelled"
    INTERVIEW_NOT_PASSED = "interview_not_passed"
    NOT_AVAILABLE_IN_TIME = "not_available_in_time"
    DID_NOT_COME = "did_not_come"
    PLACED_ELSEWHERE = "placed_elsewhere"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    ENTERED_IN_ERROR = "entered_in_error"
    OPENING_CLOSED = "opening_closed"
    QUIT = "quit"
    DISMISSED = "dismissed"
    CONTRACT_OVER = "contract_over"
    EMPLOYER_CLOSED = "employer_closed"
    MOVED_AWAY = "moved_away"
    BETTER_JOB = "better_job"
    OTHER = "other"


R = PlacementReason
REASONS: dict[str, tuple[PlacementReason, ...]] = {
    "decline": (
        R.TOO_FAR,
        R.WAGE_TOO_LOW,
        R.SHIFT_UNSUITABLE,
        R.WORK_TOO_HEAVY,
        R.NO_LODGING,
        R.NOT_INTERESTED,
        R.HEALTH,
        R.FAMILY,
        R.FOUND_OTHER_WORK,
        R.TRAINING_FIRST,
        R.OTHER,
    ),
    "refuse": (
        R.SKILL_MISSING,
        R.EXPERIENCE_MISSING,
        R.CERTIFICATE_MISSING,
        R.NOT_AVAILABLE_IN_TIME,
        R.INTERVIEW_NOT_PASSED,
        R.POSITION_FILLED,
        R.POSITION_CANCELLED,
        R.OTHER,
    ),
    "miss": (R.DID_NOT_COME, R.OTHER),
    "withdraw": (
        R.PLACED_ELSEWHERE,
        R.CONSENT_WITHDRAWN,
        R.OPENING_CLOSED,
        R.ENTERED_IN_ERROR,
        R.OTHER,
    ),
    "end": (
        R.QUIT,
        R.DISMISSED,
        R.CONTRACT_OVER,
        R.EMPLOYER_CLOSED,
        R.MOVED_AWAY,
        R.BETTER_JOB,
        R.HEALTH,
        R.FAMILY,
        R.OTHER,
    ),
}

#: Days after the start on which the outcome is asked for.
CHECK_DAYS = (30, 90, 180, 365)
#: `miss` can be taken back for this many days.
UNDO_MISS_DAYS = 7
#: After a job ended the employer's view of the person closes after this many days; a training
#: provider's after a course.
EMPLOYER_VIEW_DAYS = 30


def is_agreed(state: PlacementState) -> bool:
    """Return whether first day and wage have been agreed."""
    return state is S.OFFERED or state in WORKED


def available(state: PlacementState, role: Role) -> tuple[Transition, ...]:
    """Return the steps `role` may take from `state`, in the table's order."""
    return tuple(t for t in TRANSITIONS.values() if state in t.sources and role in t.roles)
