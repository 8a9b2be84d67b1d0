"""The past: officers propose by habit, employers decide, people leave, and somebody notes it."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.simulation.feasible import Constraints
from ml.simulation.openings import QUARTER_DAYS, Openings, Partners
from ml.simulation.people import People
from ml.simulation.records import PeopleOnRecord, Row, day_text
from ml.simulation.stage import Floats, Ints, Stage
from ml.simulation.truth import (
    RETAINED_DAYS,
    Law,
    days_worked,
    facts_of,
    hire_log_odds,
    leave_log_hazard,
    logistic,
    retained,
    solve_intercept,
)
from ml.simulation.worlds import World

N_QUARTERS = 10
SPAN_DAYS = N_QUARTERS * QUARTER_DAYS
WINDOW_DAYS = 160
MAX_PROPOSALS = 5
# How officers choose: the nearest, the best on paper, or whatever lies on top of the pile.
HABITS = (0.35, 0.35, 0.30)
NEAREST_KM = 4.0
SKILL_SLOPE = 4.0
LOST_SIGHT = 0.08
N_CALIBRATION = 600
NEVER = 1_000_000
Progress = Callable[[range, str], Iterable[int]]


def plain(items: range, what: str) -> Iterable[int]:
    """Show no progress."""
    return items


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Hold everything there is to the past of a world, by truth and on record."""

    stage: Stage
    people: People
    record: PeopleOnRecord
    arrived: Ints
    openings: Openings
    partners: Partners
    constraints: Constraints
    start: int
    as_of: int

    def quarter(self, day: int) -> int:
        """Return which quarter of the past a day is in."""
        return min((day - self.start) // QUARTER_DAYS, N_QUARTERS - 1)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Hold one proposal of the past and what was seen of it; days since 1970, -1 unknown."""

    client: int
    opening: int
    day: int
    propensity: float
    interviewed: int = -1
    hired: int = -1
    started: int = -1
    ended: int = -1
    observed_until: int = -1
    wage: int = -1

    @property
    def is_matured(self) -> bool:
        """Tell whether the outcome at six months is known."""
        if self.hired == 0:
            return True
        watched = self.started >= 0 and self.observed_until - self.started >= RETAINED_DAYS
        return self.hired == 1 and (watched or self.ended >= 0)

    def row(self, number: int) -> Row:
        """Return the cells of ``placements.csv``."""
        return {
            "placement_id": f"P{number:06d}",
            "client_id": f"H{self.client:06d}",
            "vacancy_id": f"HV{self.opening:06d}",
            "proposed_on": day_text(self.day),
            "propensity": f"{self.propensity:.6f}",
            "interviewed": _flag(self.interviewed),
            "hired": _flag(self.hired),
            "started_on": day_text(self.started),
            "ended_on": day_text(self.ended),
            "observed_until": day_text(self.observed_until),
            "wage_cny_month": str(self.wage) if self.wage >= 0 else "",
        }


class Officers:
    """Choose openings the way the past did, with the chance of each choice.

    Parameters
    ----------
    rng : numpy.random.Generator
    past : Past
        Openings in the order of the day they opened.
    """

    def __init__(self, rng: np.random.Generator, past: Past) -> None:
        self._rng = rng
        self._past = past
        self.places = past.openings.headcount.copy()

    def choose(self, client: int, day: int, seen: set[int]) -> tuple[int, float] | None:
        """Return an opening for a client and the chance it had, None when there is none.

        Parameters
        ----------
        seen : set of int
            Openings proposed to the client before.
        """
        opened = self._past.openings.opened
        first = int(np.searchsorted(opened, day - WINDOW_DAYS))
        last = int(np.searchsorted(opened, day, side="right"))
        columns = np.arange(first, last)
        rows = np.array([client])
        km = self._past.constraints.km(rows, columns)
        fits = self._past.constraints.block(rows, columns, day, km)[0]
        fits &= self.places[first:last] > 0
        fits[[opening - first for opening in seen if first <= opening < last]] = False
        columns = columns[fits]
        if not len(columns):
            return None
        chances = self._chances(client, columns, km[0][fits])
        picked = int(np.searchsorted(np.cumsum(chances), self._rng.random() * chances.sum()))
        picked = min(picked, len(columns) - 1)
        return int(columns[picked]), float(chances[picked])

    def _chances(self, client: int, columns: Ints, km: Floats) -> Floats:
        away = np.where(np.isnan(km), 30.0, km)
        nearest = np.exp(-(away - away.min()) / NEAREST_KM)
        paper = self._on_paper(client, columns)
        skilled = np.exp(SKILL_SLOPE * (paper - paper.max()))
        found = HABITS[0] * nearest / nearest.sum() + HABITS[1] * skilled / skilled.sum()
        chances: Floats = found + HABITS[2] / len(columns)
        return chances

    def _on_paper(self, client: int, columns: Ints) -> Floats:
        """Return recorded skills asked, and experience, as an officer would read them."""
        past = self._past
        required = past.openings.required[columns]
        told = past.record.skills[client] > 0
        met = np.where(required >= 0, told[required], False).sum(axis=1)
        n_asked = np.maximum((required >= 0).sum(axis=1), 1)
        near = past.stage.affinity[past.people.job[client], past.openings.job[columns]]
        found: Floats = met / n_asked + near
        return found


def find_law(rng: np.random.Generator, world: World, past: Past) -> Law:
    """Set the intercepts so that the past has the world's rates of hire and of staying."""
    officers = Officers(rng, past)
    clients, chosen, quarters = [], [], []
    for client in rng.permutation(len(past.people))[:N_CALIBRATION].tolist():
        day = int(past.arrived[client])
        found = officers.choose(client, day, set())
        if found is not None:
            clients.append(client)
            chosen.append(found[0])
            quarters.append(past.quarter(day))
    i, j, q = np.array(clients, dtype=np.intp), np.array(chosen, dtype=np.intp), np.array(quarters)
    facts = facts_of(past.stage, past.people, past.openings, i, j)
    hire, leave, disliked = _effects(past, i, j, q)
    odds = hire_log_odds(world, facts) + hire + world.hire.bias * disliked
    hazard = leave_log_hazard(world, facts) + leave
    at = solve_intercept(lambda x: float(logistic(odds + x).mean()), world.hire_rate)
    hired = logistic(odds + at)

    def share_left(intercept: float) -> float:
        return 1.0 - float((hired * retained(hazard + intercept)).sum() / hired.sum())

    return Law(world, at, solve_intercept(share_left, 1.0 - world.stay_rate))


def live_through(
    rng: np.random.Generator,
    law: Law,
    past: Past,
    n_matured: int,
    progress: Progress = plain,
) -> list[Proposal]:
    """Return the proposals of the past in order of days.

    Parameters
    ----------
    n_matured : int
        Most proposals to return whose outcome at six months is known; fewer when persons run out.
    progress : callable
        Wraps the days that are gone through.
    """
    officers = Officers(rng, past)
    waiting = [(int(day), client) for client, day in enumerate(past.arrived.tolist())]
    heapq.heapify(waiting)
    seen: dict[int, set[int]] = {}
    found: list[Proposal] = []
    for today in progress(range(past.start, past.as_of), "history"):
        while waiting and waiting[0][0] == today:
            client = heapq.heappop(waiting)[1]
            before = seen.setdefault(client, set())
            choice = officers.choose(client, today, before)
            free_on = today + 7 + int(rng.exponential(40.0))
            if choice is not None:
                proposal = _outcome(rng, law, past, client, today, choice)
                before.add(choice[0])
                found.append(proposal)
                officers.places[choice[0]] -= proposal.hired == 1
                free_on = _free_on(proposal, free_on)
            if free_on < past.as_of and len(before) < MAX_PROPOSALS:
                heapq.heappush(waiting, (free_on, client))
    return _thinned(found, n_matured)


def _free_on(proposal: Proposal, otherwise: int) -> int:
    """Return the day a client looks for work again: at once, after the job, or never."""
    if proposal.hired == 0:
        return otherwise
    return proposal.ended + 14 if proposal.ended >= 0 else NEVER


def _thinned(found: list[Proposal], n_matured: int) -> list[Proposal]:
    """Leave out whole clients, the last ones first, until no more than `n_matured` matured."""
    matured = np.bincount([p.client for p in found if p.is_matured])
    kept = int(np.searchsorted(np.cumsum(matured), n_matured, side="right"))
    return [proposal for proposal in found if proposal.client < kept]


def _outcome(
    rng: np.random.Generator,
    law: Law,
    past: Past,
    client: int,
    day: int,
    choice: tuple[int, float],
) -> Proposal:
    opening, propensity = choice
    i, j = np.array([client]), np.array([opening])
    facts = facts_of(past.stage, past.people, past.openings, i, j)
    hire, leave, disliked = _effects(past, i, j, np.array([past.quarter(day)]))
    is_hired = bool(rng.random() < logistic(law.log_odds(facts, hire, disliked))[0])
    is_seen = is_hired or bool(rng.random() < 0.45)
    decided = day + int(rng.integers(4, 22))
    started = decided + int(rng.integers(1, 10))
    lasts = float(days_worked(law.log_hazard(facts, leave), rng.random(1))[0])
    watched = int(rng.integers(20, 300)) if rng.random() < LOST_SIGHT else past.as_of
    pay = float(np.exp(past.openings.wage[opening]) * rng.uniform(0.95, 1.05))
    known = Proposal(client, opening, day, propensity, observed_until=min(decided, past.as_of))
    if not is_hired:
        if decided > past.as_of:
            return known
        return replace(known, interviewed=int(is_seen), hired=0)
    if started > past.as_of:
        return known
    until = min(past.as_of, started + watched)
    ended = started + 1 + int(min(lasts, 20_000.0))
    return replace(
        known,
        interviewed=1,
        hired=1,
        started=started,
        ended=ended if ended <= until else -1,
        observed_until=until,
        wage=10 * round(pay / 10),
    )


def _effects(past: Past, i: Any, j: Any, quarter: npt.NDArray[Any]) -> tuple[Any, Any, Any]:
    partner = past.openings.partner[j]
    disliked = past.people.second_group[i] & past.partners.biased[partner]
    return (
        past.partners.hire[partner, quarter],
        past.partners.leave[partner, quarter],
        disliked.astype(np.float64),
    )


def _flag(value: int) -> str:
    return "" if value < 0 else str(value)
