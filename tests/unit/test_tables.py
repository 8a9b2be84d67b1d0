"""Cells of an exported table: nothing runs, nothing stops the export."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from matchboard.documents.tables import to_csv, to_xlsx

CELLS = [
    pytest.param("\x01x", "x", id="control-character"),
    pytest.param("\x00=1+1", "'=1+1", id="formula-behind-one"),
    pytest.param("=1+1", "'=1+1", id="formula"),
    pytest.param("＝1+1", "'＝1+1", id="full-width-formula"),
    pytest.param("赵样一", "赵样一", id="text"),
    pytest.param(7, 7, id="number"),
]


@pytest.mark.parametrize(("cell", "expected"), CELLS)
def test_spreadsheet_holds_the_cell_harmless_when_exported(
    cell: str | int, expected: str | int
) -> None:
    book = load_workbook(io.BytesIO(to_xlsx(["列"], [[cell]], title="表")))
    assert book.worksheets[0]["A2"].value == expected


@pytest.mark.parametrize(("cell", "expected"), CELLS)
def test_csv_holds_the_cell_harmless_when_exported(cell: str | int, expected: str | int) -> None:
    rows = to_csv(["列"], [[cell]]).decode("utf-8-sig").splitlines()
    assert rows[1] == str(expected)
