"""The restricted record: the minimal offence facts a legal bar needs, and nothing else.

Encrypted at rest; opened with a purpose only, each opening on record; never in search, export,
lists or logs. A sealed juvenile record is never entered: no flag, no field, no task. It opens for
whom `permissions.record_access` names; an opening under an absence cover is on record as one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from matchboard.domain.accounts import LeadStanding
from matchboard.domain.calendar import local_date
from matchboard.domain.client_file import RestrictedPurpose
from matchboard.domain.errors import InvalidInput, NotAllowed, StaleEdit
from matchboard.domain.occupational_bars import Facts, dump_facts, parse_facts
from matchboard.domain.record_access import RecordAccess
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.client import Client, RestrictedRecord
from matchboard.models.organisation import Unit
from matchboard.permissions import office_heads, record_access
from matchboard.services import audit, clients

#: Version of a record that does not exist yet.
NO_RECORD = 0
PURPOSE_LENGTH = 200
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """The facts as opened, and the version an edit of them must name."""

    facts: Facts
    version: int
    updated_at: datetime | None


class RecordClosed(NotAllowed):
    """The record does not open for this officer of the office."""

    code = "record_closed"


def access_of(client: Client, *, actor: Actor, now: datetime) -> RecordAccess | None:
    """Return by what the actor may open the record; None if it stays closed to them."""
    return record_access(client, actor, on=local_date(now))


@dataclass(frozen=True, slots=True)
class RecordOpeners:
    """Whom a record opens for without a cover, in names; the district besides."""

    lead: str
    lead_standing: LeadStanding | None
    heads: tuple[str, ...]
    office: Unit


def openers_of(client: Client) -> RecordOpeners:
    """Return whom the record opens for, to be told to whoever it stays closed to."""
    heads = db.session.scalars(
        select(User.display_name)
        .where(User.id.in_(office_heads(client.office_id)))
        .order_by(User.display_name)
    )
    lead = client.case_lead.display_name if client.case_lead is not None else ""
    return RecordOpeners(lead, client.lead_standing, tuple(heads), client.office)


def require_access(client: Client, *, actor: Actor, now: datetime) -> RecordAccess:
    """Return by what the actor opens the record; raises `RecordClosed` if by nothing."""
    access = access_of(client, actor=actor, now=now)
    if access is None:
        raise RecordClosed
    return access


def _noted(access: RecordAccess) -> dict[str, Any]:
    """Return what the log says of an act done under an absence cover; nothing of others."""
    cover = access.cover
    return {} if cover is None else {"cover": cover.pid, "until": cover.until_on.isoformat()}


def note_refusal(pid: str, *, actor: Actor, now: datetime) -> None:
    """Put on record that somebody tried to open a record that stays closed to them.

    In a transaction of its own: the refusal changed nothing.
    """
    audit.record_at_once("restricted.refuse", clients.RecordRef(pid), actor=actor, now=now)


def open_record(
    client: Client, *, purpose: RestrictedPurpose, note: str = "", actor: Actor, now: datetime
) -> OpenedRecord:
    """Return the record for a stated purpose and put the opening on record.

    The words of `note` stay out of the log, which holds codes only; that they were given is kept.

    Raises
    ------
    RecordClosed
        If it does not open for the actor.
    InvalidInput
        If the purpose is `other` and no words say which.
    """
    access = require_access(client, actor=actor, now=now)
    check_purpose(purpose, note)
    audit.record(
        "restricted.read",
        client,
        actor=actor,
        now=now,
        purpose=purpose.value,
        has_note=bool(note.strip()),
        **_noted(access),
    )
    return _opened(client)


def open_for_comparison(
    pid: str, *, purpose: RestrictedPurpose, note: str = "", actor: Actor, now: datetime
) -> OpenedRecord:
    """Return the record saved meanwhile, to be shown beside a stale edit.

    The opening is on record in a transaction of its own, since the edit's is rolled back.

    Raises
    ------
    RecordClosed, InvalidInput
        As `open_record`.
    """
    check_purpose(purpose, note)
    client = clients.get_client(pid, actor=actor)
    access = require_access(client, actor=actor, now=now)
    audit.record_at_once(
        "restricted.read",
        clients.RecordRef(pid),
        actor=actor,
        now=now,
        purpose=purpose.value,
        has_note=bool(note.strip()),
        **_noted(access),
    )
    return _opened(clients.get_client(pid, actor=actor))


def _opened(client: Client) -> OpenedRecord:
    stored = _stored(client)
    if stored is None:
        return OpenedRecord(Facts(None), NO_RECORD, None)
    return OpenedRecord(_facts(stored.facts), stored.version, stored.updated_at)


def check_purpose(purpose: RestrictedPurpose, note: str) -> None:
    """Refuse an opening without a reason."""
    if purpose is RestrictedPurpose.OTHER and not note.strip():
        raise InvalidInput("purpose_required", field="note")
    if len(note.strip()) > PURPOSE_LENGTH:
        raise InvalidInput("text_too_long", field="note", maximum=PURPOSE_LENGTH)


def save_record(
    client: Client,
    facts: Mapping[str, object],
    *,
    expected_version: int | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Store the facts given in their JSON form; `{}` is unknown, `{"records": []}` is none.

    Saving what is stored already writes nothing; nor is it known of whom nothing is stored.

    Raises
    ------
    RecordClosed
        If it does not open for the actor.
    MalformedFacts
        With every defect found.
    StaleEdit
        If somebody saved the record since it was opened.
    """
    access = require_access(client, actor=actor, now=now)
    parsed = parse_facts(facts)
    stored = _stored(client)
    if expected_version != (NO_RECORD if stored is None else stored.version):
        raise StaleEdit
    if parsed == (parse_facts({}) if stored is None else _facts(stored.facts)):
        return
    text = json.dumps(dump_facts(parsed), ensure_ascii=False, sort_keys=True)
    if stored is None:
        stored = RestrictedRecord(client_id=client.id, facts=text, updated_at=now)
        db.session.add(stored)
    else:
        stored.facts = text
        stored.updated_at = now
    audit.record(
        "restricted.write",
        client,
        actor=actor,
        now=now,
        is_known=parsed.records is not None,
        **_noted(access),
    )


def facts_for_gate(client_ids: Sequence[int]) -> dict[int, Facts | None]:
    """Return the facts of each client for the legal gate; None where nobody has looked yet.

    No audit row: the gate gives away only its outcome and citation.
    """
    found: dict[int, Facts | None] = dict.fromkeys(client_ids)
    for start in range(0, len(client_ids), _CHUNK):
        query = (
            select(RestrictedRecord.client_id, RestrictedRecord.facts)
            .where(RestrictedRecord.client_id.in_(client_ids[start : start + _CHUNK]))
            .order_by(RestrictedRecord.client_id)
        )
        for client_id, text in db.session.execute(query):
            found[client_id] = _facts(text)
    return found


def is_verified(client: Client) -> bool:
    """Return whether somebody has looked into the person's record; not what was found."""
    facts = facts_for_gate([client.id])[client.id]
    return facts is not None and facts.records is not None


def _stored(client: Client) -> RestrictedRecord | None:
    return db.session.scalar(
        select(RestrictedRecord).where(RestrictedRecord.client_id == client.id)
    )


def _facts(text: str) -> Facts:
    return parse_facts(json.loads(text))
