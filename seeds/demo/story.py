"""Three years of the demo district as a discrete-event simulation, written through the services.

Every act goes the way a person's would: registered by an officer, proposed, consented, answered.
What makes somebody be hired and stay (fit of skills, distance, the employer's ways, chance) is the
story's own and shares nothing with the ranker.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from matchboard.domain import pids
from matchboard.domain.calendar import BEIJING, local_date
from matchboard.domain.client import ClientKind, ContactStatus, Stage
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models import Client
from matchboard.services import clients, tick
from matchboard.services.clients import NewClient
from seeds.demo import district as places
from seeds.demo.cast import Cast, assemble
from seeds.demo.jobs import Jobs
from seeds.demo.lessons import Lessons
from seeds.demo.names import make_person
from seeds.demo.openings import Openings
from seeds.demo.profiles import Profile, make_profile, write_profile

SEED = 20261124
N_RELEASED = 478
N_AFTER_CORRECTION = 579
N_KEY_TIER = 30
N_PRE_RELEASE = 12
HISTORY = timedelta(days=3 * 365)
#: The longest anybody has been supported: five years end it.
SUPPORT = timedelta(days=5 * 365 - 40)

Act = Callable[[datetime], None]
Progress = Callable[[int, int], None]


@dataclass
class World:
    """What the acts of the story share: a clock of planned events, chance, and the cast."""

    now: datetime
    rng: random.Random
    cast: Cast
    _planned: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _order: count[int] = field(default_factory=count)

    def plan(self, at: datetime, act: Act) -> None:
        """Plan an act; what lies after the present day never happens."""
        if at <= self.now:
            heapq.heappush(self._planned, (at, next(self._order), act))

    def after(self, at: datetime, low: float, high: float, act: Act) -> None:
        """Plan an act a number of days after `at`, at some hour of a working day."""
        day = at + timedelta(days=self.rng.uniform(low, high))
        self.plan(max(working_hour(day, self.rng), at + timedelta(minutes=5)), act)

    def play(self, on_progress: Progress) -> None:
        """Let everything happen in its order."""
        began = self._planned[0][0]
        whole = (self.now - began).total_seconds()
        n_done = 0
        while self._planned:
            at, _, act = heapq.heappop(self._planned)
            act(at)
            n_done += 1
            if n_done % 50 == 0:
                db.session.flush()
                on_progress(int((at - began).total_seconds()), int(whole))
        on_progress(int(whole), int(whole))


def seed_demo(
    *, now: datetime, on_progress: Progress = lambda _done, _total: None, scale: float = 1.0
) -> None:
    """Write the demo district as of `now`; the caller commits.

    The same day gives the same district: names, public ids and events come from one seed. A
    `scale` below 1 shrinks the numbers of people and openings, not the cast or the three years.
    """
    rng = random.Random(SEED)  # chance of a story, not of a secret
    with pids.seeded(SEED):
        began = now - SUPPORT - timedelta(days=10)
        stage = World(now=now, rng=rng, cast=assemble(began=began))
        openings = Openings(stage, scale=scale)
        jobs = Jobs(stage, openings)
        lessons = Lessons(stage)
        openings.plan_all(since=now - HISTORY)
        lessons.plan_all(since=now - HISTORY)
        _plan_people(stage, jobs, lessons, Numbers.of(scale))
        _plan_ticks(stage)
        stage.plan(now - timedelta(days=13), jobs.stir)
        stage.play(on_progress)
        openings.finish(now)
        db.session.flush()


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many people the story has."""

    released: int = N_RELEASED
    after_correction: int = N_AFTER_CORRECTION
    key_tier: int = N_KEY_TIER
    pre_release: int = N_PRE_RELEASE

    @property
    def total(self) -> int:
        """Everybody."""
        return self.released + self.after_correction

    @classmethod
    def of(cls, scale: float) -> Numbers:
        """Return the numbers of a smaller district, none of them nought."""
        whole = cls()
        shrunk = {name: max(1, round(n * scale)) for name, n in asdict(whole).items()}
        return cls(**shrunk)


def working_hour(day: datetime, rng: random.Random) -> datetime:
    """Return an office hour on the day, or on Monday if it falls on a weekend."""
    local = day.astimezone(BEIJING)
    if local.weekday() > 4:
        local += timedelta(days=7 - local.weekday())
    at = datetime.combine(local.date(), time(9 + rng.randrange(8), rng.randrange(60)), BEIJING)
    return at.astimezone(UTC)


