"""What became of proposals that passed over what the ranking put first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, or_, select

from matchboard.domain.placement import WORKED, PlacementState
from matchboard.domain.ranking import OverrideReason
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.placement import OutcomeCheck, Placement
from matchboard.permissions import scope_placements

#: The check that says whether a job was kept (DOMAIN.md: 30, 90, 180 and 365 days).
RETENTION_DAY = 180
_OPEN = (
    PlacementState.PROPOSED,
    PlacementState.CONSENTED,
    PlacementState.SENT,
    PlacementState.INTERVIEW,
    PlacementState.OFFERED,
)


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """Proposals with one reason; None stands for those from the first places, to compare with."""

    reason: OverrideReason | None
    n_proposed: int
    n_answered: int
    n_started: int
    n_kept_known: int
    n_kept: int


def outcomes_by_reason(*, actor: Actor) -> tuple[OverrideRow, ...]:
    """Return one row for each reason given, most frequent first, the first places before them."""
    rows = db.session.execute(_query(actor)).all()
    found = [OverrideRow(row[0], *(int(count) for count in row[1:])) for row in rows]
    return tuple(
        sorted(found, key=lambda row: (row.reason is not None, -row.n_proposed, str(row.reason)))
    )


def _query(actor: Actor) -> Select[OverrideReason | None, int, Any, Any, Any, Any]:
    kept = _checked(still_employed=True)
    left = _checked(still_employed=False)
    started = Placement.state.in_(sorted(WORKED))
    in_scope = scope_placements(actor).with_only_columns(Placement.id).order_by(None)
    return (
        select(
            Placement.override_reason,
            func.count(),
            func.sum(case((Placement.state.in_(_OPEN), 0), else_=1)),
            func.sum(case((started, 1), else_=0)),
            func.sum(case((or_(kept, left), 1), else_=0)),
            func.sum(case((kept, 1), else_=0)),
        )
        # What nobody was shown in an order says nothing about the order.
        .where(Placement.id.in_(in_scope), Placement.shown_position.is_not(None))
        .group_by(Placement.override_reason)
        .order_by(Placement.override_reason)
    )


def _checked(*, still_employed: bool) -> ColumnElement[bool]:
    return exists().where(
        OutcomeCheck.placement_id == Placement.id,
        OutcomeCheck.day == RETENTION_DAY,
        OutcomeCheck.still_employed.is_(still_employed),
    )
