"""What a form carries of a record: an edit writes that, and leaves alone what it does not show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Input = TypeVar("Input", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class Carried(Generic[Input]):
    """Some fields of an input. A name that is missing is unchanged; None is "unknown" typed.

    >>> @dataclass(frozen=True)
    ... class Shift:
    ...     starts_at: int | None = None
    ...     n_people: int | None = None
    >>> Carried[Shift]({"n_people": None}).over(Shift(8, 3))
    Shift(starts_at=8, n_people=None)
    """

    values: Mapping[str, Any]

    def over(self, stored: Input) -> Input:
        """Return the stored input with what is carried in its place.

        Raises
        ------
        TypeError
            If a name is carried that the input does not have.
        """
        return replace(stored, **self.values)

    def without(self, *names: str) -> Carried[Input]:
        """Return the same, with some fields no longer carried: they are not this person's."""
        return Carried({n: value for n, value in self.values.items() if n not in names})


def whole(values: Input) -> Carried[Input]:
    """Return an input that was given completely, every field of it carried."""
    return Carried({name: getattr(values, name) for name in values.__dataclass_fields__})


def carried_of(given: Input | Carried[Input]) -> Carried[Input]:
    """Return what is carried, be the input given in part or as a whole."""
    return given if isinstance(given, Carried) else whole(given)
