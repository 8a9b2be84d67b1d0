"""Where the occupation of an imported advertisement comes from: the file, a person, the title."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

#: Titles → the occupation each surely names, empty where a person should be asked.
Suggest = Callable[[Sequence[str]], Sequence[str]]


class OccupationFrom(StrEnum):
    """Where the occupation of a row that was taken in comes from."""

    FILE = "file"
    RECORD = "record"
    TITLE = "title"
    NOWHERE = "nowhere"


def settle(
    *, in_file: str | None, confirmed: str | None, suggested: str
) -> tuple[str | None, OccupationFrom]:
    """Return the occupation and its source: the file's, else a person's, else the title's."""
    if in_file:
        return in_file, OccupationFrom.FILE
    if confirmed:
        return confirmed, OccupationFrom.RECORD
    if suggested:
        return suggested, OccupationFrom.TITLE
    return None, OccupationFrom.NOWHERE


def suggest_nothing(titles: Sequence[str]) -> Sequence[str]:
    """Leave every title open."""
    return [""] * len(titles)
