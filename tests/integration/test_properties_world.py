"""A walk of the world: whatever is done in whatever order, what the records promise holds.

    MATCHBOARD_LONG_WALK=200 pytest tests/integration/test_properties_world.py

walks further than `make test` has time for, and shortens what it finds.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from matchboard.domain.calendar import BEIJING, local_date
from matchboard.domain.client import ConsentScope
from matchboard.domain.consent import is_open_to_employer
from matchboard.domain.errors import DomainError
from matchboard.domain.organisation import PARTNER_STEPS
from matchboard.domain.placement import FINAL, TRANSITIONS, PlacementState, PlacementType
from matchboard.domain.roles import Actor, Role
from matchboard.domain.training import ENROLMENT_STEPS, GIVEN_REASONS
from matchboard.domain.vacancy import VACANCY_STEPS, VacancyState
from matchboard.extensions import db
from matchboard.models import (
    Client,
    Consent,
    CourseSession,
    Enrolment,
    OutcomeCheck,
    Partner,
    Placement,
    Reminder,
    User,
    Vacancy,
)
from matchboard.services import (
    audit_folds,
    consents,
    course_sessions,
    course_withdrawal,
    duties,
    enrolments,
    outcome_checks,
    partners,
    placements,
    referrals,
    tick,
    vacancies,
    vacancy_board,
    vacancy_editing,
)
from matchboard.services.outcome_checks import Answers
from tests.conftest import Clock
from tests.factories import (
    NOW,
    CourseFactory,
    CourseSessionFactory,
    PartnerFactory,
    UserFactory,
    VacancyFactory,
)
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
#: Walks, and steps of each; a number in the environment makes as many walks.
LONG = int(os.environ.get("MATCHBOARD_LONG_WALK", "0"))
N_WALKS, N_STEPS = LONG or 8, 60 if LONG else 25
FORWARD = ("consent", "send", "invite", "offer", "start", "end")
STEPS = tuple(sorted(set(TRANSITIONS) - {"expire", "complete"}))
OF_OPENINGS = (*sorted(VACANCY_STEPS), "confirm", "places", "words")
Row = TypeVar("Row")
WHICH = st.integers(0, 2**16)


class World(RuleBasedStateMachine):
    """Three offices, two employers and a training provider; a refused act leaves nothing behind."""

    clock: ClassVar[Clock]
    #: What was done in all walks, to see that they went somewhere.
    done: ClassVar[Counter[str]] = Counter()

    @initialize()
    def begin(self) -> None:
        """Make everybody, through the services where a step is on record."""
        self.clock.set(NOW)
        self.saved = db.session.begin_nested()
        self.officers = [UserFactory(role=Role.OFFICER) for _ in range(3)]
        self.people = [(a_person(officer), officer) for officer in self.officers for _ in range(2)]
        self.district = UserFactory(role=Role.DISTRICT, unit=self.officers[0].unit.parent)
        self.employers: dict[int, User] = {}
        for _ in range(2):
            partner = PartnerFactory(state="pending")
            partners.advance_partner(partner, "vet", actor=self.district.actor, now=self.now)
            self.employers[partner.id] = UserFactory(role=Role.ENTERPRISE, unit=partner.unit)
            example = VacancyFactory(partner=partner)
            values = vacancy_editing.copy_of(example)
            db.session.delete(example)
            for headcount in (1, 2):
                wanted = replace(values, headcount=headcount)
                actor = self.employers[partner.id].actor
                opening = vacancy_editing.create_vacancy(
                    wanted, partner=partner, actor=actor, now=self.now
                )
                vacancies.advance(opening, "submit", actor=actor, now=self.now)
                vacancies.advance(
                    opening, "approve", actor=self.district.actor, now=self.now, reason="已核对"
                )
        course = CourseFactory(skills=[("sew.flat", 2)])
        self.teacher = UserFactory(role=Role.COORDINATOR, unit=course.provider)
        for days in (2, 12):
            starts_on = local_date(NOW) + timedelta(days=days)
            ends_on = starts_on + timedelta(days=10)
            CourseSessionFactory(course=course, starts_on=starts_on, ends_on=ends_on, capacity=1)
        db.session.flush()
        openings = db.session.scalars(db.select(Vacancy).order_by(Vacancy.id)).all()
        states = (S.PROPOSED, S.SENT, S.OFFERED, S.STARTED)
        for n, (state, opening) in enumerate(zip(states, openings, strict=True)):
            person, officer = self.people[n]
            employer = self.employers[opening.partner_id or 0]
            brought_to(state, Case(person, opening, officer, employer), self.clock)
        for n in range(3):
            self.recommend(n, 0)
            self.change_enrolment(n, "admit")

    def teardown(self) -> None:
        """Leave nothing to the next walk."""
        if hasattr(self, "saved"):
            self.saved.rollback()
            db.session.expunge_all()

    @property
    def now(self) -> datetime:
        return self.clock.now

    def act(self, name: str, do: Callable[[], object]) -> None:
        """Do one thing; what is refused leaves nothing behind."""
        try:
            with db.session.begin_nested():
                do()
            self.done[name] += 1
        except DomainError:
            pass
        db.session.flush()
        db.session.expire_all()

    @staticmethod
    def one(kind: type[Row], which: int, *conditions: Any) -> Row | None:
        """Return one of the rows; the same number gives the same while there are as many."""
        key: Any = kind
        rows = db.session.scalars(db.select(kind).where(*conditions).order_by(key.id)).all()
        return rows[which % len(rows)] if rows else None

    def person(self, which: int) -> tuple[Client, User]:
        return self.people[which % len(self.people)]

    def case(self, placement: Placement) -> Case:
        officer = next(o for p, o in self.people if p.id == placement.client_id)
        anybody = next(iter(self.employers.values()))  # where no employer is concerned
        employer = self.employers.get(placement.partner_id or 0, anybody)
        return Case(placement.client, placement.vacancy, officer, employer)  # type: ignore[arg-type]

    # --- Placements -----------------------------------------------------------------------------

    @rule(who=WHICH, which=WHICH)
    def propose(self, who: int, which: int) -> None:
        person, officer = self.person(who)
        opening = self.one(Vacancy, which, Vacancy.state == VacancyState.OPEN)
        if opening is None:
            return self.open_again(which)
        self.act(
            "propose",
            lambda: placements.propose(person, opening, actor=officer.actor, now=self.now),
        )
        return None

    @rule(which=WHICH, branch=st.integers(0, 1))
    def go_on(self, which: int, branch: int) -> None:
        """Take a step that leads on."""
        ahead = Placement.state.in_([s for name in FORWARD for s in TRANSITIONS[name].sources])
        placement = self.one(Placement, which, ahead)
        if placement is None:
            return self.propose(which, branch)
        onward = [name for name in FORWARD if placement.state in TRANSITIONS[name].sources]
        name = onward[branch % len(onward)]
        self.act(name, lambda: take(placement, name, self.case(placement), self.clock))
        return None

    @rule(which=WHICH, branch=st.integers(0, 1))
    def go_on_further(self, which: int, branch: int) -> None:
        self.go_on(which, branch)

    @rule(which=WHICH, branch=st.integers(0, 1))
    def go_further_still(self, which: int, branch: int) -> None:
        self.go_on(which, branch)

    @rule(which=WHICH, name=st.sampled_from(STEPS))
    def take_any(self, which: int, name: str) -> None:
        placement = self.one(Placement, which)
        if placement is not None:
            self.act(name, lambda: take(placement, name, self.case(placement), self.clock))

    @rule(which=WHICH, wide=st.booleans())
    def give_consent(self, which: int, wide: bool) -> None:
        placement = self.one(Placement, which)
        if placement is not None:
            actor = Actor(Role.CLIENT, client_id=placement.client_id)
            scope = BOTH if wide else ConsentScope.CARD
            self.act(
                "give_consent", lambda: consents.give(placement, scope, actor=actor, now=self.now)
            )

    @rule(which=WHICH)
    def withdraw_consent(self, which: int) -> None:
        placement = self.one(Placement, which)
        if placement is not None:
            actor = Actor(Role.CLIENT, client_id=placement.client_id)
            self.act(
                "withdraw_consent", lambda: consents.withdraw(placement, actor=actor, now=self.now)
            )

    @rule(which=WHICH)
    def ask_for_contact(self, which: int) -> None:
        placement = self.one(Placement, which, Placement.vacancy_id.is_not(None))
        if placement is not None:
            actor = self.employers[placement.partner_id or 0].actor
            self.act(
                "contact", lambda: referrals.request_contact(placement, actor=actor, now=self.now)
            )

    @rule(which=WHICH, day=st.sampled_from((30, 90)))
    def check(self, which: int, day: int) -> None:
        placement = self.one(Placement, which, Placement.state == S.STARTED)
        if placement is not None:
            actor = self.case(placement).officer.actor
            still_there = Answers(still_employed=True)
            self.act(
                "check",
                lambda: outcome_checks.record_check(
                    placement, day, still_there, actor=actor, now=self.now
                ),
            )

    @rule(who=WHICH)
    def settle(self, who: int) -> None:
        person, officer = self.person(who)
        self.act(
            "settle",
            lambda: placements.settle(
                person,
                placement_type=PlacementType.GIG,
                description="送货",
                started_on=self.clock.today,
                wage_cny_month=None,
                actor=officer.actor,
                now=self.now,
            ),
        )

    @rule(days=st.sampled_from((1, 3, 8, 40)))
    def wait(self, days: int) -> None:
        self.clock.move(days=days)
        self.act("wait", lambda: tick.run(now=self.now))

    # --- Openings and partners ------------------------------------------------------------------

    @rule(which=WHICH, name=st.sampled_from(OF_OPENINGS), by_district=st.booleans())
    def change_opening(self, which: int, name: str, by_district: bool) -> None:
        opening = self.one(Vacancy, which)
        assert opening is not None
        actor = (self.district if by_district else self.employers[opening.partner_id or 0]).actor
        self.act(f"opening {name}", lambda: self._change(opening, name, actor))

    @rule(which=WHICH)
    def open_again(self, which: int) -> None:
        """Bring an opening back on the board, so that the walk does not run dry."""
        opening = self.one(Vacancy, which, Vacancy.state != VacancyState.OPEN)
        if opening is None:
            return self.reinstate(which)
        name = {
            VacancyState.DRAFT: "submit",
            VacancyState.IN_REVIEW: "approve",
            VacancyState.PAUSED: "resume",
            VacancyState.FILLED: "refill",
        }.get(opening.state, "renew")
        actor = self.district.actor
        self.act(f"opening {name}", lambda: self._change(opening, name, actor))
        return None

    def _change(self, opening: Vacancy, name: str, actor: Actor) -> None:
        if name == "confirm":
            vacancies.confirm_validity(opening, actor=actor, now=self.now)
        elif name in VACANCY_STEPS:
            vacancies.advance(opening, name, actor=actor, now=self.now, reason="已核对")
        else:
            values = vacancy_editing.input_of(opening)
            new = {"headcount": values.headcount + 1} if name == "places" else {"duties": "车工。"}
            vacancy_editing.edit_vacancy(
                opening,
                replace(values, **new),  # type: ignore[arg-type]
                expected_version=opening.version,
                actor=actor,
                now=self.now,
            )

    @rule(which=WHICH, name=st.sampled_from(sorted(PARTNER_STEPS)))
    def change_partner(self, which: int, name: str) -> None:
        partner = self.one(Partner, which)
        assert partner is not None
        self.act(
            f"partner {name}",
            lambda: partners.advance_partner(
                partner, name, actor=self.district.actor, now=self.now, reason="已核对"
            ),
        )

    def reinstate(self, which: int) -> None:
        """Let both employers recruit again."""
        for n in range(2):
            self.change_partner(which + n, "reinstate")

    # --- Courses --------------------------------------------------------------------------------

    @rule(who=WHICH, which=WHICH)
    def recommend(self, who: int, which: int) -> None:
        person, officer = self.person(who)
        session = self.one(CourseSession, which)
        assert session is not None
        self.act(
            "recommend",
            lambda: enrolments.recommend(
                person, session, actor=officer.actor, now=self.now, person_agrees=True
            ),
        )

    @rule(which=WHICH, name=st.sampled_from(("admit", "withdraw", *sorted(ENROLMENT_STEPS))))
    def change_enrolment(self, which: int, name: str) -> None:
        one = self.one(Enrolment, which)
        if one is None:
            return
        actor, now = self.teacher.actor, self.now

        def do() -> None:
            if name == "admit":
                enrolments.admit(one, actor=actor, now=now)
            elif name == "withdraw":
                person = Actor(Role.CLIENT, client_id=one.client_id)
                course_withdrawal.withdraw(one, actor=person, now=now)
            else:
                enrolments.advance(one, name, actor=actor, now=now, reason=GIVEN_REASONS[0])

        self.act(f"enrolment {name}", do)

    @rule(which=WHICH)
    def cancel_session(self, which: int) -> None:
        session = self.one(CourseSession, which % 5)
        if session is not None and which % 5 == 0:
            actor = self.teacher.actor
            self.act(
                "cancel_session",
                lambda: course_sessions.cancel_session(session, actor=actor, now=self.now),
            )

    # --- What holds after each step -------------------------------------------------------------

    @invariant()
    def records_keep_their_promises(self) -> None:
        if hasattr(self, "saved"):
            _judge(self)


def _judge(world: World) -> None:
    """Hold the rules against the tables."""
    rows = db.session.scalars(db.select(Placement)).all()
    for opening in db.session.scalars(db.select(Vacancy)):
        own = [p for p in rows if p.vacancy_id == opening.id]
        assert opening.n_reserved == sum(p.holds_reservation for p in own), opening.pid
        assert opening.n_filled <= opening.headcount, opening.pid
        assert 0 <= opening.n_reserved + opening.n_filled <= opening.headcount, opening.pid
    is_open = db.select(Vacancy.pid).join(Partner).where(Vacancy.state == VacancyState.OPEN)
    shown = {pid for pid, _ in vacancy_board.public_pids(today=world.clock.today)}
    assert shown == set(db.session.scalars(is_open.where(Partner.state == "active")))
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
    trusted = {
        partner.id
        for partner in db.session.scalars(db.select(Partner))
        if partner.state == "active"
    }
    for employer in world.employers.values():
        for referral in referrals.list_referrals(actor=employer.actor, now=world.now):
            placement = referral.placement
            is_seen = is_open_to_employer(
                placement.state,
                changed_at=placement.state_changed_at,
                now=world.now,
                has_consent=placement.id in in_force,
            )
            is_seen = is_seen and placement.partner_id in trusted
            assert (referral.card is not None) is is_seen, placement.pid
    for session in db.session.scalars(db.select(CourseSession)):
        assert 0 <= session.n_enrolled <= session.capacity
    # Every chain of events leads to the state: placements, openings, partners, enrolments; and
    # the log, the consents and the counters say the same.
    broken = [c for c in audit_folds.run_in(db.session()) if not c.is_kept]
    assert broken == []


def test_records_keep_their_promises_when_anything_is_done_in_any_order(clock: Clock) -> None:
    World.clock = clock
    World.done.clear()
    run_state_machine_as_test(
        World,
        settings=settings(
            max_examples=N_WALKS,
            stateful_step_count=N_STEPS,
            derandomize=not LONG,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink] if LONG else [Phase.generate],
        ),
    )
    # The walks went somewhere: jobs came and went, consents were taken back, classes filled.
    went = {"propose", "consent", "end", "withdraw_consent", "wait", "recommend", "enrolment admit"}
    assert went <= set(World.done), World.done


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