def _plan_people(stage: World, jobs: Jobs, lessons: Lessons, wanted: Numbers) -> None:
    total = wanted.total
    offices = list(stage.cast.officers)
    kinds = [ClientKind.RELEASED_PERSON] * wanted.released
    kinds += [ClientKind.FORMER_CORRECTION_SUBJECT] * wanted.after_correction
    stage.rng.shuffle(kinds)
    key = set(stage.rng.sample(range(total), wanted.key_tier))
    waiting = {n for n in range(total) if kinds[n] is ClientKind.RELEASED_PERSON}
    waiting = set(sorted(waiting)[: wanted.pre_release])
    for number in range(total):
        office = stage.rng.choice(offices)
        back = stage.rng.uniform(2, SUPPORT.days)
        at = working_hour(stage.now - timedelta(days=back), stage.rng)
        is_waiting = number in waiting
        if is_waiting:
            at = working_hour(stage.now - timedelta(days=stage.rng.uniform(3, 20)), stage.rng)
        registration = _Registration(
            stage, jobs, lessons, number, kinds[number], office, number in key, is_waiting
        )
        stage.plan(min(at, stage.now), registration.happen)


def _plan_ticks(stage: World) -> None:
    """Run what falls due once a week in the past and every day of the last fortnight."""
    day = stage.now - HISTORY
    while day <= stage.now:
        stage.plan(day.replace(hour=0, minute=30), lambda at: _tick(at))
        day += timedelta(days=1 if stage.now - day < timedelta(days=15) else 7)


def _tick(at: datetime) -> None:
    tick.run(now=at)


@dataclass(frozen=True, slots=True)
class _Registration:
    """One person comes to the justice office."""

    stage: World
    jobs: Jobs
    lessons: Lessons
    number: int
    kind: ClientKind
    office_id: int
    is_key: bool
    is_waiting: bool

    def happen(self, at: datetime) -> None:
        """Register the person, fill in the profile, and let the way into work begin."""
        stage, rng = self.stage, self.stage.rng
        today = local_date(at)
        person = make_person(rng, self.number, local_date(stage.now))
        officer = stage.cast.officers[self.office_id]
        released = today - timedelta(days=rng.choice((1, 2, 3, 5, 8, 12, 14, 18)))
        if self.is_waiting:
            released = today + timedelta(days=rng.randrange(-12, 30))
        client = clients.register_client(
            NewClient(
                name=person.name,
                kind=self.kind,
                stage=Stage.PRE_RELEASE if self.is_waiting else Stage.IN_SUPPORT,
                identity_number=person.identity_number,
                phone=person.phone if rng.random() < 0.95 else "",
                contact_status=_contact(rng),
                released_on=released,
                registered_on=None if self.is_waiting else today,
                registered_division=places.DIVISION if rng.random() < 0.88 else "510181",
                residence_division=places.DIVISION,
                residence_address="示范村" if rng.random() < 0.5 else "示范小区",
                seeking_work=not self.is_waiting,
            ),
            actor=officer,
            now=at,
        )
        self._place(client)
        if self.is_key:
            client.tier = "key"  # type: ignore[assignment]  # the tier's own form comes with casework
        profile = make_profile(rng, today)
        write_profile(client, profile, actor=officer, now=at + timedelta(minutes=20))
        if not self.is_waiting:
            self._begin(client, profile, officer, at)

    def _place(self, client: Client) -> None:
        """Give the person a home within reach of their office, as the map picker would."""
        north, east = self.stage.cast.office_places[self.office_id]
        client.lat = round(north + self.stage.rng.gauss(0, 0.02), 5)
        client.lon = round(east + self.stage.rng.gauss(0, 0.025), 5)

    def _begin(self, client: Client, profile: Profile, officer: Actor, at: datetime) -> None:
        self.lessons.consider(client, profile, officer, at)
        self.jobs.begin(client, profile, officer, at)


def _contact(rng: random.Random) -> ContactStatus:
    roll = rng.random()
    if roll < 0.95:
        return ContactStatus.IN_CONTACT
    return ContactStatus.UNREACHED if roll < 0.98 else ContactStatus.DECLINED


def as_day(instant: datetime) -> date:
    """Return the office's date of an instant."""
    return local_date(instant)
