"""What people and programs type: text without invisible characters, whole numbers."""

from __future__ import annotations

import unicodedata

#: Line breaks and tabs stay although they are control characters.
_KEPT = frozenset("\n\r\t")
#: Controls, formats (they hide and reorder text) and halves of characters. What merely has no name
#: yet stays: rare characters of names are in private or very new blocks.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})
_NONCHARACTERS = frozenset("\ufffe\uffff")
#: More digits are nobody's version or level, and `int` refuses thousands of them.
_MAX_DIGITS = 18


def readable(text: str) -> str:
    """Return the text without characters nobody sees: no spreadsheet and no feed can hold them.

    Browsers send line breaks as two characters, programs as one; one is kept.
    """
    return "".join(
        c
        for c in text.replace("\r\n", "\n").replace("\r", "\n")
        if c in _KEPT or (unicodedata.category(c) not in _INVISIBLE and c not in _NONCHARACTERS)
    )


def whole_number(text: str) -> int | None:
    """Return the number written in plain digits, None for anything else.

    `str.isdigit` would let "²" pass, which `int` refuses.
    """
    digits = text.strip()
    if len(digits) > _MAX_DIGITS or not (digits.isascii() and digits.isdecimal()):
        return None
    return int(digits)
