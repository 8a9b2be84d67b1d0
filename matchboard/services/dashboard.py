"""The district's figures: few queries, whatever the number of people; each leads to its list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from matchboard.domain.calendar import local_date
from matchboard.domain.client import Stage
from matchboard.domain.organisation import PartnerState, UnitKind
from matchboard.domain.placement import PlacementFigure, PlacementState
from matchboard.domain.roles import Actor
from matchboard.domain.training import EnrolmentState
from matchboard.domain.vacancy import VacancySource, VacancyState
from matchboard.extensions import db
from matchboard.models.client import Client
from matchboard.models.organisation import Partner, Unit
from matchboard.models.placement import Placement, PlacementEvent
from matchboard.models.training import Enrolment
from matchboard.models.vacancy import Vacancy
from matchboard.permissions import (
    scope_enrolments,
    scope_partners,
    scope_placements,
    scope_units,
    scope_vacancies,
)
from matchboard.services import placement_figures, policies, work

S, F = PlacementState, PlacementFigure


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
    n_vacancies_open: int
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
    counted = _counted(actor, now)
    n_openings, n_places = _open(actor)
    return Overview(
        n_clients=sum(row.n_clients for row in offices),
        n_placed=sum(row.n_placed for row in offices),
        target_percent=policies.current(actor, on=today).placement_target_percent,
        n_places_open=n_places,
        n_vacancies_open=n_openings,
        n_vacancies_in_review=_count(
            scope_vacancies(actor).where(Vacancy.state == VacancyState.IN_REVIEW)
        ),
        n_partners_pending=_count(
            scope_partners(actor).where(Partner.state == PartnerState.PENDING)
        ),
        n_unanswered=counted[F.UNANSWERED],
        n_checks_overdue=counted[F.CHECK_OVERDUE],
        n_retained=counted[F.HALF_YEAR_KEPT],
        n_retention_known=counted[F.HALF_YEAR_KNOWN],
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
    rows = db.session.execute(
        select(
            Unit.pid,
            Unit.name,
            Unit.name_en,
            func.count(Client.id),
            func.coalesce(func.sum(case((work.has_work(), 1), else_=0)), 0),
        )
        .outerjoin(Client, (Client.office_id == Unit.id) & (Client.stage == Stage.IN_SUPPORT))
        .where(Unit.id.in_(scope_units(actor)), Unit.kind == UnitKind.JUSTICE_OFFICE)
        .group_by(Unit.id)
        .order_by(Unit.name, Unit.id)
    )
    return tuple(OfficeRow(*row) for row in rows)


def _open(actor: Actor) -> tuple[int, int]:
    """Return the open openings of partners, and their free places."""
    left = Vacancy.headcount - Vacancy.n_reserved - Vacancy.n_filled
    query = scope_vacancies(actor).where(
        Vacancy.state == VacancyState.OPEN, Vacancy.source == VacancySource.PARTNER
    )
    n_openings, n_places = db.session.execute(
        query.with_only_columns(func.count(), func.coalesce(func.sum(left), 0))
    ).one()
    return int(n_openings), int(n_places)


def _in_scope(actor: Actor) -> ColumnElement[bool]:
    people = select(Client.id).where(Client.office_id.in_(scope_units(actor)))
    return Placement.client_id.in_(people)


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


def _counted(actor: Actor, now: datetime) -> dict[PlacementFigure, int]:
    """Return the figures about placements: one statement for all of them."""
    sums = [
        func.coalesce(func.sum(case((placement_figures.counted(f, now=now), 1), else_=0)), 0)
        for f in F
    ]
    row = db.session.execute(scope_placements(actor).with_only_columns(*sums)).one()
    return {figure: int(n) for figure, n in zip(F, row, strict=True)}


def _count(query: Select[Any]) -> int:
    """Return how many rows of the actor's own a list has: a figure counts what its list shows."""
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
