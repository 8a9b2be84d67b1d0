"""The best that can be known of a pair from what is on record: the feasible oracle.

The oracle knows the world's law and constants, reads every cell and every text without a slip, and
has the past's placements. It does not know what is hidden, and takes the mean over it:

- motivation, the group, the true wish behind the stated one, and true levels behind recorded,
  unlevelled or untold skills: drawn from what is left possible by the record (Bayes' rule with the
  world's own noise);
- every blank cell: drawn from the world's population;
- each employer's effects: drawn from the posterior of the employer's past outcomes, filtered
  quarter by quarter where effects drift; an employer without a past has the prior.

The mean over `n_draws` such draws of p(hire) x p(retained) is its value of a pair. Jobs and
schooling are taken as read from titles and texts, so it is a slight over-estimate of what any
reader could reach where codes are wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ml.simulation import openings as jobs, people as persons
from ml.simulation.history import N_QUARTERS, Past, Proposal
from ml.simulation.openings import Openings
from ml.simulation.people import (
    CHANCE_OF_SKILL,
    LEVEL_SHARE,
    Bools,
    Levels,
    People,
    kinds_of_skills,
)
from ml.simulation.records import BARE, UNTOLD, OpeningsOnRecord, PeopleOnRecord, level_channel
from ml.simulation.run import Simulated
from ml.simulation.stage import Floats, Ints, Stage
from ml.simulation.truth import exposure, facts_of, logistic
from ml.simulation.worlds import World

N_DRAWS = 32
GRID = np.linspace(-3.0, 3.0, 25)


class FeasibleOracle:
    """Value pairs by what is on record.

    Parameters
    ----------
    simulated : Simulated
    n_draws : int
        More draws, less noise.
    seed : int
    """

    def __init__(self, simulated: Simulated, n_draws: int = N_DRAWS, seed: int = 0) -> None:
        self.simulated = simulated
        self._rng = np.random.default_rng([simulated.seed, seed, 77])
        self.hire_belief, self.leave_belief = employer_beliefs(self._rng, simulated, n_draws)
        self._draws = [self._draw() for _ in range(n_draws)]

    def value(self, rows: npt.NDArray[np.intp]) -> Floats:
        """Return the expected chance that a proposal ends in a job held at 180 days.

        Returns
        -------
        float64, shape (n, n_vacancies)
            For feasible pairs and others alike.
        """
        s = self.simulated
        columns = np.arange(len(s.openings))[None, :]
        total = np.zeros((len(rows), columns.shape[1]))
        for people, openings, hire, leave, biased in self._draws:
            partner = openings.partner[columns]
            facts = facts_of(s.stage, people, openings, rows[:, None], columns)
            disliked = people.second_group[rows[:, None]] & biased[partner]
            total += s.law.chances(facts, hire[partner], leave[partner], disliked).value
        return total / len(self._draws)

    def _draw(self) -> tuple[People, Openings, Floats, Floats, Bools]:
        s, rng = self.simulated, self._rng
        return (
            redraw_people(rng, s.stage, s.world, s.people, s.people_record),
            redraw_openings(rng, s.stage, s.openings, s.openings_record),
            _sample(rng, self.hire_belief) * s.world.partner_hire_sd,
            _sample(rng, self.leave_belief) * s.world.partner_leave_sd,
            rng.random(len(s.partners)) < s.world.biased_share,
        )


def redraw_people(
    rng: np.random.Generator, stage: Stage, world: World, people: People, record: PeopleOnRecord
) -> People:
    """Draw persons who would have left the same record."""
    n, blank = len(people), record.blank
    lat, lon = persons.draw_places(rng, stage, n)

    def told_or(cell: str, true: npt.NDArray[np.generic], drawn: object) -> object:
        return np.where(blank[cell], drawn, true)  # type: ignore[call-overload]

    changes: dict[str, object] = {
        "lat": told_or("place", people.lat, lat),
        "lon": told_or("place", people.lon, lon),
        "max_commute_km": told_or(
            "max_commute_km", people.max_commute_km, persons.draw_commutes(rng, n)
        ),
        "wage": told_or(
            "wage_expected_cny_month", people.wage, persons.draw_wages(rng, stage, people.trade)
        ),
        "education": told_or("education", people.education, persons.draw_education(rng, n)),
        "shifts": told_or("shifts_ok", people.shifts, persons.draw_shifts(rng, n)),
        "contracts": told_or(
            "employment_types_ok", people.contracts, persons.draw_contracts(rng, n)
        ),
        "lodging": told_or("needs_lodging", people.lodging, persons.draw_lodging(rng, n)),
        "exertion": told_or("exertion_max", people.exertion, persons.draw_exertion(rng, n)),
        "wish": _wishes(rng, stage, world, people, record),
        "level": _levels(rng, stage, world, people, record),
        "motivation": persons.draw_motivation(rng, people.trained_ago >= 0),
        "second_group": persons.draw_group(rng, stage, people.trade),
    }
    return replace(people, **changes)  # type: ignore[arg-type]  # each array by its own name


def redraw_openings(
    rng: np.random.Generator, stage: Stage, openings: Openings, record: OpeningsOnRecord
) -> Openings:
    """Draw openings that would have left the same record."""
    n, blank = len(openings), record.blank
    lat, lon = persons.draw_places(rng, stage, n)
    pay = jobs.draw_pay(rng, stage, openings.trade)
    asked = jobs.draw_education_asked(rng, n)
    exertion, shift = jobs.draw_exertion_asked(rng, n), jobs.draw_shift(rng, n)
    bed, contract = jobs.draw_beds(rng, n), jobs.draw_contract(rng, n)
    return replace(
        openings,
        lat=np.where(blank["place"], lat, openings.lat),
        lon=np.where(blank["place"], lon, openings.lon),
        wage=np.where(blank["wage"], pay, openings.wage),
        education=np.where(blank["education_min"], asked, openings.education),
        exertion=np.where(blank["exertion"], exertion, openings.exertion),
        shift=np.where(blank["shift"], shift, openings.shift),
        bed=np.where(blank["lodging_provided"], bed, openings.bed),
        contract=np.where(blank["employment_type"], contract, openings.contract),
    )


def employer_beliefs(
    rng: np.random.Generator, simulated: Simulated, n_draws: int
) -> tuple[Floats, Floats]:
    """Return what the past says of each employer's present effects.

    Returns
    -------
    tuple of float64, shape (n_partners, n_grid)
        Probabilities over `GRID`, in standard deviations: of hiring, and of leaving.
    """
    past, n = simulated.past, len(simulated.partners)
    known = [proposal for proposal in simulated.proposals if proposal.hired >= 0]
    hired = [proposal for proposal in known if proposal.hired == 1]
    people = [
        redraw_people(rng, past.stage, simulated.world, past.people, past.record)
        for _ in range(n_draws)
    ]
    persistence = simulated.world.persistence
    return (
        _filter(past, known, _hire_evidence(simulated, people, known), n, persistence),
        _filter(past, hired, _leave_evidence(simulated, people, hired), n, persistence),
    )


def level_posterior(world: World) -> tuple[Floats, Floats]:
    """Return P(level | record) of a skill, levels 0 to 5 in the columns.

    Returns
    -------
    noted : float64, shape (7, 6)
        By state on record; the row of an untold skill is not used.
    untold : float64, shape (2, 4, 6)
        Of an untold skill, where others are told and where nothing is, by kind of skill.
    """
    noted = np.zeros((BARE + 1, 6))
    joint = LEVEL_SHARE[:, None] * level_channel(world.records)
    noted[1:BARE, 1:] = (joint / np.maximum(joint.sum(axis=0), 1e-300)).T
    noted[BARE, 1:] = LEVEL_SHARE
    untold = np.zeros((2, len(CHANCE_OF_SKILL), 6))
    for silent, missed in enumerate((world.records.omitted, 1.0)):
        has = CHANCE_OF_SKILL * missed
        has = has / (has + 1.0 - CHANCE_OF_SKILL)
        untold[silent, :, 0] = 1.0 - has
        untold[silent, :, 1:] = has[:, None] * LEVEL_SHARE
    return noted, untold


def _levels(
    rng: np.random.Generator, stage: Stage, world: World, people: People, record: PeopleOnRecord
) -> Levels:
    noted, untold = level_posterior(world)
    kinds = kinds_of_skills(stage, people.trade, people.second_trade)
    silent = np.broadcast_to(record.silent[:, None], kinds.shape)
    open_cells = np.nonzero((record.skills > UNTOLD) | (kinds > 0))
    state, kind = record.skills[open_cells], kinds[open_cells]
    chances = np.where(
        (state > UNTOLD)[:, None],
        noted[state],
        untold[silent[open_cells].astype(np.int64), kind],
    )
    found = np.zeros(kinds.shape, dtype=np.int8)
    found[open_cells] = _pick(rng, chances)
    return found


def _wishes(
    rng: np.random.Generator, stage: Stage, world: World, people: People, record: PeopleOnRecord
) -> Ints:
    """Draw the true wish given the stated one: it, the person's own trade, or any other."""
    n_trades, own, stated = len(stage.trades), people.trade, people.stated_wish
    share, slip = world.records.wish_true, (1.0 - world.records.wish_true) / len(stage.trades)
    apart = persons.OWN_TRADE_WISHED
    prior_any = (1.0 - apart) / n_trades
    weight_stated = (prior_any + apart * (own == stated)) * (share + slip)
    weight_own = np.where(own == stated, 0.0, (prior_any + apart) * slip)
    n_others = np.where(own == stated, n_trades - 1, n_trades - 2)
    weight_other = n_others * prior_any * slip
    total = weight_stated + weight_own + weight_other
    draw = rng.random(len(people)) * total
    any_trade = rng.integers(0, n_trades, len(people))
    told = np.where(draw < weight_stated + weight_own, own, any_trade)
    told = np.where(draw < weight_stated, stated, told)
    untold = persons.draw_wishes(rng, stage, own)
    return np.where(record.blank["desired_occupations"], untold, told)


