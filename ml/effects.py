"""How much each reason family moves a pair's score, and which of them to name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.baseline import EXPERT_WEIGHTS, UTILITY_WEIGHTS, Model, Scores
from ml.families import FAMILIES
from ml.features import INDEX
from ml.parts import FAMILY_OF, N_FAMILIES

Effects = npt.NDArray[np.float64]
Sides = npt.NDArray[np.int8]

MAX_REASONS = 4
MAX_FOR = 3
WORTH_SAYING = 0.01
_POSITIONS = {family.key: position for position, family in enumerate(FAMILIES)}


@dataclass(frozen=True, slots=True, eq=False)
class PairEffects:
    """Hold the effects of all families on pairs.

    Attributes
    ----------
    effect : float64, shape (n, n_families)
        Change of the logarithm of the score against the usual value: the parts of both log-odds,
        to first order, and that of the person's own utility. Never for an unknown place.
    shortfall : float64, shape (n, n_families)
        What the best value would add by the linear part alone; at least 0.
    side : int8, shape (n, n_families)
        Which of the two codes is true: 1 the better, -1 the worse, 0 as the effect says.
    """

    effect: Effects
    shortfall: Effects
    side: Sides


def pair_effects(X: npt.NDArray[Any], scores: Scores, model: Model) -> PairEffects:
    """Split pairs' scores into the effects of the reason families.

    Parameters
    ----------
    X : float32, shape (n, n_features)
    scores : Scores
        Of the same pairs.
    model : Model
    """
    parts = model.parts(X)
    stays, leaves = 1 - scores.p_hire, 1 - scores.p_retained_6m
    effect = parts.hire * stays[:, None] + parts.retained * leaves[:, None]
    shortfall = np.zeros_like(effect)
    weights = model.weights_in_use
    for name, weight in weights.items():
        position = FAMILY_OF[INDEX[name]]
        if position == N_FAMILIES:
            continue
        column = X[:, INDEX[name]].astype(np.float64)
        slope = weight.hire * stays + weight.retained * leaves
        if name in UTILITY_WEIGHTS:
            wish = UTILITY_WEIGHTS[name] / scores.utility
            effect[:, position] += wish * (column - weight.neutral)
            slope = slope + wish
        shortfall[:, position] += np.maximum(slope * (weight.best - column), 0.0)
    place = _POSITIONS["commute"]
    unknown = X[:, INDEX["place_unknown"]] > 0
    effect[unknown, place] = -np.abs(effect[unknown, place])
    return PairEffects(effect, shortfall, _sides(X))


def better(X: npt.NDArray[Any], position: int) -> Effects:
    """Return a family's measure, higher where it is better, 0 where usual; 0 without a measure."""
    family = FAMILIES[position]
    if not family.measure:
        return np.zeros(len(X))
    usual = EXPERT_WEIGHTS[family.measure].neutral
    gap: Effects = X[:, INDEX[family.measure]].astype(np.float64) - usual
    return -gap if family.falls else gap


def _sides(X: npt.NDArray[Any]) -> Sides:
    found = np.zeros((len(X), N_FAMILIES), dtype=np.int8)
    for position, family in enumerate(FAMILIES):
        if family.measure:
            found[:, position] = np.where(better(X, position) > 0, 1, -1)
    return found


def choose(effect: Effects, shortfall: Effects) -> list[tuple[int, int, float]]:
    """Choose at most four families for one pair, at least one against.

    Where none speaks against, it is the one that falls shortest of its best value, among those that
    do not speak for.

    Parameters
    ----------
    effect, shortfall : float64, shape (n_families,)

    Returns
    -------
    list of (family position, sign, weight)
        Those for first, each group by size.

    Examples
    --------
    >>> choose(np.array([0.5, 0.2, 0.0]), np.array([0.1, 0.0, 0.3]))
    [(0, 1, 0.5), (1, 1, 0.2), (2, -1, -0.3)]
    """
    order = np.argsort(-effect, kind="stable").tolist()
    positive = [p for p in order if effect[p] > WORTH_SAYING][:MAX_FOR]
    negative = [p for p in reversed(order) if effect[p] < -WORTH_SAYING]
    negative = negative[: MAX_REASONS - len(positive)]
    chosen = [(p, 1, float(effect[p])) for p in positive]
    if negative:
        return [*chosen, *((p, -1, float(effect[p])) for p in negative)]
    rest = [p for p in range(len(effect)) if p not in positive]
    rest = [p for p in rest if effect[p] <= 0] or rest
    weakest = max(rest, key=lambda p: (shortfall[p], -p))
    return [*chosen, (weakest, -1, -float(shortfall[weakest]))]
