"""Registers: what differs is said line by line, and written anew only as it is read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import registers
from tests.registers import REGISTERS, differences, hold, is_moved

EXACT, ARITHMETIC = REGISTERS["steps"], REGISTERS["library"]


def test_lines_gone_and_new_are_named_after_their_part() -> None:
    told = {"a": ["x: 1", "y: 2"], "b": ["z"]}
    assert differences(told, told, EXACT) == []
    found = {"a": ["y: 2", "w: 1"], "c": ["- z"]}
    assert differences(found, told, EXACT) == [
        *("[a]", "-x: 1", "+w: 1"),
        *("[b]", "-z"),
        *("[c]", "+- z"),
    ]
    assert differences({"a": ["y: 2", "x: 1"]}, {"a": ["x: 1", "y: 2"]}, EXACT)


def test_figure_is_moved_by_more_than_arithmetic_only_where_it_is_one() -> None:
    assert is_moved("0.301 STRONG", "0.302 STRONG")
    assert is_moved("0.301 STRONG", "0.301 GOOD")
    assert is_moved("[1 2]", "[1 2 3]")
    assert not is_moved("0.301 STRONG [0.1]", "0.3010001 STRONG [0.1]")
    told, found = {"a": ["x: 0.301"]}, {"a": ["x: 0.3010001"]}
    assert differences(found, told, ARITHMETIC) == []
    assert differences(found, told, EXACT) == ["[a]", "-x: 0.301", "+x: 0.3010001"]


def test_register_reads_back_what_was_written_and_says_how_when_it_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["[like a head]", "\\ marked", "- gone", "plain"]
    monkeypatch.setenv(registers.VARIABLE, str(tmp_path))
    hold("steps", {"a": lines})
    hold("steps", {"b: [1]": ["2"]})
    assert registers.read("steps", tmp_path) == {"a": lines, "b: [1]": ["2"]}
    monkeypatch.delenv(registers.VARIABLE)
    monkeypatch.setattr(registers, "FOLDER", tmp_path)
    hold("steps", {"a": lines})
    with pytest.raises(AssertionError, match=r"python -m tests\.registers steps"):
        hold("steps", {"a": lines[:-1]})
