"""The registration duty: fifteen days by policy, and never a sanction."""

from __future__ import annotations

from datetime import date

import pytest

from matchboard.domain.client_file import (
    SECTION_OF_FIELD,
    SECTION_OF_ITEM,
    FileItem,
    MatchField,
    RegistrationStatus,
    registration_due_on,
    registration_status,
)

R = RegistrationStatus
RELEASED = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("released_on", "registered_on", "on", "expected"),
    [
        pytest.param(None, None, date(2026, 11, 24), R.UNKNOWN, id="release-unknown"),
        pytest.param(RELEASED, None, date(2026, 11, 16), R.NOT_YET, id="last-day"),
        pytest.param(RELEASED, None, date(2026, 11, 17), R.OVERDUE, id="day-after"),
        pytest.param(RELEASED, date(2026, 11, 16), date(2027, 1, 1), R.ON_TIME, id="in-time"),
        pytest.param(RELEASED, date(2026, 11, 17), date(2027, 1, 1), R.LATE, id="one-day-late"),
        pytest.param(date(2026, 12, 1), None, date(2026, 11, 1), R.NOT_YET, id="not-released"),
    ],
)
def test_registration_status_follows_the_days_of_the_policy(
    released_on: date | None, registered_on: date | None, on: date, expected: R
) -> None:
    found = registration_status(
        released_on=released_on, registered_on=registered_on, days=15, on=on
    )
    assert found is expected


def test_registration_due_on_is_unknown_when_release_is() -> None:
    assert registration_due_on(None, 15) is None


def test_every_missing_field_leads_to_a_section() -> None:
    assert set(SECTION_OF_FIELD) == set(MatchField)
    assert set(SECTION_OF_ITEM) == set(FileItem)
