"""What an allocation adds up: jobs kept, or the scores that rankings show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.baseline import Model, Scores, Weight
from ml.parts import Parts

KEPT, SCORE = "kept", "score"
OBJECTIVES = (KEPT, SCORE)


@dataclass(frozen=True, slots=True)
class JobsKept:
    """Value a pair by the chance of a job kept six months, without the person's own utility.

    Wishes and wages are in both probabilities already. Multiplied in once more they decide between
    persons, where they should only decide between the openings of one person.

    Attributes
    ----------
    model : Model

    Examples
    --------
    >>> from ml.baseline import ExpertBaseline
    >>> from ml.features import FEATURES, INDEX
    >>> X = np.zeros((1, len(FEATURES)), dtype=np.float32)
    >>> X[0, INDEX["wage_gap"]] = 0.5
    >>> found, plain = JobsKept(ExpertBaseline()).predict(X), ExpertBaseline().predict(X)
    >>> bool(found.score[0] == plain.p_hire[0] * plain.p_retained_6m[0] < plain.score[0])
    True
    """

    model: Model

    @property
    def name(self) -> str:
        """Return the name of the model."""
        return self.model.name

    @property
    def weights_in_use(self) -> dict[str, Weight]:
        """Return the weights of the model."""
        return self.model.weights_in_use

    def parts(self, X: npt.NDArray[Any]) -> Parts:
        """Return what the log-odds of the model are made of."""
        return self.model.parts(X)

    def predict(self, X: npt.NDArray[Any]) -> Scores:
        """Score pairs given features of shape (n, n_features); their utility is 1."""
        found = self.model.predict(X)
        return Scores(
            found.p_hire,
            found.p_retained_6m,
            np.ones(len(X)),
            found.p_hire * found.p_retained_6m,
        )


def valued_by(objective: str, model: Model) -> Model:
    """Return the model as an allocation with an objective of `OBJECTIVES` sees it."""
    return JobsKept(model) if objective == KEPT else model
