"""What became of proposals: hire as a flag, retention as discrete hazards, both with censoring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.schema import NO_DAY, Placements

Days = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int8]

UNKNOWN = -1
DECISION_DAYS = 30
"""An answer is taken to be known this many days after the proposal, when nothing dates it."""
INTERVAL_ENDS = np.array([30, 90, 180, 365], dtype=np.int64)
INTERVAL_STARTS = np.array([0, 30, 90, 180], dtype=np.int64)
N_INTERVALS = len(INTERVAL_ENDS)
SIX_MONTHS = 180
N_TO_SIX_MONTHS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Hold what is known of each placement on one day; unknown is never a failure.

    Attributes
    ----------
    interviewed, hired : int8, shape (n,)
        1, 0, or -1 unknown.
    hire_known_on : int64, shape (n,)
        Day from which `hired` was known.
    at_risk : float64, shape (n, 4)
        Share of the interval lived in the job: 1 when it was lived whole or the job ended in it,
        a fraction when it is still running, 0 when not reached or unknown.
    survived : bool, shape (n, 4)
        False in the interval in which the job ended.
    retained : int8, shape (n,)
        Of those hired: 1 still working at 180 days, 0 not, -1 not known yet.
    retained_known_on : int64, shape (n,)
        The 180th day, for those who left as for those who stayed: to count the ones known sooner
        would count those who left.
    """

    interviewed: Labels
    hired: Labels
    hire_known_on: Days
    at_risk: npt.NDArray[np.float64]
    survived: npt.NDArray[np.bool_]
    retained: Labels
    retained_known_on: Days

    def part(self, positions: npt.NDArray[Any]) -> Outcomes:
        """Return the outcomes at some positions."""
        return Outcomes(*(getattr(self, name)[positions] for name in self.__slots__))


def outcomes_of(placements: Placements, as_of_day: int) -> Outcomes:
    """Return what was known of each placement on a day, in the table's order.

    Parameters
    ----------
    placements : Placements
    as_of_day : int
        Days since 1970; what happened later is unknown.
    """
    proposed = placements.proposed_on.astype(np.int64)
    started = placements.started_on.astype(np.int64)
    watched = placements.observed_until.astype(np.int64)
    watched = np.where(watched == NO_DAY, as_of_day, np.minimum(watched, as_of_day))
    decided = _decided(placements, as_of_day)
    hire_known_on = np.where(started == NO_DAY, proposed + DECISION_DAYS, started)
    known = (started != NO_DAY) & (started <= watched)
    tenure, ended = _tenure(placements, watched, known)
    at_risk, survived = _intervals(tenure, ended, known)
    left = ended & (tenure < SIX_MONTHS)
    retained = np.where(tenure >= SIX_MONTHS, 1, np.where(left, 0, UNKNOWN))
    return Outcomes(
        interviewed=np.where(decided, placements.interviewed, UNKNOWN).astype(np.int8),
        hired=np.where(decided, placements.hired, UNKNOWN).astype(np.int8),
        hire_known_on=hire_known_on,
        at_risk=at_risk,
        survived=survived,
        retained=np.where(known, retained, UNKNOWN).astype(np.int8),
        retained_known_on=np.where(known, started + SIX_MONTHS, NO_DAY),
    )


def _decided(placements: Placements, as_of_day: int) -> npt.NDArray[np.bool_]:
    """Tell which answers were known on the day.

    A row observed until then tells all it holds. Of a row observed for longer an answer counts once
    it is due, a refusal as a hire, so that neither is known sooner than the other.
    """
    watched = placements.observed_until
    whole = (watched != NO_DAY) & (watched <= as_of_day) & (placements.proposed_on <= as_of_day)
    due = placements.proposed_on + DECISION_DAYS <= as_of_day
    started = (placements.started_on == NO_DAY) | (placements.started_on <= as_of_day)
    found: npt.NDArray[np.bool_] = whole | (due & started)
    return found


def _tenure(
    placements: Placements, watched: Days, known: npt.NDArray[np.bool_]
) -> tuple[Days, npt.NDArray[np.bool_]]:
    ended_on = placements.ended_on.astype(np.int64)
    ended = known & (ended_on != NO_DAY) & (ended_on <= watched)
    last = np.where(ended, ended_on, watched)
    return np.where(known, last - placements.started_on, 0), ended


def _intervals(
    tenure: Days, ended: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    reached = known[:, None] & (tenure[:, None] >= INTERVAL_STARTS)
    share = (tenure[:, None] - INTERVAL_STARTS) / (INTERVAL_ENDS - INTERVAL_STARTS)
    fell = reached & ended[:, None] & (tenure[:, None] < INTERVAL_ENDS)
    at_risk = np.where(fell, 1.0, np.clip(share, 0.0, 1.0) * reached)
    return at_risk, ~fell
