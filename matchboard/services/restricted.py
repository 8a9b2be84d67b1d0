"""The restricted record: the minimal offence facts a legal bar needs, and nothing else.

Encrypted at rest; opened with a purpose only, each opening on record; never in search, export,
lists or logs. A sealed juvenile record is never entered: no flag, no field, no task.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from matchboard.domain.client_file import RestrictedPurpose
from matchboard.domain.errors import InvalidInput, StaleEdit
from matchboard.domain.occupational_bars import Facts, dump_facts, parse_facts
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.client import Client, RestrictedRecord
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


def open_record(
    client: Client, *, purpose: RestrictedPurpose, note: str = "", actor: Actor, now: datetime
) -> OpenedRecord:
    """Return the record for a stated purpose and put the opening on record.

    The words of `note` stay out of the log, which holds codes only; that they were given is kept.

    Raises
    ------
    InvalidInput
        If the purpose is `other` and no words say which.
    """
    check_purpose(purpose, note)
    audit.record(
        "restricted.read",
        client,
        actor=actor,
        now=now,
        purpose=purpose.value,
        has_note=bool(note.strip()),
    )
    return _opened(client)


def open_for_comparison(
    pid: str, *, purpose: RestrictedPurpose, note: str = "", actor: Actor, now: datetime
) -> OpenedRecord:
    """Return the record saved meanwhile, to be shown beside a stale edit.

    The opening is on record in a transaction of its own, since the edit's is rolled back. That
    one must be over: the log waits for whoever holds the database.

    Raises
    ------
    InvalidInput
        As `open_record`.
    """
    check_purpose(purpose, note)
    audit.record_read(
        "restricted.read",
        clients.RecordRef(pid),
        actor=actor,
        now=now,
        purpose=purpose.value,
        has_note=bool(note.strip()),
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
    expected_version: int,
    actor: Actor,
    now: datetime,
) -> RestrictedRecord:
    """Store the facts given in their JSON form; `{}` is unknown, `{"records": []}` is none.

    Saving what is stored already writes nothing.

    Raises
    ------
    MalformedFacts
        With every defect found.
    StaleEdit
        If somebody saved the record since it was opened.
    """
    parsed = parse_facts(facts)
    stored = _stored(client)
    if expected_version != (NO_RECORD if stored is None else stored.version):
        raise StaleEdit
    if stored is not None and _facts(stored.facts) == parsed:
        return stored
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
    )
    return stored


def facts_for_gate(client_ids: Sequence[int]) -> dict[int, Facts | None]:
    """Return the facts of each client for the legal gate; None where nobody has looked yet.

    No audit row: the gate gives away only its outcome and citation.
    """
    found: dict[int, Facts | None] = dict.fromkeys(client_ids)
    for start in range(0, len(client_ids), _CHUNK):
        query = select(RestrictedRecord.client_id, RestrictedRecord.facts).where(
            RestrictedRecord.client_id.in_(client_ids[start : start + _CHUNK])
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
