"""The expert formula: documented weights, no training, the stage below 500 matured outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator

from ml.features import INDEX
from ml.parts import N_FAMILIES, REST, Parts, in_order, linear_parts

Probabilities = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weight:
    """Hold the weight of one feature in log-odds.

    Attributes
    ----------
    hire, retained : float
        Log-odds per unit of the feature, of being hired, and of still working at 180 days.
    neutral : float
        Value at which the feature speaks neither for nor against.
    best : float
        Value beyond which nothing is gained; the distance to it is the shortfall.
    """

    hire: float
    retained: float
    neutral: float
    best: float


# Signs and order of magnitude from placement practice: skills and certificates decide who is hired,
# the way to work, the wage and the contract who stays.
EXPERT_WEIGHTS: dict[str, Weight] = {
    "essential_coverage": Weight(1.6, 0.4, 0.5, 1.0),
    "n_missing_essential": Weight(-0.20, -0.05, 0.0, 0.0),
    "optional_coverage": Weight(0.5, 0.2, 0.5, 1.0),
    "certificate_match": Weight(0.4, 0.1, 0.0, 1.0),
    "occupation_experience": Weight(1.0, 0.4, 0.2, 1.0),
    "sector_experience": Weight(0.3, 0.2, 0.1, 1.0),
    "text_similarity": Weight(0.8, 0.2, 0.2, 1.0),
    "desired_occupation": Weight(0.2, 0.5, 0.0, 1.0),
    "commute_km": Weight(-0.010, -0.025, 12.0, 0.0),
    "lodging_fit": Weight(0.1, 0.4, 0.0, 1.0),
    "wage_gap": Weight(0.0, 0.8, 0.0, 0.5),
    "shift_fit": Weight(0.1, 0.2, 0.0, 1.0),
    "education_margin": Weight(0.3, 0.0, 0.0, 1.0),
    "exertion_margin": Weight(0.2, 0.2, 0.0, 1.0),
    "contract_stability": Weight(0.0, 0.3, 0.0, 1.0),
    "training_recency": Weight(0.4, 0.1, 0.0, 1.0),
    "partner_hire": Weight(1.0, 0.0, 0.0, 1.0),
    "partner_retained": Weight(0.0, 1.0, 0.0, 1.0),
    "opening_age": Weight(-0.3, 0.0, 0.3, 0.0),
    "places_left": Weight(0.15, 0.0, 0.7, 2.4),
}
EXPERT_INTERCEPTS = (-1.9, 0.3)
UTILITY_WEIGHTS = {"wage_gap": 0.5, "desired_occupation": 0.25}
UTILITY_BOUNDS = (0.5, 1.5)


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Hold what a model says of pairs, each of shape (n,).

    Attributes
    ----------
    p_hire : float64
        Probability of being hired if proposed.
    p_retained_6m : float64
        Probability of still working at 180 days, given hired.
    utility : float64
        The person's own, from 0.5 to 1.5; 1 where wishes are unknown.
    score : float64
        Their product.
    """

    p_hire: Probabilities
    p_retained_6m: Probabilities
    utility: Probabilities
    score: Probabilities

    def part(self, positions: npt.NDArray[np.intp] | slice) -> Scores:
        """Return the scores at some positions."""
        return Scores(
            self.p_hire[positions],
            self.p_retained_6m[positions],
            self.utility[positions],
            self.score[positions],
        )


class Model(Protocol):
    """Describe what the library asks of a ranking model."""

    @property
    def name(self) -> str:
        """Return the name shown beside its rankings."""
        ...

    @property
    def weights_in_use(self) -> dict[str, Weight]:
        """Return the weights in use, by feature name; they tell what the best value would add."""
        ...

    def parts(self, X: npt.NDArray[Any]) -> Parts:
        """Return what the log-odds of pairs are made of: base and families add up to them."""
        ...

    def predict(self, X: npt.NDArray[Any]) -> Scores:
        """Score pairs given features of shape (n, n_features)."""
        ...


