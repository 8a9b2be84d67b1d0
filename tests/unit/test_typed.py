"""What people type: characters nobody sees go, every other stays; numbers are plain digits."""

from __future__ import annotations

import pytest

from matchboard.domain.text import readable
from matchboard.web.typed import whole_number


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("平车工, 3 Jahre – 100 %", "平车工, 3 Jahre – 100 %"),
        ("一\r\n二\r三\n四\t五", "一\n二\n三\n四\t五"),
        ("a\x00b\x08c\x7fd", "abcd"),
        ("a\u200bb\u202ec\ufeffd\u00ade", "abcde"),
        ("a\ufffeb\uffffc", "abc"),
        ("a\ud800b", "ab"),
        ("㐀𠀀\ue000\U000f0000", "㐀𠀀\ue000\U000f0000"),
        ("全角\u3000空格 e\u0301", "全角\u3000空格 e\u0301"),
        ("", ""),
    ],
    ids=["plain", "breaks", "controls", "formats", "none", "half", "rare", "spaces", "empty"],
)
def test_text_keeps_what_can_be_seen(text: str, kept: str) -> None:
    assert readable(text) == kept


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        (" 12\n", 12),
        ("007", 7),
        ("0", 0),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        ("", None),
        (" ", None),
        ("-1", None),
        ("+1", None),
        ("1.0", None),
        ("1 2", None),
        ("1_000", None),
        ("²", None),
        ("１２", None),
        ("十", None),
    ],
)
def test_whole_number_is_plain_digits_and_nothing_else(text: str, number: int | None) -> None:
    assert whole_number(text) == number
