"""Answers written down line by line: how they are put into lines, kept, and compared."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from math import isclose
from pathlib import Path
from typing import Any

import numpy as np

Line = tuple[str, str]


def listed(path: Path) -> list[Line]:
    """Return the lines of a list."""
    with path.open(encoding="utf-8", newline="") as handle:
        return [(row["of"], row["figure"]) for row in csv.DictReader(handle)]


def write(path: Path, lines: Iterable[Line]) -> None:
    """Write a list anew; done by hand after a change made on purpose, whose diff is then read."""
    found = list(lines)
    with path.open("w", encoding="utf-8", newline="") as handle:
        rows = csv.writer(handle, lineterminator="\n")
        rows.writerows([("of", "figure"), *found])


def differences(found: Iterable[Line], told: Iterable[Line]) -> list[str]:
    """Return the lines that say something else than the list, those that are new or gone too."""
    ours, theirs = dict(found), dict(told)
    return [
        f"{name}: {ours.get(name)} instead of {theirs.get(name)}"
        for name in {**theirs, **ours}
        if name not in ours or name not in theirs or is_moved(ours[name], theirs[name])
    ]


def is_moved(found: str, told: str) -> bool:
    """Return whether a line differs by more than arithmetic may from machine to machine."""
    if found == told:
        return False
    ours, theirs = found.split(" "), told.split(" ")
    return len(ours) != len(theirs) or not all(map(_is_near, ours, theirs))


def _is_near(one: str, other: str) -> bool:
    if one == other:
        return True
    try:
        return isclose(float(one.strip("[]")), float(other.strip("[]")), rel_tol=1e-4, abs_tol=1e-5)
    except ValueError:
        return False


def plain(value: Any, name: str) -> Iterator[Line]:
    """Yield an answer in lines: its plain figures in one, then each part of it that has parts."""
    parts = _parts(value)
    if parts is None:
        yield name, figure(value)
        return
    own = {key: one for key, one in parts.items() if _parts(one) is None}
    if own:
        yield name, " ".join(figure(one) for one in own.values())
    for key, one in parts.items():
        if key not in own:
            yield from plain(one, f"{name} {key}")


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
