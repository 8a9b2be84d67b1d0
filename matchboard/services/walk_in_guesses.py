"""Stop whoever tries birth dates until one fits a public id.

Guesses count by what was typed, also where nobody has that id: being stopped says nothing about
who exists. The audit log is the counter, so nothing else is kept of a guess.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from matchboard.domain.errors import Conflict
from matchboard.domain.pids import is_pid
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.audit import AuditEntry
from matchboard.services import audit, clients

MAX_WRONG = 5
WINDOW = timedelta(hours=1)
WRONG, REFUSED = "enrolment.walk_in_wrong", "enrolment.walk_in_refused"


def require_few(client_pid: str, *, actor: Actor, now: datetime) -> None:
    """Refuse an account that was wrong too often of late about one public id.

    Raises
    ------
    Conflict
        `walk_in_guessed`; the refusal is on record.
    """
    n_wrong = db.session.scalar(
        select(func.count(AuditEntry.id))
        .join(User, User.pid == AuditEntry.actor_pid)
        .where(
            User.id == actor.user_id,
            AuditEntry.verb == WRONG,
            AuditEntry.subject_pid == client_pid,
            AuditEntry.at > now - WINDOW,
        )
    )
    if (n_wrong or 0) >= MAX_WRONG:
        _record(REFUSED, client_pid, actor=actor, now=now)
        raise Conflict("walk_in_guessed", minutes=int(WINDOW.total_seconds()) // 60)


def count_wrong(client_pid: str, *, actor: Actor, now: datetime) -> None:
    """Count a wrong guess; what is no public id at all is on record without one."""
    _record(WRONG, client_pid, actor=actor, now=now)


def _record(verb: str, client_pid: str, *, actor: Actor, now: datetime) -> None:
    """Write the entry in a transaction of its own: the refused request is rolled back."""
    subject = clients.RecordRef(client_pid) if is_pid(client_pid) else None
    audit.record_at_once(verb, subject, actor=actor, now=now)
