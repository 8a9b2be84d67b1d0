"""Near-ties change places, nothing else does, and the chance of every rank is the stated one."""

from __future__ import annotations

from collections import Counter, defaultdict
from math import isclose, sqrt

import pytest
from hypothesis import given, settings, strategies as st

from matchboard.domain.tie_breaks import NEAR_TIE, Drawn, Standing, break_ties, near_ties

N_SEEDS = 1000


@st.composite
def lists(draw: st.DrawFn) -> list[Standing]:
    """Return a list as it is ranked: known places before unknown ones, then by score."""
    scores = st.sampled_from([0.5, 0.4999, 0.497, 0.4951, 0.494, 0.49, 0.3, 0.2999, 0.0])
    rows = draw(st.lists(st.tuples(st.booleans(), scores), max_size=6))
    rows.sort(key=lambda row: (row[0], -row[1]))
    return [Standing(f"v{n}", score, stratum) for n, (stratum, score) in enumerate(rows)]


def draws(standings: list[Standing], *, percent: int, n: int = N_SEEDS) -> list[tuple[Drawn, ...]]:
    return [break_ties(standings, seed=str(seed), percent=percent) for seed in range(n)]


@settings(max_examples=30, derandomize=True)
@given(standings=lists(), percent=st.sampled_from([10, 25, 60, 100]))
def test_chance_of_each_rank_is_what_many_draws_show(
    standings: list[Standing], percent: int
) -> None:
    seen: Counter[tuple[str, int]] = Counter()
    stated: dict[tuple[str, int], float] = {}
    for drawn in draws(standings, percent=percent):
        for one in drawn:
            assert 0 < one.propensity <= 1
            # One pair of opening and rank has one chance, whatever the seed.
            assert stated.setdefault((one.pid, one.rank), one.propensity) == one.propensity
            seen[one.pid, one.rank] += 1
    per_rank: defaultdict[int, float] = defaultdict(float)
    per_opening: defaultdict[str, float] = defaultdict(float)
    for (pid, rank), chance in stated.items():
        error = 5 * sqrt(chance * (1 - chance) / N_SEEDS)
        assert abs(seen[pid, rank] / N_SEEDS - chance) <= error
        per_rank[rank] += chance
        per_opening[pid] += chance
    for total in (*per_rank.values(), *per_opening.values()):
        assert isclose(total, 1)
    assert sorted(per_rank) == [n + 1 for n in range(len(standings))]


@settings(max_examples=50, derandomize=True)
@given(standings=lists())
def test_no_opening_passes_a_clearly_better_one_or_leaves_its_stratum(
    standings: list[Standing],
) -> None:
    of = {standing.pid: standing for standing in standings}
    for drawn in draws(standings, percent=100, n=20):
        assert [one.rank for one in drawn] == list(range(1, len(standings) + 1))
        for place, upper in enumerate(drawn):
            for lower in drawn[place:]:
                if upper.rank_by_score > lower.rank_by_score:
                    assert of[upper.pid].stratum == of[lower.pid].stratum
                    assert of[upper.pid].score >= of[lower.pid].score * (1 - NEAR_TIE)


GROUPS = [
    ("none", [], []),
    ("alone", [(0.4, 0)], [1]),
    ("equal", [(0.4, 0), (0.4, 0)], [2]),
    ("at-the-tolerance", [(1.0, 0), (1 - NEAR_TIE, 0)], [2]),
    ("just-beyond", [(1.0, 0), (1 - NEAR_TIE - 1e-9, 0)], [1, 1]),
    ("small-steps-add-up", [(1.0, 0), (0.995, 0), (0.9899, 0), (0.985, 0)], [2, 2]),
    ("another-stratum", [(0.4, 0), (0.4, 1), (0.4, 1)], [1, 2]),
    ("nothing-to-choose", [(0.0, 0), (0.0, 0)], [2]),
]


@pytest.mark.parametrize(
    ("rows", "sizes"), [row[1:] for row in GROUPS], ids=[row[0] for row in GROUPS]
)
def test_near_ties_are_measured_against_the_best_of_their_group(
    rows: list[tuple[float, int]], sizes: list[int]
) -> None:
    standings = [Standing(str(n), score, stratum) for n, (score, stratum) in enumerate(rows)]
    assert [len(group) for group in near_ties(standings)] == sizes


def test_order_is_the_same_when_the_seed_is() -> None:
    standings = [Standing(f"v{n}", 0.4) for n in range(8)]
    first = break_ties(standings, seed="a", percent=100)
    assert break_ties(standings, seed="a", percent=100) == first
    assert break_ties(standings, seed="b", percent=100) != first


def test_others_keep_their_order_when_an_opening_comes_or_goes() -> None:
    standings = [Standing(f"v{n}", 0.4) for n in range(8)]
    before = [one.pid for one in break_ties(standings, seed="a", percent=100)]
    after = [one.pid for one in break_ties(standings[:3] + standings[4:], seed="a", percent=100)]
    assert [pid for pid in before if pid != "v3"] == after


def test_nothing_is_left_to_chance_when_switched_off() -> None:
    standings = [Standing(f"v{n}", 0.4) for n in range(4)]
    for drawn in draws(standings, percent=0, n=100):
        assert [(one.pid, one.propensity) for one in drawn] == [(s.pid, 1.0) for s in standings]


@pytest.mark.parametrize("percent", [-1, 101])
def test_percent_is_refused_when_it_is_none(percent: int) -> None:
    with pytest.raises(ValueError, match=str(percent)):
        break_ties([], seed="a", percent=percent)
