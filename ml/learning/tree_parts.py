"""What groups of features add to boosted trees: exact Shapley values against one usual pair.

In a tree of depth 3 only the seven comparisons count, so the values of all 128 outcomes are worked
out once a model; a pair then costs one look-up a tree. Within a tree the groups on a leaf's path
that lead there from the pair alone (a of them) share its value, and those that lead there from the
usual pair alone (b) lose it, in the proportions of Shapley: (a-1)! b! / (a+b)! and
a! (b-1)! / (a+b)! (Lundberg et al. 2020, interventional form). They add up to the difference of the
trees between the two pairs, and with trees monotone in each feature of a group, a group that is no
worse than usual in any of them never loses.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.learning.trees import DEPTH, Trees

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

N_NODES = 2**DEPTH - 1


def _shares(*, leads: bool) -> Floats:
    """Return what one group gets of a leaf, by a and b; `leads`: from the pair, else the usual."""
    found = np.zeros((DEPTH + 1, DEPTH + 1))
    for a in range(DEPTH + 1):
        for b in range(DEPTH + 1 - a):
            mine, others = (a, b) if leads else (b, a)
            if mine:
                found[a, b] = factorial(mine - 1) * factorial(others) / factorial(a + b)
    return found


GAINED, LOST = _shares(leads=True), _shares(leads=False)


@dataclass(frozen=True, slots=True, eq=False)
class TreeParts:
    """Hold the values of every outcome of every tree's comparisons.

    Attributes
    ----------
    trees : Trees
    table : float64, shape (n_trees, 128, 7)
        By outcome (bit k: above the threshold at node k) what the group of each node gets.
    group : int64, shape (n_trees, 7)
        Group of the feature at each node.
    n_groups : int
    base : float
        Log-odds of the usual pair.
    """

    trees: Trees
    table: Floats
    group: npt.NDArray[np.int64]
    n_groups: int
    base: float

    def of(self, X: npt.NDArray[Any]) -> Floats:
        """Return what groups add for rows, shape (n, n_groups); a row's ignores the others."""
        n, n_trees = len(X), len(self.group)
        values = np.asarray(X, dtype=np.float64)
        above = values[:, self.trees.feature] > self.trees.threshold
        outcome = above @ (1 << np.arange(N_NODES))
        gained = self.table[np.arange(n_trees), outcome]
        place = self.group + self.n_groups * np.arange(n)[:, None, None]
        summed = np.bincount(place.ravel(), weights=gained.ravel(), minlength=n * self.n_groups)
        return summed.astype(np.float64).reshape(n, self.n_groups)


def tree_parts(
    trees: Trees, usual: Floats, group_of: npt.NDArray[np.int64], n_groups: int
) -> TreeParts:
    """Work out the values of trees against a usual pair.

    Parameters
    ----------
    trees : Trees
    usual : float64, shape (n_columns,)
        The pair that nothing is added to.
    group_of : int64, shape (n_columns,)
        Group of each column, from 0.
    n_groups : int
    """
    group = group_of[trees.feature]
    usual_above = usual[trees.feature] > trees.threshold
    outcome_above = (np.arange(2**N_NODES)[:, None] >> np.arange(N_NODES) & 1).astype(bool)
    table = np.zeros((len(group), 2**N_NODES, N_NODES))
    for leaf in range(2**DEPTH):
        path, right = _path(leaf)
        _add_leaf(
            table,
            path,
            group[:, path],
            outcome_above[:, path] == right,
            usual_above[:, path] == right,
            trees.leaf[:, leaf],
        )
    base = float(trees.log_odds(usual[None, :])[0])
    return TreeParts(trees, table, group, n_groups, base)


def _path(leaf: int) -> tuple[list[int], Flags]:
    """Return the nodes above a leaf, and whether it lies above the threshold of each."""
    node, path, right = N_NODES + leaf, [], []
    while node:
        path.append((node - 1) // 2)
        right.append(node % 2 == 0)
        node = (node - 1) // 2
    return path, np.array(right)


def _add_leaf(
    table: Floats,
    path: list[int],
    group: npt.NDArray[np.int64],
    by_outcome: Flags,
    by_usual: Flags,
    value: Floats,
) -> None:
    """Add one leaf of every tree; nodes of one group on its path move together."""
    same = group[:, :, None] == group[:, None, :]  # (n_trees, node, other node)
    leads = (by_outcome[None, :, None, :] | ~same[:, None]).all(axis=3)
    usual = (by_usual[:, None, :] | ~same).all(axis=2)[:, None, :]
    first = ~np.tril(same, -1).any(axis=2)[:, None, :]
    reached = (leads | usual).all(axis=2)
    gains, loses = first & leads & ~usual, first & ~leads & usual
    a, b = gains.sum(axis=2), loses.sum(axis=2)
    amount = value[:, None] * reached
    gained, lost = amount * GAINED[a, b], amount * LOST[a, b]
    table[:, :, path] += gains * gained[:, :, None] - loses * lost[:, :, None]
