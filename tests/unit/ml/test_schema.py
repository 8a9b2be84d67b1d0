"""Every cell of the exchange format: what is read, what is refused, what blank means."""

from __future__ import annotations

import contextlib
import datetime as dt

import numpy as np
import pytest
from hypothesis import given, strategies as st

from ml import cells
from ml.problems import InputError
from ml.schema import NO_DAY, Clients, Courses, Vacancies
from ml.tables import Column, Table
from tests.unit.ml.worlds import FULL_CLIENT, FULL_VACANCY, VOCABULARY

FULL_COURSE = {"course_id": "K1", "skills": "weld.arc:2", "certificates": "cert.guard"}
FULL: dict[type[Table], dict[str, object]] = {
    Clients: FULL_CLIENT,
    Vacancies: FULL_VACANCY,
    Courses: FULL_COURSE,
}
BAD_NUMBERS = ("abc", "nan", "inf", "1e999", "1_000", "1,5", True, object())
BAD_DAYS = (
    "2026-13-01",
    "2026-1-1",
    "24.11.2026",
    "1969-12-31",
    "2149-01-01",
    "20261124",
    20261124,
)
BAD_LEVELLED = (
    "weld:",
    "weld:0",
    "weld:6",
    "weld:2.5",
    ":3",
    "a b:1",
    "weld:x",
    5,
    [5],
    [("a", 9)],
)
BAD_CODES = (";".join(f"c{n}" for n in range(501)), "a b", "a,b", "a:b", 7, [("a", 1)])
BAD: dict[type[Table], dict[str, tuple[object, ...]]] = {
    Clients: {
        "client_id": ("", None, "a\x00b"),
        "lat": (*BAD_NUMBERS, 91, -90.01),
        "lon": (*BAD_NUMBERS, 180.5, -181),
        "max_commute_km": (*BAD_NUMBERS, -1),
        "wage_expected_cny_month": (*BAD_NUMBERS, -0.01),
        "education": (*BAD_NUMBERS, -1, 6, 2.5),
        "skills": BAD_LEVELLED,
        "certificates": BAD_CODES,
        "experience": ("6-18", "6-18:", "6-18:-1", "6-18:x", "6-18:901", 3),
        "desired_occupations": BAD_CODES,
        "barred_occupations": BAD_CODES,
        "shifts_ok": ("days", "day,night", "day;x", 1),
        "needs_lodging": ("yes", "2", 0.5, "-1"),
        "exertion_max": (*BAD_NUMBERS, 0, 5),
        "employment_types_ok": ("fulltime", "full_time;x"),
        "available_on": BAD_DAYS,
        "trained_on": BAD_DAYS,
        "waiting_days": (*BAD_NUMBERS, -1, 1.5),
    },
    Vacancies: {
        "vacancy_id": ("", "   "),
        "partner_id": ("E\n1",),
        "occupation": ("6-18;6-19", "焊 工"),
        "lat": (*BAD_NUMBERS, 90.1),
        "lon": (*BAD_NUMBERS, -180.1),
        "wage_min_cny_month": (*BAD_NUMBERS, -1, 6001),
        "wage_max_cny_month": (*BAD_NUMBERS, -1, 3999),
        "education_min": (*BAD_NUMBERS, 6),
        "exertion": (*BAD_NUMBERS, 0, 5),
        "skills_required": BAD_LEVELLED,
        "skills_preferred": BAD_LEVELLED,
        "certificates_required": BAD_CODES,
        "shift": ("day;night", "all", 3),
        "lodging_provided": ("y", 2),
        "employment_type": ("full", "full_time;gig"),
        "headcount": (*BAD_NUMBERS, 0, -1, 1.5),
        "open_on": (*BAD_DAYS, "2027-01-01"),
        "close_on": (*BAD_DAYS, "2026-10-31"),
        "places_left": (-1, 1.5),
        "partner_hire": (1.1, -0.1),
        "partner_retained": (2,),
        "partner_n": (-1,),
    },
    Courses: {"course_id": ("",), "skills": BAD_LEVELLED, "certificates": BAD_CODES},
}
BAD_CASES = [
    pytest.param(table, column, value, id=f"{table.FILE}-{column}-{value!r:.12}")
    for table, columns in BAD.items()
    for column, values in columns.items()
    for value in values
]


