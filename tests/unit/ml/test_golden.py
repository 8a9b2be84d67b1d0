"""What the library answers about a small fixed world equals what is written down."""

from __future__ import annotations

import pytest

from tests.unit.ml import golden


def _moved(found: str, told: str) -> bool:
    """Return whether a figure differs by more than arithmetic may from machine to machine."""
    if found == told:
        return False
    ours, theirs = found.strip("[]").split(), told.strip("[]").split()
    return len(ours) != len(theirs) or any(
        one != other and not _near(one.strip("[]"), other.strip("[]"))
        for one, other in zip(ours, theirs, strict=True)
    )


def _near(one: str, other: str) -> bool:
    try:
        return float(one) == pytest.approx(float(other), rel=1e-4, abs=1e-5)
    except ValueError:
        return False


def test_every_figure_of_the_small_world_is_the_one_written_down():
    told, found = golden.listed(), golden.lines()
    assert [name for name, _ in found] == [name for name, _ in told]
    moved = [
        (name, figure, then)
        for (name, figure), (_, then) in zip(found, told, strict=True)
        if _moved(figure, then)
    ]
    assert moved == [], "changed on purpose? python -m tests.unit.ml.golden --write"


def test_figure_is_missed_when_it_moves_by_more_than_arithmetic():
    assert _moved("0.301 STRONG", "0.302 STRONG")
    assert _moved("0.301 STRONG", "0.301 GOOD")
    assert _moved("[1 2]", "[1 2 3]")
    assert not _moved("0.301 STRONG [0.1]", "0.3010001 STRONG [0.1]")
