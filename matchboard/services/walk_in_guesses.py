"""Stop whoever tries birth dates until one fits a public id.

Guesses count by what was typed, also where nobody has that id: being stopped says nothing about
who exists. The audit log is the counter, so nothing else is kept of a guess.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from matchboard.domain.errors import Conflict
from matchboard.domain.pids import is_pid
from matchboard.domain.roles import Actor
from matchboard.services import audit, clients, guesses
from matchboard.services.guesses import Guesses

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
    if guesses.is_spent(_of(client_pid), actor=actor, now=now):
        _refuse(client_pid, actor=actor, now=now)


def require_few_for_sure(client_pid: str, *, actor: Actor, now: datetime) -> None:
    """Judge a right guess after all that were sent with it; raises as `require_few`."""
    if guesses.is_spent_for_sure(_of(client_pid), actor=actor, now=now):
        _refuse(client_pid, actor=actor, now=now)


def count_wrong(client_pid: str, *, actor: Actor, now: datetime) -> None:
    """Count a wrong guess; what is no public id at all is on record without one.

    Raises
    ------
    Conflict
        `walk_in_guessed` if it was one too many; the refusal is on record.
    """
    if not guesses.count(_of(client_pid), WRONG, _subject(client_pid), actor=actor, now=now):
        raise _guessed()


def _of(client_pid: str) -> Guesses:
    return Guesses((WRONG,), REFUSED, MAX_WRONG, WINDOW, subject_pid=client_pid)


def _subject(client_pid: str) -> clients.RecordRef | None:
    return clients.RecordRef(client_pid) if is_pid(client_pid) else None


def _refuse(client_pid: str, *, actor: Actor, now: datetime) -> None:
    """Refuse, on record in a transaction of its own: the refused request is rolled back."""
    audit.record_at_once(REFUSED, _subject(client_pid), actor=actor, now=now)
    raise _guessed()


def _guessed() -> Conflict:
    return Conflict("walk_in_guessed", minutes=int(WINDOW.total_seconds()) // 60)
