"""A walk of the world: whatever is done in whatever order, what the records promise holds."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from matchboard.domain.calendar import BEIJING, local_date
from matchboard.domain.consent import is_open_to_employer
from matchboard.domain.errors import DomainError
from matchboard.domain.placement import FINAL, TRANSITIONS, PlacementState
from matchboard.domain.roles import Actor, Role
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import db
from matchboard.models import Consent, OutcomeCheck, Placement, PlacementEvent, Reminder, Vacancy
from matchboard.services import (
    audit_folds,
    consents,
    duties,
    outcome_checks,
    placements,
    referrals,
    tick,
    vacancy_board,
)
from matchboard.services.outcome_checks import Answers
from tests.conftest import Clock
from tests.factories import PartnerFactory, UserFactory, VacancyFactory
from tests.integration.placement_paths import (
    BOTH,
    Case,
    a_case,
    a_person,
    brought_to,
    take,
)

pytestmark = pytest.mark.usefixtures("app", "on_one_database")
S = PlacementState
N_STEPS = 100
STEP_NAMES = db.select(PlacementEvent.name)
FORWARD = ("consent", "send", "invite", "offer", "start", "end")
STEPS = tuple(sorted(set(TRANSITIONS) - {"expire", "complete"}))


class World:
    """Three offices with their people, two employers with their openings, and one die."""

    def __init__(self, seed: int, clock: Clock) -> None:
        self.die = random.Random(seed)
        self.clock = clock
        officers = [UserFactory(role=Role.OFFICER) for _ in range(3)]
        self.people = [(a_person(officer), officer) for officer in officers for _ in range(3)]
        self.employers = {}
        self.openings = []
        for _ in range(2):
            partner = PartnerFactory()
            self.employers[partner.id] = UserFactory(role=Role.ENTERPRISE, unit=partner.unit)
            self.openings += [VacancyFactory(partner=partner, headcount=n) for n in (1, 2)]
        self.n_done = 0

    def case(self) -> Case:
        person, officer = self.die.choice(self.people)
        opening = self.die.choice(self.openings)
        return Case(person, opening, officer, self.employers[opening.partner_id])

    def do(self) -> None:
        """Do one thing; what is refused leaves nothing behind."""
        act = self.die.choice(
            (self.propose, *(self.step,) * 6, self.consent, self.wait, self.check)
        )
        try:
            with db.session.begin_nested():
                act()
            self.n_done += 1
        except DomainError:
            pass
        db.session.flush()
        db.session.expire_all()

    def propose(self) -> None:
        case = self.case()
        placements.propose(case.person, case.vacancy, actor=case.officer.actor, now=self.clock.now)

    def any_placement(self) -> tuple[Placement, Case]:
        rows = db.session.scalars(db.select(Placement).order_by(Placement.id)).all()
        if not rows:
            raise DomainError("nothing")
        placement = self.die.choice(rows)
        officer = next(o for p, o in self.people if p.id == placement.client_id)
        employer = self.employers[placement.partner_id]
        return placement, Case(placement.client, placement.vacancy, officer, employer)

    def step(self) -> None:
        placement, case = self.any_placement()
        onward = [name for name in FORWARD if placement.state in TRANSITIONS[name].sources]
        is_straight = bool(onward) and self.die.random() < 0.8
        take(placement, self.die.choice(onward if is_straight else STEPS), case, self.clock)

    def consent(self) -> None:
        placement, case = self.any_placement()
        actor = Actor(Role.CLIENT, client_id=case.person.id)
        if self.die.random() < 0.5:
            consents.withdraw(placement, actor=actor, now=self.clock.now)
        else:
            consents.give(placement, BOTH, actor=actor, now=self.clock.now)

    def check(self) -> None:
        placement, case = self.any_placement()
        day = self.die.choice((30, 90))
        still_there = Answers(still_employed=True)
        actor = case.officer.actor
        outcome_checks.record_check(placement, day, still_there, actor=actor, now=self.clock.now)

    def wait(self) -> None:
        self.clock.move(days=self.die.choice((1, 3, 8)))
        tick.run(now=self.clock.now)


def _judge(world: World) -> None:
    """Hold the rules against the tables."""
    rows = db.session.scalars(db.select(Placement)).all()
    for opening in db.session.scalars(db.select(Vacancy)):
        own = [p for p in rows if p.vacancy_id == opening.id]
        assert opening.n_reserved == sum(p.holds_reservation for p in own), opening.pid
        assert 0 <= opening.n_reserved + opening.n_filled <= opening.headcount, opening.pid
    is_open = Vacancy.state == VacancyState.OPEN
    shown = {pid for pid, _ in vacancy_board.public_pids(today=world.clock.today)}
    assert shown == set(db.session.scalars(db.select(Vacancy.pid).where(is_open)))
    final = [p.id for p in rows if p.state in FINAL]
    left = db.select(Reminder.id).where(
        Reminder.placement_id.in_(final), Reminder.cancelled_at.is_(None)
    )
    assert db.session.scalars(left).all() == []
    ahead = db.select(OutcomeCheck.id).where(
        OutcomeCheck.placement_id.in_(final),
        OutcomeCheck.done_on.is_(None),
        OutcomeCheck.cancelled.is_(False),
    )
    assert db.session.scalars(ahead).all() == []
    at_work = [p.client_id for p in rows if p.state is S.STARTED]
    assert len(at_work) == len(set(at_work))
    in_force = set(
        db.session.scalars(db.select(Consent.placement_id).where(Consent.withdrawn_at.is_(None)))
    )
    for employer in world.employers.values():
        for referral in referrals.list_referrals(actor=employer.actor, now=world.clock.now):
            placement = referral.placement
            is_seen = is_open_to_employer(
                placement.state,
                changed_at=placement.state_changed_at,
                now=world.clock.now,
                has_consent=placement.id in in_force,
            )
            assert (referral.card is not None) is is_seen, placement.pid


@pytest.mark.parametrize("seed", range(4))
def test_records_keep_their_promises_when_anything_is_done_in_any_order(
    seed: int, clock: Clock
) -> None:
    world = World(seed, clock)
    for _ in range(N_STEPS):
        world.do()
        _judge(world)
    assert world.n_done > N_STEPS / 3  # the walk went somewhere: jobs began, and came to an end
    assert {"start", "end", "withdraw_consent"} <= set(db.session.scalars(STEP_NAMES))
    db.session.commit()
    folded = [c for c in audit_folds.run() if c.name.startswith(("placement", "consent"))]
    assert folded
    assert [c for c in folded if not c.is_kept] == []


# --- The same day at another hour -----------------------------------------------------------------

DAYS = ((2026, 11, 24), (2028, 2, 29), (2027, 1, 31), (2026, 12, 31))
HOURS = ((0, 30), (7, 59), (8, 1), (23, 59))


def _dates(day: tuple[int, int, int], at: tuple[int, int], clock: Clock) -> list[Any]:
    """Return every date that comes of placements brought to each state at one hour of a day."""
    clock.set(datetime(*day, *at, tzinfo=BEIJING).astimezone(UTC))
    today = clock.today
    found: list[Any] = []
    for state in (S.PROPOSED, S.SENT, S.INTERVIEW, S.OFFERED, S.STARTED, S.NO_SHOW):
        case = a_case(close_on=today + timedelta(days=90))
        placement = brought_to(state, case, clock)
        listed = duties.list_duties(
            actor=case.officer.actor, now=clock.now, until=today + timedelta(days=60)
        )
        checks = db.session.scalars(
            db.select(OutcomeCheck.due_on)
            .where(OutcomeCheck.placement_id == placement.id)
            .order_by(OutcomeCheck.due_on)
        ).all()
        found.append((state, placement.proposed_on, [(d.kind, d.due_on) for d in listed], checks))
        if state is S.SENT:
            for after in (3, 7, 13, 14):
                clock.set(datetime(*day, *at, tzinfo=BEIJING) + timedelta(days=after))
                done = tick.run(now=clock.now)
                found.append((after, done.n_reminders, done.n_referrals_expired))
            clock.set(datetime(*day, *at, tzinfo=BEIJING))
    return found


@pytest.mark.parametrize("day", DAYS, ids=["-".join(map(str, d)) for d in DAYS])
def test_dates_are_those_of_ten_in_the_morning_at_any_hour(
    day: tuple[int, int, int], clock: Clock
) -> None:
    expected = _dates(day, (10, 0), clock)
    assert expected[0][1] == local_date(clock.now)
    for at in HOURS:
        here = db.session.begin_nested()
        assert _dates(day, at, clock) == expected, at
        here.rollback()
        db.session.expire_all()
