"""Ways a placement goes, taken through the services: what the placement tests start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from matchboard.domain.client import ConsentMethod, ConsentScope
from matchboard.domain.placement import PlacementReason, PlacementState
from matchboard.domain.roles import SYSTEM, Actor, Role
from matchboard.extensions import db
from matchboard.models import (
    AuditEntry,
    Client,
    Placement,
    PlacementEvent,
    Reminder,
    RestrictedRecord,
    User,
    Vacancy,
)
from matchboard.services import placements
from matchboard.services.step_details import StepDetails
from tests.conftest import Clock
from tests.factories import (
    ClientFactory,
    PartnerFactory,
    RestrictedRecordFactory,
    UserFactory,
    VacancyFactory,
)

S = PlacementState
R = PlacementReason

#: Facts on record, and none of them bars any work.
NO_RECORDS = '{"records": []}'
#: Nobody has looked: the gate asks for a decision on a guarded post.
BOTH = ConsentScope.CARD_AND_CONTACT

#: The steps from a proposal to a state, for an officer who notes everybody's word.
PATHS: dict[PlacementState, tuple[str, ...]] = {
    S.PROPOSED: (),
    S.CONSENTED: ("consent",),
    S.SENT: ("consent", "send"),
    S.INTERVIEW: ("consent", "send", "invite"),
    S.OFFERED: ("consent", "send", "offer"),
    S.STARTED: ("consent", "send", "offer", "start"),
    S.ENDED: ("consent", "send", "offer", "start", "end"),
    S.COMPLETED: ("consent", "send", "offer", "start", "complete"),
    S.DECLINED_BY_CLIENT: ("decline",),
    S.DECLINED_BY_EMPLOYER: ("consent", "send", "refuse"),
    S.NO_SHOW: ("consent", "send", "invite", "miss"),
    S.WITHDRAWN: ("withdraw",),
    S.EXPIRED: ("consent", "send", "expire"),
}
#: Steps only the system takes.
OF_SYSTEM = frozenset({"expire", "complete"})


@dataclass(frozen=True)
class Case:
    """A person, an opening, and those who act."""

    person: Client
    vacancy: Vacancy
    officer: User
    employer: User

    @property
    def actors(self) -> Mapping[Role, Actor]:
        return {
            Role.CLIENT: Actor(Role.CLIENT, client_id=self.person.id),
            Role.OFFICER: self.officer.actor,
            Role.ENTERPRISE: self.employer.actor,
            Role.SYSTEM: SYSTEM,
        }


def a_case(*, headcount: int = 2, **vacancy: Any) -> Case:
    """Return a case nothing stands against."""
    officer = UserFactory(role=Role.OFFICER)
    person = a_person(officer)
    opening = VacancyFactory(headcount=headcount, **{"partner": PartnerFactory(), **vacancy})
    employer = UserFactory(role=Role.ENTERPRISE, unit=opening.partner.unit)
    return Case(person, opening, officer, employer)


def a_person(officer: User, **attributes: Any) -> Client:
    """Return a person of the officer's office whom no law bars from anything."""
    person: Client = ClientFactory(office=officer.unit, **attributes)
    RestrictedRecordFactory(client_id=person.id, facts=NO_RECORDS)
    return person


def details_of(step: str, clock: Clock, **changes: Any) -> StepDetails:
    """Return what a step needs, all of it right."""
    values: dict[str, Any] = {
        "consent": {"scope": BOTH, "method": ConsentMethod.SIGNED_AT_DESK},
        "decline": {"reason": R.TOO_FAR},
        "invite": {
            "interview_at": clock.now + timedelta(days=2),
            "interview_place": "示范路2号",
            "note": "王经理来电",
        },
        "offer": {"start_on": clock.today, "wage_cny_month": 4800, "note": "王经理来电"},
        "amend": {"start_on": clock.today, "wage_cny_month": 4900, "note": "王经理来电"},
        "refuse": {"reason": R.SKILL_MISSING, "note": "王经理来电"},
        "start": {"start_on": clock.today},
        "miss": {"reason": R.DID_NOT_COME, "note": "打了两次电话"},
        "withdraw": {"reason": R.ENTERED_IN_ERROR},
        "end": {"reason": R.QUIT, "ended_on": clock.today},
    }.get(step, {})
    return StepDetails(**{**values, **changes})


