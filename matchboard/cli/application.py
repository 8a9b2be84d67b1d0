"""What every command stands on: the application of the environment, and refusals in one line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

import click
from flask import Flask

from matchboard import create_app
from matchboard.config import MissingSetting
from matchboard.domain.errors import DomainError, InvalidInput
from matchboard.extensions import db
from matchboard.labels import error_text
from matchboard.services import transaction

Command = TypeVar("Command", bound=Callable[..., Any])


@contextmanager
def application() -> Iterator[Flask]:
    """Yield the application of the environment with its context pushed."""
    try:
        app = create_app()
    except MissingSetting as error:
        raise click.ClickException(
            f"{error}. Set them in the environment, or work on the demo: `matchboard --demo ...`."
        ) from error
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def in_application(function: Command) -> Command:
    """Run a command inside the application; say a refusal in one line and exit with 1."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        with application() as app, app.test_request_context(headers=_language()):
            try:
                return function(*args, **kwargs)
            except DomainError as error:
                transaction.rollback()
                raise click.ClickException(_words(error)) from error

    return run  # type: ignore[return-value]


def _language() -> dict[str, str]:
    """Return the terminal's language as a browser says it; labels need one."""
    named = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return {"Accept-Language": next(filter(None, named), "zh")[:2]}


def _words(error: DomainError) -> str:
    where = f" ({error.field})" if isinstance(error, InvalidInput) and error.field else ""
    return f"{error_text(error)}{where}"
