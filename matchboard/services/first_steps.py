"""Counting what a role's first steps ask for, and whether a list is empty because nothing is there.

One statement for all of a role's figures; each counts at most `ENOUGH` rows, so that it costs the
same in a district of a thousand people.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select

from matchboard.domain.first_steps import StepState, figures_of, states
from matchboard.domain.organisation import PartnerState, UnitKind
from matchboard.domain.roles import Actor, Role
from matchboard.domain.vacancy import VacancyState, Visibility
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.audit import AuditEntry
from matchboard.models.client import Client, RestrictedRecord
from matchboard.models.organisation import Partner, Unit
from matchboard.models.placement import Placement
from matchboard.models.training import Course, CourseSession, Enrolment
from matchboard.models.vacancy import Vacancy
from matchboard.permissions import (
    scope_clients,
    scope_courses,
    scope_enrolments,
    scope_partners,
    scope_placements,
    scope_vacancies,
)

#: Nobody reads "137 partners wait" as different from "100 or more".
ENOUGH = 100
#: A step once done stays done: an opening that is filled by now was approved, too.
_APPROVED_OPENINGS = tuple(
    state for state in VacancyState if state not in {VacancyState.DRAFT, VacancyState.IN_REVIEW}
)
_APPROVED_PARTNERS = (PartnerState.ACTIVE, PartnerState.SUSPENDED)


def _accounts(*roles: Role) -> Select[int]:
    return select(User.id).where(User.role.in_(roles))


def _offices(_actor: Actor) -> Select[int]:
    return select(Unit.id).where(Unit.kind == UnitKind.JUSTICE_OFFICE)


def _openings(actor: Actor, *states: VacancyState) -> Select[Any]:
    return (
        scope_vacancies(actor)
        .where(Vacancy.state.in_(states), Vacancy.partner_id.is_not(None))
        .with_only_columns(Vacancy.id)
    )


def _partners(actor: Actor, *states: PartnerState) -> Select[Any]:
    return scope_partners(actor).where(Partner.state.in_(states)).with_only_columns(Partner.id)


def _people(actor: Actor) -> Select[Any]:
    return scope_clients(actor).with_only_columns(Client.id)


_FIGURES: dict[str, Callable[[Actor], Select[Any]]] = {
    "n_offices": _offices,
    "n_district_accounts": lambda _actor: _accounts(Role.DISTRICT),
    "n_officer_accounts": lambda _actor: _accounts(Role.OFFICER),
    "n_ready_accounts": lambda _actor: _accounts(Role.DISTRICT, Role.OFFICER).where(
        User.awaits_confirmation.is_(False)
    ),
    "n_unconfirmed": lambda _actor: select(User.id).where(User.awaits_confirmation),
    "n_partners": lambda actor: _partners(actor, *_APPROVED_PARTNERS),
    "n_partners_pending": lambda actor: _partners(actor, PartnerState.PENDING),
    "n_openings": lambda actor: _openings(actor, *_APPROVED_OPENINGS),
    "n_openings_in_review": lambda actor: _openings(actor, VacancyState.IN_REVIEW),
    "n_people": _people,
    "n_verified": lambda actor: select(RestrictedRecord.id).where(
        RestrictedRecord.client_id.in_(_people(actor))
    ),
    "n_proposals": lambda actor: scope_placements(actor).with_only_columns(Placement.id),
    "n_profiles": lambda actor: (
        scope_partners(actor)
        .where(Partner.division_code.is_not(None), Partner.contact_name != "")
        .with_only_columns(Partner.id)
    ),
    "n_own_openings": lambda actor: scope_vacancies(actor).with_only_columns(Vacancy.id),
    "n_courses": lambda actor: scope_courses(actor).with_only_columns(Course.id),
    "n_sessions": lambda actor: (
        scope_courses(actor)
        .join(CourseSession, CourseSession.course_id == Course.id)
        .with_only_columns(CourseSession.id)
    ),
}

#: What a list shows when nothing narrows it.
_LISTS: dict[str, Callable[[Actor], Select[Any]]] = {
    "audit": lambda _actor: select(AuditEntry.id),
    "clients": _people,
    "courses": lambda actor: scope_courses(actor).with_only_columns(Course.id),
    "enrolments": lambda actor: scope_enrolments(actor).with_only_columns(Enrolment.id),
    "jobs": lambda _actor: select(Vacancy.id).where(
        Vacancy.state == VacancyState.OPEN, Vacancy.visibility == Visibility.PUBLIC
    ),
    "partners": lambda actor: scope_partners(actor).with_only_columns(Partner.id),
    "placements": lambda actor: scope_placements(actor).with_only_columns(Placement.id),
    "public_courses": lambda _actor: select(Course.id).where(Course.published.is_(True)),
    "sessions": lambda _actor: select(CourseSession.id),
    "vacancies": lambda actor: scope_vacancies(actor).with_only_columns(Vacancy.id),
}


def first_steps(*, actor: Actor) -> tuple[StepState, ...]:
    """Return the actor's first steps as they stand; none once all are done."""
    names = figures_of(actor.role)
    if not names:
        return ()
    row = db.session.execute(select(*(_count(_FIGURES[name](actor)) for name in names))).one()
    return states(actor.role, dict(zip(names, row, strict=True)))


def is_blank(subject: str, n_shown: int, *, actor: Actor) -> bool:
    """Return whether a list that shows nothing would show nothing without its filters too.

    Costs a statement only where nothing is shown.
    """
    if n_shown:
        return False
    return db.session.execute(_LISTS[subject](actor).limit(1)).first() is None


def _count(query: Select[Any]) -> ScalarSelect[int]:
    some = query.limit(ENOUGH).subquery()
    return select(func.count()).select_from(some).scalar_subquery()
