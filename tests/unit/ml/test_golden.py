"""What the library answers about a small fixed world equals what is written down."""

from __future__ import annotations

from tests.registers import hold, hold_parts
from tests.unit.ml import golden


def test_every_figure_of_the_small_world_is_the_one_written_down():
    found = golden.parts()
    hold_parts("library", list(found))
    hold("library", found)
