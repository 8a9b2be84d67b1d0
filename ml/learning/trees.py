"""Small boosted trees with monotone constraints, kept as plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

Floats = npt.NDArray[np.float64]

DEPTH = 3
N_TREES = 120
CHUNK = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """Hold complete binary trees of depth 3; node k has the children 2k + 1 and 2k + 2.

    Attributes
    ----------
    feature : int16, shape (n_trees, 7)
    threshold : float64, shape (n_trees, 7)
        A value up to the threshold goes to the first child.
    leaf : float64, shape (n_trees, 8)
        Log-odds added.
    base : float
        Log-odds before any tree.
    """

    feature: npt.NDArray[np.int16]
    threshold: Floats
    leaf: Floats
    base: float

    def log_odds(self, X: npt.NDArray[Any]) -> Floats:
        """Return the log-odds of rows, shape (n,); a row's does not depend on the others."""
        found = np.full(len(X), self.base)
        values = np.asfortranarray(X, dtype=np.float64)
        for tree in range(len(self.feature)):
            node = np.zeros(len(X), dtype=np.intp)
            feature, threshold = self.feature[tree], self.threshold[tree]
            if not np.isfinite(threshold).any():
                found += self.leaf[tree, 0]
                continue
            first = values[:, feature[0]] > threshold[0]
            node = 1 + first.astype(np.intp)
            for _ in range(DEPTH - 1):
                picked = values[np.arange(len(X)), feature[node]]
                node = 2 * node + 1 + (picked > threshold[node])
            found += self.leaf[tree][node - (2**DEPTH - 1)]
        return found


def fit_trees(
    X: npt.NDArray[Any],
    y: Floats,
    weight: Floats,
    signs: Sequence[int],
    *,
    seed: int,
) -> Trees:
    """Fit boosted trees that rise or fall in each feature as its sign demands.

    Parameters
    ----------
    X : float array, shape (n, n_columns)
    y : float64, shape (n,)
        1 or 0, both present.
    weight : float64, shape (n,)
    signs : sequence of int
        By column: 1, -1 or 0.
    seed : int
    """
    booster = HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=N_TREES,
        max_depth=DEPTH,
        max_leaf_nodes=2**DEPTH,
        min_samples_leaf=max(20, len(y) // 100),
        l2_regularization=5.0,
        max_bins=64,
        monotonic_cst=list(signs),
        early_stopping=False,
        random_state=seed,
    )
    with threadpool_limits(1):
        booster.fit(X, y, sample_weight=weight)
    grown = [stage[0].nodes for stage in booster._predictors]
    parts = [_complete(nodes) for nodes in grown]
    return Trees(
        feature=np.array([part[0] for part in parts], dtype=np.int16),
        threshold=np.array([part[1] for part in parts], dtype=np.float64),
        leaf=np.array([part[2] for part in parts], dtype=np.float64),
        base=float(np.ravel(booster._baseline_prediction)[0]),
    )


def _complete(nodes: npt.NDArray[Any]) -> tuple[list[int], list[float], list[float]]:
    """Return a tree filled up to full depth: a leaf above it answers on every path below."""
    feature = [0] * (2**DEPTH - 1)
    threshold = [np.inf] * (2**DEPTH - 1)
    leaf = [0.0] * 2**DEPTH

    def place(source: int, target: int) -> None:
        node = nodes[source]
        if target >= len(feature):
            leaf[target - len(feature)] = float(node["value"])
            return
        left = right = source
        if not node["is_leaf"]:
            feature[target] = int(node["feature_idx"])
            threshold[target] = float(node["num_threshold"])
            left, right = int(node["left"]), int(node["right"])
        place(left, 2 * target + 1)
        place(right, 2 * target + 2)

    place(0, 0)
    return feature, threshold, leaf
