"""Draw a whole world: its past on record, its present day on record, and the truth about both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from ml.schema import Clients, Vacancies
from ml.simulation.feasible import Block, Constraints
from ml.simulation.history import (
    N_QUARTERS,
    SPAN_DAYS,
    Past,
    Progress,
    Proposal,
    find_law,
    live_through,
    plain,
)
from ml.simulation.openings import Openings, Partners, draw_openings, draw_partners
from ml.simulation.people import People, draw_people
from ml.simulation.records import (
    OpeningsOnRecord,
    PeopleOnRecord,
    Row,
    as_day,
    record_openings,
    record_people,
)
from ml.simulation.stage import Ints, Stage, build_stage
from ml.simulation.truth import Chances, Law, facts_of
from ml.simulation.worlds import WORLDS, World
from ml.vocabulary import Vocabulary, load_vocabulary

AS_OF = as_day(date(2026, 6, 1))
N_WEEKS = 12
ARRIVALS = ("once", "weekly")
BLOCK_PAIRS = 1_000_000
PERSONS_PER_OUTCOME = 0.34
OPENINGS_PER_PARTNER = 6


class ScarcityError(ValueError):
    """Say that there are fewer places than openings."""


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """Hold one world, drawn.

    Attributes
    ----------
    world : World
    seed, as_of : int
        As-of is in days since 1970.
    stage : Stage
    law : Law
    partners : Partners
    past : Past
    proposals : list of Proposal
        The past in order of days.
    history_clients, clients : Clients
        As read from the rows.
    history_vacancies, vacancies : Vacancies
    history_openings_rows : list of dict
        Rows of the past's openings.
    people, openings
        The present day in truth.
    people_record, openings_record
        The present day on record.
    constraints : Constraints
        Of the present day.
    """

    world: World
    seed: int
    as_of: int
    stage: Stage
    law: Law
    partners: Partners
    past: Past
    proposals: list[Proposal]
    history_clients: Clients
    history_vacancies: Vacancies
    history_openings_rows: list[Row]
    people: People
    openings: Openings
    people_record: PeopleOnRecord
    openings_record: OpeningsOnRecord
    clients: Clients
    vacancies: Vacancies
    constraints: Constraints

    def placement_rows(self) -> list[Row]:
        """Return the cells of ``placements.csv``."""
        return [proposal.row(number) for number, proposal in enumerate(self.proposals)]

    def blocks(self) -> Iterator[npt.NDArray[np.intp]]:
        """Yield groups of clients small enough that a block of pairs fits into memory."""
        step = max(1, BLOCK_PAIRS // max(len(self.openings), 1))
        for start in range(0, len(self.people), step):
            yield np.arange(start, min(start + step, len(self.people)), dtype=np.intp)

    def feasible(self, rows: npt.NDArray[np.intp]) -> Block:
        """Return which openings are feasible for some clients, shape (n, n_vacancies)."""
        return self.constraints.block(rows, np.arange(len(self.openings)), self.as_of)

    def truth(self, rows: npt.NDArray[np.intp]) -> Chances:
        """Return the chances of some clients with every opening, shape (n, n_vacancies)."""
        columns = np.arange(len(self.openings))[None, :]
        i = rows[:, None]
        partner = self.openings.partner[columns]
        disliked = self.people.second_group[i] & self.partners.biased[partner]
        return self.law.chances(
            facts_of(self.stage, self.people, self.openings, i, columns),
            self.partners.hire[partner, -1],
            self.partners.leave[partner, -1],
            disliked,
        )


def simulate(
    world: World | str,
    *,
    n_clients: int,
    n_vacancies: int,
    n_history: int,
    seed: int,
    scarcity: float | None = None,
    arrivals: str = "once",
    vocabulary: Vocabulary | None = None,
    progress: Progress = plain,
) -> Simulated:
    """Draw a world.

    Parameters
    ----------
    world : World or str
        Or a name in `ml.simulation.worlds.WORLDS`.
    n_clients, n_vacancies : int
        Of the present day.
    n_history : int
        Proposals of the past whose outcome at six months is known.
    seed : int
        The same seed draws the same world.
    scarcity : float, optional
        Places a person; by default as the openings happen to have.
    arrivals : str
        ``once``, or ``weekly``: clients become available and openings open over 12 weeks.
    vocabulary : Vocabulary, optional
        The product's own by default.
    progress : callable
        Wraps the days of the past; shows nothing by default.

    Raises
    ------
    ScarcityError
        When there would be fewer places than openings.
    """
    drawn = WORLDS[world] if isinstance(world, str) else world
    words = vocabulary or load_vocabulary()
    streams = [np.random.default_rng([seed, number]) for number in range(6)]
    stage = build_stage(streams[0], words, n_vacancies)
    n_known = max(12, min(n_vacancies, 8 * n_history) // OPENINGS_PER_PARTNER)
    n_fresh = max(2, int(drawn.new_partners * n_vacancies / OPENINGS_PER_PARTNER))
    partners = draw_partners(streams[0], stage, drawn, n_known + n_fresh, N_QUARTERS + 1)

    past, past_vacancies, past_rows = _past(
        streams[1], streams[2], stage, drawn, partners, n_known, n_history
    )
    law = find_law(streams[3], drawn, past)
    proposals = live_through(streams[3], law, past, n_history, progress)

    people = draw_people(streams[4], stage, n_clients, drawn.records.wish_true)
    arrived, available = _arrivals(streams[4], n_clients, arrivals)
    record = record_people(
        streams[5],
        stage,
        drawn.records,
        people,
        prefix="C",
        available=available,
        as_of=np.full(n_clients, AS_OF),
        arrived=arrived,
    )
    openings = _present_openings(streams[4], stage, drawn, partners, n_known, n_vacancies, arrivals)
    if scarcity is not None:
        openings = _scarce(streams[4], openings, round(scarcity * n_clients))
    opening_record = record_openings(streams[5], stage, drawn.records, openings, prefix="V")
    clients = Clients.from_rows(record.rows)
    vacancies = Vacancies.from_rows(opening_record.rows)
    return Simulated(
        world=drawn,
        seed=seed,
        as_of=AS_OF,
        stage=stage,
        law=law,
        partners=partners,
        past=past,
        proposals=proposals,
        history_clients=past.constraints.clients,
        history_vacancies=past_vacancies,
        history_openings_rows=past_rows,
        people=people,
        openings=openings,
        people_record=record,
        openings_record=opening_record,
        clients=clients,
        vacancies=vacancies,
        constraints=Constraints(clients, vacancies),
    )


def _past(
    rng: np.random.Generator,
    scribe: np.random.Generator,
    stage: Stage,
    world: World,
    partners: Partners,
    n_known: int,
    n_history: int,
) -> tuple[Past, Vacancies, list[Row]]:
    start = AS_OF - SPAN_DAYS
    n = max(40, int(n_history * PERSONS_PER_OUTCOME))
    people = draw_people(rng, stage, n, world.records.wish_true)
    arrived = start + rng.integers(0, SPAN_DAYS - 14, n)
    record = record_people(
        scribe,
        stage,
        world.records,
        people,
        prefix="H",
        available=arrived,
        as_of=arrived,
        arrived=arrived,
    )
    n_openings = min(1000 + n_history // 2, 8000)
    days = np.sort(start - 60 + rng.integers(0, SPAN_DAYS + 60, n_openings))
    partner = _partners_of_the_past(rng, world, n_known, days)
    openings = draw_openings(rng, stage, partners, partner, days)
    opening_record = record_openings(scribe, stage, world.records, openings, prefix="HV")
    clients = Clients.from_rows(record.rows)
    vacancies = Vacancies.from_rows(opening_record.rows)
    past = Past(
        stage=stage,
        people=people,
        record=record,
        arrived=arrived,
        openings=openings,
        partners=partners,
        constraints=Constraints(clients, vacancies),
        start=start,
        as_of=AS_OF,
    )
    return past, vacancies, opening_record.rows


def _partners_of_the_past(rng: np.random.Generator, world: World, n: int, days: Ints) -> Ints:
    """Draw who offers each opening; as many employers as are new today joined during the past."""
    n_late = int(world.new_partners * n)
    joined = np.sort(AS_OF - SPAN_DAYS + rng.integers(0, SPAN_DAYS, n_late))
    n_there = n - n_late + np.searchsorted(joined, days, side="right")
    return rng.integers(0, n_there)


def _arrivals(rng: np.random.Generator, n: int, arrivals: str) -> tuple[Ints, Ints]:
    """Return when clients began to wait and when they are available (-1 unstated: at once)."""
    waited = AS_OF - np.minimum(rng.exponential(40.0, n).astype(np.int64), 365)
    if arrivals == "once":
        return waited, np.full(n, -1, dtype=np.int64)
    available = AS_OF + 7 * rng.integers(0, N_WEEKS, n)
    return available, available


def _present_openings(
    rng: np.random.Generator,
    stage: Stage,
    world: World,
    partners: Partners,
    n_known: int,
    n: int,
    arrivals: str,
) -> Openings:
    """Draw the openings of the present day; every employer without a past comes last."""
    fresh = rng.random(n) < world.new_partners
    known = rng.integers(0, n_known, n)
    partner = np.where(fresh, rng.integers(n_known, len(partners), n), known)
    if arrivals == "once":
        days = AS_OF - rng.integers(0, 90, n)
    else:
        days = AS_OF - 30 + rng.integers(0, 30 + 7 * (N_WEEKS - 1), n)
    openings = draw_openings(rng, stage, partners, partner, days)
    late = (openings.closed >= 0) & (openings.closed < AS_OF + 7)
    openings.closed[late] = AS_OF + 7 + rng.integers(0, 90, int(late.sum()))
    return openings


def _scarce(rng: np.random.Generator, openings: Openings, n_places: int) -> Openings:
    """Give out a number of places, one to each opening at least."""
    n = len(openings)
    if n_places < n:
        raise ScarcityError(f"{n_places} places for {n} openings")
    openings.headcount[:] = 1 + np.bincount(rng.integers(0, n, n_places - n), minlength=n)
    return openings
