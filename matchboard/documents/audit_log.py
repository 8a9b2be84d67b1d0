"""The audit log as a file, and the log's end as every exported file carries it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import IO

from flask_babel import gettext

from matchboard.documents import tables
from matchboard.domain.roles import Role
from matchboard.labels import label
from matchboard.services.audit_chain import Head
from matchboard.services.audit_log import LogRow


def write_log(
    file: IO[bytes], rows: Iterator[LogRow], *, file_format: str, head: Head | None
) -> None:
    """Write entries as `csv` or `xlsx`; the last line, or the second sheet, is the log's end."""
    header = [
        gettext("编号"),
        gettext("时间"),
        gettext("角色"),
        gettext("操作人"),
        gettext("操作人编号"),
        gettext("操作"),
        gettext("对象类型"),
        gettext("对象编号"),
        gettext("详情"),
    ]
    if file_format == "csv":
        tables.write_csv(file, header, _with_head(_cells(rows), head))
    else:
        log = tables.Sheet(gettext("审计日志"), header, _cells(rows))
        tables.write_xlsx(file, [log, head_sheet(head)])


def head_sheet(head: Head | None) -> tables.Sheet:
    """Return the sheet by which a file proves later how long the audit log was."""
    header = [gettext("审计日志末条编号"), gettext("末条哈希"), gettext("日志条数")]
    rows: list[tables.Row] = [(head.number, head.hash, head.n_entries)] if head else []
    return tables.Sheet(gettext("审计锚点"), header, rows)


def _cells(rows: Iterator[LogRow]) -> Iterator[tables.Row]:
    role_words = cache(_role_words)
    for row in rows:
        yield (
            row.number,
            row.at,
            role_words(row.actor_role),
            row.actor_name,
            row.actor_pid or "",
            row.verb,
            row.subject_kind,
            row.subject_pid or "",
            json.dumps(row.detail, ensure_ascii=False, sort_keys=True),
        )


def _with_head(rows: Iterator[tables.Row], head: Head | None) -> Iterator[tables.Row]:
    yield from rows
    if head is not None:
        detail = json.dumps({"hash": head.hash, "n_entries": head.n_entries})
        yield (head.number, "", "", "", "", "audit.head", "", "", detail)


def _role_words(role: Role) -> str:
    return label(role)
