"""Every refusal has its twin: a test that says "not" also shows the case where it is so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.refusals import HERE, only_refusing

#: Tests that refuse alone, and why that is enough.
ALONE: dict[str, str] = {}


def test_every_test_that_refuses_shows_the_other_case_too() -> None:
    paths = sorted(HERE.rglob("test_*.py"))
    found = {f"{p.relative_to(HERE)}::{name}" for p in paths for name in only_refusing(p)}
    assert len(paths) > 150
    assert found == set(ALONE), "add the case that is allowed, in the test or its table"


@pytest.mark.parametrize(
    ("body", "is_alone"),
    [
        ("assert not page.has_text('x')", True),
        ("client.get_page('/x', status=404)", True),
        ("assert found == []", True),
        ("assert rows.all() == [] and n == 0", True),
        ("assert (a, b) == (None, False)", True),
        ("assert page.status in {403, 404}", True),
        ("assert page.location.startswith('/login')", True),
        ("assert all(one.is_good for one in found)", True),
        ("with pytest.raises(NotFound):\n        find(1)", True),
        ("refuse(client)", True),
        ("client.post('/x', status=409)", True),
        ("client.post('/x')\n    assert n_drafts() == 0", True),
        ("expect(page).not_to_be_visible()", True),
        ("with pytest.raises(NotFound, match='x'):\n        find(1)", False),
        (
            "with pytest.raises(Conflict) as no:\n        do()\n    assert no.value.code == 'x'",
            False,
        ),
        ("client.get_page('/x', status=404)\n    client.get_page('/y')", False),
        ("assert not shown\n    assert page.has_text('y')", False),
        ("assert n_drafts() == 0\n    assert n_others() == 1", False),
        ("refuse(client)\n    allow(client)", False),
        ("assert found == expected", False),
        ("assert not not found", False),
        ("assert run.returncode == 0", False),
        ("assert page.status == 200", False),
        ("expect(page).to_be_visible()", False),
        ("do()", False),
    ],
)
def test_refusal_is_found_when_nothing_else_is_asserted(
    tmp_path: Path, body: str, is_alone: bool
) -> None:
    helpers = (
        "def refuse(c):\n    assert c.post('/x').status == 403\n"
        "def allow(c):\n    c.get_page('/y')\n"
    )
    path = tmp_path / "test_example.py"
    path.write_text(f"{helpers}def test_it():\n    {body}\n", encoding="utf-8")
    assert only_refusing(path) == (["test_it"] if is_alone else [])
