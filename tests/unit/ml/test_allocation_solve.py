"""Solvers: never a violation, always the optimum, and prices that prove it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from ml.allocation import solve as solving
from ml.allocation.market import UNIT, UNLIMITED, Market, Mask, market_of, segment_max
from ml.allocation.prices import NotOptimalError, auction_prices, greatest_prices, least_prices
from ml.allocation.solve import Solution, solve
from ml.allocation.solvers import HAS_FLOW, SolverError, solve_dense, solve_flow, solve_linear

Exact = Callable[[Market], Mask]
needs_flow = pytest.mark.skipif(not HAS_FLOW, reason="OR-tools is not installed")


@st.composite
def markets(draw: st.DrawFn, *, capped: bool | None = None) -> Market:
    n_clients, n_openings = draw(st.integers(0, 5)), draw(st.integers(1, 4))
    lists = [
        sorted(draw(st.sets(st.integers(0, n_openings - 1), max_size=n_openings)))
        for _ in range(n_clients)
    ]
    starts = np.cumsum([0, *(len(found) for found in lists)])
    n_pairs = int(starts[-1])
    value = draw(st.lists(st.integers(0, 20), min_size=n_pairs, max_size=n_pairs))
    has_cap = draw(st.booleans()) if capped is None else capped
    return market_of(
        starts,
        np.array([opening for found in lists for opening in found], dtype=np.int64),
        np.array(value) / 16,
        np.array(draw(st.lists(st.integers(0, 3), min_size=n_openings, max_size=n_openings))),
        np.array(draw(st.lists(st.integers(0, 2), min_size=n_openings, max_size=n_openings))),
        draw(st.integers(0, 3)) if has_cap else None,
    )


def is_allowed(market: Market, taken: Mask) -> bool:
    by_client = np.bincount(market.client[taken], minlength=market.n_clients)
    used = np.bincount(market.opening[taken], minlength=market.n_openings)
    of_group = np.bincount(market.group[market.opening[taken]], minlength=len(market.group_places))
    return bool(
        (by_client <= 1).all()
        and (used <= market.places).all()
        and (of_group <= market.group_places).all()
    )


def best_total(market: Market) -> int:
    """Try everything."""
    spans = [
        [None, *range(market.starts[i], market.starts[i + 1])] for i in range(market.n_clients)
    ]
    best = 0
    for choice in product(*spans):
        taken = np.zeros(len(market.value), dtype=np.bool_)
        taken[[pair for pair in choice if pair is not None]] = True
        if is_allowed(market, taken):
            best = max(best, int(market.value[taken].sum()))
    return best


def dual_total(market: Market, taken: Mask, price: Any) -> int:
    """Return the dual objective: what places and caps are worth plus what clients keep."""
    used = np.bincount(market.opening[taken], minlength=market.n_openings)
    shared = np.zeros(len(market.group_places), dtype=np.int64)
    for opening in np.flatnonzero(used < market.places):
        group = market.group[opening]
        shared[group] = max(shared[group], price[opening])
    full_groups = market.group_places < UNLIMITED
    own = price - shared[market.group]
    kept = segment_max(market.value - price[market.opening], market.starts, 0)
    return int(
        kept.sum()
        + (own * market.places).sum()
        + (shared[full_groups] * market.group_places[full_groups]).sum()
    )


@pytest.mark.parametrize(
    ("exact", "capped"),
    [
        pytest.param(solve_dense, False, id="dense"),
        pytest.param(solve_linear, None, id="linear"),
        pytest.param(solve_flow, None, id="flow", marks=needs_flow),
    ],
)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_solver_finds_the_optimum_without_a_violation(
    exact: Exact, capped: bool | None, data: st.DataObject
) -> None:
    market = data.draw(markets(capped=capped))
    taken = exact(market)
    assert is_allowed(market, taken)
    assert int(market.value[taken].sum()) == best_total(market)


@settings(max_examples=80, deadline=None)
@given(market=markets(), first=st.integers(1, 2))
def test_solve_proves_its_optimum_by_prices(market: Market, first: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solving, "N_FIRST", first)
        patch.setattr(solving, "fits_dense", lambda market: False)
        solution = solve(market)
    assert is_allowed(market, solution.taken)
    best = best_total(market)
    assert solution.total(market) == pytest.approx(best / UNIT)
    assert (solution.least <= solution.greatest).all()
    assert (solution.least >= 0).all()
    for price in (solution.least, solution.greatest):
        assert dual_total(market, solution.taken, price) == best


@settings(max_examples=60, deadline=None)
@given(market=markets(capped=False))
def test_prices_are_what_a_place_more_gains_and_a_place_less_loses(market: Market) -> None:
    solution = solve(market)
    best = best_total(market)
    for opening in range(market.n_openings):
        for step, price in ((1, solution.least), (-1, solution.greatest)):
            places = market.places.copy()
            places[opening] += step
            if places[opening] >= 0:
                changed = best_total(
                    Market(
                        market.starts,
                        market.opening,
                        market.value,
                        places,
                        market.group,
                        market.group_places,
                    )
                )
                assert step * (changed - best) == price[opening]


def small_market(**changes: Any) -> Market:
    given: dict[str, Any] = {
        "starts": np.array([0, 2, 4, 5]),
        "opening": np.array([0, 1, 0, 1, 0]),
        "value": np.array([0.9, 0.8, 0.7, 0.1, 0.6]),
        "places": np.array([1, 1]),
    }
    return market_of(**(given | changes))


def test_solve_prefers_the_sum_to_the_best_single_pair() -> None:
    market = small_market()
    solution = solve(market)
    assert solution.taken.tolist() == [False, True, True, False, False]
    assert solution.total(market) == pytest.approx(1.5)
    assert (solution.greatest / UNIT).round(6).tolist() == [0.7, 0.6]
    assert (solution.least / UNIT).round(6).tolist() == [0.6, 0.0]


@pytest.mark.parametrize("price_of", [least_prices, greatest_prices])
def test_prices_are_refused_when_the_choice_is_no_optimum(
    price_of: Callable[[Market, Mask], Any],
) -> None:
    with pytest.raises(NotOptimalError):
        price_of(small_market(), np.array([True, False, False, True, False]))
    optimum = solve_dense(small_market())
    assert dual_total(small_market(), optimum, price_of(small_market(), optimum)) == best_total(
        small_market()
    )


def test_auction_raises_the_price_where_more_ask_than_places_are() -> None:
    price = auction_prices(small_market(), rounds=40)
    assert price[0] > price[1]
    assert auction_prices(small_market(places=np.array([9, 9]))).tolist() == [0, 0]


def test_auction_counts_a_sample_as_many_clients() -> None:
    market = small_market(places=np.array([3, 3]))
    assert auction_prices(market).sum() == 0
    assert auction_prices(market, weight=10.0).sum() > 0


def test_linear_programme_is_the_fallback_when_there_is_no_flow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(solving, "HAS_FLOW", False)
    monkeypatch.setattr(solving, "fits_dense", lambda market: False)
    assert solve(small_market()).total(small_market()) == pytest.approx(1.5)


def test_linear_programme_says_so_when_it_fails() -> None:
    with pytest.raises(SolverError):
        solve_linear(small_market(places=np.array([-1, 1])))
    assert solve_linear(small_market(places=np.array([1, 1]))).any()


def test_solution_of_nobody_is_empty() -> None:
    market = small_market(starts=np.zeros(1), opening=np.zeros(0), value=np.zeros(0))
    solution = solve(market)
    assert isinstance(solution, Solution)
    assert (len(solution.taken), solution.least.tolist()) == (0, [0, 0])
