"""Promotion gates as data: each with its figure, its bound and a verdict; all must pass."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass

from ml.evaluation.bootstrap import Interval

MAX_ECE = 0.05
SLOPES = (0.8, 1.2)
MIN_IMPACT_RATIO = 0.80
IMPACT = "impact_ratio"


class Verdict(enum.StrEnum):
    """Say what a gate decided; what could not be measured does not pass."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "insufficient n"


@dataclass(frozen=True, slots=True)
class PromotionGate:
    """Hold one gate.

    Attributes
    ----------
    name : str
    value : float
        What was measured; NaN unknown.
    at_least, at_most : float or None
        Inclusive bounds of `value`, unless `strictly`.
    verdict : Verdict
    strictly : bool
        The lower bound itself does not pass.
    """

    name: str
    value: float
    at_least: float | None
    at_most: float | None
    verdict: Verdict
    strictly: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """Hold what the gates look at.

    Attributes
    ----------
    log_loss_gain, value_gain : Interval
        Incumbent's log-loss less the challenger's, and challenger's assigned value less the
        incumbent's, by a paired bootstrap over clients: above 0 is better.
    ece, slope : dict of str to float
        By label (``hire``, ``retained_6m``).
    impact_ratio : dict of str to float
        Lowest proposal rate of a group over the highest, by protected attribute.
    invariant : bool or None
        Scores stay bit-identical when protected attributes change; None: not tried.
    """

    log_loss_gain: Interval
    value_gain: Interval
    ece: dict[str, float]
    slope: dict[str, float]
    impact_ratio: dict[str, float]
    invariant: bool | None


def judge(
    name: str,
    value: float,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    strictly: bool = False,
) -> PromotionGate:
    """Return a gate with its verdict.

    Examples
    --------
    >>> judge("ece hire", 0.05, at_most=0.05).verdict.value
    'passed'
    >>> judge("ece hire", float("nan"), at_most=0.05).verdict.value
    'insufficient n'
    """
    if math.isnan(value):
        verdict = Verdict.UNKNOWN
    else:
        low = at_least is None or value > at_least or (value == at_least and not strictly)
        high = at_most is None or value <= at_most
        verdict = Verdict.PASSED if low and high else Verdict.FAILED
    return PromotionGate(name, value, at_least, at_most, verdict, strictly)


def promotion_gates(measured: Measured) -> tuple[PromotionGate, ...]:
    """Return every gate in a fixed order.

    Notes
    -----
    Without a protected attribute the impact ratio is one gate of unknown value, and so is an
    invariance that was not tried: a model is not promoted on an audit that did not happen.
    """
    gates = [
        judge("log_loss gain, lower bound", measured.log_loss_gain.low, at_least=0, strictly=True),
        judge(
            "assigned_value gain, lower bound", measured.value_gain.low, at_least=0, strictly=True
        ),
    ]
    gates += [judge(f"ece {label}", ece, at_most=MAX_ECE) for label, ece in measured.ece.items()]
    gates += [
        judge(f"slope {label}", slope, at_least=SLOPES[0], at_most=SLOPES[1])
        for label, slope in measured.slope.items()
    ]
    ratios = measured.impact_ratio or {"": math.nan}
    gates += [
        judge(f"{IMPACT} {name}".strip(), ratio, at_least=MIN_IMPACT_RATIO)
        for name, ratio in ratios.items()
    ]
    invariant = math.nan if measured.invariant is None else float(measured.invariant)
    gates.append(judge("invariance", invariant, at_least=1))
    return tuple(gates)


def may_promote(gates: Sequence[PromotionGate]) -> bool:
    """Tell whether every gate passed; no gates at all do not promote.

    An attribute with fewer than two groups of 30 people can never be measured there: its ratio does
    not stand in the way as long as that of another attribute passed.
    """
    ratios = [gate.verdict for gate in gates if gate.name.startswith(IMPACT)]
    others = [gate.verdict for gate in gates if not gate.name.startswith(IMPACT)]
    return (
        bool(others)
        and all(verdict is Verdict.PASSED for verdict in others)
        and Verdict.FAILED not in ratios
        and Verdict.PASSED in ratios
    )
