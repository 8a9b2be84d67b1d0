"""The office's calendar: dates are Beijing's, whatever the day is in UTC; years and months end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from matchboard.domain.calendar import (
    BEIJING,
    add_months,
    local_date,
    start_of_day,
    utc_now,
    years_between,
)

D = date


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC), D(2026, 11, 23)),
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), D(2026, 11, 24)),
        (datetime(2026, 11, 24, 0, 0, tzinfo=UTC), D(2026, 11, 24)),
        (datetime(2026, 11, 24, 0, 30, tzinfo=BEIJING), D(2026, 11, 24)),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), D(2027, 1, 1)),
        (datetime(2028, 2, 28, 20, 0, tzinfo=UTC), D(2028, 2, 29)),
    ],
)
def test_date_is_beijings_when_utc_has_another(instant: datetime, expected: date) -> None:
    assert local_date(instant) == expected
    assert local_date(start_of_day(expected)) == expected
    assert local_date(start_of_day(expected) - timedelta(seconds=1)) == expected - timedelta(days=1)
    assert start_of_day(expected).utcoffset() == timedelta(hours=8)


def test_present_instant_is_aware_and_in_utc() -> None:
    assert utc_now().tzinfo is UTC


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        (D(1985, 5, 20), D(2026, 5, 19), 40),
        (D(1985, 5, 20), D(2026, 5, 20), 41),
        (D(1985, 5, 20), D(2026, 5, 21), 41),
        (D(1985, 5, 20), D(2026, 4, 30), 40),
        (D(1985, 5, 20), D(2026, 6, 1), 41),
        (D(2008, 2, 29), D(2026, 2, 28), 17),
        (D(2008, 2, 29), D(2026, 3, 1), 18),
        (D(2026, 1, 1), D(2026, 12, 31), 0),
    ],
)
def test_years_are_full_when_the_day_has_come(start: date, end: date, years: int) -> None:
    assert years_between(start, end) == years


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (D(2026, 1, 15), 0, D(2026, 1, 15)),
        (D(2026, 1, 15), 1, D(2026, 2, 15)),
        (D(2026, 1, 31), 1, D(2026, 2, 28)),
        (D(2028, 1, 31), 1, D(2028, 2, 29)),
        (D(2026, 8, 31), 1, D(2026, 9, 30)),
        (D(2026, 11, 30), 1, D(2026, 12, 30)),
        (D(2026, 12, 31), 1, D(2027, 1, 31)),
        (D(2026, 12, 1), 12, D(2027, 12, 1)),
        (D(2026, 6, 30), 36, D(2029, 6, 30)),
        (D(2028, 2, 29), 12, D(2029, 2, 28)),
    ],
)
def test_months_later_is_the_same_day_or_the_months_last(
    start: date, months: int, expected: date
) -> None:
    assert add_months(start, months) == expected
