"""Constants of policy: a district may set others; nothing else in the library hard-codes them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """Hold the limits the gates assume.

    Attributes
    ----------
    default_commute_km : float
        Stands in for a client's unknown `max_commute_km`, shown as assumed.
    lodging_km : float
        How far away an opening with lodging may lie.
    commute_km_h : float
        Turns kilometres into minutes where people read minutes; never used in a gate or a score.
    """

    default_commute_km: float = 30.0
    lodging_km: float = 150.0
    commute_km_h: float = 25.0
