"""The placement board: columns of what is under way, and the table of everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import contains_eager

from matchboard.domain.calendar import local_date
from matchboard.domain.placement import BEFORE_START, PlacementFigure, PlacementState
from matchboard.domain.roles import Actor
from matchboard.domain.text import bare, unaccented
from matchboard.extensions import db
from matchboard.models.client import Client
from matchboard.models.organisation import Partner, Unit
from matchboard.models.placement import Placement
from matchboard.models.vacancy import Vacancy
from matchboard.permissions import scope_units
from matchboard.services import placement_figures
from matchboard.services.listing import Page
from matchboard.services.text_search import says

S = PlacementState
#: Columns from left to right; what is over is found in the table.
COLUMNS = (S.PROPOSED, S.CONSENTED, S.SENT, S.INTERVIEW, S.OFFERED, S.STARTED)
#: Cards of one column; the table has them all.
COLUMN_LIMIT = 10
#: Days without a step after which a card warns, and calls.
WARN_DAYS = 3
LATE_DAYS = 7


class BoardSort(StrEnum):
    """Orders of the table."""

    WAITING = "waiting"  # the longest without a step first
    RECENT = "recent"
    NAME = "name"
    STATE = "state"


class Age(StrEnum):
    """How long a placement has waited for its next step."""

    FRESH = "fresh"
    WARN = "warn"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """What the board is narrowed to; empty values narrow nothing."""

    text: str = ""
    state: PlacementState | None = None
    figure: PlacementFigure | None = None
    office_pid: str = ""
    partner_pid: str = ""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One placement with the names beside it."""

    placement: Placement
    client_pid: str
    client_name: str
    office_name: str
    title: str
    partner_name: str
    n_days: int

    @property
    def age(self) -> Age:
        """Amber after three days, red after seven; what is over or runs does not age."""
        if not self.is_waiting or self.n_days <= WARN_DAYS:
            return Age.FRESH
        return Age.WARN if self.n_days <= LATE_DAYS else Age.LATE

    @property
    def is_waiting(self) -> bool:
        """Whether somebody's next step is awaited: what runs or is over waits for nobody."""
        return self.placement.state in BEFORE_START

    @property
    def awaits_answer(self) -> bool:
        """Whether the next word is the person's or the employer's."""
        return self.placement.state in {S.PROPOSED, S.SENT, S.INTERVIEW}


@dataclass(frozen=True, slots=True)
class Column:
    """One state's cards, the longest waiting first, and how many there are in all."""

    state: PlacementState
    rows: tuple[BoardRow, ...]
    n_total: int


def columns(wanted: BoardFilter, *, actor: Actor, now: datetime) -> list[Column]:
    """Return the columns; one statement a column and one for the counts."""
    today = local_date(now)
    counted = db.session.execute(
        _joined(select(Placement.state, func.count()), wanted, actor, now)
        .where(Placement.state.in_(COLUMNS))
        .group_by(Placement.state)
        .order_by(Placement.state)
    )
    totals: dict[PlacementState, int] = {row[0]: row[1] for row in counted}
    found = []
    for state in COLUMNS:
        query = (
            _rows(wanted, actor, now)
            .where(Placement.state == state)
            .order_by(Placement.state_changed_at, Placement.id)
            .limit(COLUMN_LIMIT)
        )
        rows = tuple(_row(values, today) for values in db.session.execute(query))
        found.append(Column(state, rows, totals.get(state, 0)))
    return found


