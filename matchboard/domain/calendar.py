"""Instants are UTC; people's dates are Beijing dates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


def utc_now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def local_date(now: datetime) -> date:
    """Return the date on the office's calendar at the instant `now`."""
    return now.astimezone(BEIJING).date()


def years_between(start: date, end: date) -> int:
    """Return full years from `start` to `end` (age, support term)."""
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))
