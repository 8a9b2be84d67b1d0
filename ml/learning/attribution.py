"""What each reason family adds to the log-odds of a learned probability, exactly.

The linear part is a sum over features. The pooled hazards make the whole a function of that sum;
its rise is divided in proportion, which keeps every sign. What the trees add is divided by
`ml.learning.tree_parts`; what they make of their last column, the linear part, goes to the families
that moved it that way.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.learning.head import Head, linear_log_odds, pooled_factor, whole_log_odds
from ml.learning.logistic import Linear
from ml.learning.tree_parts import TreeParts, tree_parts
from ml.learning.trees import Trees
from ml.parts import FAMILY_OF, N_FAMILIES, REST, linear_parts

Floats = npt.NDArray[np.float64]

TOO_LITTLE = 1e-6
PLAIN = N_FAMILIES + 1
"""The group of the trees' last column."""


def head_parts(head: Head, X: npt.NDArray[Any], usual: Floats) -> tuple[Floats, Floats]:
    """Return what families add to calibrated log-odds, and the base.

    Parameters
    ----------
    head : Head
    X : float32, shape (n, n_features)
    usual : float64, shape (n_features,)
        Value of each feature that speaks neither for nor against.

    Returns
    -------
    parts : float64, shape (n, n_families)
    base : float64, shape (n,)
        Differs between rows only by what is the same for all pairs of a day.
    """
    plain, plain_base = _plain_parts(head, X, usual)
    found, base = plain, plain_base
    if head.trees is not None and head.tree_share > 0:
        known = _tree_parts(head.trees, head.linear, usual.tobytes())
        grown = known.of(np.column_stack([X, linear_log_odds(head.linear, X)]))
        through = grown[:, PLAIN : PLAIN + 1]
        kept = (1.0 - head.tree_share) * plain
        found = kept + head.tree_share * (grown[:, :PLAIN] + through * _movers(plain, through))
        base = (1.0 - head.tree_share) * plain_base + head.tree_share * known.base
    found = head.slope * found
    return found[:, :N_FAMILIES], head.slope * base + head.shift + found[:, REST]


def _plain_parts(head: Head, X: npt.NDArray[Any], usual: Floats) -> tuple[Floats, float]:
    """Return what families add to the linear part's log-odds of the whole, and its base."""
    linear = head.linear
    parts = linear_parts(X, linear.coefficients, usual)
    eta = float(linear.log_odds(usual[None, :])[0])
    base = float(whole_log_odds(linear.intercepts, np.array([eta]))[0])
    if len(linear.intercepts) == 1:
        return parts, base
    moved = parts.sum(axis=1)
    rise = whole_log_odds(linear.intercepts, eta + moved) - base
    at_base = pooled_factor(replace(linear, intercepts=linear.intercepts + eta))
    small = np.abs(moved) < TOO_LITTLE
    factor = np.where(small, at_base, rise / np.where(small, 1.0, moved))
    return parts * factor[:, None], base


def _movers(plain: Floats, through: Floats) -> Floats:
    """Return the share of each family in the movement of the linear part the way it went."""
    moved = np.maximum(plain * np.sign(through), 0.0)
    total = moved.sum(axis=1, keepdims=True)
    found: Floats = moved / np.where(total > 0, total, 1.0)
    return found


@lru_cache(maxsize=8)
def _tree_parts(trees: Trees, linear: Linear, usual_bytes: bytes) -> TreeParts:
    usual = np.frombuffer(usual_bytes)
    plain = linear_log_odds(linear, usual[None, :])
    groups = np.array([*FAMILY_OF, PLAIN])
    return tree_parts(trees, np.append(usual, plain), groups, PLAIN + 1)
