"""Promotion gates as data: each with its figure, its bound and a verdict; all must pass."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ml.evaluation.bootstrap import Interval
from ml.evaluation.calibration_error import CalibrationError

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
    n, n_needed : int or None
        Outcomes a calibration was measured on, and about how many it takes to tell; None where it
        does not depend on their number, or nobody knows.
    noise : float or None
        Of an error: what a perfectly calibrated model would stay below on as many outcomes.
    """

    name: str
    value: float
    at_least: float | None
    at_most: float | None
    verdict: Verdict
    strictly: bool = False
    n: int | None = None
    n_needed: int | None = None
    noise: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """Hold what the gates look at.

    Attributes
    ----------
    log_loss_gain, value_gain : Interval
        Incumbent's log-loss less the challenger's, and challenger's assigned value less the
        incumbent's, by a paired bootstrap over clients: above 0 is better.
    ece : dict of str to CalibrationError
        By label (``hire``, ``retained_6m``).
    slope : dict of str to Interval or None
        By the same labels; None where the outcomes do not tell one.
    impact_ratio : dict of str to float
        Lowest proposal rate of a group over the highest, by protected attribute.
    invariant : bool or None
        Scores stay bit-identical when protected attributes change; None: not tried.
    """

    log_loss_gain: Interval
    value_gain: Interval
    ece: dict[str, CalibrationError]
    slope: dict[str, Interval | None]
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
    >>> judge("impact_ratio sex", 0.8, at_least=0.8).verdict.value
    'passed'
    >>> judge("impact_ratio sex", float("nan"), at_least=0.8).verdict.value
    'insufficient n'
    """
    if math.isnan(value):
        verdict = Verdict.UNKNOWN
    else:
        low = at_least is None or value > at_least or (value == at_least and not strictly)
        high = at_most is None or value <= at_most
        verdict = Verdict.PASSED if low and high else Verdict.FAILED
    return PromotionGate(name, value, at_least, at_most, verdict, strictly)


def judge_error(name: str, error: CalibrationError) -> PromotionGate:
    """Return the gate of a calibration error.

    Notes
    -----
    It fails above its bound, and passes up to it, where a perfectly calibrated model would pass in
    95 of 100 such samples. With fewer outcomes chance alone goes beyond the bound: then only an
    error that chance does not explain fails, and nothing passes.

    Examples
    --------
    >>> few = CalibrationError(0.06, 0.09, 60, 0.2)
    >>> judge_error("ece hire", few).verdict.value
    'insufficient n'
    """
    gate = judge(name, error.value, at_most=max(MAX_ECE, error.noise))
    if gate.verdict is Verdict.PASSED and error.noise > MAX_ECE:
        gate = replace(gate, verdict=Verdict.UNKNOWN)
    needed = error.n_needed(MAX_ECE) if gate.verdict is Verdict.UNKNOWN else None
    return replace(gate, at_most=MAX_ECE, n=error.n, n_needed=needed, noise=error.noise)


def judge_slope(name: str, slope: Interval | None, n: int) -> PromotionGate:
    """Return the gate of a slope measured on `n` outcomes; without one nobody can tell.

    Notes
    -----
    Outside its bounds it fails, unless its interval is wider than they are and meets them: then
    there are too few outcomes to tell.

    Examples
    --------
    >>> judge_slope("slope hire", Interval(1.7, -0.1, 3.5), 60).verdict.value
    'insufficient n'
    >>> judge_slope("slope hire", Interval(1.3, 1.15, 1.45), 900).verdict.value
    'failed'
    >>> judge_slope("slope hire", None, 900).verdict.value
    'insufficient n'
    """
    least, most = SLOPES
    found = Interval(math.nan, math.nan, math.nan) if slope is None else slope
    gate = replace(judge(name, found.value, at_least=least, at_most=most), n=n)
    meets = found.low <= most and found.high >= least
    if gate.verdict is Verdict.FAILED and meets and found.high - found.low > most - least:
        gate = replace(gate, verdict=Verdict.UNKNOWN)
    return gate


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
    gates += [judge_error(f"ece {label}", error) for label, error in measured.ece.items()]
    gates += [
        judge_slope(f"slope {label}", slope, measured.ece[label].n)
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