class ExpertBaseline(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Score pairs with fixed, documented weights.

    Parameters
    ----------
    weights : dict of str to Weight, optional
        By feature name; `EXPERT_WEIGHTS` by default. Absent features do not count.
    intercepts : tuple of float, optional
        Log-odds of hire and of retention of a pair with all features zero.

    Examples
    --------
    >>> import numpy as np
    >>> from ml.features import FEATURES
    >>> found = ExpertBaseline().predict(np.zeros((1, len(FEATURES)), dtype=np.float32))
    >>> round(float(found.p_hire[0]), 3), float(found.utility[0])
    (0.13, 1.0)
    """

    name = "expert"

    def __init__(
        self,
        weights: dict[str, Weight] | None = None,
        intercepts: tuple[float, float] = EXPERT_INTERCEPTS,
    ) -> None:
        self.weights = weights
        self.intercepts = intercepts

    def fit(self, X: npt.NDArray[Any] | None = None, y: npt.NDArray[Any] | None = None) -> Self:
        """Return itself: there is nothing to learn."""
        return self

    @property
    def weights_in_use(self) -> dict[str, Weight]:
        """Return the weights given, or the documented ones."""
        return EXPERT_WEIGHTS if self.weights is None else self.weights

    def parts(self, X: npt.NDArray[Any]) -> Parts:
        """Return what the log-odds of pairs are made of; base and families add up to them."""
        weights = self.weights_in_use
        usual = in_order({name: weight.neutral for name, weight in weights.items()})
        hire = in_order({name: weight.hire for name, weight in weights.items()})
        retained = in_order({name: weight.retained for name, weight in weights.items()})
        of_hire, of_retained = linear_parts(X, hire, usual), linear_parts(X, retained, usual)
        return Parts(
            of_hire[:, :N_FAMILIES],
            of_retained[:, :N_FAMILIES],
            self.intercepts[0] + float(hire @ usual) + of_hire[:, REST],
            self.intercepts[1] + float(retained @ usual) + of_retained[:, REST],
        )

    def predict(self, X: npt.NDArray[Any]) -> Scores:
        """Score pairs.

        Parameters
        ----------
        X : float32, shape (n, n_features)
            Columns in the order of `ml.features.FEATURES`, without NaN. n may be 0.

        Returns
        -------
        Scores
            Element by element: a pair's score does not depend on its neighbours.
        """
        hire = np.full(len(X), self.intercepts[0])
        retained = np.full(len(X), self.intercepts[1])
        columns = X.T.astype(np.float64)
        part = np.empty(len(X))
        for name, weight in self.weights_in_use.items():
            column = columns[INDEX[name]]
            if weight.hire:
                hire += np.multiply(column, weight.hire, out=part)
            if weight.retained:
                retained += np.multiply(column, weight.retained, out=part)
        p_hire, p_retained = _logistic(hire), _logistic(retained)
        utility = utility_of(X)
        return Scores(p_hire, p_retained, utility, p_hire * p_retained * utility)


def utility_of(X: npt.NDArray[Any]) -> Probabilities:
    """Return the person's own utility of pairs: wage against the wish, and the wished occupation.

    Parameters
    ----------
    X : float32, shape (n, n_features)

    Returns
    -------
    float64, shape (n,)
        From 0.5 to 1.5; 1 where nothing is known of the person's wishes.
    """
    utility = np.ones(len(X))
    for name, weight in UTILITY_WEIGHTS.items():
        utility += X[:, INDEX[name]] * np.float64(weight)
    return np.minimum(np.maximum(utility, UTILITY_BOUNDS[0]), UTILITY_BOUNDS[1])


def _logistic(log_odds: npt.NDArray[np.float64]) -> Probabilities:
    found: Probabilities = 1.0 / (1.0 + np.exp(-log_odds))
    return found
