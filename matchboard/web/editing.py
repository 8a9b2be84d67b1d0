"""A page that edits a record, written once; a view says what is particular to its subject.

A form that is sent is taken once (`submissions`), judged in one round (`one_round`) and saved;
success is said after the commit (`notices`). Whatever was refused is rolled back, the record read
anew, and the page drawn with what was typed: with all that is wrong (422), or, where somebody saved
the record after the form was opened, with both versions settled into one form (409).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import make_response, request
from flask.typing import ResponseReturnValue

from matchboard.domain.errors import Conflict, DomainError, InvalidInput, StaleEdit
from matchboard.services import transaction
from matchboard.web.forms.base import BaseForm
from matchboard.web.forms.compare import StaleForm, settle
from matchboard.web.forms.rows import RowsForm
from matchboard.web.notices import flash
from matchboard.web.one_round import is_sound
from matchboard.web.responses import see_other
from matchboard.web.submissions import single_submission

Page = Callable[[Any, Any, StaleForm | None], ResponseReturnValue]


def is_to_be_saved(form: BaseForm) -> bool:
    """Return whether a form is sent to be saved: not opened, not given another row."""
    if request.method != "POST":
        return False
    if isinstance(form, RowsForm):
        if form.change_rows(request.form):
            return False
        form.drop_blank()
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What is particular to one subject's edit page.

    `load` reads the subject, or refuses; it is asked again after a refusal. `form` makes the form
    that shows the subject, and hands what else it is given to the form's class. `save` is the use
    case: StaleEdit if the form's version is not the subject's. `page` draws the page, and what
    somebody else saved meanwhile. `done` says what saving came to and leads on (`lead_on`); it is
    given what `save` returned.
    """

    load: Callable[[], Any]
    form: Callable[..., Any]
    save: Callable[[Any, Any], Any]
    page: Page
    done: Callable[[Any, Any], ResponseReturnValue]
    #: Whether the form is sent to be saved: a button may ask a question, and save nothing.
    is_sent: Callable[[Any], bool] = is_to_be_saved
    #: Whether nothing stands against what was typed; otherwise all of it is on the form.
    is_sound: Callable[[Any, Any, Callable[[], Any]], bool] = lambda _, form, save: is_sound(
        form, save
    )
    #: The form of the subject as it is now, where reading that takes more than `form`.
    saved: Callable[[Any, Any], BaseForm] | None = None


def edit_page(edit: Edit) -> ResponseReturnValue:
    """Show a record's form, or take what it sends."""
    subject = edit.load()
    form = edit.form(subject).on(subject)
    if edit.is_sent(form):
        return _take(edit, subject, form)
    return edit.page(subject, form, None)


def lead_on(words: str, address: str) -> ResponseReturnValue:
    """Say once it is saved what was done, and lead to where it shows."""
    flash(words, "success")
    return see_other(address)


@single_submission
def _take(edit: Edit, subject: Any, form: Any) -> ResponseReturnValue:
    def save() -> Any:
        return edit.save(subject, form)

    refusal: DomainError | None = None
    try:
        if edit.is_sound(subject, form, save):
            return edit.done(subject, save())
    except (InvalidInput, Conflict) as error:
        refusal = error
    transaction.rollback()
    subject = edit.load()
    stale = None
    if isinstance(refusal, StaleEdit):
        stale = settle(form, _saved_form(edit, subject, form), subject)
    elif refusal is not None:
        form.attach(refusal)
    response = make_response(edit.page(subject, form, stale))
    response.status_code = 409 if isinstance(refusal, Conflict) else 422
    return response


def _saved_form(edit: Edit, subject: Any, sent: Any) -> BaseForm:
    """Return the form of the record as somebody else saved it, read after the refusal."""
    found: BaseForm = edit.saved(subject, sent) if edit.saved else edit.form(subject, formdata=None)
    return found.on(subject)
