"""Progress of work done in the background."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from matchboard import tasks
from matchboard.domain.background import UNFINISHED, TaskKind, TaskState
from matchboard.domain.codes import read_code
from matchboard.domain.errors import DomainError
from matchboard.domain.roles import Permission
from matchboard.labels import error_text, tasks as words, words_of
from matchboard.services import background
from matchboard.web.context import actor, now
from matchboard.web.guard import requires
from matchboard.web.responses import page_or_partial, see_other

bp = Blueprint("tasks", __name__)


@bp.get("/tasks/<pid>")
@requires(Permission.TASK_READ)
def show(pid: str) -> ResponseReturnValue:
    """Show how far the work is; htmx asks again every second until it is finished."""
    task = background.get_task(pid, actor=actor())
    state = read_code(TaskState, task.state)
    error = error_text(DomainError(task.error, **task.result)) if task.error else ""
    figures = {} if task.error else task.result.get("figures", {})
    return page_or_partial(
        "tasks/page.html",
        "tasks/_task.html",
        task=task,
        kind=read_code(TaskKind, task.kind),
        state=state,
        is_open=state in UNFINISHED,
        error=error,
        figures=[(words_of(words.FIGURES, name), count) for name, count in figures.items()],
        link="" if task.error else task.result.get("link", ""),
        may_start_again=state is TaskState.FAILED and task.kind in set(TaskKind),
    )


@bp.post("/tasks/<pid>/again")
@requires(Permission.TASK_READ)
def again(pid: str) -> ResponseReturnValue:
    """Do failed work once more."""
    task = tasks.enqueue_again(pid, actor=actor(), now=now())
    return see_other(url_for("tasks.show", pid=task.pid))
