"""Count and watch the SQL a page issues."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import and_, eq
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BinaryExpression,
    CompoundSelect,
    Label,
    PrimaryKeyConstraint,
    Select,
    UnaryExpression,
    UniqueConstraint,
    event,
)
from sqlalchemy.engine import Engine
from sqlalchemy.sql.elements import BindParameter, BooleanClauseList, Grouping
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import in_op
from sqlalchemy.sql.selectable import ScalarSelect

if TYPE_CHECKING:
    from tests.client import QualityClient

_HOUSEKEEPING = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA|SET LOCAL)\b", re.I)
_DRAWN_NAME = re.compile(r"%\([^)]*anon\)s|\banon_\d+\b|\bparam_\d+\b")
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


# --- Order ----------------------------------------------------------------------------------------


@contextmanager
def watch_order() -> Iterator[tuple[set[str], set[str]]]:
    """Yield two sets that fill: the orders lists are asked for in, and queries without any.

    A query for several rows says its order to the last tie: it ends in a column no two rows share,
    or in all it groups by. Asked for by a unique column, for one row or for a figure, it need not.
    """
    orders: set[str] = set()
    unordered: set[str] = set()

    def note(_connection: Any, statement: Any, *_: Any) -> None:
        if not isinstance(statement, Select | CompoundSelect):
            return
        if not is_ordered(statement):
            unordered.add(" ".join(str(statement).split()))
        if statement._order_by_clauses:
            orders.add(_order_of(statement))

    event.listen(Engine, "before_execute", note)
    try:
        yield orders, unordered
    finally:
        event.remove(Engine, "before_execute", note)


@contextmanager
def watch_locks() -> Iterator[set[str]]:
    """Yield a set that fills with the tables whose rows a query locks (SQLite is told in vain)."""
    seen: set[str] = set()

    def note(_connection: Any, statement: Any, *_: Any) -> None:
        if isinstance(statement, Select) and statement._for_update_arg is not None:
            seen.update(str(getattr(part, "name", part)) for part in statement.get_final_froms())

    event.listen(Engine, "before_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_execute", note)


def _order_of(statement: Select[Any] | CompoundSelect[Any]) -> str:
    """Return the order in words, and of which table's rows it is."""
    is_union = isinstance(statement, CompoundSelect)
    froms = [] if is_union else statement.columns_clause_froms or statement.get_final_froms()
    names = sorted({str(getattr(part, "name", "(…)")) for part in froms}) or ["several"]
    parts = (" ".join(str(part).split()) for part in statement._order_by_clauses)
    # Subqueries have no names but those SQLAlchemy draws.
    return _DRAWN_NAME.sub("(…)", f"{' '.join(names)}: {', '.join(parts)}")


def is_ordered(statement: Select[Any] | CompoundSelect[Any]) -> bool:
    """Return whether a query leaves no tie to the database, or can have no two rows."""
    order = {_named(part) for part in statement._order_by_clauses}
    groups = {_named(part) for part in statement._group_by_clauses}
    if isinstance(statement, CompoundSelect):
        return bool(order)
    limit = statement._limit_clause
    if limit is not None and getattr(limit, "value", None) == 1 and not order:
        return True
    columns = list(statement.selected_columns)
    if groups:
        return groups <= order
    if all(isinstance(_bare(column), FunctionElement | ScalarSelect) for column in columns):
        return True
    if {_named(column) for column in columns} <= order:
        return True  # ties are alike
    asked = {_named(side) for part in statement._where_criteria for side in _sides(part)}
    bare = [_bare(part) for part in statement._order_by_clauses]
    tables = {part.table for part in bare if getattr(part, "table", None) is not None}
    return any(_is_unique(part) for part in bare) or any(
        keys and keys <= asked | order for keys in _keys({*tables, *statement.get_final_froms()})
    )


def _bare(part: Any) -> Any:
    while isinstance(part, Label | UnaryExpression | Grouping):
        part = part.element
    return part


def _named(part: Any) -> str:
    return str(_bare(part))


def _is_unique(part: Any) -> bool:
    column = _bare(part)
    return bool(getattr(column, "primary_key", False) or getattr(column, "unique", False))


def _keys(tables: set[Any]) -> Iterator[set[str]]:
    """Yield the columns of each table that no two rows share together."""
    for table in tables:
        for rule in getattr(table, "constraints", ()):
            if isinstance(rule, PrimaryKeyConstraint | UniqueConstraint):
                yield {_named(column) for column in rule.columns}
        for column in getattr(table, "columns", ()):
            if _is_unique(column):
                yield {_named(column)}


def _sides(part: Any) -> tuple[Any, ...]:
    """Return what a condition asks to be one value; nothing of one that may be met otherwise."""
    if isinstance(part, BooleanClauseList):
        return tuple(s for one in part.clauses for s in _sides(one)) * (part.operator is and_)
    is_equal = isinstance(part, BinaryExpression) and part.operator in (eq, in_op)
    sides = (part.left, part.right) if is_equal else ()
    return sides if any(isinstance(s, BindParameter) for s in sides) else ()
