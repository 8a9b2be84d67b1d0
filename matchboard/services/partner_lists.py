"""Lists of partner enterprises: narrowed, sorted, with their openings; how many await vetting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select

from matchboard.domain.catalogues import division_prefix
from matchboard.domain.organisation import PartnerState
from matchboard.domain.roles import Actor
from matchboard.domain.text import folded, one_line
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import db
from matchboard.models.organisation import Partner
from matchboard.models.vacancy import Vacancy
from matchboard.permissions import scope_partners
from matchboard.services.listing import Page, paginate
from matchboard.services.text_search import says


@dataclass(frozen=True, slots=True)
class PartnerFilter:
    """What the list is narrowed to; empty means everything."""

    text: str = ""
    state: PartnerState | None = None
    division_code: str = ""
    sort: str = "name"


PARTNER_SORTS = ("name", "-updated", "-verified", "verified")


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """A partner with its open openings and free places."""

    partner: Partner
    n_open: int
    n_places: int


def list_partners(
    wanted: PartnerFilter, *, actor: Actor, number: int, size: int = 20
) -> Page[PartnerRow]:
    """Return one page of the partners the actor sees."""
    query = _narrowed(scope_partners(actor), wanted)
    page = paginate(query.order_by(*_order(wanted.sort)), number=number, size=size)
    counts = _openings_of([partner.id for partner in page.items])
    rows = [PartnerRow(p, *counts.get(p.id, (0, 0))) for p in page.items]
    return Page(items=rows, n_total=page.n_total, number=page.number, size=page.size)


def count_waiting(*, actor: Actor) -> int:
    """Return how many partners wait to be vetted."""
    waiting = scope_partners(actor).where(Partner.state == PartnerState.PENDING).subquery()
    return db.session.scalar(select(func.count()).select_from(waiting)) or 0


def _narrowed(query: Select[tuple[Partner]], wanted: PartnerFilter) -> Select[tuple[Partner]]:
    if wanted.text:
        # Readings and codes are letters and digits; a trade is spelt as it was cleaned on saving.
        typed = {Partner.name_pinyin: folded(wanted.text), Partner.uscc: folded(wanted.text)}
        typed[Partner.industry] = one_line(wanted.text)
        others = (column.icontains(text, autoescape=True) for column, text in typed.items() if text)
        query = query.where(or_(says(Partner.search_text, wanted.text), *others))
    if wanted.state is not None:
        query = query.where(Partner.state == wanted.state)
    if wanted.division_code:
        prefix = division_prefix(wanted.division_code)
        query = query.where(func.substr(Partner.division_code, 1, len(prefix)) == prefix)
    return query


def _order(sort: str) -> tuple[Any, ...]:
    return {
        "name": (Partner.name, Partner.id),
        "-updated": (Partner.updated_at.desc(), Partner.id.desc()),
        "verified": (Partner.verified_on.is_not(None), Partner.verified_on, Partner.id),
        "-verified": (Partner.verified_on.is_(None), Partner.verified_on.desc(), Partner.id),
    }[sort]


def _openings_of(partner_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    left = Vacancy.headcount - Vacancy.n_reserved - Vacancy.n_filled
    query = (
        select(Vacancy.partner_id, func.count(), func.sum(left))
        .where(Vacancy.partner_id.in_(partner_ids), Vacancy.state == VacancyState.OPEN)
        .group_by(Vacancy.partner_id)
        .order_by(Vacancy.partner_id)
    )
    return {int(row[0] or 0): (row[1], int(row[2])) for row in db.session.execute(query)}
