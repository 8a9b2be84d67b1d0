"""What the person sees and does behind the personal link; no offence data is read here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from matchboard.domain.calendar import local_date
from matchboard.domain.errors import InvalidInput, NotFound
from matchboard.domain.roles import VISITOR, Actor, Role
from matchboard.extensions import db
from matchboard.models.client import Client, PersonalLink
from matchboard.models.placement import OutcomeCheck, Placement
from matchboard.models.training import CourseSession, Enrolment
from matchboard.models.vacancy import Vacancy
from matchboard.models.web import Submission
from matchboard.permissions import scope_placements
from matchboard.services import audit, personal_links, submissions
from matchboard.services.outcome_checks import EARLY
from matchboard.services.personal_links import MAX_FAILURES


def open_page(token: str, *, now: datetime) -> tuple[PersonalLink, Actor]:
    """Return the link a token names and the person as an actor; raises NotFound."""
    link = personal_links.find_link(token, now=now)
    return link, Actor(role=Role.CLIENT, client_id=link.client_id)


def confirm_person(
    link: PersonalLink, birth_date: date | None, *, now: datetime, sent: str = ""
) -> None:
    """Let an action pass only with the person's birth date.

    A wrong date is counted in a transaction of its own, so that the refused request's rollback
    does not undo it; at the fifth the link closes. Whoever typed the date is not known to be the
    person, so the audit entries stand as a visitor's. The link's row is locked first, by a right
    date too: dates sent at once are judged one after the other, and none after the fifth wrong one.
    `sent` names what was sent: the same once more, as a reload sends it, is no other try.

    Raises
    ------
    InvalidInput
        If the date is missing or wrong.
    NotFound
        If the link has closed meanwhile, or with this date.
    """
    if birth_date is None:
        raise InvalidInput("required", field="birth_date")
    if birth_date == link.client.birth_date:
        is_open = db.session.scalar(
            update(PersonalLink)
            .where(PersonalLink.id == link.id, PersonalLink.revoked_at.is_(None))
            .values(failed_attempts=0)
            .returning(PersonalLink.id)
        )
        if is_open is None:
            raise NotFound("link_closed")
        return
    link_id, client_id = link.id, link.client_id
    db.session.rollback()
    left = _count_failure(link_id, client_id, sent=sent, now=now)
    if left <= 0:
        raise NotFound("link_guessed")
    raise InvalidInput("birth_date_wrong", field="birth_date", left=left)


def _count_failure(link_id: int, client_id: int, *, sent: str, now: datetime) -> int:
    """Count a wrong birth date, close the link at the fifth, return how many are left."""
    with Session(db.engine) as session:
        session.execute(
            update(PersonalLink)
            .where(PersonalLink.id == link_id)
            .values(failed_attempts=PersonalLink.failed_attempts + 1)
        )
        if sent and submissions.is_known(sent, session=session):
            session.rollback()
            return MAX_FAILURES - session.get_one(PersonalLink, link_id).failed_attempts
        if sent:
            session.add(Submission(key=sent, created_at=now))
        closed = session.scalars(
            update(PersonalLink)
            .where(
                PersonalLink.id == link_id,
                PersonalLink.failed_attempts >= MAX_FAILURES,
                PersonalLink.revoked_at.is_(None),
            )
            .values(revoked_at=now)
            .returning(PersonalLink.id)
        ).all()
        client = session.get(Client, client_id)
        audit.record("personal_link.fail", client, actor=VISITOR, now=now, session=session)
        if closed:
            audit.record("personal_link.lock", client, actor=VISITOR, now=now, session=session)
        left = MAX_FAILURES - session.get_one(PersonalLink, link_id).failed_attempts
        session.commit()
        return left


def own_placements(*, actor: Actor) -> Sequence[Placement]:
    """Return the person's placements with what the page shows of them, the newest first."""
    query = (
        scope_placements(actor)
        .options(
            joinedload(Placement.vacancy).joinedload(Vacancy.partner),
            joinedload(Placement.partner),
            selectinload(Placement.consents),
            selectinload(Placement.checks),
        )
        .order_by(Placement.id.desc())
    )
    return db.session.scalars(query).all()


def own_placement(pid: str, *, actor: Actor) -> Placement:
    """Return one of the person's placements; raises NotFound for any other."""
    found: Placement | None = db.session.scalar(scope_placements(actor).where(Placement.pid == pid))
    if found is None:
        raise NotFound
    return found


def due_check(placement: Placement, *, now: datetime) -> OutcomeCheck | None:
    """Return the check the person may answer now."""
    latest = local_date(now) + EARLY
    open_checks = [c for c in placement.checks if c.done_on is None and not c.cancelled]
    return next((c for c in open_checks if c.due_on <= latest), None)


def own_enrolment(pid: str, *, actor: Actor) -> Enrolment:
    """Return one of the person's courses; raises NotFound for any other."""
    found: Enrolment | None = db.session.scalar(
        select(Enrolment).where(Enrolment.pid == pid, Enrolment.client_id == actor.client_id)
    )
    if found is None:
        raise NotFound
    return found


def own_enrolments(client: Client, *, now: datetime) -> Sequence[Enrolment]:
    """Return the person's courses, the next one first; those long past are left out."""
    query = (
        select(Enrolment)
        .join(CourseSession, CourseSession.id == Enrolment.session_id)
        .where(
            Enrolment.client_id == client.id,
            CourseSession.ends_on >= local_date(now - timedelta(days=365)),
        )
        .options(joinedload(Enrolment.session).joinedload(CourseSession.course))
        .order_by(CourseSession.starts_on.desc(), Enrolment.id)
    )
    return db.session.scalars(query).all()
