"""Whole numbers as programs send them; what people type is read by `domain.text` and `.written`."""

from __future__ import annotations

#: More digits are nobody's version or level, and `int` refuses thousands of them.
_MAX_DIGITS = 18


def whole_number(text: str) -> int | None:
    """Return the number written in plain digits, None for anything else.

    `str.isdigit` would let "²" pass, which `int` refuses.
    """
    digits = text.strip()
    if len(digits) > _MAX_DIGITS or not (digits.isascii() and digits.isdecimal()):
        return None
    return int(digits)
