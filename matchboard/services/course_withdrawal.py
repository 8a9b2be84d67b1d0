"""Withdraw the consent to a course: the provider's view closes, and what is open ends with it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm.attributes import flag_modified

from matchboard.domain.errors import Conflict, NotAllowed
from matchboard.domain.roles import SYSTEM, Actor
from matchboard.domain.training import ACTIVE_STATES, OPENERS, DropReason, EnrolmentState
from matchboard.extensions import db
from matchboard.models.training import Enrolment
from matchboard.services import (
    audit,
    course_consents,
    enrolment_events,
    enrolments,
    session_places,
)
from matchboard.services.seen import require_seen


def withdraw(
    enrolment: Enrolment, *, actor: Actor, now: datetime, seen: str | None = None
) -> Enrolment:
    """Withdraw every consent to this enrolment; the provider's view closes at once.

    A recommendation, a place on the waiting list or on the course ends with it: a place is free,
    and whoever is next moves up. What was completed stays completed.

    Raises
    ------
    NotAllowed
        If the actor is neither the person nor somebody who may recommend them.
    StaleEdit
        If the enrolment has changed since the version seen.
    Conflict
        If there is no consent to withdraw.
    """
    if actor.role not in OPENERS:
        raise NotAllowed
    session_places.lock(enrolment.session_id)
    db.session.refresh(enrolment)
    require_seen(seen, enrolment)
    rows = course_consents.in_force(enrolment)
    if not rows:
        raise Conflict("course_consent_missing")
    for row in rows:
        row.withdrawn_at = now
    flag_modified(enrolment, "note")  # a new version: pages that show the consent are old now
    enrolment_events.write(enrolment, "withdraw_consent", actor=actor, now=now, detail={})
    db.session.flush()
    audit.record("enrolment.withdraw_consent", enrolment, actor=actor, now=now)
    if enrolment.state in ACTIVE_STATES:
        step = "drop_out" if enrolment.state is EnrolmentState.ENROLLED else "decline"
        enrolments.advance(
            enrolment, step, actor=SYSTEM, now=now, reason=DropReason.CONSENT_WITHDRAWN
        )
    return enrolment
