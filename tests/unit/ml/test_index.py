"""The index: exact against every pair, and the same when kept fresh as when built anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from ml.columns import gate_bytes
from ml.gates import failures
from ml.geo import distance_km
from ml.index import OpeningIndex, StaleQueryError, sort_value
from ml.places import CellMap, cell_keys
from ml.query import ClientQuery
from ml.reverse import ClientPool
from ml.schema import Clients
from ml.statics import log_places
from tests.unit.ml.worlds import (
    AS_OF,
    CLIENT_ROWS,
    VACANCY_LISTS,
    VOCABULARY,
    client,
    drawn,
    index_of,
    query_of,
    vacancies,
)


def every_pair(index: OpeningIndex, query: ClientQuery) -> list[str]:
    """Rank by scoring all openings, then gating, then sorting."""
    rows = np.arange(len(index.columns))
    scores = index.score(query, rows)
    distance = index.distances(query, rows)
    value = sort_value(scores, distance)
    passes = failures(query, index.columns, policy=index.policy) == 0
    ranked = sorted((-value[row], index.ids.name(row)) for row in rows[passes].tolist())
    return [name for _, name in ranked]


@given(CLIENT_ROWS, VACANCY_LISTS, st.integers(1, 13))
@settings(max_examples=60, deadline=None)
def test_ranking_equals_scoring_every_pair(
    row: dict[str, Any], rows: list[dict[str, Any]], top: int
) -> None:
    index = OpeningIndex.build(drawn(rows), VOCABULARY)
    query = index.query(Clients.from_rows([row]), 0, AS_OF)
    found = index.rank(query, top)
    assert list(found.vacancy_ids) == every_pair(index, query)[:top]
    assert found.n_feasible == len(every_pair(index, query))


@given(CLIENT_ROWS, VACANCY_LISTS, VACANCY_LISTS, st.sets(st.integers(0, 12)))
@settings(max_examples=50, deadline=None)
def test_index_kept_fresh_ranks_like_one_built_anew(
    row: dict[str, Any],
    old: list[dict[str, Any]],
    new: list[dict[str, Any]],
    gone: set[int],
) -> None:
    fresh = OpeningIndex.build(drawn(old), VOCABULARY)
    fresh.upsert(drawn(new))
    fresh.remove(f"V{n:03d}" for n in gone)
    left = [*new, *old[len(new) :]]
    kept = [n for n in range(len(left)) if n not in gone]
    table = drawn(left)
    anew = OpeningIndex.build(table, VOCABULARY)
    anew.remove(set(table.ids) - {f"V{n:03d}" for n in kept})
    anew.compact()
    assert len(fresh) == len(anew) == len(kept)
    person = Clients.from_rows([row])
    first, second = (each.rank(each.query(person, 0, AS_OF), 20) for each in (fresh, anew))
    assert first.vacancy_ids == second.vacancy_ids
    assert first.scores.score.tolist() == second.scores.score.tolist()


@given(st.lists(CLIENT_ROWS, min_size=1, max_size=6), VACANCY_LISTS)
@settings(max_examples=50, deadline=None)
def test_reverse_list_has_the_scores_of_the_forward_lists(
    people: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> None:
    index = OpeningIndex.build(drawn(rows), VOCABULARY)
    numbered = [row | {"client_id": f"C{n}"} for n, row in enumerate(people)]
    table = Clients.from_rows(numbered)
    pool = ClientPool.build(index, table, AS_OF)
    forward: dict[str, dict[str, float]] = {
        name: {} for name in index.names_of(np.arange(len(rows)))
    }
    for i, client_id in enumerate(table.ids):
        found = index.rank(index.query(table, i, AS_OF), 100)
        for vacancy_id, score in zip(found.vacancy_ids, found.scores.score, strict=True):
            forward[vacancy_id][client_id] = float(score)
    for vacancy_id, expected in forward.items():
        assert pool.scores(vacancy_id) == pytest.approx(expected)
        listed = pool.rank(vacancy_id, 3)
        assert listed.n_feasible == len(expected)
        for candidate in listed.entries:
            assert candidate.entry.score == pytest.approx(expected[candidate.client_id])


def test_equal_scores_are_ordered_by_id() -> None:
    index = index_of(*[{"vacancy_id": name} for name in ("b", "a", "d", "c")])
    assert index.rank(query_of(index), 3).vacancy_ids == ("a", "b", "c")


def test_unknown_place_ranks_last_and_is_counted() -> None:
    index = index_of({"lat": None}, {"skills_required": "cook.wok:5", "wage_max_cny_month": None})
    ranking = index.rank(query_of(index), 20)
    assert ranking.vacancy_ids == ("V2", "V1")
    assert ranking.scores.score[0] < ranking.scores.score[1]
    assert (ranking.n_feasible, ranking.n_place_unknown) == (2, 1)


def test_places_are_followed_when_they_fill_and_free() -> None:
    index = index_of({}, {})
    query = query_of(index)
    many = index.rank(query, 5).scores.score[0]
    index.set_places([("V1", 0), ("V2", 1), ("V9", 4)])
    assert index.rank(query, 5).vacancy_ids == ("V2",)
    assert index.rank(query, 5).scores.score[0] < many
    index.set_places([("V1", 2)])
    assert index.rank(query, 5).vacancy_ids == ("V1", "V2")
    for n_places, stored in ((3, 3), (0, 0), (-1, 0), (65_535, 65_535), (70_000, 65_535)):
        version = index.version
        index.set_places([("V1", n_places)])
        row = index.ids.row("V1")
        assert index.columns.places[row] == stored
        assert index.columns.log_places[row] == log_places(np.array([stored]))[0]
        assert ("V1" in index.rank(query, 5).vacancy_ids) is (n_places > 0)
        assert index.version > version


def test_removed_opening_is_gone_and_may_come_back() -> None:
    index = index_of({}, {})
    assert index.remove(["V1", "V7"]) == 1
    assert index.remove(["V1"]) == 0
    assert index.rank(query_of(index), 5).vacancy_ids == ("V2",)
    index.upsert(vacancies({}))
    assert len(index) == 2
    assert index.remove(["V1"]) == 1


def test_index_compacts_itself_when_its_tail_is_long() -> None:
    index = index_of({"vacancy_id": "first"})
    index.upsert(vacancies(*[{"vacancy_id": f"n{n}"} for n in range(1030)]))
    index.upsert(vacancies(*[{"vacancy_id": f"n{n}", "shift": "night"} for n in range(1030)]))
    assert len(index.columns) == len(index) == 1031
    assert index.rank(query_of(index), 5).vacancy_ids == ("first",)


def test_lists_nobody_points_at_are_dropped_when_compacting() -> None:
    index = index_of({}, {"skills_required": "own.a;own.b", "title": "另一个"})
    before = index.nbytes
    index.remove(["V2"])
    index.compact()
    assert index.nbytes < before
    assert len(index.columns.skills) == 1


def test_query_is_refused_when_openings_brought_new_codes() -> None:
    index = index_of({})
    query = query_of(index)
    index.upsert(vacancies({"vacancy_id": "new", "certificates_required": "cert.new"}))
    with pytest.raises(StaleQueryError, match="C1"):
        index.rank(query, 5)
    assert index.rank(query_of(index), 5).vacancy_ids == ("V1",)


@pytest.mark.parametrize("n", [0, 1, 3])
def test_ranking_is_empty_or_short_when_there_are_few_openings(n: int) -> None:
    index = index_of(*[{}] * n)
    assert len(index.rank(query_of(index), 20).rows) == n
    assert len(index.rank(query_of(index), 0).rows) == 0
    assert len(gate_bytes(index.columns)) == 7


def test_memory_per_opening_stays_small() -> None:
    rows = [
        {"title": f"焊工{n}号车间", "skills_required": f"weld.arc:2;own.{n}"} for n in range(2000)
    ]
    index = index_of(*rows)
    assert index.nbytes / 2000 < 400


@pytest.mark.parametrize(
    ("lat", "lon"), [(89.9, 0.0), (-89.9, 10.0), (0.0, 179.99), (0.0, -179.99), (30.0, 104.0)]
)
def test_cells_miss_no_place_within_reach(lat: float, lon: float) -> None:
    rng = np.random.default_rng(5)
    lats = np.clip(lat + rng.normal(0, 1.5, 500), -90, 90)
    lons = (lon + rng.normal(0, 1.5, 500) + 180) % 360 - 180
    lats[:5] = np.nan
    keys = cell_keys(lats, lons)
    order = np.argsort(keys, kind="stable")
    spans = CellMap(keys[order]).spans(lat, lon, 150.0)
    visited = {int(row) for begin, end in spans for row in order[begin:end]}
    near = np.flatnonzero(~(distance_km(lat, lon, lats, lons) > 150.0))
    assert set(near.tolist()) <= visited


def test_cells_read_only_a_part_when_places_are_spread() -> None:
    lats, lons = np.linspace(20, 45, 2000), np.linspace(80, 120, 2000)
    spans = CellMap(cell_keys(lats, lons)).spans(30.0, 96.0, 30.0)
    assert 0 < sum(end - begin for begin, end in spans) < 200


def test_pool_refuses_an_opening_that_is_not_here() -> None:
    pool = ClientPool.build(index_of({}), client(), AS_OF)
    for ask in (pool.rank, pool.scores):
        with pytest.raises(KeyError, match="V9"):
            ask("V9")


def test_pool_leaves_out_excluded_and_barred_clients() -> None:
    index = index_of({"certificates_required": ""})
    rows = [
        {"client_id": "a"},
        {"client_id": "b", "barred_occupations": "6-18"},
        {"client_id": "c"},
    ]
    pool = ClientPool.build(index, Clients.from_rows(rows), AS_OF)
    listed = pool.rank("V1", excluded={"c"})
    assert [candidate.client_id for candidate in listed.entries] == ["a"]
    assert len(ClientPool(index, []).rank("V1").entries) == 0


def test_pool_checks_certificates_beyond_the_bits_of_a_word() -> None:
    index = index_of(*[{"certificates_required": f"cert.own.{n}"} for n in range(50)])
    people = Clients.from_rows(
        [{"client_id": str(n), "certificates": f"cert.own.{n}"} for n in range(50)]
    )
    pool = ClientPool.build(index, people, AS_OF)
    assert [len(pool.rank(f"V{n + 1}").entries) for n in range(50)] == [1] * 50
