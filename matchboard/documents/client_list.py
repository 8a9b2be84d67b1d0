"""The list of clients as a spreadsheet: fixed columns, no number by which a person is found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext

from matchboard.documents.tables import to_xlsx
from matchboard.domain.catalogues import divisions
from matchboard.labels import label
from matchboard.services.client_search import ClientRow


def client_list(rows: Sequence[ClientRow]) -> bytes:
    """Return the spreadsheet of the rows, in their order.

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
    return to_xlsx(header, [_cells(row) for row in rows], title=gettext("帮教对象"))


def _cells(row: ClientRow) -> list[str | int]:
    person, placement = row.client, row.placement
    division = divisions().get(person.residence_division or "")
    return [
        person.pid,
        person.name,
        label(person.kind),
        label(person.stage),
        label(person.contact_status),
        person.office.name,
        person.case_lead.display_name if person.case_lead else "",
        division.full_name if division else "",
        _day(person.released_on),
        _day(person.registered_on),
        label(row.work),
        row.job,
        _day(placement.started_on if placement else None),
    ]


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""
