"""The one condition every search asks: what was typed, folded, stands in the row's folded text."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false
from sqlalchemy.orm import InstrumentedAttribute

from matchboard.domain.text import folded


def says(search_text: InstrumentedAttribute[str], typed: str) -> ColumnElement[bool]:
    """Return the condition that a row holds what was typed; signs alone are nobody's name."""
    wanted = folded(typed)
    if not any(letter.isalnum() for letter in wanted):
        return false()
    return search_text.contains(wanted, autoescape=True)
