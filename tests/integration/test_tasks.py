"""Background tasks: queued after the commit, done once, wholly or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from huey import SqliteHuey
from sqlalchemy import func, select

from matchboard import tasks
from matchboard.domain.background import TaskKind, TaskState
from matchboard.domain.errors import InvalidInput, NotFound
from matchboard.domain.roles import SYSTEM, Role
from matchboard.extensions import begin_read_only, db
from matchboard.models import BackgroundTask, Submission, User
from matchboard.services import background, transaction
from tests.client import QualityClient
from tests.conftest import Clock
from tests.factories import NOW, UserFactory

KIND = TaskKind.VACANCY_IMPORT


@pytest.fixture
def owner(app: Flask) -> User:
    user: User = UserFactory(role=Role.OFFICER)
    return user


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Replace the work of the one kind by a function the test describes."""
    plan: dict[str, Any] = {"error": None, "n_runs": 0, "seen": []}

    def do(progress: tasks.Progress, *, actor: Any, now: datetime, **arguments: Any) -> Any:
        plan["n_runs"] += 1
        plan["seen"].append((actor, now, arguments))
        begin_read_only()
        for step in range(1, 5):
            progress(step, 4)
            plan["progress"] = _progress()
        transaction.rollback()
        db.session.add(Submission(key="half", created_at=now))
        db.session.flush()
        progress(1, 4)  # must not wait for the lock this very work holds
        if plan["error"] is not None:
            raise plan["error"]
        return tasks.Result(figures={"created": 3}, link="/vacancies")

    monkeypatch.setitem(tasks.WORK, KIND, do)
    return plan


def _progress() -> tuple[int, int]:
    """Return what somebody else sees."""
    with db.engine.connect().execution_options(sqlite_begin="DEFERRED") as connection:
        row = connection.execute(select(BackgroundTask.done, BackgroundTask.total)).one()
    return row.done, row.total


def enqueue(owner: User, **arguments: Any) -> BackgroundTask:
    task = tasks.enqueue(KIND, actor=owner.actor, now=NOW, **arguments)
    transaction.commit()
    return task


def n_submissions() -> int:
    return db.session.scalar(select(func.count()).select_from(Submission)) or 0


def test_task_is_done_when_the_request_has_committed(
    owner: User, work: dict[str, Any], clock: Clock
) -> None:
    task = tasks.enqueue(KIND, actor=owner.actor, now=NOW, path="x.csv")
    assert work["n_runs"] == 0
    transaction.commit()
    db.session.expire_all()
    assert work["seen"] == [(owner.actor, clock.now, {"path": "x.csv"})]
    assert task.state == "done"
    assert task.result == {"figures": {"created": 3}, "link": "/vacancies"}
    assert task.finished_at == clock.now
    assert n_submissions() == 1


def test_task_is_never_queued_when_the_request_is_rolled_back(
    owner: User, work: dict[str, Any]
) -> None:
    tasks.enqueue(KIND, actor=owner.actor, now=NOW)
    transaction.rollback()
    transaction.commit()
    assert work["n_runs"] == 0


def test_task_shows_progress_to_others_when_it_has_not_begun_to_write(
    owner: User, work: dict[str, Any]
) -> None:
    enqueue(owner)
    assert work["progress"] == (4, 4)


