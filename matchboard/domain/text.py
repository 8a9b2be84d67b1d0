"""Text as people type and paste it: what nobody sees, one spelling to store, one form to search.

Stored text keeps what its writer sees; searched text forgets every difference of writing. Both
sides of a search are folded by `folded`: nothing is found by one spelling and missed by another.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

#: Line breaks and tabs stay although they are control characters.
_KEPT = frozenset("\n\r\t")
#: Controls, formats (they hide and reorder text) and halves of characters. What merely has no name
#: yet stays: rare characters of names are in private or very new blocks.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})
_NONCHARACTERS = frozenset("\ufffe\uffff")
#: Marks and letters that choose a glyph or fill a place and show nothing by themselves.
_SELECTORS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
#: Han characters, the zero 〇 and the repetition mark 々 among them.
HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BLANKS = re.compile(r"\s+")
_BLANKS_IN_HAN = re.compile(rf"(?<=[{HAN}]) (?=[{HAN}])")
#: What stands between the parts of a name, in the several ways in which it is typed.
_DOTS = "·•‧∙⋅・･᛫ꞏ⸱"
_DOT_IN_NAME = re.compile(rf"(?<=\w) ?[{_DOTS}] ?(?=\w)|(?<=[{HAN}]) ?[.．。] ?(?=[{HAN}])")
#: Letters that only look like a letter with an accent: they do not come apart.
_STROKED = str.maketrans("đøłıħŧÐĐØŁĦŦ", "dolihtDDOLHT") | str.maketrans(
    {"æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)
_ACCENTS = re.compile("[\u0300-\u036f]")
#: Signs that tell words apart (C++, C#, 100%) stay in what is searched; all others go.
_TELLING = frozenset("#%&*@_")


def readable(text: str) -> str:
    """Return the text without characters nobody sees: no spreadsheet and no feed can hold them.

    Browsers send line breaks as two characters, programs as one; one is kept.
    """
    return "".join(
        c
        for c in text.replace("\r\n", "\n").replace("\r", "\n")
        if c in _KEPT or (unicodedata.category(c) not in _INVISIBLE and c not in _NONCHARACTERS)
    )


def half_width(text: str) -> str:
    """Return the text with full-width letters, digits, signs and blanks made narrow.

    Nothing else changes: "²" is not "2", as it would be in NFKC.

    >>> half_width("４，５００．５　Ａ²")
    '4,500.5 A²'
    """
    return "".join(
        chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else " " if c == "\u3000" else c for c in text
    )


def bare(text: str) -> str:
    """Return a typed value without what pasting adds to it: nothing invisible, half width.

    An apostrophe before it, by which spreadsheets mark a number as text, goes too.

    >>> bare("'２０２３-09-01\\u200b\\ufe0f ")
    '2023-09-01'
    """
    seen = _SELECTORS.sub("", readable(text).replace("\ufffc", ""))
    return half_width(seen).strip().lstrip("'’‘`").strip()


def one_line(text: str) -> str:
    """Return a title or an address as it is stored: one line, visible, letters half width.

    Punctuation stays as typed: 成都样例（集团）有限公司 is spelt so.

    >>> one_line(" ＣＮＣ\\u200b 操作⼯（急）\\n")
    'CNC 操作工（急）'
    """
    seen = _SELECTORS.sub("", readable(text))
    spelt = "".join(c if c.isascii() else _spelt(c) for c in unicodedata.normalize("NFC", seen))
    return _BLANKS.sub(" ", spelt).strip()


def name_line(text: str) -> str:
    """Return the name of a person or an organisation as it is stored.

    Chinese names hold no blanks, and one middle dot, whichever was typed.

    >>> name_line("仇　海"), name_line("阿尔孜古丽•吐尔逊"), name_line("Li  Na")
    ('仇海', '阿尔孜古丽·吐尔逊', 'Li Na')
    """
    return _DOT_IN_NAME.sub("·", _BLANKS_IN_HAN.sub("", one_line(text)))


def plain(text: str) -> str:
    """Return text in one spelling, blanks left out, signs kept.

    NFKC; radicals, compatibility and traditional characters as the simplified ones; no accents, no
    capitals, nothing invisible.

    >>> plain("⻢⾼明 （電銲）"), plain("Nguyễn Văn Đức")
    ('马高明(电焊)', 'nguyenvanduc')
    """
    return "".join(_spelling(text).split())


def folded(text: str) -> str:
    """Return the form in which text is searched: `plain`, and without signs.

    Empty where nothing but signs was typed; such a search finds nothing.

    >>> folded("成都样例（集团）有限公司") == folded("成都样例 (集团)有限公司")
    True
    >>> folded("O’Brien"), folded("C++"), folded("·")
    ('obrien', 'c++', '')
    """
    return "".join(c for c in _spelling(text) if not _is_sign(c))


def search_text(*parts: str | None) -> str:
    """Return what a row is searched in: its parts folded, a blank between them.

    A folded question holds no blank, so it is never found across two parts.
    """
    return " ".join(filter(None, (folded(part) for part in parts if part)))


def unaccented(text: str) -> str:
    """Return the letters of a text without their accents and strokes.

    >>> unaccented("Nguyễn Văn Đức")
    'Nguyen Van Duc'
    """
    apart = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFC", apart).translate(_STROKED)


def _spelling(text: str) -> str:
    if text.isascii():
        return text.lower()
    seen = _SELECTORS.sub("", readable(text))
    apart = unicodedata.normalize("NFKD", seen).casefold()
    joined = unicodedata.normalize("NFKC", _ACCENTS.sub("", apart))
    return joined.translate(_STROKED).translate(_plain_characters())


def _is_sign(c: str) -> bool:
    return c.isspace() or (
        c not in _TELLING and (unicodedata.category(c)[0] in "PZC" or c in "`´˙ˊˋ^¨~")
    )


def _spelt(c: str) -> str:
    """Return one character as it is stored: radicals and wide letters as the ordinary ones."""
    if c.isspace():
        return " "
    if "\u2e80" <= c <= "\u2fdf":
        return _radicals().get(ord(c)) or unicodedata.normalize("NFKC", c)
    if "\uf900" <= c <= "\ufaff" or "\U0002f800" <= c <= "\U0002fa1f" or "\ufb00" <= c <= "\ufb06":
        return unicodedata.normalize("NFKC", c)
    return half_width(c) if half_width(c).isalnum() else c


@lru_cache(maxsize=1)
def _rows() -> list[dict[str, str]]:
    text = (files("seeds") / "reference" / "character_folds.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


@lru_cache(maxsize=1)
def _plain_characters() -> dict[int, str]:
    return {ord(row["character"]): row["plain"] for row in _rows()}


@lru_cache(maxsize=1)
def _radicals() -> dict[int, str]:
    return {ord(r["character"]): r["plain"] for r in _rows() if r["kind"] == "radical"}
