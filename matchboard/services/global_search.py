"""One search over people, openings, partners and courses, each within the actor's scope."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, or_
from sqlalchemy.orm import InstrumentedAttribute

from matchboard.domain.identity import name_pinyin
from matchboard.domain.pids import ALPHABET, LENGTH
from matchboard.domain.roles import Actor
from matchboard.domain.text import bare, one_line, unaccented
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import db
from matchboard.models.client import Client
from matchboard.models.organisation import Partner
from matchboard.models.training import Course
from matchboard.models.vacancy import Vacancy
from matchboard.permissions import scope_clients, scope_courses, scope_partners, scope_vacancies
from matchboard.services import client_search
from matchboard.services.text_search import says

#: Newest rows whose names are read as pinyin: typing letters must stay fast over 100 k openings.
SOUNDED_ROWS = 2_000
TEXT_LENGTH = 60
_PID = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
_LATIN = re.compile(r"[a-z' ]+")


class SearchKind(StrEnum):
    """What a hit is."""

    CLIENT = "client"
    VACANCY = "vacancy"
    PARTNER = "partner"
    COURSE = "course"


@dataclass(frozen=True, slots=True)
class Hit:
    """One result: its public id, its name and a second line that tells it apart."""

    kind: SearchKind
    pid: str
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class HitGroup:
    """The hits of one kind; `has_more` says that further ones were left out."""

    kind: SearchKind
    hits: Sequence[Hit]
    has_more: bool


def search(text: str, *, actor: Actor, limit: int = 8) -> list[HitGroup]:
    """Return the hits by kind, empty kinds left out. Nothing typed finds nothing.

    A number long enough to be an identity number or a telephone number is asked of people only.
    """
    typed = one_line(text)[:TEXT_LENGTH]
    if not typed:
        return []
    groups = [_clients(typed, actor, limit)]
    if not client_search.is_identity_number(typed):
        groups += [
            _group(SearchKind.VACANCY, _vacancies(typed, actor, limit), limit),
            _group(SearchKind.PARTNER, _partners(typed, actor, limit), limit),
            _group(SearchKind.COURSE, _courses(typed, actor, limit), limit),
        ]
    return [group for group in groups if group.hits]


def exact_hit(text: str, *, actor: Actor) -> Hit | None:
    """Return the one record a public id or an identity number names, if the actor may see it."""
    typed = bare(text)
    if client_search.is_identity_number(typed):
        found = client_search.matching(typed, actor=actor, limit=1)
        return _client_hit(found[0]) if found else None
    if not _PID.fullmatch(typed.lower()):
        return None
    pid = typed.lower()
    queries: tuple[tuple[SearchKind, Select[Any], InstrumentedAttribute[str]], ...] = (
        (SearchKind.CLIENT, scope_clients(actor), Client.pid),
        (SearchKind.VACANCY, scope_vacancies(actor), Vacancy.pid),
        (SearchKind.PARTNER, scope_partners(actor), Partner.pid),
        (SearchKind.COURSE, scope_courses(actor), Course.pid),
    )
    for kind, query, column in queries:
        if db.session.scalar(query.where(column == pid).with_only_columns(column)):
            return Hit(kind, pid, "")
    return None


def _clients(typed: str, actor: Actor, limit: int) -> HitGroup:
    found = client_search.matching(typed, actor=actor, limit=limit + 1)
    return _group(SearchKind.CLIENT, [_client_hit(client) for client in found], limit)


def _client_hit(client: Client) -> Hit:
    return Hit(SearchKind.CLIENT, client.pid, client.name, client.office.name)


def _vacancies(typed: str, actor: Actor, limit: int) -> list[Hit]:
    query = (
        scope_vacancies(actor)
        .outerjoin(Partner, Partner.id == Vacancy.partner_id)
        .with_only_columns(
            Vacancy.pid, Vacancy.title, Partner.name, Vacancy.external_employer, Vacancy.id
        )
        .order_by(Vacancy.updated_at.desc(), Vacancy.id.desc())
    )
    meant = or_(says(Vacancy.search_text, typed), says(Partner.search_text, typed))
    rows = _rows(query, meant, typed, limit, only=Vacancy.state == VacancyState.OPEN)
    return [Hit(SearchKind.VACANCY, r[0], r[1], r[2] or r[3] or "") for r in rows]


def _partners(typed: str, actor: Actor, limit: int) -> list[Hit]:
    query = (
        scope_partners(actor)
        .with_only_columns(Partner.pid, Partner.name, Partner.industry)
        .order_by(Partner.name, Partner.id)
    )
    rows = _rows(query, says(Partner.search_text, typed), typed, limit)
    return [Hit(SearchKind.PARTNER, r[0], r[1], r[2]) for r in rows]


def _courses(typed: str, actor: Actor, limit: int) -> list[Hit]:
    query = (
        scope_courses(actor)
        .with_only_columns(Course.pid, Course.title, Course.title_en)
        .order_by(Course.title, Course.id)
    )
    rows = _rows(query, says(Course.search_text, typed), typed, limit)
    return [Hit(SearchKind.COURSE, r[0], r[1]) for r in rows]


def _rows(
    query: Select[*tuple[Any, ...]],
    meant: ColumnElement[bool],
    typed: str,
    limit: int,
    only: ColumnElement[bool] | None = None,
) -> list[tuple[str, ...]]:
    """Return rows whose words match, then those whose second column sounds like what was typed."""
    found = [tuple(row) for row in db.session.execute(query.where(meant).limit(limit + 1))]
    lower = unaccented(typed).lower()
    joined = re.sub(r"[' ]", "", lower)
    if len(found) > limit or len(joined) < 2 or not _LATIN.fullmatch(lower):
        return found
    known = {row[0] for row in found}
    sounded = query if only is None else query.where(only)
    for row in db.session.execute(sounded.limit(SOUNDED_ROWS)):
        if row[0] not in known and _sounds_like(row[1], joined):
            found.append(tuple(row))
    return found[: limit + 1]


def _sounds_like(name: str, joined: str) -> bool:
    full, initials = _sounds(name)
    return initials.startswith(joined) or joined in full or joined in initials


@lru_cache(maxsize=4 * SOUNDED_ROWS)
def _sounds(name: str) -> tuple[str, str]:
    read = name_pinyin(name)
    return read.full, read.initials


def _group(kind: SearchKind, hits: Iterable[Hit], limit: int) -> HitGroup:
    found = list(hits)
    return HitGroup(kind, found[:limit], len(found) > limit)
