"""What was typed beside what was saved meanwhile, both in words (the page of a stale edit)."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    HiddenField,
    SelectFieldBase,
)

from matchboard.web.forms.base import BaseForm, Difference
from matchboard.web.forms.fields import CodeField, CodeListField, SkillLevelsField


def differences(typed: BaseForm, saved: BaseForm) -> list[Difference]:
    """Return the fields in which the two forms differ, in words."""
    found = []
    for field in typed:
        if isinstance(field, HiddenField):
            continue
        ours, theirs = words_of(field), words_of(saved[field.name])
        if ours != theirs:
            found.append(Difference(str(field.label.text), ours, theirs))
    return found


def words_of(field: Field) -> str:
    """Return a field's value as a person reads it; empty for unknown."""
    if isinstance(field, FieldList):
        rows = [_row_words(entry.form) for entry in field.entries]
        return "\n".join(row for row in rows if row)
    if isinstance(field, SelectFieldBase):
        return _chosen(field)
    if isinstance(field, BooleanField):
        return gettext("是") if field.data else gettext("否")
    if isinstance(field, CodeField | CodeListField):
        return field._value()
    if isinstance(field, SkillLevelsField):
        named = [row for row in field.rows() if row.text]
        return gettext("、").join(f"{row.text} {'★' * (row.level or 0)}".strip() for row in named)
    data: Any = field.data
    return "" if data is None else str(data)


def _chosen(field: Any) -> str:
    return gettext("、").join(str(option.label.text) for option in field if option.checked)


def _row_words(form: Form) -> str:
    parts = [words_of(field) for field in form if not isinstance(field, BooleanField)]
    ticked = [str(f.label.text) for f in form if isinstance(f, BooleanField) and f.data]
    return " · ".join(part for part in [*parts, *ticked] if part)
