"""Instants are UTC; people's dates are Beijing dates."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


def utc_now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def local_date(now: datetime) -> date:
    """Return the date on the office's calendar at the instant `now`."""
    return now.astimezone(BEIJING).date()


def start_of_day(day: date) -> datetime:
    """Return the instant at which a day of the office's calendar begins.

    >>> start_of_day(date(2026, 11, 24)).astimezone(UTC).isoformat()
    '2026-11-23T16:00:00+00:00'
    """
    return datetime.combine(day, time.min, tzinfo=BEIJING)


def whole_minute(at: datetime) -> datetime:
    """Return the minute an instant is in; a form knows no seconds: what it says is not before it.

    >>> whole_minute(datetime(2026, 11, 24, 6, 30, 59, 7, tzinfo=UTC)).isoformat()
    '2026-11-24T06:30:00+00:00'
    """
    return at.replace(second=0, microsecond=0)


def years_between(start: date, end: date) -> int:
    """Return full years from `start` to `end` (age, support term)."""
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def add_months(start: date, months: int) -> date:
    """Return the same day `months` later, or the month's last day if there is none."""
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))
