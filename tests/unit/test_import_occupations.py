"""Which occupation an imported advertisement gets, and from where."""

from __future__ import annotations

import pytest

from matchboard.services.import_occupations import OccupationFrom, settle

FILE, RECORD, TITLE, NOWHERE = OccupationFrom


@pytest.mark.parametrize(
    ("in_file", "confirmed", "is_settled", "suggested", "wanted"),
    [
        ("6-1", "6-2", False, "6-3", ("6-1", FILE)),
        ("6-1", None, False, "", ("6-1", FILE)),
        ("6-1", None, True, "6-3", ("6-1", FILE)),
        (None, "6-2", False, "6-3", ("6-2", RECORD)),
        (None, "6-2", True, "6-3", ("6-2", RECORD)),
        ("", "6-2", False, "", ("6-2", RECORD)),
        (None, None, True, "6-3", (None, RECORD)),
        (None, None, False, "6-3", ("6-3", TITLE)),
        (None, None, False, "", (None, NOWHERE)),
        ("", "", False, "", (None, NOWHERE)),
    ],
)
def test_occupation_is_the_files_then_the_records_then_the_titles(
    in_file: str | None,
    confirmed: str | None,
    is_settled: bool,
    suggested: str,
    wanted: tuple[str | None, OccupationFrom],
) -> None:
    found = settle(in_file=in_file, confirmed=confirmed, is_settled=is_settled, suggested=suggested)
    assert found == wanted
