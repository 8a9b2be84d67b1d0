"""Bring people onto courses and follow each enrolment to its result.

`advance` is the only writer of `Enrolment.state`; the table is `domain.training.ENROLMENT_STEPS`.
Every writer locks the session's row first: places and the order of the waiting list are decided
one after the other, and each place is taken by a conditional UPDATE besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from matchboard.domain.calendar import local_date
from matchboard.domain.client import Stage
from matchboard.domain.errors import (
    Conflict,
    InvalidFields,
    InvalidInput,
    NotAllowed,
    NotFound,
    required,
)
from matchboard.domain.roles import SYSTEM, Actor, Role
from matchboard.domain.text import bare
from matchboard.domain.training import (
    ACTIVE_STATES,
    ENROLMENT_STEPS,
    GIVEN_REASONS,
    OPENERS,
    DropReason,
    EnrolmentState,
    EnrolmentStep,
)
from matchboard.extensions import db
from matchboard.models.client import Client
from matchboard.models.training import CourseSession, Enrolment
from matchboard.permissions import scope_enrolments
from matchboard.services import (
    audit,
    course_consents,
    course_credit,
    enrolment_events,
    enrolment_rules,
    session_places,
    walk_in_guesses,
)
from matchboard.services.seen import require_seen

S = EnrolmentState
NOTE_LENGTH = 400


def get_enrolment(pid: str, *, actor: Actor) -> Enrolment:
    """Return an enrolment in the actor's scope."""
    found: Enrolment | None = db.session.scalar(scope_enrolments(actor).where(Enrolment.pid == pid))
    if found is None:
        raise NotFound
    return found


def recommend(
    client: Client,
    session: CourseSession,
    *,
    actor: Actor,
    now: datetime,
    person_agrees: bool,
    seen: str | None = None,
    recorded_by: Actor | None = None,
) -> Enrolment:
    """Recommend a client to a session; its provider learns name, telephone and skills.

    The consent is a row of its own; `recorded_by` notes it for a person who came by themselves.

    Raises
    ------
    NotAllowed
        If the actor is neither officer nor district (nor the person).
    InvalidInput
        If the person has not agreed: nothing is passed on without it.
    StaleEdit
        If the session or its course has changed since the version seen.
    Conflict
        If the session cannot be joined any more, the case is closed, or the person is already on
        a session of the course or has completed this one.
    """
    if actor.role not in OPENERS:
        raise NotAllowed
    if not person_agrees:
        raise InvalidInput("agreement_required", field="person_agrees")
    session = session_places.lock(session.id)
    require_seen(seen, enrolment_rules.session_version(session))
    enrolment_rules.require_joinable(session, now=now)
    if client.stage is Stage.DISCHARGED:
        raise Conflict("training_case_closed")
    enrolment = enrolment_rules.enrolment_of(client, session)
    if enrolment is not None and enrolment.state in ACTIVE_STATES:
        raise Conflict("already_enrolled", state=enrolment.state)
    if enrolment is not None and enrolment.state is S.COMPLETED:
        raise Conflict("already_completed")
    enrolment_rules.require_no_other_session(client, session)
    if enrolment is not None:
        course_consents.record(enrolment, actor=actor, now=now, recorded_by=recorded_by)
        return advance(enrolment, "recommend", actor=actor, now=now)
    enrolment = Enrolment(
        session=session,
        client=client,
        state=S.RECOMMENDED,
        recommended_by_id=actor.user_id,
        created_at=now,
        updated_at=now,
    )
    db.session.add(enrolment)
    db.session.flush()
    course_consents.record(enrolment, actor=actor, now=now, recorded_by=recorded_by)
    enrolment_events.write(enrolment, "recommend", actor=actor, now=now, detail={})
    audit.record(
        "enrolment.recommend",
        enrolment,
        actor=actor,
        now=now,
        client=client.pid,
        course_session=session.pid,
    )
    return enrolment


