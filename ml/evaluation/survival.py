"""Retention with open ends: Kaplan-Meier curves, labels at a horizon, censoring weights.

A job that is still held when it was last looked at is censored there; it is not a failure, and it
is not a success at a horizon it has not reached.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.evaluation.metrics import Z_95, Floats, Integers, ones_like

Flags = npt.NDArray[np.bool_]
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Retained:
    """Hold the share still working at one horizon.

    Attributes
    ----------
    day : int
        Days since the start of work.
    rate : float
        From 0 to 1, NaN without rows or where nobody was watched that long.
    low, high : float
        95 % interval, log-log; NaN where the rate is 0, 1 or NaN.
    n_at_risk : int
        Rows still watched on that day.
    """

    day: int
    rate: float
    low: float
    high: float
    n_at_risk: int


def kaplan_meier(
    duration: Integers, ended: Flags, days: tuple[int, ...], weight: Floats | None = None
) -> tuple[Retained, ...]:
    """Estimate the share retained at each of `days` by the product of the shares surviving.

    Parameters
    ----------
    duration : int64, shape (n,)
        Days from the start to the end, or to the last look; at least 0.
    ended : bool, shape (n,)
        The job ended at `duration`; False: censored there.
    days : tuple of int
        Horizons. A job that ends on the day of the horizon was retained up to it.
    weight : float64, shape (n,), optional
        Counts.

    Returns
    -------
    tuple of Retained
        One a horizon. Empty: NaN, 0 at risk. Nobody ended: 1. All censored before the horizon:
        NaN, since nobody was watched so long. All ended before it: 0.

    References
    ----------
    .. [1] E. L. Kaplan, P. Meier, "Nonparametric estimation from incomplete observations",
       JASA 53, 1958. Interval: Kalbfleisch and Prentice, log-log with Greenwood's variance.

    Examples
    --------
    >>> found = kaplan_meier(np.array([10, 40, 40]), np.array([True, False, False]), (30,))
    >>> round(found[0].rate, 3), found[0].n_at_risk
    (0.667, 2)
    """
    weight = ones_like(duration.astype(np.float64)) if weight is None else weight
    return tuple(_retained(duration, ended, weight, day) for day in days)


def _retained(duration: Integers, ended: Flags, weight: Floats, day: int) -> Retained:
    nan = float("nan")
    n_at_risk = int(np.count_nonzero((duration >= day) & (weight > 0)))
    rate, variance = _product(duration, ended & (duration < day), weight)
    last_is_open = n_at_risk == 0 and rate > 0
    if not weight.sum() > 0 or last_is_open:
        return Retained(day, nan, nan, nan, n_at_risk)
    if rate in (0.0, 1.0):
        return Retained(day, rate, nan, nan, n_at_risk)
    spread = Z_95 * np.sqrt(variance) / abs(np.log(rate))
    low, high = (float(rate ** np.exp(sign * spread)) for sign in (1, -1))
    return Retained(day, rate, low, high, n_at_risk)


def _product(duration: Integers, counts: Flags, weight: Floats) -> tuple[float, float]:
    """Return the product over event days, and Greenwood's sum."""
    rate, variance = 1.0, 0.0
    for day in np.unique(duration[counts & (weight > 0)]).tolist():
        at_risk = float(weight[duration >= day].sum())
        events = float(weight[counts & (duration == day)].sum())
        # A sum in another order may differ by a last bit; all that were left have gone then.
        rate *= max(1.0 - events / at_risk, 0.0)
        if at_risk > events:
            variance += events / (at_risk * (at_risk - events))
    return rate, variance


def retained_at(duration: Integers, ended: Flags, day: int) -> npt.NDArray[np.int8]:
    """Label whether each job lasted to a horizon.

    Parameters
    ----------
    duration : int64, shape (n,)
    ended : bool, shape (n,)
    day : int

    Returns
    -------
    int8, shape (n,)
        1 lasted, 0 ended before, -1 not watched long enough to know.

    Examples
    --------
    >>> retained_at(np.array([200, 90, 90]), np.array([False, True, False]), 180).tolist()
    [1, 0, -1]
    """
    return np.where(duration >= day, 1, np.where(ended, 0, UNKNOWN)).astype(np.int8)


def censoring_weights(duration: Integers, ended: Flags, day: int) -> Floats:
    """Weight jobs whose label is known by the inverse chance of having been watched so long.

    Parameters
    ----------
    duration : int64, shape (n,)
    ended : bool, shape (n,)
    day : int
        Horizon.

    Returns
    -------
    float64, shape (n,)
        0 where the label is unknown, else at least 1. Without censoring: all 1. Empty: empty.

    Notes
    -----
    Inverse probability of censoring [1]_, G by Kaplan-Meier with the roles of end and censoring
    exchanged. It assumes that how long a job is watched does not depend on how it goes.

    References
    ----------
    .. [1] E. Graf et al., "Assessment and comparison of prognostic classification schemes for
       survival data", Statistics in Medicine 18, 1999.

    Examples
    --------
    >>> weights = censoring_weights(np.array([5, 9, 200]), np.array([False, True, False]), 180)
    >>> weights.round(6).tolist()
    [0.0, 1.5, 1.5]
    """
    known = retained_at(duration, ended, day) != UNKNOWN
    reached = np.minimum(duration, day)
    order = np.sort(duration)
    days, censored = np.unique(duration[~ended], return_counts=True)
    at_risk = len(duration) - np.searchsorted(order, days, side="left")
    # Whoever ends on the day another is censored was still at risk, and watched, that day.
    gone = np.array([np.count_nonzero(ended & (duration == d)) for d in days], dtype=np.int64)
    left = at_risk - gone
    still = np.concatenate([[1.0], np.cumprod(1 - censored / np.maximum(left, 1))])
    watched = still[np.searchsorted(days, reached, side="left")]
    return np.where(known, 1.0 / np.where(known, watched, 1.0), 0.0)
