"""Who may see which rows, as SELECTs; what a role may do is `domain.roles.GRANTS`.

A row outside the scope does not exist for the actor: services raise `NotFound`. A restricted record
takes more than the scope: `record_access` asks the rule of `domain.record_access`.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select

from matchboard.domain import record_access as rule
from matchboard.domain.calendar import local_date
from matchboard.domain.consent import (
    PROVIDER_CLOSES_LATER,
    PROVIDER_OPEN,
    PROVIDER_UNTIL_END,
    view_opened_after,
)
from matchboard.domain.roles import Actor, Permission, Role, is_granted
from matchboard.extensions import db
from matchboard.models.account import AbsenceCover, User
from matchboard.models.client import Client
from matchboard.models.organisation import Partner, Unit
from matchboard.models.placement import Placement
from matchboard.models.training import Course, CourseConsent, CourseSession, Enrolment
from matchboard.models.vacancy import Vacancy


def can(actor: Actor, permission: Permission) -> bool:
    """Return whether the actor's role holds the permission."""
    return is_granted(actor.role, permission)


def scope_units(actor: Actor) -> Select[int]:
    """Return the ids of units whose clients the actor works with."""
    if actor.role is Role.DISTRICT:
        return select(Unit.id).where(or_(Unit.id == actor.unit_id, Unit.parent_id == actor.unit_id))
    if actor.role is Role.OFFICER:
        return select(Unit.id).where(Unit.id == actor.unit_id)
    return select(Unit.id).where(false())


def is_open_to_provider(now: datetime) -> ColumnElement[bool]:
    """Return `domain.consent.is_open_to_provider` as a condition on Enrolment and CourseSession."""
    since = view_opened_after(now)
    has_consent = exists().where(
        CourseConsent.enrolment_id == Enrolment.id, CourseConsent.withdrawn_at.is_(None)
    )
    return and_(
        has_consent.correlate(Enrolment),
        or_(
            Enrolment.state.in_(sorted(PROVIDER_OPEN)),
            # A day begins after the instant if it is a later day: the instant's own began before.
            Enrolment.state.in_(sorted(PROVIDER_UNTIL_END))
            & (CourseSession.ends_on > local_date(since)),
            Enrolment.state.in_(sorted(PROVIDER_CLOSES_LATER)) & (Enrolment.updated_at > since),
        ),
    )


def scope_clients(actor: Actor, *, now: datetime | None = None) -> Select[Client]:
    """Return the clients the actor may see.

    Officers see their office's, the district all of its offices'. A coordinator sees whose consent
    to a course of their provider opens the view at `now`, and nobody without an instant; an
    employer sees nobody here (referrals are placements, shown by consent).
    """
    query = select(Client)
    if actor.role is Role.SYSTEM:
        return query
    if actor.role is Role.CLIENT:
        return query.where(Client.id == actor.client_id)
    if actor.role is Role.COORDINATOR:
        if now is None:
            return query.where(false())
        trainees = (
            select(Enrolment.client_id)
            .join(CourseSession, CourseSession.id == Enrolment.session_id)
            .join(Course, Course.id == CourseSession.course_id)
            .where(Course.provider_id == actor.unit_id, is_open_to_provider(now))
        )
        return query.where(Client.id.in_(trainees))
    return query.where(Client.office_id.in_(scope_units(actor)))


def office_heads(office_id: int) -> frozenset[int]:
    """Return the accounts that head an office: the one named, or its only active officer."""
    officers = db.session.execute(
        select(User.id, User.is_office_head)
        .where(User.unit_id == office_id, User.role == Role.OFFICER, User.active)
        .order_by(User.id)
    )
    return rule.heads_of((row.id, row.is_office_head) for row in officers)


