"""What the library answers about a small fixed world equals what is written down."""

from __future__ import annotations

from tests.golden import differences, is_moved, listed
from tests.unit.ml import golden


def test_every_figure_of_the_small_world_is_the_one_written_down():
    found, told = golden.lines(), listed(golden.LIST)
    assert differences(found, told) == [], "meant? python -m tests.unit.ml.golden --write"
    assert [name for name, _ in found] == [name for name, _ in told]


def test_figure_is_missed_when_it_moves_by_more_than_arithmetic():
    assert differences([("a", "1"), ("b", "2")], [("a", "1")]) == ["b: 2 instead of None"]
    assert differences([("a", "1")], [("a", "1"), ("b", "2")]) == ["b: None instead of 2"]
    assert is_moved("0.301 STRONG", "0.302 STRONG")
    assert is_moved("0.301 STRONG", "0.301 GOOD")
    assert is_moved("[1 2]", "[1 2 3]")
    assert not is_moved("0.301 STRONG [0.1]", "0.3010001 STRONG [0.1]")
