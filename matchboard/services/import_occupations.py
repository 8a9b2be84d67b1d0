"""Where the occupation of an imported advertisement comes from: the file, a person, the title."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

from matchboard.domain.vacancy import OccupationSource
from matchboard.services.vacancy_file import AdRow

#: Titles → the occupation each surely names, empty where a person should be asked.
Suggest = Callable[[Sequence[str]], Sequence[str]]


class OccupationFrom(StrEnum):
    """Where the occupation of a row that was taken in comes from."""

    FILE = "file"
    RECORD = "record"
    TITLE = "title"
    NOWHERE = "nowhere"


def settle(
    *, in_file: str | None, confirmed: str | None, is_settled: bool, suggested: str
) -> tuple[str | None, OccupationFrom]:
    """Return the occupation and its source: the file's, else the record's, else the title's.

    `is_settled` says that a person has decided, be it that the occupation stays open.
    """
    if in_file:
        return in_file, OccupationFrom.FILE
    if confirmed or is_settled:
        return confirmed, OccupationFrom.RECORD
    if suggested:
        return suggested, OccupationFrom.TITLE
    return None, OccupationFrom.NOWHERE


def with_occupations(
    rows: Sequence[AdRow], recorded: Mapping[str, Mapping[str, Any]], *, suggest: Suggest
) -> tuple[list[AdRow], dict[str, OccupationFrom]]:
    """Return rows with an occupation where one is known, and by reference where it comes from.

    `recorded` holds `occupation_code` and `occupation_from` of those on record, by reference.
    """
    says = {ref: values["occupation_from"] for ref, values in recorded.items()}
    confirmed = {
        ref: values["occupation_code"]
        for ref, values in recorded.items()
        if says[ref] is not OccupationSource.TITLE
    }
    silent = [r for r in rows if not r.values["occupation_code"] and not confirmed.get(r.ref)]
    # Where the file has no title the advertisement's own number stands for it.
    titles = [r.values["title"] if r.values["title"] != r.ref else "" for r in silent]
    suggested = dict(zip([r.ref for r in silent], suggest(titles), strict=True))
    found: list[AdRow] = []
    sources: dict[str, OccupationFrom] = {}
    for row in rows:
        code, source = settle(
            in_file=row.values["occupation_code"],
            confirmed=confirmed.get(row.ref),
            is_settled=says.get(row.ref) is OccupationSource.PERSON,
            suggested=suggested.get(row.ref, ""),
        )
        by = {
            OccupationFrom.TITLE: OccupationSource.TITLE,
            OccupationFrom.RECORD: says.get(row.ref),
        }
        decided = {"occupation_code": code, "occupation_from": by.get(source)}
        found.append(replace(row, values=row.values | decided))
        sources[row.ref] = source
    return found, sources
