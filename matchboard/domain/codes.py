"""Codes as the database holds them: it may be older than this version, or come from elsewhere."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

Code = TypeVar("Code", bound=StrEnum)


class UnknownCode(str):
    """A stored code this version does not know: shown as "unknown", kept as it is."""

    __slots__ = ()

    @property
    def value(self) -> str:
        """The code, as of a member."""
        return str(self)


def read_code(codes: type[Code], stored: str) -> Code | UnknownCode:
    """Return the member a stored text stands for, or that it stands for none.

    >>> class Colour(StrEnum):
    ...     RED = "red"
    >>> read_code(Colour, "red")
    <Colour.RED: 'red'>
    >>> read_code(Colour, "octarine").value
    'octarine'
    """
    try:
        return codes(stored)
    except ValueError:
        return UnknownCode(stored)
