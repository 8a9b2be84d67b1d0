"""Find and list clients: one search box, filters, sort, pages; never a protected field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import ColumnElement, Select, UnaryExpression, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, defer, joinedload

from matchboard.crypto import lookup_digest
from matchboard.domain.catalogues import divisions
from matchboard.domain.client import ClientKind, ContactStatus, Stage
from matchboard.domain.client_file import ClientSort, TrainingStatus, WorkStatus
from matchboard.domain.identity import (
    InvalidPhone,
    normalise_identity_number,
    parse_phone,
    phone_digits,
    phone_tail,
)
from matchboard.domain.pids import ALPHABET, CODE_NAME_LENGTH, LENGTH
from matchboard.domain.roles import Actor
from matchboard.domain.text import bare, unaccented
from matchboard.domain.training import EnrolmentState
from matchboard.domain.work import RUNNING
from matchboard.extensions import begin_read_only, db
from matchboard.models.client import Client
from matchboard.models.organisation import Unit
from matchboard.models.placement import Placement
from matchboard.models.training import Enrolment
from matchboard.permissions import scope_clients
from matchboard.services import audit, audit_anchors, work
from matchboard.services.audit_chain import Head
from matchboard.services.listing import Page, count, paginate
from matchboard.services.text_search import says

_IDENTITY = re.compile(r"\d{15,17}[\dX]?|\d{18,}")
_PHONE = re.compile(r"(?:\+|00)?\d{5,15}")
#: China dialled from abroad: fifteen digits are not all an old identity number.
_ABROAD = re.compile(r"(?:\+|00)86")
_TAIL = re.compile(r"\d{1,4}")
#: As an employer says whom it means: "求职者 KMPT", "Jobseeker KMPT" or the letters alone.
_CODE_NAME = re.compile(
    rf"(?:求职者|jobseeker)?\s*([{ALPHABET}]{{{CODE_NAME_LENGTH}}})", re.IGNORECASE
)
_PID = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
_LATIN = re.compile(r"[a-z' ]+")
#: How many people one statement asks for: a database takes only so many parameters.
CHUNK = 500
#: Columns no list may ever read.
PROTECTED: tuple[InstrumentedAttribute[str | None], ...] = (
    Client.id_number,
    Client.phone,
    Client.residence_address,
)


@dataclass(frozen=True, slots=True)
class ClientFilter:
    """What the list is narrowed to; empty fields narrow nothing."""

    text: str = ""
    office_pid: str | None = None
    stage: Stage | None = None
    work: WorkStatus | None = None
    training: TrainingStatus | None = None
    kind: ClientKind | None = None
    contact_status: ContactStatus | None = None
    residence_division: str | None = None


@dataclass(frozen=True, slots=True)
class ClientRow:
    """One line of the list: the person and the placement that is their work, if any."""

    client: Client
    placement: Placement | None

    @property
    def work(self) -> WorkStatus:
        """Where the person stands on the way to work."""
        if self.placement is not None:
            return WorkStatus.PLACED
        return WorkStatus.SEEKING if self.client.seeking_work else WorkStatus.NOT_SEEKING

    @property
    def job(self) -> str:
        """What the person works as, empty without work."""
        if self.placement is None:
            return ""
        vacancy = self.placement.vacancy
        return vacancy.title if vacancy else self.placement.description


@dataclass(frozen=True, slots=True)
class ClientExport:
    """The rows of an exported list, and the end of the audit log that the file carries."""

    rows: Sequence[ClientRow]
    head: Head | None


def identity_digest(number: str) -> str:
    """Return the digest under which an identity number is stored and found."""
    return lookup_digest("id_number", normalise_identity_number(number))


def is_identity_number(text: str) -> bool:
    """Whether the text has so many digits that it can only be meant as an identity number."""
    digits = normalise_identity_number(text)
    return _IDENTITY.fullmatch(digits) is not None and not _ABROAD.match(phone_digits(text))


def list_clients(
    wanted: ClientFilter,
    *,
    actor: Actor,
    sort: ClientSort = ClientSort.UPDATED,
    page: int = 1,
    size: int = 20,
) -> Page[ClientRow]:
    """Return one page of the actor's clients."""
    found = paginate(_listed(wanted, actor=actor, sort=sort), number=page, size=size)
    return Page(
        items=_with_placements(found.items),
        n_total=found.n_total,
        number=found.number,
        size=found.size,
    )


def export_clients(
    wanted: ClientFilter, *, actor: Actor, sort: ClientSort, filters: Sequence[str], now: datetime
) -> ClientExport:
    """Return every client the list would show on all its pages, with the end of the audit log.

    The export is on record before anything is handed out.
    """
    query = _listed(wanted, actor=actor, sort=sort)
    n_rows = count(query)
    audit.record_at_once(
        "client.export", None, actor=actor, now=now, n_rows=n_rows, filters=list(filters)
    )
    head = audit_anchors.write_down("export", now=now)
    begin_read_only()
    return ClientExport(_with_placements(db.session.scalars(query).unique().all()), head)


def matching(text: str, *, actor: Actor, limit: int) -> Sequence[Client]:
    """Return the first clients a search text names, by name."""
    if not text.strip():
        return ()
    query = _listed(ClientFilter(text=text), actor=actor, sort=ClientSort.NAME)
    return db.session.scalars(query.limit(limit)).unique().all()


