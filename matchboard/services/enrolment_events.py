"""What every writer of enrolments does: note the step, and lock the people in one order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.client import Client
from matchboard.models.training import Enrolment, EnrolmentEvent


def write(
    enrolment: Enrolment, name: str, *, actor: Actor, now: datetime, detail: dict[str, Any]
) -> None:
    """Add the event of a step just taken; it names the state the enrolment is in."""
    db.session.add(
        EnrolmentEvent(
            enrolment_id=enrolment.id,
            at=now,
            actor_role=actor.role.value,
            actor_id=actor.user_id,
            name=name,
            to_state=enrolment.state.value,
            detail=detail,
        )
    )


def lock_clients(client_ids: Sequence[int]) -> None:
    """Lock the people's rows in one order, before the audit log's own lock is taken."""
    db.session.scalars(
        select(Client)
        .where(Client.id.in_(client_ids))
        .order_by(Client.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
