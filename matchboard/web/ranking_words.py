"""A gate of the ranking model in words: what was measured, what it should be, what would help."""

from __future__ import annotations

from flask_babel import gettext

from matchboard.labels import ranking as labels
from matchboard.ranking.evidence import Figure, GateRow

MINUS = "−"
DASH = "—"
#: Kinds of gates that are shares of 1.
SHARES = ("ece", "impact_ratio")


def percent(value: float, *, signed: bool = False) -> str:
    """Return a share in per cent with one digit.

    >>> percent(0.0584), percent(-0.02, signed=True)
    ('5.8%', '−2.0%')
    """
    return f"{number(100 * value, 1, signed=signed)}%"


def number(value: float, digits: int, *, signed: bool = False) -> str:
    """Return a number with a true minus, and with a plus if its sign matters.

    >>> number(0.0784, 3, signed=True), number(-1.5, 1), number(-0.0004, 3)
    ('+0.078', '−1.5', '0.000')
    """
    rounded = round(value, digits) + 0.0
    shown = f"{rounded:+.{digits}f}" if signed and rounded else f"{rounded:.{digits}f}"
    return shown.replace("-", MINUS)


def measured(gate: GateRow) -> str:
    """Return a gate's figure in the unit of its kind; a dash where it is unknown."""
    value = gate.figure.value
    return DASH if value is None else _in_unit(gate.kind, value)


def interval(gate: GateRow) -> str:
    """Return the interval of a gate's figure; empty where it has none."""
    low, high = gate.figure.low, gate.figure.high
    if low is None or high is None:
        return ""
    return brackets(_in_unit(gate.kind, low), _in_unit(gate.kind, high))


def brackets(low: str, high: str) -> str:
    """Return an interval; a unit both ends share stands with the figure before it.

    >>> brackets("39.7%", "55.3%"), brackets("+0.1", "+0.2")
    ('[39.7, 55.3]', '[+0.1, +0.2]')
    """
    return f"[{low.removesuffix('%')}, {high.removesuffix('%')}]"


def bounds(gate: GateRow) -> str:
    """Return what a gate's figure must be."""
    least, most = gate.at_least, gate.at_most
    if gate.kind == "invariance":
        return gettext("不变")
    if least is not None and most is not None:
        return f"{least:g}–{most:g}"
    if least is None:
        return f"≤ {_bound(gate.kind, most)}"
    if gate.is_strict:
        return gettext("区间下限 %(bound)s", bound=f"> {_bound(gate.kind, least)}")
    return f"≥ {_bound(gate.kind, least)}"


def hint(gate: GateRow) -> str:
    """Return why a gate was not passed and what would help; empty where it was."""
    if gate.verdict == "passed":
        return ""
    words = labels.HINTS.get((gate.kind, gate.verdict))
    is_counted = gate.n is not None
    if words is None or (is_counted and gate.figure.value is None):
        return str(labels.HINT_TOO_FEW)
    return str(words) % {
        "n": gate.n,
        "noise": DASH if gate.noise is None else percent(gate.noise),
        "needed": DASH if gate.n_needed is None else _about(gate.n_needed),
    }


def figure_words(figure: Figure, *, digits: int) -> str:
    """Return a figure without its interval."""
    return DASH if figure.value is None else number(figure.value, digits)


def _about(n: int) -> int:
    """Round up to two digits: nobody knows it better.

    >>> _about(3841), _about(70), _about(5)
    (3900, 70, 5)
    """
    step = int(10 ** max(len(str(n)) - 2, 0))
    return -(-n // step) * step


def _bound(kind: str, value: float | None) -> str:
    if value is None:
        return DASH
    return f"{100 * value:g}%" if kind in SHARES else f"{value:g}"


def _in_unit(kind: str, value: float) -> str:
    if kind == "invariance":
        return gettext("不变") if value >= 1 else gettext("有变化")
    if kind in SHARES:
        return percent(value)
    if kind == "assigned_value":
        return number(100 * value, 1, signed=True)
    return number(value, 3 if kind == "log_loss" else 2, signed=kind == "log_loss")