@pytest.mark.parametrize(("table", "column", "value"), BAD_CASES)
def test_table_names_the_cell_when_a_cell_is_wrong(
    table: type[Table], column: str, value: object
) -> None:
    with pytest.raises(InputError) as caught:
        table.from_rows([FULL[table], FULL[table] | {table.ID: "second", column: value}])
    (problem,) = caught.value.problems
    assert (problem.file, problem.row) == (table.FILE, 3)
    assert problem.column == {"wage_min_cny_month": "wage_max_cny_month"}.get(column, column) or (
        problem.column == column or value == "2027-01-01"
    )
    assert problem.expected


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ({"open_on": "2026-12-02"}, {"close_on": "2026-12-01"}),
        ({"wage_min_cny_month": "1234568.5"}, {"wage_max_cny_month": "1234567.5"}),
    ],
    ids=["days", "wages"],
)
def test_table_shows_the_cell_as_it_was_written_when_a_range_is_upside_down(
    low: dict[str, str], high: dict[str, str]
) -> None:
    with pytest.raises(InputError) as caught:
        Vacancies.from_rows([{"vacancy_id": "v", **low, **high}])
    (problem,) = caught.value.problems
    assert [(problem.column, problem.value)] == list(high.items())


@pytest.mark.parametrize("table", FULL)
def test_every_column_has_bad_cases(table: type[Table]) -> None:
    free = {"title", "text"}
    assert {column.name for column in table.COLUMNS} - free == set(BAD[table])


@pytest.mark.parametrize("table", FULL)
def test_table_reads_a_row_when_every_cell_is_filled(table: type[Table]) -> None:
    built = table.from_rows([FULL[table]], vocabulary=VOCABULARY)
    assert len(built) == 1
    assert built.notices == ()


@pytest.mark.parametrize("table", FULL)
def test_table_reads_a_row_when_only_the_id_is_there(table: type[Table]) -> None:
    assert table.from_rows([{table.ID: "x"}]).ids == ("x",)


def test_table_is_empty_when_there_are_no_rows() -> None:
    assert len(Clients.from_rows([])) == 0
    assert len(Clients.from_rows([{"client_id": "C1"}])) == 1


def test_clients_hold_what_blank_means_when_cells_are_blank() -> None:
    table = Clients.from_rows([{"client_id": "C1", "skills": " ", "waiting_days": ""}])
    assert np.isnan(table.lat[0])
    assert np.isnan(table.max_commute_km[0])
    assert table.education[0] == table.needs_lodging[0] == -1
    assert table.shifts_ok[0] == table.exertion_max[0] == table.employment_types_ok[0] == 0
    assert table.available_on[0] == NO_DAY
    assert table.waiting_days[0] == 0
    assert table.skills.known[0]
    assert not table.certificates.known[0]


def test_vacancies_hold_what_blank_means_when_cells_are_blank() -> None:
    table = Vacancies.from_rows([{"vacancy_id": "V1"}])
    assert table.headcount[0] == 1
    assert table.shift[0] == table.employment_type[0] == table.lodging_provided[0] == -1
    assert table.open_on[0] == table.close_on[0] == NO_DAY


@pytest.mark.parametrize(
    ("column", "written", "python"),
    [
        ("available_on", "2026-12-01", dt.date(2026, 12, 1)),
        ("available_on", "2026-12-01", dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC)),
        ("needs_lodging", "1", True),
        ("education", "3.0", 3),
        ("lat", "３０．５", 30.5),
        ("shifts_ok", "day；night", ["day", "night"]),
        ("employment_types_ok", "gig", ("gig",)),
    ],
)
def test_cell_is_the_same_when_written_or_given_in_python(
    column: str, written: str, python: object
) -> None:
    table = Clients.from_rows(
        [{"client_id": "a", column: written}, {"client_id": "b", column: python}]
    )
    first, second = getattr(table, column)
    assert first == second


