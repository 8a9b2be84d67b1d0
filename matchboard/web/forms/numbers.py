"""Number fields: every form reads a number as `domain.written` does, in every way it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from wtforms import Field, widgets
from wtforms.validators import StopValidation

from matchboard.domain.errors import InvalidInput
from matchboard.domain.written import (
    UnreadableNumber,
    read_number,
    read_whole_number,
)
from matchboard.labels import error_text

#: Beyond it no number is meant, and no column takes it.
_LARGEST = 10**9


class WholeNumberField(Field):
    """A whole number; anything else stays as typed and is refused in plain words."""

    widget = widgets.TextInput()
    inputmode: ClassVar[str] = "numeric"
    #: What is said of words that are no number at all.
    refusal: Any = _l("请填整数，例如 4500。")

    def __init__(
        self, label: Any = None, validators: Any = None, *, unit: str = "", **options: Any
    ) -> None:
        options.setdefault("render_kw", {"inputmode": self.inputmode, "data-autocomplete": "off"})
        super().__init__(label, validators, **options)
        self.unit = unit

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the number; an empty one is None."""
        self.data: Any = None
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            return
        try:
            found = self.read(text)
        except UnreadableNumber as error:
            is_plain = error.code in {"number_unreadable", "number_not_whole"}
            raise ValueError(self.refusal if is_plain else error_text(error)) from error
        if not abs(found) < _LARGEST:
            raise ValueError(error_text(InvalidInput("number_too_large")))
        self.data = found

    def read(self, text: str) -> float:
        """Return the number typed; raises `UnreadableNumber`."""
        return read_whole_number(text, self.unit)

    def pre_validate(self, form: Any) -> None:
        """Say once what could not be read: it is not out of range as well."""
        if self.process_errors:
            raise StopValidation

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else repr(self.data).removesuffix(".0")


class CountField(WholeNumberField):
    """A small whole number: people, months."""

    refusal = _l("请填整数，例如 3。")


class AmountField(WholeNumberField):
    """A number that may have decimals."""

    inputmode = "decimal"
    refusal = _l("请填数字，例如 18.5。")

    def read(self, text: str) -> float:
        """Return the number typed; raises `UnreadableNumber`."""
        return float(read_number(text, self.unit))
