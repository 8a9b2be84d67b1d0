"""The public board of courses, and the sessions an officer may recommend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from matchboard.domain.catalogues import divisions
from matchboard.domain.catalogues.geography import distance_km
from matchboard.domain.errors import NotFound
from matchboard.domain.training import Subject
from matchboard.extensions import db
from matchboard.models.training import Course, CourseSession, CourseSkill
from matchboard.services.courses import says
from matchboard.services.listing import Page, paginate

#: Radii offered around a division's seat; 0 is the division itself.
RADII_KM = (0, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """What the board is narrowed to; empty fields narrow nothing."""

    text: str = ""
    subject: Subject | None = None
    skill: str | None = None
    division: str | None = None
    radius_km: int = 0
    starting_from: date | None = None
    has_places: bool = False


@dataclass(frozen=True, slots=True)
class CourseCard:
    """A course with the sessions one can still join, the soonest first."""

    course: Course
    sessions: Sequence[CourseSession]

    @property
    def next_session(self) -> CourseSession | None:
        """The soonest session with a free place, else the soonest."""
        return _soonest(self.sessions)

    @property
    def n_places_left(self) -> int:
        """Free places of all its sessions."""
        return sum(one.n_places_left for one in self.sessions)


def list_public_courses(
    wanted: BoardFilter, *, today: date, sort: str = "start", page: int = 1, size: int = 12
) -> Page[CourseCard]:
    """Return one page of published courses; `sort` is start, newest or title.

    Filters of place, start and free places mean one session that fulfils them all; courses
    without a session stay on the board unless such a filter is set.
    """
    query = select(Course).where(Course.published.is_(True))
    if wanted.text.strip():
        query = query.where(says(wanted.text))
    if wanted.subject:
        query = query.where(Course.subject == wanted.subject)
    if wanted.skill:
        teaching = select(CourseSkill.course_id).where(CourseSkill.code == wanted.skill)
        query = query.where(Course.id.in_(teaching))
    narrowing = _session_conditions(wanted)
    fitting = select(CourseSession.course_id).where(*_open(today), *narrowing)
    if narrowing:
        query = query.where(Course.id.in_(fitting))
    query = query.order_by(*_order(sort, today, narrowing)).options(
        joinedload(Course.provider), selectinload(Course.skills)
    )
    found = paginate(query, number=page, size=size)
    sessions = _open_sessions([course.id for course in found.items], today, narrowing)
    cards = [CourseCard(course, sessions.get(course.id, ())) for course in found.items]
    return Page(cards, found.n_total, found.number, found.size)


def get_public_course(pid: str, *, today: date) -> CourseCard:
    """Return a published course with every session one can still join."""
    course = db.session.scalar(
        select(Course)
        .where(Course.pid == pid, Course.published.is_(True))
        .options(joinedload(Course.provider), selectinload(Course.skills))
    )
    if course is None:
        raise NotFound
    return CourseCard(course, _open_sessions([course.id], today, []).get(course.id, ()))


def next_session(course: Course, *, today: date) -> CourseSession | None:
    """Return the session to name of a course: of those one can still join, as on the board."""
    joinable = [one for one in course.sessions if not one.cancelled and one.ends_on >= today]
    return _soonest(sorted(joinable, key=lambda one: (one.starts_on, one.id)))


def get_open_session(pid: str, *, today: date) -> CourseSession:
    """Return a session of a published course that can still be joined."""
    found: CourseSession | None = db.session.scalar(
        _joinable(today).where(CourseSession.pid == pid)
    )
    if found is None:
        raise NotFound
    return found


def list_open_sessions(
    text: str, *, today: date, page: int = 1, size: int = 10
) -> Page[CourseSession]:
    """Return one page of sessions of published courses, those with places and soonest first."""
    query = _joinable(today)
    if text.strip():
        query = query.where(says(text))
    is_full = CourseSession.n_enrolled >= CourseSession.capacity
    query = query.order_by(is_full, CourseSession.starts_on, CourseSession.id)
    return paginate(query, number=page, size=size)


def near(division: str, radius_km: int) -> list[str]:
    """Return the codes of a division, all inside it, and those whose seat is within the radius."""
    catalogue = divisions()
    centre = catalogue.get(division)
    if centre is None:
        return [division]
    codes = {division, *(row.code for row in catalogue.descendants(division))}
    if radius_km and centre.lat is not None and centre.lon is not None:
        codes |= {
            row.code
            for row in catalogue
            if row.lat is not None
            and row.lon is not None
            and distance_km(centre.lat, centre.lon, row.lat, row.lon) <= radius_km
        }
    return sorted(codes)


def _soonest(sessions: Sequence[CourseSession]) -> CourseSession | None:
    free = next((one for one in sessions if one.n_places_left > 0), None)
    return free or next(iter(sessions), None)


def _joinable(today: date) -> Select[CourseSession]:
    return (
        select(CourseSession)
        .join(Course, Course.id == CourseSession.course_id)
        .where(Course.published.is_(True), *_open(today))
        .options(
            contains_eager(CourseSession.course).options(
                joinedload(Course.provider), selectinload(Course.skills)
            )
        )
    )


def _open(today: date) -> list[ColumnElement[bool]]:
    return [CourseSession.cancelled.is_(False), CourseSession.ends_on >= today]


def _session_conditions(wanted: BoardFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.division:
        found.append(CourseSession.division_code.in_(near(wanted.division, wanted.radius_km)))
    if wanted.starting_from:
        found.append(CourseSession.starts_on >= wanted.starting_from)
    if wanted.has_places:
        found.append(CourseSession.n_enrolled < CourseSession.capacity)
    return found


def _order(
    sort: str, today: date, narrowing: list[ColumnElement[bool]]
) -> tuple[ColumnElement[Any], ...]:
    if sort == "newest":
        return (Course.created_at.desc(), Course.id.desc())
    if sort == "title":
        return (Course.title.asc(), Course.id.asc())
    soonest = (
        select(func.min(CourseSession.starts_on))
        .where(CourseSession.course_id == Course.id, *_open(today), *narrowing)
        .scalar_subquery()
    )
    return (soonest.asc().nulls_last(), Course.id.asc())


def _open_sessions(
    course_ids: Sequence[int], today: date, narrowing: list[ColumnElement[bool]]
) -> dict[int, Sequence[CourseSession]]:
    if not course_ids:
        return {}
    found: dict[int, list[CourseSession]] = {}
    for session in db.session.scalars(
        select(CourseSession)
        .where(CourseSession.course_id.in_(course_ids), *_open(today), *narrowing)
        .order_by(CourseSession.starts_on, CourseSession.id)
    ):
        found.setdefault(session.course_id, []).append(session)
    return dict(found)