def _listed(wanted: ClientFilter, *, actor: Actor, sort: ClientSort) -> Select[Client]:
    """Return the query of a list: scope, filters, order; protected columns stay unread."""
    query = scope_clients(actor).options(
        joinedload(Client.office),
        joinedload(Client.case_lead),
        *(defer(column, raiseload=True) for column in PROTECTED),
    )
    for condition in _conditions(wanted, actor):
        query = query.where(condition)
    return query.order_by(*_order(sort))


def _conditions(wanted: ClientFilter, actor: Actor) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.text.strip():
        found.append(_says(wanted.text, actor))
    if wanted.office_pid:
        office = select(Unit.id).where(Unit.pid == wanted.office_pid)
        found.append(Client.office_id.in_(office))
    if wanted.stage:
        found.append(Client.stage == wanted.stage)
    if wanted.kind:
        found.append(Client.kind == wanted.kind)
    if wanted.contact_status:
        found.append(Client.contact_status == wanted.contact_status)
    if wanted.residence_division:
        inside = [row.code for row in divisions().descendants(wanted.residence_division)]
        found.append(Client.residence_division.in_([wanted.residence_division, *inside]))
    if wanted.training:
        enrolled = select(Enrolment.client_id).where(Enrolment.state == EnrolmentState.ENROLLED)
        found.append(Client.id.in_(enrolled))
    if wanted.work:
        found.append(_work_condition(wanted.work))
    return found


def _work_condition(wanted: WorkStatus) -> ColumnElement[bool]:
    match wanted:
        case WorkStatus.PLACED:
            return work.has_work()
        case WorkStatus.SETTLED:
            return work.is_settled()
        case WorkStatus.NOT_PLACED:
            return ~work.has_work()
        case WorkStatus.SEEKING:
            return work.looks_for_work()
        case WorkStatus.NOT_SEEKING:
            return and_(~work.has_work(), Client.seeking_work.is_(False))
    assert_never(wanted)


def _says(text: str, actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a client is meant by what was typed into the search box."""
    typed = bare(text)
    if is_identity_number(typed):
        return Client.id_number_digest == identity_digest(typed)
    digits = phone_digits(typed)
    if _TAIL.fullmatch(digits):
        return Client.phone_tail.endswith(digits)
    if _PHONE.fullmatch(digits):
        return Client.id.in_(_ids_with_phone(digits, actor))
    lower = unaccented(typed).lower()
    means: list[ColumnElement[bool]] = [
        says(Client.search_text, typed),
    ]
    if code := _CODE_NAME.fullmatch(typed):
        named = select(Placement.client_id).where(Placement.code_name == code[1].upper())
        means.append(Client.id.in_(named))
    if _PID.fullmatch(lower):
        means.append(Client.pid == lower)
    if _LATIN.fullmatch(lower) and any(letter.isalnum() for letter in lower):
        means += _sounds_like(lower)
    return or_(*means)


def _sounds_like(typed: str) -> list[ColumnElement[bool]]:
    joined = re.sub(r"[' ]", "", typed)
    pinyin = func.replace(Client.name_pinyin, " ", "")
    # Two letters such as "an" stand inside most names: only the beginning counts then.
    within = pinyin.contains(joined) if len(joined) > 2 else pinyin.startswith(joined)
    return [within, Client.name_initials.startswith(joined)]


def _ids_with_phone(digits: str, actor: Actor) -> list[int]:
    """Return the clients with exactly this number; numbers are encrypted, their tails are not."""
    try:
        number = parse_phone(digits)
    except InvalidPhone:
        return []
    rows = db.session.execute(
        scope_clients(actor)
        .where(Client.phone_tail == phone_tail(number))
        .with_only_columns(Client.id, Client.phone)
    )
    national = number.removeprefix("+86")
    return [i for i, phone in rows if phone and phone.removeprefix("+86") == national]


def _order(sort: ClientSort) -> tuple[UnaryExpression[Any], ...]:
    first: dict[ClientSort, tuple[UnaryExpression[Any], ...]] = {
        ClientSort.UPDATED: (Client.updated_at.desc(),),
        ClientSort.NAME: (Client.name_pinyin.asc(), Client.name.asc()),
        ClientSort.REGISTERED: (Client.registered_on.desc().nulls_last(),),
        ClientSort.RELEASED: (Client.released_on.desc().nulls_last(),),
    }
    return (*first[sort], Client.id.asc())


def _with_placements(clients: Sequence[Client]) -> Sequence[ClientRow]:
    """Return the rows with the placement that is their work: one statement for all of them."""
    jobs = jobs_of([client.id for client in clients])
    return [ClientRow(client, jobs.get(client.id)) for client in clients]


def jobs_of(client_ids: Sequence[int]) -> dict[int, Placement]:
    """Return the placement that is each client's work, of those who have work."""
    if not client_ids:
        return {}
    found: dict[int, Placement] = {}
    for start in range(0, len(client_ids), CHUNK):
        query = (
            select(Placement)
            .where(Placement.client_id.in_(client_ids[start : start + CHUNK]), work.is_job())
            .options(joinedload(Placement.vacancy), joinedload(Placement.partner))
            # The last of a person's rows stays: the job that runs, or else began last.
            .order_by(Placement.state == RUNNING, Placement.started_on, Placement.id)
        )
        found |= {row.client_id: row for row in db.session.scalars(query).unique()}
    return found
