"""The exchange format, version 1: columns, tables, and what an empty cell means.

A table is a frozen set of numpy columns. Unknown is NaN in a number, -1 in a small integer,
`NO_DAY` in a date and False in `Ragged.known` of a list; unknown never means "no". An empty list
cell is an empty list ("none recorded"), a list column that is not there at all is unknown. Columns
whose name begins with ``audit_`` are dropped on reading: no part of the library can see them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self, cast

import numpy as np
import numpy.typing as npt

from ml import cells
from ml.cells import Parser
from ml.problems import Notice, ProblemLog
from ml.ragged import Ragged
from ml.vocabulary import Vocabulary

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]
SmallArray = npt.NDArray[np.int8]

NO_DAY = -1
MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """Describe one column of a file.

    Attributes
    ----------
    name : str
        Header of the column, and name of the table's attribute.
    parse : callable
        From a cell that is not blank to the stored value.
    kind : str
        ``id``, ``text``, ``real``, ``small``, ``int`` or ``list``.
    blank : object
        Stored for an empty cell.
    vocabulary : str
        ``occupation`` or ``skill`` when the cell holds codes of that vocabulary.
    """

    name: str
    parse: Parser
    kind: str
    blank: object = None
    vocabulary: str = ""


class Table:
    """Share what tables have in common: they are built from rows, checked, and know their ids."""

    COLUMNS: ClassVar[tuple[Column, ...]]
    ID: ClassVar[str]
    FILE: ClassVar[str]

    notices: tuple[Notice, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the identifiers, in row order."""
        found: tuple[str, ...] = getattr(self, self.ID)
        return found

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.ids)

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Mapping[str, object]],
        *,
        vocabulary: Vocabulary | None = None,
        file: str | None = None,
    ) -> Self:
        """Build the table from mappings of column name to text or Python value, with every check.

        Parameters
        ----------
        rows : iterable of mapping
            A missing key or None is unknown. Lists may be text with ``;`` or sequences of codes
            or of (code, number); dates may be `datetime.date`; numbers may be numbers.
        vocabulary : Vocabulary, optional
            Unlisted codes are counted against it; none are refused.
        file : str, optional
            Name used in problems. Row numbers count the header as row 1.

        Raises
        ------
        InputError
            With every wrong cell.
        """
        log = ProblemLog(file or cls.FILE)
        builder = TableBuilder(cls.COLUMNS, cls.ID, log)
        for position, row in enumerate(rows):
            builder.add(position + 2, row)
        return cls.from_builder(builder, vocabulary)

    @classmethod
    def from_builder(cls, builder: TableBuilder, vocabulary: Vocabulary | None) -> Self:
        """Finish a table whose cells have been read."""
        cls.check(builder)
        builder.log.raise_if_any()
        arrays = builder.arrays()
        notices = builder.unlisted(vocabulary) if vocabulary is not None else ()
        return cls(**arrays, notices=notices)  # type: ignore[call-arg]  # each table is a dataclass

    @classmethod
    def check(cls, builder: TableBuilder) -> None:
        """Check rules between cells of a row; the base has none."""


class TableBuilder:
    """Gather the cells of a table column by column, and every problem on the way."""

    def __init__(self, columns: Sequence[Column], id_column: str, log: ProblemLog) -> None:
        self.columns = {column.name: column for column in columns}
        self.id_column = id_column
        self.log = log
        self.values: dict[str, list[object]] = {column.name: [] for column in columns}
        self.rows: list[int] = []
        self._seen: dict[str, int] = {}

    def add(self, row: int, cells_of_row: Mapping[str, object]) -> None:
        """Read one row; a wrong cell is logged and stands as unknown until the log is raised."""
        for name, column in self.columns.items():
            value = cells_of_row.get(name)
            self.values[name].append(self._cell(row, column, value))
        self.rows.append(row)
        self._check_id(row)

    def arrays(self) -> dict[str, object]:
        """Return each column in its stored form, by name."""
        return {name: self._array(column) for name, column in self.columns.items()}

    def unlisted(self, vocabulary: Vocabulary) -> tuple[Notice, ...]:
        """Count the codes the vocabulary does not list."""
        missing: dict[str, set[str]] = {"occupation": set(), "skill": set()}
        counts = dict.fromkeys(missing, 0)
        for name, column in self.columns.items():
            if not column.vocabulary:
                continue
            for value in self.values[name]:
                for code in _codes_in(value):
                    if not vocabulary.lists(column.vocabulary, code):
                        missing[column.vocabulary].add(code)
                        counts[column.vocabulary] += 1
        return tuple(
            Notice(self.log.file, f"unlisted_{kind}s", counts[kind], tuple(sorted(found)[:5]))
            for kind, found in missing.items()
            if found
        )

    def _cell(self, row: int, column: Column, value: object) -> object:
        if cells.is_blank(value):
            if column.kind == "list" and value is not None:
                return ()
            if column.kind == "id" and column.name == self.id_column:
                self.log.add(row, column.name, value, "an identifier")
            return column.blank
        try:
            return column.parse(value)
        except cells.CellError as error:
            self.log.add(row, column.name, value, str(error))
            return column.blank

    def _check_id(self, row: int) -> None:
        found = self.values[self.id_column][-1]
        if not isinstance(found, str) or not found:
            return
        first = self._seen.setdefault(found, row)
        if first != row:
            self.log.add(
                row, self.id_column, found, f"an identifier not used before (see row {first})"
            )

    def _array(self, column: Column) -> object:
        values = self.values[column.name]
        if column.kind in ("id", "text"):
            return tuple(values)
        if column.kind == "list":
            return Ragged.from_lists(values)  # type: ignore[arg-type]
        dtype = {"real": np.float32, "small": np.int8, "int": np.int32}[column.kind]
        return np.array(values, dtype=dtype)


def _codes_in(value: object) -> Iterable[str]:
    if isinstance(value, str):
        return (value,) if value else ()
    return (code for code, _ in value) if isinstance(value, tuple) else ()


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


def _check_order(
    builder: TableBuilder, low: str, high: str, written: Callable[[float], str]
) -> None:
    firsts = cast("list[float]", builder.values[low])
    lasts = cast("list[float]", builder.values[high])
    for row, first, last in zip(builder.rows, firsts, lasts, strict=True):
        if NO_DAY not in (first, last) and first > last:
            builder.log.add(row, high, written(last), f"{low} not to exceed {high}")
