"""A plain way to hand out places by score, to compare what models would have chosen."""

from __future__ import annotations

import numpy as np

from ml.evaluation.metrics import Floats, Integers
from ml.evaluation.survival import Flags

SHARE = 0.5


def assign_greedily(
    client: Integers, opening: Integers, score: Floats, places: Integers, limit: int
) -> Flags:
    """Choose pairs from the highest score down: a client once, an opening up to its places.

    Parameters
    ----------
    client, opening : int64, shape (n,)
        Of each pair, from 0.
    score : float64, shape (n,)
        Ties go to the earlier pair.
    places : int64, shape (n_openings,)
    limit : int
        Pairs chosen at most, so that models choose between people, as scarcity makes them.

    Returns
    -------
    bool, shape (n,)

    Examples
    --------
    >>> client, opening = np.array([0, 0, 1]), np.array([0, 1, 0])
    >>> assign_greedily(client, opening, np.array([0.9, 0.8, 0.7]), np.array([1, 1]), 5).tolist()
    [True, False, False]
    """
    left = places.copy()
    taken: set[int] = set()
    chosen = np.zeros(len(client), dtype=np.bool_)
    order = np.argsort(-np.round(score, 12), kind="stable")
    for pair in order.tolist():
        if len(taken) >= limit:
            break
        who, where = int(client[pair]), int(opening[pair])
        if who not in taken and left[where] > 0:
            taken.add(who)
            left[where] -= 1
            chosen[pair] = True
    return chosen


def exposures(client: Integers, opening: Integers, score: Floats, n_clients: int) -> Floats:
    """Return how visible each client is in the openings' lists.

    Parameters
    ----------
    client, opening : int64, shape (n,)
    score : float64, shape (n,)
    n_clients : int

    Returns
    -------
    float64, shape (n_clients,)
        Sum over an opening's list, best first, of 1 / log2(rank + 1); 0 for who is in none.

    Examples
    --------
    >>> pairs = np.array([0, 1]), np.array([0, 0]), np.array([0.2, 0.9])
    >>> exposures(*pairs, n_clients=3).round(3).tolist()
    [0.631, 1.0, 0.0]
    """
    order = np.lexsort((client, -score, opening))
    ordered = opening[order]
    first = np.searchsorted(ordered, ordered, side="left")
    seen = 1.0 / np.log2(np.arange(len(order)) - first + 2.0)
    found = np.bincount(client[order], weights=seen, minlength=n_clients)
    return found.astype(np.float64)  # of no pair at all it counts in integers
