"""The count of wrong changes seen: each of its words, its goal, and that its list is kept."""

from __future__ import annotations

import csv
import dataclasses
from collections import Counter
from pathlib import Path

import pytest

from tests import mutants

SOURCE = """\
def is_adult(age):
    while age < 0:
        age += 1
    return age >= 18
"""
TESTS = """\
from ages import is_adult

def test_eighteen():
    assert is_adult(18)

def test_younger():
    assert not is_adult(-1)

def test_red():
    assert not is_adult(18)
"""
#: The verdict each change must get, with its old and new text and the words that choose the tests.
CHANGES = {
    "seen": ("age >= 18", "age > 18", "eighteen"),
    "survived": ("age >= 18", "age >= 17", "eighteen or younger"),
    "stale": ("age >= 21", "age > 21", "eighteen"),
    "broken": ("age >= 18", "age > 18", "no_such_test"),
}
#: Tests that fail without the change as well have seen nothing.
ALWAYS_RED = ("age += 1", "age += 2", "red")
ENDLESS = ("age += 1", "age -= 1", "younger")


def _a_list(folder: Path, rows: list[tuple[str, str, str, str]]) -> list[str]:
    """Write small sources and a list of changes to them; return the arguments that name both."""
    sources = folder / "sources"
    sources.mkdir()
    (sources / "ages.py").write_text(SOURCE, encoding="utf-8")
    (sources / "test_ages.py").write_text(TESTS, encoding="utf-8")
    path = folder / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("floor", "file", "old", "new", "tests", "words"))
        for floor, old, new, words in rows:
            writer.writerow((floor, "ages.py", old, new, "test_ages.py", words))
    return ["--list", str(path), "--sources", str(sources)]


@pytest.fixture(autouse=True)
def _plain_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start the tests of the small sources without the plugins of ours."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def test_each_change_is_judged_by_what_its_tests_did(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [("domain", *change) for change in CHANGES.values()]
    arguments = _a_list(tmp_path, [*rows, ("domain", *ALWAYS_RED)])
    assert mutants.main([*arguments, "--goal", "16"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:-2]] == [*CHANGES, "broken"]
    counted = "1 of    5   20.0 %  1 survived, 1 stale, 2 broken"
    assert [line.split(maxsplit=1) for line in lines[-2:]] == [
        ["domain", counted],
        ["all", counted],
    ]


def test_change_is_seen_and_counted_apart_when_the_tests_do_not_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = _a_list(tmp_path, [("domain", *ENDLESS)])
    assert mutants.main([*arguments, "--limit", "1", "--goal", "100"]) == 0
    assert "1 of    1  100.0 %  1 time-out" in capsys.readouterr().out


def test_goal_is_each_floors_when_another_is_better(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = next(m for m in mutants.read_mutants() if m.floor == "permissions")
    other = dataclasses.replace(one, floor="web")
    found = [(one, "seen"), (other, "seen"), (other, "survived")]
    assert mutants.report(found) == 50
    floors = [line.split()[::4] for line in capsys.readouterr().out.splitlines()]
    assert floors == [["permissions", "100.0"], ["web", "50.0"], ["all", "66.7"]]
    arguments = _a_list(tmp_path, [("web", *CHANGES["stale"]), ("ml", *CHANGES["stale"])])
    assert mutants.main([*arguments, "--goal", "1"]) == 1
    assert mutants.main([*arguments, "--goal", "0", "--floor", "web"]) == 0
    assert "ml" not in capsys.readouterr().out.splitlines()[-2]


def test_list_is_long_and_kept_on_every_floor() -> None:
    found = mutants.read_mutants()
    assert len({mutant.name for mutant in found}) == len(found) >= 150
    n_of = Counter(mutant.floor for mutant in found)
    assert set(n_of) == set(mutants.FLOORS)
    assert min(n_of.values()) >= 20
    for mutant in found:
        assert mutant.old != mutant.new, mutant.name
        for path in mutant.tests.split():
            assert (mutants.ROOT / path).exists(), f"{mutant.name}: no {path}"
    # A change of the sources may overtake a few before somebody looks at the list.
    stale = [mutant.name for mutant in found if not mutant.is_found(mutants.ROOT)]
    assert len(stale) <= len(found) // 20, stale
