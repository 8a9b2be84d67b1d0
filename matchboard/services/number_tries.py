"""Stop whoever tries identity numbers until one belongs to somebody.

With a birth date and a county three digits are left: a thousand tries say whether a person is on
the register. Each number that nobody of the actor's own people bears is on record, never the number
itself, and an account has so many in an hour. The audit log is the counter.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from matchboard.domain.errors import InvalidInput
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.audit import AuditEntry
from matchboard.services import audit

REFUSAL = "numbers_tried"
#: More than anybody registers in an hour.
MAX_TRIES = 30
WINDOW = timedelta(hours=1)
MISS, HIT, REFUSED = "client.check_number", "client.check_elsewhere", "client.check_refused"


def require_few(*, actor: Actor, now: datetime) -> None:
    """Refuse an account that asked for too many numbers of late.

    Raises
    ------
    InvalidInput
        `numbers_tried` at field `identity_number`.
    """
    n_tries = db.session.scalar(
        select(func.count(AuditEntry.id))
        .join(User, User.pid == AuditEntry.actor_pid)
        .where(
            User.id == actor.user_id,
            AuditEntry.verb.in_([MISS, HIT]),
            AuditEntry.at > now - WINDOW,
        )
    )
    if (n_tries or 0) >= MAX_TRIES:
        minutes = int(WINDOW.total_seconds()) // 60
        raise InvalidInput(REFUSAL, field="identity_number", most=MAX_TRIES, minutes=minutes)


def count_miss(*, actor: Actor, now: datetime) -> None:
    """Note that a number nobody bears was asked for; ends the request's transaction."""
    audit.record_at_once(MISS, None, actor=actor, now=now)


def count_refused(*, actor: Actor, now: datetime) -> None:
    """Note that an account went on asking; ends the request's transaction."""
    audit.record_at_once(REFUSED, None, actor=actor, now=now)
