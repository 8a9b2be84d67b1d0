"""Answers in lines, to be written down in a register (tests/registers.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import numpy as np

Line = tuple[str, str]


def parts_of(*parts: Callable[[], Iterator[Line]]) -> dict[str, list[str]]:
    """Return the lines of each part of a register, by what the part is named after."""
    return {
        part.__name__.removeprefix("of_"): [f"{name}: {said}" for name, said in part()]
        for part in parts
    }


def plain(value: Any, name: str) -> Iterator[Line]:
    """Yield an answer in lines: its plain figures in one, each row of a list in one of its own."""
    parts = _parts(value)
    if parts is None:
        yield name, figure(value)
        return
    own = [figure(one) for one in parts.values() if _parts(one) is None]
    if own:
        yield name, " ".join(own)
    for key, one in parts.items():
        if _parts(one) is None:
            continue
        if isinstance(one, list | tuple):
            yield from ((f"{name} {key} {place}", flat(row)) for place, row in enumerate(one))
        else:
            yield from plain(one, f"{name} {key}")


def flat(value: Any) -> str:
    """Return an answer with all its parts in one line."""
    parts = _parts(value)
    if parts is None:
        return figure(value)
    own = " ".join(figure(one) for one in parts.values() if _parts(one) is None)
    inner = [flat(one) for one in parts.values() if _parts(one) is not None]
    return " | ".join(filter(None, [own, *inner]))


def _parts(value: Any) -> dict[str, Any] | None:
    """Return the named parts of an answer, None if it is one figure; figures in a row are one."""
    if isinstance(value, np.ndarray):
        return None
    if isinstance(value, dict):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in fields(value)}
    if isinstance(value, (list, tuple)) and any(_parts(one) is not None for one in value):
        return {str(place): one for place, one in enumerate(value)}
    return None


def figure(value: object) -> str:
    """Return a number to six places: what a machine's arithmetic adds behind them is left out."""
    if isinstance(value, Enum):
        return str(value.name)
    if isinstance(value, (set, frozenset)):
        return f"{{{' '.join(sorted(map(figure, value)))}}}"
    if isinstance(value, (float, np.floating)):
        return f"{round(float(value), 6) + 0.0:.6g}"
    if isinstance(value, (np.ndarray, list, tuple)):
        each = value.ravel().tolist() if isinstance(value, np.ndarray) else value
        return f"[{' '.join(map(figure, each))}]"
    return str(value) or "''"
