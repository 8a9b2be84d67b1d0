"""What the rules answer, case by case, equals what is written down."""

from __future__ import annotations

from tests.golden import differences, listed
from tests.unit.domain import golden


def test_every_answer_of_the_rules_is_the_one_written_down():
    found, told = golden.lines(), listed(golden.LIST)
    assert len(dict(found)) == len(found), "two answers have one name"
    assert differences(found, told) == [], "meant? python -m tests.unit.domain.golden --write"
