"""Maximum a posteriori logistic regression with a Gaussian prior and signs that sense demands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

Floats = npt.NDArray[np.float64]

SPREAD_FLOOR = 0.25
"""Features rarely or never seen varying are held to the prior as if they varied this much."""
INTERCEPT_SCALE = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Hold what is fitted to, shape (n,) unless told.

    Attributes
    ----------
    X : float32 or float64, shape (n, n_features)
    y : float64
        1 or 0.
    weight : float64
        At least 0.
    interval : int64
        Which intercept belongs to the case, from 0.
    """

    X: npt.NDArray[Any]
    y: Floats
    weight: Floats
    interval: npt.NDArray[np.int64]

    def part(self, positions: npt.NDArray[Any]) -> Cases:
        """Return the cases at some positions."""
        return Cases(
            self.X[positions], self.y[positions], self.weight[positions], self.interval[positions]
        )

    def scaled(self, factor: Floats) -> Cases:
        """Return the cases with weights multiplied."""
        return Cases(self.X, self.y, self.weight * factor, self.interval)


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """Hold what is believed before the cases speak.

    Attributes
    ----------
    coefficients : float64, shape (n_features,)
    intercepts : float64, shape (n_intervals,)
    sign : int64, shape (n_features,)
        1 never negative, -1 never positive, 0 free.
    used : bool, shape (n_features,)
        False where the coefficient is held at 0.
    scale : float
        Standard deviation of a coefficient times the spread of its feature, in log-odds.
    slack : float64, shape (n_features,), or float
        Multiple of the scale by feature: how little is believed beforehand.
    """

    coefficients: Floats
    intercepts: Floats
    sign: npt.NDArray[np.int64]
    used: npt.NDArray[np.bool_]
    scale: float
    slack: Floats | float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """Hold a fitted predictor: coefficients of shape (n_features,), intercepts by interval."""

    coefficients: Floats
    intercepts: Floats

    def log_odds(self, X: npt.NDArray[Any]) -> Floats:
        """Return the log-odds without intercept, feature by feature, shape (n,).

        A pair's value does not depend on its neighbours, as that of a matrix product may.
        """
        found = np.zeros(len(X))
        for number in np.flatnonzero(self.coefficients).tolist():
            found += X[:, number] * self.coefficients[number]
        return found


def fit_map(cases: Cases, prior: Prior) -> Linear:
    """Return the coefficients that are most probable given the prior and the cases.

    Parameters
    ----------
    cases : Cases
        With none, the prior itself comes back.
    prior : Prior

    Notes
    -----
    The multiple of the prior's coefficients is fitted first, so that an expert who is right about
    directions and wrong about the size is corrected by one number.
    """
    size = _size_of_prior(cases, prior)
    return _fit(cases, prior, size)


def _size_of_prior(cases: Cases, prior: Prior) -> float:
    """Return how far the prior's coefficients should be stretched or shrunk, from 0.1 to 2."""
    start = Linear(prior.coefficients * prior.used, prior.intercepts)
    column = start.log_odds(cases.X)[:, None]
    one = np.ones(1, dtype=np.int64)
    direction = Prior(np.ones(1), prior.intercepts, one, one > 0, 0.5)
    stretched = Cases(column, cases.y, cases.weight, cases.interval)
    found = float(_fit(stretched, direction, 1.0, spread=1.0).coefficients[0])
    return min(max(found, 0.1), 2.0)


def _fit(cases: Cases, prior: Prior, size: float, spread: float | None = None) -> Linear:
    n_features, n_intercepts = len(prior.coefficients), len(prior.intercepts)
    spreads = (
        np.full(n_features, spread)
        if spread is not None
        else np.maximum(cases.X.std(axis=0, dtype=np.float64), SPREAD_FLOOR)
        if len(cases.y)
        else np.ones(n_features)
    )
    Z = cases.X / spreads
    center = np.concatenate([prior.coefficients * size * spreads, prior.intercepts])
    precision = np.concatenate(
        [
            np.ones(n_features) * (prior.scale * prior.slack) ** -2.0,
            np.full(n_intercepts, INTERCEPT_SCALE**-2),
        ]
    )
    onehot = cases.interval

    def loss(theta: Floats) -> tuple[float, Floats]:
        eta = Z @ theta[:n_features] + theta[n_features:][onehot]
        gap = theta - center
        value = float(cases.weight @ (np.logaddexp(0.0, eta) - cases.y * eta))
        slope = cases.weight * (expit(eta) - cases.y)
        gradient = np.concatenate(
            [slope @ Z, np.bincount(onehot, weights=slope, minlength=n_intercepts)]
        )
        return value + 0.5 * float(precision @ gap**2), gradient + precision * gap

    lows = np.where(prior.sign > 0, 0.0, -np.inf)
    highs = np.where(prior.sign < 0, 0.0, np.inf)
    lows, highs = np.where(prior.used, lows, 0.0), np.where(prior.used, highs, 0.0)
    free = np.full(n_intercepts, np.inf)
    bounds = list(zip(np.concatenate([lows, -free]), np.concatenate([highs, free]), strict=True))
    start = np.clip(center, [low for low, _ in bounds], [high for _, high in bounds])
    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 300, "ftol": 1e-11, "gtol": 1e-6},
    ).x
    return Linear(found[:n_features] / spreads, found[n_features:])
