"""Read one cell: every type of the exchange format, strictly, from text or from a Python value.

A parser takes a value that is not blank and returns the stored form, or raises `CellError` with
what it expected. Blank cells never reach a parser: what blank means is the table's business.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

Parser: TypeAlias = Callable[[object], object]
Entry: TypeAlias = tuple[str, float]

SHIFTS = ("day", "evening", "night", "rotating")
EMPLOYMENT_TYPES = (
    "full_time",
    "part_time",
    "temporary",
    "seasonal",
    "gig",
    "apprentice",
    "public_welfare",
)
EPOCH = dt.date(1970, 1, 1)
MAX_ITEMS = 500
MAX_DAY = (dt.date(2149, 1, 1) - EPOCH).days

_CODE = re.compile(r"[^\s;:,]{1,64}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


class CellError(ValueError):
    """Say what a cell should have held."""


def is_blank(value: object) -> bool:
    """Tell whether a cell says nothing: None, or text of white space only.

    Examples
    --------
    >>> is_blank(None), is_blank("  "), is_blank(0), is_blank(())
    (True, True, False, False)
    """
    return value is None or (isinstance(value, str) and not value.strip())


def plain(value: object) -> str:
    """Return a cell as stripped text, full-width digits and separators made narrow."""
    text = value if isinstance(value, str) else str(value)
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip()


def text(value: object) -> str:
    """Accept any text and strip it."""
    return str(value).strip()


def identifier(value: object) -> str:
    """Accept any printable text without line breaks.

    Examples
    --------
    >>> identifier(" C0001 ")
    'C0001'
    """
    stripped = str(value).strip()
    if not stripped.isprintable():
        raise CellError("an identifier without control characters")
    return stripped


def number(low: float, high: float = math.inf) -> Parser:
    """Make a parser of decimal numbers within closed bounds; NaN and infinity are refused.

    Examples
    --------
    >>> number(-90, 90)("30.5")
    30.5
    """
    bounds = f"from {low:g} to {high:g}" if math.isfinite(high) else f"of at least {low:g}"

    def parse(value: object) -> float:
        found = _as_float(value)
        if found is None or not low <= found <= high:
            raise CellError(f"a number {bounds}")
        return found

    return parse


def whole(low: int, high: int) -> Parser:
    """Make a parser of whole numbers within closed bounds; ``3.0`` is the whole number 3.

    Examples
    --------
    >>> whole(1, 5)("3.0")
    3
    """

    def parse(value: object) -> int:
        found = _as_float(value)
        if found is None or not found.is_integer() or not low <= found <= high:
            raise CellError(f"a whole number from {low} to {high}")
        return int(found)

    return parse


def flag(value: object) -> int:
    """Accept 1 and 0, also as True and False.

    Examples
    --------
    >>> flag("1"), flag(False)
    (1, 0)
    """
    found = float(value) if isinstance(value, bool) else _as_float(value)
    if found not in (0.0, 1.0):
        raise CellError("1 or 0")
    return int(found)


def day(value: object) -> int:
    """Read a calendar date as days since 1970-01-01.

    Examples
    --------
    >>> day("1970-01-11"), day(dt.date(1970, 1, 2))
    (10, 1)
    """
    expected = "a date as YYYY-MM-DD between 1970 and 2148"
    if isinstance(value, dt.date):
        found = dt.date(value.year, value.month, value.day)
    else:
        shown = plain(value)
        if not _DAY.fullmatch(shown):
            raise CellError(expected)
        try:
            found = dt.date.fromisoformat(shown)
        except ValueError as error:
            raise CellError(expected) from error
    days = (found - EPOCH).days
    if not 0 <= days < MAX_DAY:
        raise CellError(expected)
    return days


def day_text(days: int) -> str:
    """Return days since 1970-01-01 as a date.

    Examples
    --------
    >>> day_text(10)
    '1970-01-11'
    """
    return (EPOCH + dt.timedelta(days=days)).isoformat()


def choice(names: Sequence[str]) -> Parser:
    """Make a parser of one name of a closed list; stored as its position.

    Examples
    --------
    >>> choice(SHIFTS)("night")
    2
    """

    def parse(value: object) -> int:
        shown = plain(value)
        if shown not in names:
            raise CellError("one of " + ", ".join(names))
        return names.index(shown)

    return parse


def choices(names: Sequence[str]) -> Parser:
    """Make a parser of a list of names; stored as a bit mask.

    Examples
    --------
    >>> choices(SHIFTS)("day;night")
    5
    """

    def parse(value: object) -> int:
        mask = 0
        for item in _items(value):
            if item not in names:
                raise CellError("a list, with ';', of " + ", ".join(names))
            mask |= 1 << names.index(str(item))
        return mask

    return parse


def code(value: object) -> str:
    """Accept one code: no white space, comma, colon or semicolon, at most 64 characters."""
    shown = plain(value)
    if not _CODE.fullmatch(shown):
        raise CellError("one code")
    return shown


def codes(value: object) -> tuple[Entry, ...]:
    """Read a list of bare codes.

    Examples
    --------
    >>> codes("cert.guard;cert.fire")
    (('cert.guard', 0.0), ('cert.fire', 0.0))
    """
    found = []
    for item in _items(value):
        if not isinstance(item, str) or not _CODE.fullmatch(item):
            raise CellError("codes with ';' between them")
        found.append((item, 0.0))
    return tuple(dict(found).items())


def levelled(value: object) -> tuple[Entry, ...]:
    """Read a list of ``code:level`` or ``code``; level 0 stands for unknown, the best one counts.

    Examples
    --------
    >>> levelled("weld.arc:3;weld.gas")
    (('weld.arc', 3.0), ('weld.gas', 0.0))
    """
    return _pairs(
        value, low=1, high=5, bare=True, expected="code:level (level 1 to 5) or code, with ';'"
    )


def months(value: object) -> tuple[Entry, ...]:
    """Read a list of ``occupation:months``; months of one occupation given twice are added.

    Examples
    --------
    >>> months("6-18-02-04:24;4-02-02-01:6")
    (('6-18-02-04', 24.0), ('4-02-02-01', 6.0))
    """
    return _pairs(value, low=0, high=900, bare=False, expected="occupation:months, with ';'")


def _pairs(value: object, *, low: int, high: int, bare: bool, expected: str) -> tuple[Entry, ...]:
    found: dict[str, float] = {}
    for item in _items(value):
        name, amount = _split(item)
        size = 0.0 if amount is None and bare else _as_float(amount)
        in_range = size is not None and (low <= size <= high or (amount is None and bare))
        if not _CODE.fullmatch(name) or size is None or not in_range:
            raise CellError(expected)
        if bare and not size.is_integer():
            raise CellError(expected)
        before = found.get(name, 0.0)
        found[name] = max(before, size) if bare else min(before + size, float(high))
    return tuple(found.items())


def _split(item: object) -> tuple[str, object | None]:
    if isinstance(item, str):
        name, colon, amount = item.partition(":")
        return name.strip(), amount.strip() if colon else None
    if isinstance(item, Sequence) and len(item) == 2:
        return plain(item[0]), item[1]
    return "", None


def _items(value: object) -> list[object]:
    if isinstance(value, str):
        found: list[object] = [i for part in plain(value).split(";") if (i := part.strip())]
    elif isinstance(value, Iterable):
        found = [plain(item) if isinstance(item, str) else item for item in value]
    else:
        raise CellError("a list with ';' between its items")
    if len(found) > MAX_ITEMS:
        raise CellError(f"at most {MAX_ITEMS} items")
    return found


def _as_float(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value) if math.isfinite(value) else None
    shown = plain(value)
    return float(shown) if _NUMBER.fullmatch(shown) and math.isfinite(float(shown)) else None
