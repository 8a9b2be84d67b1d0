"""Cases of several persons: whole or not at all, never more persons than places, the optimum."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from benchmarks.refugee_cases import DIRECTORY, read_cases
from ml.allocation import cases as placing
from ml.allocation.cases import first_come, place_cases, value_of
from ml.allocation.market import NOBODY
from ml.allocation.solvers import SolverError

needs_shared = pytest.mark.skipif(
    not DIRECTORY.exists(), reason="../shared/data/refugee_fy17 is not there"
)


def persons(size: np.ndarray, choice: np.ndarray, n_sites: int) -> np.ndarray:
    placed = choice != NOBODY
    return np.bincount(choice[placed], weights=size[placed], minlength=n_sites)


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_cases_reach_the_optimum_without_a_violation(data: st.DataObject) -> None:
    n_cases, n_sites = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 3))
    cells = st.lists(st.integers(0, 9), min_size=n_sites, max_size=n_sites)
    value = np.array(data.draw(st.lists(cells, min_size=n_cases, max_size=n_cases)))
    allowed = value % 3 != 1
    size = np.array(data.draw(st.lists(st.integers(1, 4), min_size=n_cases, max_size=n_cases)))
    capacity = np.array(data.draw(st.lists(st.integers(0, 6), min_size=n_sites, max_size=n_sites)))
    best = 0.0
    for choice in product(range(-1, n_sites), repeat=n_cases):
        tried = np.array(choice)
        chosen = np.flatnonzero(tried != NOBODY)
        fits = (persons(size, tried, n_sites) <= capacity).all()
        if fits and allowed[chosen, tried[chosen]].all():
            best = max(best, value_of(value, tried))
    for found, is_best in (
        (place_cases(value, size, capacity, allowed), True),
        (first_come(value, size, capacity, allowed), False),
    ):
        placed = np.flatnonzero(found != NOBODY)
        assert allowed[placed, found[placed]].all()
        assert (persons(size, found, n_sites) <= capacity).all()
        assert value_of(value, found) == best if is_best else value_of(value, found) <= best


def test_cases_stay_where_they_are_when_none_fits() -> None:
    found = place_cases(np.ones((2, 1)), np.array([3, 4]), np.array([2]))
    assert found.tolist() == [NOBODY, NOBODY]


def test_cases_say_so_when_the_solver_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing:
        x = None
        message = "time is up"

    monkeypatch.setattr(placing, "milp", lambda *args, **named: Nothing())
    with pytest.raises(SolverError, match="time is up"):
        place_cases(np.ones((1, 1)), np.array([1]), np.array([2]))


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize(
    ("name", "optimum", "greedy", "n_placed"),
    [("stated", 208.998, 179.480, 322), ("actual", 193.092, 157.471, None)],
)
def test_cases_of_a_real_year_reach_the_known_optimum(
    name: str, optimum: float, greedy: float, n_placed: int | None
) -> None:
    cases = read_cases()
    capacity = getattr(cases, name)
    found = place_cases(cases.value, cases.size, capacity, cases.allowed)
    placed = np.flatnonzero(found != NOBODY)
    assert round(value_of(cases.value, found), 3) == optimum
    assert n_placed in (None, len(placed))
    assert cases.allowed[placed, found[placed]].all()
    assert (persons(cases.size, found, len(capacity)) <= capacity).all()
    turn = first_come(cases.value, cases.size, capacity, cases.allowed)
    assert round(value_of(cases.value, turn), 3) == greedy
