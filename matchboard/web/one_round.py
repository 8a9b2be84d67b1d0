"""All that is wrong with a form in one round: the service's refusals beside errors of shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wtforms import StringField

from matchboard.domain.errors import DomainError, InvalidFields, InvalidInput
from matchboard.services import transaction
from matchboard.web.forms.base import BaseForm


def add_refusals(form: BaseForm, act: Callable[[], Any]) -> tuple[InvalidInput, ...]:
    """Put what `act` refuses beside the errors of a form that failed by its shape.

    The service is asked with the unreadable fields left blank, and whatever it did is rolled back:
    it only tells what it would say of the others, which is returned too.
    """
    wrong = {name: form[name].data for name, errors in form.errors.items() if name and errors}
    for name in wrong:
        form[name].data = "" if isinstance(form[name], StringField) else None
    found: tuple[InvalidInput, ...] = ()
    try:
        act()
    except InvalidFields as error:
        found = tuple(error.problems)
    except InvalidInput as error:
        found = (error,)
    except (DomainError, ValueError, TypeError, *transaction.LOST_RACE):
        pass  # of a blank where it, or the table, needs a value, the service can say nothing
    finally:
        transaction.rollback()
        for name, data in wrong.items():
            form[name].data = data
    form.attach_missing(found)
    return found
