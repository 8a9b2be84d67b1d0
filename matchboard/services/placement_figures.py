"""What the figures about placements count, as conditions: the figure and its list ask the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

from sqlalchemy import ColumnElement, and_, exists

from matchboard.domain.calendar import local_date
from matchboard.domain.placement import PlacementFigure, PlacementState
from matchboard.models.placement import OutcomeCheck, Placement
from matchboard.services import half_year

F = PlacementFigure
#: An employer has this long to answer before the district sees the referral as unanswered.
UNANSWERED_AFTER = timedelta(days=7)
#: Outcomes of starts longer ago than this are no longer counted.
RETENTION_DAYS = 730


def counted(figure: PlacementFigure, *, now: datetime) -> ColumnElement[bool]:
    """Return whether a figure counts the placement."""
    today = local_date(now)
    match figure:
        case F.UNANSWERED:
            sent_long_ago = Placement.sent_at < now - UNANSWERED_AFTER
            return and_(Placement.state == PlacementState.SENT, sent_long_ago)
        case F.CHECK_OVERDUE:
            overdue = exists().where(
                OutcomeCheck.placement_id == Placement.id,
                OutcomeCheck.done_on.is_(None),
                OutcomeCheck.cancelled.is_(False),
                OutcomeCheck.due_on < today,
            )
            return and_(Placement.state == PlacementState.STARTED, overdue)
        case F.HALF_YEAR_KNOWN:
            is_recent = Placement.started_on > today - timedelta(days=RETENTION_DAYS)
            return and_(is_recent, half_year.is_known(today=today))
        case F.HALF_YEAR_KEPT:
            return and_(counted(F.HALF_YEAR_KNOWN, now=now), half_year.is_kept())
    assert_never(figure)