def propose(case: Case, clock: Clock, **changes: Any) -> Placement:
    """Propose the case's person for its opening."""
    return placements.propose(
        changes.pop("person", case.person),
        changes.pop("vacancy", case.vacancy),
        actor=case.officer.actor,
        now=clock.now,
        **changes,
    )


def take(
    placement: Placement, step: str, case: Case, clock: Clock, *, role: Role | None = None, **d: Any
) -> Placement:
    """Take one step as the officer (or the system, or `role`)."""
    who = role or (Role.SYSTEM if step in OF_SYSTEM else Role.OFFICER)
    return placements.advance(
        placement, step, actor=case.actors[who], now=clock.now, details=details_of(step, clock, **d)
    )


def brought_to(state: PlacementState, case: Case, clock: Clock, **changes: Any) -> Placement:
    """Propose and take the shortest way to a state."""
    placement = propose(case, clock, **changes)
    for step in PATHS[state]:
        take(placement, step, case, clock)
    assert placement.state is state
    return placement


def event_names(placement: Placement) -> list[str]:
    query = (
        db.select(PlacementEvent.name)
        .where(PlacementEvent.placement_id == placement.id)
        .order_by(PlacementEvent.id)
    )
    return list(db.session.scalars(query))


def last_event(placement: Placement) -> PlacementEvent:
    query = (
        db.select(PlacementEvent)
        .where(PlacementEvent.placement_id == placement.id)
        .order_by(PlacementEvent.id.desc())
        .limit(1)
    )
    return db.session.scalars(query).one()


def folded_state(placement: Placement) -> str | None:
    """Follow the events: each must start where the one before it ended."""
    state: str | None = None
    query = (
        db.select(PlacementEvent)
        .where(PlacementEvent.placement_id == placement.id)
        .order_by(PlacementEvent.id)
    )
    for event in db.session.scalars(query):
        assert event.from_state == state
        state = event.to_state
    return state


def audit_verbs(placement: Placement | None = None) -> list[str]:
    query = db.select(AuditEntry.verb).order_by(AuditEntry.id)
    if placement is not None:
        query = query.where(AuditEntry.subject_pid == placement.pid)
    return list(db.session.scalars(query))


def open_reminders(placement: Placement) -> list[str]:
    query = (
        db.select(Reminder.key)
        .where(Reminder.placement_id == placement.id, Reminder.cancelled_at.is_(None))
        .order_by(Reminder.id)
    )
    return list(db.session.scalars(query))


def places(vacancy: Vacancy) -> tuple[int, int]:
    """Return reserved and filled as the database has them."""
    row = db.session.execute(
        db.select(Vacancy.n_reserved, Vacancy.n_filled).where(Vacancy.id == vacancy.id)
    ).one()
    return row[0], row[1]


def days_after(clock: Clock, days: int) -> date:
    return clock.today + timedelta(days=days)


# --- The legal gate: openings and facts the tests meet it with ------------------------------------

#: A post barred for life after any criminal penalty, and one barred for five years.
POLICE_POST = {"occupation_code": "3-02-01-00", "title": "辅助岗位"}
AUDIT_POST = {"occupation_code": "2-06-04-00", "licences": ["cpa"], "title": "审计助理"}
PENALTY = '{"records": [{"basis": "criminal_penalty"}]}'
GROUNDS = "已核对判决书，不属于限制范围。"


def with_facts(case: Case, facts: str | None) -> Case:
    """Replace the facts on record; None is "nobody has looked"."""
    db.session.execute(
        db.delete(RestrictedRecord).where(RestrictedRecord.client_id == case.person.id)
    )
    if facts is not None:
        RestrictedRecordFactory(client_id=case.person.id, facts=facts)
    return case
