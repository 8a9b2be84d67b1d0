"""Occupations of the national classification (2022): look-up, ancestry and search."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from matchboard.domain.catalogues.reading import fold, read_rows, split_list

_CODE_START = re.compile(r"\d(-\d{0,2}){0,3}")


@dataclass(frozen=True, slots=True)
class Occupation:
    code: str
    parent_code: str | None
    level: int
    name: str
    is_green: bool | None
    is_digital: bool | None
    aliases: tuple[str, ...]


class OccupationCatalogue:
    """The tree of occupations; ancestry follows `parent_code`, never the digits of a code."""

    def __init__(self, rows: tuple[Occupation, ...]) -> None:
        self._by_code = {row.code: row for row in rows}
        self._children: dict[str, list[Occupation]] = {}
        for row in rows:
            if row.parent_code:
                self._children.setdefault(row.parent_code, []).append(row)
        self._lineage = {row.code: self._climb(row) for row in rows}
        self._search_rows = tuple(
            (row, fold(row.name), tuple(fold(alias) for alias in row.aliases)) for row in rows
        )

    def __len__(self) -> int:
        return len(self._by_code)

    def __iter__(self) -> Iterator[Occupation]:
        return iter(self._by_code.values())

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def get(self, code: str) -> Occupation | None:
        """Return the occupation of a full code or of a shortened one (6-18)."""
        return self._by_code.get(full_code(code))

    def children(self, code: str) -> tuple[Occupation, ...]:
        return tuple(self._children.get(full_code(code), ()))

    def ancestors(self, code: str) -> tuple[Occupation, ...]:
        """Return the groups above, nearest first; an unknown code has none."""
        return tuple(self._by_code[one] for one in self._lineage.get(full_code(code), ())[1:])

    def lineage(self, code: str) -> tuple[str, ...]:
        """Return the code itself and those above it; empty for an unknown code."""
        return self._lineage.get(full_code(code), ())

    def path(self, code: str) -> tuple[str, ...]:
        """Return the names from the major group down to the occupation itself."""
        return tuple(self._by_code[one].name for one in reversed(self.lineage(code)))

    def covers(self, code: str, other: str) -> bool:
        """Whether `other` is the occupation `code` or one of its descendants."""
        return full_code(code) in self.lineage(other)

    def search(
        self, text: str, *, limit: int = 10, level: int | None = None
    ) -> tuple[Occupation, ...]:
        """Return the best matches by code, name or recruitment-site alias."""
        query = fold(text)
        if not query:
            return ()
        rank_of = _rank_code if _CODE_START.fullmatch(query) else _rank_words
        hits = [
            (rank, -row.level, len(row.name), row.code, row)
            for row, name, aliases in self._search_rows
            if (level is None or row.level == level)
            and (rank := rank_of(query, row.code, name, aliases)) is not None
        ]
        hits.sort(key=lambda hit: hit[:4])
        return tuple(row for *_, row in hits[:limit])

    def _climb(self, row: Occupation) -> tuple[str, ...]:
        codes = [row.code]
        while row.parent_code:
            row = self._by_code[row.parent_code]
            codes.append(row.code)
        return tuple(codes)


def full_code(code: str) -> str:
    """Write a shortened code in full: 6-18 → 6-18-00-00."""
    parts = code.split("-")
    return "-".join(parts + ["00"] * (4 - len(parts)))


def _rank_code(query: str, code: str, _name: str, _aliases: tuple[str, ...]) -> int | None:
    if query == code:
        return 0
    return 1 if code.startswith(query) else None


def _rank_words(query: str, _code: str, name: str, aliases: tuple[str, ...]) -> int | None:
    if query == name:
        return 0
    if query in aliases:
        return 1
    if name.startswith(query):
        return 2
    if query in name:
        return 3
    if any(query in alias for alias in aliases):
        return 4
    return None


@cache
def occupations() -> OccupationCatalogue:
    """Return the catalogue of occupations, read once per process."""
    return OccupationCatalogue(tuple(_occupation(row) for row in read_rows("occupations.csv")))


def _occupation(row: dict[str, str]) -> Occupation:
    return Occupation(
        code=row["code"],
        parent_code=row["parent_code"] or None,
        level=int(row["level"]),
        name=row["name"],
        is_green=row["green"] == "1" if row["green"] else None,
        is_digital=row["digital"] == "1" if row["digital"] else None,
        aliases=split_list(row["aliases"]),
    )