def enrol_walk_in(
    session: CourseSession,
    *,
    client_pid: str,
    birth_date: date,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
) -> Enrolment:
    """Enrol a person who comes with their public id and birth date; a full session waits them.

    Raises
    ------
    InvalidInput
        `walk_in_unknown`, the same whichever of the two is wrong and for closed cases too. It is
        counted in a transaction of its own; the request's is rolled back.
    StaleEdit
        If the session or its course has changed since the version seen.
    Conflict
        `walk_in_guessed` after too many of those about one public id, else as `recommend`.
    """
    if actor.role is not Role.COORDINATOR:
        raise NotAllowed
    typed = bare(client_pid).lower()
    walk_in_guesses.require_few(typed, actor=actor, now=now)
    client = db.session.scalar(
        select(Client).where(
            Client.pid == typed,
            Client.birth_date == birth_date,
            Client.stage != Stage.DISCHARGED,
        )
    )
    if client is None:
        walk_in_guesses.count_wrong(typed, actor=actor, now=now)
        raise InvalidInput("walk_in_unknown", field="client_pid")
    session = session_places.lock(session.id)
    walk_in_guesses.require_few_for_sure(typed, actor=actor, now=now)
    require_seen(seen, enrolment_rules.session_version(session))
    enrolment = enrolment_rules.enrolment_of(client, session)
    if enrolment is None or enrolment.state is not S.RECOMMENDED:
        person = Actor(Role.CLIENT, client_id=client.id)
        enrolment = recommend(
            client, session, actor=person, now=now, person_agrees=True, recorded_by=actor
        )
    audit.record("enrolment.walk_in", enrolment, actor=actor, now=now)
    return admit(enrolment, actor=actor, now=now)


def admit(
    enrolment: Enrolment, *, actor: Actor, now: datetime, seen: str | None = None
) -> Enrolment:
    """Enrol, or put on the waiting list if no place is left."""
    session = session_places.lock(enrolment.session_id)
    is_full = session.n_places_left < 1
    step = "waitlist" if is_full and enrolment.state is S.RECOMMENDED else "enrol"
    return advance(enrolment, step, actor=actor, now=now, seen=seen)


def advance(
    enrolment: Enrolment,
    step: str,
    *,
    actor: Actor,
    now: datetime,
    reason: DropReason | None = None,
    note: str = "",
    result_on: date | None = None,
    seen: str | None = None,
) -> Enrolment:
    """Take one step of the table; to drop out before the first day is to decline.

    Raises
    ------
    InvalidInput
        If a detail the step needs is missing or wrong (`field` names it).
    NotAllowed
        If the actor's role may not take the step.
    StaleEdit
        If the enrolment has changed since the version seen.
    Conflict
        If the step is not possible from the present state, or for want of a place.
    """
    move = ENROLMENT_STEPS.get(step)
    if move is None:
        raise InvalidInput("unknown_step", value=step)
    if actor.role not in move.roles:
        raise NotAllowed
    if reason is not None and reason not in GIVEN_REASONS and actor.role is not Role.SYSTEM:
        raise InvalidInput("reason_required", field="reason")
    session = session_places.lock(enrolment.session_id)
    db.session.refresh(enrolment)
    require_seen(seen, enrolment)
    if enrolment.state not in move.sources:
        raise Conflict("enrolment_wrong_state", state=enrolment.state)
    move = enrolment_rules.as_of(move, session, now=now)
    enrolment_rules.check(
        enrolment, session, move, reason=reason, note=note, result_on=result_on, now=now
    )
    came_from = enrolment.state
    detail = _apply(enrolment, session, move, actor=actor, now=now, result_on=result_on)
    enrolment.drop_reason = reason if move.needs_reason else None
    enrolment.note = note.strip()[:NOTE_LENGTH]
    if reason is not None and move.needs_reason:
        detail["reason"] = reason.value
    enrolment_events.write(enrolment, move.name, actor=actor, now=now, detail=detail)
    db.session.flush()
    audit.record(
        f"enrolment.{move.name}",
        enrolment,
        actor=actor,
        now=now,
        from_state=came_from.value,
        to_state=move.target.value,
        **detail,
    )
    if step == "drop_out":
        promote_waiting(session, now=now)
    return enrolment


