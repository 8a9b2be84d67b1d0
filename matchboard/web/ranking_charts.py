"""What the ranking model's charts draw, each with a sentence for its title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from matchboard.labels import ranking as labels
from matchboard.ranking.evidence import CalibrationRow, Evidence, Figure, GateRow
from matchboard.web.ranking_words import figure_words, percent

Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: the end of its id, its title, what is drawn, and the outcomes behind it."""

    name: str
    title: str
    spec: Spec
    points: Sequence[CalibrationRow] = ()

    @property
    def n(self) -> int:
        """How many outcomes the points stand for."""
        return sum(point.n for point in self.points)


def calibration_charts(evidence: Evidence) -> list[Chart]:
    """Return one chart a forecast of which outcomes are known."""
    charts = []
    for label, points in evidence.calibration.items():
        if points:
            charts.append(
                Chart(
                    name=label,
                    title=_calibration_title(label, evidence.gate("ece", label), points),
                    spec=_calibration_spec(points),
                    points=points,
                )
            )
    return charts


def evidence_charts(evidence: Evidence) -> list[Chart]:
    """Return how two figures move with the outcomes learned from: order, then probability."""
    counts = [row.n_outcomes for row in evidence.curve]
    auc = [row.auc for row in evidence.curve]
    log_loss = [row.log_loss for row in evidence.curve]
    return [
        Chart(
            name="auc",
            title=gettext(
                "分辨录用与否：从 %(first)s 到 %(last)s（AUC，越高越好）",
                first=figure_words(auc[0], digits=2),
                last=figure_words(auc[-1], digits=2),
            ),
            spec=_curve_spec(
                counts, auc, {"name": "AUC", "min": 0, "max": 1}, gettext("随机猜"), 0.5
            ),
        ),
        Chart(
            name="log-loss",
            title=gettext(
                "录用概率的误差：从 %(first)s 到 %(last)s（对数损失，越低越好）",
                first=figure_words(log_loss[0], digits=2),
                last=figure_words(log_loss[-1], digits=2),
            ),
            spec=_curve_spec(
                counts,
                log_loss,
                {"name": gettext("对数损失"), "min": 0},
                str(labels.STAGES["expert"]),
                log_loss[0].value,
            ),
        ),
    ]


def _calibration_title(label: str, gate: GateRow | None, points: Sequence[CalibrationRow]) -> str:
    what, n = labels.LABELS[label], sum(point.n for point in points)
    if gate is None or gate.figure.value is None or gate.verdict == "insufficient n":
        return gettext("%(what)s：已知结果只有 %(n)s 条，还看不出准不准", what=what, n=n)
    gap, most = percent(gate.figure.value), f"{100 * (gate.at_most or 0):g}%"
    if gate.verdict == "passed":
        return gettext(
            "%(what)s：预计与实际平均相差 %(gap)s，不超过 %(most)s", what=what, gap=gap, most=most
        )
    return gettext(
        "%(what)s：预计与实际平均相差 %(gap)s，超过 %(most)s", what=what, gap=gap, most=most
    )


def _calibration_spec(points: Sequence[CalibrationRow]) -> Spec:
    share = {"min": 0, "max": 1, "percent": True}
    return {
        "x": {"name": gettext("预计"), **share},
        "y": {"name": gettext("实际"), **share},
        "series": [
            {
                "name": gettext("各组推荐"),
                "as": "dots",
                "points": [[p.predicted, *_with_interval(p.observed)] for p in points],
            },
            {
                "name": gettext("预计与实际相等"),
                "as": "reference",
                "points": [[0, 0], [1, 1]],
            },
        ],
    }


def _curve_spec(
    counts: Sequence[int],
    figures: Sequence[Figure],
    axis: Spec,
    reference: str,
    level: float | None,
) -> Spec:
    """Return figures by outcomes learned from, beside a level to compare with if there is one."""
    points = [
        [n, *_with_interval(figure)]
        for n, figure in zip(counts, figures, strict=True)
        if figure.value is not None
    ]
    across = [] if level is None else [[0, level], [counts[-1], level]]
    return {
        "x": {"name": gettext("训练用的已知结果（条）"), "min": 0},
        "y": axis,
        "series": [
            {"name": gettext("未参与训练的推荐"), "as": "line", "points": points},
            {"name": reference, "as": "reference", "points": across},
        ],
    }


def _with_interval(figure: Figure) -> list[float | None]:
    return [figure.value, figure.low, figure.high]
