"""Days and numbers are read, or refused, at once however long what was sent is."""

from __future__ import annotations

from time import process_time

import pytest

from matchboard.domain.written import (
    UnreadableDate,
    UnreadableNumber,
    read_date,
    read_whole_number,
)


@pytest.mark.parametrize("piece", ["1", "1-", "1,0", "1 ", "一千", "2026-1", "年", "("])
def test_endless_text_is_refused_at_once_when_a_day_or_number_is_asked_for(piece: str) -> None:
    endless = piece * 50_000
    before = process_time()
    with pytest.raises(UnreadableNumber, match="number_unreadable"):
        read_whole_number(endless, "yuan")
    with pytest.raises(UnreadableDate, match="date_unreadable"):
        read_date(endless)
    assert process_time() - before < 2


def test_longest_ways_of_writing_are_read() -> None:
    assert read_whole_number("人民币 1,234,567.00 元人民币/个月", "yuan") == 1_234_567
    assert read_date("公元 二〇二六年十一月二十三日").isoformat() == "2026-11-23"
