"""The one commit point and what a lost race is called."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from matchboard.domain.errors import Conflict, DomainError, StaleEdit
from matchboard.extensions import db

#: Errors of the database that mean "somebody else was faster".
LOST_RACE = (IntegrityError, StaleDataError)


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
        callback()


def holds_only_write_lock(session: Session) -> bool:
    """Return whether another writer would wait for this session: SQLite has one at a time."""
    if session.get_bind().dialect.name != "sqlite" or not session.in_transaction():
        return False
    options = session.connection().get_execution_options()
    return bool(options.get("sqlite_begin", "IMMEDIATE") == "IMMEDIATE")


def rollback() -> None:
    """Forget everything not committed, and what waited for it."""
    db.session.rollback()
    db.session.info.pop("after_commit", None)


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
