"""Weekly arrivals: places are kept for those who will make more of them, and never overdrawn."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from ml.allocation.arrivals import (
    Forecast,
    expected_prices,
    joined,
    left_after,
    picked,
    serve_at,
    serve_week,
)
from ml.allocation.market import UNIT, Market, market_of
from ml.allocation.solve import solve


def market(values: list[list[float]], places: list[int], per_partner: int | None = None) -> Market:
    n, m = len(values), len(places)
    return market_of(
        np.arange(n + 1) * m,
        np.tile(np.arange(m), n),
        np.array(values).ravel(),
        np.array(places),
        np.zeros(m, dtype=np.int64),
        per_partner,
    )


def drawn_market(n: int, seed: int) -> Market:
    rng = np.random.default_rng(seed)
    taste, worth = rng.normal(0, 1, (n, 3)), rng.normal(0, 1, (25, 3))
    values = 1 / (1 + np.exp(1.5 - 0.6 * taste @ worth.T - rng.normal(0, 0.4, (n, 25))))
    return market(values.tolist(), rng.integers(1, 5, 25).tolist())


def served_in_weeks(whole: Market, n_weeks: int, n_samples: int) -> float:
    cuts = np.linspace(0, whole.n_clients, n_weeks + 1).astype(int)
    places, caps, total = whole.places, whole.group_places, 0
    for first, last in pairwise(cuts):
        week = replace(picked(whole, np.arange(first, last)), places=places, group_places=caps)
        past = picked(whole, np.arange(last))
        to_come = whole.n_clients - last if n_samples else 0
        taken = serve_week(week, past, Forecast(int(to_come), n_samples, seed=int(first)))
        total += int(week.value[taken].sum())
        places, caps = left_after(week, taken)
        assert (places >= 0).all()
        assert (caps >= 0).all()
    return total / UNIT


def test_weekly_service_comes_near_hindsight_and_beats_serving_at_once() -> None:
    ratios = []
    for seed in (1, 2):
        whole = drawn_market(120, seed)
        best = solve(whole).total(whole)
        at_once, priced = (served_in_weeks(whole, 6, n) / best for n in (0, 4))
        assert at_once < priced <= 1
        ratios.append(priced)
    assert np.mean(ratios) >= 0.9


def test_place_is_kept_when_those_to_come_make_more_of_it() -> None:
    past = market([[0.9], [0.8], [0.2]], [1])
    week = picked(past, np.array([2]))
    assert serve_week(week, past, Forecast(n_to_come=6)).tolist() == [False]
    assert serve_week(week, past, Forecast(n_to_come=0)).tolist() == [True]
    assert serve_week(week, picked(past, np.array([], dtype=int)), Forecast(6)).tolist() == [True]


def test_expected_price_is_the_same_when_the_seed_is() -> None:
    past = drawn_market(30, 5)
    week = picked(past, np.arange(5))
    first, again, other = (
        expected_prices(week, past, Forecast(20, 2, seed)).tolist() for seed in (7, 7, 8)
    )
    assert first == again
    assert first != other


def test_pair_is_left_when_it_is_worth_less_than_its_place() -> None:
    week = market([[0.5, 0.4]], [1, 1])
    price = np.array([UNIT * 6 // 10, UNIT // 10])
    assert serve_at(week, price).tolist() == [False, True]


def test_joined_market_has_the_clients_of_both() -> None:
    first, second = market([[0.1, 0.2]], [1, 2]), market([[0.3, 0.4], [0.5, 0.6]], [9, 9])
    both = joined(first, picked(second, np.array([1, 0, 1])))
    assert (both.value / UNIT).round(3).tolist() == [0.1, 0.2, 0.5, 0.6, 0.3, 0.4, 0.5, 0.6]
    assert both.places.tolist() == [1, 2]
    assert both.client.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize("per_partner", [3, 4])
def test_places_left_count_openings_and_partners(per_partner: int) -> None:
    week = market([[0.5, 0.4], [0.5, 0.45]], [1, 3], per_partner)
    places, caps = left_after(week, solve(week).taken)
    assert places.tolist() == [0, 2]
    assert caps.tolist() == [per_partner - 2]
