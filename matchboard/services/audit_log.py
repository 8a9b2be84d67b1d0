"""Reading the audit log: for the audit administrator alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from matchboard.domain.calendar import start_of_day
from matchboard.domain.roles import Actor, Role
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.audit import AuditEntry
from matchboard.services import audit
from matchboard.services.listing import Page, paginate


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
    actor_role: Role
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
) -> Iterator[LogRow]:
    """Return every entry of a filter, oldest first; the export is itself on record, first."""
    audit.record_read(
        "audit.export",
        None,
        actor=actor,
        now=now,
        file_format=file_format,
        fields=[name for name in LogFilter.__slots__ if getattr(wanted, name)],
    )
    return _stream(_query(wanted).order_by(None).order_by(AuditEntry.id))


def verify_chain(*, actor: Actor, now: datetime) -> audit.ChainReport:
    """Check the whole chain and note that somebody did."""
    report = audit.verify()
    audit.record(
        "audit.verify",
        None,
        actor=actor,
        now=now,
        n_entries=report.n_entries,
        broken_at=report.broken_at,
    )
    return report


def _query(wanted: LogFilter) -> Select[AuditEntry]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.start is not None:
        conditions.append(AuditEntry.at >= start_of_day(wanted.start))
    if wanted.end is not None:
        conditions.append(AuditEntry.at < start_of_day(wanted.end + timedelta(days=1)))
    if wanted.who:
        named = select(User.pid).where(
            or_(
                User.email == wanted.who.lower(),
                User.display_name.icontains(wanted.who, autoescape=True),
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
    return select(AuditEntry).where(*conditions).order_by(AuditEntry.id.desc())


def _rows(entries: Sequence[AuditEntry]) -> list[LogRow]:
    pids = {entry.actor_pid for entry in entries if entry.actor_pid}
    found = db.session.execute(select(User.pid, User.display_name).where(User.pid.in_(pids)))
    names = {row.pid: row.display_name for row in found}
    return [
        LogRow(
            number=entry.id,
            at=entry.at,
            actor_role=Role(entry.actor_role),
            actor_pid=entry.actor_pid,
            actor_name=names.get(entry.actor_pid or "", ""),
            verb=entry.verb,
            subject_kind=entry.subject_kind,
            subject_pid=entry.subject_pid,
            detail=entry.detail,
        )
        for entry in entries
    ]


def _stream(query: Select[AuditEntry]) -> Iterator[LogRow]:
    """Yield rows in parts, so that a log of years needs no memory of years."""
    for part in db.session.scalars(query.execution_options(yield_per=500)).partitions():
        yield from _rows(part)
