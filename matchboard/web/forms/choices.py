"""Choices over the domain's enums; "unknown" is always one a person can see and choose."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, TypeVar

from flask_babel import LazyString, lazy_gettext as _l
from wtforms import RadioField, SelectField, SelectMultipleField, widgets

from matchboard.labels import label

Member = TypeVar("Member", bound=Enum)
UNKNOWN, YES, NO = _l("未知"), _l("是"), _l("否")
Choices = list[tuple[str, str]]


def choices_of(
    members: Iterable[Enum], *, blank: LazyString | str | None = None
) -> Callable[[], Choices]:
    """Return a callable giving (value, words) in the page's language, a blank first if wanted."""

    def choices() -> Choices:
        first: Choices = [] if blank is None else [("", str(blank))]
        return first + [(str(member.value), label(member)) for member in members]

    return choices


def to_member(enum: type[Member]) -> Callable[[Any], Member | None]:
    """Return a coercion of a sent value: blank is None, an unknown code a `ValueError`."""
    codes: dict[str, Member] = {str(member.value): member for member in enum}

    def coerce(value: Any) -> Member | None:
        if value is None or value == "":
            return None
        text = str(value.value if isinstance(value, Enum) else value)
        if text not in codes:
            raise ValueError(text)
        return codes[text]

    return coerce


def chosen(enum: type[Member], field: SelectField) -> Member | None:
    """Return the member a field of codes holds; None for none, and for what it refused."""
    return enum(field.data) if field.data and not field.errors else None


def to_answer(value: Any) -> bool | None:
    """Return yes, no or unknown of a three-state question."""
    if isinstance(value, bool):
        return value
    return {"1": True, "0": False}.get(str(value))


def answer_value(value: bool | None) -> str:
    """Return what the three-state question sends for an answer."""
    return "" if value is None else str(int(value))


class EnumSelect(SelectField):
    """One of an enum's members, or unknown; `data` is the member or None."""

    def __init__(
        self,
        text: Any,
        enum: type[Enum],
        *,
        members: Iterable[Enum] | None = None,
        blank: LazyString | str | None = UNKNOWN,
        **options: Any,
    ) -> None:
        super().__init__(
            text,
            choices=choices_of(tuple(members or enum), blank=blank),
            coerce=to_member(enum),
            **options,
        )

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the sent member; a field that was not sent is unknown."""
        self.data = None
        super().process_formdata(valuelist)


class EnumRadio(RadioField):
    """One of an enum's members as radio buttons; `data` is the member or None."""

    def __init__(self, text: Any, enum: type[Enum], **options: Any) -> None:
        super().__init__(text, choices=choices_of(tuple(enum)), coerce=to_member(enum), **options)


class AnswerRadio(RadioField):
    """Yes, no or unknown; unknown is a choice of its own and never counts as "no"."""

    def __init__(self, text: Any, *, yes: Any = YES, no: Any = NO, **options: Any) -> None:
        super().__init__(
            text,
            choices=lambda: [("1", str(yes)), ("0", str(no)), ("", str(UNKNOWN))],
            coerce=str,
            **options,
        )

    def process_data(self, value: Any) -> None:
        """Take the record's answer."""
        self.data = answer_value(value)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the sent answer; none sent is unknown."""
        self.data = valuelist[0] if valuelist else ""

    @property
    def answer(self) -> bool | None:
        """The answer: True, False or None for unknown."""
        return to_answer(self.data)


class TickList(SelectMultipleField):
    """Several choices as tick boxes; none ticked is unknown."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()
