"""Trades as people on the board name them, over the codes of the national classification."""

from __future__ import annotations

from enum import StrEnum


class JobTrade(StrEnum):
    """A group of occupations in plain words."""

    SEWING = "sewing"
    MACHINING = "machining"
    ELECTRICAL = "electrical"
    BUILDING = "building"
    MATERIALS = "materials"
    FOOD = "food"
    CLEANING = "cleaning"
    CARE = "care"
    DRIVING = "driving"
    WAREHOUSE = "warehouse"
    SALES = "sales"
    OFFICE = "office"
    SECURITY = "security"
    REPAIR = "repair"
    FARMING = "farming"
    TECHNICAL = "technical"


#: Beginnings of codes; none lies inside another trade's.
TRADE_PREFIXES: dict[JobTrade, tuple[str, ...]] = {
    JobTrade.SEWING: ("4-10-02", "6-04", "6-05"),
    JobTrade.MACHINING: ("6-17", "6-18", "6-19", "6-20", "6-21", "6-22", "6-23", "6-31"),
    JobTrade.ELECTRICAL: ("4-11", "6-24", "6-25", "6-26", "6-28"),
    JobTrade.BUILDING: ("6-29",),
    JobTrade.MATERIALS: (
        "6-06",
        "6-07",
        "6-08",
        "6-09",
        "6-10",
        "6-11",
        "6-12",
        "6-13",
        "6-14",
        "6-15",
        "6-16",
        "6-27",
    ),
    JobTrade.FOOD: ("4-03", "6-01", "6-02"),
    JobTrade.CLEANING: ("4-06", "4-09"),
    JobTrade.CARE: ("4-10-01", "4-10-03", "4-10-04", "4-10-06", "4-10-07", "4-14"),
    JobTrade.DRIVING: ("4-02-02", "4-02-07", "4-10-08", "6-30"),
    JobTrade.WAREHOUSE: ("4-02-05", "4-02-06"),
    JobTrade.SALES: ("4-01",),
    JobTrade.OFFICE: ("3-01", "4-05", "4-07-02", "4-07-03", "4-13"),
    JobTrade.SECURITY: ("3-02", "4-07-05"),
    JobTrade.REPAIR: ("4-12",),
    JobTrade.FARMING: ("5",),
    JobTrade.TECHNICAL: ("2", "4-04", "4-08"),
}


def trade_of(occupation_code: str | None) -> JobTrade | None:
    """Return the trade of an occupation, None if it is unknown or in no trade."""
    if not occupation_code:
        return None
    for trade, prefixes in TRADE_PREFIXES.items():
        if occupation_code.startswith(prefixes):
            return trade
    return None
