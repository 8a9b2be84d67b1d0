"""Write and verify the signed, chained audit log.

An entry holds codes, ids and the names of changed fields; never prose and never the data itself,
so the log may be kept longer than the person's file.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from matchboard.domain.roles import Actor
from matchboard.extensions import db, own_session
from matchboard.models.account import User
from matchboard.models.audit import AuditEntry
from matchboard.services import audit_anchors, audit_chain, transaction

#: Writers queue on this key so that the chain has one end (PostgreSQL; SQLite has one writer).
_CHAIN_LOCK = 0x6D61746368  # "match"
#: How long a page waits to note that it was looked at.
LOOK_WAIT_S = 0.25
_LOG = logging.getLogger("matchboard.audit")
#: Keys of `Session.info`.
_END, _ACTORS = "audit_chain_end", "audit_actors"


class HasPublicId(Protocol):
    """Anything with a table and a public id."""

    __tablename__: Any
    pid: Any


@dataclass(frozen=True, slots=True)
class ChainReport:
    """Result of a verification: `n_entries` read, `broken_at` the first bad entry's id or None.

    `fault` is what `audit_chain.walk` found, or `empty`; `mismatch` the first anchor that the log
    does not bear out.
    """

    n_entries: int
    broken_at: int | None
    fault: str = ""
    mismatch: audit_anchors.Mismatch | None = None
    n_anchors: int = 0

    @property
    def is_intact(self) -> bool:
        """Whether no entry was changed, removed, added by a stranger or cut off the end."""
        return self.broken_at is None and not self.fault and self.mismatch is None


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
    entry.hash = audit_chain.sign(entry)
    target.add(entry)
    # What a savepoint adds may yet be taken back, so the next entry has to ask again.
    is_nested = target.get_nested_transaction() is not None
    target.info[_END] = (None if is_nested else target.get_transaction(), entry.hash)
    return entry


def queue_up(session: Session) -> None:
    """Wait for everybody who is writing the log; until the transaction ends, nobody else does.

    What the session then counts is what all before have committed. Take row locks before it.
    """
    known = _chain_end(session)
    is_nested = session.get_nested_transaction() is not None
    session.info[_END] = (None if is_nested else session.get_transaction(), known)


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
    return last or audit_chain.GENESIS


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
    verb: str,
    subject: HasPublicId | None,
    *,
    actor: Actor,
    now: datetime,
    is_best_effort: bool = False,
    **detail: Any,
) -> bool:
    """Append the entry of a sensitive read in a transaction of its own; return whether it is there.

    What must be on record fails with the database. A look noted as well as may be
    (`is_best_effort`) waits an instant; if it cannot be written then, the log stream has it.

    A GET writes nothing else; the read is on record even if the page then fails. A request that
    writes holds SQLite's one write lock, and one that has recorded something holds the chain's
    lock: there the entry joins the request's transaction, a second one would wait for ever.
    """
    if transaction.holds_only_write_lock(db.session()) or _holds_chain(db.session()):
        record(verb, subject, actor=actor, now=now, **detail)
        return True
    if not is_best_effort:
        _record_apart(verb, subject, actor=actor, now=now, **detail)
        return True
    try:
        _record_apart(verb, subject, actor=actor, now=now, lock_wait_s=LOOK_WAIT_S, **detail)
    except transaction.FAULTS as error:
        if not transaction.is_unavailable(error):
            raise
        pid = getattr(subject, "pid", None)
        _LOG.warning("not in the audit log: %s %s by account %s", verb, pid, actor.user_id)
        return False
    return True


def record_at_once(
    verb: str, subject: HasPublicId | None, *, actor: Actor, now: datetime, **detail: Any
) -> None:
    """Append an entry that stays whatever becomes of the request, which must have changed nothing.

    The request's transaction ends here, or the entry would wait for its lock.
    """
    db.session.rollback()
    _record_apart(verb, subject, actor=actor, now=now, **detail)


def _record_apart(
    verb: str,
    subject: HasPublicId | None,
    *,
    actor: Actor,
    now: datetime,
    lock_wait_s: float | None = None,
    **detail: Any,
) -> None:
    with own_session(lock_wait_s=lock_wait_s) as session:
        record(verb, subject, actor=actor, now=now, session=session, **detail)
        session.commit()


def verify() -> ChainReport:
    """Walk the whole chain, and compare it with every anchor written down outside the database."""
    written = audit_anchors.read()
    anchors = [line for line in written if isinstance(line, audit_anchors.Anchor)]
    walk = audit_chain.walk(frozenset(anchor.head.number for anchor in anchors))
    mismatch = audit_anchors.compare(written, walk)
    fault = walk.fault
    if not walk.n_entries and mismatch is None and db.session.scalar(select(User.id).limit(1)):
        fault = "empty"  # no account is made without an entry
    return ChainReport(
        walk.n_entries, walk.broken_at, fault=fault, mismatch=mismatch, n_anchors=len(anchors)
    )
