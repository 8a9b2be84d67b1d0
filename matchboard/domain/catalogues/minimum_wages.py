"""Dated local minimum wages (最低工资规定)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from matchboard.domain.catalogues.reading import read_rows


@dataclass(frozen=True, slots=True)
class MinimumWage:
    """The wage no post of a place may undercut, from the day it took effect."""

    division_prefix: str
    wage_class: int
    monthly_cny: Decimal
    hourly_cny: Decimal
    effective_from: date
    is_verified: bool


def minimum_wage(division_code: str, *, on: date) -> MinimumWage | None:
    """Return the standard in force at a place, or None if the table has no row for it.

    The longest matching prefix decides. Where a province has several classes and the county's
    class is not in the table, the lowest is returned: the bar a wage surely has to pass.
    """
    in_force = [row for row in _rows() if row.effective_from <= on]
    for length in (6, 4, 2):
        local = [row for row in in_force if row.division_prefix == division_code[:length]]
        if local:
            latest = max(row.effective_from for row in local)
            return min(
                (row for row in local if row.effective_from == latest),
                key=lambda row: row.monthly_cny,
            )
    return None


def lowest_minimum_wage(*, on: date) -> Decimal:
    """Return the monthly standard no place undercuts: the bar where the place is not known."""
    wages = (minimum_wage(row.division_prefix, on=on) for row in _rows())
    return min(wage.monthly_cny for wage in wages if wage is not None)


@cache
def _rows() -> tuple[MinimumWage, ...]:
    return tuple(
        MinimumWage(
            division_prefix=row["division_prefix"],
            wage_class=int(row["class"]),
            monthly_cny=Decimal(row["monthly_cny"]),
            hourly_cny=Decimal(row["hourly_cny"]),
            effective_from=date.fromisoformat(row["effective_from"]),
            is_verified=row["unverified"] != "1",
        )
        for row in read_rows("minimum_wages.csv")
    )