def table(
    wanted: BoardFilter,
    *,
    actor: Actor,
    now: datetime,
    sort: BoardSort = BoardSort.WAITING,
    page: int = 1,
    size: int = 20,
) -> Page[BoardRow]:
    """Return one page of all placements in the actor's scope; two statements."""
    today = local_date(now)
    n_total = db.session.scalar(_joined(select(func.count()), wanted, actor, now)) or 0
    number = min(max(1, page), max(1, -(-n_total // size)))
    query = (
        _rows(wanted, actor, now).order_by(*_order(sort)).limit(size).offset((number - 1) * size)
    )
    rows = [_row(values, today) for values in db.session.execute(query)]
    return Page(items=rows, n_total=n_total, number=number, size=size)


def of_client(client: Client, *, actor: Actor, now: datetime) -> list[BoardRow]:
    """Return one person's placements, newest first."""
    query = _rows(BoardFilter(), actor, now).where(Placement.client_id == client.id)
    today = local_date(now)
    ordered = query.order_by(Placement.created_at.desc(), Placement.id.desc())
    return [_row(values, today) for values in db.session.execute(ordered)]


def partners(*, actor: Actor, now: datetime) -> list[tuple[str, str]]:
    """Return (pid, name) of the partners that occur in the actor's placements."""
    used = _joined(select(Placement.partner_id), BoardFilter(), actor, now)
    query = (
        select(Partner.pid, Partner.name)
        .where(Partner.id.in_(used))
        .order_by(Partner.name, Partner.id)
    )
    return [(pid, name) for pid, name in db.session.execute(query)]


def _rows(wanted: BoardFilter, actor: Actor, now: datetime) -> Select[*tuple[Any, ...]]:
    columns_read = (
        Placement,
        Client.pid,
        Client.name,
        Unit.name,
        Vacancy.title,
        Partner.name,
    )
    # The steps each row offers depend on its opening and its employer.
    opening_and_employer = contains_eager(Placement.vacancy), contains_eager(Placement.partner)
    return _joined(select(*columns_read), wanted, actor, now).options(*opening_and_employer)


def _joined(
    query: Select[*tuple[Any, ...]], wanted: BoardFilter, actor: Actor, now: datetime
) -> Select[*tuple[Any, ...]]:
    return (
        query.select_from(Placement)
        .join(Client, Client.id == Placement.client_id)
        .join(Unit, Unit.id == Client.office_id)
        .outerjoin(Vacancy, Vacancy.id == Placement.vacancy_id)
        .outerjoin(Partner, Partner.id == Placement.partner_id)
        .where(*_conditions(wanted, actor, now))
    )


def _conditions(wanted: BoardFilter, actor: Actor, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Client.office_id.in_(scope_units(actor))]
    text = bare(wanted.text)
    if text:
        lowered = unaccented(text).lower()
        found.append(
            or_(
                says(Client.search_text, text),
                Client.name_initials.startswith(lowered, autoescape=True),
                Client.name_pinyin.startswith(lowered, autoescape=True),
                says(Vacancy.search_text, text),
                says(Partner.search_text, text),
                says(Placement.search_text, text),
                Placement.pid == text,
            )
        )
    if wanted.state is not None:
        found.append(Placement.state == wanted.state)
    if wanted.figure is not None:
        found.append(placement_figures.counted(wanted.figure, now=now))
    if wanted.office_pid:
        found.append(Unit.pid == wanted.office_pid)
    if wanted.partner_pid:
        found.append(Partner.pid == wanted.partner_pid)
    return found


def _order(sort: BoardSort) -> tuple[Any, ...]:
    match sort:
        case BoardSort.RECENT:
            return (Placement.state_changed_at.desc(), Placement.id.desc())
        case BoardSort.NAME:
            return (Client.name_pinyin, Client.name, Placement.id)
        case BoardSort.STATE:
            return (Placement.state, Placement.state_changed_at, Placement.id)
    # What waits, the longest first; then what runs or is over and waits for nobody, newest first.
    waits = Placement.state.in_(sorted(BEFORE_START))
    since = case((waits, Placement.state_changed_at))
    return (~waits, since, Placement.state_changed_at.desc(), Placement.id)


def _row(values: Any, today: date) -> BoardRow:
    placement, client_pid, client_name, office, title, partner = values
    return BoardRow(
        placement=placement,
        client_pid=client_pid,
        client_name=client_name,
        office_name=office,
        title=title or placement.description,
        partner_name=partner or "",
        n_days=(today - local_date(placement.state_changed_at)).days,
    )