def complete_marked(
    session: CourseSession,
    marked: Sequence[tuple[str, str]],
    *,
    result_on: date | None,
    actor: Actor,
    now: datetime,
) -> int:
    """Complete the enrolments given by public id and the version seen; all of them or none.

    Raises
    ------
    InvalidInput
        If nobody is marked, or the day is missing or wrong.
    Conflict
        As `advance`, for the first one that cannot be completed.
    """
    session = session_places.lock(session.id)
    problems = [InvalidInput("nobody_marked", field="marked")] if not marked else []
    try:
        enrolment_rules.require_result_day(session, result_on, now=now)
    except InvalidInput as error:
        problems.append(error)
    if problems:
        raise InvalidFields(problems)
    versions = dict(marked)
    people = db.session.scalars(
        scope_enrolments(actor)
        .where(Enrolment.session_id == session.id, Enrolment.pid.in_(versions))
        .order_by(Enrolment.id)
    ).all()
    if len(people) != len(versions):
        raise NotFound
    enrolment_events.lock_clients([one.client_id for one in people])
    for one in people:
        advance(
            one,
            "complete",
            actor=actor,
            now=now,
            result_on=result_on,
            seen=versions[one.pid],
        )
    return len(people)


def move(
    enrolment: Enrolment,
    session: CourseSession,
    *,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
) -> Enrolment:
    """Carry a recommendation over to another session of the same course.

    Raises
    ------
    StaleEdit
        If the enrolment has changed since the version seen.
    Conflict
        If the person does not stand at `recommended`, the session cannot be joined, or the person
        is or was on it already.
    """
    if actor.role is not Role.COORDINATOR:
        raise NotAllowed
    session = session_places.lock(session.id)
    db.session.refresh(enrolment)
    require_seen(seen, enrolment)
    if enrolment.state is not S.RECOMMENDED:
        raise Conflict("enrolment_wrong_state", state=enrolment.state)
    if session.course_id != enrolment.session.course_id:
        raise NotFound
    enrolment_rules.require_joinable(session, now=now)
    there = enrolment_rules.enrolment_of(enrolment.client, session)
    if there is not None:
        code = "already_enrolled" if there.state in ACTIVE_STATES else "was_on_session"
        raise Conflict(code, state=there.state)
    left = enrolment.session
    enrolment.session = session
    enrolment.updated_at = now
    detail: dict[str, Any] = {"from_session": left.pid, "to_session": session.pid}
    enrolment_events.write(enrolment, "move", actor=actor, now=now, detail=detail)
    audit.record("enrolment.move", enrolment, actor=actor, now=now, **detail)
    return enrolment


def promote_waiting(session: CourseSession, *, now: datetime) -> int:
    """Give free places to the waiting list in its order; return how many were enrolled.

    Once the session has started nobody is enrolled unasked: the coordinator sees who is next.
    """
    if session.cancelled or session.starts_on <= local_date(now):
        return 0
    n_promoted = 0
    while session.n_places_left > 0:
        first = db.session.scalar(
            select(Enrolment)
            .where(Enrolment.session_id == session.id, Enrolment.state == S.WAITLISTED)
            .order_by(*enrolment_rules.WAITING)
            .limit(1)
        )
        if first is None:
            break
        advance(first, "enrol", actor=SYSTEM, now=now)
        n_promoted += 1
    return n_promoted


def release_all(session: CourseSession, *, now: datetime) -> int:
    """Send everybody enrolled or waiting back to `recommended` (the session is cancelled)."""
    people = db.session.scalars(
        select(Enrolment)
        .where(
            Enrolment.session_id == session.id,
            Enrolment.state.in_(sorted(ENROLMENT_STEPS["release"].sources)),
        )
        .order_by(Enrolment.id)
    ).all()
    for one in people:
        advance(one, "release", actor=SYSTEM, now=now)
    return len(people)


def _apply(
    enrolment: Enrolment,
    session: CourseSession,
    step: EnrolmentStep,
    *,
    actor: Actor,
    now: datetime,
    result_on: date | None,
) -> dict[str, Any]:
    """Write the new state with what belongs to it; return what event and audit keep."""
    came_from = enrolment.state
    if step.target is S.ENROLLED:
        session_places.take(session)
    elif came_from is S.ENROLLED and step.target is not S.COMPLETED:
        session_places.free(session)
    enrolment.state = step.target
    enrolment.updated_at = now
    enrolment.waitlisted_at = now if step.target is S.WAITLISTED else None
    if step.name == "recommend":
        enrolment.recommended_by_id = actor.user_id
    if step.name != "complete":
        return {}
    on = required(result_on, "result_on")
    enrolment.result_on = on
    enrolment_events.lock_clients([enrolment.client_id])
    gained = course_credit.credit_course(enrolment, on=on, now=now)
    return {"skills": list(gained.skills), "certificates": list(gained.certificates)}
