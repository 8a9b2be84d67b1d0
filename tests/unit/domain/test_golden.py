"""What the rules answer, case by case, equals what is written down."""

from __future__ import annotations

from itertools import chain

from tests.registers import hold, hold_parts
from tests.unit.domain import golden


def test_every_answer_of_the_rules_is_the_one_written_down():
    found = golden.parts()
    lines = list(chain.from_iterable(found.values()))
    assert len({line.partition(": ")[0] for line in lines}) == len(lines), "one name, two answers"
    hold_parts("rules", list(found))
    hold("rules", found)
