"""Read the exchange files and write results whole or not at all."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from ml.problems import InputError, Notice, Problem, ProblemLog
from ml.schema import Clients, Courses, Placements, Vacancies
from ml.tables import Table, TableBuilder
from ml.vocabulary import Vocabulary

AnyTable = TypeVar("AnyTable", bound=Table)

MAX_CELL = 1_000_000


def read_clients(path: Path | str, vocabulary: Vocabulary | None = None) -> Clients:
    """Read ``clients.csv``; raise `InputError` with every wrong cell."""
    return _read_table(Clients, Path(path), vocabulary)


def read_vacancies(path: Path | str, vocabulary: Vocabulary | None = None) -> Vacancies:
    """Read ``vacancies.csv``; raise `InputError` with every wrong cell."""
    return _read_table(Vacancies, Path(path), vocabulary, hidden=Vacancies.EXTRA)


def read_courses(path: Path | str, vocabulary: Vocabulary | None = None) -> Courses:
    """Read ``courses.csv``; raise `InputError` with every wrong cell."""
    return _read_table(Courses, Path(path), vocabulary)


def read_placements(
    path: Path | str,
    clients: Clients,
    vacancies: Vacancies,
    vocabulary: Vocabulary | None = None,
) -> Placements:
    """Read ``placements.csv``: past proposals and what became of them.

    Raises
    ------
    InputError
        With every wrong cell, every id that is in neither table, and every impossible order of
        days.
    """
    known = {"client_id": frozenset(clients.ids), "vacancy_id": frozenset(vacancies.ids)}
    return _read_table(Placements, Path(path), vocabulary, known=known)


def read_excluded(path: Path | str, clients: Clients, vacancies: Vacancies) -> dict[str, set[str]]:
    """Read pairs that must not be proposed: ``client_id, vacancy_id``.

    Returns
    -------
    dict of str to set of str
        Vacancy ids by client id; clients without pairs are absent.

    Raises
    ------
    InputError
        For a missing column, an empty cell or an id that is in neither table.
    """
    known = {"client_id": frozenset(clients.ids), "vacancy_id": frozenset(vacancies.ids)}
    log = ProblemLog(Path(path).name)
    pairs: dict[str, set[str]] = {}
    for row, cells in _records(Path(path), log, required=tuple(known)):
        found = {name: cells[name].strip() for name in known}
        wrong = [name for name in known if found[name] not in known[name]]
        for name in wrong:
            log.add(row, name, found[name], f"an id of the {name.removesuffix('_id')} file")
        if not wrong:
            pairs.setdefault(found["client_id"], set()).add(found["vacancy_id"])
    log.raise_if_any()
    return pairs


def read_titles(path: Path | str) -> list[tuple[str, str]]:
    """Read ``title_id, title`` pairs; a title may be empty, an id may not."""
    log = ProblemLog(Path(path).name)
    found: dict[str, str] = {}
    for row, cells in _records(Path(path), log, required=("title_id", "title")):
        key = cells["title_id"].strip()
        if not key or key in found:
            log.add(row, "title_id", key, "an identifier not used before")
        found[key] = cells["title"].strip()
    log.raise_if_any()
    return list(found.items())


def write_csv(path: Path | str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file in one step: a reader sees the old file or the whole new one.

    Raises
    ------
    OSError
        When the directory is missing or not writable; nothing is left behind.
    """
    target = Path(path)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with open(handle, "w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _read_table(
    table: type[AnyTable],
    path: Path,
    vocabulary: Vocabulary | None,
    hidden: Sequence[str] = (),
    known: Mapping[str, Collection[str]] | None = None,
) -> AnyTable:
    log = ProblemLog(path.name)
    builder = TableBuilder(table.COLUMNS, table.ID, log)
    names = [column.name for column in table.COLUMNS if column.name not in hidden]
    header: list[str] = []
    for row, cells in _records(path, log, required=table.needed(), header=header):
        builder.add(row, {name: cells[name] for name in names if name in cells})
        for name, ids in (known or {}).items():
            found = cells[name].strip()
            if found and found not in ids:
                log.add(row, name, found, f"a {name} of the {name.split('_')[0]} table")
    built = table.from_builder(builder, vocabulary)
    notices = _column_notices(path.name, header, names)
    object.__setattr__(built, "notices", (*notices, *built.notices))
    return built


def _column_notices(file: str, header: Sequence[str], names: Sequence[str]) -> list[Notice]:
    extra = sorted(n for n in header if n not in names and not n.startswith("audit_"))
    missing = [name for name in names if name not in header]
    return [
        Notice(file, code, len(found), tuple(found[:8]))
        for code, found in (("extra_columns", extra), ("missing_columns", missing))
        if found
    ]


def _records(
    path: Path, log: ProblemLog, *, required: Sequence[str], header: list[str] | None = None
) -> Iterable[tuple[int, dict[str, str]]]:
    """Yield (row number, cells by column); problems of the file itself are raised at once."""
    names: list[str] = [] if header is None else header
    reader = csv.reader(io.StringIO(_decode(path), newline=""), strict=True)
    before = csv.field_size_limit(MAX_CELL)
    row = 0
    try:
        for row, cells in enumerate(reader, start=1):
            if not names:
                names.extend(_header(path.name, cells, required))
            elif len(cells) == len(names):
                yield row, dict(zip(names, cells, strict=True))
            elif cells:
                log.add(row, None, len(cells), f"{len(names)} cells, as in the header")
    except csv.Error as error:
        raise _file_error(path.name, row + 1, str(error), "a well-formed CSV row") from error
    finally:
        csv.field_size_limit(before)
    if not names:
        raise _file_error(path.name, None, "", "a header row")


def _header(file: str, cells: Sequence[str], required: Sequence[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    for name in names:
        if names.count(name) > 1:
            raise _file_error(file, 1, name, "each column once")
    for name in required:
        if name not in names:
            raise _file_error(file, 1, ",".join(names), f"a column {name}")
    return names


def _decode(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _file_error(path.name, None, reason, "a readable file") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        shown = repr(raw[error.start : error.start + 4])
        raise _file_error(path.name, row, shown, "UTF-8 text") from error


def _file_error(file: str, row: int | None, value: str, expected: str) -> InputError:
    return InputError([Problem(file, row, None, value, expected)])
