"""What the rules hold equals the register it is written down in again."""

from __future__ import annotations

import pytest

from matchboard.domain import record_access, vacancy
from tests import constants, registers


def test_every_constant_is_the_one_written_down() -> None:
    found = constants.parts()
    registers.hold_parts("constants", list(found))
    registers.hold("constants", found)


@pytest.mark.parametrize(
    ("owner", "name", "value"),
    [
        pytest.param(
            vacancy, "UNDECIDED", frozenset({vacancy.VacancyState.IN_REVIEW}), id="state-left-out"
        ),
        pytest.param(record_access, "COVER_DAYS_MAX", 31, id="limit-moved"),
    ],
)
def test_constant_is_missed_when_another_is_held(
    owner: object, name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = constants.parts()
    monkeypatch.setattr(owner, name, value)
    lines = registers.differences(constants.parts(), told, registers.REGISTERS["constants"])
    assert [line.partition(":")[0] for line in lines[1:]] == [f"-{name}", f"+{name}"]
