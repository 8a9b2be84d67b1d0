"""Count and watch the SQL a page issues."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

if TYPE_CHECKING:
    from tests.client import QualityClient

_HOUSEKEEPING = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA|SET LOCAL)\b", re.I)
_WRITE = re.compile(r"""\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+["`]?(\w+)""", re.IGNORECASE)


@contextmanager
def watch_sql() -> Iterator[list[str]]:
    """Yield a list that fills with the statements issued inside the block."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not _HOUSEKEEPING.match(statement):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def tables_written(statements: list[str]) -> set[str]:
    """Return the names of the tables the statements insert into, update or delete from."""
    return {found.group(1).lower() for s in statements if (found := _WRITE.match(s))}


@contextmanager
def assert_sql_count(expected: int) -> Iterator[list[str]]:
    """Fail unless the block issues exactly `expected` statements."""
    with watch_sql() as seen:
        yield seen
    listing = "\n".join(" ".join(s.split())[:200] for s in seen)
    assert len(seen) == expected, f"{len(seen)} statements, not {expected}:\n{listing}"


def assert_sql_independent_of_rows(
    client: QualityClient, path: str, make_row: Callable[[], Any], *, few: int = 3, many: int = 30
) -> int:
    """Fail if the page at `path` needs more statements with many rows than with few.

    `make_row` makes one row shown on the page; the count that held is returned.
    """
    counts = []
    made = 0
    for n_rows in (few, many):
        while made < n_rows:
            make_row()
            made += 1
        client.get_page(path)  # caches of the process fill here
        with watch_sql() as seen:
            client.get_page(path)
        counts.append(seen)
    listing = "\n".join(" ".join(s.split())[:200] for s in counts[1])
    assert len(counts[0]) == len(counts[1]), (
        f"{len(counts[0])} statements with {few} rows, {len(counts[1])} with {many}:\n{listing}"
    )
    return len(counts[0])
