"""Read the real cases of fiscal year 2017 that lie beside the repository, where they do."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DIRECTORY = Path(__file__).resolve().parents[2] / "shared" / "data" / "refugee_fy17"


@dataclass(frozen=True)
class Cases:
    """Hold values, allowed pairs, persons a case, and two capacities in persons."""

    value: np.ndarray
    allowed: np.ndarray
    size: np.ndarray
    stated: np.ndarray
    actual: np.ndarray


def read_cases(directory: Path = DIRECTORY) -> Cases:
    """Read the four files; sites stand in the order of the capacities."""
    capacities = _rows(directory / "capacities.csv")
    sites = [row["affiliate"] for row in capacities]
    sizes = {row["case"]: int(row["total"]) for row in _rows(directory / "sizes.csv")}
    weights = _rows(directory / "weights.csv")
    fits = {row["case"]: row for row in _rows(directory / "compatibility.csv")}
    return Cases(
        value=np.array([[float(row[site]) for site in sites] for row in weights]),
        allowed=np.array([[fits[row["case"]][site] == "1" for site in sites] for row in weights]),
        size=np.array([sizes[row["case"]] for row in weights]),
        stated=np.array([int(row["stated_capacity"]) for row in capacities]),
        actual=np.array([int(row["actual_total"]) for row in capacities]),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
