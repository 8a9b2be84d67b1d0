"""Write a table as the exchange file it could have been read from."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ml.cells import EMPLOYMENT_TYPES, SHIFTS
from ml.schema import Clients, Column, Vacancies

_CODES = ("certificates", "certificates_required", "desired_occupations", "barred_occupations")
_DAYS = ("open_on", "close_on", "available_on", "trained_on")
_NAMES = {"shift": SHIFTS, "employment_type": EMPLOYMENT_TYPES}
_SETS = {"shifts_ok": SHIFTS, "employment_types_ok": EMPLOYMENT_TYPES}


def write_table(path: Path, table: Clients | Vacancies) -> None:
    """Write every column a file has; the inverse of reading, to five decimals."""
    hidden = getattr(table, "EXTRA", ())
    columns = [column for column in table.COLUMNS if column.name not in hidden]
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow([column.name for column in columns])
        for i in range(len(table)):
            writer.writerow([_cell(column, getattr(table, column.name), i) for column in columns])


def _cell(column: Column, values: Any, i: int) -> object:
    if column.kind in ("id", "text"):
        return values[i]
    if column.kind == "list":
        bare = column.name in _CODES
        entries = values.row(i)
        return ";".join(code if bare or not x else f"{code}:{int(x)}" for code, x in entries)
    if column.kind == "real":
        return "" if values[i] != values[i] else f"{values[i]:.5f}"
    return _whole(column.name, int(values[i]))


def _whole(name: str, value: int) -> object:
    if name in _SETS:
        return ";".join(word for bit, word in enumerate(_SETS[name]) if value >> bit & 1)
    if value < 0 or (value == 0 and name.startswith("exertion")):
        return ""
    if name in _NAMES:
        return _NAMES[name][value]
    return date(1970, 1, 1) + timedelta(value) if name in _DAYS else value
