"""Whether a job was kept half a year, as conditions on `Placement` on either database.

Who leaves earlier has no check after half a year, so a figure that counted checks alone would
overlook those who left; and a start of less than half a year ago can only be known to have failed.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_

from matchboard.extensions import db
from matchboard.models.placement import OutcomeCheck, Placement

#: The check after so many days stands for "kept the job" (DOMAIN.md, "Placement lifecycle").
HALF_YEAR_DAYS = 180


def is_kept() -> ColumnElement[bool]:
    """Return whether the half-year check found the person at work."""
    return exists().where(
        OutcomeCheck.placement_id == Placement.id,
        OutcomeCheck.day == HALF_YEAR_DAYS,
        OutcomeCheck.still_employed.is_(True),
    )


def is_known(*, today: date) -> ColumnElement[bool]:
    """Return whether the job began half a year ago or more and its outcome by then is known."""
    left = Placement.ended_on < _half_a_year_after(Placement.started_on)
    began = Placement.started_on <= today - timedelta(days=HALF_YEAR_DAYS)
    return and_(began, or_(is_kept(), left))


def _half_a_year_after(column: Any) -> Any:
    if db.engine.dialect.name == "sqlite":
        return func.date(column, f"+{HALF_YEAR_DAYS} days")
    return column + HALF_YEAR_DAYS
