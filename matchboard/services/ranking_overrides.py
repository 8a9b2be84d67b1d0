"""What became of proposals that passed over what the ranking put first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, select

from matchboard.domain.calendar import local_date
from matchboard.domain.placement import BEFORE_START, WORKED
from matchboard.domain.ranking import OverrideReason
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.placement import Placement
from matchboard.permissions import scope_placements
from matchboard.services import half_year


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """Proposals with one reason; None stands for those from the first places, to compare with."""

    reason: OverrideReason | None
    n_proposed: int
    n_answered: int
    n_started: int
    n_kept_known: int
    n_kept: int


def outcomes_by_reason(*, actor: Actor, now: datetime) -> tuple[OverrideRow, ...]:
    """Return one row for each reason given, most frequent first, the first places before them."""
    rows = db.session.execute(_query(actor, local_date(now))).all()
    found = [OverrideRow(row[0], *(int(count) for count in row[1:])) for row in rows]
    return tuple(
        sorted(found, key=lambda row: (row.reason is not None, -row.n_proposed, str(row.reason)))
    )


def _query(actor: Actor, today: date) -> Select[OverrideReason | None, int, Any, Any, Any, Any]:
    known = half_year.is_known(today=today)
    started = Placement.state.in_(sorted(WORKED))
    in_scope = scope_placements(actor).with_only_columns(Placement.id).order_by(None)
    return (
        select(
            Placement.override_reason,
            func.count(),
            func.sum(case((Placement.state.in_(sorted(BEFORE_START)), 0), else_=1)),
            func.sum(case((started, 1), else_=0)),
            func.sum(case((known, 1), else_=0)),
            func.sum(case((and_(known, half_year.is_kept()), 1), else_=0)),
        )
        # What nobody was shown in an order says nothing about the order.
        .where(Placement.id.in_(in_scope), Placement.shown_position.is_not(None))
        .group_by(Placement.override_reason)
        .order_by(Placement.override_reason)
    )