@pytest.mark.parametrize(
    ("column", "value", "entries"),
    [
        ("skills", "a:3;b", [("a", 3.0), ("b", 0.0)]),
        ("skills", [("a", 3), ("b", None)], [("a", 3.0), ("b", 0.0)]),
        ("skills", "a:2;a:4;a", [("a", 4.0)]),
        ("skills", ["a:2"], [("a", 2.0)]),
        ("certificates", "x;x;y;", [("x", 0.0), ("y", 0.0)]),
        ("experience", "o:6;o:6.5", [("o", 12.5)]),
        ("experience", [], []),
    ],
)
def test_list_is_read_when_given_as_text_or_sequence(
    column: str, value: object, entries: list[tuple[str, float]]
) -> None:
    table = Clients.from_rows([{"client_id": "a", column: value}])
    assert getattr(table, column).row(0) == entries


def test_table_reports_every_problem_when_there_are_several() -> None:
    with pytest.raises(InputError) as caught:
        Clients.from_rows(
            [{"client_id": "a", "lat": "x", "lon": "y"}, {"client_id": "b", "education": 9}]
        )
    assert [(p.row, p.column) for p in caught.value.problems] == [
        (2, "lat"),
        (2, "lon"),
        (3, "education"),
    ]


def test_table_counts_the_rest_when_problems_exceed_the_cap() -> None:
    rows = [{"client_id": str(n), "lat": "x"} for n in range(250)]
    with pytest.raises(InputError, match="and 50 more") as caught:
        Clients.from_rows(rows)
    assert len(caught.value.problems) == 200


def test_table_names_the_first_row_when_an_id_is_used_twice() -> None:
    with pytest.raises(InputError, match=r"row 4, column client_id: 'a': .*see row 2"):
        Clients.from_rows([{"client_id": "a"}, {"client_id": "b"}, {"client_id": " a "}])


def test_problem_is_short_when_the_cell_is_long() -> None:
    with pytest.raises(InputError) as caught:
        Clients.from_rows([{"client_id": "a", "lat": "9" * 500 + "x"}])
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("column", "low", "high"),
    [("wage", 4000, 4000), ("wage", None, 1), ("wage", 9999, None), ("day", "2026-01-01", None)],
)
def test_range_is_accepted_when_it_is_equal_or_half_open(
    column: str, low: object, high: object
) -> None:
    names = (
        ("wage_min_cny_month", "wage_max_cny_month")
        if column == "wage"
        else ("open_on", "close_on")
    )
    assert len(Vacancies.from_rows([{"vacancy_id": "V", names[0]: low, names[1]: high}])) == 1


def test_unlisted_codes_are_kept_and_counted_when_the_vocabulary_lacks_them() -> None:
    table = Clients.from_rows(
        [
            {
                "client_id": "a",
                "skills": "own.a;own.b;weld.arc",
                "desired_occupations": "9-99;6-18",
            },
            {"client_id": "b", "skills": "own.a", "experience": "6-18-02-04:3"},
        ],
        vocabulary=VOCABULARY,
    )
    assert table.skills.row(0)[0] == ("own.a", 0.0)
    assert [(n.code, n.count, n.examples) for n in table.notices] == [
        ("unlisted_occupations", 1, ("9-99",)),
        ("unlisted_skills", 3, ("own.a", "own.b")),
    ]


@given(st.integers(0, cells.MAX_DAY - 1))
def test_day_is_the_same_when_written_and_read_back(days: int) -> None:
    date = cells.EPOCH + dt.timedelta(days=days)
    assert cells.day(date) == cells.day(date.isoformat()) == days


@given(st.text(max_size=12), st.sampled_from(Clients.COLUMNS + Vacancies.COLUMNS))
def test_cell_is_read_or_refused_when_any_text_comes(text: str, column: Column) -> None:
    with contextlib.suppress(cells.CellError):
        column.parse(text)
