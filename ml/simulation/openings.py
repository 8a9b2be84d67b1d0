"""The employers and openings of a world as they really are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.simulation.people import Bools, draw_job, draw_places
from ml.simulation.stage import Floats, Ints, Stage
from ml.simulation.worlds import World

MAX_REQUIRED = 4
QUARTER_DAYS = 91
PREFERRED_SHARE = 0.4
CERTIFICATE_SHARE = 0.3
EDUCATION_ASKED = np.array([0.35, 0.1, 0.38, 0.14, 0.02, 0.01])
EXERTION_ASKED = np.array([0.25, 0.35, 0.3, 0.1])
SHIFT_SHARE = np.array([0.65, 0.08, 0.1, 0.17])
CONTRACT_SHARE = np.array([0.72, 0.06, 0.1, 0.05, 0.03, 0.02, 0.02])
BED_SHARE = 0.35
HEADCOUNT_SHARE = np.array([0.5, 0.25, 0.15, 0.1])


@dataclass(frozen=True, slots=True, eq=False)
class Partners:
    """Hold n employers.

    Attributes
    ----------
    trade : int64, shape (n,)
    lat, lon : float64, shape (n,)
    hire, leave : float64, shape (n, n_quarters)
        Own effects in log-odds of hiring and log hazard of leaving; the last is the present.
    biased : bool, shape (n,)
    """

    trade: Ints
    lat: Floats
    lon: Floats
    hire: Floats
    leave: Floats
    biased: Bools

    def __len__(self) -> int:
        """Return the number of employers."""
        return len(self.trade)


@dataclass(frozen=True, slots=True, eq=False)
class Openings:
    """Hold the truth about n openings, each array of shape (n,) unless told.

    Attributes
    ----------
    partner, job, trade : int64
    lat, lon : float64
    required, required_level : int64, shape (n, 4)
        Skills that count, and the level that suffices; -1 and 0 fill up.
    preferred : int64
        A skill that is welcome, -1 none.
    certificate : int64
        -1 none.
    wage : float64
        Logarithm of the middle of the range.
    education, exertion, shift, bed, contract, headcount, opened, closed : int64
        Days since 1970; -1 stays open.
    """

    partner: Ints
    job: Ints
    trade: Ints
    lat: Floats
    lon: Floats
    required: Ints
    required_level: Ints
    preferred: Ints
    certificate: Ints
    wage: Floats
    education: Ints
    exertion: Ints
    shift: Ints
    bed: Ints
    contract: Ints
    headcount: Ints
    opened: Ints
    closed: Ints

    def __len__(self) -> int:
        """Return the number of openings."""
        return len(self.job)


def draw_partners(
    rng: np.random.Generator, stage: Stage, world: World, n: int, n_quarters: int
) -> Partners:
    """Draw n employers with effects that persist, or drift, from quarter to quarter."""
    lat, lon = draw_places(rng, stage, n)
    return Partners(
        trade=rng.choice(len(stage.trades), n, p=stage.trade_demand),
        lat=lat,
        lon=lon,
        hire=_walk(rng, n, n_quarters, world.persistence) * world.partner_hire_sd,
        leave=_walk(rng, n, n_quarters, world.persistence) * world.partner_leave_sd,
        biased=rng.random(n) < world.biased_share,
    )


def draw_openings(
    rng: np.random.Generator, stage: Stage, partners: Partners, partner: Ints, days: Ints
) -> Openings:
    """Draw one opening a row.

    Parameters
    ----------
    partner : int64, shape (n,)
        Who offers it.
    days : int64, shape (n,)
        When it opens.
    """
    n = len(partner)
    trade = partners.trade[partner]
    job = draw_job(rng, stage, trade)
    required, levels, preferred = _skills(rng, stage, job)
    asks = rng.random(n) < CERTIFICATE_SHARE
    return Openings(
        partner=partner,
        job=job,
        trade=trade,
        lat=np.round(partners.lat[partner] + rng.normal(0, 0.01, n), 4),
        lon=np.round(partners.lon[partner] + rng.normal(0, 0.01, n), 4),
        required=required,
        required_level=levels,
        preferred=preferred,
        certificate=np.where(asks, stage.job_certificate[job], -1),
        wage=draw_pay(rng, stage, trade),
        education=draw_education_asked(rng, n),
        exertion=draw_exertion_asked(rng, n),
        shift=draw_shift(rng, n),
        bed=draw_beds(rng, n),
        contract=draw_contract(rng, n),
        headcount=1 + rng.choice(len(HEADCOUNT_SHARE), n, p=HEADCOUNT_SHARE),
        opened=days,
        closed=np.where(rng.random(n) < 0.8, days + rng.integers(40, 160, n), -1),
    )


def draw_pay(rng: np.random.Generator, stage: Stage, trade: Ints) -> Floats:
    """Draw the logarithm of the wage offered."""
    return stage.trade_wage[trade] + rng.normal(0.0, 0.2, len(trade))


def draw_education_asked(rng: np.random.Generator, n: int) -> Ints:
    """Draw the schooling asked."""
    return rng.choice(len(EDUCATION_ASKED), n, p=EDUCATION_ASKED)


def draw_exertion_asked(rng: np.random.Generator, n: int) -> Ints:
    """Draw how heavy the work is."""
    return 1 + rng.choice(len(EXERTION_ASKED), n, p=EXERTION_ASKED)


def draw_shift(rng: np.random.Generator, n: int) -> Ints:
    """Draw shifts."""
    return rng.choice(len(SHIFT_SHARE), n, p=SHIFT_SHARE)


def draw_contract(rng: np.random.Generator, n: int) -> Ints:
    """Draw employment types."""
    return rng.choice(len(CONTRACT_SHARE), n, p=CONTRACT_SHARE)


def draw_beds(rng: np.random.Generator, n: int) -> Ints:
    """Draw who provides lodging."""
    return (rng.random(n) < BED_SHARE).astype(np.int64)


def _walk(rng: np.random.Generator, n: int, n_steps: int, persistence: float) -> Floats:
    """Return a stationary walk of variance 1, shape (n, n_steps)."""
    shocks = rng.normal(0.0, 1.0, (n, n_steps))
    found = np.empty_like(shocks)
    found[:, 0] = shocks[:, 0]
    fresh = np.sqrt(1.0 - persistence**2)
    for step in range(1, n_steps):
        found[:, step] = persistence * found[:, step - 1] + fresh * shocks[:, step]
    return found


def _skills(rng: np.random.Generator, stage: Stage, job: Ints) -> tuple[Ints, Ints, Ints]:
    """Return required skills, their levels, and one preferred skill of each opening."""
    n = len(job)
    trade = stage.job_trade[job]
    general = np.flatnonzero([skill.kind == "general" for skill in stage.skills])
    required = np.full((n, MAX_REQUIRED), -1, dtype=np.int64)
    required[:, 0] = stage.job_skill[job]
    for place, share in ((1, 0.85), (2, 0.5)):
        required[:, place] = np.where(rng.random(n) < share, _of_trade(rng, stage, trade), -1)
    required[:, 3] = np.where(rng.random(n) < 0.4, rng.choice(general, n), -1)
    twice = (required[:, 1] == required[:, 0]) | (required[:, 1] == required[:, 2])
    required[twice, 1] = -1
    required[required[:, 2] == required[:, 0], 2] = -1
    preferred = np.where(rng.random(n) < PREFERRED_SHARE, _of_trade(rng, stage, trade), -1)
    preferred[(required == preferred[:, None]).any(axis=1)] = -1
    levels = np.where(required >= 0, rng.integers(2, 5, required.shape), 0)
    return required, levels, preferred


def _of_trade(rng: np.random.Generator, stage: Stage, trade: Ints) -> Ints:
    order = np.argsort(stage.trade_of_skill, kind="stable")
    first = np.searchsorted(stage.trade_of_skill[order], trade)
    last = np.searchsorted(stage.trade_of_skill[order], trade, side="right")
    found: Ints = order[first + (rng.random(len(trade)) * (last - first)).astype(np.int64)]
    return found
