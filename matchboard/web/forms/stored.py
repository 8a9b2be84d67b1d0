"""What a form was opened with stays as it is stored, unless something else was typed.

A value goes to the page as words and comes back as words: a telephone number without its prefix, a
number with two decimals, line breaks as browsers send them, a name for a code. Read again those are
nearly, not always, what was stored. So a field that comes back with the very words it showed keeps
the stored value, to the byte, and so does one that does not come back at all: a page that does not
carry a field says nothing about it.
"""

from __future__ import annotations

from typing import Any

from wtforms import Field, FieldList, FormField, HiddenField, StringField
from wtforms.fields.choices import SelectFieldBase, SelectMultipleField
from wtforms.fields.simple import BooleanField

from matchboard.web.forms.fields import SkillLevelsField

#: Of these a browser sends nothing where nothing is ticked or listed: absence is an answer.
_MAY_BE_ABSENT = (BooleanField, SelectMultipleField, FieldList, FormField, SkillLevelsField)


def keep_stored(field: Field, sent: Any) -> None:
    """Put the stored value back where what was sent says nothing else."""
    if isinstance(field, HiddenField):
        return
    typed = sent.getlist(field.name)
    if not typed:
        if not isinstance(field, _MAY_BE_ABSENT):
            _restore(field, typed)
        return
    if isinstance(field, (SelectFieldBase, BooleanField, FieldList, FormField)):
        return
    stored = field.object_data
    if stored is None or stored == "" or stored == []:
        return
    field.raw_data = None  # or the field would show that
    field.process(None, stored)
    if shows(field, typed, sent):
        _restore(field, typed)
    else:
        field.process(sent, stored)


def shows(field: Any, typed: list[str], sent: Any) -> bool:
    """Return whether the words sent are those the field shows, as words or as codes."""
    if isinstance(field, SkillLevelsField):
        return field.shows(typed, sent.getlist(f"{field.name}_level"))
    if hasattr(field, "shows"):
        return bool(field.shows(typed))
    return plain(typed[0]) == plain(field._value())


def plain(text: str) -> str:
    """Return text without what browsers add to it: other line breaks, blanks at the ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _restore(field: Field, typed: list[str]) -> None:
    stored = field.object_data
    field.process(None, stored)
    if isinstance(field, StringField) and stored is not None:
        field.data = stored  # not what the filters make of it
    field.raw_data = typed
