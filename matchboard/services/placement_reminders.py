"""An officer's own reminder to employers who have not answered, besides those of the tick."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from matchboard.domain.calendar import local_date
from matchboard.domain.errors import NotAllowed
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Actor, Role
from matchboard.extensions import db
from matchboard.models.placement import Placement, Reminder
from matchboard.permissions import scope_placements
from matchboard.services import audit, transaction

#: Part of the key of a reminder an officer sent.
BY_HAND = ":by-hand:"
#: More than a board shows is a mistake.
MOST_AT_ONCE = 200


def remind_employers(pids: Sequence[str], *, actor: Actor, now: datetime) -> int:
    """Remind the employers of sent referrals; return how many reminders were written.

    What is not the actor's, no longer waits, or was reminded of today is passed over.
    """
    if actor.role is not Role.OFFICER:
        raise NotAllowed
    query = (
        scope_placements(actor)
        .where(Placement.pid.in_(pids[:MOST_AT_ONCE]), Placement.state == PlacementState.SENT)
        .options(joinedload(Placement.partner))
        .order_by(Placement.id)
    )
    day = local_date(now).isoformat()
    waiting = {f"{p.pid}{BY_HAND}{day}": p for p in db.session.scalars(query)}
    known = set(db.session.scalars(select(Reminder.key).where(Reminder.key.in_(list(waiting)))))
    n_written = 0
    for key, placement in waiting.items():
        if key in known or placement.partner is None:
            continue
        db.session.add(
            Reminder(
                key=key,
                unit_id=placement.partner.unit_id,
                placement_id=placement.id,
                kind="answer_awaited",
                created_at=now,
            )
        )
        transaction.flush()
        audit.record("placement.remind", placement, actor=actor, now=now)
        n_written += 1
    return n_written
