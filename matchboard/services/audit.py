"""Write and verify the hash-chained audit log.

An entry holds codes, ids and the names of changed fields; never prose and never the data itself,
so the log may be kept longer than the person's file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.audit import AuditEntry
from matchboard.services import transaction

GENESIS = "0" * 64
#: Writers queue on this key so that the chain has one end (PostgreSQL; SQLite has one writer).
_CHAIN_LOCK = 0x6D61746368  # "match"
#: Keys of `Session.info`.
_END, _ACTORS = "audit_chain_end", "audit_actors"


class HasPublicId(Protocol):
    """Anything with a table and a public id."""

    __tablename__: Any
    pid: Any


@dataclass(frozen=True, slots=True)
class ChainReport:
    """Result of a verification: `n_entries` read, `broken_at` the first bad row's id or None."""

    n_entries: int
    broken_at: int | None

    @property
    def is_intact(self) -> bool:
        """Whether no row was changed, removed or inserted."""
        return self.broken_at is None


def record(
    verb: str,
    subject: HasPublicId | None = None,
    *,
    actor: Actor,
    now: datetime,
    session: Session | None = None,
    **detail: Any,
) -> AuditEntry:
    """Append one entry to the session (the request's own, unless given).

    `detail` takes only JSON values: codes, ids, counts, names of fields.
    """
    target = session or db.session()
    if subject is not None and subject.pid is None:
        target.flush()  # public ids are given when a row is written
    entry = AuditEntry(
        at=now,
        actor_role=actor.role.value,
        actor_pid=_actor_pid(target, actor),
        verb=verb,
        subject_kind=str(subject.__tablename__) if subject is not None else "",
        subject_pid=getattr(subject, "pid", None),
        detail=detail,
        previous_hash=_chain_end(target),
    )
    entry.hash = entry_hash(entry)
    target.add(entry)
    # What a savepoint adds may yet be taken back, so the next entry has to ask again.
    is_nested = target.get_nested_transaction() is not None
    target.info[_END] = (None if is_nested else target.get_transaction(), entry.hash)
    return entry


def _chain_end(session: Session) -> str:
    """Return the hash to follow on, asked of the database once per transaction.

    The transaction is the only writer until it ends (SQLite's write lock, PostgreSQL's advisory
    lock), so what it added itself is the end of the chain. Rows of one table are inserted in the
    order they were added.
    """
    if session.get_nested_transaction() is None:
        transaction, known = session.info.get(_END, (None, ""))
        if transaction is not None and transaction is session.get_transaction():
            return str(known)
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    last = session.scalar(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1))
    return last or GENESIS


def _actor_pid(session: Session, actor: Actor) -> str | None:
    """Return the public id of the acting account, which never changes."""
    if actor.user_id is None:
        return None
    known: dict[int, str | None] = session.info.setdefault(_ACTORS, {})
    if actor.user_id not in known:
        known[actor.user_id] = session.scalar(select(User.pid).where(User.id == actor.user_id))
    return known[actor.user_id]


def _holds_chain(session: Session) -> bool:
    """Return whether the session's present transaction has recorded something already."""
    transaction_of_end, _ = session.info.get(_END, (None, ""))
    return transaction_of_end is not None and transaction_of_end is session.get_transaction()


def record_read(
    verb: str, subject: HasPublicId | None, *, actor: Actor, now: datetime, **detail: Any
) -> None:
    """Append the entry of a sensitive read in a transaction of its own.

    A GET writes nothing else; the read is on record even if the page then fails. A request that
    writes holds SQLite's one write lock, and one that has recorded something holds the chain's
    lock: there the entry joins the request's transaction, a second one would wait for ever.
    """
    if transaction.holds_only_write_lock(db.session()) or _holds_chain(db.session()):
        record(verb, subject, actor=actor, now=now, **detail)
        return
    with Session(db.engine) as session:
        record(verb, subject, actor=actor, now=now, session=session, **detail)
        session.commit()


def entry_hash(entry: AuditEntry) -> str:
    """Return the SHA-256 over the entry's content and its predecessor's hash."""
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
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def verify() -> ChainReport:
    """Walk the whole chain and report the first row that does not fit."""
    previous, count = GENESIS, 0
    with closing(_entries()) as entries:  # a broken chain is left half way
        for entry in entries:
            count += 1
            if entry.previous_hash != previous or entry.hash != entry_hash(entry):
                return ChainReport(count, entry.id)
            previous = entry.hash
    return ChainReport(count, None)


def _entries() -> Generator[AuditEntry, None, None]:
    query = select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=1000)
    result = db.session.scalars(query)
    try:
        yield from result
    finally:
        result.close()
