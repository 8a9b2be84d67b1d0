"""The database as it was before revision 0002, with rows of every kind, on either database.

tests/data/before_0002.json is a small demo district written by the version before: table → names of
columns (but generated ones), then rows; encrypted under the tests' keys. It holds what was wrong
then, too: openings taken off the board by an edit (`open_on` is null), offence facts that the law
has sealed since, and a task that waits in the queue. No line of it is ever changed.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Boolean, Connection, Date, DateTime, Engine, MetaData, Table, text

FILE = Path(__file__).resolve().parent / "data/before_0002.json"
REVISION = "0001"
Row = dict[str, Any]


@cache
def rows() -> dict[str, list[Row]]:
    """Return the rows by table; parents come before their children."""
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        table: [dict(zip(names, row, strict=True)) for row in body]
        for table, (names, *body) in found.items()
    }


def make(engine: Engine, config: Config) -> None:
    """Make the old database, rows and all, in an empty one."""
    command.upgrade(config, REVISION)
    with engine.begin() as connection:
        fill(connection)


def fill(connection: Connection) -> None:
    """Write the old rows into a database at `REVISION`."""
    for name, records in rows().items():
        table = Table(name, MetaData(), autoload_with=connection)
        read = {c.name: _reader(c.type) for c in table.columns}
        connection.execute(
            table.insert(),
            [{k: v if v is None else read[k](v) for k, v in row.items()} for row in records],
        )
        if connection.dialect.name == "postgresql":
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'),"  # noqa: S608 - ours
                    f" (SELECT max(id) FROM {name}))"
                )
            )


def _reader(kind: Any) -> Any:
    if isinstance(kind, DateTime):
        return datetime.fromisoformat
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, Boolean):
        return bool
    return _as_is


def _as_is(value: Any) -> Any:
    return value
