"""Where the comparison of the audit log with its anchors begins.

Whoever takes the file of anchors away could cut the log's end unseen, so that a file was begun is
itself in the log. And a restored backup rightly ends before its anchors: the operator who knows why
accepts it, which is in the log and in the file, and the comparison goes on from there.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from matchboard import anchors
from matchboard.domain.errors import Conflict
from matchboard.domain.roles import SYSTEM
from matchboard.models.audit import AuditEntry
from matchboard.services import audit, audit_anchors, audit_chain, transaction
from matchboard.services.audit_chain import ACCEPTED, BEGUN, Head


class ChainBroken(Conflict):
    """The chain itself does not fit; nobody can accept that away."""

    code = "audit_chain_broken"


class NothingToAccept(Conflict):
    """The log agrees with its anchors."""

    code = "audit_agrees"


def begin(*, now: datetime) -> None:
    """Begin the file of anchors where there is none, and note so in the log. Commits."""
    if anchors.is_begun():
        return
    entry = audit.record(BEGUN, None, actor=SYSTEM, now=now, place=anchors.place())
    transaction.commit()
    audit_anchors.append(_head(entry), "begun", now=now)


def accept(reason: str, *, now: datetime) -> Head:
    """Accept that the log differs from its anchors: compare from here on. Commits.

    The log keeps what differed, the file the reason in the operator's words as well.

    Raises
    ------
    ChainBroken
        If an entry was changed, removed or put in.
    NothingToAccept
        If nothing differs.
    """
    report = audit.verify()
    if report.fault:
        raise ChainBroken
    if report.mismatch is None:
        raise NothingToAccept
    found = asdict(report.mismatch) | {"place": anchors.place()}
    entry = audit.record(ACCEPTED, None, actor=SYSTEM, now=now, **found)
    transaction.commit()
    head = _head(entry)
    audit_anchors.append(head, "accepted", now=now, reason=reason)
    return head


def _head(entry: AuditEntry) -> Head:
    """Return the log's end as it was with this entry, whoever has written since."""
    head = audit_chain.head(entry.id)
    if head is None:
        raise LookupError(entry.id)
    return head
