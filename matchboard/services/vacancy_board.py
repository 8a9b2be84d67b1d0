"""The public board: open openings of vetted employers, found, counted and sorted by the database.

Answers over a large board are kept for as long as nothing they depend on has changed: the count
and the first pages' ids, under a stamp read from the database with every request.
"""

from __future__ import annotations

import math
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Engine, Select, bindparam, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from matchboard.domain.catalogues import division_prefix, divisions, occupations
from matchboard.domain.client import EmploymentType, Shift
from matchboard.domain.errors import NotFound
from matchboard.domain.job_trades import TRADE_PREFIXES, JobTrade
from matchboard.domain.organisation import PartnerState
from matchboard.domain.vacancy import VacancySource, VacancyState, Visibility
from matchboard.extensions import db
from matchboard.models.organisation import Partner
from matchboard.models.vacancy import Vacancy, VacancyEvent
from matchboard.services import vacancy_publication
from matchboard.services.job_absence import JobGone, absence_of
from matchboard.services.listing import Page
from matchboard.services.text_search import says

SORTS = ("newest", "wage", "distance")
RADII_KM = (5, 10, 20, 50, 100, 200)
#: Kilometres of one degree of latitude on the mean earth radius.
KM_A_DEGREE = math.pi * 6371.0088 / 180


@dataclass(frozen=True, slots=True)
class BoardQuery:
    """What a visitor asks for; empty means everything."""

    text: str = ""
    trades: tuple[JobTrade, ...] = ()
    division_code: str = ""
    radius_km: int | None = None
    wage_at_least: int | None = None
    employment_types: tuple[EmploymentType, ...] = ()
    with_lodging: bool = False
    sort: str = "newest"

    @property
    def centre(self) -> tuple[float, float] | None:
        """Latitude and longitude distances are measured from; None without a chosen place."""
        found = divisions().get(self.division_code) if self.division_code else None
        if found is None or found.lat is None or found.lon is None:
            return None
        return found.lat, found.lon


@dataclass(frozen=True, slots=True)
class BoardCard:
    """An opening as the board shows it."""

    pid: str
    title: str
    partner_name: str
    partner_name_en: str
    division_code: str | None
    wage_min_cny_month: int | None
    wage_max_cny_month: int | None
    wage_hourly_cny: float | None
    employment_type: EmploymentType | None
    shift: Shift | None
    lodging_provided: bool | None
    headcount: int
    n_places_left: int
    open_on: date | None
    close_on: date | None
    distance_km: float | None


_CARD_FIELDS = tuple(f.name for f in fields(BoardCard))


