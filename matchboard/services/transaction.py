"""The one commit point, what a lost race is called, and when the database cannot serve."""

from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, TimeoutError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from matchboard.domain.errors import Conflict, DomainError, StaleEdit
from matchboard.extensions import db

#: Errors of the database that mean "somebody else was faster".
LOST_RACE = (IntegrityError, StaleDataError)
#: Errors of the database; `is_unavailable` tells those that pass from defects of ours.
FAULTS = (DBAPIError, TimeoutError, OSError)

#: Classes of SQLSTATE that speak of the server's state, not of the statement: connection,
#: transaction rolled back (deadlock), resources (a full disk), object in use (a lock not to be
#: had in time), operator intervention, system error; and a server that may only be read.
_SERVER_STATES = ("08", "40", "53", "55", "57", "58", "25006")
_LOCK_TIMEOUT = "55P03"
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
_LOG = logging.getLogger(__name__)


def is_unavailable(error: Exception) -> bool:
    """Return whether the database cannot be asked or written now: locked, full, read-only, away.

    A file of ours that finds no room on the disk is the same misfortune.
    """
    if isinstance(error, TimeoutError):
        return True
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_SERVER_STATES)
    # SQLite calls a missing table operational too, and a connection lost has no state at all.
    code = getattr(error.orig, "sqlite_errorcode", None)
    is_ours = code is not None and code & 0xFF == sqlite3.SQLITE_ERROR
    return error.connection_invalidated or (isinstance(error, OperationalError) and not is_ours)


def is_busy(error: Exception) -> bool:
    """Return whether the database was only kept waiting too long by somebody else's writing."""
    origin = getattr(error, "orig", None)
    code = getattr(origin, "sqlite_errorcode", 0) or 0
    return code & 0xFF == sqlite3.SQLITE_BUSY or getattr(origin, "sqlstate", "") == _LOCK_TIMEOUT


def translate(error: Exception) -> DomainError:
    """Return the typed error for a lost race."""
    if isinstance(error, StaleDataError):
        return StaleEdit()
    return Conflict("constraint", constraint=str(getattr(error, "orig", error))[:200])


def after_commit(callback: Callable[[], None]) -> None:
    """Run `callback` once the present transaction has committed (mail, messages, caches)."""
    db.session.info.setdefault("after_commit", []).append(callback)


def commit() -> None:
    """Commit the session and run what waited for it.

    What fails afterwards is logged: it cannot take back what has been saved.

    Raises
    ------
    Conflict
        If a constraint or a version check fails; the session is rolled back then.
    """
    try:
        db.session.commit()
    except LOST_RACE as error:
        rollback()
        raise translate(error) from error
    for callback in db.session.info.pop("after_commit", []):
        try:
            callback()
        except Exception:
            _LOG.exception("what was to follow a commit failed")


def holds_only_write_lock(session: Session) -> bool:
    """Return whether another writer would wait for this session: SQLite has one at a time."""
    if session.get_bind().dialect.name != "sqlite" or not session.in_transaction():
        return False
    options = session.connection().get_execution_options()
    return bool(options.get("sqlite_begin", "IMMEDIATE") == "IMMEDIATE")


def rollback() -> None:
    """Forget everything not committed, and what waited for it; never fails."""
    db.session.info.pop("after_commit", None)
    try:
        db.session.rollback()
    except FAULTS:
        _LOG.exception("a connection could not be rolled back and is given up")
        db.session().invalidate()


def flush() -> None:
    """Send pending changes to the database without committing.

    Raises
    ------
    Conflict
        If a constraint or a version check fails.
    """
    try:
        db.session.flush()
    except LOST_RACE as error:
        rollback()
        raise translate(error) from error
