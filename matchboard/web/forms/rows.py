"""Forms with lists of rows: a blank row is no row, rows are added and removed without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from wtforms import FieldList, Form, FormField

from matchboard.domain.errors import DomainError, InvalidInput, problems_of
from matchboard.labels import error_text
from matchboard.web import drafts
from matchboard.web.forms.base import BaseForm

#: Names of the buttons that change the rows and save nothing.
ADD_ROW, REMOVE_ROW = "add_row", "remove_row"


class RowForm(Form):
    """One row; a part of a form, so it carries no token of its own."""

    #: Fields that make a row: without any of them it is blank.
    KEYS: tuple[str, ...] = ()
    #: Field → another that may stand for it: unreadable, it leaves nothing to say of this one.
    STANDS_FOR: ClassVar[Mapping[str, str]] = {}

    class Meta(BaseForm.Meta):
        """The language of the page, and no second token."""

        csrf = False

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed into the row (what its selects show by default is nothing)."""
        return not any(self[name].data or _typed(self[name]) for name in self.KEYS)


class RowsForm(BaseForm):
    """A form with one `FieldList` of rows, named by `ROWS`."""

    ROWS = ""

    @property
    def list_field(self) -> FieldList:
        """The list of rows."""
        found: FieldList = self[self.ROWS]
        return found

    @property
    def rows(self) -> list[Any]:
        """The forms of the rows, of the class the list was declared with."""
        return [entry.form for entry in self.list_field.entries]

    def drop_blank(self) -> None:
        """Forget rows in which nothing was typed; service errors then count as the person does."""
        self.list_field.entries = [e for e in self.list_field.entries if not e.form.is_blank]

    def change_rows(self, pressed: Mapping[str, str]) -> bool:
        """Add or remove a row if such a button was pressed; say whether nothing is to be saved.

        That is also so where only the language was changed of a form that is kept nowhere.
        """
        if REMOVE_ROW in pressed:
            gone = f"{self.ROWS}-{pressed[REMOVE_ROW]}"
            self.list_field.entries = [e for e in self.list_field.entries if e.name != gone]
        if ADD_ROW in pressed:
            self.list_field.append_entry()
        return bool({ADD_ROW, REMOVE_ROW, drafts.SWITCH} & pressed.keys())

    def offer_blank(self) -> None:
        """Make sure there is a row to type into."""
        if not any(row.is_blank for row in self.rows):
            self.list_field.append_entry()

    def attach(self, error: DomainError) -> None:
        """Put a refusal beside the row's field it names (`skills-2-level`), else as any form does.

        The number counts rows as they were typed, without the blank ones.
        """
        problems = problems_of(error)
        for problem in problems:
            field = self._row_field(problem)
            if field is None:
                super().attach(problem)
            else:
                field.errors = [*field.errors, error_text(problem)]
                self.note_row_errors()

    def attach_missing(self, problems: Sequence[InvalidInput]) -> None:
        """Put problems beside their fields, but for fields of a row wrong by their shape."""
        for problem in problems:
            field = self._row_field(problem)
            if field is None and problem.field == self.ROWS:
                self.attach(problem)  # of the list as a whole, whatever its rows hold
            elif field is None:
                super().attach_missing([problem])
            elif not field.errors and not self._stands_for(problem):
                self.attach(problem)

    def _stands_for(self, problem: InvalidInput) -> bool:
        """Return whether the field that may stand for a row's empty one cannot be read."""
        _, number, name = (problem.field or "").split("-", 2)
        row = self.list_field.entries[int(number)].form
        other = row.STANDS_FOR.get(name)
        return other is not None and bool(row[other].errors)

    @property
    def list_errors(self) -> list[str]:
        """What is wrong with the list as a whole; each row shows its own errors."""
        return [error for error in self.list_field.errors if isinstance(error, str)]

    def note_row_errors(self) -> None:
        """Let the form know of errors put into its rows after validation (WTForms copies them)."""
        own = self.list_errors
        self.list_field.errors = [*own, *(e.errors for e in self.list_field.entries if e.errors)]

    def _row_field(self, problem: DomainError) -> Any:
        name = problem.field if isinstance(problem, InvalidInput) else None
        parts = (name or "").split("-", 2)
        if len(parts) != 3 or parts[0] != self.ROWS or not parts[1].isdigit():
            return None
        entries = self.list_field.entries
        index = int(parts[1])
        if index >= len(entries) or parts[2] not in entries[index].form:
            return None
        return entries[index].form[parts[2]]


def row_field(form_class: type[RowForm]) -> FormField:
    """Return the field of one row."""
    return FormField(form_class)


def _typed(field: Any) -> str:
    raw = field.raw_data
    return str(raw[0]).strip() if raw else ""
