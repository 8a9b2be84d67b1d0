"""Read `vacancies.csv` of the exchange format: every cell checked, every problem placed.

An empty optional cell is unknown. A wrong cell is a problem with file, row, column and value; its
row is left out and the others stand. Rows are numbered as a spreadsheet shows them: the header is
row 1.
"""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from matchboard.domain.catalogues import divisions, occupations, skills
from matchboard.domain.client import Education, EmploymentType, Exertion, Shift
from matchboard.domain.errors import InvalidInput
from matchboard.domain.text import name_line, one_line
from matchboard.domain.vacancy import (
    HEADCOUNT_MAX,
    TITLE_LENGTH,
    WAGE_MAX,
    RequirementKind,
)

MAX_ROWS = 100_000
MAX_BYTES = 200 * 1024 * 1024

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_CODE = re.compile(r"[^\s;:,]{1,60}")


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with one cell; `column` is empty where the whole row is."""

    file: str
    row: int
    column: str
    value: str
    code: str


@dataclass(frozen=True, slots=True)
class AdRow:
    """One good row: stored values by attribute, requirements apart.

    `absent` are the attributes and kinds of requirement the file has no column for: it says nothing
    about them, while an empty cell says "unknown".
    """

    row: int
    ref: str
    values: dict[str, Any]
    requirements: frozenset[tuple[str, RequirementKind, int | None]]
    absent: frozenset[str | RequirementKind] = frozenset()


@dataclass(slots=True)
class AdFile:
    """The file as read: good rows, problems, and what was noticed."""

    rows: list[AdRow] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    ignored_columns: tuple[str, ...] = ()
    unlisted_codes: Counter[str] = field(default_factory=Counter)


class _WrongCell(ValueError):
    """The code of what is wrong."""


def read_ads(path: Path) -> AdFile:
    """Read the whole file.

    Raises
    ------
    InvalidInput
        At field `file`, if it cannot be read as UTF-8 CSV with the column `vacancy_id`, or is too
        large: nothing of it can be used then.
    """
    records = _records(path)
    header = [name.strip() for name in next(records, [])]
    for name in header:
        if name and header.count(name) > 1:
            raise InvalidInput("import_header_twice", field="file", column=name[:40])
    if "vacancy_id" not in header:
        raise InvalidInput("import_header", field="file", column="vacancy_id")
    found = AdFile(ignored_columns=tuple(n for n in header if n and n not in _COLUMNS))
    seen: set[str] = set()
    for number, record in enumerate(records, start=2):
        if number > MAX_ROWS + 1:
            raise InvalidInput("import_too_large", field="file", most=MAX_ROWS)
        if any(cell.strip() for cell in record):
            _read_row(found, _Row(path.name, number, header, record), seen)
    return found


def _records(path: Path) -> Iterator[list[str]]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidInput("import_too_large", field="file", most=MAX_ROWS)
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("import_unreadable", field="file") from error
    if "\0" in text:
        raise InvalidInput("import_unreadable", field="file")
    try:
        yield from csv.reader(io.StringIO(text, newline=""), strict=True)
    except csv.Error as error:
        raise InvalidInput("import_unreadable", field="file") from error


@dataclass(frozen=True, slots=True)
class _Row:
    file: str
    number: int
    header: list[str]
    cells: list[str]

    def problem(self, column: str, code: str, value: str = "") -> CellProblem:
        return CellProblem(self.file, self.number, column, value[:80], code)


def _read_row(found: AdFile, row: _Row, seen: set[str]) -> None:
    if len(row.cells) != len(row.header):
        shown = str(len(row.cells))
        found.problems.append(row.problem("", "wrong_number_of_cells", shown))
        return
    given = dict(zip(row.header, row.cells, strict=True))
    values: dict[str, Any] = {}
    problems: list[CellProblem] = []
    for name, column in _COLUMNS.items():
        text = given.get(name, "")
        if not text.strip():
            continue
        try:
            values[name] = column(text)
        except _WrongCell as error:
            problems.append(row.problem(name, str(error), text.strip()))
    problems += _across(row, values, given)
    ref = values.get("vacancy_id", "")
    if not given["vacancy_id"].strip():
        problems.append(row.problem("vacancy_id", "blank"))
    elif ref in seen:
        problems.append(row.problem("vacancy_id", "duplicate", ref))
    seen.add(ref)
    if problems:
        found.problems += problems
        return
    found.unlisted_codes.update(_unlisted(values))
    found.rows.append(replace(_ad(row.number, ref, values), absent=_absent(row.header)))


def _absent(header: Sequence[str]) -> frozenset[str | RequirementKind]:
    """Return what a file without some columns is silent about."""
    columns = {**_ATTRIBUTES, **_REQUIREMENTS, **_RENAMED}
    return frozenset(attribute for name, attribute in columns.items() if name not in header)


def _across(row: _Row, values: dict[str, Any], given: dict[str, str]) -> Iterator[CellProblem]:
    for low, high in (("wage_min_cny_month", "wage_max_cny_month"), ("open_on", "close_on")):
        if low in values and high in values and values[low] > values[high]:
            yield row.problem(high, "out_of_order", given[high].strip())
    for name, other in (("lat", "lon"), ("lon", "lat")):
        if given.get(name, "").strip() and not given.get(other, "").strip():
            yield row.problem(other, "half_a_place")


def _ad(number: int, ref: str, values: dict[str, Any]) -> AdRow:
    wanted: dict[tuple[str, RequirementKind], int | None] = {}
    for name, kind in _REQUIREMENTS.items():
        for code, level in values.get(name, ()):
            wanted[code, kind] = level
    occupation = occupations().get(values.get("occupation", ""))
    plain = {attribute: values.get(name) for name, attribute in _ATTRIBUTES.items()}
    plain["title"] = values.get("title") or (occupation.name if occupation else ref)
    plain["duties"] = values.get("text", "")
    plain["external_employer"] = values.get("partner_id")
    return AdRow(number, ref, plain, frozenset((c, k, level) for (c, k), level in wanted.items()))


def _unlisted(values: dict[str, Any]) -> Iterator[str]:
    """Yield codes our catalogues do not have; they are kept as they are, and counted."""
    occupation = values.get("occupation")
    if occupation and occupations().get(occupation) is None:
        yield occupation
    for name in _REQUIREMENTS:
        for code, _level in values.get(name, ()):
            if code not in skills():
                yield code


# --- Cells ----------------------------------------------------------------------------------------

Parser = Callable[[str], Any]


def _readable(text: str) -> str:
    shown = (c if c in "\n\t" or unicodedata.category(c) != "Cc" else "\n" for c in text)
    return "".join(c for c in shown if unicodedata.category(c) != "Cf").strip()


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _text(longest: int, spelling: Callable[[str], str] = one_line) -> Parser:
    def parse(text: str) -> str:
        found = spelling(_readable(text))
        if len(found) > longest:
            raise _WrongCell("too_long")
        return found

    return parse


def _identifier(text: str) -> str:
    found = text.strip()
    if not found.isprintable():
        raise _WrongCell("not_printable")
    if len(found) > 80:
        raise _WrongCell("too_long")
    return found


def _number(low: float, high: float) -> Parser:
    def parse(text: str) -> float:
        shown = _plain(text)
        if not _NUMBER.fullmatch(shown) or not math.isfinite(float(shown)):
            raise _WrongCell("not_a_number")
        if not low <= float(shown) <= high:
            raise _WrongCell("out_of_range")
        return float(shown)

    return parse


def _rounded(low: float, high: float) -> Parser:
    parse_number = _number(low, high)
    return lambda text: round(parse_number(text))


def _whole(low: int, high: int) -> Parser:
    parse_number = _number(low, high)

    def parse(text: str) -> int:
        found: float = parse_number(text)
        if not found.is_integer():
            raise _WrongCell("not_whole")
        return int(found)

    return parse


def _flag(text: str) -> bool:
    shown = _plain(text)
    if shown not in {"0", "1"}:
        raise _WrongCell("not_a_flag")
    return shown == "1"


def _day(text: str) -> date:
    shown = _plain(text)
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", shown):
            raise ValueError(shown)
        found = date.fromisoformat(shown)
    except ValueError:
        raise _WrongCell("not_a_date") from None
    if not 1970 <= found.year <= 2148:
        raise _WrongCell("out_of_range")
    return found


def _member(choices: type[Shift] | type[EmploymentType]) -> Parser:
    def parse(text: str) -> Shift | EmploymentType:
        try:
            return choices(_plain(text))
        except ValueError:
            raise _WrongCell("not_in_list") from None

    return parse


def _code(text: str) -> str:
    shown = _plain(text)
    if not _CODE.fullmatch(shown):
        raise _WrongCell("not_a_code")
    return shown


def _occupation(text: str) -> str:
    shown: str = _code(text)
    if len(shown) > 12:
        raise _WrongCell("not_a_code")
    return shown


def _division(text: str) -> str:
    found = divisions().successor(_plain(text))
    if found is None:
        raise _WrongCell("not_in_list")
    return found.code


def _codes(*, with_levels: bool) -> Parser:
    def parse(text: str) -> Sequence[tuple[str, int | None]]:
        return [_entry(part, with_levels) for part in _plain(text).split(";") if part.strip()]

    return parse


def _entry(part: str, with_levels: bool) -> tuple[str, int | None]:
    code, colon, level = part.strip().partition(":")
    if not _CODE.fullmatch(code) or (colon and not with_levels):
        raise _WrongCell("not_a_code")
    if not colon:
        return code, None
    if level not in {"1", "2", "3", "4", "5"}:
        raise _WrongCell("not_a_level")
    return code, int(level)


_COLUMNS: dict[str, Parser] = {
    "vacancy_id": _identifier,
    "partner_id": _text(120, name_line),
    "occupation": _occupation,
    "title": _text(TITLE_LENGTH),
    "text": _text(20_000, str),
    "lat": _number(-90, 90),
    "lon": _number(-180, 180),
    "wage_min_cny_month": _rounded(0, WAGE_MAX),
    "wage_max_cny_month": _rounded(0, WAGE_MAX),
    "education_min": _whole(min(Education), max(Education)),
    "exertion": _whole(min(Exertion), max(Exertion)),
    "skills_required": _codes(with_levels=True),
    "skills_preferred": _codes(with_levels=True),
    "certificates_required": _codes(with_levels=False),
    "shift": _member(Shift),
    "lodging_provided": _flag,
    "employment_type": _member(EmploymentType),
    "headcount": _whole(1, HEADCOUNT_MAX),
    "open_on": _day,
    "close_on": _day,
    "division": _division,
}
_REQUIREMENTS = {
    "skills_required": RequirementKind.REQUIRED,
    "skills_preferred": RequirementKind.PREFERRED,
    "certificates_required": RequirementKind.CERTIFICATE,
}
#: Columns stored as they are, and where.
_ATTRIBUTES = {
    "occupation": "occupation_code",
    "lat": "lat",
    "lon": "lon",
    "wage_min_cny_month": "wage_min_cny_month",
    "wage_max_cny_month": "wage_max_cny_month",
    "education_min": "education_min",
    "exertion": "exertion",
    "shift": "shift",
    "lodging_provided": "lodging_provided",
    "employment_type": "employment_type",
    "headcount": "headcount",
    "open_on": "open_on",
    "close_on": "close_on",
    "division": "division_code",
}
#: Columns stored in another form.
_RENAMED = {"title": "title", "text": "duties", "partner_id": "external_employer"}
