"""Provinces, prefectures and counties (GB/T 2260): look-up, search and address resolution."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from matchboard.domain.catalogues.division_names import english_name, short_name
from matchboard.domain.catalogues.reading import fold, read_rows

_SEPARATORS = re.compile(r"[·•・\-—–_/\\,，、.。|>]")


class DivisionLevel(StrEnum):
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"


_LEVEL_ORDER = {level: order for order, level in enumerate(DivisionLevel)}


@dataclass(frozen=True, slots=True)
class Division:
    code: str
    parent_code: str | None
    level: DivisionLevel
    name: str
    full_name: str
    name_en: str
    pinyin: str
    lat: float | None
    lon: float | None
    coord_source: str
    short: str

    @property
    def initials(self) -> str:
        """First letters of the syllables: 新都区 → xdq."""
        return "".join(syllable[0] for syllable in self.pinyin.split())

    @property
    def is_placeholder(self) -> bool:
        """Whether this is a level without a place of its own (北京市 → 市辖区 → 朝阳区)."""
        return self.name in ("市辖区", "县") and self.level is DivisionLevel.PREFECTURE


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an address names: one division, several of the same name, or none."""

    divisions: tuple[Division, ...]
    remainder: str
    is_old_code: bool = False
    is_partial_change: bool = False

    @property
    def division(self) -> Division | None:
        """The division if exactly one fits."""
        return self.divisions[0] if len(self.divisions) == 1 else None


@dataclass(frozen=True, slots=True)
class _Change:
    old_code: str
    new_code: str
    old_name: str
    is_partial: bool


class DivisionCatalogue:
    """All divisions with their tree, their former codes and a type-ahead search."""

    def __init__(self, rows: tuple[Division, ...], changes: tuple[_Change, ...]) -> None:
        self._by_code = {row.code: row for row in rows}
        self._changes = {change.old_code: change for change in changes}
        self._children: dict[str, list[Division]] = {}
        for row in rows:
            if row.parent_code:
                self._children.setdefault(row.parent_code, []).append(row)
        self._names = {row.code: {row.name, row.short} for row in rows}
        for change in changes:
            self._names[change.new_code] |= {change.old_name, short_name(change.old_name)}
        for row in rows:
            if row.name.endswith("自治州"):
                self._names[row.code].add(f"{row.short}州")
        self._openers = self._index_openers()
        self._search_rows = tuple(self._search_row(row) for row in rows if not row.is_placeholder)

    def __len__(self) -> int:
        return len(self._by_code)

    def __iter__(self) -> Iterator[Division]:
        return iter(self._by_code.values())

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def get(self, code: str) -> Division | None:
        """Return the division of a current code."""
        return self._by_code.get(code)

    def successor(self, code: str) -> Division | None:
        """Return the division of a current or former code."""
        change = self._changes.get(code)
        return self._by_code.get(change.new_code if change else code)

    def provinces(self) -> tuple[Division, ...]:
        return tuple(row for row in self if row.level is DivisionLevel.PROVINCE)

    def children(self, code: str) -> tuple[Division, ...]:
        return tuple(self._children.get(code, ()))

    def descendants(self, code: str) -> tuple[Division, ...]:
        below: list[Division] = []
        for child in self._children.get(code, ()):
            below += [child, *self.descendants(child.code)]
        return tuple(below)

    def ancestors(self, code: str) -> tuple[Division, ...]:
        """Return the divisions above, nearest first; an unknown code has none."""
        above: list[Division] = []
        row = self._by_code.get(code)
        while row and row.parent_code:
            row = self._by_code[row.parent_code]
            above.append(row)
        return tuple(above)

    def full_name_en(self, code: str) -> str:
        """Return the English path, smallest first: Xindu District, Chengdu, Sichuan."""
        own = self._by_code[code]
        return ", ".join(
            row.name_en for row in (own, *self.ancestors(code)) if not row.is_placeholder
        )

    def covers(self, code: str, other: str) -> bool:
        """Whether `other` is the division `code` or lies inside it."""
        return code == other or any(row.code == code for row in self.ancestors(other))

    # --- Search as you type --------------------------------------------------------------------

    def search(
        self, text: str, *, limit: int = 10, level: DivisionLevel | None = None
    ) -> tuple[Division, ...]:
        """Return the best matches by name, path, pinyin, initials or code.

        A bare county name such as 朝阳区 names several places, so all of them are returned.
        """
        query = _SEPARATORS.sub("", fold(text))
        if not query:
            return ()
        bare = re.sub(r"[省市](?=.)|自治区(?=.)", "", query)
        hits = [
            (rank, _LEVEL_ORDER[row.level], row.code, row)
            for row, haystack, path in self._search_rows
            if (level is None or row.level is level)
            and (query in haystack or bare in path)
            and (rank := _rank(row, query)) is not None
        ]
        hits.sort(key=lambda hit: hit[:3])
        return tuple(row for *_, row in hits[:limit])

    def _search_row(self, row: Division) -> tuple[Division, str, str]:
        lineage = [one for one in self.ancestors(row.code)[::-1] if not one.is_placeholder]
        path = "".join(one.short for one in lineage) + row.name
        joined = row.pinyin.replace(" ", "")
        names = sorted(self._names[row.code])
        return row, " ".join((row.full_name, joined, row.initials, row.code, path, *names)), path

    # --- Addresses -----------------------------------------------------------------------------

    def resolve(self, text: str) -> Resolution:
        """Find the smallest division an address begins with, current or former.

        成都·新都区, 四川成都新都 and the code of a former county are all understood. Where a bare
        name fits several places they are all returned; the caller asks.
        """
        compact = _SEPARATORS.sub("", fold(text)).removeprefix("中国")
        if re.fullmatch(r"\d{6}", compact):
            return self._resolve_code(compact)
        best: dict[str, int] = {}
        for row, used in self._walk(compact):
            best[row.code] = max(best.get(row.code, 0), used)
        if not best:
            return Resolution((), compact)
        longest = max(best.values())
        found = [self._by_code[code] for code in sorted(best) if best[code] == longest]
        found.sort(key=lambda row: _LEVEL_ORDER[row.level])
        return Resolution(tuple(found), compact[longest:])

    def _resolve_code(self, code: str) -> Resolution:
        change = self._changes.get(code)
        row = self.successor(code)
        return Resolution(
            (row,) if row else (),
            "" if row else code,
            is_old_code=change is not None,
            is_partial_change=change is not None and change.is_partial,
        )

    def _index_openers(self) -> dict[str, list[Division]]:
        """Index every division by the first two characters an address may start with."""
        index: dict[str, list[Division]] = {}
        for code, names in self._names.items():
            for start in sorted({name[:2] for name in names}):
                index.setdefault(start, []).append(self._by_code[code])
        return index

    def _walk(self, text: str) -> Iterator[tuple[Division, int]]:
        pending = [(row, 0) for row in self._openers.get(text[:2], ()) if not row.is_placeholder]
        while pending:
            row, offset = pending.pop()
            used = max(
                (len(name) for name in self._names[row.code] if text.startswith(name, offset)),
                default=0,
            )
            if row.is_placeholder and not used:
                continue
            if used:
                yield row, offset + used
                pending += [(below, offset + used) for below in self.descendants(row.code)]


