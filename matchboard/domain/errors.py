"""Typed errors; the web maps each once to a status (see `matchboard.web.errors`).

Every error carries a `code` (a key of `matchboard.labels`) and details, never prose: the words are
chosen where the person's language is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

Value = TypeVar("Value")


class DomainError(Exception):
    """Base of every refusal a person may cause."""

    code = "error"

    def __init__(self, code: str | None = None, **details: Any) -> None:
        self.code = code or type(self).code
        self.details = details
        super().__init__(f"{self.code} {details}" if details else self.code)


class NotFound(DomainError):
    """The record does not exist or lies outside the actor's scope: both look alike (404)."""

    code = "not_found"


class NotAllowed(DomainError):
    """The actor's role may not do this (403)."""

    code = "not_allowed"


class InvalidInput(DomainError):
    """A value breaks a rule (422). `field` names the form field it belongs to, if any."""

    code = "invalid"

    def __init__(self, code: str, *, field: str | None = None, **details: Any) -> None:
        super().__init__(code, **details)
        self.field = field


class Conflict(DomainError):
    """The record is not in a state in which this can be done (409)."""

    code = "conflict"


class StaleEdit(Conflict):
    """Somebody saved the record after this form was opened (409, both versions are shown)."""

    code = "stale_edit"


class DuplicateRecord(Conflict):
    """A record with the same key exists; `pid` names it where the actor may see it."""

    code = "duplicate"


class HeadcountExhausted(Conflict):
    """Every place of the opening is reserved or filled."""

    code = "headcount_exhausted"


class InvalidFields(InvalidInput):
    """Several values break rules at once; `problems` holds one `InvalidInput` each."""

    def __init__(self, problems: Sequence[InvalidInput]) -> None:
        super().__init__("invalid")
        self.problems = tuple(problems)


def required(value: Value | None, field: str) -> Value:
    """Return `value`; raise `InvalidInput("required")` for the field if it is None."""
    if value is None:
        raise InvalidInput("required", field=field)
    return value
