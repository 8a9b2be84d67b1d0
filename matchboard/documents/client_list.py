"""The list of clients as a spreadsheet: fixed columns, no number by which a person is found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import IO

from flask_babel import gettext

from matchboard.documents.audit_log import head_sheet
from matchboard.documents.tables import Cell, Sheet, write_xlsx
from matchboard.domain.catalogues import divisions
from matchboard.labels import label
from matchboard.labels.accounts import lead_words
from matchboard.services.audit_chain import Head
from matchboard.services.client_search import ClientRow


def write_client_list(file: IO[bytes], rows: Sequence[ClientRow], *, head: Head | None) -> None:
    """Write the spreadsheet of the rows, in their order, and the end of the audit log.

    Identity number, telephone, address and the restricted record are never columns.
    """
    header = [
        gettext("编号"),
        gettext("姓名"),
        gettext("人员类别"),
        gettext("阶段"),
        gettext("联系情况"),
        gettext("司法所"),
        gettext("帮教责任人"),
        gettext("现住地区"),
        gettext("释放或解矫日期"),
        gettext("登记日期"),
        gettext("就业情况"),
        gettext("现在的工作"),
        gettext("上岗日期"),
    ]
    people = Sheet(gettext("帮教对象"), header, map(_cells, rows))
    write_xlsx(file, [people, head_sheet(head)])


def _cells(row: ClientRow) -> list[Cell]:
    person, placement = row.client, row.placement
    division = divisions().get(person.residence_division or "")
    return [
        person.pid,
        person.name,
        label(person.kind),
        label(person.stage),
        label(person.contact_status),
        person.office.name,
        lead_words(person),
        division.full_name if division else "",
        _day(person.released_on),
        _day(person.registered_on),
        label(row.work),
        row.job,
        _day(placement.started_on if placement else None),
    ]


def _day(value: date | None) -> Cell:
    return value or ""