def _rank(row: Division, query: str) -> int | None:
    joined = row.pinyin.replace(" ", "")
    tests = (
        query in (row.name, row.short, row.code),
        row.name.startswith(query),
        query in (joined, row.initials),
        joined.startswith(query) or row.initials.startswith(query),
        query in row.name,
        row.full_name.endswith(query),
        row.full_name.startswith(query) or row.code.startswith(query),
    )
    # Whatever is left was found inside the path or in the middle of a syllable.
    if not any(tests) and query.isascii():
        return None
    return tests.index(True) if any(tests) else len(tests)


@cache
def divisions() -> DivisionCatalogue:
    """Return the catalogue of divisions, read once per process."""
    rows = tuple(_division(row) for row in read_rows("divisions.csv"))
    changes = tuple(
        _Change(row["old_code"], row["new_code"], row["name"], row["partial"] == "1")
        for row in read_rows("division_changes.csv")
    )
    return DivisionCatalogue(rows, changes)


def resolve_division(text: str) -> Resolution:
    """Find the division an address names in the packaged catalogue."""
    return divisions().resolve(text)


def division_prefix(code: str) -> str:
    """Return the digits every division inside `code` begins with: 330400 → 3304."""
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


def _division(row: dict[str, str]) -> Division:
    return Division(
        code=row["code"],
        parent_code=row["parent_code"] or None,
        level=DivisionLevel(row["level"]),
        name=row["name"],
        full_name=row["full_name"],
        name_en=english_name(row["name"], row["pinyin"].split()),
        pinyin=row["pinyin"],
        lat=float(row["lat"]) if row["lat"] else None,
        lon=float(row["lon"]) if row["lon"] else None,
        coord_source=row["coord_source"],
        short=short_name(row["name"]),
    )
