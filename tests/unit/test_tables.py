"""Cells of an exported table: nothing runs, nothing stops the export."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, time

import pytest
from openpyxl import load_workbook

from matchboard.documents.tables import Cell, to_csv, to_xlsx

DAY = date(2026, 11, 24)
AT = datetime(2026, 11, 23, 22, 30, 5, 9, tzinfo=UTC)  # the office has the next day
LOCAL = datetime.combine(date(2026, 11, 24), time(6, 30, 5))  # a spreadsheet knows no zones
#: A cell, what a spreadsheet holds of it, what a CSV file does.
CELLS = [
    pytest.param("\x01x", "x", "x", id="control-character"),
    pytest.param("\x00=1+1", "=1+1", "'=1+1", id="formula-behind-one"),
    pytest.param("=1+1", "=1+1", "'=1+1", id="formula"),
    pytest.param("＝1+1", "＝1+1", "'＝1+1", id="full-width-formula"),
    pytest.param("-10", "-10", "'-10", id="minus"),
    pytest.param("赵样一", "赵样一", "赵样一", id="text"),
    pytest.param("2026-11-24", "2026-11-24", "2026-11-24", id="text-like-a-day"),
    pytest.param(7, 7, "7", id="number"),
    pytest.param(DAY, datetime.combine(DAY, time.min), "2026-11-24", id="day"),
    pytest.param(date(1899, 5, 1), "1899-05-01", "1899-05-01", id="day-before-spreadsheets"),
    pytest.param(AT, LOCAL, "2026-11-24 06:30", id="instant"),
]
IDS = [case.id for case in CELLS]


@pytest.mark.parametrize(("cell", "expected"), [p.values[:2] for p in CELLS], ids=IDS)
def test_spreadsheet_holds_the_cell_intact_and_harmless_when_exported(
    cell: Cell, expected: object
) -> None:
    book = load_workbook(io.BytesIO(to_xlsx(["列"], [[cell]], title="表")))
    found = book.worksheets[0]["A2"]
    assert (found.value, found.data_type == "f") == (expected, False)
    assert found.is_date is isinstance(expected, datetime)


@pytest.mark.parametrize(("cell", "expected"), [p.values[::2] for p in CELLS], ids=IDS)
def test_csv_holds_the_cell_harmless_when_exported(cell: Cell, expected: str) -> None:
    rows = to_csv(["列"], [[cell]]).decode("utf-8-sig").splitlines()
    assert rows[1] == expected
