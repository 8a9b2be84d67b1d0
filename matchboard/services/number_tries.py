"""Stop whoever tries identity numbers until one belongs to somebody.

With a birth date and a county three digits are left: a thousand tries say whether a person is on
the register. Each number that nobody of the actor's own people bears is on record, never the number
itself, and an account has so many in an hour. The audit log is the counter.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from matchboard.domain.errors import InvalidInput
from matchboard.domain.roles import Actor
from matchboard.services import audit, guesses
from matchboard.services.guesses import Guesses

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
    if guesses.is_spent(_tries(), actor=actor, now=now):
        raise _refusal()


def count_answer(holder: audit.HasPublicId | None, *, actor: Actor, now: datetime) -> None:
    """Note, before it is said, that another office's person bears a number, or that nobody does.

    Ends the request's transaction.

    Raises
    ------
    InvalidInput
        As `require_few`, if it was one too many: the answer must not be given.
    """
    verb = MISS if holder is None else HIT
    if not guesses.count(_tries(), verb, holder, actor=actor, now=now):
        raise _refusal()


def count_saved(*, actor: Actor, now: datetime) -> None:
    """Note, with the request's own changes, that nobody bore a number; raises as `require_few`."""
    if guesses.is_spent_for_sure(_tries(), actor=actor, now=now):
        raise _refusal()
    audit.record(MISS, None, actor=actor, now=now)


def count_refused(*, actor: Actor, now: datetime) -> None:
    """Note that an account went on asking; ends the request's transaction."""
    audit.record_at_once(REFUSED, None, actor=actor, now=now)


def _tries() -> Guesses:
    return Guesses((MISS, HIT), REFUSED, MAX_TRIES, WINDOW)


def _refusal() -> InvalidInput:
    minutes = int(WINDOW.total_seconds()) // 60
    return InvalidInput(REFUSAL, field="identity_number", most=MAX_TRIES, minutes=minutes)
