"""Intervals by resampling clients: a client's rows come and go together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ml.evaluation.metrics import Floats, Integers

Statistic = Callable[[Floats], float]

N_RESAMPLES = 500
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """Hold a value with its interval.

    Attributes
    ----------
    value : float
        On the rows as they are; NaN undefined.
    low, high : float
        Percentiles over the resamples where the statistic is defined; NaN without any, or with
        fewer than two clients.
    """

    value: float
    low: float
    high: float


def resampled_counts(n_clients: int, n_resamples: int, seed: int) -> Iterator[Floats]:
    """Yield how often each client is drawn, shape (n_clients,), summing to `n_clients`.

    Examples
    --------
    >>> [float(counts.sum()) for counts in resampled_counts(3, 2, seed=0)]
    [3.0, 3.0]
    """
    rng = np.random.default_rng(seed)
    for _ in range(n_resamples):
        drawn = rng.integers(0, n_clients, n_clients)
        yield np.bincount(drawn, minlength=n_clients).astype(np.float64)


def client_interval(
    statistic: Statistic,
    client: Integers,
    *,
    seed: int,
    n_resamples: int = N_RESAMPLES,
    level: float = LEVEL,
) -> Interval:
    """Return a statistic with its percentile interval over resampled clients.

    Parameters
    ----------
    statistic : callable
        From a weight a row, float64 of shape (n,), to a number. A difference of two models under
        the same weight makes the bootstrap paired.
    client : int64, shape (n,)
        Client of each row, any numbers.
    seed : int
        The same seed draws the same clients.
    n_resamples : int
    level : float

    Returns
    -------
    Interval
        No rows: all NaN. One client: low and high NaN.

    Examples
    --------
    >>> y = np.array([1.0, 3.0])
    >>> found = client_interval(lambda w: float(w @ y / w.sum()), np.array([0, 1]), seed=1)
    >>> found.value, found.low, found.high
    (2.0, 1.0, 3.0)
    """
    value = statistic(np.ones(len(client))) if len(client) else math.nan
    found, place = np.unique(client, return_inverse=True)
    if len(found) < 2:
        return Interval(value, math.nan, math.nan)
    drawn = np.array(
        [statistic(counts[place]) for counts in resampled_counts(len(found), n_resamples, seed)]
    )
    drawn = drawn[np.isfinite(drawn)]
    if not len(drawn):
        return Interval(value, math.nan, math.nan)
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(drawn, [tail, 100 - tail])
    return Interval(value, float(low), float(high))
