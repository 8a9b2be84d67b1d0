"""Background tasks: queued after the commit, done once, wholly or not at all."""

from __future__ import annotations

import os
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
from matchboard.domain.roles import SYSTEM, Permission, Role
from matchboard.extensions import begin_read_only, db
from matchboard.models import BackgroundTask, Submission, User
from matchboard.services import background, transaction, workers
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
        db.session.add(Submission(key=f"half {plan['n_runs']}", created_at=now))
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
        query = select(BackgroundTask.done, BackgroundTask.total).order_by(BackgroundTask.id.desc())
        row = connection.execute(query.limit(1)).one()
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
    actor = owner.actor
    db.session.commit()
    tasks.enqueue(KIND, actor=actor, now=NOW)
    transaction.rollback()
    transaction.commit()
    assert work["n_runs"] == 0
    tasks.enqueue(KIND, actor=actor, now=NOW)
    transaction.commit()
    assert work["n_runs"] == 1


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
    tasks.run(pid)
    assert work["n_runs"] == 1


def test_task_is_closed_when_the_worker_stopped_in_its_midst(
    owner: User, work: dict[str, Any], clock: Clock
) -> None:
    task = background.start(KIND, actor=owner.actor, now=NOW)
    pid, actor = task.pid, owner.actor
    db.session.commit()
    assert background.begin(pid).owner == actor
    assert background.fail_interrupted(now=clock.now) == 1
    db.session.expire_all()
    assert (task.state, task.error) == ("failed", "task_interrupted")
    db.session.rollback()
    assert background.fail_interrupted(now=clock.now) == 0


def take_up(owner: User, worker: str, **arguments: Any) -> str:
    """Return a task that a worker is at, the request that asked for it being long over."""
    pid = background.start(KIND, actor=owner.actor, now=NOW, arguments=arguments).pid
    db.session.commit()
    db.session.rollback()
    background.begin(pid, worker=worker)
    return pid


@pytest.mark.parametrize(
    ("minutes", "process", "is_closed"),
    [(0, os.getpid(), False), (0, 0, True), (3, os.getpid(), True)],
    ids=["at-work", "stopped", "silent"],
)
def test_task_is_closed_when_its_worker_is_dead(
    owner: User, clock: Clock, minutes: int, process: int, is_closed: bool
) -> None:
    """Neither a second worker's start nor the minute's look ends what another is at."""
    worker, actor = workers.Worker(process=process), owner.actor
    pid = take_up(owner, worker.name)
    workers.beat(worker, now=clock.now)
    clock.move(minutes=minutes)
    tasks.look_around("another", now=clock.now)
    task = background.get_task(pid, actor=actor)
    assert (task.state, task.error) == (
        ("failed", "task_interrupted") if is_closed else ("running", "")
    )


def test_task_is_done_when_its_ring_was_lost(
    owner: User, work: dict[str, Any], clock: Clock
) -> None:
    """Killed between the commit and the bell: the row says what is to be done."""
    first, second = (
        background.start(KIND, actor=owner.actor, now=NOW, arguments={"path": name})
        for name in ("a.csv", "b.csv")
    )
    db.session.commit()
    assert work["n_runs"] == 0
    tasks.look_around("worker", now=clock.now)
    assert [arguments for _, _, arguments in work["seen"]] == [{"path": "a.csv"}, {"path": "b.csv"}]
    db.session.expire_all()
    assert (first.state, second.state) == ("done", "done")
    db.session.rollback()
    tasks.look_around("worker", now=clock.now)
    assert work["n_runs"] == 2


def test_task_stays_asked_for_when_the_queue_is_away(
    app: Flask, owner: User, work: dict[str, Any], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_app: Flask) -> None:
        raise OSError("no queue")

    monkeypatch.setattr(tasks, "huey_of", refuse)
    task = enqueue(owner, path="a.csv")
    db.session.expire_all()
    assert task.state == "queued"
    db.session.rollback()
    tasks.look_around("worker", now=clock.now)
    db.session.expire_all()
    assert (task.state, work["n_runs"]) == ("done", 1)


def test_task_cannot_be_asked_for_when_nobody_would_own_it(app: Flask, owner: User) -> None:
    with pytest.raises(NotFound):
        background.start(KIND, actor=SYSTEM, now=NOW)
    assert background.start(KIND, actor=owner.actor, now=NOW).owner_id == owner.id


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
    due = [t.name for t in queue.read_periodic(instant)]
    assert due == ["look_around", *(["tick"] if is_due else [])]  # it looks what waits every minute


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
    swapped = client.get_fragment(f"/tasks/{task.pid}").by_id(f"task-{task.pid}")
    for token in (*section.select("[name=csrf_token]"), *swapped.select("[name=csrf_token]")):
        token["value"] = ""  # signed with the second
    assert swapped.decode() == section.decode()


def test_task_page_explains_when_the_task_failed(client: QualityClient, owner: User) -> None:
    client.sign_in(owner)
    task = put_in_state(owner, TaskState.FAILED, error="unknown_code", result={"value": "abc"})
    page = client.get_page(f"/tasks/{task.pid}")
    assert page.has_text("不认识的代码“abc”")


def test_task_is_done_once_more_when_asked_to_after_a_failure(
    client: QualityClient, owner: User, work: dict[str, Any]
) -> None:
    client.sign_in(owner)
    pid = take_up(owner, "dead", path="a.csv")
    background.fail_interrupted(now=NOW)
    failed = client.get_page(f"/tasks/{pid}")
    assert failed.has_text("再做一次")
    for _twice in range(2):
        page = client.submit("", page=failed, form=f"#task-{pid} form")
        assert page.path == f"/tasks/{pid}"
    assert page.has_text("新增 3")
    assert not page.has_text("再做一次")
    assert [arguments for _, _, arguments in work["seen"]] == [{"path": "a.csv"}]


@pytest.mark.parametrize(
    ("state", "path", "is_same"),
    [
        (TaskState.QUEUED, "a.csv", True),
        (TaskState.RUNNING, "a.csv", True),
        (TaskState.QUEUED, "b.csv", False),
        (TaskState.DONE, "a.csv", False),
        (TaskState.FAILED, "a.csv", False),
    ],
    ids=["waits", "runs", "other-things", "done", "failed"],
)
def test_task_is_not_begun_anew_while_another_does_the_same(
    state: TaskState, path: str, is_same: bool, owner: User
) -> None:
    failed = put_in_state(owner, TaskState.FAILED, arguments={"path": "a.csv"})
    other = put_in_state(owner, state, arguments={"path": path})
    again = background.start_again(failed.pid, actor=owner.actor, now=NOW)
    assert again.pid == (other.pid if is_same else failed.pid)
    db.session.expire_all()
    expected = TaskState.FAILED if is_same else TaskState.QUEUED
    assert background.get_task(failed.pid, actor=owner.actor).state == expected.value


def test_task_is_not_done_again_when_it_is_anothers_or_no_longer_allowed(
    client: QualityClient, owner: User, work: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    task = put_in_state(owner, TaskState.FAILED, error="task_failed")
    client.sign_in(Role.OFFICER)
    client.post(f"/tasks/{task.pid}/again", status=404)
    monkeypatch.setitem(background.NEEDED, KIND, Permission.RANKING_STEER)
    with pytest.raises(NotFound):
        background.start_again(task.pid, actor=owner.actor, now=NOW)
    monkeypatch.setitem(background.NEEDED, KIND, Permission.TASK_READ)
    assert background.start_again(task.pid, actor=owner.actor, now=NOW).pid == task.pid
    assert work["n_runs"] == 0


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
