"""The card takes what commands print, and nothing else of it changes."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from benchmarks import card

EXAMPLE = "# Card\n\n<!-- a -->\nold\n<!-- /a -->\n\n<!-- b -->\nkept\n<!-- /b -->\n"


def test_part_is_replaced_and_the_rest_stays() -> None:
    found = card.with_part(EXAMPLE, "a", "new\n$& \\1")
    assert found == EXAMPLE.replace("old", "new\n$& \\1")
    assert card.with_part(found, "a", "old") == EXAMPLE


@pytest.mark.parametrize(
    ("text", "part"),
    [
        pytest.param(EXAMPLE, "c", id="no-such-part"),
        pytest.param("<!-- /a --> <!-- a -->", "a", id="ends-before-it-starts"),
        pytest.param(EXAMPLE + EXAMPLE, "a", id="twice"),
    ],
)
def test_card_is_refused_when_the_part_is_not_clear(text: str, part: str) -> None:
    with pytest.raises(ValueError, match=part):
        card.with_part(text, part, "new")


def test_command_sets_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "CARD.md"
    path.write_text(EXAMPLE, encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("\n1 of 2\n"))
    card.main(["a", "--card", str(path)])
    assert path.read_text(encoding="utf-8") == EXAMPLE.replace("old", "```text\n1 of 2\n```")
    for part, printed in (("a", " \n"), ("c", "1")):
        monkeypatch.setattr("sys.stdin", io.StringIO(printed))
        with pytest.raises(SystemExit, match="2"):
            card.main([part, "--card", str(path)])
    assert path.read_text(encoding="utf-8") == EXAMPLE.replace("old", "```text\n1 of 2\n```")


def test_parts_of_the_projects_card_are_filled() -> None:
    text = card.CARD.read_text(encoding="utf-8")
    for part in ("worlds", "groups", "titles", "allocation"):
        body = text.split(f"<!-- {part} -->")[1].split(f"<!-- /{part} -->")[0]
        assert any(character.isdigit() for character in body), part
