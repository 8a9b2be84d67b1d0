"""A person's consent that the provider of a course learns of them: given, and still in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from matchboard.domain.consent import PROVIDER_FIELDS, is_open_to_provider
from matchboard.domain.roles import Actor, Role
from matchboard.domain.training import COURSE_CONSENT_TEXT_VERSION, AgreementMethod
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.training import CourseConsent, CourseSession, Enrolment
from matchboard.permissions import is_open_to_provider as opens_view


@dataclass(frozen=True, slots=True)
class ConsentHeld:
    """The last consent to a course: how and when it was given, by whose hand, until when."""

    method: AgreementMethod
    given_at: datetime
    recorded_by: str | None
    withdrawn_at: datetime | None
    is_view_open: bool

    @property
    def is_in_force(self) -> bool:
        """Whether the person has not withdrawn it."""
        return self.withdrawn_at is None


def record(
    enrolment: Enrolment, *, actor: Actor, now: datetime, recorded_by: Actor | None = None
) -> CourseConsent:
    """Add a consent row; `recorded_by` is who notes that the person came by themselves."""
    is_person = actor.role is Role.CLIENT
    consent = CourseConsent(
        enrolment_id=enrolment.id,
        client_id=enrolment.client_id,
        fields=list(PROVIDER_FIELDS),
        text_version=COURSE_CONSENT_TEXT_VERSION,
        method=AgreementMethod.CAME_IN_PERSON if is_person else AgreementMethod.SAID_AT_OFFICE,
        recorded_by_id=(recorded_by or actor).user_id,
        created_at=now,
    )
    db.session.add(consent)
    db.session.flush()
    return consent


def in_force(enrolment: Enrolment) -> Sequence[CourseConsent]:
    """Return the consents to an enrolment that nobody has withdrawn."""
    return db.session.scalars(
        select(CourseConsent)
        .where(CourseConsent.enrolment_id == enrolment.id, CourseConsent.withdrawn_at.is_(None))
        .order_by(CourseConsent.id)
        .execution_options(populate_existing=True)
    ).all()


def held(rows: Sequence[Enrolment], *, now: datetime) -> dict[int, ConsentHeld]:
    """Return the last consent of each enrolment, by its id; one statement."""
    by_id = {one.id: one for one in rows}
    query = (
        select(CourseConsent, User.display_name)
        .outerjoin(User, User.id == CourseConsent.recorded_by_id)
        .where(CourseConsent.enrolment_id.in_(by_id))
        .order_by(CourseConsent.withdrawn_at.is_(None), CourseConsent.id)
    )
    found = {}
    for consent, name in db.session.execute(query):
        one = by_id[consent.enrolment_id]
        found[one.id] = ConsentHeld(
            method=consent.method,
            given_at=consent.created_at,
            recorded_by=name,
            withdrawn_at=consent.withdrawn_at,
            is_view_open=is_open_to_provider(
                one.state,
                changed_at=one.updated_at,
                session_ends_on=one.session.ends_on,
                now=now,
                has_consent=consent.withdrawn_at is None,
            ),
        )
    return found


def open_to_provider(rows: Sequence[Enrolment], *, now: datetime) -> frozenset[int]:
    """Return the ids of those enrolments whose provider sees the person; one statement."""
    if not rows:
        return frozenset()
    query = (
        select(Enrolment.id)
        .join(CourseSession, CourseSession.id == Enrolment.session_id)
        .where(Enrolment.id.in_([one.id for one in rows]), opens_view(now))
    )
    return frozenset(db.session.scalars(query.order_by(Enrolment.id)))
