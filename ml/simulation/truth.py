"""What really decides: the facts of a pair, the chance of hire, and the hazard of leaving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.simulation.openings import MAX_REQUIRED, Openings
from ml.simulation.people import People
from ml.simulation.stage import Floats, Stage, great_circle_km
from ml.simulation.worlds import World

Index = npt.NDArray[np.intp]

MONTH_DAYS = 30
RETAINED_DAYS = 180
LODGING_KM = 150.0
LODGED_KM = 12.0
NIGHT = 2
# The first weeks are the hardest: relative hazard of each month, the last one for good.
MONTHLY = np.array([1.6, 1.3, 1.0, 0.8, 0.7, 0.6, 0.5, 0.45, 0.4, 0.35, 0.3, 0.3])
SIX_MONTHS = float(MONTHLY[: RETAINED_DAYS // MONTH_DAYS].sum())


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Hold what counts of pairs, arrays of one shape or spread to it.

    Attributes
    ----------
    cover, weakest, surplus : float64
        Mean and least share of the required levels met, and mean level above them (0 to 1).
    experience, wish, schooling : float64
        From 0 to 1.
    km : float64
        Daily way in units of 30 km.
    pay : float64
        Logarithm of wage over wish, from -0.6 to 0.6.
    bed : float64
        1 where a bed is offered to someone who takes it.
    night : float64
    n_mismatches : float64
        Constraints broken in truth.
    motivation : float64
    """

    cover: Floats
    weakest: Floats
    surplus: Floats
    experience: Floats
    wish: Floats
    schooling: Floats
    km: Floats
    pay: Floats
    bed: Floats
    night: Floats
    n_mismatches: Floats
    motivation: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Chances:
    """Hold the truth about pairs: chance of hire, and of still working at 180 days once hired."""

    p_hire: Floats
    p_retained_6m: Floats

    @property
    def value(self) -> Floats:
        """Return the chance that a proposal ends in a job still held at 180 days."""
        found: Floats = self.p_hire * self.p_retained_6m
        return found


@dataclass(frozen=True, slots=True)
class Law:
    """Hold a world's law with its intercepts, which set how many are hired and stay."""

    world: World
    hire_intercept: float
    leave_intercept: float

    def log_odds(self, facts: Facts, employer: Any, disliked: Any) -> Floats:
        """Return the log-odds of hire given the employer's effect and dislike (0 or 1)."""
        own = self.hire_intercept + employer + self.world.hire.bias * disliked
        found: Floats = hire_log_odds(self.world, facts) + own
        return found

    def log_hazard(self, facts: Facts, employer: Any) -> Floats:
        """Return the log hazard of leaving given the employer's effect."""
        found: Floats = leave_log_hazard(self.world, facts) + self.leave_intercept + employer
        return found

    def chances(self, facts: Facts, hire: Any, leave: Any, disliked: Any) -> Chances:
        """Return the chances of pairs given the employer's effects and dislike."""
        return Chances(
            logistic(self.log_odds(facts, hire, disliked)),
            retained(self.log_hazard(facts, leave)),
        )


def solve_intercept(rate: Callable[[float], float], wanted: float) -> float:
    """Return the intercept at which a rising rate is as wanted, by bisection.

    Examples
    --------
    >>> round(solve_intercept(lambda x: float(logistic(np.array(x - 2))), 0.5), 6)
    2.0
    """
    low, high = -12.0, 12.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if rate(middle) < wanted else (low, middle)
    return 0.5 * (low + high)


def facts_of(stage: Stage, people: People, openings: Openings, i: Index, j: Index) -> Facts:
    """Return the facts of pairs.

    Parameters
    ----------
    i, j : intp
        Persons and openings; of one shape, or (n, 1) and (1, m) for a block.
    """
    cover, weakest, surplus = _skill(people, openings, i, j)
    km = great_circle_km(people.lat[i], people.lon[i], openings.lat[j], openings.lon[j])
    bed = (people.lodging[i] == 1) & (openings.bed[j] == 1)
    far = km > people.max_commute_km[i]
    lodged = far & bed & (km <= LODGING_KM)
    margin = people.education[i] - openings.education[j]
    return Facts(
        cover=cover,
        weakest=weakest,
        surplus=surplus,
        experience=_experience(stage, people, openings, i, j),
        wish=(people.wish[i] == openings.trade[j]).astype(np.float64),
        schooling=np.clip(margin / 2.0, 0.0, 1.0),
        km=np.where(lodged, LODGED_KM + km / 20.0, np.minimum(km, 60.0)) / 30.0,
        pay=np.clip(openings.wage[j] - people.wage[i], -0.6, 0.6),
        bed=bed.astype(np.float64),
        night=(openings.shift[j] >= NIGHT).astype(np.float64) + 0.0 * km,
        n_mismatches=_mismatches(people, openings, i, j) + (far & ~lodged),
        motivation=people.motivation[i] + 0.0 * km,
    )


