"""What a district decides about allocation: floor, share of one employer, waiting time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

DAYS_PER_STEP = 30


@dataclass(frozen=True, slots=True)
class AllocationRules:
    """Hold the rules of one allocation.

    Attributes
    ----------
    floor : float, default 0
        Least utility of a pair; below it the person rather stays without.
    per_partner : int, optional
        Most clients one employer gets, over all its openings and with the locked pairs.
    waiting_bonus : float, default 0
        Added to the value of serving somebody per 30 days waited. It decides who is served when
        places are short, never which opening somebody gets.
    waiting_cap_days : int, default 360
        Days beyond which waiting adds nothing more.
    n_candidates : int, default 300
        Openings kept for each client, best first by score less the opening's price.
    """

    floor: float = 0.0
    per_partner: int | None = None
    waiting_bonus: float = 0.0
    waiting_cap_days: int = 360
    n_candidates: int = 300

    def bonus(self, waiting_days: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Return what waiting adds to the value of serving each client.

        Examples
        --------
        >>> AllocationRules(waiting_bonus=0.01).bonus(np.array([0, 60, 9000])).tolist()
        [0.0, 0.02, 0.12]
        """
        counted = np.minimum(np.maximum(waiting_days, 0), self.waiting_cap_days)
        found: npt.NDArray[np.float64] = np.round(counted * self.waiting_bonus / DAYS_PER_STEP, 9)
        return found
