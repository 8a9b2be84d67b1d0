"""The learned model: partner records, two learned probabilities, and what they are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.baseline import EXPERT_WEIGHTS, ExpertBaseline, Scores, Weight, utility_of
from ml.features import FEATURES
from ml.learning.attribution import head_parts
from ml.learning.head import Head, pooled_factor
from ml.learning.partners import PartnerTable
from ml.parts import Parts, in_order
from ml.schema import Vacancies
from ml.statics import BASE_HIRE, BASE_RETAINED, partner_odds

Floats = npt.NDArray[np.float64]

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
    "unverified": Weight(-1.0, -0.4, 0.2, 0.0),
    "skill_trade": Weight(0.4, 0.1, 0.0, 1.0),
    "wish_nearness": Weight(0.1, 0.2, 0.1, 1.0),
    "partner_hire_odds": Weight(1.0, 0.0, 0.0, 1.0),
    "partner_retained_odds": Weight(0.0, 1.0, 0.0, 1.0),
}
"""What is believed beforehand of features that the expert formula does not read."""
UNWEIGHTED = {
    "essential_stated": Weight(0.0, 0.0, 1.0, 1.0),
    "occupation_known": Weight(0.0, 0.0, 1.0, 1.0),
    "skills_known": Weight(0.0, 0.0, 1.0, 1.0),
    "experience_known": Weight(0.0, 0.0, 1.0, 1.0),
    "mentioned_coverage": Weight(0.0, 0.0, 0.5, 1.0),
    "weakest_practice": Weight(0.0, 0.0, 0.06, 1.0),
}
"""Usual and best values of the features nothing is believed of: what is known speaks neither for
nor against by being known. The others have 0 and 0."""
ANCHORS = EXPERT_WEIGHTS | UNWEIGHTED | STAND_INS


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
            feature.name: Weight(
                float(hire[i]), float(retained[i]), usual, self._best(feature.name)
            )
            for i, (feature, usual) in enumerate(zip(FEATURES, self._usual().tolist(), strict=True))
        }

    def parts(self, X: npt.NDArray[Any]) -> Parts:
        """Return what the log-odds of pairs are made of; base and families add up to them."""
        if self.hire is None or self.retained is None:
            return ExpertBaseline().parts(X)
        usual = self._usual()
        hire, base_hire = head_parts(self.hire, X, usual)
        retained, base_retained = head_parts(self.retained, X, usual)
        return Parts(hire, retained, base_hire, base_retained)

    def _usual(self) -> Floats:
        """Return the value of each feature that speaks neither for nor against."""
        everybody = self.partners.sector_hire[-1:], self.partners.sector_retained[-1:]
        values = {name: weight.neutral for name, weight in ANCHORS.items()}
        # How often people are hired here, not how often the formula's makers thought they are.
        values["partner_hire_odds"] = float(partner_odds(everybody[0], BASE_HIRE)[0])
        values["partner_retained_odds"] = float(partner_odds(everybody[1], BASE_RETAINED)[0])
        return in_order(values)

    def _best(self, name: str) -> float:
        return ANCHORS[name].best if name in ANCHORS else 0.0

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
