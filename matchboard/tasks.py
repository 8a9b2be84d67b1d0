"""Background tasks: Huey runs them in a process of their own, with the daily tick.

A function registered with `@work(kind)` gets a `Progress` and the keyword arguments of `enqueue`
(codes, ids and file names). It does not commit.

What a kind of work needs is imported by it: between tasks the process stays small.

A task is its row in the database. The queue is a bell: a ring says "look what waits", and the
worker looks by itself every minute, so that a lost ring delays work and loses none.
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
from matchboard.services import audit_anchors, audit_beginnings, background, tick, transaction
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
    from matchboard.ranking.words import sure_occupations
    from matchboard.services import vacancy_import

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
    from matchboard.ranking import retraining

    trained = retraining.retrain(actor=actor, now=now, on_progress=progress)
    figures = {
        "outcomes": trained.model.n_outcomes,
        "gates_passed": trained.n_gates_passed,
        "gates_failed": trained.n_gates_failed,
    }
    return Result(figures=figures, link=f"/dashboard/ranking?model={trained.model.name}")


# --- The queue ----------------------------------------------------------------------------------


def enqueue(kind: TaskKind, *, actor: Actor, now: datetime, **arguments: Any) -> BackgroundTask:
    """Record work to be done after the present request's commit; return it (`/tasks/<pid>`)."""
    task = background.start(kind, actor=actor, now=now, arguments=arguments)
    ring_after_commit()
    return task


def enqueue_again(pid: str, *, actor: Actor, now: datetime) -> BackgroundTask:
    """Record that failed work shall be done once more."""
    task = background.start_again(pid, actor=actor, now=now)
    ring_after_commit()
    return task


def ring_after_commit() -> None:
    """Wake the worker once the request has committed; what it asked for is safe by then."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    transaction.after_commit(lambda: _ring(app))


def _ring(app: Flask) -> None:
    try:
        huey_of(app)
        app.extensions["huey_bell"]()
    except Exception:
        # Saved it is, and the worker will look; the request must not fail for it.
        app.logger.exception("the queue does not answer: the worker looks within a minute")


def work_off(worker: str = "") -> None:
    """Do whatever waits, the oldest first, until nothing does."""
    done: set[str] = set()
    while new := [pid for pid in background.waiting() if pid not in done]:
        for pid in new:
            done.add(pid)
            run(pid, worker=worker)


def look_around(worker: str, *, now: datetime) -> None:
    """Close what a dead worker left, then do what waits, whether or not a ring was heard."""
    background.fail_interrupted(now=now)
    work_off(worker)


def wake(*, now: datetime) -> None:
    """Look around as soon as the queue is served (the worker's start)."""
    background.fail_interrupted(now=now)
    _ring(current_app._get_current_object())  # type: ignore[attr-defined]


def run(pid: str, *, worker: str = "") -> None:
    """Do a task's work, whose writes are one transaction, and record how it ended."""
    now = current_app.config["CLOCK"]()
    try:
        work = background.begin(pid, worker=worker)
    except Conflict:
        current_app.logger.info("task %s was taken up already", pid)
        return
    try:
        result = WORK[work.kind](Progress(pid), actor=work.owner, now=now, **work.arguments)
        background.finish(pid, result=asdict(result), now=now)
        transaction.commit()
    except DomainError as error:
        transaction.rollback()
        details = {name: str(value) for name, value in error.details.items()}
        background.fail(pid, code=error.code, details=details, now=now)
    except Exception:
        transaction.rollback()
        current_app.logger.exception("task %s of kind %s failed", pid, work.kind.value)
        background.fail(pid, code="task_failed", details={}, now=now)


def run_tick(now: datetime) -> tick.TickReport:
    """Do what is due, commit, and write down how long the audit log is now."""
    report = tick.run(now=now)
    transaction.commit()
    audit_beginnings.begin(now=now)
    audit_anchors.write_down("tick", now=now)
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
    def bell(*_of_older_releases: Any) -> None:
        with app.app_context():
            work_off(app.config.get("WORKER_NAME", ""))

    @queue.periodic_task(crontab(), name="look_around")
    def look() -> None:
        with app.app_context():
            look_around(app.config.get("WORKER_NAME", ""), now=app.config["CLOCK"]())

    @queue.periodic_task(crontab(minute=str(TICK_MINUTE)), name="tick")
    def do_tick() -> None:
        with app.app_context():
            report = run_tick(app.config["CLOCK"]())
            app.logger.info("tick: %s", asdict(report))

    app.extensions["huey_bell"] = bell
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
