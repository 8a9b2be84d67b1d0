"""How far forecasts lie from outcomes beyond what chance alone shows, and how much chance shows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import erf

from ml.evaluation.calibration import N_BINS, equal_mass_bins
from ml.evaluation.metrics import Floats, Integers, ones_like

MIN_IN_BIN = 30
MIN_CLIENTS = 30
LEVEL = 0.95
N_DRAWS = 4000


@dataclass(frozen=True, slots=True)
class CalibrationError:
    """Hold an expected calibration error freed of its bias, and the width of chance.

    Attributes
    ----------
    value : float
        From 0 to 1; NaN with fewer than `MIN_CLIENTS` clients.
    noise : float
        What a perfectly calibrated model stays below in 95 of 100 such samples; NaN as `value`.
    n : int
        Rows with positive weight.
    row_variance : float
        Variance that one row adds to a bin's gap, clients' rows going together.
    """

    value: float
    noise: float
    n: int
    row_variance: float

    def n_needed(self, bound: float) -> int | None:
        """Return about how many rows bring `noise` down to a bound; None where nothing is known.

        Examples
        --------
        >>> CalibrationError(0.1, 0.2, 60, 0.21).n_needed(0.05)
        690
        """
        if not self.row_variance > 0:
            return None
        unit = _noise(np.ones(N_BINS), np.full(N_BINS, 1 / N_BINS))
        return math.ceil(self.row_variance * N_BINS * (unit / bound) ** 2)


def n_bins_for(n: int) -> int:
    """Return how many bins hold at least `MIN_IN_BIN` of `n` rows each, up to `N_BINS`.

    Examples
    --------
    >>> [n_bins_for(n) for n in (0, 59, 60, 299, 300, 5000)]
    [1, 1, 2, 9, 10, 10]
    """
    return min(max(n // MIN_IN_BIN, 1), N_BINS)


def calibration_error(
    y: Floats, p: Floats, client: Integers, weight: Floats | None = None
) -> CalibrationError:
    """Estimate the expected calibration error without what noise adds to it.

    Parameters
    ----------
    y : float64, shape (n,)
        0 or 1.
    p : float64, shape (n,)
    client : int64, shape (n,)
        Rows of one client may go together.
    weight : float64, shape (n,), optional

    Returns
    -------
    CalibrationError

    Notes
    -----
    The mean of absolute gaps is never 0, however well a model is calibrated. Each bin's gap g is
    taken as normal with the standard error s of a ratio over clients; what noise adds is estimated
    as E|N(g, s²)| - |g|, the resampling correction of [1]_ in closed form (folded normal). It takes
    away part of the bias, never more than there is when the model is calibrated, and vanishes with
    n: with many rows this is `expected_calibration_error`. `noise` is the consistency band of [2]_:
    the same estimate of gaps that are noise alone.

    References
    ----------
    .. [1] A. Kumar, P. Liang, T. Ma, "Verified uncertainty calibration", NeurIPS 2019.
    .. [2] J. Bröcker, L. A. Smith, "Increasing the reliability of reliability diagrams", Weather
       and Forecasting 22, 2007.

    Examples
    --------
    >>> y, p = np.tile([1.0, 0.0], 5000), np.full(10_000, 0.6)
    >>> found = calibration_error(y, p, np.arange(10_000))
    >>> round(found.value, 3), round(found.noise, 3)
    (0.1, 0.01)
    """
    weight = ones_like(y) if weight is None else weight
    used = weight > 0
    y, p, client, weight = y[used], p[used], client[used], weight[used]
    n = len(y)
    if len(np.unique(client)) < MIN_CLIENTS:
        return CalibrationError(math.nan, math.nan, n, math.nan)
    bins = equal_mass_bins(p, weight, n_bins_for(n))
    _, bins = np.unique(bins, return_inverse=True)
    mass = np.bincount(bins, weights=weight)
    gap = np.bincount(bins, weights=weight * (y - p)) / mass
    spread = _standard_errors(weight * (y - p - gap[bins]), bins, client, mass)
    by_chance = np.sqrt(np.bincount(bins, weights=weight**2 * p * (1 - p))) / mass
    # Where all outcomes of a bin are the same, its spread says less than the forecasts do.
    null = np.maximum(spread, by_chance)
    share = mass / mass.sum()
    return CalibrationError(
        value=max(float(share @ _debiased(np.abs(gap), spread)), 0.0),
        noise=_noise(null, share),
        n=n,
        row_variance=float(np.mean(null**2)) * n / len(null),
    )


def _standard_errors(
    residual: Floats, bins: npt.NDArray[np.intp], client: Integers, mass: npt.NDArray[Any]
) -> Floats:
    """Return each bin's standard error of its gap, clients drawn; 0 where there is one client."""
    pairs, place = np.unique(np.stack([bins, client]), axis=1, return_inverse=True)
    sums = np.bincount(place.ravel(), weights=residual)
    n_clients = np.bincount(pairs[0], minlength=len(mass))
    squares = np.bincount(pairs[0], weights=sums**2, minlength=len(mass))
    found: Floats = np.sqrt(squares * n_clients / np.maximum(n_clients - 1, 1)) / mass
    return found


def _debiased(gap: Floats, spread: Floats) -> Floats:
    """Return absolute gaps less what noise adds to them; may be negative."""
    found: Floats = 2 * gap - _folded_mean(gap, spread)
    return found


def _folded_mean(gap: Floats, spread: Floats) -> Floats:
    """Return the mean of ``|N(gap, spread²)|``."""
    scale = np.maximum(spread, 1e-12)
    ratio = gap / scale
    tail = scale * math.sqrt(2 / math.pi) * np.exp(-(ratio**2) / 2)
    found: Floats = tail + gap * erf(ratio / math.sqrt(2))
    return found


def _noise(spread: Floats, share: Floats) -> float:
    drawn = np.abs(np.random.default_rng(0).normal(size=(N_DRAWS, len(spread)))) * spread
    return max(float(np.quantile(_debiased(drawn, spread) @ share, LEVEL)), 0.0)
