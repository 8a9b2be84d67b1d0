"""A gate of the ranking model says its figure, its bound, and what would help."""

from __future__ import annotations

from typing import Any

import pytest

from matchboard.labels import ranking as labels
from matchboard.ranking.evidence import Figure, GateRow
from matchboard.web import ranking_words


def _gate(kind: str, verdict: str = "failed", **values: Any) -> GateRow:
    given = {
        "figure": Figure(0.058),
        "at_least": None,
        "at_most": 0.05,
        "is_strict": False,
        "n": None,
        "n_needed": None,
        "noise": None,
    } | values
    return GateRow(kind=kind, about="hire", verdict=verdict, **given)


RANGE = {"at_least": 0.8, "at_most": 1.2}
ABOVE_0 = {"at_least": 0, "at_most": None, "is_strict": True}
SHARE = {"at_least": 0.8, "at_most": None}


@pytest.mark.parametrize(
    ("gate", "measured", "interval", "bounds"),
    [
        (_gate("ece"), "5.8%", "", "≤ 5%"),
        (_gate("ece", figure=Figure(None)), "—", "", "≤ 5%"),
        (_gate("slope", figure=Figure(1.706), **RANGE), "1.71", "", "0.8–1.2"),
        (_gate("impact_ratio", figure=Figure(0.82), **SHARE), "82.0%", "", "≥ 80%"),
        (
            _gate("log_loss", figure=Figure(0.1168, 0.0784, 0.1573), **ABOVE_0),
            "+0.117",
            "[+0.078, +0.157]",
            "区间下限 > 0",
        ),
        (
            _gate("assigned_value", figure=Figure(0.0, -0.0217, 0.0223), **ABOVE_0),
            "0.0",
            "[−2.2, +2.2]",
            "区间下限 > 0",
        ),
        (_gate("invariance", figure=Figure(1.0), at_least=1, at_most=None), "不变", "", "不变"),
        (_gate("invariance", figure=Figure(0.0), at_least=1, at_most=None), "有变化", "", "不变"),
    ],
    ids=lambda value: value.kind if isinstance(value, GateRow) else None,
)
def test_gate_is_shown_in_the_unit_of_its_kind(
    gate: GateRow, measured: str, interval: str, bounds: str
) -> None:
    assert ranking_words.measured(gate) == measured
    assert ranking_words.interval(gate) == interval
    assert ranking_words.bounds(gate) == bounds


@pytest.mark.parametrize(
    ("gate", "parts"),
    [
        (_gate("ece", "passed", n=900, noise=0.04), ()),
        (_gate("ece", n=900, noise=0.0412), ("900", "4.1%", "很难说是偶然")),
        (
            _gate("ece", "insufficient n", n=60, noise=0.132, n_needed=573),
            ("60", "13.2%", "580"),
        ),
        (_gate("ece", "insufficient n", figure=Figure(None), n=8), ("结果太少",)),
        (_gate("slope", "insufficient n", n=60, **RANGE), ("60", "比允许的范围还宽")),
        (_gate("slope", "failed", n=900, **RANGE), ("有新结果后再训练",)),
        (_gate("log_loss", "insufficient n", figure=Figure(None), **ABOVE_0), ("结果太少",)),
        (_gate("impact_ratio", "insufficient n", figure=Figure(None), **SHARE), ("30 人",)),
        (_gate("invariance", figure=Figure(0.0)), ("不要启用",)),
    ],
    ids=lambda value: f"{value.kind} {value.verdict}" if isinstance(value, GateRow) else None,
)
def test_gate_says_what_would_help_unless_it_was_passed(
    gate: GateRow, parts: tuple[str, ...]
) -> None:
    found = ranking_words.hint(gate)
    assert all(part in found for part in parts)
    assert bool(found) == bool(parts)
    assert "%(" not in found


@pytest.mark.parametrize("kind", labels.GATES)
def test_every_kind_of_gate_has_words_for_what_was_not_passed(kind: str) -> None:
    for verdict in ("failed", "insufficient n"):
        assert ranking_words.hint(_gate(kind, verdict, n=40, noise=0.1, n_needed=90))


def test_groups_stand_in_the_order_people_count_them_when_sorted() -> None:
    codes = [("age", "50_up"), ("sex", "female"), ("age", "under_35"), ("new", "x")]
    found = sorted(codes, key=lambda code: labels.group_order(*code))
    assert found == [("sex", "female"), ("age", "under_35"), ("age", "50_up"), ("new", "x")]
