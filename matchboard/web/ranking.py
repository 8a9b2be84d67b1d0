"""What ranks and how good it is: the district trains, promotes and goes back to the formula."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard import tasks
from matchboard.domain.background import TaskKind
from matchboard.domain.errors import Conflict, StaleEdit
from matchboard.domain.roles import Permission
from matchboard.labels import error_text, ranking as words
from matchboard.ranking.evidence import evidence_of
from matchboard.services import background, ranking_models, ranking_overrides, transaction
from matchboard.web import ranking_words
from matchboard.web.context import actor, now
from matchboard.web.guard import requires
from matchboard.web.notices import flash
from matchboard.web.ranking_charts import calibration_charts, evidence_charts
from matchboard.web.responses import see_other
from matchboard.web.seen import seen, stale_shows
from matchboard.web.submissions import single_submission

bp = Blueprint("ranking", __name__, url_prefix="/dashboard/ranking")


@bp.get("")
@requires(Permission.RANKING_STEER)
def overview() -> ResponseReturnValue:
    """Show what ranks now, every trained model, and the evidence on one of them."""
    name = request.args.get("model", "")
    shown = ranking_models.get_model(name, actor=actor()) if name else ranking_models.newest()
    evidence = evidence_of(shown.report) if shown is not None else None
    active = ranking_models.active()
    return render_template(
        "ranking/overview.html",
        active=active,
        speaking=ranking_models.speaking_as(active),
        models=ranking_models.list_models(),
        shown=shown,
        evidence=evidence,
        groups=sorted(
            evidence.groups if evidence else (),
            key=lambda row: words.group_order(row.attribute, row.group),
        ),
        calibration_charts=calibration_charts(evidence) if evidence else [],
        evidence_charts=evidence_charts(evidence) if evidence else [],
        overrides=ranking_overrides.outcomes_by_reason(actor=actor(), now=now()),
        training=background.unfinished(TaskKind.RANKING_TRAINING, actor=actor()),
        words=words,
        gate_words=ranking_words,
    )


def _overview(**_: str) -> ResponseReturnValue:
    return overview()


def _speaking(**_: str) -> ranking_models.Speaking:
    return ranking_models.speaking()


@bp.post("/train")
@requires(Permission.RANKING_STEER)
def train() -> ResponseReturnValue:
    """Start training in the background, or lead to the training under way."""
    task = background.unfinished(TaskKind.RANKING_TRAINING, actor=actor())
    if task is None:
        task = tasks.enqueue(TaskKind.RANKING_TRAINING, actor=actor(), now=now())
    return see_other(url_for("tasks.show", pid=task.pid))


@bp.post("/<name>/promote")
@requires(Permission.RANKING_STEER)
@single_submission
@stale_shows(_overview, _speaking)
def promote(name: str) -> ResponseReturnValue:
    """Let a model that passed every gate rank from now on."""
    try:
        ranking_models.promote(name, actor=actor(), now=now(), seen=seen())
    except StaleEdit:
        raise
    except Conflict as error:
        return _refused(error)
    flash(gettext("已启用。从现在起按这个模型排序，各页会标明。"), "success")
    return see_other(url_for("ranking.overview", model=name))


@bp.post("/rollback")
@requires(Permission.RANKING_STEER)
@single_submission
@stale_shows(_overview, _speaking)
def rollback() -> ResponseReturnValue:
    """Let the expert formula rank again."""
    try:
        ranking_models.rollback(actor=actor(), now=now(), seen=seen())
    except StaleEdit:
        raise
    except Conflict as error:
        return _refused(error)
    flash(gettext("已恢复专家规则。模型仍保留在列表中。"), "success")
    return see_other(url_for("ranking.overview"))


def _refused(error: Conflict) -> ResponseReturnValue:
    transaction.rollback()
    flash(error_text(error), "warning")
    return see_other(url_for("ranking.overview"))
