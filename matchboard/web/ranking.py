"""What ranks and how good it is: the district trains, promotes and goes back to the formula."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard import tasks
from matchboard.domain.background import TaskKind
from matchboard.domain.errors import Conflict
from matchboard.domain.roles import Permission
from matchboard.labels import error_text, ranking as words
from matchboard.ranking.evidence import Evidence, Figure, evidence_of, mean_gap
from matchboard.services import background, ranking_models, ranking_overrides, transaction
from matchboard.web.context import actor, now
from matchboard.web.guard import requires
from matchboard.web.responses import see_other

bp = Blueprint("ranking", __name__, url_prefix="/dashboard/ranking")


@bp.get("")
@requires(Permission.RANKING_STEER)
def overview() -> ResponseReturnValue:
    """Show what ranks now, every trained model, and the evidence on one of them."""
    name = request.args.get("model", "")
    shown = ranking_models.get_model(name, actor=actor()) if name else ranking_models.newest()
    evidence = evidence_of(shown.report) if shown is not None else None
    return render_template(
        "ranking/overview.html",
        active=ranking_models.active(),
        models=ranking_models.list_models(),
        shown=shown,
        evidence=evidence,
        calibration_charts=_calibration_charts(evidence) if evidence else [],
        curve_chart=_curve_chart(evidence) if evidence else None,
        overrides=ranking_overrides.outcomes_by_reason(actor=actor(), now=now()),
        words=words,
    )


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
def promote(name: str) -> ResponseReturnValue:
    """Let a model that passed every gate rank from now on."""
    try:
        ranking_models.promote(name, actor=actor(), now=now())
    except Conflict as error:
        return _refused(error)
    flash(gettext("已启用。从现在起按这个模型排序，各页会标明。"), "success")
    return see_other(url_for("ranking.overview", model=name))


@bp.post("/rollback")
@requires(Permission.RANKING_STEER)
def rollback() -> ResponseReturnValue:
    """Let the expert formula rank again."""
    try:
        ranking_models.rollback(actor=actor(), now=now())
    except Conflict as error:
        return _refused(error)
    flash(gettext("已恢复专家规则。模型仍保留在列表中。"), "success")
    return see_other(url_for("ranking.overview"))


def _refused(error: Conflict) -> ResponseReturnValue:
    transaction.rollback()
    flash(error_text(error), "warning")
    return see_other(url_for("ranking.overview"))


def _calibration_charts(evidence: Evidence) -> list[dict[str, Any]]:
    charts = []
    for label, points in evidence.calibration.items():
        if not points:
            continue
        charts.append(
            {
                "label": label,
                "title": gettext(
                    "%(what)s：预计与实际平均相差 %(gap)s 个百分点",
                    what=words.LABELS[label],
                    gap=f"{100 * mean_gap(points):.1f}",
                ),
                "points": points,
                "spec": {
                    "x": {"name": gettext("预计"), "min": 0, "max": 1, "percent": True},
                    "y": {"name": gettext("实际"), "min": 0, "max": 1, "percent": True},
                    "series": [
                        {
                            "name": gettext("各组推荐"),
                            "as": "dots",
                            "points": [[p.predicted, p.observed] for p in points],
                        },
                        {
                            "name": gettext("预计与实际相等"),
                            "as": "reference",
                            "points": [[0, 0], [1, 1]],
                        },
                    ],
                },
            }
        )
    return charts


def _curve_chart(evidence: Evidence) -> dict[str, Any]:
    first, last = evidence.curve[0].auc.value, evidence.curve[-1].auc.value
    known = first is not None and last is not None
    return {
        "title": gettext(
            "学到 %(n)s 条结果后，分辨录用与否的能力从 %(first)s 到 %(last)s",
            n=evidence.curve[-1].n_outcomes,
            first=f"{first:.2f}" if known else "—",
            last=f"{last:.2f}" if known else "—",
        ),
        "spec": {
            "x": {"name": gettext("训练用的已知结果（条）"), "min": 0},
            "y": {"name": "AUC", "min": 0.4, "max": 1},
            "series": [
                {
                    "name": gettext("未参与训练的推荐"),
                    "as": "line",
                    "points": [
                        [row.n_outcomes, *_with_interval(row.auc)]
                        for row in evidence.curve
                        if row.auc.value is not None
                    ],
                },
                {
                    "name": gettext("随机猜"),
                    "as": "reference",
                    "points": [[0, 0.5], [evidence.curve[-1].n_outcomes, 0.5]],
                },
            ],
        },
    }


def _with_interval(figure: Figure) -> list[float | None]:
    return [figure.value, figure.low, figure.high]
