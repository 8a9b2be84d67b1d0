"""What employers and training providers may see of a person, by consent (DOMAIN.md, "Rights").

Never: offence, sentence, visits, health, tier, identity number; they are not even fields here.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from matchboard.domain.calendar import start_of_day
from matchboard.domain.client import ConsentScope
from matchboard.domain.placement import EMPLOYER_VIEW_DAYS, PlacementState
from matchboard.domain.training import EnrolmentState

CARD_FIELDS = (
    "code_name",
    "skills",
    "certificates",
    "availability",
    "area",
)
CONTACT_FIELDS = ("name", "phone")
#: What a training provider learns of whoever comes to its courses.
PROVIDER_FIELDS = ("name", "phone", "skills")


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
    if state in _OPEN:
        return has_consent
    return state in _CLOSES_LATER and has_consent and _is_recent(changed_at, now)


#: Nobody answers for a session that is over: the view of these closes after its end.
PROVIDER_UNTIL_END = frozenset({EnrolmentState.RECOMMENDED, EnrolmentState.WAITLISTED})
#: The provider still owes the result.
PROVIDER_OPEN = frozenset({EnrolmentState.ENROLLED})
PROVIDER_CLOSES_LATER = frozenset({EnrolmentState.COMPLETED})


def is_open_to_provider(
    state: EnrolmentState,
    *,
    changed_at: datetime,
    session_ends_on: date,
    now: datetime,
    has_consent: bool,
) -> bool:
    """Return whether the training provider still sees the person, as an employer would.

    `permissions.is_open_to_provider` is the same as a condition of a statement.
    """
    if not has_consent:
        return False
    if state in PROVIDER_UNTIL_END:
        return _is_recent(start_of_day(session_ends_on), now)
    return state in PROVIDER_OPEN or (
        state in PROVIDER_CLOSES_LATER and _is_recent(changed_at, now)
    )


def view_opened_after(now: datetime) -> datetime:
    """Return the instant since which something must have ended for its view to be open still."""
    return now - timedelta(days=EMPLOYER_VIEW_DAYS)


def _is_recent(at: datetime, now: datetime) -> bool:
    return at > view_opened_after(now)