def _hire_evidence(simulated: Simulated, people: list[People], known: list[Proposal]) -> Floats:
    """Return P(outcome | employer's effect), shape (n_proposals, n_grid)."""
    hired = np.array([proposal.hired for proposal in known])[:, None]

    def likelihood(drawn: People) -> Floats:
        i, j = _pairs(known)
        past = simulated.past
        facts = facts_of(past.stage, drawn, past.openings, i, j)
        odds = simulated.law.log_odds(facts, 0.0, 0.0)
        p = logistic(odds[:, None] + GRID * simulated.world.partner_hire_sd)
        found: Floats = np.where(hired == 1, p, 1.0 - p)
        return found

    return _mean(likelihood, people, len(known))


def _leave_evidence(simulated: Simulated, people: list[People], hired: list[Proposal]) -> Floats:
    """Return the density of the time worked given the employer's effect."""
    ends = [p.ended if p.ended >= 0 else p.observed_until for p in hired]
    days = np.array([end - p.started for end, p in zip(ends, hired, strict=True)], dtype=float)
    has_left = np.array([p.ended >= 0 for p in hired])[:, None]
    months = exposure(days)[:, None]

    def likelihood(drawn: People) -> Floats:
        i, j = _pairs(hired)
        past = simulated.past
        facts = facts_of(past.stage, drawn, past.openings, i, j)
        log_hazard = simulated.law.log_hazard(facts, 0.0)[:, None]
        hazard = np.exp(log_hazard + GRID * simulated.world.partner_leave_sd)
        found: Floats = np.exp(-hazard * months) * np.where(has_left, hazard, 1.0)
        return found

    return _mean(likelihood, people, len(hired))


