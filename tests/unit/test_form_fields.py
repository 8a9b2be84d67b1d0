"""Dates and codes as people type them."""

from __future__ import annotations

from datetime import date

import pytest

from matchboard.domain.written import read_date


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23",
        "20261123",
        "2026.11.23",
        "2026/11/23",
        "2026 11 23",
        "2026年11月23日",
        "2026年11月23",
        "2026 年 11 月 23 日",
        "２０２６－１１－２３",
        "  2026-11-23 ",
    ],
)
def test_date_is_read_when_written_as_people_do(text: str) -> None:
    assert read_date(text) == date(2026, 11, 23)


def test_date_is_read_when_month_and_day_have_one_digit() -> None:
    assert read_date("2026.1.3") == date(2026, 1, 3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "明天",
        "2026113",
        "23.11.2026",
        "2026-13-01",
        "2026-02-29",
        "2026-11",
        "26-11-23",
        "2026-11-23x",
        "0001-01-01",
        "9999-12-31",
    ],
)
def test_date_is_refused_when_it_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_date(text)
