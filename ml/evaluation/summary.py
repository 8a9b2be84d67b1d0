"""A report as tables in Markdown, for the model's card: no figure in it is typed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from ml.evaluation.bootstrap import Interval
from ml.evaluation.labels import LABELS
from ml.evaluation.report import Evaluation


def summary_of(found: Evaluation) -> str:
    """Return the tables of a card: figures by slice, evidence, groups, gates."""
    parts = (
        ("Figures by slice", _figures(found)),
        ("Evidence", _evidence(found)),
        ("Groups", _groups(found)),
        ("Promotion gates", _gates(found)),
    )
    return "\n".join(f"### {title}\n\n{body}" for title, body in parts)


def shown(figure: Interval | float | None) -> str:
    """Return a figure with its interval as a reader takes it in.

    Examples
    --------
    >>> shown(Interval(0.5, 0.41, 0.6)), shown(None), shown(float("nan"))
    ('0.500 (0.410 to 0.600)', '-', '-')
    """
    if figure is None:
        return "-"
    if not isinstance(figure, Interval):
        return f"{figure:.3f}" if math.isfinite(figure) else "-"
    if math.isnan(figure.low):
        return shown(figure.value)
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)


def _figures(found: Evaluation) -> str:
    header = ("model", "slice", "label", "n", "AUC", "log-loss", "ECE", "slope")
    return _table(
        header,
        (
            (
                standing.name,
                key,
                label,
                figures.n,
                *(shown(f) for f in (figures.auc, figures.log_loss, figures.ece, figures.slope)),
            )
            for standing in (found.challenger, found.incumbent)
            for key, by_label in standing.slices.items()
            for label, figures in ((label, by_label[label]) for label in LABELS)
            if figures.n
        ),
    )


def _evidence(found: Evaluation) -> str:
    return _table(
        ("outcomes trained on", "stage", "log-loss of hire", "AUC of hire"),
        ((p.n_outcomes, p.stage, shown(p.log_loss), shown(p.auc)) for p in found.evidence),
    )


def _groups(found: Evaluation) -> str:
    header = ("attribute", "group", "clients", "proposal rate", "exposure", "hired less expected")
    groups = _table(
        header,
        (
            (
                audit.attribute,
                group.group,
                group.n_clients,
                shown(group.proposal_rate),
                shown(group.exposure),
                shown(group.calibration_gap),
            )
            for audit in found.groups
            for group in audit.groups
        ),
    )
    audits = _table(
        ("attribute", "impact ratio", "AUC from features", "alarm"),
        (
            (a.attribute, shown(a.impact_ratio), shown(a.leak_auc), "yes" if a.alarm else "no")
            for a in found.groups
        ),
    )
    return f"{groups}\n{audits}"


def _gates(found: Evaluation) -> str:
    return _table(
        ("gate", "figure", "at least", "at most", "verdict"),
        (
            (g.name, shown(g.value), shown(g.at_least), shown(g.at_most), g.verdict.value)
            for g in found.gates
        ),
    )
