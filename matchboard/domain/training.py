"""Enrolment lifecycle and course subjects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from matchboard.domain.roles import Role


class Subject(StrEnum):
    """The seven subjects of the demo district, and other."""

    SEWING = "sewing"
    COOKING = "cooking"
    ELECTRICIAN = "electrician"
    COMPUTING = "computing"
    SHOEMAKING = "shoemaking"
    HANDICRAFT = "handicraft"
    PLANTING_BREEDING = "planting_breeding"
    OTHER = "other"


class EnrolmentState(StrEnum):
    """From the officer's recommendation to the result."""

    RECOMMENDED = "recommended"
    ENROLLED = "enrolled"
    WAITLISTED = "waitlisted"
    COMPLETED = "completed"
    DROPPED_OUT = "dropped_out"
    DECLINED = "declined"


class SessionTime(StrEnum):
    """Whether a person's session goes on (or is to come), or is over."""

    OPEN = "open"
    OVER = "over"


class DropReason(StrEnum):
    """Why somebody did not finish or did not begin."""

    FOUND_WORK = "found_work"
    HEALTH = "health"
    FAMILY = "family"
    TOO_FAR = "too_far"
    NOT_INTERESTED = "not_interested"
    NOT_REACHED = "not_reached"
    OTHER = "other"
    CONSENT_WITHDRAWN = "consent_withdrawn"  # set by the withdrawal itself, never chosen


class AgreementMethod(StrEnum):
    """How the person let the provider know of them."""

    SAID_AT_OFFICE = "said_at_office"
    CAME_IN_PERSON = "came_in_person"


#: Reasons somebody may give, in the order they are offered.
GIVEN_REASONS = tuple(r for r in DropReason if r is not DropReason.CONSENT_WITHDRAWN)
#: Version of the words a person agrees to; changed words get a new value.
COURSE_CONSENT_TEXT_VERSION = "2026-11"

S = EnrolmentState
_TRAINING = frozenset({Role.COORDINATOR})
_RECOMMENDERS = frozenset({Role.OFFICER, Role.DISTRICT})


@dataclass(frozen=True, slots=True)
class EnrolmentStep:
    """One move of an enrolment."""

    name: str
    sources: frozenset[EnrolmentState]
    target: EnrolmentState
    roles: frozenset[Role]
    needs_reason: bool = False


#: `recommend` also opens an enrolment; the person's own act (a walk-in) is the client's step. The
#: system enrols who is next on the waiting list, releases everyone when a session is cancelled, and
#: ends what is not completed when the person withdraws their consent.
ENROLMENT_STEPS: dict[str, EnrolmentStep] = {
    step.name: step
    for step in (
        EnrolmentStep(
            "recommend",
            frozenset({S.DECLINED, S.DROPPED_OUT}),
            S.RECOMMENDED,
            _RECOMMENDERS | {Role.CLIENT},
        ),
        EnrolmentStep(
            "enrol",
            frozenset({S.RECOMMENDED, S.WAITLISTED}),
            S.ENROLLED,
            _TRAINING | {Role.SYSTEM},
        ),
        EnrolmentStep("waitlist", frozenset({S.RECOMMENDED}), S.WAITLISTED, _TRAINING),
        EnrolmentStep("complete", frozenset({S.ENROLLED}), S.COMPLETED, _TRAINING),
        EnrolmentStep(
            "drop_out",
            frozenset({S.ENROLLED}),
            S.DROPPED_OUT,
            _TRAINING | {Role.SYSTEM},
            True,
        ),
        EnrolmentStep(
            "decline",
            frozenset({S.RECOMMENDED, S.WAITLISTED}),
            S.DECLINED,
            _TRAINING | _RECOMMENDERS | {Role.SYSTEM},
            True,
        ),
        EnrolmentStep(
            "release",
            frozenset({S.ENROLLED, S.WAITLISTED}),
            S.RECOMMENDED,
            frozenset({Role.SYSTEM}),
        ),
    )
}

#: Who leaves before the first day has not stopped midway: they did not take part.
LEAVING_BEFORE_START = replace(
    ENROLMENT_STEPS["drop_out"], name="decline", target=EnrolmentState.DECLINED
)

#: Those who open an enrolment: staff recommend, a person comes by themselves.
OPENERS = ENROLMENT_STEPS["recommend"].roles

#: States in which a person holds or waits for a place; one per session and person.
ACTIVE_STATES = frozenset({S.RECOMMENDED, S.ENROLLED, S.WAITLISTED})


def available_steps(state: EnrolmentState, role: Role) -> tuple[EnrolmentStep, ...]:
    """Return the moves `role` may make from `state`, in the table's order."""
    return tuple(s for s in ENROLMENT_STEPS.values() if state in s.sources and role in s.roles)
