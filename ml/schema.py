"""The exchange format, version 1: columns, tables, and what an empty cell means.

A table is a frozen set of numpy columns. Unknown is NaN in a number, -1 in a small integer,
`NO_DAY` in a date and False in `Ragged.known` of a list; unknown never means "no". An empty list
cell is an empty list ("none recorded"), a list column that is not there at all is unknown. Columns
whose name begins with ``audit_`` are dropped on reading: no part of the library can see them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from ml import cells
from ml.cells import Parser
from ml.problems import Notice
from ml.ragged import Ragged
from ml.tables import Column, Table, TableBuilder

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]
SmallArray = npt.NDArray[np.int8]

NO_DAY = -1
MANY = 1_000_000


def _real(name: str, low: float, high: float = MANY * 1000.0) -> Column:
    return Column(name, cells.number(low, high), "real", float("nan"))


def _small(name: str, parse: Parser, blank: int = -1) -> Column:
    return Column(name, parse, "small", blank)


def _day(name: str) -> Column:
    return Column(name, cells.day, "int", NO_DAY)


def _codes(name: str, vocabulary: str, parse: Parser = cells.codes) -> Column:
    return Column(name, parse, "list", None, vocabulary)


_EDUCATION = cells.whole(0, 5)
_EXERTION = cells.whole(1, 4)


@dataclass(frozen=True, eq=False)
class Clients(Table):
    """Hold ``clients.csv``; every array has shape (n,).

    Examples
    --------
    >>> table = Clients.from_rows([{"client_id": "C1", "lat": "30.5", "skills": "weld.arc:3"}])
    >>> len(table), float(table.lat[0]), table.skills.row(0)
    (1, 30.5, [('weld.arc', 3.0)])
    """

    ID = "client_id"
    FILE = "clients"
    COLUMNS = (
        Column("client_id", cells.identifier, "id", ""),
        _real("lat", -90, 90),
        _real("lon", -180, 180),
        _real("max_commute_km", 0),
        _real("wage_expected_cny_month", 0),
        _small("education", _EDUCATION),
        _codes("skills", "skill", cells.levelled),
        _codes("certificates", "skill"),
        _codes("experience", "occupation", cells.months),
        _codes("desired_occupations", "occupation"),
        _codes("barred_occupations", "occupation"),
        _small("shifts_ok", cells.choices(cells.SHIFTS), 0),
        _small("needs_lodging", cells.flag),
        _small("exertion_max", _EXERTION, 0),
        _small("employment_types_ok", cells.choices(cells.EMPLOYMENT_TYPES), 0),
        _day("available_on"),
        _day("trained_on"),
        Column("waiting_days", cells.whole(0, MANY), "int", 0),
        Column("text", cells.text, "text", ""),
    )

    client_id: tuple[str, ...]
    lat: FloatArray
    lon: FloatArray
    max_commute_km: FloatArray
    wage_expected_cny_month: FloatArray
    education: SmallArray
    skills: Ragged
    certificates: Ragged
    experience: Ragged
    desired_occupations: Ragged
    barred_occupations: Ragged
    shifts_ok: SmallArray
    needs_lodging: SmallArray
    exertion_max: SmallArray
    employment_types_ok: SmallArray
    available_on: IntArray
    trained_on: IntArray
    waiting_days: IntArray
    text: tuple[str, ...]
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, eq=False)
class Vacancies(Table):
    """Hold ``vacancies.csv``; every array has shape (n,).

    The columns after ``close_on`` are not part of the file: a caller who knows them passes them in
    rows. ``places_left`` (blank: the headcount), and of the partner's past outcomes, smoothed and
    without the pair in question, ``partner_hire`` and ``partner_retained`` (probabilities) and
    ``partner_n``.
    """

    ID = "vacancy_id"
    FILE = "vacancies"
    EXTRA = ("places_left", "partner_hire", "partner_retained", "partner_n")
    COLUMNS = (
        Column("vacancy_id", cells.identifier, "id", ""),
        Column("partner_id", cells.identifier, "id", ""),
        Column("occupation", cells.code, "text", "", "occupation"),
        Column("title", cells.text, "text", ""),
        Column("text", cells.text, "text", ""),
        _real("lat", -90, 90),
        _real("lon", -180, 180),
        _real("wage_min_cny_month", 0),
        _real("wage_max_cny_month", 0),
        _small("education_min", _EDUCATION),
        _small("exertion", _EXERTION, 0),
        _codes("skills_required", "skill", cells.levelled),
        _codes("skills_preferred", "skill", cells.levelled),
        _codes("certificates_required", "skill"),
        _small("shift", cells.choice(cells.SHIFTS)),
        _small("lodging_provided", cells.flag),
        _small("employment_type", cells.choice(cells.EMPLOYMENT_TYPES)),
        Column("headcount", cells.whole(1, MANY), "int", 1),
        _day("open_on"),
        _day("close_on"),
        Column("places_left", cells.whole(0, MANY), "int", NO_DAY),
        _real("partner_hire", 0, 1),
        _real("partner_retained", 0, 1),
        Column("partner_n", cells.whole(0, MANY), "int", 0),
    )

    vacancy_id: tuple[str, ...]
    partner_id: tuple[str, ...]
    occupation: tuple[str, ...]
    title: tuple[str, ...]
    text: tuple[str, ...]
    lat: FloatArray
    lon: FloatArray
    wage_min_cny_month: FloatArray
    wage_max_cny_month: FloatArray
    education_min: SmallArray
    exertion: SmallArray
    skills_required: Ragged
    skills_preferred: Ragged
    certificates_required: Ragged
    shift: SmallArray
    lodging_provided: SmallArray
    employment_type: SmallArray
    headcount: IntArray
    open_on: IntArray
    close_on: IntArray
    places_left: IntArray
    partner_hire: FloatArray
    partner_retained: FloatArray
    partner_n: IntArray
    notices: tuple[Notice, ...] = ()

    @classmethod
    def check(cls, builder: TableBuilder) -> None:
        """Check that no range is upside down."""
        _check_order(builder, "wage_min_cny_month", "wage_max_cny_month", cells.number_text)
        _check_order(builder, "open_on", "close_on", cells.day_text)


@dataclass(frozen=True, eq=False)
class Courses(Table):
    """Hold ``courses.csv``: what finishing a course adds to a client."""

    ID = "course_id"
    FILE = "courses"
    COLUMNS = (
        Column("course_id", cells.identifier, "id", ""),
        _codes("skills", "skill", cells.levelled),
        _codes("certificates", "skill"),
    )

    course_id: tuple[str, ...]
    skills: Ragged
    certificates: Ragged
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, eq=False)
class Placements(Table):
    """Hold ``placements.csv``: what was proposed, and what became of it; arrays have shape (n,).

    ``interviewed`` and ``hired`` are 1, 0 or -1 unknown; an unknown outcome is never a failure.
    ``propensity`` is the chance of what was drawn when the pair was proposed, NaN unknown.
    """

    ID = "placement_id"
    FILE = "placements"
    COLUMNS = (
        Column("placement_id", cells.identifier, "id", ""),
        Column("client_id", cells.identifier, "id", "", needed=True),
        Column("vacancy_id", cells.identifier, "id", "", needed=True),
        Column("proposed_on", cells.day, "int", NO_DAY, needed=True),
        _real("propensity", 0, 1),
        _small("interviewed", cells.flag),
        _small("hired", cells.flag),
        _day("started_on"),
        _day("ended_on"),
        _day("observed_until"),
        _real("wage_cny_month", 0),
    )

    placement_id: tuple[str, ...]
    client_id: tuple[str, ...]
    vacancy_id: tuple[str, ...]
    proposed_on: IntArray
    propensity: FloatArray
    interviewed: SmallArray
    hired: SmallArray
    started_on: IntArray
    ended_on: IntArray
    observed_until: IntArray
    wage_cny_month: FloatArray
    notices: tuple[Notice, ...] = ()

    @classmethod
    def check(cls, builder: TableBuilder) -> None:
        """Check that the story of a placement can have happened in this order."""
        for low, high in _PLACEMENT_ORDER:
            _check_order(builder, low, high, cells.day_text)
        values = builder.values
        columns = (values["hired"], values["started_on"], values["ended_on"])
        for row, hired, started, ended in zip(builder.rows, *columns, strict=True):
            if hired == 0 and started != NO_DAY:
                builder.log.add(row, "hired", hired, "1 or blank, as started_on is given")
            if hired == 0 and ended != NO_DAY:
                builder.log.add(row, "hired", hired, "1 or blank, as ended_on is given")


_PLACEMENT_ORDER = (
    ("proposed_on", "started_on"),
    ("started_on", "ended_on"),
    ("proposed_on", "observed_until"),
    ("started_on", "observed_until"),
    ("ended_on", "observed_until"),
)


def _check_order(
    builder: TableBuilder, low: str, high: str, written: Callable[[float], str]
) -> None:
    firsts = cast("list[float]", builder.values[low])
    lasts = cast("list[float]", builder.values[high])
    for row, first, last in zip(builder.rows, firsts, lasts, strict=True):
        if NO_DAY not in (first, last) and first > last:
            builder.log.add(row, high, written(last), f"{low} not to exceed {high}")
