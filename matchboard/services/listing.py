"""Pages of a query: one COUNT, one page of rows, however many rows there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from matchboard.extensions import db

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list. `number` counts from 1; an empty list has one empty page."""

    items: Sequence[Row]
    n_total: int
    number: int
    size: int

    @property
    def n_pages(self) -> int:
        """Pages in all, at least one."""
        return max(1, -(-self.n_total // self.size))

    @property
    def first(self) -> int:
        """Position of the first row shown, 0 if there is none."""
        return (self.number - 1) * self.size + 1 if self.items else 0

    @property
    def last(self) -> int:
        """Position of the last row shown."""
        return self.first + len(self.items) - 1 if self.items else 0


def paginate(query: Select[Any], *, number: int, size: int = 20) -> Page[Any]:
    """Return page `number` of `query` (entities of one class, already ordered).

    A number past the end gives the last page, so that an old link still shows something.
    """
    total = count(query)
    last = max(1, -(-total // size))
    number = min(max(1, number), last)
    rows = db.session.scalars(query.limit(size).offset((number - 1) * size)).unique().all()
    return Page(items=rows, n_total=total, number=number, size=size)


def count(query: Select[Any]) -> int:
    """Return how many rows a query has."""
    return db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def slice_page(rows: Sequence[Row], *, number: int, size: int = 20) -> Page[Row]:
    """Return one page of rows already in memory (ranked lists)."""
    last = max(1, -(-len(rows) // size))
    number = min(max(1, number), last)
    start = (number - 1) * size
    return Page(items=rows[start : start + size], n_total=len(rows), number=number, size=size)
