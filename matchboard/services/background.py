"""The record of work done in the background: queued, progress, result or failure.

The work itself is one transaction, so that nothing is half saved; what happens on the way is
written by short transactions of its own, so that others can see it meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matchboard.domain.background import UNFINISHED, TaskKind, TaskState
from matchboard.domain.errors import Conflict, NotFound
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.web import BackgroundTask
from matchboard.services import audit, transaction


def start(kind: TaskKind, *, actor: Actor, now: datetime) -> BackgroundTask:
    """Record that the actor asked for the work; it belongs to them alone."""
    if actor.user_id is None:
        raise NotFound
    task = BackgroundTask(
        kind=kind.value, owner_id=actor.user_id, state=TaskState.QUEUED.value, created_at=now
    )
    db.session.add(task)
    audit.record("task.start", task, actor=actor, now=now, kind=kind.value)
    return task


def get_task(pid: str, *, actor: Actor) -> BackgroundTask:
    """Return a task of the actor's own; raises `NotFound` for anybody else's."""
    query = select(BackgroundTask).where(
        BackgroundTask.pid == pid, BackgroundTask.owner_id == actor.user_id
    )
    task: BackgroundTask | None = db.session.scalar(query)
    if task is None:
        raise NotFound
    return task


def unfinished(kind: TaskKind, *, actor: Actor) -> BackgroundTask | None:
    """Return the actor's task of a kind that waits or runs, the newest if there are several."""
    return db.session.scalar(
        select(BackgroundTask)
        .where(
            BackgroundTask.kind == kind.value,
            BackgroundTask.owner_id == actor.user_id,
            BackgroundTask.state.in_(sorted(UNFINISHED)),
        )
        .order_by(BackgroundTask.id.desc())
        .limit(1)
    )


def begin(pid: str) -> Actor:
    """Note that a worker took the task up, and return for whom it works.

    Raises
    ------
    Conflict
        If it is not waiting: a queue may deliver twice, the work is done once.
    """
    with _own_transaction() as session:
        taken = session.execute(
            update(BackgroundTask)
            .where(BackgroundTask.pid == pid, BackgroundTask.state == TaskState.QUEUED.value)
            .values(state=TaskState.RUNNING.value)
            .returning(BackgroundTask.owner_id)
        ).scalar()
        if taken is None:
            raise Conflict
        return session.get_one(User, taken).actor


def note_progress(pid: str, *, done: int, total: int) -> None:
    """Let others see how far the work is.

    While the work's own transaction holds SQLite's write lock this does nothing: a second
    transaction would wait for the first, and the first for this call.
    """
    if transaction.holds_only_write_lock(db.session()):
        return
    with _own_transaction() as session:
        session.execute(
            update(BackgroundTask)
            .where(BackgroundTask.pid == pid, BackgroundTask.state == TaskState.RUNNING.value)
            .values(done=done, total=total)
        )


def finish(pid: str, *, result: Mapping[str, Any], now: datetime) -> None:
    """Record the result in the work's own transaction: both are saved or neither is."""
    _close(db.session(), pid, TaskState.DONE, now=now, result=dict(result))


def fail(pid: str, *, code: str, details: Mapping[str, Any], now: datetime) -> None:
    """Record why the work was undone; the caller has rolled it back."""
    with _own_transaction() as session:
        _close(session, pid, TaskState.FAILED, now=now, error=code, result=dict(details))


def fail_interrupted(*, now: datetime) -> int:
    """Close what was running when the worker stopped, and return how many (at its next start)."""
    with _own_transaction() as session:
        pids = session.scalars(
            select(BackgroundTask.pid)
            .where(BackgroundTask.state == TaskState.RUNNING.value)
            .order_by(BackgroundTask.id)
        ).all()
        for pid in pids:
            _close(session, pid, TaskState.FAILED, now=now, error="task_interrupted")
    return len(pids)


def _close(session: Session, pid: str, state: TaskState, *, now: datetime, **values: Any) -> None:
    session.execute(
        update(BackgroundTask)
        .where(BackgroundTask.pid == pid, BackgroundTask.state.in_(sorted(UNFINISHED)))
        .values(state=state.value, finished_at=now, **values)
    )


@contextmanager
def _own_transaction() -> Iterator[Session]:
    with Session(db.engine) as session, session.begin():
        yield session
