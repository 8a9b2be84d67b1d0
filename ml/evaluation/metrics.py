"""Metrics of probabilities and orders, each with a weight a row and its limit cases written down.

Weights carry both the resampled counts of a bootstrap and the inverse probabilities of not being
censored. A metric that nothing defines is NaN, never a flattering number: no row of positive weight
always gives NaN.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

P_MIN = 1e-12
Z_95 = 1.959963984540054
"""Standard errors to either side of a 95 % interval."""


def ones_like(values: Floats) -> Floats:
    """Return the weight of rows that all count the same."""
    return np.ones(len(values), dtype=np.float64)


def mean(values: Floats, weight: Floats) -> float:
    """Return the weighted mean, NaN without weight.

    Parameters
    ----------
    values : float64, shape (n,)
    weight : float64, shape (n,)
        At least 0.

    Examples
    --------
    >>> mean(np.array([1.0, 5.0]), np.array([3.0, 1.0]))
    2.0
    """
    total = float(weight.sum())
    return float(values @ weight) / total if total > 0 else float("nan")


def log_loss(y: Floats, p: Floats, weight: Floats | None = None) -> float:
    """Return the mean negative log-likelihood in nats.

    Parameters
    ----------
    y : float64, shape (n,)
        0 or 1.
    p : float64, shape (n,)
        Probability of 1, clipped to [1e-12, 1 - 1e-12]: certain and wrong costs 27.6, not infinity.
    weight : float64, shape (n,), optional
        At least 0; all 1 by default.

    Returns
    -------
    float
        At least 0. Empty: NaN. One class: defined. Perfect: 1e-12. Constant 0.5: log 2.

    Examples
    --------
    >>> round(log_loss(np.array([1.0, 0.0]), np.array([0.5, 0.5])), 4)
    0.6931
    """
    return mean(log_losses(y, p), ones_like(y) if weight is None else weight)


def log_losses(y: Floats, p: Floats) -> Floats:
    """Return each row's negative log-likelihood, shape (n,)."""
    clipped = np.clip(p, P_MIN, 1 - P_MIN)
    found: Floats = -np.where(y > 0.5, np.log(clipped), np.log1p(-clipped))
    return found


def brier(y: Floats, p: Floats, weight: Floats | None = None) -> float:
    """Return the mean squared distance of probability and outcome.

    Parameters
    ----------
    y, p : float64, shape (n,)
    weight : float64, shape (n,), optional

    Returns
    -------
    float
        From 0 (perfect) to 1. Empty: NaN. One class: defined. Constant 0.5: 0.25.

    Examples
    --------
    >>> brier(np.array([1.0, 0.0]), np.array([1.0, 0.5]))
    0.125
    """
    return mean((y - p) ** 2, ones_like(y) if weight is None else weight)


def auc(y: Floats, score: Floats, weight: Floats | None = None) -> float:
    """Return the chance that a row of class 1 scores above one of class 0, ties counting half.

    Parameters
    ----------
    y : float64, shape (n,)
    score : float64, shape (n,)
        Any order-preserving number.
    weight : float64, shape (n,), optional

    Returns
    -------
    float
        From 0 to 1. Empty or one class: NaN. Perfect: 1. Constant score: 0.5.

    Examples
    --------
    >>> auc(np.array([0.0, 0.0, 1.0]), np.array([0.1, 0.8, 0.8]))
    0.75
    """
    weight = ones_like(y) if weight is None else weight
    _, place = np.unique(score, return_inverse=True)
    return auc_of_places(y, place, weight)


def auc_of_places(y: Floats, place: npt.NDArray[np.intp], weight: Floats) -> float:
    """Return `auc` from the scores' dense ranks, which a bootstrap needs to sort only once."""
    positive = np.bincount(place, weights=weight * y)
    negative = np.bincount(place, weights=weight * (1 - y))
    pairs = positive.sum() * negative.sum()
    if not pairs > 0:
        return float("nan")
    below = np.cumsum(negative) - negative / 2
    return float(positive @ below / pairs)


def ndcg(y: Floats, score: Floats, group: Integers, k: int, weight: Floats | None = None) -> float:
    """Return the mean NDCG at `k` over the groups for which it is defined.

    Parameters
    ----------
    y : float64, shape (n,)
        Relevance, at least 0.
    score : float64, shape (n,)
    group : int64, shape (n,)
        From 0; rows of one group are ranked against each other.
    k : int
        At least 1.
    weight : float64, shape (n_groups,), optional
        Of each group.

    Returns
    -------
    float
        From 0 to 1. Perfect: 1. No defined group (see `ndcg_by_group`): NaN.
    """
    value = ndcg_by_group(y, score, group, k)
    weight = ones_like(value) if weight is None else weight
    defined = ~np.isnan(value)
    return mean(value[defined], weight[defined])


def ndcg_by_group(y: Floats, score: Floats, group: Integers, k: int) -> Floats:
    """Return each group's discounted cumulative gain at `k` against the best order's.

    Parameters
    ----------
    y, score : float64, shape (n,)
    group : int64, shape (n,)
        From 0.
    k : int

    Returns
    -------
    float64, shape (n_groups,)
        NaN where every order is as good: a group with a single row, or of equal relevance.

    Notes
    -----
    Gain is the relevance, discount 1 / log2(rank + 1) [1]_. Rows that tie in score share the mean
    discount of their places, which is the expectation over random tie-breaking.

    References
    ----------
    .. [1] K. Järvelin, J. Kekäläinen, "Cumulated gain-based evaluation of IR techniques",
       ACM TOIS 20(4), 2002.

    Examples
    --------
    >>> y, group = np.array([0.0, 1.0, 1.0]), np.array([0, 0, 1])
    >>> ndcg_by_group(y, np.array([0.9, 0.1, 0.5]), group, 10).round(3).tolist()
    [0.631, nan]
    """
    n_groups = int(group.max()) + 1 if len(group) else 0
    gain = np.bincount(group, weights=y * _discounts(score, group, k), minlength=n_groups)
    best = np.bincount(group, weights=y * _discounts(y, group, k), minlength=n_groups)
    highest, lowest = np.full(n_groups, -np.inf), np.full(n_groups, np.inf)
    np.maximum.at(highest, group, y)
    np.minimum.at(lowest, group, y)
    defined = highest > lowest
    return np.where(defined, gain / np.where(defined, best, 1.0), np.nan)


def _discounts(score: Floats, group: Integers, k: int) -> Floats:
    """Return the discount of each row's place in its group, ties sharing their mean."""
    n = len(score)
    order = np.lexsort((-score, group))
    ordered_group, ordered_score = group[order], score[order]
    starts = np.flatnonzero(np.r_[True, ordered_group[1:] != ordered_group[:-1]]) if n else order
    sizes = np.diff(np.r_[starts, n])
    rank = np.arange(n) - np.repeat(starts, sizes)
    discount = np.where(rank < k, 1.0 / np.log2(rank + 2.0), 0.0)
    new = np.r_[True, ordered_score[1:] != ordered_score[:-1]] if n else np.zeros(0, dtype=bool)
    new[starts] = True
    block = np.cumsum(new) - 1
    shared = np.bincount(block, weights=discount) / np.maximum(np.bincount(block), 1)
    found = np.empty(n)
    found[order] = shared[block]
    return found
