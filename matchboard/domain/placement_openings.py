"""Which steps of a placement its opening and its employer leave possible: one table, asked by all.

Pages ask before they offer a step, duties before they ask for one, services before they take it.
What was sent while the opening recruited goes on to its end when it does not any more: only what
leads there, and an offer without a free place, are not possible.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Protocol

from matchboard.domain.errors import Conflict, HeadcountExhausted
from matchboard.domain.organisation import PartnerState
from matchboard.domain.placement import PlacementState
from matchboard.domain.vacancy import VacancyState


class Opening(Protocol):
    """What is asked of an opening."""

    state: VacancyState
    close_on: date | None

    @property
    def n_places_left(self) -> int:
        """Places neither reserved nor filled."""


class Employer(Protocol):
    """What is asked of the employer."""

    state: PartnerState
    agreement_signed_on: date | None


class Tried(Protocol):
    """What is asked of a placement."""

    state: PlacementState

    @property
    def vacancy(self) -> Opening | None:
        """The opening it is about."""

    @property
    def partner(self) -> Employer | None:
        """The employer it is about."""


_Check = Callable[[Opening | None, Employer | None, date], Conflict | None]


def _recruits(opening: Opening | None, _employer: Employer | None, on: date) -> Conflict | None:
    if opening is None or opening.state is not VacancyState.OPEN:
        state = VacancyState.CLOSED if opening is None else opening.state
        return Conflict("vacancy_not_open", state=state)
    if opening.close_on is not None and opening.close_on < on:
        return Conflict("vacancy_not_open", state=VacancyState.EXPIRED)
    return None


def _has_place(opening: Opening | None, _employer: Employer | None, _on: date) -> Conflict | None:
    is_full = opening is not None and opening.n_places_left < 1
    return HeadcountExhausted() if is_full else None


def _is_active(_opening: Opening | None, employer: Employer | None, _on: date) -> Conflict | None:
    state = PartnerState.PENDING if employer is None else employer.state  # nobody approved it
    is_active = state is PartnerState.ACTIVE
    return None if is_active else Conflict("partner_not_active", state=state)


def _has_agreed(_opening: Opening | None, employer: Employer | None, on: date) -> Conflict | None:
    signed_on = employer.agreement_signed_on if employer is not None else None
    return None if signed_on and signed_on <= on else Conflict("agreement_missing")


#: Step → what it needs of opening and employer; a step not named needs nothing of them.
NEEDS: dict[str, tuple[_Check, ...]] = {
    "propose": (_recruits, _has_place),
    # Nobody decides on what is not on offer: what they agree to could not be sent.
    "consent": (_is_active, _recruits),
    "send": (_is_active, _has_agreed, _recruits),
    "offer": (_has_place,),
}
_OVER: frozenset[object] = frozenset(
    {VacancyState.CLOSED, VacancyState.EXPIRED, PartnerState.REJECTED}
)
#: More consent is asked for like the first, until the card has been sent.
_BEFORE_SENDING = frozenset({PlacementState.PROPOSED, PlacementState.CONSENTED})


def opening_refusal(step: str, opening: Opening, *, on: date) -> Conflict | None:
    """Return why an opening allows no step, None if it does; of nobody's placement yet."""
    return _first(step, opening, None, on)


def step_refusal(step: str, placement: Tried, *, on: date) -> Conflict | None:
    """Return why opening or employer leave a step of a placement impossible; None if they do not.

    State, role and what is typed with the step are asked elsewhere.
    """
    if step == "widen_consent":
        if placement.state not in _BEFORE_SENDING:
            return None
        step = "consent"
    return _first(step, placement.vacancy, placement.partner, on)


def is_lasting(refusal: Conflict) -> bool:
    """Return whether there is nothing to wait for: it is over, not only paused, checked or full."""
    return refusal.details.get("state") in _OVER


def _first(
    step: str, opening: Opening | None, employer: Employer | None, on: date
) -> Conflict | None:
    refusals = (check(opening, employer, on) for check in NEEDS.get(step, ()))
    return next((refusal for refusal in refusals if refusal is not None), None)