def _mean(likelihood: Callable[[People], Floats], people: list[People], n: int) -> Floats:
    total = np.zeros((n, len(GRID)))
    for drawn in people:
        total += likelihood(drawn)
    return total / len(people)


def _filter(
    past: Past, proposals: list[Proposal], evidence: Floats, n_partners: int, persistence: float
) -> Floats:
    """Return each employer's belief after the past: move a quarter, weigh its outcomes, go on."""
    prior = np.exp(-0.5 * GRID**2)
    belief = np.tile(prior / prior.sum(), (n_partners, 1))
    step = _transition(persistence)
    partner = past.openings.partner[[proposal.opening for proposal in proposals]]
    quarter = np.array([past.quarter(proposal.day) for proposal in proposals], dtype=np.int64)
    for now in range(N_QUARTERS + 1):
        belief = belief @ step if now else belief
        for place in np.flatnonzero(quarter == now).tolist():
            belief[partner[place]] *= evidence[place]
        belief /= belief.sum(axis=1, keepdims=True)
    return belief


def _transition(persistence: float) -> Floats:
    """Return P(effect a quarter later | effect), shape (n_grid, n_grid)."""
    if persistence >= 1.0:
        return np.eye(len(GRID))
    spread = 1.0 - persistence**2
    found: Floats = np.exp(-((GRID[None, :] - persistence * GRID[:, None]) ** 2) / (2 * spread))
    found /= found.sum(axis=1, keepdims=True)
    return found


def _pairs(proposals: list[Proposal]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    return (
        np.array([proposal.client for proposal in proposals], dtype=np.intp),
        np.array([proposal.opening for proposal in proposals], dtype=np.intp),
    )


def _sample(rng: np.random.Generator, belief: Floats) -> Floats:
    found: Floats = GRID[_pick(rng, belief)]
    return found


def _pick(rng: np.random.Generator, chances: Floats) -> npt.NDArray[np.intp]:
    """Return one column a row, drawn by its chances."""
    ends = np.cumsum(chances, axis=1)
    found: npt.NDArray[np.intp] = (rng.random((len(ends), 1)) * ends[:, -1:] > ends).sum(axis=1)
    return found
