"""What the sections of the profile share: a version each, checks of values, one way to save.

Each section has a version of its own (a checksum of what it shows), so two officers may work on
different sections of one person at once and only a true collision is a conflict.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from matchboard.domain.client_file import ProfileSection
from matchboard.domain.errors import InvalidFields, InvalidInput, StaleEdit
from matchboard.domain.roles import Actor
from matchboard.models.client import Client
from matchboard.services import audit

S = ProfileSection
#: Rows a list of the profile may have.
LIST_LIMIT = 30
#: Columns that only repeat another one.
_DERIVED = frozenset(
    {"name_pinyin", "name_initials", "phone_tail", "id_number_digest", "lat", "lon"}
)


def section_version(client: Client, section: ProfileSection) -> int:
    """Return a checksum of what the section shows; a form carries it back."""
    return zlib.crc32(repr(_SHOWN[section](client)).encode())


_SHOWN: dict[ProfileSection, Callable[[Client], object]] = {
    S.BASICS: lambda c: (
        c.name,
        c.kind,
        c.stage,
        c.contact_status,
        c.id_number_digest,
        c.birth_date,
        c.sex,
        c.phone,
        c.released_on,
        c.registered_on,
        c.case_lead_id,
        c.seeking_work,
    ),
    S.RESIDENCE: lambda c: (c.registered_division, c.residence_division, c.residence_address),
    S.SKILLS: lambda c: [(s.skill_code, s.level, s.source, s.enrolment_id) for s in c.skills],
    S.CERTIFICATES: lambda c: [
        (x.code, x.issued_on, x.expires_on, x.seen_by_officer, x.enrolment_id)
        for x in c.certificates
    ],
    S.EXPERIENCE: lambda c: (
        c.education,
        [(x.occupation_code, x.title, x.months) for x in c.experience],
    ),
    S.PREFERENCES: lambda c: (
        c.desired_occupations,
        c.max_commute_km,
        c.wage_expected_cny_month,
        c.shifts_ok,
        c.needs_lodging,
        c.exertion_max,
        c.employment_types_ok,
        c.available_on,
        c.wishes,
    ),
}


def require_current(client: Client, section: ProfileSection, expected_version: int | None) -> None:
    """Refuse an edit of a section that was saved since the form was opened.

    Raises
    ------
    StaleEdit
        If the section differs from what the form showed.
    """
    if expected_version != section_version(client, section):
        raise StaleEdit


def check_members(
    problems: list[InvalidInput], values: Iterable[str], name: str, allowed: Sequence[str]
) -> None:
    for value in values:
        if value not in allowed:
            problems.append(InvalidInput("unknown_code", field=name, value=value))


def check_count(problems: list[InvalidInput], rows: Sequence[object], name: str) -> None:
    if len(rows) > LIST_LIMIT:
        problems.append(InvalidInput("list_too_long", field=name, maximum=LIST_LIMIT))


def check_range(problems: list[InvalidInput], value: float | None, name: str, limit: int) -> None:
    if value is not None and not 0 <= value <= limit:
        problems.append(InvalidInput("out_of_range", field=name, low=0, high=limit))


def check_length(problems: list[InvalidInput], text: str, name: str, limit: int) -> None:
    if len(text) > limit:
        problems.append(InvalidInput("text_too_long", field=name, maximum=limit))


def refuse(problems: list[InvalidInput]) -> None:
    if problems:
        raise InvalidFields(problems)


def write(
    client: Client,
    section: ProfileSection,
    changes: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
    also: Sequence[str] = (),
) -> None:
    changed = [name for name, value in changes.items() if getattr(client, name) != value]
    for name in changed:
        setattr(client, name, changes[name])
    changed += also
    if changed:
        saved(client, section, changed, actor=actor, now=now)


def saved(
    client: Client,
    section: ProfileSection,
    changed: Sequence[str],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Stamp and audit a change; saving without one is no event, which is the caller's to see."""
    client.updated_at = now
    audit.record(
        "client.update",
        client,
        actor=actor,
        now=now,
        section=section.value,
        fields=[name for name in changed if name not in _DERIVED],
    )
