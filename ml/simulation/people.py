"""The persons of a world as they really are; what is recorded of them is another matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.cells import EMPLOYMENT_TYPES, SHIFTS
from ml.simulation.stage import Floats, Ints, Stage

Bools = npt.NDArray[np.bool_]
Levels = npt.NDArray[np.int8]

LEVEL_SHARE = np.array([0.15, 0.25, 0.28, 0.20, 0.12])
NONE, PRIMARY, SECONDARY, GENERAL = range(4)
CHANCE_OF_SKILL = np.array([0.0, 0.55, 0.35, 0.35])
OWN_TRADE_WISHED = 0.6
COMMUTES = np.array([15.0, 20.0, 30.0, 40.0])
LODGING_SHARE = 0.5
EDUCATION_SHARE = np.array([0.03, 0.15, 0.42, 0.30, 0.07, 0.03])
EXERTION_SHARE = np.array([0.08, 0.27, 0.45, 0.20])
TRAINED_SHARE = 0.35
BARRED_SHARE = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Hold the truth about n persons, each array of shape (n,) unless told.

    Attributes
    ----------
    lat, lon, max_commute_km, wage : float64
        The wage is the logarithm of what the person expects.
    education : int64
        0 to 5.
    trade, second_trade, wish : int64
        Trades worked in, and the trade really wished for.
    stated_wish : int64
        The trade that is named as the wish.
    job, second_job : int64
        Jobs worked in; the second is -1 for none.
    months, second_months : int64
    level : int8, shape (n, n_skills)
        0 none, 1 to 5.
    certificates : bool, shape (n, n_certificates)
    shifts, contracts : int64
        Bit masks.
    lodging : int64
        1 needs or accepts, 0 refuses.
    exertion : int64
        1 to 4.
    motivation : float64
    second_group : bool
    trained_ago : int64
        Days since the last course, -1 none.
    barred : int64
        A job whose occupation is excluded, -1 none.
    """

    lat: Floats
    lon: Floats
    max_commute_km: Floats
    wage: Floats
    education: Ints
    trade: Ints
    second_trade: Ints
    wish: Ints
    stated_wish: Ints
    job: Ints
    second_job: Ints
    months: Ints
    second_months: Ints
    level: Levels
    certificates: Bools
    shifts: Ints
    contracts: Ints
    lodging: Ints
    exertion: Ints
    motivation: Floats
    second_group: Bools
    trained_ago: Ints
    barred: Ints

    def __len__(self) -> int:
        """Return the number of persons."""
        return len(self.trade)


def draw_people(rng: np.random.Generator, stage: Stage, n: int, wish_true: float) -> People:
    """Draw n persons."""
    trade = rng.choice(len(stage.trades), n, p=stage.trade_supply)
    second = rng.choice(len(stage.trades), n, p=stage.trade_supply)
    job = draw_job(rng, stage, trade)
    second_job = np.where(rng.random(n) < 0.4, draw_job(rng, stage, second), -1)
    lat, lon = draw_places(rng, stage, n)
    wish = draw_wishes(rng, stage, trade)
    trained = rng.random(n) < TRAINED_SHARE
    return People(
        lat=lat,
        lon=lon,
        max_commute_km=draw_commutes(rng, n),
        wage=draw_wages(rng, stage, trade),
        education=draw_education(rng, n),
        trade=trade,
        second_trade=second,
        wish=wish,
        stated_wish=restate(rng, stage, wish, wish_true),
        job=job,
        second_job=second_job,
        months=np.minimum(rng.exponential(30.0, n).astype(np.int64) + 1, 240),
        second_months=np.minimum(rng.exponential(15.0, n).astype(np.int64) + 1, 120),
        level=_levels(rng, stage, trade, second),
        certificates=_certificates(rng, stage, job, second_job),
        shifts=draw_shifts(rng, n),
        contracts=draw_contracts(rng, n),
        lodging=draw_lodging(rng, n),
        exertion=draw_exertion(rng, n),
        motivation=draw_motivation(rng, trained),
        second_group=draw_group(rng, stage, trade),
        trained_ago=np.where(trained, rng.integers(10, 400, n), -1),
        barred=np.where(rng.random(n) < BARRED_SHARE, rng.integers(0, len(stage.jobs), n), -1),
    )


def kinds_of_skills(stage: Stage, trade: Ints, second: Ints) -> Levels:
    """Return how each skill stands to each person: none, of a trade of theirs, or general.

    Returns
    -------
    int8, shape (n, n_skills)
        An index into `CHANCE_OF_SKILL`.
    """
    of = stage.trade_of_skill[None, :]
    kinds = np.zeros((len(trade), len(stage.skills)), dtype=np.int8)
    general = np.array([skill.kind == "general" for skill in stage.skills])
    kinds[:, general] = GENERAL
    kinds[of == second[:, None]] = SECONDARY
    kinds[of == trade[:, None]] = PRIMARY
    return kinds


