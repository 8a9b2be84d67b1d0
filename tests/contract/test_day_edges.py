"""Every number of days and edge of time in the rules has its row, and the row names tests."""

from __future__ import annotations

import ast

import pytest

from tests.day_edges import ROOT, changes, changes_of, read_rows


def test_every_edge_of_time_has_a_row_and_every_row_an_edge() -> None:
    found, rows = {change.edge for change in changes()}, read_rows()
    assert len(found) > 150
    assert {
        "in the sources, not in day_edges.csv": sorted(found - set(rows)),
        "in day_edges.csv, not in the sources": sorted(set(rows) - found),
    } == {"in the sources, not in day_edges.csv": [], "in day_edges.csv, not in the sources": []}


def test_every_row_names_tests_that_are_there() -> None:
    named = {test for tests in read_rows().values() for test in tests}
    assert all(read_rows().values())
    assert "tests/unit/domain/test_day_edges.py" in named
    there = {}
    for path in {name.split("::")[0] for name in named}:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        there[path] = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    inside = [name.split("::") for name in named if "::" in name]
    assert [(path, test) for path, test in inside if test not in there[path]] == []


@pytest.mark.parametrize(
    ("source", "moved"),
    [
        ("WAIT = timedelta(days=3)", ["timedelta(days=3 + 1)", "timedelta(days=3 - 1)"]),
        ("ANSWER_DAYS = 3", ["4", "2"]),
        ("class Policy:\n    validity_days: int = 90", ["91", "89"]),
        ("BOUNDS = {'idle_minutes': (5, 480)}", ["6", "4", "481", "479"]),
        ("def f(a):\n    return a.due_on < today", ["a.due_on <= today"]),
        (
            "def f(a):\n    return low <= a.age < high",
            ["low < a.age < high", "low <= a.age <= high"],
        ),
        ("def f(now):\n    return Row.at > now - KEEP", ["Row.at >= now - KEEP"]),
        ("LAST = date(2026, 11, 1)", ["+ 1", "- 1"]),
        ("n_places = 3", []),
        ("wage_cny_month = 3", []),
        ("def f(a):\n    return len(a.days) > 3", []),
        ("def f(a):\n    return a.wage_cny_month > low", []),
        ("def f(a):\n    return a.due_on == today", []),
    ],
)
def test_edge_is_found_when_a_module_holds_one(source: str, moved: list[str]) -> None:
    found = changes_of(source, "x.py")
    assert len(found) == len(moved)
    assert [one.new for one, new in zip(found, moved, strict=True) if new not in one.new] == []
    for one in found:
        assert one.made(source) != source
        ast.parse(one.made(source))
