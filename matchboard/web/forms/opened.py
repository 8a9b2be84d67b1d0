"""What a form was opened with, carried along: which fields somebody changed, and which not.

When a record was saved by somebody else meanwhile, a field that was left alone must not write its
old value over the new one. The record as it was is stored nowhere, so the form carries a digest of
each field; nothing but the choice between two values the person sees rests on it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from wtforms import BooleanField, Field, FieldList, Form, FormField, HiddenField
from wtforms.fields.choices import SelectFieldBase

from matchboard.web.forms.fields import SkillLevelsField
from matchboard.web.forms.stored import plain

_STATE = "@"
_LONGEST = 20_000


class OpenedField(HiddenField):
    """Digests of the fields as the page showed them, and of the record's state beside them."""

    form: Form | None = None
    state: str = ""

    def _value(self) -> str:
        """Return what was sent, or on a record's fresh page what the fields show."""
        if self.data or self.form is None or not self.form["version"].data:
            return str(self.data or "")
        return self.pack()

    def pack(self) -> str:
        """Return the digests of what the form holds now."""
        if self.form is None:
            return ""
        found = [(one.name, said(one)) for field in self.form for one in leaves(field)]
        if self.state:
            found.append((_STATE, self.state))
        return " ".join(f"{name}:{_digest(value)}" for name, value in found)

    def is_touched(self, field: Field) -> bool:
        """Return whether a field says something else than when the form was opened.

        A list does if it has other rows, or one of them does.
        """
        if isinstance(field, FieldList):
            now = {one.name for one in leaves(field)}
            return now != self.names_of(field) or any(self.is_touched(one) for one in leaves(field))
        return self._known().get(field.name) != _digest(said(field))

    def names_of(self, rows: FieldList) -> set[str]:
        """Return the names of a list's fields when the form was opened."""
        return {name for name in self._known() if name.startswith(f"{rows.name}-")}

    def is_other_state(self) -> bool:
        """Return whether the record stood elsewhere when the form was opened."""
        known = self._known().get(_STATE)
        return known is not None and known != _digest(self.state)

    def _known(self) -> dict[str, str]:
        pairs = (one.rpartition(":") for one in str(self.data or "")[:_LONGEST].split())
        return {name: digest for name, _, digest in pairs}


def leaves(field: Any) -> Iterator[Any]:
    """Yield the fields that hold a value: a list's rows in parts, without the blank ones."""
    if isinstance(field, FieldList):
        for entry in field.entries:
            yield from leaves(entry)
    elif isinstance(field, FormField):
        if not getattr(field.form, "is_blank", False):
            yield from (one for one in field.form if not isinstance(one, HiddenField))
    elif not isinstance(field, HiddenField):
        yield field


def said(field: Any) -> Any:
    """Return what a field says: the same when it comes back as it was shown."""
    if isinstance(field, SkillLevelsField):
        return [(row.text, row.level) for row in field.rows() if row.text]
    if isinstance(field, SelectFieldBase):
        return sorted(str(one.data) for one in field if one.checked and one.data not in (None, ""))
    if isinstance(field, BooleanField):
        return bool(field.data)
    if hasattr(field, "shows") and field.data:
        return str(field.data)
    return plain(str(field.raw_data[0] if field.raw_data else field._value()))


def _digest(value: Any) -> str:
    return f"{zlib.crc32(repr(value).encode()):08x}"
