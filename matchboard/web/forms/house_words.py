"""What the form library says about a field, in the house's words: whatever check, whatever form.

The library's own sentences repeat raw ids ("'cp4h5dqd' are not valid choices for this field") and
do not say what to do. They all pass through a form's translations, so that is where ours stand;
a field with words of its own never asks for them.
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

_GONE = _l("所选的内容里，有的现在已经不能选了，请重新选择。")
_LONG = _l("最多写 %(max)d 字，请写短一些。")
_NUMBER = _l("请填 %(min)s 到 %(max)s 之间的数。")

#: The library's sentence (its singular, where it has two) → ours.
_WORDS = {
    "Invalid Choice: could not coerce.": _GONE,
    "Invalid choice(s): one or more data inputs could not be coerced.": _GONE,
    "Not a valid choice.": _GONE,
    "'%(value)s' is not a valid choice for this field.": _GONE,
    "This field is required.": _l("这一项必须填写。"),
    "Field cannot be longer than %(max)d character.": _LONG,
    "Number must be at least %(min)s.": _l("请填不小于 %(min)s 的数。"),
    "Number must be at most %(max)s.": _l("请填不大于 %(max)s 的数。"),
    "Number must be between %(min)s and %(max)s.": _NUMBER,
    "Not a valid time value.": _l("时间看不懂，请写成 09:30。"),
}


class HouseWords:
    """The library's translations, but for what the house says itself."""

    def __init__(self, library: Any) -> None:
        self._library = library

    def gettext(self, text: str) -> str:
        """Return a sentence of the library in the page's language."""
        own = _WORDS.get(text)
        return str(self._library.gettext(text) if own is None else own)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Return the same of a sentence about a number of things."""
        own = _WORDS.get(singular)
        return str(self._library.ngettext(singular, plural, n) if own is None else own)
