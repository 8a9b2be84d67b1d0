"""Whether the keys of the environment are those of this database.

A restored backup with other keys looks well until somebody opens a person: pages fail, new records
are written under a second key, and a number already registered is not found again. One row written
under both keys tells at once.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import InvalidToken
from sqlalchemy import Table, Text, cast, select
from sqlalchemy.orm import Session

from matchboard.crypto import decrypt, encrypt, lookup_digest
from matchboard.extensions import db
from matchboard.models.keys import KeyProof
from matchboard.models.types import EncryptedText

ENCRYPTION, LOOKUP = "MATCHBOARD_ENCRYPTION_KEY", "MATCHBOARD_LOOKUP_KEY"
_WORDS = "matchboard"
_KIND = "key_proof"


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """How much of an encrypted column the present keys read."""

    column: str
    n_read: int
    n_unreadable: int


def prove(*, now: datetime) -> None:
    """Write the row that later proves the keys, if there is none yet."""
    if db.session.get(KeyProof, 1) is None:
        db.session.add(
            KeyProof(
                id=1, encrypted=encrypt(_WORDS), digest=lookup_digest(_KIND, _WORDS), made_at=now
            )
        )


def wrong_keys(session: Session | None = None) -> tuple[str, ...]:
    """Return the settings whose key is not the one this database was written with.

    A database without the row (made by hand, or by a test) proves nothing and is believed.
    """
    source = session if session is not None else db.session()
    stored = source.execute(select(KeyProof.encrypted, KeyProof.digest)).first()
    if stored is None:
        return ()
    wrong = []
    if _read(stored.encrypted) != _WORDS:
        wrong.append(ENCRYPTION)
    if not hmac.compare_digest(stored.digest, lookup_digest(_KIND, _WORDS)):
        wrong.append(LOOKUP)
    return tuple(wrong)


def read_everything() -> Iterator[ColumnReport]:
    """Try the keys on every encrypted value of the database, column by column."""
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, EncryptedText):
                yield _try_column(table, column.name)


def _try_column(table: Table, name: str) -> ColumnReport:
    stored = cast(table.c[name], Text)  # as it lies there: the column's own type would decrypt it
    query = select(stored).where(table.c[name].is_not(None)).execution_options(yield_per=1000)
    n_read = n_unreadable = 0
    for (token,) in db.session.execute(query):
        # An empty text is stored as it is where a column was never filled.
        if token == "" or _read(token) is not None:
            n_read += 1
        else:
            n_unreadable += 1
    return ColumnReport(f"{table.name}.{name}", n_read, n_unreadable)


def _read(token: str) -> str | None:
    try:
        return decrypt(token)
    except InvalidToken:
        return None
