"""The ranking model that speaks, and proposals that pass over what it put first."""

from __future__ import annotations

from enum import StrEnum

#: Name of the formula that needs no training; every installation starts with it.
EXPERT = "expert"

#: A proposal from below this place of the list passes over what the ranking put first.
FIRST_PLACES = 5


class ModelState(StrEnum):
    """candidate → active → retired → active …; while none is active the formula speaks."""

    CANDIDATE = "candidate"
    ACTIVE = "active"
    RETIRED = "retired"


class OverrideReason(StrEnum):
    """Why an officer proposes an opening that does not stand among the first of the list."""

    PERSON_WISHES = "person_wishes"
    EMPLOYER_ASKED = "employer_asked"
    KNOWS_WORKPLACE = "knows_workplace"
    WAY_TO_WORK = "way_to_work"
    FAMILY_DUTIES = "family_duties"
    RECORD_OUTDATED = "record_outdated"
    OTHER = "other"


def needs_override_reason(position: int | None) -> bool:
    """Tell whether a proposal from this place of the list asks for a reason.

    An opening proposed without having been shown in a list passes over nothing: the officer came
    from the opening's own page, where no order was seen.

    >>> needs_override_reason(1), needs_override_reason(6), needs_override_reason(None)
    (False, True, False)
    """
    return position is not None and position > FIRST_PLACES
