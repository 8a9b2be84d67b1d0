"""Rows as CSV or as a spreadsheet, so that opening the file runs nothing and shows Chinese.

Days and instants, in the office's time, are such in a spreadsheet, not words: they sort and count.
A CSV file says of nothing what it is, so what looks like a formula has a ' before it there; in a
spreadsheet text is marked as text and stays as it was typed. Both are written row by row into a
file: a log of years needs no memory of years.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

from matchboard.domain.calendar import BEIJING

Cell = str | int | date
Row = Sequence[Cell]
#: A cell beginning like this is a formula to a spreadsheet program, an East Asian one included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
#: What XML cannot hold; one of them, however it came in, must not stop the file.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

#: Spreadsheets count days from here; before March 1900 programs disagree.
_DAY_0 = date(1899, 12, 30)
_FIRST_DAY = date(1900, 3, 1)

MIMETYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a spreadsheet: its name, its fixed first row, and the rest."""

    title: str
    header: Row
    rows: Iterable[Row]


def write_csv(file: IO[bytes], header: Row, rows: Iterable[Row]) -> None:
    """Write a CSV file in UTF-8 with a byte order mark, which spreadsheet programs look for."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_csv_cell(cell) for cell in row] for row in rows)
    text.flush()
    text.detach()


def write_xlsx(file: IO[bytes], sheets: Sequence[Sheet]) -> None:
    """Write a spreadsheet, each sheet with a fixed header row; text stays text."""
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=4) as book:
        numbers = range(1, len(sheets) + 1)
        book.writestr("xl/styles.xml", _STYLES)
        book.writestr(
            "[Content_Types].xml", _CONTENT_TYPES % "".join(map(_CONTENT.__mod__, numbers))
        )
        book.writestr("_rels/.rels", _ROOT)
        names = [_SHEET % (_escaped(s.title[:31]), n, n) for n, s in enumerate(sheets, start=1)]
        book.writestr("xl/workbook.xml", _WORKBOOK % "".join(names))
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            _RELATIONS % (_STYLES_RELATION + "".join(_RELATION % (n, n) for n in numbers)),
        )
        for number, sheet in enumerate(sheets, start=1):
            with book.open(f"xl/worksheets/sheet{number}.xml", "w") as part:
                part.write(_SHEET_BEGINS)
                part.write(_xml_row(sheet.header))
                for row in sheet.rows:
                    part.write(_xml_row(row))
                part.write(_SHEET_ENDS)


def to_csv(header: Row, rows: Iterable[Row]) -> bytes:
    """Return `write_csv`'s file as bytes."""
    file = io.BytesIO()
    write_csv(file, header, rows)
    return file.getvalue()


def to_xlsx(header: Row, rows: Iterable[Row], *, title: str) -> bytes:
    """Return `write_xlsx`'s file of one sheet as bytes."""
    file = io.BytesIO()
    write_xlsx(file, [Sheet(title, header, rows)])
    return file.getvalue()


def _csv_cell(cell: Cell) -> str | int:
    if isinstance(cell, datetime):
        return f"{_local(cell):%Y-%m-%d %H:%M}"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int):
        return cell
    text = _ILLEGAL.sub("", cell)
    return "'" + text if text.startswith(_FORMULA) else text


def _xml_row(row: Row) -> bytes:
    return f"<row>{''.join(map(_xml_cell, row))}</row>".encode()


def _xml_cell(cell: Cell) -> str:
    if isinstance(cell, date):
        return _xml_date(cell)
    if isinstance(cell, int):
        return f"<c><v>{cell:d}</v></c>"
    if not cell:
        return "<c/>"
    text = _escaped(_ILLEGAL.sub("", cell))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _xml_date(cell: date) -> str:
    """Return a day, or an instant to the second, as the number spreadsheets count days by."""
    if isinstance(cell, datetime):
        whole = _local(cell).replace(microsecond=0)
        seconds = (whole - datetime.combine(_DAY_0, time.min)).total_seconds()
        return f'<c s="2"><v>{seconds / 86400:.9f}</v></c>'
    if cell < _FIRST_DAY:
        return _xml_cell(cell.isoformat())
    return f'<c s="1"><v>{(cell - _DAY_0).days}</v></c>'


def _local(instant: datetime) -> datetime:
    """Return the office's clock at an instant."""
    return instant.astimezone(BEIJING).replace(tzinfo=None)


def _escaped(text: str) -> str:
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )


# --- The parts of a spreadsheet (ECMA-376, SpreadsheetML) -------------------------------------

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_FORMAT = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_CONTENT_TYPES = (
    f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_FORMAT}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_FORMAT}.styles+xml"/>%s</Types>'
)
_CONTENT = (
    f'<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="{_FORMAT}.worksheet+xml"/>'
)
_RELATIONS = f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">%s</Relationships>'
_RELATION = f'<Relationship Id="rId%d" Type="{_OFFICE}/worksheet" Target="worksheets/sheet%d.xml"/>'
_STYLES_RELATION = f'<Relationship Id="styles" Type="{_OFFICE}/styles" Target="styles.xml"/>'
#: 0 as it is, 1 a day, 2 an instant.
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/></border></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf xfId="0"/>'
    '<xf numFmtId="164" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" xfId="0" applyNumberFormat="1"/>'
    "</cellXfs>"
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
_ROOT = _RELATIONS % (
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
)
_WORKBOOK = f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>%s</sheets></workbook>'
_SHEET = '<sheet name="%s" sheetId="%d" r:id="rId%d"/>'
_SHEET_BEGINS = (
    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    '</sheetView></sheetViews><sheetFormatPr defaultColWidth="18" defaultRowHeight="15"/>'
    "<sheetData>"
).encode()
_SHEET_ENDS = b"</sheetData></worksheet>"
