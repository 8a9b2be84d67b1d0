"""The employer's numbers of places and people, and own record."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Actor
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import db
from matchboard.models.organisation import Partner
from matchboard.models.placement import Placement
from matchboard.models.vacancy import Vacancy
from matchboard.permissions import scope_placements, scope_vacancies
from matchboard.services import partners


@dataclass(frozen=True, slots=True)
class Figures:
    """Open places, people who work here."""

    n_places_open: int
    n_working: int


def own_record(*, actor: Actor) -> Partner:
    """Return the employer's own record."""
    return partners.own_partner(actor)


def figures(*, actor: Actor) -> Figures:
    """Return the numbers of the start page; who waits for an answer is `referrals.list_waiting`."""
    left = Vacancy.headcount - Vacancy.n_reserved - Vacancy.n_filled
    own = scope_vacancies(actor).where(Vacancy.state == VacancyState.OPEN)
    n_places = db.session.scalar(own.with_only_columns(func.coalesce(func.sum(left), 0)))
    return Figures(
        n_places_open=int(n_places or 0),
        n_working=_count(actor, (PlacementState.STARTED,)),
    )


def _count(actor: Actor, states: tuple[PlacementState, ...]) -> int:
    query = scope_placements(actor).where(Placement.state.in_(states))
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
