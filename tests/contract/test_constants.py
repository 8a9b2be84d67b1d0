"""Figures, tables and defaults of the rules equal the list they are written down in again."""

from __future__ import annotations

import pytest

from matchboard.domain import record_access, vacancy
from tests import constants


def test_every_constant_equals_its_row_in_the_list():
    told, found = constants.listed(), constants.rows()
    assert sorted(set(found) ^ set(told)) == [], "changed on purpose? python -m tests.constants"
    assert found == told, "the order of a table has changed: python -m tests.constants --write"


def _seen(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, value: object) -> set[str]:
    monkeypatch.setattr(owner, name, value)
    return {name for _, name, _ in set(constants.rows()) ^ set(constants.listed())}


def test_constant_is_missed_when_a_state_is_left_out_or_a_limit_moved(monkeypatch):
    fewer = vacancy.UNDECIDED - {vacancy.VacancyState.FILLED}
    assert _seen(monkeypatch, vacancy, "UNDECIDED", fewer) == {"UNDECIDED"}
    assert _seen(monkeypatch, record_access, "COVER_DAYS_MAX", 31) == {
        "UNDECIDED",
        "COVER_DAYS_MAX",
    }
