"""Lifecycle of an opening as data; `services.vacancies.advance` is the only writer of the state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from matchboard.domain.roles import Role

#: What an opening's figures may be, typed or imported, and any wage that is agreed.
WAGE_MAX = 200_000
HEADCOUNT_MAX = 2000
TITLE_LENGTH = 120


class VacancyState(StrEnum):
    """draft → in review → open → paused → filled / closed / expired."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    OPEN = "open"
    PAUSED = "paused"
    FILLED = "filled"
    CLOSED = "closed"
    EXPIRED = "expired"


class Visibility(StrEnum):
    """Who may see an open opening."""

    PUBLIC = "public"
    OFFICERS = "officers"


class OccupationSource(StrEnum):
    """Who says what an opening's occupation is, where it is not simply what was entered."""

    TITLE = "title"  # a guess nobody has confirmed
    PERSON = "person"  # confirmed, corrected or left open on purpose: no import guesses again


class VacancySource(StrEnum):
    """Where the opening comes from; an external one was checked by nobody."""

    PARTNER = "partner"
    EXTERNAL = "external"


class RequirementKind(StrEnum):
    """How strongly an opening asks for a skill or certificate."""

    REQUIRED = "required"
    PREFERRED = "preferred"
    CERTIFICATE = "certificate"


S = VacancyState
STAFF = frozenset({Role.OFFICER, Role.DISTRICT})
OWNERS = STAFF | {Role.ENTERPRISE}
DISTRICT = frozenset({Role.DISTRICT})
SYSTEM = frozenset({Role.SYSTEM})


@dataclass(frozen=True, slots=True)
class VacancyStep:
    """One move of an opening's state: who may make it, from where to where."""

    name: str
    sources: frozenset[VacancyState]
    target: VacancyState
    roles: frozenset[Role]
    needs_reason: bool = False
    #: Whether an opening its owner had paused is paused again, instead of recruiting.
    keeps_pause: bool = False

    def leads_to(self, *, is_held_back: bool) -> VacancyState:
        """Return the state after the step; only its owner makes a paused opening recruit again."""
        return S.PAUSED if is_held_back and self.keeps_pause else self.target


VACANCY_STEPS: dict[str, VacancyStep] = {
    step.name: step
    for step in (
        VacancyStep("submit", frozenset({S.DRAFT}), S.IN_REVIEW, OWNERS),
        VacancyStep("approve", frozenset({S.IN_REVIEW}), S.OPEN, DISTRICT, keeps_pause=True),
        VacancyStep("return", frozenset({S.IN_REVIEW}), S.DRAFT, DISTRICT, True),
        # The employer changed what the checks rest on; an officer's own edit is a review in itself.
        VacancyStep("recheck", frozenset({S.OPEN, S.PAUSED, S.FILLED}), S.IN_REVIEW, SYSTEM),
        VacancyStep("pause", frozenset({S.OPEN}), S.PAUSED, OWNERS),
        VacancyStep("resume", frozenset({S.PAUSED}), S.OPEN, OWNERS),
        VacancyStep("fill", frozenset({S.OPEN, S.PAUSED}), S.FILLED, SYSTEM),
        VacancyStep("reopen", frozenset({S.FILLED}), S.OPEN, SYSTEM, keeps_pause=True),
        VacancyStep("refill", frozenset({S.FILLED, S.OPEN, S.PAUSED}), S.OPEN, OWNERS),
        VacancyStep("renew", frozenset({S.EXPIRED, S.CLOSED}), S.DRAFT, OWNERS),
        VacancyStep(
            "close",
            frozenset({S.DRAFT, S.IN_REVIEW, S.OPEN, S.PAUSED, S.FILLED}),
            S.CLOSED,
            OWNERS,
            True,
        ),
        # An advertisement from outside that had expired is imported again.
        VacancyStep("reappear", frozenset({S.EXPIRED}), S.OPEN, SYSTEM),
        VacancyStep("expire", frozenset({S.OPEN, S.PAUSED}), S.EXPIRED, SYSTEM),
    )
}


def available_steps(state: VacancyState, role: Role) -> tuple[VacancyStep, ...]:
    """Return the moves `role` may make from `state`, in the table's order."""
    return tuple(s for s in VACANCY_STEPS.values() if state in s.sources and role in s.roles)


#: States in which an opening has been approved: each has its day of publication.
APPROVED = frozenset({S.OPEN, S.PAUSED, S.FILLED})

#: States in which the form may still be changed; what is over is renewed first.
EDITABLE = frozenset({S.DRAFT, S.IN_REVIEW, S.OPEN, S.PAUSED, S.FILLED})

#: States that say nothing of whether the owner wants to recruit: they come about by themselves.
UNDECIDED = frozenset({S.IN_REVIEW, S.FILLED})


def is_held_back(states: Iterable[VacancyState]) -> bool:
    """Return whether its owner had paused an opening, from the states of its events, newest first.

    A review or the last place taken does not lift a pause; resuming, refilling, sending a draft
    anew does: each leads through another state.
    """
    return next((s for s in states if s not in UNDECIDED), None) is S.PAUSED


#: What the posting checks and the legal gate read: a change by the employer is reviewed again.
MATERIAL_FIELDS = frozenset(
    {
        "title",
        "occupation_code",
        "duties",
        "conditions",
        "division_code",
        "address",
        "wage_min_cny_month",
        "wage_max_cny_month",
        "wage_hourly_cny",
        "employment_type",
        "hours_per_day",
        "hours_per_week",
        "contract_months",
        "probation_months",
        "probation_wage_cny_month",
        "deposit_free",
        "requirements",
    }
)


def published_at(events: Iterable[tuple[str, datetime]]) -> datetime | None:
    """Return when an opening was last approved, from its events, oldest first.

    Where no approval is on record, the last step that opened it counts; what happened before it
    was written anew does not. None if it has never been published since.
    """
    approved: datetime | None = None
    opened: datetime | None = None
    for name, at in events:
        if name == "renew":
            approved = opened = None
        elif name == "approve":
            approved = at
        elif name in VACANCY_STEPS and VACANCY_STEPS[name].target is S.OPEN:
            opened = at
    return approved or opened
