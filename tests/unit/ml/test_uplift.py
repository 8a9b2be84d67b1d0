"""Courses: the openings and free places that are there only afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from ml.allocation.allocate import Allocation, allocate
from ml.allocation.rules import AllocationRules
from ml.baseline import ExpertBaseline
from ml.index import OpeningIndex
from ml.query import ClientQuery
from ml.schema import Clients, Courses
from ml.uplift import PlaceValues, course_effects, effects_for_many
from tests.unit.ml.worlds import (
    AS_OF,
    CLIENT_ROWS,
    VACANCY_LISTS,
    VOCABULARY,
    client,
    drawn,
    index_of,
)

COURSES = Courses.from_rows(
    [
        {"course_id": "guard", "certificates": "cert.guard"},
        {"course_id": "cook", "skills": "cook.wok:3"},
        {"course_id": "both", "skills": [("cook.wok", 3)], "certificates": ["cert.guard"]},
        {"course_id": "nothing", "certificates": "cert.nobody.asks"},
        {"course_id": "truck", "certificates": "cert.drive.a2"},
    ]
)


def test_course_counts_what_it_opens() -> None:
    index = index_of(
        {},
        {"certificates_required": "cert.guard", "headcount": 4},
        {"skills_required": "cook.wok;x", "headcount": 3},
        {"skills_required": "cook.wok", "certificates_required": "cert.guard", "headcount": 1},
        {"certificates_required": "cert.drive.c1;cert.guard", "shift": "night"},
    )
    maker = index.query_maker(AS_OF)
    query = maker.make(client(certificates="cert.drive.c1"), 0)
    found = {e.course_id: e for e in course_effects(index, maker, query, COURSES)}
    counts = {
        key: (e.n_openings_before, e.n_openings_after, e.n_places_opened)
        for key, e in found.items()
    }
    assert counts == {
        "guard": (1, 2, 4),
        "cook": (1, 2, 3),
        "both": (1, 4, 8),
        "nothing": (1, 1, 0),
        "truck": (1, 1, 0),
    }
    assert found["guard"].client_id == "C1"


def test_course_opens_nothing_for_a_client_whose_certificates_are_unknown() -> None:
    index = index_of({"certificates_required": "cert.guard"})
    maker = index.query_maker(AS_OF)
    query = maker.make(client(certificates=None), 0)
    first = next(effects_for_many(index, maker, [query], COURSES))
    assert (first.n_openings_before, first.n_openings_after) == (1, 1)


def test_excluded_openings_are_not_counted_for_a_course() -> None:
    index = index_of({"certificates_required": "cert.guard"})
    maker = index.query_maker(AS_OF)
    query = maker.make(client(), 0)
    free = course_effects(index, maker, query, COURSES)
    assert {effect.n_openings_after for effect in free} == {0, 1}
    found = course_effects(index, maker, query, COURSES, excluded=["V1"])
    assert {effect.n_openings_after for effect in found} == {0}


def test_course_has_no_value_when_there_are_no_prices() -> None:
    index = index_of({})
    maker = index.query_maker(AS_OF)
    query = maker.make(client(), 0)
    found = course_effects(index, maker, query, COURSES)
    assert {effect.delta_value for effect in found} == {None}
    values = PlaceValues.of(allocated(index, [query]), ExpertBaseline(), 0)
    priced = course_effects(index, maker, query, COURSES, values=values)
    assert [type(effect.delta_value) for effect in priced] == [float] * len(COURSES)


def allocated(index: OpeningIndex, queries: Sequence[ClientQuery], floor: float = 0) -> Allocation:
    return allocate(index, queries, model=ExpertBaseline(), rules=AllocationRules(floor=floor))


@settings(max_examples=40, deadline=None)
@given(
    client_rows=st.lists(CLIENT_ROWS, min_size=1, max_size=4),
    vacancy_rows=VACANCY_LISTS,
    floor=st.sampled_from((0.0, 0.1)),
)
def test_value_of_a_course_is_what_allocating_again_gains(
    client_rows: list[dict[str, Any]], vacancy_rows: list[dict[str, Any]], floor: float
) -> None:
    rows = [row | {"client_id": f"C{n}"} for n, row in enumerate(client_rows)]
    clients = Clients.from_rows(rows, vocabulary=VOCABULARY)
    index = OpeningIndex.build(drawn(vacancy_rows), VOCABULARY)
    maker = index.query_maker(AS_OF)
    queries = [maker.make(clients, i) for i in range(len(clients))]
    found = allocated(index, queries, floor)
    values = PlaceValues.of(found, ExpertBaseline(), floor)
    for i, query in enumerate(queries):
        effects = course_effects(index, maker, query, COURSES, values=values)
        for number, effect in enumerate(effects):
            trained = maker.with_course(
                query,
                COURSES.skills.row(number),
                [code for code, _ in COURSES.certificates.row(number)],
            )
            again = allocated(index, [*queries[:i], trained, *queries[i + 1 :]], floor)
            gained = again.utility.sum() - found.utility.sum()
            assert effect.delta_value is not None
            assert effect.delta_value >= max(0.0, gained - 1e-7)
            if i in found.unserved:
                assert effect.delta_value == pytest.approx(gained, abs=1e-7)
