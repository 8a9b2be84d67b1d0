"""The protocol: rolling origin with embargo, intervals by client, promotion gates."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from ml.evaluation.bootstrap import Interval, client_interval
from ml.evaluation.calibration_error import CalibrationError
from ml.evaluation.metrics import Floats
from ml.evaluation.promotion import (
    Measured,
    Verdict,
    judge_slope,
    may_promote,
    promotion_gates,
)
from ml.evaluation.split import EMBARGO_DAYS, origin_days, rolling_origin

ROWS = st.lists(
    st.tuples(st.integers(0, 900), st.integers(0, 15), st.integers(-1, 4)), min_size=1, max_size=60
)


@given(ROWS, st.integers(1, 4), st.integers(0, 300))
def test_training_never_sees_the_tests_time_or_people(
    rows: list[tuple[int, int, int]], n_folds: int, embargo: int
) -> None:
    day, client, partner = (np.array(column) for column in zip(*rows, strict=True))
    origins = origin_days(day, n_folds=n_folds)
    folds = rolling_origin(day, client, partner, origins, embargo_days=embargo)
    for fold in folds:
        assert (day[fold.train] + embargo <= fold.origin_day).all()
        assert (day[fold.test] >= fold.origin_day).all()
        assert not set(client[fold.train]) & set(client[fold.test])
        known = set(partner[fold.train].tolist()) - {-1}
        assert fold.new_partner.tolist() == [p not in known for p in partner[fold.test].tolist()]
        earlier = set(client[day < fold.origin_day].tolist())
        assert fold.cold_client.tolist() == [c not in earlier for c in client[fold.test].tolist()]
    tested = [row for fold in folds for row in fold.test.tolist()]
    assert len(tested) == len(set(tested))
    assert not origins or set(tested) == set(np.flatnonzero(day >= origins[0]).tolist())


def test_embargo_is_six_months_when_nothing_is_said() -> None:
    day = np.array([101 - EMBARGO_DAYS, 100 - EMBARGO_DAYS, 100])
    fold = rolling_origin(day, np.arange(3), np.arange(3), [100])[0]
    assert fold.train.tolist() == [1]
    assert EMBARGO_DAYS >= 182


@pytest.mark.parametrize("day", [[], [5, 5, 5]], ids=["no rows", "all on one day"])
def test_origins_are_none_when_time_does_not_pass(day: list[int]) -> None:
    assert origin_days(np.array(day, dtype=np.int64)) == ()
    assert len(origin_days(np.arange(900, dtype=np.int64))) > 0


def _mean(y: Floats) -> object:
    return lambda weight: float(weight @ y / weight.sum())


def test_interval_is_the_same_when_the_seed_is() -> None:
    y, client = np.random.default_rng(0).normal(size=20), np.arange(20) // 2
    first, again, other = (client_interval(_mean(y), client, seed=s) for s in (1, 1, 2))
    assert first == again
    assert first != other
    assert first.low < first.value < first.high


def test_interval_is_wider_when_a_clients_rows_go_together() -> None:
    y = np.repeat(np.arange(10.0), 10)
    by_client = client_interval(_mean(y), np.arange(100) // 10, seed=0)
    by_row = client_interval(_mean(y), np.arange(100), seed=0)
    assert by_client.high - by_client.low > 2 * (by_row.high - by_row.low)


def test_interval_of_a_difference_is_zero_when_the_models_are_the_same() -> None:
    y = np.arange(10.0)
    found = client_interval(lambda w: _mean(y)(w) - _mean(y)(w), np.arange(10), seed=0)
    assert found == Interval(0.0, 0.0, 0.0)


UNDEFINED = [("no rows", 0, math.nan), ("one client", 1, 3.0)]


@pytest.mark.parametrize(
    ("n", "value"), [case[1:] for case in UNDEFINED], ids=[case[0] for case in UNDEFINED]
)
def test_interval_has_no_ends_when_there_are_not_two_clients(n: int, value: float) -> None:
    y = np.full(n, 3.0)
    found = client_interval(_mean(y), np.zeros(n, dtype=np.int64), seed=0)
    assert found.value == pytest.approx(value, nan_ok=True)
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_interval_has_no_ends_when_the_statistic_is_never_defined() -> None:
    found = client_interval(lambda weight: math.nan, np.arange(5), seed=0)
    assert math.isnan(found.low)


def test_interval_covers_the_mean_when_many_samples_are_drawn() -> None:
    rng = np.random.default_rng(0)
    hits = 0
    for seed in range(60):
        found = client_interval(
            _mean(rng.normal(size=80)), np.arange(80), seed=seed, n_resamples=200
        )
        hits += found.low <= 0 <= found.high
    assert 51 <= hits <= 60


def _error(value: float, noise: float) -> dict[str, CalibrationError]:
    return {"hire": CalibrationError(value, noise, 900, 0.2)}


def _slope(value: float, low: float, high: float) -> dict[str, object]:
    return {"slope": {"hire": Interval(value, low, high)}}


GOOD = Measured(
    log_loss_gain=Interval(0.02, 0.01, 0.03),
    value_gain=Interval(0.05, 0.001, 0.1),
    ece={"hire": CalibrationError(0.05, 0.05, 900, 0.2)},
    slope={"hire": Interval(0.8, 0.7, 0.9)},
    impact_ratio={"audit_sex": 0.80},
    invariant=True,
)
WORSE = {
    "log-loss no better": (
        "log_loss gain, lower bound",
        {"log_loss_gain": Interval(0.02, 0.0, 0.03)},
        Verdict.FAILED,
    ),
    "value no better": (
        "assigned_value gain, lower bound",
        {"value_gain": Interval(0.1, -0.1, 0.2)},
        Verdict.FAILED,
    ),
    "ece": ("ece hire", {"ece": _error(0.0501, 0.01)}, Verdict.FAILED),
    "ece beyond chance": ("ece hire", {"ece": _error(0.11, 0.1)}, Verdict.FAILED),
    "ece that chance explains": ("ece hire", {"ece": _error(0.1, 0.1)}, Verdict.UNKNOWN),
    "ece small by chance": ("ece hire", {"ece": _error(0.0, 0.0501)}, Verdict.UNKNOWN),
    "slope low": ("slope hire", _slope(0.79, 0.7, 0.88), Verdict.FAILED),
    "slope high": ("slope hire", _slope(1.21, 1.1, 1.4), Verdict.FAILED),
    "slope wide but beyond": ("slope hire", _slope(1.8, 1.21, 2.4), Verdict.FAILED),
    "slope wide": ("slope hire", _slope(1.7, 0.5, 2.9), Verdict.UNKNOWN),
    "slope unmeasured": ("slope hire", {"slope": {"hire": None}}, Verdict.UNKNOWN),
    "slope infinite": ("slope hire", _slope(math.inf, 0.9, 1.1), Verdict.FAILED),
    "slope without a second client": (
        "slope hire",
        _slope(0.5, math.nan, math.nan),
        Verdict.FAILED,
    ),
    "impact": ("impact_ratio audit_sex", {"impact_ratio": {"audit_sex": 0.79}}, Verdict.FAILED),
    "impact unknown": ("impact_ratio", {"impact_ratio": {}}, Verdict.UNKNOWN),
    "variant": ("invariance", {"invariant": False}, Verdict.FAILED),
    "not tried": ("invariance", {"invariant": None}, Verdict.UNKNOWN),
    "no data": ("ece hire", {"ece": _error(math.nan, math.nan)}, Verdict.UNKNOWN),
}


def test_model_may_be_promoted_when_every_gate_passes() -> None:
    gates = promotion_gates(GOOD)
    assert [gate.verdict for gate in gates] == [Verdict.PASSED] * 6
    assert may_promote(gates)
    assert not may_promote(())


def test_model_may_be_promoted_when_one_attribute_has_too_few_people_and_another_passes() -> None:
    ratios = {"audit_sex": 0.9, "audit_tier": math.nan}
    gates = promotion_gates(dataclasses.replace(GOOD, impact_ratio=ratios))
    assert gates[-2].verdict is Verdict.UNKNOWN
    assert may_promote(gates)


def test_gate_says_how_many_outcomes_it_takes_when_chance_hides_the_error() -> None:
    gates = {
        gate.name: gate
        for gate in promotion_gates(
            dataclasses.replace(
                GOOD,
                ece={"hire": CalibrationError(0.04, 0.2, 60, 0.21)},
            )
        )
    }
    ece = gates["ece hire"]
    assert (ece.n, ece.at_most, ece.noise) == (60, 0.05, 0.2)
    assert 400 < (ece.n_needed or 0) < 1000
    assert gates["slope hire"].n == 60
    assert all(gate.n_needed is None for gate in gates.values() if gate.verdict is Verdict.PASSED)


@pytest.mark.parametrize(("name", "changes", "verdict"), WORSE.values(), ids=list(WORSE))
def test_model_may_not_be_promoted_when_one_gate_does_not_pass(
    name: str, changes: dict[str, object], verdict: Verdict
) -> None:
    gates = promotion_gates(dataclasses.replace(GOOD, **changes))
    assert {gate.name: gate.verdict for gate in gates}[name] is verdict
    assert sum(gate.verdict is not Verdict.PASSED for gate in gates) == 1
    assert not may_promote(gates)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.70, 0.795, Verdict.FAILED),
        (-0.50, 0.79, Verdict.FAILED),  # wide, and wholly below: no number of outcomes saves it
        (0.41, 0.80, Verdict.FAILED),  # meets the bound, but is no wider than the bounds
        (0.39, 0.80, Verdict.UNKNOWN),
        (0.30, 0.79, Verdict.FAILED),
        (0.50, 1.00, Verdict.UNKNOWN),
    ],
    ids=["narrow", "wide-below", "not-wider", "wider", "wider-below", "astride"],
)
def test_slope_below_its_bounds_is_unknown_only_when_its_interval_is_wide_and_meets_them(
    low: float, high: float, verdict: Verdict
) -> None:
    slope = Interval(min(0.79, (low + high) / 2), low, high)
    assert judge_slope("slope hire", slope, 60).verdict is verdict
    mirrored = Interval(2.0 - slope.value, 2.0 - high, 2.0 - low)
    assert judge_slope("slope hire", mirrored, 60).verdict is verdict
