"""The day an opening is public from: every approved one has it, or the board would not show it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from matchboard.domain.calendar import local_date
from matchboard.domain.vacancy import VacancySource, published_at
from matchboard.extensions import db
from matchboard.models.vacancy import Vacancy, VacancyEvent


def keep_published(vacancy: Vacancy, *, on: date) -> None:
    """Make sure an approved opening has its day of publication; a day it has stays.

    What was approved, changed and approved again keeps the first day: it is not "newest" again.
    An advertisement from outside was never published here.
    """
    if vacancy.open_on is not None or vacancy.source is VacancySource.EXTERNAL:
        return
    day = day_of_publication(vacancy, on=on)
    vacancy.open_on = min(day, vacancy.close_on or day)


def was_published(vacancy: Vacancy) -> bool:
    """Return whether the opening as it stands was approved once."""
    return _published_at(vacancy) is not None


def day_of_publication(vacancy: Vacancy, *, on: date) -> date:
    """Return the day of the last approval on record, `on` if there is none yet."""
    at = _published_at(vacancy)
    return on if at is None else min(on, local_date(at))


def _published_at(vacancy: Vacancy) -> datetime | None:
    query = (
        select(VacancyEvent.name, VacancyEvent.at)
        .where(VacancyEvent.vacancy_id == vacancy.id)
        .order_by(VacancyEvent.id)
    )
    return published_at((name, at) for name, at in db.session.execute(query))
