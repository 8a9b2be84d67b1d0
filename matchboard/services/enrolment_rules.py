"""What an enrolment's step needs beyond role and state."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import exists, select

from matchboard.domain.calendar import local_date
from matchboard.domain.errors import Conflict, InvalidInput
from matchboard.domain.roles import Actor
from matchboard.domain.training import (
    ACTIVE_STATES,
    LEAVING_BEFORE_START,
    DropReason,
    EnrolmentState,
    EnrolmentStep,
)
from matchboard.extensions import db
from matchboard.models.client import Client
from matchboard.models.training import CourseSession, Enrolment, EnrolmentEvent
from matchboard.services import course_consents

#: Steps by which the provider goes on with the person.
_NEEDS_CONSENT = frozenset({"enrol", "waitlist"})

#: The order of a waiting list.
WAITING = (Enrolment.waitlisted_at, Enrolment.id)


def enrolment_of(client: Client, session: CourseSession) -> Enrolment | None:
    """Return the person's one enrolment on the session, as it stands now."""
    return db.session.scalar(
        select(Enrolment)
        .where(Enrolment.client_id == client.id, Enrolment.session_id == session.id)
        .execution_options(populate_existing=True)
    )


def is_over(session: CourseSession, *, on: date) -> bool:
    """Return whether a session's last day has passed."""
    return session.ends_on < on


def require_under_way(session: CourseSession, *, now: datetime) -> None:
    """Refuse a session that is cancelled or over."""
    if session.cancelled:
        raise Conflict("session_cancelled")
    if is_over(session, on=local_date(now)):
        raise Conflict("session_over")


def require_joinable(session: CourseSession, *, now: datetime) -> None:
    """Refuse new people where the session is closed or the course is not public (any more)."""
    require_under_way(session, now=now)
    if not session.course.published:
        raise Conflict("course_not_published")


def require_no_other_session(client: Client, session: CourseSession) -> None:
    """Refuse a second session of the same course while one is open to the person."""
    elsewhere = (
        exists()
        .where(
            Enrolment.client_id == client.id,
            Enrolment.state.in_(sorted(ACTIVE_STATES)),
            Enrolment.session_id == CourseSession.id,
            CourseSession.course_id == session.course_id,
            CourseSession.id != session.id,
            CourseSession.cancelled.is_(False),
            CourseSession.ends_on >= session.starts_on,
        )
        .select()
    )
    if db.session.scalar(elsewhere):
        raise Conflict("already_in_course")


def as_of(step: EnrolmentStep, session: CourseSession, *, now: datetime) -> EnrolmentStep:
    """Return the step as it counts today: nobody drops out of what has not begun."""
    if step.name == "drop_out" and local_date(now) < session.starts_on:
        return LEAVING_BEFORE_START
    return step


def check(
    enrolment: Enrolment,
    session: CourseSession,
    step: EnrolmentStep,
    *,
    reason: DropReason | None,
    note: str,
    result_on: date | None,
    now: datetime,
) -> None:
    """Raise what stands against the step beyond role and state."""
    if step.name in _NEEDS_CONSENT and not course_consents.in_force(enrolment):
        raise Conflict("course_consent_missing")
    today = local_date(now)
    if step.needs_reason and reason is None:
        raise InvalidInput("reason_required", field="reason")
    if step.needs_reason and reason is DropReason.OTHER and not note.strip():
        raise InvalidInput("note_required", field="note")
    if step.name in {"recommend", "enrol", "waitlist"}:
        require_under_way(session, now=now)
    if step.name == "waitlist" and session.n_places_left > 0:
        raise Conflict("places_left")
    if step.name == "complete":
        if session.starts_on > today:
            raise Conflict("session_not_started")
        require_result_day(session, result_on, now=now)


def require_result_day(session: CourseSession, result_on: date | None, *, now: datetime) -> None:
    """Refuse a course completed on no day, on one to come, or before the session began.

    Nobody's page says "today" for a day left blank: a certificate would bear a day nobody meant.
    """
    if result_on is None:
        raise InvalidInput("required", field="result_on")
    if result_on > local_date(now):
        raise InvalidInput("date_in_future", field="result_on")
    if result_on < session.starts_on:
        raise InvalidInput("result_before_start", field="result_on")


def session_version(session: CourseSession) -> str:
    """Return what a form carries that brings somebody onto a session: of it and of its course."""
    return f"{session.version}-{session.course.version}"


def was_taken(enrolment: Enrolment, *, actor: Actor) -> bool:
    """Return whether the last thing that happened to the enrolment was this actor's doing."""
    last = db.session.scalar(
        select(EnrolmentEvent.actor_id)
        .where(EnrolmentEvent.enrolment_id == enrolment.id)
        .order_by(EnrolmentEvent.id.desc())
        .limit(1)
    )
    return last is not None and last == actor.user_id


def waitlist_position(enrolment: Enrolment) -> int | None:
    """Return the place in the waiting list counted from 1, None for those not on it."""
    if enrolment.state is not EnrolmentState.WAITLISTED:
        return None
    waiting = db.session.scalars(
        select(Enrolment.id)
        .where(
            Enrolment.session_id == enrolment.session_id,
            Enrolment.state == EnrolmentState.WAITLISTED,
        )
        .order_by(*WAITING)
    ).all()
    return waiting.index(enrolment.id) + 1
