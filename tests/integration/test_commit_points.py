"""Locked, or killed, at each commit point of each writing request.

Whoever else holds the database's lock at whichever of a request's transactions: the answer is 503
within its few seconds, nothing is half saved, and the same request succeeds once the lock is gone.
A process killed the moment after a commit leaves records that agree, and its request sent once more
is no error; what it asked for in the background is found by the worker. `make crash` kills truly.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from time import monotonic
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from matchboard import extensions, tasks
from matchboard.domain.background import UNFINISHED
from matchboard.extensions import db
from matchboard.models import BackgroundTask
from matchboard.services import audit, audit_folds
from tests.integration.whole_rows import rows_of
from tests.integration.writing_requests import WRITINGS, Writing

WAIT_S = 0.02
#: No request has more transactions than that.
MOST_COMMITS = 6


class Killed(BaseException):
    """The process is gone; nobody handles that."""


@pytest.fixture(autouse=True)
def _wait_briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extensions, "REQUEST_WAIT_S", WAIT_S)
    monkeypatch.setattr(extensions, "_LEAST_WAIT_S", WAIT_S)


@pytest.fixture(scope="module", autouse=True)
def _show_what_waits(shared_app: Flask) -> Iterator[None]:
    """Let a transaction that waits for as long as it takes wait for a minute."""

    def patiently(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA busy_timeout=60000")

    db.engine.dispose()
    event.listen(db.engine, "connect", patiently)
    yield
    event.remove(db.engine, "connect", patiently)
    assert audit.verify().is_intact


@contextmanager
def locked_after(n_commits: int) -> Iterator[None]:
    """Let somebody else take SQLite's lock after so many commits, and keep it."""
    path, commit, seen = str(db.engine.url.database), db.engine.dialect.do_commit, [0]
    with closing(sqlite3.connect(path, isolation_level=None)) as other:

        def take_if_due() -> None:
            if seen[0] == n_commits:
                other.execute("BEGIN IMMEDIATE")

        def note(connection: Any) -> None:
            commit(connection)
            seen[0] += 1
            take_if_due()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(db.engine.dialect, "do_commit", note)
            take_if_due()
            yield


@contextmanager
def killed_after(n_commits: int) -> Iterator[None]:
    """Let the process end the moment after a commit; the kernel closes what it had open."""
    commit, seen = db.engine.dialect.do_commit, [0]

    def die(connection: Any) -> None:
        commit(connection)
        seen[0] += 1
        if seen[0] == n_commits:
            raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db.engine.dialect, "do_commit", die)
        yield
    db.session.remove()
    db.engine.dispose()


def broken() -> dict[str, int]:
    """Return how many records break each rule; rows made for a test begin in the middle."""
    checks = [check for check in audit_folds.run() if not check.name.endswith("_path")]
    db.session.rollback()
    return {check.name: check.n_bad for check in checks}


# A process that is killed closes nothing.
@pytest.mark.filterwarnings("ignore:.*SpooledTemporaryFile:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")
@pytest.mark.parametrize("writing", WRITINGS, ids=str)
def test_request_is_refused_whole_or_done_when_locked_or_killed_at_a_commit(
    writing: Writing, shared_app: Flask
) -> None:
    ready = writing.prepare(shared_app)
    before, rows = broken(), rows_of(shared_app)
    statuses = []
    for n_commits in range(MOST_COMMITS):
        with locked_after(n_commits):
            began = monotonic()
            statuses.append(ready.send().status)
        assert monotonic() - began < 30  # the machine may be busy
        if statuses[-1] != 503:
            break
        assert n_commits or rows_of(shared_app) == rows
        with killed_after(n_commits + 1), suppress(Killed):
            ready.send()
    assert statuses[-1] < 500
    assert len(statuses) > 1 or not writing.changes_rows
    assert not writing.changes_rows or rows_of(shared_app) != rows
    assert {n: c for n, c in broken().items() if c > before[n]} == {}
    tasks.work_off()
    waits = db.select(BackgroundTask.pid).where(BackgroundTask.state.in_(sorted(UNFINISHED)))
    assert db.session.scalars(waits).all() == []
    db.session.rollback()
