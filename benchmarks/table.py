"""What every benchmark shares: timing, the table, the growth exponent."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """Hold one line: size, what was measured, value, unit, and the goal if there is one."""

    n: int
    what: str
    value: float
    unit: str
    goal: str


def best_ms(work: Callable[[], object], repeats: int) -> float:
    """Return the least time of several runs, in milliseconds."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return 1000 * min(times)


def growth(rows: Sequence[Row]) -> list[Row]:
    """Return the growth exponent of each time between the smallest and the largest size.

    1 grows like the size, 0 not at all.
    """
    low, high = min(row.n for row in rows), max(row.n for row in rows)
    if low == high:
        return []
    small = {row.what: row.value for row in rows if row.n == low and row.unit == "ms"}
    return [
        Row(
            row.n,
            f"growth exponent: {row.what}",
            math.log(row.value / small[row.what]) / math.log(high / low),
            "",
            "",
        )
        for row in rows
        if row.n == high and row.what in small
    ]


def print_table(title: str, rows: Sequence[Row]) -> None:
    """Print the rows under a title."""
    print(f"\n{title}\n{'size':>9}  {'figure':<56} {'value':>10} {'unit':<6} goal")
    for row in rows:
        print(f"{row.n:>9}  {row.what:<56} {row.value:>10.3f} {row.unit:<6} {row.goal}")
