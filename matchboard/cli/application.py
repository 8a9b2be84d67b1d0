"""What every command stands on: the application of the environment, and refusals in one line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from flask import Flask
from flask_babel import LazyString, lazy_gettext as _l

from matchboard import config, create_app
from matchboard.cli.readiness import require_ready
from matchboard.domain.errors import DomainError, InvalidInput, problems_of
from matchboard.extensions import db
from matchboard.labels import error_text
from matchboard.services import transaction

Command = TypeVar("Command", bound=Callable[..., Any])

#: Fields of the forms that a command takes under another name.
_OPTIONS = {
    "display_name": "--name",
    "is_office_head": "--head",
    "division_code": "--division",
    "offices": "--office",
    "unit_pid": "--unit",
}
#: What helps with an option nobody knows by heart.
_HINTS: dict[str, LazyString] = {
    "--unit": _l("单位编号见“matchboard units”。"),
    "--division": _l("可以写名称（例如 四川省成都市新都区）或六位区划代码。"),
}

_READABLE_BY_OTHERS = 0o077


@contextmanager
def application(*, pages: bool = True) -> Iterator[Flask]:
    """Yield the application of the environment with its context pushed.

    Without `pages` it is loaded without everything that draws and ranks, in a third of the time.
    """
    try:
        app = create_app(pages=pages)
    except config.WrongSettings as error:
        raise click.ClickException(
            f"{error}. Set them in the environment (docs/operating.md says how), or work on the "
            "demo: `matchboard --demo ...`."
        ) from error
    keep_private(app)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def keep_private(app: Flask) -> None:
    """Close to other accounts what earlier versions left open; what is made now is born closed.

    A file beside a SQLite database gets the rights of the database itself.
    """
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    names = [app.config["QUEUE_FILE"], *([url[10:]] if url.startswith("sqlite:///") else ())]
    files = (Path(name + end) for name in names for end in ("", "-wal", "-shm"))
    for path in (config.INSTANCE, *files):
        with suppress(FileNotFoundError, PermissionError):  # not made yet, or not ours to close
            mode = path.stat().st_mode & 0o777
            if mode & _READABLE_BY_OTHERS:
                path.chmod(mode & ~_READABLE_BY_OTHERS)


def in_application(function: Command) -> Command:
    """Run a command inside the application; say a refusal in one line and exit with 1."""
    return _inside(function, pages=True)


def without_pages(function: Command) -> Command:
    """Do likewise for a command that needs neither pages nor accounts nor the ranking."""
    return _inside(function, pages=False)


def _inside(function: Command, *, pages: bool) -> Command:
    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        with application(pages=pages) as app, app.test_request_context(headers=_language()):
            require_ready()
            try:
                return function(*args, **kwargs)
            except DomainError as error:
                transaction.rollback()
                raise click.ClickException(refusal_words(error)) from error

    return run  # type: ignore[return-value]


def _language() -> dict[str, str]:
    """Return the terminal's language as a browser says it: English where asked for, else Chinese.

    One run speaks one language: what a command says itself, and what the site says of its data.
    """
    named = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return {"Accept-Language": next(filter(None, named), "zh")[:2]}


def refusal_words(error: DomainError) -> str:
    """Return what was refused; a value's fault names the option it came from."""
    problems = problems_of(error)
    return "\n".join(_line(problem) for problem in problems)


def _line(problem: DomainError) -> str:
    option = _option(problem.field) if isinstance(problem, InvalidInput) and problem.field else ""
    words = f"{option}: {error_text(problem)}" if option else error_text(problem)
    return f"{words} {_HINTS[option]}" if option in _HINTS else words


def _option(field: str) -> str:
    """Return the name under which the running command takes a field, empty if it takes none."""
    name = _OPTIONS.get(field, f"--{field.replace('_', '-')}")
    context = click.get_current_context(silent=True)
    known = {o for p in context.command.params for o in p.opts} if context is not None else set()
    if name in known:
        return name
    return field.upper() if field in known else ""
