"""Typed errors; the web maps each once to a status (see `matchboard.web.errors`).

Every error carries a `code` (a key of `matchboard.labels`) and details, never prose: the words are
chosen where the person's language is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, overload

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


class Faults:
    """All that stands against an input, noted rule by rule, to be told at once.

    Of a field the first fault counts: what else is wrong with it often follows from that one.
    """

    def __init__(self) -> None:
        self.found: list[InvalidInput] = []

    def add(self, *problems: InvalidInput) -> None:
        """Note faults; those of a field that has one already are left out."""
        for problem in problems:
            if problem.field is None or not self.concern(problem.field):
                self.found.append(problem)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note what is refused inside instead of stopping there; a conflict stops all the same.

        Faults noted before a conflict are the ones told: they are the person's to mend.
        """
        try:
            yield
        except InvalidFields as error:
            self.add(*error.problems)
        except InvalidInput as error:
            self.add(error)
        except Conflict:
            self.refuse()
            raise

    def concern(self, *fields: str) -> bool:
        """Return whether a fault of one of the fields is noted."""
        return any(problem.field in fields for problem in self.found)

    def refuse(self) -> None:
        """Raise what was noted, one fault as itself; do nothing if there is none."""
        if len(self.found) == 1:
            raise self.found[0]
        if self.found:
            raise InvalidFields(self.found)


@overload
def problems_of(error: InvalidInput) -> tuple[InvalidInput, ...]: ...
@overload
def problems_of(error: DomainError) -> tuple[DomainError, ...]: ...
def problems_of(error: DomainError) -> tuple[DomainError, ...]:
    """Return what an error tells of: each fault at its own field, or the error itself."""
    return error.problems if isinstance(error, InvalidFields) else (error,)


def required(value: Value | None, field: str) -> Value:
    """Return `value`; raise `InvalidInput("required")` for the field if it is None."""
    if value is None:
        raise InvalidInput("required", field=field)
    return value
