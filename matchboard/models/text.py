"""Text of a model kept in one spelling, and beside it the form every search asks.

Whatever writes a row, its names and titles are spelt as `domain.text` says when they are set, and
its `search_text` follows them when it is saved: no service can forget either. A statement that
writes a table without its model (the import of advertisements) calls `search_text_of` itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import String, Text, event, inspect, text
from sqlalchemy.orm import Mapped, mapped_column

from matchboard.domain.text import search_text

Parts = Callable[[Mapping[str, Any]], Sequence[str | None]]
#: Longer ones are cut: an index takes only so many bytes of a row.
SEARCH_LENGTH = 300


def searched_by(parts: Parts, *, length: int | None = SEARCH_LENGTH, **options: Any) -> Mapped[str]:
    """Return the column that holds what its row is searched in; no list reads it."""
    kind = Text() if length is None else String(length)
    return mapped_column(
        kind,
        default=_of_row(parts, length),
        server_default=text("''"),  # SQLite cannot add a column without
        deferred=True,
        **options,
    )


def search_text_of(*parts: str | None) -> str:
    """Return the `search_text` of a row with these parts."""
    return search_text(*parts)[:SEARCH_LENGTH]


def _of_row(parts: Parts, length: int | None) -> Callable[[Any], str]:
    return lambda context: search_text(*parts(context.get_current_parameters()))[:length]


def keep_searchable(model: Any, parts: Parts, *names: str) -> None:
    """Let `search_text` follow the attributes it is made of when a row is changed."""
    length = getattr(model.__table__.c.search_text.type, "length", None)

    @event.listens_for(model, "before_update")
    def _follow(_mapper: Any, _connection: Any, row: Any) -> None:
        attributes = inspect(row).attrs
        if any(attributes[name].history.has_changes() for name in names):
            row.search_text = search_text(*parts({n: getattr(row, n) for n in names}))[:length]


def keep_spelt(spelling: Callable[[str], str], *attributes: Any) -> None:
    """Spell what is set on these attributes as `domain.text` says; what stands there stays."""

    def spell(_row: Any, value: Any, old: Any, _initiator: Any) -> Any:
        return spelling(value) if isinstance(value, str) and value != old else value

    for attribute in attributes:
        event.listen(attribute, "set", spell, retval=True)
