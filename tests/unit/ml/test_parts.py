"""What families add to log-odds: exact, of the signs that sense demands, nothing left out."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.special import logit

from ml.baseline import EXPERT_WEIGHTS, ExpertBaseline
from ml.families import FAMILIES, OF_THE_DAY
from ml.features import FEATURES, INDEX
from ml.learning.attribution import head_parts
from ml.learning.head import Head
from ml.learning.model import LearnedModel
from ml.learning.training import NOT_LEARNED
from ml.learning.tree_parts import tree_parts
from ml.learning.trees import Trees, fit_trees
from tests.unit.ml.drawn_models import NOBODY, drawn_head, drawn_model, drawn_trees

N = len(FEATURES)
SEEDS = st.integers(0, 2**32 - 1)
SHARES = st.sampled_from((0.0, 0.25, 1.0))


def draw_pairs(rng: np.random.Generator, n: int = 12) -> Any:
    X = rng.normal(0.3, 0.6, size=(n, N)).astype(np.float32)
    X[:, INDEX["commute_km"]] = rng.uniform(0, 60, size=n)
    return X


def test_every_feature_belongs_to_one_family_unless_it_is_of_the_day() -> None:
    counted = Counter(name for family in FAMILIES for name in family.features)
    assert set(counted.values()) == {1}
    assert counted.keys() | OF_THE_DAY == INDEX.keys()
    assert not counted.keys() & OF_THE_DAY


def test_what_is_of_the_day_is_not_learned_from() -> None:
    assert OF_THE_DAY <= NOT_LEARNED
    assert not OF_THE_DAY & EXPERT_WEIGHTS.keys()


def test_measures_are_features_of_their_own_family() -> None:
    assert {family.measure for family in FAMILIES if family.measure}
    assert all(family.measure in (*family.features, "") for family in FAMILIES)


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, share=SHARES, kind=st.sampled_from(("hire", "retained")))
def test_base_and_families_add_up_to_the_log_odds(seed: int, share: float, kind: str) -> None:
    rng = np.random.default_rng(seed)
    head = drawn_head(rng, kind, share=share, everything=True)
    X, usual = draw_pairs(rng), rng.normal(size=N)
    parts, base = head_parts(head, X, usual)
    assert parts.shape == (len(X), len(FAMILIES))
    expected = head.predict(X)
    inside = (expected > 1e-6) & (expected < 1 - 1e-6)  # where the probability still tells
    assert (base + parts.sum(axis=1))[inside] == pytest.approx(logit(expected[inside]), abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_expert_parts_add_up_to_the_log_odds(seed: int) -> None:
    X = draw_pairs(np.random.default_rng(seed))
    found, scores = ExpertBaseline().parts(X), ExpertBaseline().predict(X)
    hire, retained = found.hire.sum(axis=1), found.retained.sum(axis=1)
    assert found.base_hire + hire == pytest.approx(logit(scores.p_hire))
    assert found.base_retained + retained == pytest.approx(logit(scores.p_retained_6m))


def test_base_is_the_pair_with_every_feature_at_its_usual_value() -> None:
    model = drawn_model(4, 0.5)
    usual = np.array([[model.weights_in_use[f.name].neutral for f in FEATURES]], dtype=np.float64)
    found, scores = model.parts(usual), model.predict(usual)
    assert np.abs(found.hire).max() == np.abs(found.retained).max() == 0.0
    assert found.base_hire == pytest.approx(logit(scores.p_hire))
    assert found.base_retained == pytest.approx(logit(scores.p_retained_6m))


def test_parts_of_a_pair_are_the_same_when_its_neighbours_change() -> None:
    model, X = drawn_model(1, 0.5), draw_pairs(np.random.default_rng(2), 40)
    whole = model.parts(X)
    for i in (0, 17, 39):
        single = model.parts(X[i : i + 1])
        assert np.array_equal(single.hire[0], whole.hire[i])
        assert np.array_equal(single.retained[0], whole.retained[i])
    assert model.parts(X[:0]).hire.shape == (0, len(FAMILIES))


def _shapley(trees: Trees, x: Any, usual: Any, group_of: Any, n_groups: int) -> list[float]:
    """Return Shapley values by going through every set of groups."""

    def value(chosen: tuple[int, ...]) -> float:
        mixed = np.where(np.isin(group_of, chosen), x, usual)
        return float(trees.log_odds(mixed[None, :])[0])

    found = []
    for group in range(n_groups):
        others = [other for other in range(n_groups) if other != group]
        total = 0.0
        for size in range(n_groups):
            share = factorial(size) * factorial(n_groups - size - 1) / factorial(n_groups)
            for chosen in combinations(others, size):
                total += share * (value((*chosen, group)) - value(chosen))
        found.append(total)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_tree_parts_are_the_shapley_values_of_the_groups(seed: int) -> None:
    rng = np.random.default_rng(seed)
    trees = drawn_trees(rng, 5)
    group_of = rng.integers(0, 5, size=N + 1)
    x, usual = rng.normal(0.3, 0.6, size=(2, N + 1))
    found = tree_parts(trees, usual, group_of, 5).of(x[None, :])[0]
    assert found == pytest.approx(_shapley(trees, x, usual, group_of, 5), abs=1e-12)


@pytest.fixture(scope="module")
def monotone() -> LearnedModel:
    """Return a drawn model whose trees were grown with the signs of the features."""
    rng = np.random.default_rng(8)
    heads = []
    for kind in ("hire", "retained"):
        plain = drawn_head(rng, kind, share=0.0)
        X = draw_pairs(rng, 1500)
        log_odds = logit(np.clip(plain.predict(X), 1e-6, 1 - 1e-6))
        y = (rng.random(1500) < 1 / (1 + np.exp(-log_odds - X[:, 0] * X[:, 9] / 20))).astype(float)
        signs = [*(getattr(feature, kind) for feature in FEATURES), 1]
        trees = fit_trees(np.column_stack([X, log_odds]), y, np.ones(1500), signs, seed=0)
        heads.append(Head(plain.linear, trees, 0.5, plain.slope, plain.shift))
    return LearnedModel("blend", 2000, NOBODY, *heads)


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, side=st.sampled_from((-1, 1)))
def test_family_speaks_for_a_pair_when_nothing_in_it_is_worse_than_usual(
    monotone: LearnedModel, seed: int, side: int
) -> None:
    rng = np.random.default_rng(seed)
    weights = monotone.weights_in_use
    usual = np.array([weights[feature.name].neutral for feature in FEATURES])
    moved = np.abs(draw_pairs(rng) - usual)
    for kind, parts in (("hire", "hire"), ("retained", "retained")):
        sign = np.array([getattr(feature, kind) for feature in FEATURES])
        X = np.where(sign == 0, usual, usual + side * sign * moved)
        found = getattr(monotone.parts(X), parts)
        assert (side * found >= -1e-12).all()
        assert np.abs(found).max() > 0.01
