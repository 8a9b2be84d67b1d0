"""Count guesses so that many sent at once get no more answers than one after the other.

The audit log is the counter. Whoever counts holds the log's end first, where writers queue up: what
is counted then is what everybody before has been told, and nobody else is told anything meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchboard.domain.roles import Actor
from matchboard.extensions import db, own_session
from matchboard.models.account import User
from matchboard.models.audit import AuditEntry
from matchboard.services import audit


@dataclass(frozen=True, slots=True)
class Guesses:
    """What counts as a guess of an account: entries of `verbs` in a window, `most` of them.

    With `subject_pid`, those about one record alone. The entry of a refusal is `refused`.
    """

    verbs: Collection[str]
    refused: str
    most: int
    window: timedelta
    subject_pid: str | None = None


def is_spent(
    guesses: Guesses, *, actor: Actor, now: datetime, session: Session | None = None
) -> bool:
    """Return whether the account has no guess left."""
    query = (
        select(func.count(AuditEntry.id))
        .join(User, User.pid == AuditEntry.actor_pid)
        .where(
            User.id == actor.user_id,
            AuditEntry.verb.in_(guesses.verbs),
            AuditEntry.at > now - guesses.window,
        )
    )
    if guesses.subject_pid is not None:
        query = query.where(AuditEntry.subject_pid == guesses.subject_pid)
    return ((session or db.session()).scalar(query) or 0) >= guesses.most


def is_spent_for_sure(guesses: Guesses, *, actor: Actor, now: datetime) -> bool:
    """Return the same once everybody before has been counted; until the commit nobody else is."""
    audit.queue_up(db.session())
    return is_spent(guesses, actor=actor, now=now)


def count(
    guesses: Guesses,
    verb: str,
    subject: audit.HasPublicId | None,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """Count a guess before it is answered; return False where none was left: then refuse it.

    The entry, also of a refusal, stays whatever becomes of the request, which must have changed
    nothing: its transaction ends here.
    """
    db.session.rollback()
    with own_session() as session:
        audit.queue_up(session)
        is_left = not is_spent(guesses, actor=actor, now=now, session=session)
        audit.record(
            verb if is_left else guesses.refused, subject, actor=actor, now=now, session=session
        )
        session.commit()
    return is_left
