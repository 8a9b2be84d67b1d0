"""What every form of the site has: submission key, version, service errors on their fields."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from flask import g, request
from flask_babel import get_locale, lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, FileField, HiddenField, StringField
from wtforms.fields.choices import SelectFieldBase
from wtforms.fields.core import UnboundField
from wtforms.validators import DataRequired, InputRequired

from matchboard.domain.errors import DomainError, InvalidInput, problems_of
from matchboard.domain.text import readable
from matchboard.labels import error_text
from matchboard.web import drafts
from matchboard.web.forms.house_words import HouseWords
from matchboard.web.forms.opened import OpenedField
from matchboard.web.forms.stored import keep_stored
from matchboard.web.typed import whole_number

#: What a choice without words of its own says when nothing is chosen.
CHOOSE = _l("请选择一项。")
#: A pay missing in one field may stand, unreadable, in another.
_PAY = ("wage_min_cny_month", "wage_max_cny_month", "wage_hourly_cny")
_TOGETHER: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_PAY, _PAY),
    "interview_on": ("interview_time",),  # a day without its hour is no instant
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which somebody else's saved version differs from what was typed."""

    label: str
    typed: str
    saved: str


class BaseForm(FlaskForm):
    """Base of all forms.

    `submission_key` makes a double click one record (see `web.submissions`); `version` is the
    version of the record the form was opened on, `opened` what its fields said then.
    """

    form_errors: list[str]
    #: What a use case names otherwise than the form → the form's field.
    ASKED_AS: ClassVar[Mapping[str, str]] = {}

    submission_key = HiddenField(default=lambda: secrets.token_urlsafe(16))
    version = HiddenField()
    draft_token = HiddenField()
    opened: OpenedField | None = OpenedField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.opened is not None:
            self.opened.form = self
        if not args and "formdata" not in kwargs:
            # Back from signing in again: what was typed before counts more than what is stored.
            draft = drafts.fill(frozenset(field.name for field in self))
            if draft is not None:
                self.process(formdata=draft)
        if request.method == "POST" and kwargs.get("formdata", self) is not None:
            # Should nothing be saved, the page that says so names what was typed by its labels.
            g.setdefault("bound_forms", []).append(self)

    def process(self, formdata: Any = None, obj: Any = None, data: Any = None, **more: Any) -> None:
        """Read what was sent; a field that shows what is stored, or was not sent, keeps that."""
        super().process(formdata, obj, data, **more)
        sent = self.meta.wrap_formdata(self, formdata)
        if sent:
            for field in self:
                keep_stored(field, sent)

    def on(self, subject: Any) -> Self:
        """Note the state of the record the form is about, which no field shows."""
        if self.opened is not None:
            self.opened.state = str(getattr(subject, "state", ""))
        return self

    class Meta(FlaskForm.Meta):
        """Messages in the page's language, text without invisible characters, no JSON."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Read forms alone: the values of a JSON body are of any kind, nested at will."""
            is_asked_for = formdata is not None and not hasattr(formdata, "getlist")
            if is_asked_for and request.is_json:
                return None
            sent = super().wrap_formdata(form, formdata)
            if is_asked_for and request.files and not any(isinstance(f, FileField) for f in form):
                sent = request.form or None  # a file where words are asked for is nothing typed
            return _without_blanks(sent)

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            if issubclass(unbound_field.field_class, SelectFieldBase):
                _ask_to_choose(unbound_field)
            if issubclass(unbound_field.field_class, StringField):
                own = unbound_field.kwargs.get("filters", ())
                kwargs = {**unbound_field.kwargs, "filters": [_readable, *own]}
                unbound_field = UnboundField(
                    unbound_field.field_class, *unbound_field.args, **kwargs
                )
            return super().bind_field(form, unbound_field, options)

        def get_translations(self, form: Any) -> Any:
            locale = get_locale()
            self.locales = ["en"] if locale and locale.language == "en" else ["zh"]
            return HouseWords(super(FlaskForm.Meta, self).get_translations(form))

    @property
    def expected_version(self) -> int | None:
        """The version the form that was sent was opened on; None if it carries none.

        What the field holds instead is the stored record's: nobody has said they saw that.
        """
        sent = self.version.raw_data
        return whole_number(sent[0]) if sent else None

    def attach(self, error: DomainError) -> None:
        """Put a service's refusal beside the field it names, or on top of the form."""
        problems = problems_of(error)
        for problem in problems:
            name = self._asked_as(problem)
            text = error_text(problem)
            if name and name in self:
                field: Field = self[name]
                field.errors = [*field.errors, text]
            else:
                self.form_errors = [*self.form_errors, text]

    def attach_missing(self, problems: Sequence[InvalidInput]) -> None:
        """Put problems beside their fields, but for fields that are wrong by their shape.

        What cannot be read is said once; what follows from it being absent would mislead.
        """
        wrong = {name for name, errors in self.errors.items() if name and errors}
        for problem in problems:
            name = self._asked_as(problem)
            if not wrong & {name, *_TOGETHER.get(name, ())}:
                self.attach(problem)

    def _asked_as(self, problem: DomainError) -> str:
        """Return the name of the form's field a problem belongs to, empty if it names none."""
        name = (problem.field if isinstance(problem, InvalidInput) else None) or ""
        return self.ASKED_AS.get(name, name)

    def differences(self, saved: Mapping[str, Any]) -> list[Difference]:
        """Return the fields whose typed value differs from the saved one (409 page)."""
        return [
            Difference(str(self[name].label.text), str(self[name].data or ""), str(value or ""))
            for name, value in saved.items()
            if name in self and str(self[name].data or "") != str(value or "")
        ]


class DecisionForm(BaseForm):
    """Base of the forms that take a step: with the version they carry what the page showed.

    `web.seen.show_on` fills both in; what was sent stays until the person has seen the page anew.
    """

    opened: OpenedField | None = None
    seen = HiddenField()


def _ask_to_choose(field: UnboundField[Any]) -> None:
    """Let a choice that must be made ask for a choice, where it has no words of its own."""
    given = field.kwargs.get("validators") or (*field.args, None, None)[1]
    for check in given if isinstance(given, list | tuple) else ():
        if isinstance(check, InputRequired | DataRequired) and check.message is None:
            check.message = CHOOSE


def _readable(value: Any) -> Any:
    return readable(value) if isinstance(value, str) else value


def _without_blanks(sent: Any) -> Any:
    """Return what was sent, blanks alone as nothing.

    `Optional` takes them for nothing typed and drops the complaint that they are no choice, but
    leaves them the field's value.
    """
    pairs = [] if sent is None else list(sent.items(multi=True))
    if not any(_is_blank(value) for _, value in pairs):
        return sent
    return MultiDict([(name, "" if _is_blank(value) else value) for name, value in pairs])


def _is_blank(value: Any) -> bool:
    return isinstance(value, str) and value.isspace()