def record_access(client: Client, actor: Actor, *, on: date) -> rule.RecordAccess | None:
    """Return by what the actor opens the restricted record of a client in their scope, if at all.

    Every door to a record asks here: opening it, saving it, comparing versions of it, and saying
    who leads the case.
    """
    is_lead = actor.user_id is not None and actor.user_id == client.case_lead_id
    if actor.role is not Role.OFFICER or is_lead:
        heads: frozenset[int] = frozenset()
        covers: list[AbsenceCover] = []
    else:
        heads = office_heads(client.office_id)
        covers = list(
            db.session.scalars(
                select(AbsenceCover)
                .where(
                    AbsenceCover.covering_id == actor.user_id,
                    AbsenceCover.covered_id == client.case_lead_id,
                    AbsenceCover.until_on >= on,
                )
                .order_by(AbsenceCover.until_on.desc(), AbsenceCover.id)
            )
        )
    return rule.record_access(
        actor,
        office_id=client.office_id,
        lead_id=client.case_lead_id,
        head_ids=heads,
        covers=[cover.stated for cover in covers],
        on=on,
    )


def scope_covers(actor: Actor) -> Select[AbsenceCover]:
    """Return the absence covers the actor may see.

    The district sees its offices', a head the office's, other officers those that name them.
    """
    query = select(AbsenceCover)
    if actor.role is Role.OFFICER and actor.unit_id is not None:
        query = query.where(AbsenceCover.office_id == actor.unit_id)
        if actor.user_id in office_heads(actor.unit_id):
            return query
        return query.where(
            or_(AbsenceCover.covered_id == actor.user_id, AbsenceCover.covering_id == actor.user_id)
        )
    return query.where(AbsenceCover.office_id.in_(scope_units(actor)))


def scope_placements(actor: Actor) -> Select[Placement]:
    """Return the placements the actor may see.

    An employer's are those sent to it; which of the person's fields it sees, and whether the
    view has closed, is decided by consent in `services.referrals`.
    """
    query = select(Placement)
    if actor.role is Role.SYSTEM:
        return query
    if actor.role is Role.CLIENT:
        return query.where(Placement.client_id == actor.client_id)
    if actor.role is Role.ENTERPRISE:
        own = select(Partner.id).where(Partner.unit_id == actor.unit_id)
        return query.where(Placement.partner_id.in_(own), Placement.sent_at.is_not(None))
    clients = select(Client.id).where(Client.office_id.in_(scope_units(actor)))
    return query.where(Placement.client_id.in_(clients))


def scope_vacancies(actor: Actor) -> Select[Vacancy]:
    """Return the openings the actor may work with (the public board has its own query)."""
    query = select(Vacancy)
    if actor.role in {Role.OFFICER, Role.DISTRICT, Role.SYSTEM}:
        return query
    if actor.role is Role.ENTERPRISE:
        own = select(Partner.id).where(Partner.unit_id == actor.unit_id)
        return query.where(Vacancy.partner_id.in_(own))
    return query.where(false())


def scope_partners(actor: Actor) -> Select[Partner]:
    """Return the partner enterprises the actor may see."""
    query = select(Partner)
    if actor.role in {Role.OFFICER, Role.DISTRICT, Role.SYSTEM}:
        return query
    if actor.role is Role.ENTERPRISE:
        return query.where(Partner.unit_id == actor.unit_id)
    return query.where(false())


def scope_courses(actor: Actor) -> Select[Course]:
    """Return the courses the actor may work with; published ones are public besides."""
    query = select(Course)
    if actor.role in {Role.OFFICER, Role.DISTRICT, Role.SYSTEM}:
        return query
    if actor.role is Role.COORDINATOR:
        return query.where(Course.provider_id == actor.unit_id)
    return query.where(false())


def scope_enrolments(actor: Actor) -> Select[Enrolment]:
    """Return the enrolments the actor may see.

    A coordinator's are all of their provider's: the numbers stay right. Whose they are is shown
    while consent opens the view (`is_open_to_provider`).
    """
    query = select(Enrolment)
    if actor.role is Role.SYSTEM:
        return query
    if actor.role is Role.COORDINATOR:
        return (
            query.join(CourseSession, CourseSession.id == Enrolment.session_id)
            .join(Course, Course.id == CourseSession.course_id)
            .where(Course.provider_id == actor.unit_id)
        )
    clients = select(Client.id).where(Client.office_id.in_(scope_units(actor)))
    return query.where(Enrolment.client_id.in_(clients))
