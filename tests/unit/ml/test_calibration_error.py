"""The calibration error that gates look at: what chance adds is taken away, what is real stays."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ml.evaluation.calibration import expected_calibration_error
from ml.evaluation.calibration_error import CalibrationError, calibration_error
from ml.evaluation.metrics import Floats
from ml.evaluation.promotion import Verdict, judge_error

N_SAMPLES = 40


def _sample(n: int, off: float, seed: int) -> tuple[Floats, Floats]:
    """Draw forecasts, and outcomes whose probability is `off` from them."""
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.15, 0.85, n)
    return (rng.random(n) < p + off).astype(np.float64), p


def _verdicts(n: int, off: float) -> list[Verdict]:
    found = []
    for seed in range(N_SAMPLES):
        y, p = _sample(n, off, seed)
        found.append(judge_error("ece hire", calibration_error(y, p, np.arange(n))).verdict)
    return found


@pytest.mark.parametrize(
    ("n", "off", "verdict", "least"),
    [
        (60, 0.0, Verdict.UNKNOWN, 36),
        (60, 0.05, Verdict.UNKNOWN, 30),
        (300, 0.0, Verdict.UNKNOWN, 36),
        (300, 0.15, Verdict.FAILED, 38),
        (1000, 0.0, Verdict.PASSED, 38),
        (1000, 0.1, Verdict.FAILED, 36),
        (5000, 0.03, Verdict.PASSED, 40),
        (5000, 0.07, Verdict.FAILED, 40),
    ],
    ids=lambda value: str(value),
)
def test_gate_tells_a_calibrated_model_only_when_outcomes_suffice(
    n: int, off: float, verdict: Verdict, least: int
) -> None:
    verdicts = _verdicts(n, off)
    assert verdicts.count(verdict) >= least
    wrong = {Verdict.PASSED: Verdict.FAILED, Verdict.FAILED: Verdict.PASSED}
    assert verdicts.count(wrong.get(verdict, Verdict.PASSED)) <= N_SAMPLES - least


@pytest.mark.parametrize("n", [300, 600], ids=str)
def test_bias_is_taken_away_in_part_and_never_overdone_when_a_model_is_calibrated(n: int) -> None:
    samples = [_sample(n, 0.0, seed) for seed in range(N_SAMPLES)]
    plain = np.mean([expected_calibration_error(y, p) for y, p in samples])
    found = np.mean([calibration_error(y, p, np.arange(n)).value for y, p in samples])
    assert 0 < found < 0.7 * plain


@pytest.mark.parametrize("off", [0.0, 0.05, -0.1], ids=str)
def test_error_is_the_expected_calibration_error_when_rows_are_many(off: float) -> None:
    y, p = _sample(100_000, off, seed=1)
    found = calibration_error(y, p, np.arange(len(y)))
    assert found.value == pytest.approx(expected_calibration_error(y, p), abs=0.004)
    assert found.noise < 0.006


def test_rows_of_one_client_count_for_less_when_their_outcomes_go_together() -> None:
    y, p = _sample(300, 0.0, seed=3)
    alone = calibration_error(y, p, np.arange(300))
    together = calibration_error(np.repeat(y, 4), np.repeat(p, 4), np.repeat(np.arange(300), 4))
    apart = calibration_error(np.repeat(y, 4), np.repeat(p, 4), np.arange(1200))
    assert together.noise == pytest.approx(alone.noise, rel=0.05)
    assert apart.noise < 0.7 * together.noise


def test_noise_is_that_of_fewer_rows_when_weights_differ() -> None:
    y, p = _sample(600, 0.0, seed=4)
    weight = np.tile([1.0, 9.0], 300)
    even = calibration_error(y, p, np.arange(600))
    assert calibration_error(y, p, np.arange(600), weight).noise > 1.1 * even.noise


def test_noise_is_not_nothing_when_no_outcome_differs() -> None:
    p = np.full(200, 0.03)
    found = calibration_error(np.zeros(200), p, np.arange(200))
    assert found.value == pytest.approx(0.03)
    assert found.noise > 0.01


@pytest.mark.parametrize("n", [0, 1, 29], ids=str)
def test_nothing_is_said_when_clients_are_few(n: int) -> None:
    y, p = _sample(4 * n, 0.0, seed=5)
    found = calibration_error(y, p, np.arange(4 * n) % max(n, 1))
    assert math.isnan(found.value)
    assert found.n == 4 * n
    assert found.n_needed(0.05) is None


def test_needed_number_suffices_when_it_was_reached() -> None:
    y, p = _sample(100, 0.0, seed=6)
    needed = calibration_error(y, p, np.arange(100)).n_needed(0.05)
    assert needed is not None
    y, p = _sample(needed, 0.0, seed=7)
    assert calibration_error(y, p, np.arange(needed)).noise == pytest.approx(0.05, rel=0.1)


def test_needed_number_is_unknown_when_forecasts_are_certain() -> None:
    assert CalibrationError(0.0, 0.0, 50, 0.0).n_needed(0.05) is None
    assert CalibrationError(0.0, 0.1, 50, 0.25).n_needed(0.05) is not None
