"""Which occupation an imported advertisement gets, and from where."""

from __future__ import annotations

import pytest

from matchboard.services.import_occupations import OccupationFrom, settle, suggest_nothing

FILE, RECORD, TITLE, NOWHERE = OccupationFrom


@pytest.mark.parametrize(
    ("in_file", "confirmed", "suggested", "wanted"),
    [
        ("6-1", "6-2", "6-3", ("6-1", FILE)),
        ("6-1", None, "", ("6-1", FILE)),
        (None, "6-2", "6-3", ("6-2", RECORD)),
        ("", "6-2", "", ("6-2", RECORD)),
        (None, None, "6-3", ("6-3", TITLE)),
        (None, None, "", (None, NOWHERE)),
        ("", "", "", (None, NOWHERE)),
    ],
)
def test_occupation_is_the_files_then_a_persons_then_the_titles(
    in_file: str | None,
    confirmed: str | None,
    suggested: str,
    wanted: tuple[str | None, OccupationFrom],
) -> None:
    assert settle(in_file=in_file, confirmed=confirmed, suggested=suggested) == wanted


def test_no_title_is_read_when_nobody_suggests() -> None:
    assert list(suggest_nothing(["电焊工", ""])) == ["", ""]
