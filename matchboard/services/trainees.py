"""Who is on a course: rosters, who waits for an answer, a person's own way through courses.

A coordinator sees name, skills and, while it is needed to reach the person, the telephone number;
`Trainee` carries nothing else, so no page can show more. Once the person's consent no longer opens
the view it carries none of these, and no words anybody wrote: the row stays with state and reason,
so that numbers and places are right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select, true
from sqlalchemy.orm import contains_eager, joinedload

from matchboard.domain.calendar import local_date
from matchboard.domain.identity import national_phone
from matchboard.domain.roles import Actor, Role
from matchboard.domain.training import DropReason, EnrolmentState, SessionTime, Subject
from matchboard.extensions import db
from matchboard.models.client import Client
from matchboard.models.training import Course, CourseSession, Enrolment, EnrolmentEvent
from matchboard.permissions import is_open_to_provider, scope_enrolments, scope_units
from matchboard.services import course_consents, courses, text_search
from matchboard.services.course_consents import ConsentHeld
from matchboard.services.courses import says
from matchboard.services.listing import Page, paginate

S = EnrolmentState
#: States in which the coordinator has a reason to call.
REACHABLE = frozenset({S.RECOMMENDED, S.ENROLLED})
ORDER = (S.RECOMMENDED, S.WAITLISTED, S.ENROLLED, S.COMPLETED, S.DROPPED_OUT, S.DECLINED)


@dataclass(frozen=True, slots=True)
class SkillHeld:
    """A skill and its level, None if unknown."""

    code: str
    level: int | None


@dataclass(frozen=True, slots=True)
class Trainee:
    """One person on one session, as far as training staff may know; no name: the view is closed."""

    pid: str
    name: str | None
    phone: str | None
    skills: tuple[SkillHeld, ...]
    state: EnrolmentState
    version: int
    since: datetime
    position: int | None
    result_on: date | None
    drop_reason: DropReason | None
    note: str
    session_pid: str
    session_starts_on: date
    is_full: bool
    is_cancelled: bool
    course_title: str
    course_title_en: str


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody of a session, by state; the waiting list in its order."""

    groups: dict[EnrolmentState, tuple[Trainee, ...]]

    def __getitem__(self, state: EnrolmentState) -> tuple[Trainee, ...]:
        return self.groups.get(state, ())

    @property
    def by_code(self) -> dict[str, tuple[Trainee, ...]]:
        """The groups by the state's code, for templates."""
        return {state.value: people for state, people in self.groups.items()}

    @property
    def n_people(self) -> int:
        """Everybody, whatever their state."""
        return sum(map(len, self.groups.values()))

    @property
    def n_named(self) -> int:
        """Those whose view is open."""
        return sum(map(n_named, self.groups.values()))


@dataclass(frozen=True, slots=True)
class Overview:
    """The numbers of the training start page and the sessions that come next."""

    n_running: int
    n_recommended: int
    n_waitlisted: int
    n_enrolled: int
    n_to_complete: int
    next_sessions: Sequence[CourseSession]


@dataclass(frozen=True, slots=True)
class TraineeFilter:
    """What the list of trainees is narrowed to."""

    text: str = ""
    state: EnrolmentState | None = None
    subject: Subject | None = None
    time: SessionTime | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A client's enrolment with its events, place in the waiting list and consent."""

    enrolment: Enrolment
    events: Sequence[EnrolmentEvent]
    position: int | None
    consent: ConsentHeld | None


def n_named(people: Sequence[Trainee]) -> int:
    """Return how many are shown by name."""
    return sum(one.name is not None for one in people)


def roster(session: CourseSession, *, actor: Actor, now: datetime) -> Roster:
    """Return everybody of the session the actor may see."""
    query = _listed(actor).where(Enrolment.session_id == session.id)
    query = query.order_by(Enrolment.waitlisted_at, Enrolment.updated_at, Enrolment.id)
    people = _trainees(db.session.scalars(query).unique().all(), actor=actor, now=now)
    return Roster({s: tuple(p for p in people if p.state is s) for s in ORDER})


