"""Whether anything can be written: tried, since a full or read-only disk still answers questions.

The try leaves nothing behind. A good answer holds for a few seconds, however often it is asked for;
a bad one is asked anew each time.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from matchboard.extensions import db
from matchboard.services import transaction

#: Room a few pages of the database and its journal need.
ROOM_BYTES = 1 << 20
GOOD_FOR_S = 5.0
_WAIT_S = 0.5
_LOG = logging.getLogger(__name__)
_good_until: dict[str, float] = {}


def is_writable() -> bool:
    """Return whether a transaction can be written, and whether there is room for more."""
    key = str(db.engine.url)
    if monotonic() < _good_until.get(key, 0.0):
        return True
    try:
        with db.engine.execution_options(lock_wait_s=_WAIT_S).connect() as connection:
            _try_to_write(connection)
        _reserve_room(db.engine.url.database if db.engine.dialect.name == "sqlite" else None)
    except (SQLAlchemyError, OSError) as error:
        if transaction.is_busy(error):
            return True  # somebody is writing
        _LOG.error("nothing can be written: %s", type(error).__name__)
        _good_until.pop(key, None)
        return False
    _good_until[key] = monotonic() + GOOD_FOR_S
    return True


def doubt() -> None:
    """Ask anew next time: something has just failed to be written."""
    _good_until.clear()


def _try_to_write(connection: Connection) -> None:
    """Open a transaction that may write; it changes no row, and on SQLite not a byte.

    That a commit finds room is `_reserve_room`'s to see there; a server must write to know.
    """
    if connection.dialect.name == "sqlite":
        # A number of the file's owner, which nobody else here uses: set as it is, then let be.
        (number,) = connection.execute(text("PRAGMA user_version")).one()
        connection.execute(text(f"PRAGMA user_version = {int(number)}"))
        connection.rollback()
        return
    if connection.scalar(text("SHOW transaction_read_only")) == "on":
        raise OSError("the database is read-only")
    connection.execute(text("SELECT pg_logical_emit_message(true, 'readyz', '')"))
    connection.commit()


def _reserve_room(database: str | None) -> None:
    if database is None or not Path(database).exists():
        return  # the server's disk is the server's to watch
    with TemporaryFile(dir=Path(database).parent) as file:
        os.posix_fallocate(file.fileno(), 0, ROOM_BYTES)
