"""Background tasks: Huey runs them in a process of their own, with the daily tick.

A function registered with `@work(kind)` gets a `Progress` and the keyword arguments of `enqueue`
(codes, ids and file names; they travel through the queue). It does not commit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from huey import Huey, MemoryHuey, SqliteHuey, crontab

from matchboard.domain.background import TaskKind
from matchboard.domain.errors import Conflict, DomainError
from matchboard.domain.roles import Actor
from matchboard.models.web import BackgroundTask
from matchboard.ranking import retraining
from matchboard.ranking.words import sure_occupations
from matchboard.services import background, tick, transaction, vacancy_import
from matchboard.services.import_occupations import OccupationFrom

#: The tick runs hourly: it does only what is due, and a machine may sleep at any one hour.
TICK_MINUTE = 5


@dataclass(frozen=True, slots=True)
class Result:
    """What a task came to: figures by the names in `labels.tasks`, and where to look."""

    figures: Mapping[str, int] = field(default_factory=dict)
    link: str = ""


class Progress:
    """Tell how far the work is; written at most a hundred times, however often it is called."""

    def __init__(self, pid: str) -> None:
        self.pid = pid
        self._shown = -1

    def __call__(self, done: int, total: int) -> None:
        """Note that `done` of `total` steps are done."""
        percent = 100 * done // total if total else 0
        if percent != self._shown:
            self._shown = percent
            background.note_progress(self.pid, done=done, total=total)


Work = Callable[..., Result]
WORK: dict[TaskKind, Work] = {}


def work(kind: TaskKind) -> Callable[[Work], Work]:
    """Register the function that does the work of `kind`."""

    def register(function: Work) -> Work:
        WORK[kind] = function
        return function

    return register


@work(TaskKind.VACANCY_IMPORT)
def import_vacancies(progress: Progress, *, path: str, actor: Actor, now: datetime) -> Result:
    """Import a file of advertisements that was put on the server."""
    report = vacancy_import.import_vacancies(
        Path(path), actor=actor, now=now, on_progress=progress, suggest=sure_occupations
    )
    figures = {outcome.value: report.count(outcome) for outcome in vacancy_import.Outcome}
    figures |= {
        f"occupation_{source.value}": report.count_occupations(source) for source in OccupationFrom
    }
    return Result(figures=figures, link="/vacancies")


@work(TaskKind.RANKING_TRAINING)
def train_ranking(progress: Progress, *, actor: Actor, now: datetime) -> Result:
    """Train a ranking model from what became of past proposals; it stays a candidate."""
    trained = retraining.retrain(actor=actor, now=now, on_progress=progress)
    figures = {
        "outcomes": trained.model.n_outcomes,
        "gates_passed": trained.n_gates_passed,
        "gates_failed": trained.n_gates_failed,
    }
    return Result(figures=figures, link=f"/dashboard/ranking?model={trained.model.name}")


# --- The queue ----------------------------------------------------------------------------------


def enqueue(kind: TaskKind, *, actor: Actor, now: datetime, **arguments: Any) -> BackgroundTask:
    """Queue work for after the present request's commit and return its record (`/tasks/<pid>`)."""
    task = background.start(kind, actor=actor, now=now)
    pid = task.pid  # read now: after the commit it would open a transaction in the worker's way
    huey_of(current_app)
    send = current_app.extensions["huey_run_work"]
    transaction.after_commit(lambda: send(pid, kind.value, arguments))
    return task


def run(pid: str, kind: TaskKind, arguments: Mapping[str, Any]) -> None:
    """Do a task's work, whose writes are one transaction, and record how it ended."""
    now = current_app.config["CLOCK"]()
    try:
        owner = background.begin(pid)
    except Conflict:
        current_app.logger.warning("task %s was delivered twice", pid)
        return
    try:
        result = WORK[kind](Progress(pid), actor=owner, now=now, **arguments)
        background.finish(pid, result=asdict(result), now=now)
        transaction.commit()
    except DomainError as error:
        transaction.rollback()
        details = {name: str(value) for name, value in error.details.items()}
        background.fail(pid, code=error.code, details=details, now=now)
    except Exception:
        transaction.rollback()
        current_app.logger.exception("task %s of kind %s failed", pid, kind.value)
        background.fail(pid, code="task_failed", details={}, now=now)


def run_tick(now: datetime) -> tick.TickReport:
    """Do what is due and commit."""
    report = tick.run(now=now)
    transaction.commit()
    return report


def huey_of(app: Flask) -> Huey:
    """Return the application's queue, opened when first needed."""
    if "huey" not in app.extensions:
        app.extensions["huey"] = _build(app)
    queue: Huey = app.extensions["huey"]
    return queue


def _build(app: Flask) -> Huey:
    queue = _connect(app.config)

    @queue.task(name="run_work")
    def run_work(pid: str, kind: str, arguments: dict[str, Any]) -> None:
        with app.app_context():
            run(pid, TaskKind(kind), arguments)

    @queue.periodic_task(crontab(minute=str(TICK_MINUTE)), name="tick")
    def do_tick() -> None:
        with app.app_context():
            report = run_tick(app.config["CLOCK"]())
            app.logger.info("tick: %s", asdict(report))

    app.extensions["huey_run_work"] = run_work
    return queue


def _connect(config: Mapping[str, Any]) -> Huey:
    """Open the queue: a SQLite file, Redis by its address, or none at all (tests)."""
    if config.get("HUEY_IMMEDIATE"):
        return MemoryHuey("matchboard", immediate=True, results=False)
    if config["HUEY_URL"]:
        # The client library is an extra: the embedded queue needs none.
        from huey import RedisHuey

        return RedisHuey("matchboard", url=config["HUEY_URL"], results=False)
    path = Path(config["QUEUE_FILE"])
    path.parent.mkdir(parents=True, exist_ok=True)
    return SqliteHuey("matchboard", filename=str(path), timeout=30, results=False)
