"""Reading the audit log: for the audit administrator alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from matchboard.domain.calendar import start_of_day
from matchboard.domain.codes import UnknownCode, read_code
from matchboard.domain.roles import Actor, Role
from matchboard.domain.text import bare
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.audit import AuditEntry
from matchboard.services import audit, audit_anchors, audit_chain, audit_folds, transaction
from matchboard.services.audit_chain import Head
from matchboard.services.audit_folds import Check
from matchboard.services.listing import Page, paginate
from matchboard.services.text_search import says


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What the log is narrowed to; dates are the office's, both ends included."""

    start: date | None = None
    end: date | None = None
    who: str = ""
    verb: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class LogRow:
    """One entry, with the name of whoever acted if the account still exists."""

    number: int
    at: datetime
    actor_role: Role | UnknownCode
    actor_pid: str | None
    actor_name: str
    verb: str
    subject_kind: str
    subject_pid: str | None
    detail: dict[str, Any]


def list_entries(wanted: LogFilter, *, number: int, size: int) -> Page[LogRow]:
    """Return one page of the log, newest first."""
    page = paginate(_query(wanted), number=number, size=size)
    rows = _rows(page.items)
    return Page(items=rows, n_total=page.n_total, number=page.number, size=page.size)


def list_verbs() -> list[str]:
    """Return every verb the log holds."""
    return list(db.session.scalars(select(AuditEntry.verb).distinct().order_by(AuditEntry.verb)))


def export_entries(
    wanted: LogFilter, *, file_format: str, actor: Actor, now: datetime
) -> tuple[Iterator[LogRow], Head | None]:
    """Return every entry of a filter, oldest first, and the log's end.

    The export is itself on record, before anything is handed out.
    """
    audit.record_at_once(
        "audit.export",
        None,
        actor=actor,
        now=now,
        file_format=file_format,
        fields=[name for name in LogFilter.__slots__ if getattr(wanted, name)],
    )
    head = audit_anchors.write_down("export", now=now)
    return _stream(_conditions(wanted)), head


def verify_log(*, actor: Actor, now: datetime) -> tuple[audit.ChainReport, list[Check]]:
    """Check the whole log, and the tables against it; note that somebody did, and what came out."""
    db.session.rollback()  # a long look must keep no writer waiting
    report, checks = audit.verify(), audit_folds.run()
    found: dict[str, Any] = {"n_entries": report.n_entries, "broken_at": report.broken_at}
    if report.mismatch is not None:
        found |= {"anchor_fault": report.mismatch.fault, "anchor": report.mismatch.number}
    broken = [check.name for check in checks if not check.is_kept]
    if broken:
        found["broken"] = broken
    audit.record("audit.verify", None, actor=actor, now=now, **found)
    if report.is_intact:
        transaction.after_commit(lambda: _write_down(now))
    return report, checks


def _write_down(now: datetime) -> None:
    audit_anchors.write_down("verify", now=now)


def _query(wanted: LogFilter) -> Select[AuditEntry]:
    return select(AuditEntry).where(*_conditions(wanted)).order_by(AuditEntry.id.desc())


def _conditions(wanted: LogFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.start is not None:
        conditions.append(AuditEntry.at >= start_of_day(wanted.start))
    if wanted.end is not None:
        conditions.append(AuditEntry.at < start_of_day(wanted.end + timedelta(days=1)))
    if wanted.who:
        named = select(User.pid).where(
            or_(
                User.email == bare(wanted.who).lower(),
                says(User.search_text, wanted.who),
            )
        )
        conditions.append(
            or_(
                AuditEntry.actor_pid == wanted.who,
                AuditEntry.actor_role == wanted.who,
                AuditEntry.actor_pid.in_(named),
            )
        )
    if wanted.verb:
        conditions.append(AuditEntry.verb == wanted.verb)
    if wanted.subject:
        conditions.append(
            or_(
                AuditEntry.subject_pid == wanted.subject,
                AuditEntry.subject_kind == wanted.subject,
            )
        )
    return conditions


def _rows(entries: Sequence[Any]) -> list[LogRow]:
    """Return rows of entries (objects, or rows with the same columns)."""
    pids = {entry.actor_pid for entry in entries if entry.actor_pid}
    found = db.session.execute(select(User.pid, User.display_name).where(User.pid.in_(pids)))
    names = {row.pid: row.display_name for row in found}
    return [
        LogRow(
            number=entry.id,
            at=entry.at,
            actor_role=read_code(Role, entry.actor_role),
            actor_pid=entry.actor_pid,
            actor_name=names.get(entry.actor_pid or "", ""),
            verb=entry.verb,
            subject_kind=entry.subject_kind,
            subject_pid=entry.subject_pid,
            detail=entry.detail,
        )
        for entry in entries
    ]


def _stream(conditions: list[ColumnElement[bool]]) -> Iterator[LogRow]:
    """Yield rows in parts, so that a log of years needs no memory of years.

    In a session that keeps no writer waiting: a long log takes a while to write out.
    """
    columns = AuditEntry.__table__.columns
    query = select(*columns).where(*conditions).order_by(columns.id)
    with audit_chain.begin_reading() as session:
        found = session.execute(query.execution_options(yield_per=1000))
        for part in found.partitions():
            yield from _rows(part)
