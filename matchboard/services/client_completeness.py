"""How complete a person's file is, and what would sharpen the matches."""

from __future__ import annotations

from dataclasses import dataclass, field

from matchboard.domain.client_file import FileItem, MatchField
from matchboard.models.client import Client


@dataclass(frozen=True, slots=True)
class Completeness:
    """Which items of the file are known, and which fields would sharpen the matches."""

    items: dict[FileItem, bool] = field(default_factory=dict)
    missing_for_matching: tuple[MatchField, ...] = ()

    @property
    def n_known(self) -> int:
        """How many items are known."""
        return sum(self.items.values())

    @property
    def percent(self) -> int:
        """Known items in per cent."""
        return round(100 * self.n_known / len(self.items))


def completeness(client: Client) -> Completeness:
    """Return how complete the file is."""
    missing = tuple(name for name, is_known in _matching(client).items() if not is_known)
    wishes = (
        client.desired_occupations,
        client.shifts_ok,
        client.employment_types_ok,
        client.wage_expected_cny_month is not None,
        client.max_commute_km is not None,
        client.needs_lodging is not None,
        client.wishes.strip(),
    )
    return Completeness(
        items={
            FileItem.CONTACT: client.phone_tail is not None,
            FileItem.ADDRESS: client.residence_division is not None
            and client.residence_address is not None,
            FileItem.RELEASE_DATE: client.released_on is not None,
            FileItem.SKILLS: bool(client.skills or client.certificates),
            FileItem.PREFERENCES: any(wishes),
        },
        missing_for_matching=missing,
    )


def _matching(client: Client) -> dict[MatchField, bool]:
    return {
        MatchField.RESIDENCE_DIVISION: client.lat is not None,
        MatchField.SKILLS: bool(client.skills),
        MatchField.DESIRED_OCCUPATIONS: bool(client.desired_occupations),
        MatchField.MAX_COMMUTE: client.max_commute_km is not None,
        MatchField.WAGE_EXPECTED: client.wage_expected_cny_month is not None,
        MatchField.NEEDS_LODGING: client.needs_lodging is not None,
        MatchField.SHIFTS: bool(client.shifts_ok),
        MatchField.EXERTION: client.exertion_max is not None,
        MatchField.EDUCATION: client.education is not None,
        MatchField.EXPERIENCE: bool(client.experience),
    }


def has_residence_mismatch(client: Client) -> bool:
    """Return whether the person lives outside the division of their registration (人户分离)."""
    both = client.registered_division and client.residence_division
    return bool(both) and client.registered_division != client.residence_division
