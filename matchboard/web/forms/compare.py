"""What was typed beside what was saved meanwhile, both in words (the page of a stale edit)."""

from __future__ import annotations

from dataclasses import dataclass
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

from matchboard.domain.roles import Role
from matchboard.labels import label, label_of
from matchboard.services.seen import last_change
from matchboard.web.forms.base import BaseForm, Difference
from matchboard.web.forms.fields import CodeField, CodeListField, SkillLevelsField
from matchboard.web.forms.opened import OpenedField, leaves
from matchboard.web.template_setup import localtime


@dataclass(frozen=True, slots=True)
class StaleForm:
    """What the page says when a record was saved after its form was opened.

    `mine` are fields the person changed that the record says otherwise by now (typed, saved);
    `taken` those left alone, which now show what somebody else saved (before, now). `state` and
    `reason` are the record's where it stands elsewhere than when the form was opened.
    """

    mine: tuple[Difference, ...]
    taken: tuple[Difference, ...]
    state: str = ""
    reason: str = ""
    who: str = ""
    when: str = ""


def settle(form: BaseForm, saved: BaseForm, subject: Any = None) -> StaleForm:
    """Put a stale form on the record as it is now; return what differs.

    What somebody typed stays. What was left alone takes the value saved meanwhile, so that sending
    the form again writes what the person changed, and nothing back that somebody else did.
    """
    mine: list[Difference] = []
    taken: list[Difference] = []
    opened, now = form.opened, saved.opened
    if opened is None or now is None:
        raise TypeError(f"{type(form).__name__} edits no record")
    for field in list(form):
        if isinstance(field, HiddenField) or field.short_name not in saved:
            continue
        theirs = saved[field.short_name]
        found = Difference(str(field.label.text), words_of(field), words_of(theirs))
        is_touched = not opened.data or opened.is_touched(field)
        if not is_touched:
            _take(form, theirs)
        elif isinstance(field, FieldList):
            _take_parts(opened, field, theirs)
        if found.typed != found.saved:
            (mine if is_touched else taken).append(found)
    moved = subject is not None and opened.is_other_state()
    form.version.data = saved.version.data
    opened.data = now.pack()
    who, when = last_change_words(subject)
    return StaleForm(
        mine=tuple(mine),
        taken=tuple(taken),
        state=label(subject.state) if moved else "",
        reason=(getattr(subject, "state_reason", "") or "") if moved else "",
        who=who,
        when=when,
    )


def last_change_words(*subjects: Any) -> tuple[str, str]:
    """Return who wrote last to one of the records, and when; empty if nobody did."""
    last = last_change(*subjects)
    if last is None:
        return "", ""
    # As the pages call the person everything is about.
    who = gettext("本人") if last.role == Role.CLIENT else label_of(Role, last.role)
    return who, localtime(last.at)


def _take(form: Form, field: Field) -> None:
    form._fields[field.short_name] = field
    setattr(form, field.short_name, field)


def _take_parts(opened: OpenedField, typed: FieldList, saved: FieldList) -> None:
    """Let what was left alone in the rows be what was saved, where nobody took a row away."""
    known = opened.names_of(typed)
    if not known <= {one.name for one in leaves(saved)}:
        return
    ours = {row.name: row for row in typed.entries}
    theirs = {row.name: row for row in saved.entries}
    for name, row in theirs.items():
        if name not in ours and not any(one.name in known for one in leaves(row)):
            typed.entries.append(row)
    for row in ours.values():
        for part in list(leaves(row)):
            if row.name in theirs and not opened.is_touched(part):
                _take(row.form, theirs[row.name].form[part.short_name])


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
    if isinstance(data, float):
        return f"{data:g}"
    return "" if data is None else str(data)


def _chosen(field: Any) -> str:
    return gettext("、").join(str(option.label.text) for option in field if option.checked)


def _row_words(form: Form) -> str:
    parts = [words_of(field) for field in form if not isinstance(field, BooleanField)]
    ticked = [str(f.label.text) for f in form if isinstance(f, BooleanField) and f.data]
    return " · ".join(part for part in [*parts, *ticked] if part)
