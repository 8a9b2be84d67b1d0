"""What an employer may see of a person, by the scope of their consent (DOMAIN.md, "Rights").

Never: offence, sentence, visits, health, tier, identity number; they are not even fields here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from matchboard.domain.client import ConsentScope
from matchboard.domain.placement import EMPLOYER_VIEW_DAYS, PlacementState

CARD_FIELDS = (
    "code_name",
    "skills",
    "certificates",
    "availability",
    "area",
)
CONTACT_FIELDS = ("name", "phone")


def fields_of(scope: ConsentScope) -> tuple[str, ...]:
    """Return the fields a scope opens."""
    return CARD_FIELDS if scope is ConsentScope.CARD else CARD_FIELDS + CONTACT_FIELDS


def widest(scopes: list[ConsentScope]) -> ConsentScope | None:
    """Return the widest of the scopes in force, None if there is none."""
    if ConsentScope.CARD_AND_CONTACT in scopes:
        return ConsentScope.CARD_AND_CONTACT
    return ConsentScope.CARD if scopes else None


_OPEN = frozenset(
    {
        PlacementState.SENT,
        PlacementState.INTERVIEW,
        PlacementState.OFFERED,
        PlacementState.STARTED,
    }
)
_CLOSES_LATER = frozenset({PlacementState.ENDED, PlacementState.COMPLETED})


def is_open_to_employer(
    state: PlacementState, *, changed_at: datetime, now: datetime, has_consent: bool
) -> bool:
    """Return whether the employer still sees the person: by state, time and consent in force."""
    if not has_consent:
        return False
    if state in _OPEN:
        return True
    until = changed_at + timedelta(days=EMPLOYER_VIEW_DAYS)
    return state in _CLOSES_LATER and now < until
