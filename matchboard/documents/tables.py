"""Rows as CSV or as a spreadsheet, so that opening the file runs nothing and shows Chinese."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

Row = Sequence[str | int]
#: A cell beginning like this is a formula to a spreadsheet program, an East Asian one included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

MIMETYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def to_csv(header: Row, rows: Iterable[Row]) -> bytes:
    """Return a CSV file in UTF-8 with a byte order mark, which spreadsheet programs look for."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def to_xlsx(header: Row, rows: Iterable[Row], *, title: str) -> bytes:
    """Return a spreadsheet of one sheet with a fixed header row; text stays text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    sheet.append(list(header))
    for row in rows:
        sheet.append([_harmless(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _harmless(cell: str | int) -> str | int:
    if not isinstance(cell, str):
        return cell
    # A spreadsheet cannot hold these; one of them, however it came in, must not stop the file.
    text = ILLEGAL_CHARACTERS_RE.sub("", cell)
    return "'" + text if text.startswith(_FORMULA) else text
