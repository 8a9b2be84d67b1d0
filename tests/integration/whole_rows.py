"""Every row that was written, whole, in lines that are the same in every run.

    before = rows_of(app)
    with watch_locks() as locks:
        ...                                         # the use case, committed
    lines = rows_written(before, rows_of(app), locks)

A column, an entry of the audit log, a reminder or an event that is left out, written twice or
written with another value is another line: `+` a new row with each of its values, `~` a row
changed, with what it was and what it is, `-` a row gone. What is drawn or counted is named instead:
a record by its table and a letter (`client:a`; units and accounts by what they are), a date and
time by its distance from the clock's. `!` names whose rows it locks.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import Column, DateTime, Table

from matchboard.extensions import db
from matchboard.models.types import EncryptedText, UtcDateTime
from tests.factories import NOW

Rows = Mapping[str, list[Any]]

#: Drawn anew, or worked out from what is: their own tests look at them.
_DRAWN = re.compile(r"(^|_)(pid|digest|token|uniquifier|key|code_name|artefact)$|^password$")
_LEFT_OUT = re.compile(r"^(previous_)?hash$")
#: Numbers the factories and the register of requests count up.
_COUNTED = re.compile(
    r"(?<=[\u4e00-\u9fff])(\d+|[零一二三四五六七八九]+)(?=$|司法所)|(?<=^person)\d+(?=@)"
    r"|(?<=colleague)[\d.]+(?=@)|\d{17}[\dX]|91330402MA\w+|\b1390000\d{4}\b|(?<=\+86)1390000\d{4}|(?<=/me/)[\w-]+"
)
#: What tells one record from another of its table.
_KINDS = {"unit": "kind", "account": "role"}


def rows_of(app: Flask) -> dict[str, list[Any]]:
    """Return every row of every table, read on a connection of its own."""
    path = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
    connection = sqlite3.connect(path)
    try:
        return {
            name: connection.execute(str(db.select(table))).fetchall()
            for name, table in db.metadata.tables.items()
        }
    finally:
        connection.close()


def rows_written(
    before: Rows,
    after: Rows,
    locks: Collection[str] = (),
    *,
    say: Callable[[str], str] = str,
    drawn: Collection[str] = (),
) -> list[str]:
    """Return a line for each row written, and one for the tables whose rows were locked.

    `say` puts a text into words that are the same in every run; of `drawn` columns nothing is told.
    """
    lines = _Names(before, after, say, drawn).lines()
    return lines + ([f"! rows locked of {', '.join(sorted(locks))}"] if locks else [])


class _Names:
    """The rows of two moments, and the names records go by in between."""

    def __init__(
        self, before: Rows, after: Rows, say: Callable[[str], str], drawn: Collection[str]
    ) -> None:
        self._say, self._drawn = say, drawn
        self._before = {name: self._by_key(name, rows) for name, rows in before.items()}
        self._after = {name: self._by_key(name, rows) for name, rows in after.items()}
        self._names: dict[tuple[str, Any], str] = {}
        self._pids: dict[str, tuple[str, Any]] = {}
        for name, rows in self._after.items():
            columns = _columns(name)
            if "pid" in columns:
                self._pids |= {row[columns.index("pid")]: (name, key) for key, row in rows.items()}

    @staticmethod
    def _by_key(name: str, rows: list[Any]) -> dict[Any, Any]:
        table = db.metadata.tables[name]
        keys = [i for i, column in enumerate(table.columns) if column.primary_key]
        return {tuple(row[i] for i in keys): row for row in rows}

    def lines(self) -> list[str]:
        """Return what was written, a line for each row."""
        found = []
        for name, table in sorted(db.metadata.tables.items()):
            before, after = self._before.get(name, {}), self._after[name]
            for key in sorted({*before, *after}, key=str if name == "session" else None):
                old, new = before.get(key), after.get(key)
                if old == new:
                    continue
                if old is None:
                    found.append(f"+ {self._name(name, key)} {self._values(table, new)}")
                elif new is None:
                    found.append(f"- {self._name(name, key)} {self._values(table, old)}")
                else:
                    changed = self._changed(table, old, new)
                    found.append(f"~ {self._name(name, key)} {changed}")
        return found

    def _name(self, table: str, key: Any) -> str:
        if (table, key) not in self._names:
            is_new = key not in self._before.get(table, {})
            base = table
            row = self._after[table].get(key) or self._before[table].get(key)
            if row is not None and table in _KINDS:
                base += f"/{row[_columns(table).index(_KINDS[table])]}"
            if is_new:
                base = f"new {base}"
            n = sum(name.partition(":")[0] == base for name in self._names.values())
            self._names[table, key] = f"{base}:{chr(97 + n)}" if n < 26 else f"{base}:{n}"
        return self._names[table, key]

    def _values(self, table: Table, row: Any) -> str:
        pairs = zip(table.columns, row, strict=True)
        return " ".join(
            f"{column.name}={self._said(column, value)}"
            for column, value in pairs
            if value is not None and not column.primary_key and not _LEFT_OUT.search(column.name)
        )

    def _changed(self, table: Table, old: Any, new: Any) -> str:
        return " ".join(
            f"{column.name}={self._said(column, was)}→{self._said(column, now)}"
            for column, was, now in zip(table.columns, old, new, strict=True)
            if was != now
        )

    def _said(self, column: Column[Any], value: Any) -> str:
        """Return a value in words that are the same in every run."""
        if value is None:
            return "-"
        for foreign in column.foreign_keys:
            return self._name(foreign.column.table.name, (value,))
        if isinstance(column.type, EncryptedText):
            value = column.type.process_result_value(value, db.engine.dialect)
        if isinstance(column.type, UtcDateTime | DateTime):
            return str(datetime.fromisoformat(value) - NOW.replace(tzinfo=None))
        if isinstance(value, str) and value in self._pids:
            mine = column.name == "pid"
            return "…" if mine else self._name(*self._pids[value])
        is_drawn = _DRAWN.search(column.name) or column.name in self._drawn
        if is_drawn or isinstance(value, bytes):
            return "…" if value else ""
        text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
        if column.type.__class__.__name__ == "JSON" and isinstance(value, str):
            text = json.dumps(json.loads(value), ensure_ascii=False, sort_keys=True)
        text = re.sub(r"\b[0-9a-z]{8}\b", self._pid, text)
        return _COUNTED.sub("#", self._say(text)).replace("\n", "⏎")

    def _pid(self, found: re.Match[str]) -> str:
        known = self._pids.get(found.group())
        return self._name(*known) if known else found.group()


def _columns(table: str) -> list[str]:
    return [column.name for column in db.metadata.tables[table].columns]
