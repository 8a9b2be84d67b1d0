"""Runs of a course: add, edit, cancel.

What is typed makes no session be over: time alone does. A session that is over already may have its
days corrected, whichever they were meant to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from matchboard.domain.calendar import local_date
from matchboard.domain.catalogues import divisions
from matchboard.domain.errors import (
    Conflict,
    InvalidFields,
    InvalidInput,
    NotFound,
    StaleEdit,
)
from matchboard.domain.roles import Actor
from matchboard.domain.text import one_line
from matchboard.domain.training import EnrolmentState
from matchboard.extensions import db
from matchboard.models.training import Course, CourseSession, Enrolment
from matchboard.services import audit, courses, enrolment_rules, enrolments, session_places
from matchboard.services.seen import require_seen

MAX_CAPACITY = 500
#: A session further away or longer than this is a slip of the pen.
LONGEST = timedelta(days=366)
FURTHEST = timedelta(days=2 * 366)


@dataclass(frozen=True, slots=True)
class SessionInput:
    """What a session form brings; None is refused where a session needs a value."""

    starts_on: date | None
    ends_on: date | None
    capacity: int | None
    place: str = ""
    division_code: str | None = None


def get_session(pid: str, *, actor: Actor) -> CourseSession:
    """Return a session of a course the actor may write to."""
    query = (
        select(CourseSession)
        .join(Course, Course.id == CourseSession.course_id)
        .where(CourseSession.pid == pid, Course.provider_id.in_(courses.provider_ids(actor)))
        .options(joinedload(CourseSession.course).joinedload(Course.provider))
    )
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def add_session(course: Course, new: SessionInput, *, actor: Actor, now: datetime) -> CourseSession:
    """Add a run of the course.

    Raises
    ------
    InvalidFields
        With every rule broken.
    """
    courses.require_writer(actor)
    problems = _session_problems(new, today=local_date(now))
    if problems:
        raise InvalidFields(problems)
    session = CourseSession(course=course, created_at=now, n_enrolled=0, cancelled=False)
    _write_session(session, new)
    db.session.add(session)
    audit.record("course_session.create", session, actor=actor, now=now, course=course.pid)
    return session


def edit_session(
    session: CourseSession,
    new: SessionInput,
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None,
) -> int:
    """Change a session; more places go to the waiting list at once. Return how many were enrolled.

    Raises
    ------
    StaleEdit
        If the session has changed since `expected_version`.
    Conflict
        If the session is cancelled.
    InvalidFields
        With every rule broken; the capacity cannot fall below those enrolled.
    """
    courses.require_writer(actor)
    session = session_places.lock(session.id)
    if expected_version != session.version:
        raise StaleEdit
    if session.cancelled:
        raise Conflict("session_cancelled")
    today = local_date(now)
    was_over = enrolment_rules.is_over(session, on=today)
    problems = _session_problems(new, today=today, was_over=was_over)
    if new.capacity is not None and new.capacity < session.n_enrolled:
        problems.append(
            InvalidInput("capacity_below_enrolled", field="capacity", n=session.n_enrolled)
        )
    first_result = db.session.scalar(
        select(func.min(Enrolment.result_on)).where(Enrolment.session_id == session.id)
    )
    if first_result is not None and new.starts_on is not None and new.starts_on > first_result:
        problems.append(InvalidInput("start_after_result", field="starts_on", day=first_result))
    if problems:
        raise InvalidFields(problems)
    fields = _write_session(session, new)
    if fields:
        audit.record("course_session.edit", session, actor=actor, now=now, fields=fields)
    return enrolments.promote_waiting(session, now=now)


def cancel_session(
    session: CourseSession, *, actor: Actor, now: datetime, seen: str | None = None
) -> int:
    """Cancel a session; return how many people went back to `recommended`.

    Raises
    ------
    StaleEdit
        If the session has changed since the version seen.
    Conflict
        If it is cancelled already, over, or somebody has completed it.
    """
    courses.require_writer(actor)
    session = session_places.lock(session.id)
    require_seen(seen, session)
    enrolment_rules.require_under_way(session, now=now)
    has_results = select(Enrolment.id).where(
        Enrolment.session_id == session.id, Enrolment.state == EnrolmentState.COMPLETED
    )
    if db.session.scalar(has_results.limit(1)) is not None:
        raise Conflict("session_has_results")
    session.cancelled = True
    n_released = enrolments.release_all(session, now=now)
    audit.record("course_session.cancel", session, actor=actor, now=now, n_released=n_released)
    return n_released


def _session_problems(
    new: SessionInput, *, today: date, was_over: bool = False
) -> list[InvalidInput]:
    problems = [
        InvalidInput("required", field=name)
        for name in ("starts_on", "ends_on", "capacity")
        if getattr(new, name) is None
    ]
    if new.ends_on is not None:
        starts_on = new.starts_on or new.ends_on
        if new.ends_on < starts_on:
            problems.append(InvalidInput("session_ends_before_start", field="ends_on"))
        elif new.ends_on - starts_on > LONGEST:
            problems.append(InvalidInput("session_too_long", field="ends_on"))
        elif new.ends_on < today and not was_over:
            problems.append(InvalidInput("session_ends_in_past", field="ends_on"))
    if new.starts_on is not None and abs(new.starts_on - today) > FURTHEST:
        problems.append(InvalidInput("session_too_far", field="starts_on"))
    if new.capacity is not None and not 1 <= new.capacity <= MAX_CAPACITY:
        problems.append(InvalidInput("capacity_range", field="capacity", maximum=MAX_CAPACITY))
    if new.division_code and new.division_code not in divisions():
        problems.append(InvalidInput("unknown_division", field="division_code"))
    if len(new.place.strip()) > 160:
        problems.append(InvalidInput("text_too_long", field="place", maximum=160))
    return problems


def _write_session(session: CourseSession, new: SessionInput) -> list[str]:
    values = {
        "starts_on": new.starts_on,
        "ends_on": new.ends_on,
        "place": one_line(new.place),
        "division_code": new.division_code or None,
        "capacity": new.capacity,
    }
    changed = [name for name, value in values.items() if getattr(session, name) != value]
    for name in changed:
        setattr(session, name, values[name])
    return changed
