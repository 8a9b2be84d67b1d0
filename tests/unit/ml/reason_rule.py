"""What the reasons of one opening must be, whichever model gives them."""

from __future__ import annotations

from ml.effects import MAX_REASONS
from ml.explain import Entry
from ml.schema import Clients, Vacancies

CLIENT_FIELDS = {"", *(column.name for column in Clients.COLUMNS)}
VACANCY_FIELDS = {"", *(column.name for column in Vacancies.COLUMNS)}


def assert_keeps_rule(entry: Entry) -> None:
    """Fail unless there are one to four, one against, each once, about a field of the record."""
    assert 1 <= len(entry.reasons) <= MAX_REASONS == 4
    assert any(reason.sign < 0 for reason in entry.reasons)
    assert len({reason.code for reason in entry.reasons}) == len(entry.reasons)
    for reason in entry.reasons:
        assert reason.client_field in CLIENT_FIELDS
        assert reason.vacancy_field in VACANCY_FIELDS
        assert reason.client_field or reason.vacancy_field
        assert reason.sign * reason.weight >= 0
