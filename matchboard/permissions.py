"""Who may see which rows, as SELECTs; what a role may do is `domain.roles.GRANTS`.

A row outside the scope does not exist for the actor: services raise `NotFound`.
"""

from __future__ import annotations

from sqlalchemy import Select, false, or_, select

from matchboard.domain.roles import Actor, Permission, Role, is_granted
from matchboard.models.client import Client
from matchboard.models.organisation import Partner, Unit
from matchboard.models.placement import Placement
from matchboard.models.training import Course, CourseSession, Enrolment
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


def scope_clients(actor: Actor) -> Select[Client]:
    """Return the clients the actor may see.

    Officers see their office's, the district all of its offices'. A coordinator sees who is
    recommended to or enrolled in their provider's courses; an employer sees nobody here
    (referrals are placements, shown by consent).
    """
    query = select(Client)
    if actor.role is Role.SYSTEM:
        return query
    if actor.role is Role.CLIENT:
        return query.where(Client.id == actor.client_id)
    if actor.role is Role.COORDINATOR:
        trainees = (
            select(Enrolment.client_id)
            .join(CourseSession, CourseSession.id == Enrolment.session_id)
            .join(Course, Course.id == CourseSession.course_id)
            .where(Course.provider_id == actor.unit_id)
        )
        return query.where(Client.id.in_(trainees))
    return query.where(Client.office_id.in_(scope_units(actor)))


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
    """Return the enrolments the actor may see."""
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
