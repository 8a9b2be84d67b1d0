"""What a model's log-odds are made of: a base, and what each reason family adds to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.families import FAMILIES
from ml.features import FEATURES

Floats = npt.NDArray[np.float64]

N_FAMILIES = len(FAMILIES)
REST = N_FAMILIES
"""Stands for the features of no family: what is the same for all pairs of a day."""
FAMILY_OF = tuple(
    next((place for place, family in enumerate(FAMILIES) if feature.name in family.features), REST)
    for feature in FEATURES
)
"""The family of each feature, by position."""


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Hold what pairs' log-odds are made of: base and families add up to them.

    Attributes
    ----------
    hire, retained : float64, shape (n, n_families)
        Log-odds that each family adds to the pair with every feature at its usual value.
    base_hire, base_retained : float64, shape (n,)
        Log-odds of that pair.
    """

    hire: Floats
    retained: Floats
    base_hire: Floats
    base_retained: Floats


def linear_parts(X: npt.NDArray[Any], coefficients: Floats, usual: Floats) -> Floats:
    """Return what families add to a linear predictor against the usual values.

    Parameters
    ----------
    X : float32, shape (n, n_features)
    coefficients, usual : float64, shape (n_features,)

    Returns
    -------
    float64, shape (n, n_families + 1)
        The last column is that of `REST`. A pair's row does not depend on the other rows.
    """
    found = np.zeros((len(X), N_FAMILIES + 1))
    for number in np.flatnonzero(coefficients).tolist():
        found[:, FAMILY_OF[number]] += coefficients[number] * (X[:, number] - usual[number])
    return found


def in_order(values: dict[str, float]) -> Floats:
    """Return numbers by feature name in the order of the features, 0 where there is none."""
    return np.array([values.get(feature.name, 0.0) for feature in FEATURES])
