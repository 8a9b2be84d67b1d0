"""The record of work done in the background: asked for, progress, result or failure.

The row is the truth: what is to be done stands in it, in the transaction of the request that asked.
The work itself is one transaction, so that nothing is half saved; what happens on the way is
written by short transactions of its own, so that others can see it meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matchboard.domain.background import UNFINISHED, TaskKind, TaskState
from matchboard.domain.codes import UnknownCode, read_code
from matchboard.domain.errors import Conflict, NotFound
from matchboard.domain.roles import Actor, Permission, is_granted
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.web import BackgroundTask
from matchboard.services import audit, transaction, workers

#: Who may ask for each kind of work.
NEEDED: dict[TaskKind, Permission] = {
    TaskKind.VACANCY_IMPORT: Permission.TASK_READ,
    TaskKind.RANKING_TRAINING: Permission.RANKING_STEER,
}


def start(
    kind: TaskKind,
    *,
    actor: Actor,
    now: datetime,
    arguments: Mapping[str, Any] | None = None,
) -> BackgroundTask:
    """Record that the actor asked for the work; it belongs to them alone."""
    if actor.user_id is None:
        raise NotFound
    task = BackgroundTask(
        kind=kind.value,
        owner_id=actor.user_id,
        state=TaskState.QUEUED.value,
        arguments=dict(arguments or {}),
        created_at=now,
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


def start_again(pid: str, *, actor: Actor, now: datetime) -> BackgroundTask:
    """Let a task of the actor's own that failed be done once more, under the same address.

    Asking twice is asking once: a task that waits, runs or is done stays as it is. While another
    of the same kind and for the same things is under way, that one is returned.
    """
    task = get_task(pid, actor=actor)
    kind = read_code(TaskKind, task.kind)
    if isinstance(kind, UnknownCode) or not is_granted(actor.role, NEEDED[kind]):
        raise NotFound
    other = unfinished(kind, actor=actor)
    if other is not None and other.arguments == task.arguments:
        return other
    again = db.session.execute(
        update(BackgroundTask)
        .where(BackgroundTask.pid == pid, BackgroundTask.state == TaskState.FAILED.value)
        .values(
            state=TaskState.QUEUED.value, done=0, total=0, result={}, error="", finished_at=None
        )
        .returning(BackgroundTask.id)
    ).scalar()
    if again is not None:
        audit.record("task.start", task, actor=actor, now=now, kind=task.kind)
    return task


def waiting() -> list[str]:
    """Return the ids of the tasks that nobody has taken up yet, the oldest first."""
    with _own_transaction(read_only=True) as session:
        return list(
            session.scalars(
                select(BackgroundTask.pid)
                .where(BackgroundTask.state == TaskState.QUEUED.value)
                .order_by(BackgroundTask.id)
            )
        )


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker took up."""

    kind: TaskKind
    owner: Actor
    arguments: Mapping[str, Any]


def begin(pid: str, *, worker: str = "") -> Work:
    """Note that a worker took the task up, and return what is to be done, and for whom.

    Raises
    ------
    Conflict
        If it is not waiting: a queue may deliver twice, the work is done once.
    """
    with _own_transaction() as session:
        taken = session.execute(
            update(BackgroundTask)
            .where(BackgroundTask.pid == pid, BackgroundTask.state == TaskState.QUEUED.value)
            .values(state=TaskState.RUNNING.value, worker=worker)
            .returning(BackgroundTask.kind, BackgroundTask.owner_id, BackgroundTask.arguments)
        ).one_or_none()
        if taken is None:
            raise Conflict
        owner = session.get_one(User, taken.owner_id).actor
        return Work(TaskKind(taken.kind), owner, dict(taken.arguments))


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
    """Close what was running with a worker that is dead, and return how many.

    It is not done again by itself: it may be what killed the worker.
    """
    dead = select(BackgroundTask.pid).where(BackgroundTask.state == TaskState.RUNNING.value)
    with _own_transaction(read_only=True) as session:
        running = list(session.execute(dead.add_columns(BackgroundTask.worker)))
        at_work = set(workers.names_at_work(session, now=now)) if running else set()
    pids = [pid for pid, worker in running if worker not in at_work]
    if not pids:
        return 0  # asked every minute: no lock is taken to write nothing
    with _own_transaction() as session:
        for pid in sorted(pids):
            _close(session, pid, TaskState.FAILED, now=now, error="task_interrupted")
    return len(pids)


def _close(session: Session, pid: str, state: TaskState, *, now: datetime, **values: Any) -> None:
    session.execute(
        update(BackgroundTask)
        .where(BackgroundTask.pid == pid, BackgroundTask.state.in_(sorted(UNFINISHED)))
        .values(state=state.value, finished_at=now, **values)
    )


@contextmanager
def _own_transaction(*, read_only: bool = False) -> Iterator[Session]:
    with db.engine.connect() as connection:
        if read_only:  # on SQLite a writer must not delay it, nor it a writer
            connection.execution_options(sqlite_begin="DEFERRED")
        with Session(connection) as session, session.begin():
            yield session
