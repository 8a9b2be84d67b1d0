"""Whether what the site rests on answers: a list of named checks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from matchboard.extensions import db
from matchboard.services import disk, keys, workers

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """What a check found; pages go on unless it stops them."""

    name: str
    words: str
    stops_pages: bool


@dataclass(frozen=True, slots=True)
class Check:
    """A named question: `find` returns nothing, or says what is wrong."""

    name: str
    find: Callable[[datetime], str]
    stops_pages: bool = True


def problems(*, now: datetime, has_workers: bool = True) -> list[Problem]:
    """Ask every check; `has_workers` is false where nothing is done in the background (tests).

    What stops the pages comes first and alone: without it the other checks could not tell.
    """
    found = []
    for check in CHECKS:
        if check.name == "worker" and not has_workers:
            continue
        words = check.find(now)
        if words:
            found.append(Problem(check.name, words, check.stops_pages))
            if check.stops_pages:
                break
    return found


def _find_database(_now: datetime) -> str:
    try:
        with _reading() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        _LOG.error("the database does not answer: %s", type(error).__name__)
        return "the database does not answer"
    return ""


def _find_disk(_now: datetime) -> str:
    """Pages that are read go on without it; nothing anybody does would be saved."""
    return "" if disk.is_writable() else "nothing can be written: is the disk full or read-only?"


def _find_worker(now: datetime) -> str:
    """A dead worker stops no page; it comes back by itself, or somebody has to look."""
    try:
        with _reading() as session:
            silence = workers.silence(session, now=now)
    except SQLAlchemyError as error:
        _LOG.error("the worker's signs cannot be read: %s", type(error).__name__)
        return "the background worker's signs of life cannot be read"
    if silence is None:
        return "the background worker is away (it was never seen); pages go on"
    if not silence:
        return ""
    seconds = int(silence.total_seconds())
    return f"the background worker is away (last seen {seconds} s ago); pages go on"


@contextmanager
def _reading() -> Iterator[Session]:
    """Yield a session on a connection of its own; a writer must not delay it."""
    with db.engine.connect() as connection:
        connection.execution_options(sqlite_begin="DEFERRED")
        with Session(connection) as session:
            yield session


def _find_keys(_now: datetime) -> str:
    try:
        with _reading() as session:
            wrong = keys.wrong_keys(session)
    except SQLAlchemyError as error:
        _LOG.error("the proof of the keys cannot be read: %s", type(error).__name__)
        return "the proof of the keys cannot be read: is the database of this version?"
    return f"not the key this database was written with: {', '.join(wrong)}" if wrong else ""


CHECKS: tuple[Check, ...] = (
    Check("database", _find_database),
    Check("keys", _find_keys),
    Check("disk", _find_disk),
    Check("worker", _find_worker, stops_pages=False),
)
