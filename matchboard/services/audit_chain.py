"""How entries of the audit log are chained and signed, and the walk along the chain.

An entry's `hash` is an HMAC over its content and its predecessor's hash under a key that is not in
the database, so whoever can write to the database can neither change the past nor add to it. What
was written before there were keys has a plain SHA-256 and counts as far as a seal follows it: the
signed entry `audit.seal` over its last hash, which the migration made. Cutting the end off breaks
no chain; that is what the anchors are for (`audit_anchors`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchboard.crypto import AuditKey, audit_keys
from matchboard.extensions import db
from matchboard.models.audit import AuditEntry

GENESIS = "0" * 64
SEAL = "audit.seal"
#: A file of anchors was begun; what differs from the older anchors was accepted. Each has its line
#: in the file, so neither can be made up by whoever has the file alone, nor the file be taken away.
BEGUN, ACCEPTED = "audit.anchors_begun", "audit.anchors_accepted"
#: Entries read at a time.
_PART = 2000


class Entry(Protocol):
    """What is signed of an entry, and its signature."""

    @property
    def id(self) -> int:
        """Its number."""

    at: datetime
    actor_role: str
    actor_pid: str | None
    verb: str
    subject_kind: str
    subject_pid: str | None
    detail: dict[str, Any]
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log: the last entry's number and hash, and how many entries there are."""

    number: int
    hash: str
    n_entries: int


@dataclass(frozen=True, slots=True)
class Mark:
    """An entry about a file of anchors; `place` says which (`anchors.place`)."""

    number: int
    hash: str
    verb: str
    place: str


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk found: entries read, the first bad one with what ails it, and the end.

    `places` says of each number asked for how many entries there were up to it, and its hash;
    `marks` are the entries of the verbs `BEGUN` and `ACCEPTED`, in order.
    """

    n_entries: int
    broken_at: int | None
    fault: str
    head: Head | None
    places: Mapping[int, Head] = field(default_factory=dict)
    marks: Sequence[Mark] = ()


def sign(entry: Entry) -> str:
    """Return the hash of a new entry, under the newest key."""
    return audit_keys()[0].sign(canonical(entry))


def canonical(entry: Entry) -> str:
    """Return an entry's content and its predecessor's hash as one text, always the same."""
    content = [
        entry.at.isoformat(timespec="microseconds"),
        entry.actor_role,
        entry.actor_pid,
        entry.verb,
        entry.subject_kind,
        entry.subject_pid,
        entry.detail,
        entry.previous_hash,
    ]
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def head(number: int | None = None) -> Head | None:
    """Return the committed end of the log, or its end as it was at an entry; None if empty."""
    newest = select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)
    if number is not None:
        newest = newest.where(AuditEntry.id == number)
    with begin_reading() as session:
        last = session.execute(newest).one_or_none()
        if last is None:
            return None
        up_to = select(func.count()).select_from(AuditEntry).where(AuditEntry.id <= last.id)
        return Head(last.id, last.hash, session.scalar(up_to) or 0)


@contextmanager
def begin_reading() -> Iterator[Session]:
    """Yield a session of its own: one snapshot of what is committed, and no writer waits for it."""
    options: dict[str, Any] = {"sqlite_begin": "DEFERRED"}
    if db.engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with Session(db.engine.execution_options(**options)) as session:
        yield session


@contextmanager
def _present_session() -> Iterator[Session]:
    """Yield the transaction that runs, with what it has added; else one that only reads."""
    if db.session().in_transaction():
        yield db.session()
    else:
        with begin_reading() as session:
            yield session


def walk(numbers: frozenset[int] = frozenset()) -> Walk:
    """Go along the whole chain up to the first entry that does not fit.

    Faults: `changed` (content or link), `unknown_key`, `unsealed` (an entry without a signature
    that no seal follows: written by somebody without the key).
    """
    keys = {key.key_id: key for key in audit_keys()}
    previous, n_entries, unsealed = GENESIS, 0, 0
    places: dict[int, Head] = {}
    marks: list[Mark] = []
    last: Head | None = None
    with _present_session() as session, closing(_entries(session)) as entries:
        for entry in entries:  # a broken chain is left half way
            n_entries += 1
            fault = _fault(entry, previous, keys)
            is_signed = ":" in entry.hash
            if not fault and unsealed and is_signed and entry.verb != SEAL:
                return Walk(n_entries, unsealed, "unsealed", last, places, marks)
            if fault:
                return Walk(n_entries, entry.id, fault, last, places, marks)
            unsealed = 0 if is_signed else (unsealed or entry.id)
            previous = entry.hash
            last = Head(entry.id, entry.hash, n_entries)
            if entry.id in numbers:
                places[entry.id] = last
            if entry.verb in (BEGUN, ACCEPTED):
                place = str(entry.detail.get("place", ""))
                marks.append(Mark(entry.id, entry.hash, entry.verb, place))
    if unsealed:
        return Walk(n_entries, unsealed, "unsealed", last, places, marks)
    return Walk(n_entries, None, "", last, places, marks)


def _fault(entry: Entry, previous: str, keys: Mapping[str, AuditKey]) -> str:
    """Return what is wrong with an entry, empty if nothing is."""
    if entry.previous_hash != previous:
        return "changed"
    key_id, is_signed, _ = entry.hash.rpartition(":")
    text = canonical(entry)
    if not is_signed:
        return "" if entry.hash == hashlib.sha256(text.encode()).hexdigest() else "changed"
    if key_id not in keys:
        return "unknown_key"
    return "" if entry.hash == keys[key_id].sign(text) else "changed"


def _entries(session: Session) -> Generator[Entry, None, None]:
    """Yield the entries in order, as rows: no object is kept of any."""
    columns = AuditEntry.__table__.columns
    query = select(*columns).order_by(columns.id).execution_options(yield_per=_PART)
    result = session.execute(query)
    try:
        yield from result
    finally:
        result.close()
