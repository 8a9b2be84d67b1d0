"""Metrics of probabilities, orders and retention: limit cases, and what holds of any input."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import brier_score_loss, log_loss as sk_log_loss, ndcg_score, roc_auc_score

from ml.evaluation.calibration import (
    calibration_curve,
    equal_mass_bins,
    expected_calibration_error,
    recalibrate,
)
from ml.evaluation.metrics import Floats, auc, brier, log_loss, mean, ndcg, ndcg_by_group
from ml.evaluation.survival import censoring_weights, kaplan_meier, retained_at

NAN = math.nan
NONE = np.zeros(0)
MIXED = np.array([0.0, 1.0, 0.0, 1.0])
ONES = np.ones(4)
HALF = np.full(4, 0.5)


def _slope(y: Floats, p: Floats, weight: Floats | None = None) -> float:
    return recalibrate(y, p, weight).slope


METRICS: list[tuple[Callable[..., float], float, float, float, float]] = [
    # metric, empty, one class right, perfect, constant 0.5 on a mixed half
    (log_loss, NAN, 0.0, 0.0, math.log(2)),
    (brier, NAN, 0.0, 0.0, 0.25),
    (auc, NAN, NAN, 1.0, 0.5),
    (expected_calibration_error, NAN, 0.0, 0.0, 0.0),
    (_slope, NAN, NAN, math.inf, NAN),
]
NAMES = ["log-loss", "brier", "auc", "ece", "slope"]


@pytest.mark.parametrize(
    ("metric", "empty", "one_class", "perfect", "constant"), METRICS, ids=NAMES
)
def test_metric_is_as_documented_when_the_input_is_a_limit_case(
    metric: Callable[..., float], empty: float, one_class: float, perfect: float, constant: float
) -> None:
    found = [metric(NONE, NONE), metric(ONES, ONES), metric(MIXED, MIXED), metric(MIXED, HALF)]
    assert found == pytest.approx([empty, one_class, perfect, constant], abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("metric", [m[0] for m in METRICS], ids=NAMES)
def test_metric_is_undefined_when_no_row_has_weight(metric: Callable[..., float]) -> None:
    assert math.isnan(metric(MIXED, HALF, np.zeros(4)))


PROBABILITIES = st.floats(0.001, 0.999)


@st.composite
def forecasts(draw: st.DrawFn) -> tuple[Floats, Floats, Floats]:
    n = draw(st.integers(2, 30))
    y = draw(hnp.arrays(np.float64, n, elements=st.sampled_from([0.0, 1.0])))
    p = draw(hnp.arrays(np.float64, n, elements=PROBABILITIES))
    weight = draw(hnp.arrays(np.float64, n, elements=st.sampled_from([0.0, 1.0, 2.0])))
    y[0], y[1], weight[:2] = 0.0, 1.0, 1.0
    return y, p, weight


@given(forecasts())
def test_metrics_agree_with_scikit_learn_when_both_are_defined(
    case: tuple[Floats, Floats, Floats],
) -> None:
    y, p, weight = case
    assert log_loss(y, p, weight) == pytest.approx(sk_log_loss(y, p, sample_weight=weight))
    assert brier(y, p, weight) == pytest.approx(brier_score_loss(y, p, sample_weight=weight))
    assert auc(y, p, weight) == pytest.approx(roc_auc_score(y, p, sample_weight=weight))


@given(forecasts())
def test_metrics_count_a_row_twice_when_its_weight_is_two(
    case: tuple[Floats, Floats, Floats],
) -> None:
    y, p, weight = case
    times = weight.astype(int)
    for metric in (log_loss, brier, auc, expected_calibration_error, _slope):
        repeated = metric(np.repeat(y, times), np.repeat(p, times))
        assert metric(y, p, weight) == pytest.approx(repeated, rel=1e-4, abs=1e-6, nan_ok=True)


@given(forecasts())
def test_auc_is_mirrored_when_scores_are_negated(case: tuple[Floats, Floats, Floats]) -> None:
    y, p, weight = case
    assert auc(y, p, weight) + auc(y, -p, weight) == pytest.approx(1.0)


@given(forecasts())
def test_ece_is_within_bounds_and_bins_keep_ties_together(
    case: tuple[Floats, Floats, Floats],
) -> None:
    y, p, weight = case
    assert 0 <= expected_calibration_error(y, p, weight) <= 1
    bins = equal_mass_bins(np.round(p, 1), weight, 5)
    for value in np.unique(np.round(p, 1)):
        assert len(np.unique(bins[np.round(p, 1) == value])) == 1
    assert (np.diff(bins[np.argsort(np.round(p, 1), kind="stable")]) >= 0).all()


def test_curve_points_are_the_bins_means_when_groups_are_apart() -> None:
    y = np.array([0.0, 0.0, 1.0, 0.0, 1.0, 1.0])
    p = np.array([0.1, 0.1, 0.1, 0.8, 0.8, 0.8])
    points = calibration_curve(y, p, n_bins=2)
    assert [(pytest.approx(q.predicted), pytest.approx(q.observed), q.n) for q in points] == [
        (0.1, 1 / 3, 3),
        (0.8, 2 / 3, 3),
    ]
    assert calibration_curve(NONE, NONE) == ()


@settings(max_examples=30)
@given(st.floats(0.3, 3.0), st.floats(-2.0, 2.0), st.integers(0, 1000))
def test_recalibration_finds_slope_and_intercept_when_log_odds_were_bent(
    slope: float, intercept: float, seed: int
) -> None:
    log_odds = np.random.default_rng(seed).normal(size=300)
    true = 1 / (1 + np.exp(-(intercept + slope * log_odds)))
    y, p = np.r_[np.ones(300), np.zeros(300)], np.tile(1 / (1 + np.exp(-log_odds)), 2)
    found = recalibrate(y, p, np.r_[true, 1 - true])
    assert (found.slope, found.intercept) == pytest.approx((slope, intercept), abs=1e-4)


def test_slope_is_minus_infinite_when_classes_are_separated_wrongly() -> None:
    found = recalibrate(MIXED, 1 - MIXED)
    assert found.slope == -math.inf
    assert math.isnan(found.intercept)


def test_recalibration_converges_when_probabilities_are_extreme() -> None:
    y = np.array([0.0, 1.0, 0.0, 1.0, 1.0])
    found = recalibrate(y, np.array([1e-12, 1e-12, 1e-9, 1 - 1e-12, 0.5]))
    assert math.isfinite(found.slope)
    assert math.isfinite(found.intercept)


@given(forecasts(), st.integers(1, 12))
def test_ndcg_agrees_with_scikit_learn_when_one_group_is_ranked(
    case: tuple[Floats, Floats, Floats], k: int
) -> None:
    y, p, _ = case
    found = ndcg(y, p, np.zeros(len(y), dtype=np.int64), k)
    assert found == pytest.approx(ndcg_score([y], [p], k=k))


def test_ndcg_is_undefined_when_no_order_is_better_than_another() -> None:
    group = np.array([0, 1, 1, 3])
    found = ndcg_by_group(np.array([1.0, 0.0, 0.0, 1.0]), np.arange(4.0), group, 10)
    assert np.isnan(found).all()
    assert len(found) == 4
    assert math.isnan(ndcg(NONE, NONE, np.zeros(0, dtype=np.int64), 10))
    assert ndcg(MIXED, MIXED, np.zeros(4, dtype=np.int64), 10) == 1.0


def test_ndcg_shares_places_when_scores_tie() -> None:
    group = np.zeros(2, dtype=np.int64)
    found = ndcg(np.array([0.0, 1.0]), np.array([0.5, 0.5]), group, 1)
    assert found == 0.5


def test_ndcg_weighs_groups_when_told() -> None:
    y, score, group = np.array([0.0, 1, 0, 1]), np.array([1.0, 0, 0, 1]), np.array([0, 0, 1, 1])
    assert ndcg(y, score, group, 1, np.array([1.0, 3.0])) == 0.75


def test_mean_is_undefined_when_nothing_is_there() -> None:
    assert math.isnan(mean(NONE, NONE))


@st.composite
def jobs(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    n = draw(st.integers(1, 25))
    duration = draw(hnp.arrays(np.int64, n, elements=st.integers(0, 12)))
    return duration, draw(hnp.arrays(np.bool_, n))


@given(jobs())
def test_retention_falls_and_stays_a_probability_when_days_grow(
    case: tuple[np.ndarray, np.ndarray],
) -> None:
    found = kaplan_meier(*case, tuple(range(14)))
    rates = [point.rate for point in found if not math.isnan(point.rate)]
    assert all(0 <= rate <= 1 for rate in rates)
    assert rates == sorted(rates, reverse=True)
    for point in found:
        if not math.isnan(point.low):
            assert point.low <= point.rate <= point.high


@given(jobs(), st.integers(1, 12))
def test_censoring_weights_restore_kaplan_meier_when_they_average_labels(
    case: tuple[np.ndarray, np.ndarray], day: int
) -> None:
    duration, ended = case
    point = kaplan_meier(duration, ended, (day,))[0]
    weights = censoring_weights(duration, ended, day)
    lasted = retained_at(duration, ended, day) == 1
    if point.n_at_risk:
        assert weights @ lasted / len(duration) == pytest.approx(point.rate)
    assert (weights[retained_at(duration, ended, day) < 0] == 0).all()
    assert (weights[retained_at(duration, ended, day) >= 0] >= 1).all()


RETENTION = [
    ("empty", [], [], NAN, 0),
    ("nobody ended", [200, 200], [False, False], 1.0, 2),
    ("all ended", [10, 20], [True, True], 0.0, 0),
    ("all censored before", [10, 20], [False, False], NAN, 0),
    ("ended on the day", [180, 180], [True, True], 1.0, 2),
    ("ended then censored", [10, 20], [True, False], NAN, 0),
]


@pytest.mark.parametrize(
    ("duration", "ended", "rate", "n_at_risk"),
    [case[1:] for case in RETENTION],
    ids=[case[0] for case in RETENTION],
)
def test_retention_is_as_documented_when_the_input_is_a_limit_case(
    duration: list[int], ended: list[bool], rate: float, n_at_risk: int
) -> None:
    found = kaplan_meier(np.array(duration, dtype=np.int64), np.array(ended, dtype=bool), (180,))[0]
    assert found.rate == pytest.approx(rate, nan_ok=True)
    assert found.n_at_risk == n_at_risk
    assert math.isnan(found.low)


def test_censoring_weights_are_one_when_nobody_is_censored() -> None:
    assert censoring_weights(np.array([5, 400]), np.array([True, True]), 180).tolist() == [1, 1]
    assert len(censoring_weights(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool), 180)) == 0
