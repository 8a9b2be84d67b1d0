"""State of a list page in its address: filters, sort, page. Back, refresh and sharing work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from flask import request

from matchboard.domain.text import one_line


@dataclass(frozen=True)
class ListState:
    """What the address says: `filters` holds only the names asked for, empty ones left out."""

    path: str
    filters: dict[str, list[str]] = field(default_factory=dict)
    sort: str = ""
    page: int = 1

    @classmethod
    def from_args(
        cls, names: Sequence[str], *, sorts: Sequence[str], default_sort: str = ""
    ) -> ListState:
        """Read the present request; an unknown sort or page falls back silently.

        A list that is exported is sent as a form: its filters are no part of an address.
        """
        given = request.args if request.method == "GET" else request.values
        values = {name: [v for v in map(one_line, given.getlist(name)) if v] for name in names}
        sort = given.get("sort", "")
        page = given.get("page", 1, type=int)
        return cls(
            path=request.path,
            filters={name: found for name, found in values.items() if found},
            sort=sort if sort in sorts else default_sort or (sorts[0] if sorts else ""),
            page=max(1, page or 1),
        )

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of a filter."""
        return self.filters.get(name, [default])[0]

    def get_all(self, name: str) -> list[str]:
        """Return all values of a filter."""
        return self.filters.get(name, [])

    def url(self, **changes: str | int | None) -> str:
        """Return this list's address with changes; a changed filter goes back to page 1."""
        pairs: list[tuple[str, str]] = []
        for name, values in self.filters.items():
            if name not in changes:
                pairs += [(name, value) for value in values]
        sort = changes.pop("sort", self.sort) if "sort" in changes else self.sort
        page = changes.pop("page") if "page" in changes else (1 if changes else self.page)
        pairs += [(name, str(value)) for name, value in changes.items() if value not in {None, ""}]
        if sort:
            pairs.append(("sort", str(sort)))
        if page and int(page) > 1:
            pairs.append(("page", str(page)))
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    def at(self, path: str) -> str:
        """Return the address of another path with this state."""
        return ListState(path, self.filters, self.sort).url()

    @property
    def fields(self) -> dict[str, str]:
        """The filters and the sort as the hidden fields of a form."""
        fields = {name: values[0] for name, values in self.filters.items()}
        return {**fields, "sort": self.sort} if self.sort else fields

    def without(self, name: str, value: str) -> str:
        """Return the address with one filter value taken away (a chip's “×”)."""
        kept = {
            n: [v for v in values if not (n == name and v == value)]
            for n, values in self.filters.items()
        }
        return ListState(self.path, {n: v for n, v in kept.items() if v}, self.sort, 1).url()

    def apart_from(self, name: str) -> ListState:
        """Return the state without something in the address that narrows nothing (a view)."""
        return ListState(self.path, {n: v for n, v in self.filters.items() if n != name}, self.sort)

    @property
    def is_filtered(self) -> bool:
        """Whether any filter is set."""
        return bool(self.filters)