def list_trainees(
    wanted: TraineeFilter,
    *,
    actor: Actor,
    now: datetime,
    sort: str = "newest",
    page: int = 1,
    size: int = 20,
) -> Page[Trainee]:
    """Return one page of the people on the actor's courses; `sort` is newest, name or start.

    A closed name neither finds its row nor gives it a place in the order.
    """
    is_seen = _is_seen(actor, now)
    query = _listed(actor)
    if wanted.text.strip():
        typed = " ".join(wanted.text.split())
        query = query.where(
            (
                is_seen
                & (
                    text_search.says(Client.search_text, typed)
                    | Client.name_initials.startswith(typed.lower(), autoescape=True)
                )
            )
            | says(typed)
        )
    if wanted.state:
        query = query.where(Enrolment.state == wanted.state)
    if wanted.subject:
        query = query.where(Course.subject == wanted.subject)
    if wanted.time:
        query = query.where(_is_at(wanted.time, local_date(now)))
    orders: dict[str, tuple[ColumnElement[Any], ...]] = {
        "name": (case((is_seen, 0), else_=1), case((is_seen, Client.name_pinyin), else_="")),
        "start": (CourseSession.starts_on.desc(),),
        "newest": (Enrolment.updated_at.desc(),),
    }
    order = orders.get(sort, orders["newest"])
    found = paginate(query.order_by(*order, Enrolment.id), number=page, size=size)
    people = _trainees(found.items, actor=actor, now=now)
    return Page(people, found.n_total, found.number, found.size)


def waiting_for_answer(
    *, actor: Actor, today: date, now: datetime, limit: int = 20
) -> Sequence[Trainee]:
    """Return those recommended and not yet answered, the longest waiting first."""
    is_open = _is_at(SessionTime.OPEN, today)
    query = _listed(actor).where(Enrolment.state == S.RECOMMENDED, is_open)
    query = query.order_by(Enrolment.updated_at, Enrolment.id).limit(limit)
    return _trainees(db.session.scalars(query).unique().all(), actor=actor, now=now)


def count_waiting(*, actor: Actor, today: date) -> int:
    """Return how many wait for an answer (the navigation's count)."""
    return _count_by_state(actor, today=today).get(S.RECOMMENDED, 0)


def overview(*, actor: Actor, today: date, n_sessions: int = 6) -> Overview:
    """Return the numbers of the actor's courses as of today."""
    by_state = _count_by_state(actor, today=today)
    sessions = select(CourseSession).join(Course, Course.id == CourseSession.course_id)
    sessions = sessions.where(
        Course.provider_id.in_(courses.provider_ids(actor)),
        CourseSession.cancelled.is_(False),
        CourseSession.ends_on >= today,
    )
    running = sessions.where(CourseSession.starts_on <= today).subquery()
    coming = (
        sessions.options(contains_eager(CourseSession.course))
        .order_by(CourseSession.starts_on, CourseSession.id)
        .limit(n_sessions)
    )
    unmarked = (
        _mine(actor)
        .where(Enrolment.state == S.ENROLLED, _is_at(SessionTime.OVER, today))
        .with_only_columns(func.count())
    )
    return Overview(
        n_running=db.session.scalar(select(func.count()).select_from(running)) or 0,
        n_recommended=by_state.get(S.RECOMMENDED, 0),
        n_waitlisted=by_state.get(S.WAITLISTED, 0),
        n_enrolled=by_state.get(S.ENROLLED, 0),
        n_to_complete=db.session.scalar(unmarked) or 0,
        next_sessions=db.session.scalars(coming).unique().all(),
    )


def passages(client: Client, *, actor: Actor, now: datetime) -> Sequence[Passage]:
    """Return a client's enrolments, the newest first, each with its events."""
    query = (
        scope_enrolments(actor)
        .where(Enrolment.client_id == client.id)
        .options(
            joinedload(Enrolment.session)
            .joinedload(CourseSession.course)
            .joinedload(Course.provider),
        )
        .order_by(Enrolment.created_at.desc(), Enrolment.id.desc())
    )
    found = db.session.scalars(query).unique().all()
    events: dict[int, list[EnrolmentEvent]] = {one.id: [] for one in found}
    for event in db.session.scalars(
        select(EnrolmentEvent)
        .where(EnrolmentEvent.enrolment_id.in_(events))
        .order_by(EnrolmentEvent.at, EnrolmentEvent.id)
    ):
        events[event.enrolment_id].append(event)
    positions = _positions([one for one in found if one.state is S.WAITLISTED])
    held = course_consents.held(found, now=now)
    return [Passage(one, events[one.id], positions.get(one.id), held.get(one.id)) for one in found]


