"""One probability of the learned model: MAP weights, boosted correction, calibration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from ml.learning.logistic import Linear
from ml.learning.outcomes import N_TO_SIX_MONTHS
from ml.learning.trees import Trees

Floats = npt.NDArray[np.float64]

TINY = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """Predict one probability: MAP weights, blended with trees in log-odds, then calibrated.

    Attributes
    ----------
    linear : Linear
        With one intercept, or with one an interval: then the probability is the product of the
        survivals of the first three.
    trees : Trees or None
        Their last column is the linear part's log-odds.
    tree_share : float
        From 0 to 1.
    slope, shift : float
        Of the calibration; the slope is above 0, so order is kept.
    """

    linear: Linear
    trees: Trees | None
    tree_share: float
    slope: float
    shift: float

    def predict(self, X: npt.NDArray[Any]) -> Floats:
        """Return probabilities, shape (n,)."""
        plain = linear_log_odds(self.linear, X)
        if self.trees is not None and self.tree_share > 0:
            grown = self.trees.log_odds(np.column_stack([X, plain]))
            plain = (1.0 - self.tree_share) * plain + self.tree_share * grown
        found: Floats = expit(self.slope * plain + self.shift)
        return found


def linear_log_odds(linear: Linear, X: npt.NDArray[Any]) -> Floats:
    """Return the log-odds of the whole: of the one flag, or of surviving to six months."""
    return whole_log_odds(linear.intercepts, linear.log_odds(X))


def whole_log_odds(intercepts: Floats, eta: Floats) -> Floats:
    """Return the log-odds of the whole, given those without intercept, shape (n,)."""
    if len(intercepts) == 1:
        single: Floats = eta + intercepts[0]
        return single
    log_survival = np.zeros(len(eta))
    for intercept in intercepts[:N_TO_SIX_MONTHS].tolist():
        log_survival -= np.logaddexp(0.0, -(eta + intercept))
    found: Floats = log_survival - np.log(np.maximum(-np.expm1(log_survival), TINY))
    return found


def pooled_factor(linear: Linear) -> float:
    """Return how much a unit of a pooled hazard's log-odds moves those of six months."""
    survival = expit(linear.intercepts[:N_TO_SIX_MONTHS])
    whole = float(np.prod(survival))
    return float((1.0 - survival).sum()) / max(1.0 - whole, TINY)