@pytest.mark.parametrize(
    ("error", "code", "details"),
    [
        (InvalidInput("unknown_code", value="x"), "unknown_code", {"value": "x"}),
        (ValueError("a defect"), "task_failed", {}),
    ],
    ids=["refusal", "defect"],
)
def test_task_saves_nothing_when_it_fails(
    owner: User,
    work: dict[str, Any],
    error: Exception,
    code: str,
    details: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    work["error"] = error
    task = enqueue(owner)
    db.session.expire_all()
    assert (task.state, task.error, task.result) == ("failed", code, details)
    assert n_submissions() == 0
    assert ("a defect" in caplog.text) is (code == "task_failed")


def test_task_is_done_once_when_it_is_delivered_twice(owner: User, work: dict[str, Any]) -> None:
    pid = enqueue(owner).pid
    db.session.rollback()
    tasks.run(pid, KIND, {})
    assert work["n_runs"] == 1


def test_task_is_closed_when_the_worker_stopped_in_its_midst(
    owner: User, work: dict[str, Any], clock: Clock
) -> None:
    task = background.start(KIND, actor=owner.actor, now=NOW)
    pid, actor = task.pid, owner.actor
    db.session.commit()
    assert background.begin(pid) == actor
    assert background.fail_interrupted(now=clock.now) == 1
    db.session.expire_all()
    assert (task.state, task.error) == ("failed", "task_interrupted")
    db.session.rollback()
    assert background.fail_interrupted(now=clock.now) == 0


def test_task_cannot_be_asked_for_when_nobody_would_own_it(app: Flask) -> None:
    with pytest.raises(NotFound):
        background.start(KIND, actor=SYSTEM, now=NOW)


@pytest.mark.usefixtures("on_one_database")
def test_queue_hands_over_when_another_process_reads_its_file(
    app: Flask, owner: User, work: dict[str, Any], tmp_path: Path
) -> None:
    app.config["HUEY_IMMEDIATE"] = False
    app.config["QUEUE_FILE"] = str(tmp_path / "instance" / "queue.sqlite3")
    task = enqueue(owner)
    assert work["n_runs"] == 0
    queue = tasks.huey_of(current_app)
    assert isinstance(queue, SqliteHuey)
    waiting = queue.dequeue()
    queue.execute(waiting)
    db.session.expire_all()
    assert task.state == "done"
    assert queue.dequeue() is None
    queue.storage.close()


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("minute", "is_due"), [(4, False), (5, True), (6, False)], ids=["before", "at", "after"]
)
def test_tick_is_periodic_when_the_hour_comes(app: Flask, minute: int, is_due: bool) -> None:
    queue = tasks.huey_of(app)
    instant = datetime(2026, 11, 24, 9, minute, tzinfo=UTC).replace(tzinfo=None)
    assert [t.name for t in queue.read_periodic(instant)] == (["tick"] if is_due else [])


def test_tick_commits_what_it_did_when_run(app: Flask, clock: Clock) -> None:
    db.session.add(Submission(key="old", created_at=clock.now - timedelta(days=9)))
    db.session.commit()
    assert tasks.run_tick(clock.now).n_submissions_forgotten == 1
    db.session.rollback()
    assert n_submissions() == 0
    assert tasks.run_tick(clock.now).n_submissions_forgotten == 0


# --- The page -----------------------------------------------------------------------------------


def put_in_state(owner: User, state: TaskState, **values: Any) -> BackgroundTask:
    task = background.start(KIND, actor=owner.actor, now=NOW)
    task.state = state.value
    for name, value in values.items():
        setattr(task, name, value)
    db.session.flush()
    return task


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("state", list(TaskState), ids=[s.value for s in TaskState])
def test_task_page_refreshes_itself_when_unfinished(
    client: QualityClient, owner: User, state: TaskState, language: str
) -> None:
    client.sign_in(owner)
    client.set_language(language)
    task = put_in_state(owner, state, done=2, total=5)
    page = client.get_page(f"/tasks/{task.pid}")
    section = page.by_id(f"task-{task.pid}")
    is_open = state in {TaskState.QUEUED, TaskState.RUNNING}
    assert (section.get("hx-get") == f"/tasks/{task.pid}") is is_open
    assert bool(page.all("head noscript meta[http-equiv=refresh]")) is is_open
    fragment = client.get_fragment(f"/tasks/{task.pid}")
    assert fragment.by_id(f"task-{task.pid}").decode() == section.decode()


def test_task_page_explains_when_the_task_failed(client: QualityClient, owner: User) -> None:
    client.sign_in(owner)
    task = put_in_state(owner, TaskState.FAILED, error="unknown_code", result={"value": "abc"})
    page = client.get_page(f"/tasks/{task.pid}")
    assert page.has_text("不认识的代码“abc”")


def test_task_page_shows_figures_and_link_when_done(client: QualityClient, owner: User) -> None:
    client.sign_in(owner)
    result = {"figures": {"created": 12, "refused": 1}, "link": "/vacancies"}
    task = put_in_state(owner, TaskState.DONE, result=result)
    page = client.get_page(f"/tasks/{task.pid}")
    assert page.has_text("新增 12")
    assert page.has_text("未接受 1")
    assert "/vacancies" in page.links()


def test_task_page_does_not_exist_when_the_task_is_anothers(
    client: QualityClient, owner: User
) -> None:
    task = put_in_state(owner, TaskState.DONE)
    client.sign_in(Role.OFFICER)
    client.get_page(f"/tasks/{task.pid}", 404)