def list_jobs(wanted: BoardQuery, *, today: date, number: int, size: int = 20) -> Page[BoardCard]:
    """Return one page of the board; a number past the end gives the last page."""
    number = max(1, number)
    found = _answer(wanted, today, upto=number * size)
    number = min(number, max(1, -(-found.n_total // size)))
    start = (number - 1) * size
    ids = found.ids[start : start + size]
    return Page(items=_cards(ids, wanted), n_total=found.n_total, number=number, size=size)


def newest_jobs(*, today: date, limit: int = 50) -> list[BoardCard]:
    """Return the newest openings of the board (the feed)."""
    return _cards(db.session.scalars(_ids(BoardQuery(), today).limit(limit)).all(), BoardQuery())


def public_pids(*, today: date, limit: int = 20_000) -> list[tuple[str, date | None]]:
    """Return public id and day of publication of what is on the board (the site map)."""
    query = select(Vacancy.pid, Vacancy.open_on).where(*_conditions(BoardQuery(), today))
    query = query.order_by(Vacancy.open_on.desc(), Vacancy.id.desc()).limit(limit)
    return [(pid, day) for pid, day in db.session.execute(query)]


def get_job(pid: str, *, today: date) -> Vacancy:
    """Return an opening of the board with employer and requirements.

    Raises
    ------
    JobGone
        If it was on the board once.
    NotFound
        If it never was.
    """
    query = (
        select(Vacancy)
        .where(
            Vacancy.pid == pid,
            Vacancy.visibility == Visibility.PUBLIC,
            Vacancy.source == VacancySource.PARTNER,
        )
        .options(joinedload(Vacancy.partner), selectinload(Vacancy.requirements))
    )
    found: Vacancy | None = db.session.scalar(query)
    if found is None or (found.state in _UNSEEN and not vacancy_publication.was_published(found)):
        raise NotFound
    why = absence_of(found, today)
    if why is not None:
        raise JobGone(why)
    return found


#: States of openings of which the public knows nothing, unless they were approved before.
_UNSEEN = frozenset({VacancyState.DRAFT, VacancyState.IN_REVIEW})


# --- Conditions -----------------------------------------------------------------------------------


def _conditions(wanted: BoardQuery, today: date) -> list[ColumnElement[bool]]:
    active = select(Partner.id).where(Partner.state == PartnerState.ACTIVE)
    conditions = [
        Vacancy.state == VacancyState.OPEN,
        Vacancy.visibility == Visibility.PUBLIC,
        Vacancy.open_on <= today,
        or_(Vacancy.close_on >= today, Vacancy.close_on.is_(None)),
        Vacancy.partner_id.in_(active),
    ]
    conditions += [_matches(word) for word in wanted.text.split()[:5]]
    if wanted.trades:
        conditions.append(_in_trades(wanted.trades))
    conditions += _near(wanted)
    if wanted.wage_at_least is not None:
        conditions.append(Vacancy.wage_top_cny_month >= wanted.wage_at_least)
    if wanted.employment_types:
        conditions.append(Vacancy.employment_type.in_(wanted.employment_types))
    if wanted.with_lodging:
        conditions.append(Vacancy.lodging_provided.is_(True))
    return conditions


def _matches(word: str) -> ColumnElement[bool]:
    """Look in title, employer's name and the names of occupations (司机 finds 驾驶员's aliases)."""
    employers = select(Partner.id).where(says(Partner.search_text, word))
    found = [says(Vacancy.search_text, word), Vacancy.partner_id.in_(employers)]
    codes = [row.code for row in occupations().search(word, limit=30, level=4)]
    if codes:
        found.append(Vacancy.occupation_code.in_(codes))
    return or_(*found)


def _in_trades(trades: Sequence[JobTrade]) -> ColumnElement[bool]:
    prefixes = sorted({prefix for trade in trades for prefix in TRADE_PREFIXES[trade]})
    by_length: dict[int, list[str]] = {}
    for prefix in prefixes:
        by_length.setdefault(len(prefix), []).append(prefix)
    return or_(
        *(
            func.substr(Vacancy.occupation_code, 1, length).in_(several)
            for length, several in by_length.items()
        )
    )


def _near(wanted: BoardQuery) -> list[ColumnElement[bool]]:
    centre = wanted.centre
    if centre is not None and wanted.radius_km is not None:
        lat, lon = centre
        dlat = wanted.radius_km / KM_A_DEGREE
        # The widest parallel of the box is the one nearest the equator.
        shrink = max(0.1, min(math.cos(math.radians(abs(lat) + d)) for d in (-dlat, dlat)))
        return [
            Vacancy.lat.between(lat - dlat, lat + dlat),
            Vacancy.lon.between(lon - dlat / shrink, lon + dlat / shrink),
            _square_of_distance(lat, lon) <= wanted.radius_km**2,
        ]
    if wanted.division_code:
        prefix = division_prefix(wanted.division_code)
        return [func.substr(Vacancy.division_code, 1, len(prefix)) == prefix]
    return []


def _square_of_distance(lat: float, lon: float) -> ColumnElement[float | None]:
    """Return the squared distance in km² with arithmetic alone.

    Equirectangular with the cosine of the middle latitude taken linearly: within 0.1 % of the
    great circle up to 200 km anywhere in the country (tested), and needs no functions that an
    SQLite may lack.
    """
    cosine, sine = math.cos(math.radians(lat)), math.sin(math.radians(lat))
    north = (Vacancy.lat - lat) * KM_A_DEGREE
    narrowing = cosine - (Vacancy.lat - lat) * (sine * math.radians(0.5))
    east = (Vacancy.lon - lon) * KM_A_DEGREE * narrowing
    return north * north + east * east


def _order(wanted: BoardQuery) -> tuple[Any, ...]:
    centre = wanted.centre
    if wanted.sort == "wage":
        return (Vacancy.wage_top_cny_month.desc(), Vacancy.id.desc())
    if wanted.sort == "distance" and centre is not None:
        return (Vacancy.lat.is_(None), _square_of_distance(*centre), Vacancy.id)
    return (Vacancy.open_on.desc(), Vacancy.id.desc())


def _ids(wanted: BoardQuery, today: date) -> Select[Any]:
    return select(Vacancy.id).where(*_conditions(wanted, today)).order_by(*_order(wanted))


def _cards(ids: Sequence[int], wanted: BoardQuery) -> list[BoardCard]:
    """Read the rows of a page; they come in any order, so the ids give it back."""
    if not ids:
        return []
    centre = wanted.centre
    columns = _CARD_ROWS
    if centre is not None:
        columns = columns.add_columns(_square_of_distance(*centre))
    found: dict[int, Sequence[Any]] = {
        row[0]: tuple(row) for row in db.session.execute(columns, {"ids": list(ids)})
    }
    return [_card(found[i], has_distance=centre is not None) for i in ids if i in found]


def _card(row: Sequence[Any], *, has_distance: bool) -> BoardCard:
    square = row[-1] if has_distance else None
    known = row[1 : len(_CARD_FIELDS)]
    distance_km = None if square is None else math.sqrt(square)
    return BoardCard(**dict(zip(_CARD_FIELDS, (*known, distance_km), strict=True)))


#: What a card needs; built once, only the ids differ.
_CARD_ROWS = (
    select(
        Vacancy.id,
        Vacancy.pid,
        Vacancy.title,
        Partner.name,
        Partner.name_en,
        Vacancy.division_code,
        Vacancy.wage_min_cny_month,
        Vacancy.wage_max_cny_month,
        Vacancy.wage_hourly_cny,
        Vacancy.employment_type,
        Vacancy.shift,
        Vacancy.lodging_provided,
        Vacancy.headcount,
        (Vacancy.headcount - Vacancy.n_reserved - Vacancy.n_filled),
        Vacancy.open_on,
        Vacancy.close_on,
    )
    .join(Partner, Partner.id == Vacancy.partner_id)
    .where(Vacancy.id.in_(bindparam("ids", expanding=True)))
    .order_by(Vacancy.id)
)


# --- Answers kept ---------------------------------------------------------------------------------

#: Below this many rows counting is as cheap as asking whether anything has changed.
KEEP_FROM = 2000
#: Ids kept for a query at first; all of them once somebody asks for a page beyond.
_HEAD = 400
#: Ids kept in all, 8 bytes each.
_BUDGET = 1_000_000


@dataclass(frozen=True, slots=True)
class _Answer:
    n_total: int
    ids: array[int]


@dataclass(slots=True)
class _Kept:
    """Answers of one database under one stamp, least recently used first."""

    lock: Lock = field(default_factory=Lock)
    stamp: tuple[Any, ...] = ()
    answers: OrderedDict[BoardQuery, _Answer] = field(default_factory=OrderedDict)

    def find(self, stamp: tuple[Any, ...], wanted: BoardQuery) -> _Answer | None:
        """Return the answer still true under `stamp`; forget all if the stamp has changed."""
        with self.lock:
            if self.stamp != stamp:
                self.stamp = stamp
                self.answers.clear()
            if wanted in self.answers:
                self.answers.move_to_end(wanted)
            return self.answers.get(wanted)

    def keep(self, stamp: tuple[Any, ...], wanted: BoardQuery, answer: _Answer) -> None:
        """Keep an answer within the budget, unless the board has changed meanwhile."""
        with self.lock:
            if self.stamp != stamp:
                return
            self.answers[wanted] = answer
            self.answers.move_to_end(wanted)
            while sum(_HEAD + len(kept.ids) for kept in self.answers.values()) > _BUDGET:
                self.answers.popitem(last=False)


_kept: WeakKeyDictionary[Engine, _Kept] = WeakKeyDictionary()


def _answer(wanted: BoardQuery, today: date, *, upto: int) -> _Answer:
    """Return count and ids, at least those of the first `upto` rows."""
    stamp = _stamp(today)
    if (stamp[0] or 0) < KEEP_FROM:
        return _computed(wanted, today, upto)
    kept = _kept.setdefault(db.engine, _Kept())
    found = kept.find(stamp, wanted)
    if found is None or len(found.ids) < min(upto, found.n_total):
        found = _computed(wanted, today, upto)
        kept.keep(stamp, wanted, found)
    return found


def _computed(wanted: BoardQuery, today: date, upto: int) -> _Answer:
    query = _ids(wanted, today)
    if upto > _HEAD:
        ids = array("q", db.session.scalars(query))
        return _Answer(len(ids), ids)
    ids = array("q", db.session.scalars(query.limit(_HEAD)))
    if len(ids) < _HEAD:
        return _Answer(len(ids), ids)
    counted = select(func.count()).select_from(Vacancy).where(*_conditions(wanted, today))
    return _Answer(db.session.scalar(counted) or 0, ids)


_STAMP = select(
    select(func.max(Vacancy.id)).scalar_subquery(),
    select(func.max(Vacancy.updated_at)).scalar_subquery(),
    select(func.max(VacancyEvent.id)).scalar_subquery(),
    select(func.sum(Partner.version)).scalar_subquery(),
    select(func.count(Partner.id)).scalar_subquery(),
)


def _stamp(today: date) -> tuple[Any, ...]:
    """Return what changes whenever an answer could: rows, events, employers, the day.

    Every service that writes an opening appends an event after taking the audit chain's lock, so
    event ids commit in order; a partner's version grows with each change of it.
    """
    return (*db.session.execute(_STAMP).one(), today)
