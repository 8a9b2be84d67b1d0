"""Public ids: short, unguessable, easy to read out; never the database's own ids."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: No vowels and no look-alikes (0/o, 1/l/i): 8 characters give 28^8 ≈ 3.8e11 ids.
ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"
LENGTH = 8
#: Letters of a code name.
CODE_NAME_LENGTH = 4

_source: ContextVar[random.Random | None] = ContextVar("pid_source", default=None)


def new_pid() -> str:
    """Return a new public id of `LENGTH` characters."""
    source = _source.get() or secrets.SystemRandom()
    return "".join(source.choice(ALPHABET) for _ in range(LENGTH))


def new_code_name(*, unlike: str = "") -> str:
    """Return letters that stand for a person in one referral; the next has others.

    They never begin like `unlike`: a person's initials drawn by chance would look derived.

    160,000 of them: enough that an employer does not meet the same ones for somebody else, and
    short enough to be said on the telephone.
    """
    source = _source.get() or secrets.SystemRandom()
    letters = [c for c in ALPHABET if c.isalpha()]
    while True:
        drawn = "".join(source.choice(letters) for _ in range(CODE_NAME_LENGTH)).upper()
        if not unlike or not drawn.startswith(unlike.upper()):
            return drawn


def is_pid(text: str) -> bool:
    """Return whether a text can be a public id."""
    return len(text) == LENGTH and set(text) <= set(ALPHABET)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Make ids repeatable inside the block (the demo district only)."""
    token = _source.set(random.Random(seed))  # noqa: S311  # repeatable on purpose
    try:
        yield
    finally:
        _source.reset(token)
