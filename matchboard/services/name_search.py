"""People's names as they are typed: with or without a dot, with blanks, with what nobody sees."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import ColumnElement, false, func
from sqlalchemy.orm import InstrumentedAttribute

#: What stands between the parts of a name, in the several ways in which it is written.
DOTS = "·•．・‧"
_BETWEEN = re.compile(rf"[{DOTS}.\s\u200b-\u200f\u2060\ufeff]")


def compact(text: str) -> str:
    """Return a name without dots and blanks, full-width letters made narrow.

    >>> compact("古丽米热・艾比布力") == compact("古丽米热·艾比布力")
    True
    >>> compact("王 燕")
    '王燕'
    """
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text))


def is_named(column: InstrumentedAttribute[str], typed: str) -> ColumnElement[bool]:
    """Return the condition that a name holds what was typed; signs alone are nobody's name."""
    wanted = compact(typed)
    if not any(letter.isalnum() for letter in wanted):
        return false()
    stored: ColumnElement[str] = func.replace(column, " ", "")
    for dot in DOTS:
        stored = func.replace(stored, dot, "")
    return stored.icontains(wanted, autoescape=True)
