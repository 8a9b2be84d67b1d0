"""Whether probabilities mean what they say: curve, expected error, slope and intercept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.evaluation.metrics import P_MIN, Z_95, Floats, mean, ones_like

N_BINS = 10
_MAX_STEPS = 100
_ENOUGH = 1e-10


@dataclass(frozen=True, slots=True)
class CalibrationPoint:
    """Hold one bin of a calibration curve.

    Attributes
    ----------
    predicted, observed : float
        Weighted means of probability and outcome.
    n : int
        Rows with positive weight.
    weight : float
        Their sum of weights.
    low, high : float
        95 % interval of the rate (Wilson), on as many rows as the weights are worth.
    """

    predicted: float
    observed: float
    n: int
    weight: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Recalibration:
    """Hold the logistic regression of the outcome on the log-odds of the probability.

    Attributes
    ----------
    slope : float
        1 when calibrated; below 1 the probabilities are too extreme.
    intercept : float
        0 when calibrated; above 0 they are too low.
    """

    slope: float
    intercept: float


def equal_mass_bins(p: Floats, weight: Floats, n_bins: int = N_BINS) -> npt.NDArray[np.int64]:
    """Cut rows into bins of about equal weight by probability; equal probabilities stay together.

    Parameters
    ----------
    p, weight : float64, shape (n,)
    n_bins : int

    Returns
    -------
    int64, shape (n,)
        From 0 to `n_bins` - 1; a bin may be empty. Constant p: a single bin.

    Examples
    --------
    >>> equal_mass_bins(np.array([0.9, 0.1, 0.2, 0.2]), np.ones(4), 2).tolist()
    [1, 0, 1, 1]
    """
    _, place = np.unique(p, return_inverse=True)
    mass = np.bincount(place, weights=weight)
    total = mass.sum()
    if not total > 0:
        return np.zeros(len(p), dtype=np.int64)
    middle = (np.cumsum(mass) - mass / 2) / total
    found: npt.NDArray[np.int64] = np.minimum((middle * n_bins).astype(np.int64), n_bins - 1)
    return found[place]


def calibration_curve(
    y: Floats, p: Floats, weight: Floats | None = None, n_bins: int = N_BINS
) -> tuple[CalibrationPoint, ...]:
    """Return mean probability and rate of each bin that is not empty, by rising probability.

    Parameters
    ----------
    y, p : float64, shape (n,)
    weight : float64, shape (n,), optional
    n_bins : int

    Returns
    -------
    tuple of CalibrationPoint
        Empty input: none. Constant p: one point.

    Examples
    --------
    >>> point, = calibration_curve(np.array([0.0, 1.0]), np.array([0.5, 0.5]))
    >>> point.predicted, point.observed, point.n, round(point.low, 3), round(point.high, 3)
    (0.5, 0.5, 2, 0.095, 0.905)
    """
    weight = ones_like(y) if weight is None else weight
    bins = equal_mass_bins(p, weight, n_bins)
    points = []
    for number in range(n_bins):
        inside = (bins == number) & (weight > 0)
        if inside.any():
            part = weight[inside]
            observed = mean(y[inside], part)
            low, high = _wilson(observed, float(part.sum()) ** 2 / float(part @ part))
            points.append(
                CalibrationPoint(
                    predicted=mean(p[inside], part),
                    observed=observed,
                    n=int(np.count_nonzero(inside)),
                    weight=float(part.sum()),
                    low=low,
                    high=high,
                )
            )
    return tuple(points)


def _wilson(rate: float, n: float) -> tuple[float, float]:
    """Return the score interval of a share among `n`, which need not be whole."""
    centre = (rate + Z_95**2 / (2 * n)) / (1 + Z_95**2 / n)
    half = Z_95 / (1 + Z_95**2 / n) * np.sqrt(rate * (1 - rate) / n + Z_95**2 / (4 * n**2))
    return max(centre - float(half), 0.0), min(centre + float(half), 1.0)


def expected_calibration_error(
    y: Floats, p: Floats, weight: Floats | None = None, n_bins: int = N_BINS
) -> float:
    """Return the mean distance of rate and mean probability over bins of equal mass.

    Parameters
    ----------
    y, p : float64, shape (n,)
    weight : float64, shape (n,), optional
    n_bins : int

    Returns
    -------
    float
        From 0 to 1. Empty: NaN. Perfect or constant at the base rate: 0. It is biased upwards by
        noise: with n rows and k bins a calibrated model shows about 0.8 sqrt(p (1 - p) k / n).

    Examples
    --------
    >>> expected_calibration_error(np.array([0.0, 1.0]), np.array([0.75, 0.75]))
    0.25
    """
    weight = ones_like(y) if weight is None else weight
    bins = equal_mass_bins(p, weight, n_bins)
    total = float(weight.sum())
    if not total > 0:
        return float("nan")
    gaps = np.bincount(bins, weights=weight * (y - p), minlength=n_bins)
    return float(np.abs(gaps).sum()) / total


def recalibrate(y: Floats, p: Floats, weight: Floats | None = None) -> Recalibration:
    """Fit ``logit P(y = 1) = intercept + slope logit(p)`` by maximum likelihood.

    Parameters
    ----------
    y, p : float64, shape (n,)
    weight : float64, shape (n,), optional

    Returns
    -------
    Recalibration
        Empty, one class, or constant p: NaN, NaN. Classes that p separates (perfect): the slope
        grows without bound, inf, NaN; separated the wrong way round: -inf, NaN.

    Notes
    -----
    Cox's recalibration [1]_, by Newton steps halved until the likelihood does not fall.

    References
    ----------
    .. [1] D. R. Cox, "Two further applications of a model for binary regression",
       Biometrika 45, 1958.

    Examples
    --------
    >>> y, p = np.array([1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0]), np.repeat([0.25, 0.75], 4)
    >>> found = recalibrate(y, p)
    >>> round(found.slope, 6), abs(round(found.intercept, 6))
    (1.0, 0.0)
    """
    weight = ones_like(y) if weight is None else weight
    used = weight > 0
    y, weight = y[used], weight[used]
    clipped = np.clip(p[used], P_MIN, 1 - P_MIN)
    x = np.log(clipped) - np.log1p(-clipped)
    limit = _limit_case(y, x)
    return limit if limit is not None else _newton(y, x, weight)


def _limit_case(y: Floats, x: Floats) -> Recalibration | None:
    high, low = x[y > 0.5], x[y <= 0.5]
    if not len(high) or not len(low) or x.max() == x.min():
        return Recalibration(float("nan"), float("nan"))
    if low.max() <= high.min():
        return Recalibration(float("inf"), float("nan"))
    if high.max() <= low.min():
        return Recalibration(float("-inf"), float("nan"))
    return None


def _newton(y: Floats, x: Floats, weight: Floats) -> Recalibration:
    # Centred and scaled: probabilities close to 0 would make the system ill-conditioned.
    centre = mean(x, weight)
    scale = float(np.sqrt(mean((x - centre) ** 2, weight))) or 1.0
    design = np.column_stack([np.ones(len(x)), (x - centre) / scale])
    beta = np.zeros(2)
    value = _likelihood(y, design @ beta, weight)
    for _ in range(_MAX_STEPS):
        fitted = 1.0 / (1.0 + np.exp(-np.clip(design @ beta, -500, 500)))
        gradient = design.T @ (weight * (y - fitted))
        curvature = (design.T * (weight * fitted * (1 - fitted))) @ design
        step = np.linalg.lstsq(curvature, gradient, rcond=None)[0]
        size = 1.0
        while size > _ENOUGH:
            tried = _likelihood(y, design @ (beta + size * step), weight)
            if tried >= value:
                break
            size /= 2
        beta, before, value = beta + size * step, value, max(value, tried)
        if value - before <= _ENOUGH * (abs(before) + _ENOUGH):
            break
    slope = float(beta[1]) / scale
    return Recalibration(slope, float(beta[0]) - slope * centre)


def _likelihood(y: Floats, log_odds: Floats, weight: Floats) -> float:
    return float(weight @ (y * log_odds - np.logaddexp(0.0, log_odds)))
