"""Features that depend on the opening alone, computed once when it enters the index."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.float32]

MAX_PLACES = 50
PARTNER_PRIOR = 8.0
BASE_HIRE, BASE_RETAINED = 0.35, 0.6

# full_time, part_time, temporary, seasonal, gig, apprentice, public_welfare
STABILITY = np.array([1.0, 0.0, -1.0, -1.0, -1.0, 0.5, 1.0], dtype=np.float32)


def partner_shift(posterior: npt.NDArray[Any], n: npt.NDArray[Any], base: float) -> Column:
    """Return how far a partner's record moves the log-odds, by the number of outcomes behind it.

    Parameters
    ----------
    posterior : float, shape (n,)
        Smoothed probability, NaN unknown.
    n : integer, shape (n,)
        Outcomes behind it.
    base : float
        Probability at which nothing is moved.

    Returns
    -------
    float32, shape (n,)
        0 where nothing is known.

    Examples
    --------
    >>> partner_shift(np.array([0.5, np.nan]), np.array([8, 8]), 0.5).tolist()
    [0.0, 0.0]
    """
    trust = n / (n + PARTNER_PRIOR)
    shift = trust * _log_odds_from(posterior, base)
    return np.where(np.isnan(shift), 0.0, shift).astype(np.float32)


def partner_odds(posterior: npt.NDArray[Any], base: float) -> Column:
    """Return a partner's record in log-odds, as it is: the sector's where nothing is known.

    The learned models read this one: their posteriors are shrunk already.

    Examples
    --------
    >>> partner_odds(np.array([0.5, np.nan]), 0.5).tolist()
    [0.0, 0.0]
    """
    odds = _log_odds_from(posterior, base)
    return np.where(np.isnan(odds), 0.0, odds).astype(np.float32)


def _log_odds_from(posterior: npt.NDArray[Any], base: float) -> npt.NDArray[np.float64]:
    odds = np.minimum(np.maximum(posterior.astype(np.float64), 0.02), 0.98)
    found: npt.NDArray[np.float64] = np.log(odds / (1 - odds)) - np.log(base / (1 - base))
    return found


def log_places(places: npt.NDArray[Any]) -> Column:
    """Return the logarithm of one more than the free places, from 50 places on the same.

    Examples
    --------
    >>> log_places(np.array([0, 50, 90])).round(2).tolist()
    [0.0, 3.930000066757202, 3.930000066757202]
    """
    found: Column = np.log1p(np.minimum(places, MAX_PLACES)).astype(np.float32)
    return found
