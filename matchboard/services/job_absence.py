"""Why an opening that was on the public board is not there now."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from matchboard.domain.errors import NotFound
from matchboard.domain.organisation import PartnerState
from matchboard.domain.vacancy import VacancyState
from matchboard.models.vacancy import Vacancy


class Absence(StrEnum):
    """Why an opening that was public once is not on the board."""

    PAUSED = "paused"
    IN_REVIEW = "in_review"
    NOT_BEGUN = "not_begun"
    EMPLOYER = "employer"
    FILLED = "filled"
    OVER = "over"
    CLOSED = "closed"


#: What may be shown again; the rest is over.
PASSING = frozenset({Absence.PAUSED, Absence.IN_REVIEW, Absence.NOT_BEGUN, Absence.EMPLOYER})
_ABSENCE_OF_STATE = {
    VacancyState.PAUSED: Absence.PAUSED,
    VacancyState.IN_REVIEW: Absence.IN_REVIEW,
    VacancyState.DRAFT: Absence.IN_REVIEW,
    VacancyState.FILLED: Absence.FILLED,
    VacancyState.CLOSED: Absence.CLOSED,
    VacancyState.EXPIRED: Absence.OVER,
}


class JobGone(NotFound):
    """The opening was public once and is not now: the page says why instead of “not found”."""

    code = "job_gone"

    def __init__(self, why: Absence) -> None:
        super().__init__()
        self.why = why


def absence_of(vacancy: Vacancy, today: date) -> Absence | None:
    """Return why an opening is not on the board, None if it is there."""
    if vacancy.state in _ABSENCE_OF_STATE:
        return _ABSENCE_OF_STATE[vacancy.state]
    if vacancy.close_on is not None and vacancy.close_on < today:
        return Absence.OVER
    if vacancy.partner is None or vacancy.partner.state is not PartnerState.ACTIVE:
        return Absence.EMPLOYER
    is_begun = vacancy.open_on is not None and vacancy.open_on <= today
    return None if is_begun else Absence.NOT_BEGUN