def hire_log_odds(world: World, facts: Facts) -> Floats:
    """Return the log-odds of hire before intercept, employer and bias."""
    w = world.hire
    return (
        w.cover * facts.cover
        + w.weakest * facts.weakest
        + w.experience * facts.experience
        + w.cover_experience * facts.cover * facts.experience
        + w.weakest_experience * facts.weakest * facts.experience
        + w.wish * facts.wish
        + w.motivation * facts.motivation
        + w.schooling * facts.schooling
        + w.km * facts.km
        + w.mismatch * facts.n_mismatches
    )


def leave_log_hazard(world: World, facts: Facts) -> Floats:
    """Return the logarithm of the hazard of leaving before intercept and employer."""
    w = world.leave
    found: Floats = (
        w.km * facts.km
        + w.pay * facts.pay
        + w.wish * facts.wish
        + w.motivation * facts.motivation
        + w.cover * facts.cover
        + w.bed * facts.bed
        + w.mismatch * facts.n_mismatches
    )
    if w.km_underpaid or w.km_night or w.surplus or w.wish_pay:
        found = found + (
            w.km_underpaid * facts.km * np.maximum(-facts.pay, 0.0)
            + w.km_night * facts.km * facts.night
            + w.surplus * facts.surplus
            + w.wish_pay * (1.0 - facts.wish) * facts.pay
        )
    return found


def logistic(log_odds: npt.NDArray[Any]) -> Floats:
    """Return probabilities of log-odds, without overflow."""
    found: Floats = 0.5 * (1.0 + np.tanh(0.5 * log_odds))
    return found


def retained(log_hazard: npt.NDArray[Any]) -> Floats:
    """Return the chance of still working at 180 days: exp(-hazard x months, each weighted)."""
    found: Floats = np.exp(-np.exp(log_hazard) * SIX_MONTHS)
    return found


def exposure(days: npt.NDArray[Any]) -> Floats:
    """Return the weighted months in a number of days worked; the inverse of `days_worked`.

    Examples
    --------
    >>> bool(np.isclose(exposure(np.array([180.0]))[0], SIX_MONTHS))
    True
    """
    ends = np.concatenate(([0.0], np.cumsum(MONTHLY)))
    month = np.minimum((days // MONTH_DAYS).astype(np.int64), len(MONTHLY) - 1)
    found: Floats = ends[month] + MONTHLY[month] * (days / MONTH_DAYS - month)
    return found


def days_worked(log_hazard: npt.NDArray[Any], uniform: npt.NDArray[Any]) -> Floats:
    """Return the day of leaving: where the survival curve falls below a uniform draw.

    Examples
    --------
    >>> early, late = days_worked(np.log([0.1, 0.1]), np.array([0.999, 0.5]))
    >>> bool(early < 1 and 180 < late < 300)
    True
    """
    needed = -np.log(np.maximum(uniform, 1e-12)) / np.exp(log_hazard)
    ends = np.concatenate(([0.0], np.cumsum(MONTHLY)))
    month = np.minimum(np.searchsorted(ends, needed, side="right") - 1, len(MONTHLY) - 1)
    found: Floats = MONTH_DAYS * (month + (needed - ends[month]) / MONTHLY[month])
    return found


def _skill(people: People, openings: Openings, i: Index, j: Index) -> tuple[Floats, Floats, Floats]:
    shape = np.broadcast_shapes(i.shape, j.shape)
    total, surplus = np.zeros(shape), np.zeros(shape)
    weakest = np.ones(shape)
    n_asked = np.maximum((openings.required >= 0).sum(axis=1), 1)[j]
    for place in range(MAX_REQUIRED):
        skill = openings.required[j, place]
        asked = skill >= 0
        level = people.level[i, skill].astype(np.float64)
        needed = np.maximum(openings.required_level[j, place], 1)
        share = np.minimum(level / needed, 1.0)
        total += np.where(asked, share, 0.0)
        surplus += np.where(asked, np.maximum(level - needed, 0.0) / 3.0, 0.0)
        weakest = np.where(asked, np.minimum(weakest, share), weakest)
    return total / n_asked, weakest, np.minimum(surplus / n_asked, 1.0)


def _experience(stage: Stage, people: People, openings: Openings, i: Index, j: Index) -> Floats:
    own = 1.0 - np.exp(-(people.months + 4.0) / 20.0)
    second = np.where(
        people.second_job >= 0, 1.0 - np.exp(-(people.second_months + 4.0) / 20.0), 0.0
    )
    job = openings.job[j]
    found: Floats = np.maximum(
        stage.affinity[people.job[i], job] * own[i],
        stage.affinity[people.second_job[i], job] * second[i],
    )
    return found


def _mismatches(people: People, openings: Openings, i: Index, j: Index) -> Floats:
    total: Floats = ((people.shifts[i] >> openings.shift[j] & 1) == 0).astype(np.float64)
    total += (people.contracts[i] >> openings.contract[j] & 1) == 0
    total += openings.exertion[j] > people.exertion[i]
    total += openings.education[j] > people.education[i]
    return total