def draw_job(rng: np.random.Generator, stage: Stage, trade: Ints) -> Ints:
    """Draw a job of each trade."""
    order = np.argsort(stage.job_trade, kind="stable")
    first = np.searchsorted(stage.job_trade[order], trade)
    n_jobs = np.bincount(stage.job_trade, minlength=len(stage.trades))[trade]
    found: Ints = order[first + (rng.random(len(trade)) * n_jobs).astype(np.int64)]
    return found


def draw_places(rng: np.random.Generator, stage: Stage, n: int) -> tuple[Floats, Floats]:
    """Draw places round the towns."""
    town = rng.choice(len(stage.town_lat), n, p=stage.town_share)
    spread = rng.normal(0.0, 0.05, (2, n))
    return (
        np.round(stage.town_lat[town] + spread[0], 4),
        np.round(stage.town_lon[town] + spread[1], 4),
    )


def draw_wishes(rng: np.random.Generator, stage: Stage, trade: Ints) -> Ints:
    """Draw the trade really wished for: the person's own, or any."""
    any_trade = rng.integers(0, len(stage.trades), len(trade))
    return np.where(rng.random(len(trade)) < OWN_TRADE_WISHED, trade, any_trade)


def restate(rng: np.random.Generator, stage: Stage, wish: Ints, share: float) -> Ints:
    """Return the wish, or any trade in its stead."""
    any_trade = rng.integers(0, len(stage.trades), len(wish))
    return np.where(rng.random(len(wish)) < share, wish, any_trade)


def draw_wages(rng: np.random.Generator, stage: Stage, trade: Ints) -> Floats:
    """Draw the logarithm of the wage expected."""
    return stage.trade_wage[trade] + rng.normal(-0.05, 0.18, len(trade))


def draw_commutes(rng: np.random.Generator, n: int) -> Floats:
    """Draw how far persons travel, in kilometres."""
    found: Floats = rng.choice(COMMUTES, n)
    return found


def draw_education(rng: np.random.Generator, n: int) -> Ints:
    """Draw schooling."""
    return rng.choice(len(EDUCATION_SHARE), n, p=EDUCATION_SHARE)


def draw_exertion(rng: np.random.Generator, n: int) -> Ints:
    """Draw the heaviest work persons may do."""
    return 1 + rng.choice(len(EXERTION_SHARE), n, p=EXERTION_SHARE)


def draw_lodging(rng: np.random.Generator, n: int) -> Ints:
    """Draw who takes a bed."""
    return (rng.random(n) < LODGING_SHARE).astype(np.int64)


def draw_shifts(rng: np.random.Generator, n: int) -> Ints:
    """Draw masks of shifts: always the day, others now and then."""
    return _mask(rng, n, (1.0, 0.6, 0.35, 0.5), len(SHIFTS))


def draw_contracts(rng: np.random.Generator, n: int) -> Ints:
    """Draw masks of employment types: always full time."""
    return _mask(rng, n, (1.0, 0.5, 0.7, 0.5, 0.3, 0.3, 0.3), len(EMPLOYMENT_TYPES))


def draw_motivation(rng: np.random.Generator, trained: Bools) -> Floats:
    """Draw motivation, a little higher in those who took a course."""
    return rng.normal(0.0, 1.0, len(trained)) + np.where(trained, 0.4, -0.2)


def draw_group(rng: np.random.Generator, stage: Stage, trade: Ints) -> Bools:
    """Draw who belongs to the second group, of which each trade has its share."""
    found: Bools = rng.random(len(trade)) < stage.trade_group[trade]
    return found


def _levels(rng: np.random.Generator, stage: Stage, trade: Ints, second: Ints) -> Levels:
    kinds = kinds_of_skills(stage, trade, second)
    has = rng.random(kinds.shape, dtype=np.float32) < CHANCE_OF_SKILL.astype(np.float32)[kinds]
    found = np.zeros(kinds.shape, dtype=np.int8)
    drawn = rng.choice(len(LEVEL_SHARE), int(has.sum()), p=LEVEL_SHARE)
    found[has] = 1 + drawn
    return found


def _certificates(rng: np.random.Generator, stage: Stage, job: Ints, second_job: Ints) -> Bools:
    held = rng.random((len(job), len(stage.certificates))) < 0.04
    for jobs in (job, second_job):
        certificate = np.where(jobs >= 0, stage.job_certificate[jobs], -1)
        lucky = np.flatnonzero((certificate >= 0) & (rng.random(len(job)) < 0.6))
        held[lucky, certificate[lucky]] = True
    return held


def _mask(rng: np.random.Generator, n: int, shares: tuple[float, ...], n_bits: int) -> Ints:
    draws: Any = rng.random((n, n_bits)) < np.array(shares)
    found: Ints = (draws * (1 << np.arange(n_bits))).sum(axis=1)
    return found
