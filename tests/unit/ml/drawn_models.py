"""Learned models for tests that no past taught: drawn by seed, or reading one feature only."""

from __future__ import annotations

import numpy as np

from ml.features import FEATURES, INDEX
from ml.learning.head import Head
from ml.learning.logistic import Linear
from ml.learning.model import LearnedModel
from ml.learning.partners import Numbering, PartnerTable
from ml.learning.training import NOT_LEARNED
from ml.learning.trees import Trees
from ml.statics import BASE_HIRE, BASE_RETAINED

N = len(FEATURES)
NOBODY = PartnerTable(
    Numbering({}, {}),
    np.zeros((0, 2)),
    np.zeros((0, 2)),
    np.array([BASE_HIRE]),
    np.array([BASE_RETAINED]),
)


def drawn_trees(rng: np.random.Generator, n_trees: int = 20) -> Trees:
    """Draw trees over all features and the linear part, some of them cut short."""
    threshold = rng.normal(0.3, 0.5, size=(n_trees, 7))
    threshold[rng.random((n_trees, 7)) < 0.2] = np.inf
    return Trees(
        rng.integers(0, N + 1, size=(n_trees, 7)).astype(np.int16),
        threshold,
        rng.normal(0.0, 0.2, size=(n_trees, 8)),
        float(rng.normal()),
    )


def drawn_head(
    rng: np.random.Generator, kind: str, *, share: float, everything: bool = False
) -> Head:
    """Draw a head with the signs that sense demands, of the features that are learned from."""
    coefficients = rng.normal(0.0, 0.8, size=N)
    sign = np.array([getattr(feature, kind) for feature in FEATURES])
    coefficients = np.where(sign == 0, coefficients, np.abs(coefficients) * sign)
    coefficients[INDEX["commute_km"]] /= 20.0
    if not everything:
        coefficients[[INDEX[name] for name in NOT_LEARNED]] = 0.0
    intercepts = rng.normal(size=1) if kind == "hire" else rng.normal(1.5, 0.5, size=4)
    trees = drawn_trees(rng) if share else None
    slope, shift = float(rng.uniform(0.5, 1.5)), float(rng.normal())
    return Head(Linear(coefficients, intercepts), trees, share, slope, shift)


def drawn_model(seed: int, share: float = 0.0) -> LearnedModel:
    """Draw a model: at stage ``map``, or with that share of trees at stage ``blend``."""
    rng = np.random.default_rng(seed)
    return LearnedModel(
        "blend" if share else "map",
        2000,
        NOBODY,
        drawn_head(rng, "hire", share=share),
        drawn_head(rng, "retained", share=share),
    )


def reading(**coefficients: float) -> LearnedModel:
    """Return a model that reads the named features alone."""
    values = np.zeros(N)
    for name, value in coefficients.items():
        values[INDEX[name]] = value
    hire = Head(Linear(values, np.array([-1.0])), None, 0.0, 1.0, 0.0)
    retained = Head(Linear(np.zeros(N), np.full(4, 1.6)), None, 0.0, 1.0, 0.0)
    return LearnedModel("map", 500, NOBODY, hire, retained)
