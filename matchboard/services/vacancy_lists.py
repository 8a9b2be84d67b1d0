"""Lists of openings for those who work with them: staff, the review queue, the employer's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from matchboard.domain.catalogues import division_prefix
from matchboard.domain.job_trades import TRADE_PREFIXES, JobTrade
from matchboard.domain.roles import Actor
from matchboard.domain.text import bare, folded
from matchboard.domain.vacancy import VacancySource, VacancyState
from matchboard.extensions import db
from matchboard.models.organisation import Partner
from matchboard.models.vacancy import Vacancy
from matchboard.permissions import scope_vacancies
from matchboard.services.listing import Page, paginate
from matchboard.services.text_search import says

SORTS = ("-updated", "title", "close_on", "-wage", "-places")


@dataclass(frozen=True, slots=True)
class VacancyFilter:
    """What the list is narrowed to; empty means everything."""

    text: str = ""
    state: VacancyState | None = None
    partner_pid: str = ""
    trade: JobTrade | None = None
    division_code: str = ""
    source: VacancySource | None = None
    sort: str = "-updated"


def list_vacancies(
    wanted: VacancyFilter, *, actor: Actor, number: int, size: int = 20
) -> Page[Vacancy]:
    """Return one page of the openings the actor works with."""
    query = _narrowed(scope_vacancies(actor), wanted).options(joinedload(Vacancy.partner))
    return paginate(query.order_by(*_ORDERS[wanted.sort]), number=number, size=size)


def own_vacancies(*, actor: Actor) -> Sequence[Vacancy]:
    """Return the employer's openings: those that need it first, then the newest."""
    query = scope_vacancies(actor).order_by(Vacancy.updated_at.desc(), Vacancy.id.desc())
    found = db.session.scalars(query.limit(500)).all()
    return sorted(found, key=lambda v: _OWN_ORDER.index(v.state))


def openings_of(partner: Partner, *, actor: Actor, limit: int = 50) -> Sequence[Vacancy]:
    """Return a partner's openings as far as the actor sees them, newest first."""
    query = scope_vacancies(actor).where(Vacancy.partner_id == partner.id)
    query = query.order_by(Vacancy.updated_at.desc(), Vacancy.id.desc()).limit(limit)
    return db.session.scalars(query).all()


def last_own(*, actor: Actor) -> Vacancy | None:
    """Return the opening the employer wrote last, the start of “copy last one”."""
    query = scope_vacancies(actor).order_by(Vacancy.created_at.desc(), Vacancy.id.desc()).limit(1)
    found: Vacancy | None = db.session.scalar(query)
    return found


def count_in_state(state: VacancyState, *, actor: Actor) -> int:
    """Return how many openings of the actor's scope are in a state."""
    query = scope_vacancies(actor).where(Vacancy.state == state).subquery()
    return db.session.scalar(select(func.count()).select_from(query)) or 0


_OWN_ORDER = (
    VacancyState.DRAFT,
    VacancyState.OPEN,
    VacancyState.IN_REVIEW,
    VacancyState.PAUSED,
    VacancyState.FILLED,
    VacancyState.EXPIRED,
    VacancyState.CLOSED,
)
_LEFT = Vacancy.headcount - Vacancy.n_reserved - Vacancy.n_filled
_ORDERS: dict[str, tuple[Any, ...]] = {
    "-updated": (Vacancy.updated_at.desc(), Vacancy.id.desc()),
    "title": (Vacancy.title, Vacancy.id),
    "close_on": (Vacancy.close_on.is_(None), Vacancy.close_on, Vacancy.id),
    "-wage": (Vacancy.wage_top_cny_month.desc(), Vacancy.id.desc()),
    "-places": (_LEFT.desc(), Vacancy.id.desc()),
}


def _narrowed(query: Select[tuple[Vacancy]], wanted: VacancyFilter) -> Select[tuple[Vacancy]]:
    if wanted.text:
        employers = select(Partner.id).where(
            or_(
                says(Partner.search_text, wanted.text),
                Partner.name_pinyin.icontains(folded(wanted.text), autoescape=True),
            )
        )
        query = query.where(
            or_(
                says(Vacancy.search_text, wanted.text),
                Vacancy.pid == bare(wanted.text).lower(),
                Vacancy.partner_id.in_(employers),
            )
        )
    if wanted.state is not None:
        query = query.where(Vacancy.state == wanted.state)
    if wanted.source is not None:
        query = query.where(Vacancy.source == wanted.source)
    if wanted.partner_pid:
        of_partner = select(Partner.id).where(Partner.pid == wanted.partner_pid)
        query = query.where(Vacancy.partner_id.in_(of_partner))
    if wanted.trade is not None:
        prefixes = TRADE_PREFIXES[wanted.trade]
        query = query.where(or_(*(Vacancy.occupation_code.startswith(p) for p in prefixes)))
    if wanted.division_code:
        prefix = division_prefix(wanted.division_code)
        query = query.where(Vacancy.division_code.startswith(prefix))
    return query
