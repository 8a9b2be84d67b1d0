"""Hard constraints: each gate, what widens it, and that unknown never excludes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from ml.codebook import covers
from ml.gates import CHANGEABLE, Gate, failures, gates_in, one_step_away
from ml.geo import distance_km
from ml.licences import with_included
from ml.policy import GatePolicy
from ml.schema import Clients
from tests.unit.ml.worlds import (
    AS_OF,
    CLIENT_ROWS,
    COOK,
    CUTTER,
    VACANCY_LISTS,
    VOCABULARY,
    WELDER,
    drawn,
    index_of,
    query_of,
)

# About 0.9 degrees of latitude are 100 km.
FAR, FARTHER = {"lat": 31.57}, {"lat": 32.10}

CASES: list[tuple[str, dict[str, Any], dict[str, Any], Gate]] = [
    ("all-fits", {}, {}, Gate(0)),
    ("far-with-bed", {}, FAR, Gate(0)),
    ("far-no-bed", {}, FAR | {"lodging_provided": 0}, Gate.COMMUTE_OR_LODGING),
    ("far-bed-unknown", {}, FAR | {"lodging_provided": None}, Gate.COMMUTE_OR_LODGING),
    ("far-bed-refused", {"needs_lodging": 0}, FAR, Gate.COMMUTE_OR_LODGING),
    ("far-bed-not-asked", {"needs_lodging": None}, FAR, Gate(0)),
    ("beyond-150-km", {}, FARTHER, Gate.COMMUTE_OR_LODGING),
    ("own-limit-beyond-150-km", {"max_commute_km": 300}, FARTHER, Gate(0)),
    ("default-30-km", {"max_commute_km": None, "needs_lodging": 0}, FAR, Gate.COMMUTE_OR_LODGING),
    ("client-place-unknown", {"lat": None}, FARTHER, Gate(0)),
    ("client-place-half-known", {"lon": None}, FARTHER, Gate(0)),
    ("opening-place-unknown", {"needs_lodging": 0}, {"lat": None}, Gate(0)),
    ("opening-place-half-known", {"needs_lodging": 0}, {"lon": None}, Gate(0)),
    ("shift", {}, {"shift": "night"}, Gate.SHIFT),
    ("shift-unknown", {}, {"shift": None}, Gate(0)),
    ("shifts-ok-unknown", {"shifts_ok": ""}, {"shift": "night"}, Gate(0)),
    ("exertion", {}, {"exertion": 4}, Gate.EXERTION),
    ("exertion-unknown", {}, {"exertion": None}, Gate(0)),
    ("exertion-max-unknown", {"exertion_max": None}, {"exertion": 4}, Gate(0)),
    ("education", {}, {"education_min": 4}, Gate.EDUCATION),
    ("education-equal", {}, {"education_min": 3}, Gate(0)),
    ("education-none", {"education": 0}, {"education_min": 1}, Gate.EDUCATION),
    ("education-none-asked", {"education": 0}, {"education_min": 0}, Gate(0)),
    ("education-unknown", {"education": None}, {"education_min": 5}, Gate(0)),
    ("certificate", {}, {"certificates_required": "cert.guard"}, Gate.CERTIFICATE),
    ("certificate-one-of-two", {}, {"certificates_required": "cert.drive.c1;x"}, Gate.CERTIFICATE),
    ("certificate-none-recorded", {"certificates": ""}, {}, Gate.CERTIFICATE),
    ("certificate-not-asked", {"certificates": None}, {}, Gate(0)),
    ("certificate-health", {}, {"certificates_required": "cert.health"}, Gate(0)),
    ("licence-higher", {"certificates": "cert.drive.a1"}, {}, Gate(0)),
    (
        "licence-lower",
        {"certificates": "cert.drive.c1"},
        {"certificates_required": "cert.drive.b2"},
        Gate.CERTIFICATE,
    ),
    ("contract", {}, {"employment_type": "gig"}, Gate.EMPLOYMENT_TYPE),
    (
        "contract-assumed-full-time",
        {"employment_types_ok": "gig"},
        {"employment_type": None},
        Gate.EMPLOYMENT_TYPE,
    ),
    ("contracts-all", {"employment_types_ok": ""}, {"employment_type": "gig"}, Gate(0)),
    ("closed-before-available", {}, {"close_on": "2026-11-30"}, Gate.DATES),
    ("closes-on-the-day", {}, {"close_on": "2026-12-01"}, Gate(0)),
    ("not-open-yet", {}, {"open_on": "2026-12-02"}, Gate.DATES),
    ("opens-on-the-day", {}, {"open_on": "2026-12-01"}, Gate(0)),
    ("rolling", {}, {"close_on": None, "open_on": None}, Gate(0)),
    (
        "available-now",
        {"available_on": None},
        {"open_on": "2026-11-01", "close_on": "2026-11-24"},
        Gate(0),
    ),
    (
        "available-long-ago",
        {"available_on": "2020-01-01"},
        {"open_on": "2019-01-01", "close_on": "2026-11-23"},
        Gate.DATES,
    ),
    ("no-place-left", {}, {"places_left": 0}, Gate.HEADCOUNT),
    ("barred", {}, {"occupation": COOK}, Gate.BARRED),
    ("barred-branch", {"barred_occupations": "6-18"}, {}, Gate.BARRED),
    ("barred-branch-padded", {"barred_occupations": "6-18-00-00"}, {}, Gate.BARRED),
    ("barred-not-a-prefix", {"barred_occupations": "6-1;6-18-02-0"}, {}, Gate(0)),
    ("barred-occupation-unknown", {}, {"occupation": None, "title": ""}, Gate(0)),
    (
        "two-gates",
        {},
        {"shift": "rotating", "education_min": 5},
        Gate.SHIFT | Gate.EDUCATION,
    ),
]


@pytest.mark.parametrize(
    ("person", "opening", "gate"),
    [pytest.param(*case[1:], id=case[0]) for case in CASES],
)
def test_gates_name_what_excludes_when_one_thing_differs(
    person: dict[str, Any], opening: dict[str, Any], gate: Gate
) -> None:
    index = index_of(opening)
    query = query_of(index, **person)
    found = Gate(int(failures(query, index.columns, policy=index.policy)[0]))
    assert found == gate
    assert len(index.feasible(query)[0]) == (not gate)


def test_barred_title_excludes_when_the_occupation_is_suggested_from_it() -> None:
    index = index_of({"occupation": None, "title": "厨师"})
    assert failures(query_of(index), index.columns, policy=index.policy)[0] == Gate.BARRED


def test_excluded_pair_fails_its_own_gate() -> None:
    index = index_of({}, {})
    query = query_of(index)
    (row,) = index.rows_of(["V2", "V9"])
    found = failures(query, index.columns, policy=index.policy, excluded=[row])
    assert sorted(found.tolist()) == [0, Gate.EXCLUDED]
    assert index.names_of(index.feasible(query, {"V2", "V9"})[0]) == ("V1",)


@given(CLIENT_ROWS, VACANCY_LISTS)
@settings(max_examples=80, deadline=None)
def test_index_passes_what_the_gates_pass(row: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    from ml.index import OpeningIndex

    index = OpeningIndex.build(drawn(rows), VOCABULARY)
    query = index.query(Clients.from_rows([row]), 0, AS_OF)
    failed = failures(query, index.columns, policy=index.policy)
    assert sorted(index.feasible(query)[0].tolist()) == np.flatnonzero(failed == 0).tolist()


WIDENED_BY_UNKNOWN = (
    "lat",
    "lon",
    "education",
    "exertion_max",
    "shifts_ok",
    "employment_types_ok",
    "certificates",
    "needs_lodging",
    "desired_occupations",
    "barred_occupations",
)


@pytest.mark.parametrize("column", WIDENED_BY_UNKNOWN)
@given(CLIENT_ROWS, VACANCY_LISTS)
@settings(max_examples=20, deadline=None)
def test_unknown_cell_of_a_client_excludes_nothing_more(
    column: str, row: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    from ml.index import OpeningIndex

    index = OpeningIndex.build(drawn(rows), VOCABULARY)
    before, after = (
        set(index.feasible(index.query(Clients.from_rows([one]), 0, AS_OF))[0].tolist())
        for one in (row, row | {column: None})
    )
    assert before <= after


def test_certificates_beyond_the_bits_of_a_word_still_exclude() -> None:
    rows = [{"certificates_required": f"cert.own.{n}"} for n in range(50)]
    index = index_of(*rows)
    held = "cert.own.3;cert.own.45"
    feasible, _ = index.feasible(query_of(index, certificates=held))
    assert sorted(index.names_of(feasible)) == ["V4", "V46"]
    assert len(index.feasible(query_of(index, certificates=None))[0]) == 50


def test_policy_moves_the_limits_when_it_is_given() -> None:
    from ml.index import OpeningIndex
    from tests.unit.ml.worlds import vacancies

    policy = GatePolicy(default_commute_km=120, lodging_km=50)
    table = vacancies(FAR | {"lodging_provided": 0}, FAR)
    index = OpeningIndex.build(table, VOCABULARY, policy)
    assert len(index.feasible(query_of(index, max_commute_km=None))[0]) == 2
    assert len(index.feasible(query_of(index, max_commute_km=30))[0]) == 0


@pytest.mark.parametrize(
    ("broad", "narrow", "expected"),
    [
        (WELDER, WELDER, True),
        ("6", WELDER, True),
        ("6-18-00-00", CUTTER, True),
        ("6-18-02", WELDER, True),
        ("6-18-01", WELDER, False),
        ("6-1", WELDER, False),
        (WELDER, "6-18", False),
    ],
)
def test_code_covers_its_descendants_only(broad: str, narrow: str, expected: bool) -> None:
    assert covers(broad, narrow) is expected


@pytest.mark.parametrize(
    ("held", "included"),
    [
        ("cert.drive.a2", {"cert.drive.b1", "cert.drive.b2", "cert.drive.c1"}),
        ("cert.drive.a1", {"cert.drive.a3", "cert.drive.b2", "cert.drive.c2"}),
        ("cert.level.3", {"cert.level.4", "cert.level.5"}),
    ],
)
def test_licence_includes_the_lower_ones(held: str, included: set[str]) -> None:
    assert included < with_included([held])
    assert "cert.level.2" not in with_included([held])


def test_distance_is_half_the_earth_when_places_are_opposite() -> None:
    found = distance_km(0.0, 0.0, np.array([0.0, 0.0, np.nan]), np.array([180.0, 0.0, 0.0]))
    assert found[:2].tolist() == pytest.approx([20015.1, 0.0], abs=0.1)
    assert np.isnan(found[2])


def test_only_single_changeable_gates_are_one_step_away() -> None:
    every = np.array([0, *Gate, 3], dtype=np.uint16)
    found = [Gate(int(every[row])) for row in one_step_away(every)]
    assert Gate.EXCLUDED not in found
    assert Gate.BARRED not in found
    assert sum(found) == int(CHANGEABLE)


def test_union_is_taken_apart() -> None:
    assert gates_in(Gate.SHIFT | Gate.DATES) == (Gate.SHIFT, Gate.DATES)
