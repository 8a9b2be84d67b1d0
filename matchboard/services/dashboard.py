"""The district's figures: few queries, whatever the number of people; each leads to its list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select

from matchboard.domain.calendar import local_date
from matchboard.domain.client import Stage
from matchboard.domain.organisation import PartnerState, UnitKind
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Actor
from matchboard.domain.training import EnrolmentState
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import db
from matchboard.models.client import Client
from matchboard.models.organisation import Partner, Unit
from matchboard.models.placement import OutcomeCheck, Placement, PlacementEvent
from matchboard.models.training import Enrolment
from matchboard.models.vacancy import Vacancy
from matchboard.permissions import (
    scope_enrolments,
    scope_partners,
    scope_placements,
    scope_units,
    scope_vacancies,
)
from matchboard.services import half_year, policies

S = PlacementState


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """One justice office: people in support, and how many of them are placed."""

    pid: str
    name: str
    name_en: str
    n_clients: int
    n_placed: int

    @property
    def placed_share(self) -> float | None:
        """Share placed, None without people."""
        return self.n_placed / self.n_clients if self.n_clients else None


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """How many proposals of the last year came at least this far."""

    state: PlacementState
    n_placements: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What the district's first page shows."""

    n_clients: int
    n_placed: int
    target_percent: int
    n_places_open: int
    n_vacancies_in_review: int
    n_partners_pending: int
    n_unanswered: int
    n_checks_overdue: int
    n_retained: int
    n_retention_known: int
    n_in_training: int
    offices: tuple[OfficeRow, ...]
    funnel: tuple[FunnelStep, ...]

    @property
    def placed_share(self) -> float | None:
        """Share of the people in support who are placed."""
        return self.n_placed / self.n_clients if self.n_clients else None

    @property
    def retained_share(self) -> float | None:
        """Share still at work half a year after the start, of those whose outcome is known."""
        return self.n_retained / self.n_retention_known if self.n_retention_known else None


def overview(*, actor: Actor, now: datetime) -> Overview:
    """Return the figures of the actor's district as of `now`."""
    today = local_date(now)
    offices = _offices(actor)
    retained, known = _retention(actor, now)
    return Overview(
        n_clients=sum(row.n_clients for row in offices),
        n_placed=sum(row.n_placed for row in offices),
        target_percent=policies.current(actor, on=today).placement_target_percent,
        n_places_open=_places_open(),
        n_vacancies_in_review=_count(
            scope_vacancies(actor).where(Vacancy.state == VacancyState.IN_REVIEW)
        ),
        n_partners_pending=_count(
            scope_partners(actor).where(Partner.state == PartnerState.PENDING)
        ),
        n_unanswered=_count(
            scope_placements(actor).where(
                Placement.state == S.SENT, Placement.sent_at < now - timedelta(days=7)
            )
        ),
        n_checks_overdue=_checks_overdue(actor, now),
        n_retained=retained,
        n_retention_known=known,
        n_in_training=_count(
            scope_enrolments(actor)
            .where(Enrolment.state == EnrolmentState.ENROLLED)
            .with_only_columns(Enrolment.client_id)
            .distinct()
        ),
        offices=offices,
        funnel=_funnel(actor, now),
    )


def _offices(actor: Actor) -> tuple[OfficeRow, ...]:
    placed = exists().where(
        Placement.client_id == Client.id, Placement.state.in_([S.STARTED, S.COMPLETED])
    )
    rows = db.session.execute(
        select(
            Unit.pid,
            Unit.name,
            Unit.name_en,
            func.count(Client.id),
            func.coalesce(func.sum(case((placed, 1), else_=0)), 0),
        )
        .outerjoin(Client, (Client.office_id == Unit.id) & (Client.stage == Stage.IN_SUPPORT))
        .where(Unit.id.in_(scope_units(actor)), Unit.kind == UnitKind.JUSTICE_OFFICE)
        .group_by(Unit.id)
        .order_by(Unit.name, Unit.id)
    )
    return tuple(OfficeRow(*row) for row in rows)


def _places_open() -> int:
    left = Vacancy.headcount - Vacancy.n_reserved - Vacancy.n_filled
    query = select(func.coalesce(func.sum(left), 0)).where(
        Vacancy.state == VacancyState.OPEN, Vacancy.partner_id.is_not(None)
    )
    return int(db.session.scalar(query) or 0)


def _in_scope(actor: Actor) -> ColumnElement[bool]:
    people = select(Client.id).where(Client.office_id.in_(scope_units(actor)))
    return Placement.client_id.in_(people)


def _checks_overdue(actor: Actor, now: datetime) -> int:
    query = (
        select(func.count(OutcomeCheck.id))
        .join(Placement, Placement.id == OutcomeCheck.placement_id)
        .where(
            _in_scope(actor),
            Placement.state == S.STARTED,
            OutcomeCheck.done_on.is_(None),
            OutcomeCheck.cancelled.is_(False),
            OutcomeCheck.due_on < local_date(now),
        )
    )
    return db.session.scalar(query) or 0


def _retention(actor: Actor, now: datetime) -> tuple[int, int]:
    """Return (kept the job, outcome known) of starts between half a year and two years ago."""
    today = local_date(now)
    known = half_year.is_known(today=today)
    query = select(
        func.coalesce(func.sum(case((and_(known, half_year.is_kept()), 1), else_=0)), 0),
        func.coalesce(func.sum(case((known, 1), else_=0)), 0),
    ).where(_in_scope(actor), Placement.started_on > today - timedelta(days=730))
    kept, n_known = db.session.execute(query).one()
    return int(kept), int(n_known)


def _funnel(actor: Actor, now: datetime) -> tuple[FunnelStep, ...]:
    """Return how far the proposals of the last year came."""
    steps = (S.PROPOSED, S.CONSENTED, S.SENT, S.INTERVIEW, S.OFFERED, S.STARTED)
    rows = db.session.execute(
        select(PlacementEvent.to_state, func.count(func.distinct(PlacementEvent.placement_id)))
        .join(Placement, Placement.id == PlacementEvent.placement_id)
        .where(
            _in_scope(actor),
            Placement.vacancy_id.is_not(None),
            Placement.created_at >= now - timedelta(days=365),
        )
        .group_by(PlacementEvent.to_state)
        .order_by(PlacementEvent.to_state)
    )
    found = {row[0]: row[1] for row in rows}
    return tuple(FunnelStep(step, found.get(step.value, 0)) for step in steps)


def _count(query: Select[Any]) -> int:
    """Return how many rows of the actor's own a list has: a figure counts what its list shows."""
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
