"""What work done, told and wished for says of each occupation; how fresh a course is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.codebook import CodeBook, canonical

WRITTEN_SHARE = 0.5
WISHED_SHARE = 0.3


def experience_of(book: CodeBook, entries: list[tuple[str, float]]) -> npt.NDArray[np.float32]:
    """Return how much experience counts in each occupation, from 0 to 1."""
    found = np.zeros(len(book.occupations), dtype=np.float32)
    for code, months in entries:
        weight = np.float32(1.0 - math.exp(-(months + 3.0) / 18.0))
        np.maximum(found, book.affinity(code) * weight, out=found)
    return found


def wish_of(book: CodeBook, entries: list[tuple[str, float]]) -> npt.NDArray[np.float32]:
    """Return how near each occupation is to one wished for, from 0 to 1."""
    found = np.zeros(len(book.occupations), dtype=np.float32)
    for code, _ in entries:
        np.maximum(found, book.affinity(code), out=found)
    return found


def with_written(
    stated: npt.NDArray[np.float32], written: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Return the greater of stated and half the written experience: words never lower it."""
    found: npt.NDArray[np.float32] = np.maximum(stated, np.float32(WRITTEN_SHARE) * written)
    return found


def practice_of(
    stated: npt.NDArray[np.float32], told: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Return experience by codes and words together: their mean where both speak."""
    if not stated.any() or not told.any():
        return np.maximum(stated, told)
    return np.float32(0.5) * (stated + told)


def worked_of(
    book: CodeBook, entries: list[tuple[str, float]], wishes: list[tuple[str, float]]
) -> npt.NDArray[np.float32]:
    """Return how near the work done comes to each occupation; a wish is a weak sign of it."""
    found = np.float32(WISHED_SHARE) * wish_of(book, wishes)
    for code, _ in entries:
        np.maximum(found, book.affinity(code), out=found)
    return found


def sector_of(book: CodeBook, entries: list[tuple[str, float]]) -> npt.NDArray[np.float32]:
    """Return how much experience in its branch counts in each occupation, from 0 to 1."""
    months: dict[str, float] = {}
    for code, size in entries:
        branch = "-".join(canonical(code).split("-")[:2])
        months[branch] = months.get(branch, 0.0) + size
    found = np.zeros(len(book.occupations), dtype=np.float32)
    for branch, size in months.items():
        found[book.covered_by(branch)] = 1.0 - math.exp(-size / 24.0)
    return found


def recency(trained_day: int, days: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return how recent a course is on some days: 1 on the day it ended, 0 before or without one.

    Examples
    --------
    >>> recency(100, np.array([99, 100, 465])).round(3).tolist()
    [0.0, 1.0, 0.368]
    """
    fresh = np.exp(-(days - trained_day) / 365.0)
    found: npt.NDArray[np.float64] = np.where((trained_day < 0) | (days < trained_day), 0.0, fresh)
    return found
