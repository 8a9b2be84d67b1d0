"""All that is wrong with a form in one round: the service's refusals beside errors of shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from wtforms import Field, FieldList, Form, FormField, StringField

from matchboard.domain.errors import DomainError, InvalidInput, StaleEdit, problems_of
from matchboard.services import transaction
from matchboard.web.forms.base import BaseForm, DecisionForm


def is_sound(form: BaseForm, act: Callable[[], Any]) -> bool:
    """Return whether a form is well shaped; if not, what `act` would refuse stands in it too.

    `act` is what the view does with a sound form: the same call, so that both say the same.

    Raises
    ------
    StaleEdit
        If the form decides on something that has changed since: a choice that is gone is no fault
        of whoever made it, and what changed comes first.
    """
    if form.validate():
        return True
    add_refusals(form, act)
    return False


def add_refusals(form: BaseForm, act: Callable[[], Any]) -> tuple[InvalidInput, ...]:
    """Put what `act` refuses beside the errors of a form that failed by its shape.

    The service is asked with the unreadable fields left blank, and whatever it did is rolled back:
    it only tells what it would say of the others, which is returned too.
    """
    found: tuple[InvalidInput, ...] = ()
    with _unreadable_left_blank(form):
        try:
            act()
        except InvalidInput as error:
            found = problems_of(error)
        except StaleEdit:
            if isinstance(form, DecisionForm):
                raise
        except (DomainError, ValueError, TypeError, *transaction.LOST_RACE):
            pass  # of a blank where it, or the table, needs a value, the service can say nothing
        finally:
            transaction.rollback()
    form.attach_missing(found)
    return found


@contextmanager
def _unreadable_left_blank(form: BaseForm) -> Iterator[None]:
    wrong = [(field, field.data) for field in _wrong_fields(form)]
    for field, _ in wrong:
        field.data = "" if isinstance(field, StringField) else None
    try:
        yield
    finally:
        for field, data in wrong:
            field.data = data


def _wrong_fields(form: Form) -> Iterator[Field]:
    """Return the fields with errors, those of rows too."""
    for field in form:
        if isinstance(field, FieldList):
            for entry in field.entries:
                if isinstance(entry, FormField):
                    yield from _wrong_fields(entry.form)
        elif field.errors:
            yield field