def _mine(actor: Actor) -> Select[Enrolment]:
    """Return the enrolments on courses the actor may write, joined to session and course.

    A course may take people of several districts; each district sees its own.
    """
    query = (
        select(Enrolment)
        .join(CourseSession, CourseSession.id == Enrolment.session_id)
        .join(Course, Course.id == CourseSession.course_id)
        .where(Course.provider_id.in_(courses.provider_ids(actor)))
    )
    if actor.role is not Role.DISTRICT:
        return query
    own = select(Client.id).where(Client.office_id.in_(scope_units(actor)))
    return query.where(Enrolment.client_id.in_(own))


def _listed(actor: Actor) -> Select[Enrolment]:
    """Return the query of a list: only what `Trainee` needs is read of the person."""
    person = contains_eager(Enrolment.client)
    return (
        _mine(actor)
        .join(Client, Client.id == Enrolment.client_id)
        .options(
            contains_eager(Enrolment.session).contains_eager(CourseSession.course),
            person.load_only(Client.name, Client.phone, raiseload=True),
            person.selectinload(Client.skills),
        )
    )


def _count_by_state(actor: Actor, *, today: date) -> dict[EnrolmentState, int]:
    """Return how many stand at each state on sessions that are not over."""
    rows = db.session.execute(
        _mine(actor)
        .where(_is_at(SessionTime.OPEN, today))
        .with_only_columns(Enrolment.state, func.count())
        .group_by(Enrolment.state)
        .order_by(Enrolment.state)
    )
    return {row[0]: row[1] for row in rows}


def _is_at(time: SessionTime, today: date) -> ColumnElement[bool]:
    """Return which sessions are meant, for every number and the list behind it."""
    is_over = CourseSession.ends_on < today
    return is_over if time is SessionTime.OVER else ~is_over


def _is_seen(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Return whose person the actor sees: consent binds the provider, the office has its own."""
    return is_open_to_provider(now) if actor.role is Role.COORDINATOR else true()


def _trainees(rows: Sequence[Enrolment], *, actor: Actor, now: datetime) -> list[Trainee]:
    positions = _positions([one for one in rows if one.state is S.WAITLISTED])
    seen = frozenset(one.id for one in rows)
    if actor.role is Role.COORDINATOR:
        seen = course_consents.open_to_provider(rows, now=now)
    return [_trainee(one, positions.get(one.id), is_seen=one.id in seen) for one in rows]


def _trainee(one: Enrolment, position: int | None, *, is_seen: bool) -> Trainee:
    session, client = one.session, one.client
    skills = client.skills if is_seen else []
    return Trainee(
        pid=one.pid,
        name=client.name if is_seen else None,
        phone=_phone(client) if is_seen and one.state in REACHABLE else None,
        skills=tuple(SkillHeld(held.skill_code, held.level) for held in skills),
        state=one.state,
        version=one.version,
        since=one.updated_at,
        position=position,
        result_on=one.result_on,
        drop_reason=one.drop_reason,
        note=one.note if is_seen else "",
        session_pid=session.pid,
        session_starts_on=session.starts_on,
        is_full=session.n_places_left < 1,
        is_cancelled=session.cancelled,
        course_title=session.course.title,
        course_title_en=session.course.title_en,
    )


def _phone(client: Client) -> str | None:
    return national_phone(client.phone) if client.phone else None


def _positions(waiting: Sequence[Enrolment]) -> dict[int, int]:
    """Return each one's place in the waiting list of their session, in one statement."""
    if not waiting:
        return {}
    ids = sorted({one.session_id for one in waiting})
    rows = db.session.execute(
        select(
            Enrolment.id,
            func.row_number().over(
                partition_by=Enrolment.session_id,
                order_by=(Enrolment.waitlisted_at, Enrolment.id),
            ),
        )
        .where(Enrolment.session_id.in_(ids), Enrolment.state == S.WAITLISTED)
        .order_by(Enrolment.id)
    )
    return {row[0]: row[1] for row in rows}
