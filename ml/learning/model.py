"""The learned model: partner records, MAP weights, boosted correction, calibration."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from ml.baseline import EXPERT_WEIGHTS, ExpertBaseline, Scores, Weight, utility_of
from ml.features import FEATURES
from ml.learning.logistic import Linear
from ml.learning.outcomes import N_TO_SIX_MONTHS
from ml.learning.partners import PartnerTable
from ml.learning.trees import Trees
from ml.schema import Vacancies

Floats = npt.NDArray[np.float64]

TINY = 1e-9
STAND_INS = {
    "essential_coverage": Weight(0.0, 0.0, 0.5, 1.0),
    "n_missing_essential": Weight(0.0, 0.0, 0.0, 0.0),
    "occupation_experience": Weight(0.0, 0.0, 0.2, 1.0),
    "commute_km": Weight(0.0, 0.0, 12.0, 0.0),
    "believed_coverage": Weight(2.0, 0.4, 0.4, 1.0),
    "weakest_skill": Weight(0.5, 0.1, 0.3, 1.0),
    "practice": Weight(1.2, 0.4, 0.2, 1.0),
    "skilled_practice": Weight(0.5, 0.1, 0.1, 1.0),
    "daily_way": Weight(-0.3, -0.7, 0.4, 0.0),
    "unverified": Weight(-1.0, -0.4, 0.0, 0.0),
    "skill_trade": Weight(0.4, 0.1, 0.0, 1.0),
    "wish_nearness": Weight(0.1, 0.2, 0.0, 1.0),
    "partner_hire_odds": Weight(1.0, 0.0, 0.0, 1.0),
    "partner_retained_odds": Weight(0.0, 1.0, 0.0, 1.0),
}
"""What is believed beforehand of features that the expert formula does not read."""


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
    eta = linear.log_odds(X)
    if len(linear.intercepts) == 1:
        eta += linear.intercepts[0]
        return eta
    log_survival = np.zeros(len(X))
    for intercept in linear.intercepts[:N_TO_SIX_MONTHS].tolist():
        log_survival -= np.logaddexp(0.0, -(eta + intercept))
    found: Floats = log_survival - np.log(np.maximum(-np.expm1(log_survival), TINY))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class LearnedModel:
    """Score pairs with what outcomes have taught, as far as there are enough of them.

    Attributes
    ----------
    stage : str
        ``expert``, ``map`` or ``blend``.
    n_matured : int
        Proposals whose answer is known.
    partners : PartnerTable
    hire, retained : Head or None
        None at stage ``expert``.
    ahead : dict of str to float
        How the linear part of hire did on proposals later than those trained on, rolling the
        origin: ``n``, ``log_loss``, ``auc``; empty where nothing was learned. The store keeps it
        in the metadata; a model read back has none.
    """

    stage: str
    n_matured: int
    partners: PartnerTable
    hire: Head | None = None
    retained: Head | None = None
    name: str = "learned"
    ahead: dict[str, float] = field(default_factory=dict)

    @property
    def weights_in_use(self) -> dict[str, Weight]:
        """Return the MAP weights, in log-odds of the two probabilities; trees only correct them."""
        if self.hire is None or self.retained is None:
            return EXPERT_WEIGHTS
        hire = self.hire.linear.coefficients * self.hire.slope
        retained = self.retained.linear.coefficients * self.retained.slope
        retained = retained * pooled_factor(self.retained.linear)
        return {
            feature.name: Weight(float(hire[i]), float(retained[i]), *_anchors(feature.name))
            for i, feature in enumerate(FEATURES)
        }

    def prepare(self, vacancies: Vacancies) -> Vacancies:
        """Return the openings with the records of their partners as the model knows them."""
        return self.partners.fill(vacancies)

    def predict(self, X: npt.NDArray[Any]) -> Scores:
        """Score pairs given features of shape (n, n_features); n may be 0."""
        if self.hire is None or self.retained is None:
            return ExpertBaseline().predict(X)
        p_hire, p_retained = self.hire.predict(X), self.retained.predict(X)
        utility = utility_of(X)
        return Scores(p_hire, p_retained, utility, p_hire * p_retained * utility)


def pooled_factor(linear: Linear) -> float:
    """Return how much a unit of a pooled hazard's log-odds moves those of six months."""
    survival = expit(linear.intercepts[:N_TO_SIX_MONTHS])
    whole = float(np.prod(survival))
    return float((1.0 - survival).sum()) / max(1.0 - whole, TINY)


def _anchors(name: str) -> tuple[float, float]:
    weight = STAND_INS.get(name) or EXPERT_WEIGHTS.get(name)
    return (weight.neutral, weight.best) if weight is not None else (0.0, 0.0)
