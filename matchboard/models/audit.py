"""The audit log: append-only, each row chained to the one before.

Triggers refuse UPDATE and DELETE, whoever asks, and the ways around them: SQLite's REPLACE removes
the row in its way without asking, PostgreSQL's TRUNCATE asks no trigger of a row. They come with
the table (`create_all`) and with the migration that makes it; a migration that rebuilds the table
must make them again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, JSON, Index, String, event
from sqlalchemy.orm import Mapped, mapped_column

from matchboard.extensions import db
from matchboard.models.types import UtcDateTime


class AuditEntry(db.Model):
    """One act or sensitive read: codes and ids, never prose, never the data itself."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_actor_at", "actor_pid", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_role: Mapped[str] = mapped_column(String(32))
    actor_pid: Mapped[str | None] = mapped_column(String(8))
    verb: Mapped[str] = mapped_column(String(48), index=True)
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_pid: Mapped[str | None] = mapped_column(String(8), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous_hash: Mapped[str] = mapped_column(String(64))
    #: `<key id>:<HMAC>`; a plain SHA-256 where the entry was written before there were keys.
    hash: Mapped[str] = mapped_column(String(64), unique=True)


_REFUSAL = "audit_entry is append-only"
_FUNCTION = f"""\
CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$"""
_TRIGGER = """\
CREATE TRIGGER audit_entry_refuse BEFORE UPDATE OR DELETE ON audit_entry
FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()"""
_TRUNCATION = """\
CREATE TRIGGER audit_entry_refuse_truncate BEFORE TRUNCATE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()"""
_REPLACEMENT = f"""\
CREATE TRIGGER audit_entry_refuse_replace BEFORE INSERT ON audit_entry
WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id OR hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"""  # noqa: S608 - a constant of this module
#: Statements that make the table append-only, by dialect.
APPEND_ONLY: dict[str, tuple[str, ...]] = {
    "sqlite": (
        *(
            f"CREATE TRIGGER audit_entry_refuse_{act} BEFORE {act.upper()} ON audit_entry "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            for act in ("update", "delete")
        ),
        _REPLACEMENT,
    ),
    "postgresql": (_FUNCTION, _TRIGGER, _TRUNCATION),
}
#: What the table leaves behind when it is dropped.
LEFT_BEHIND = {"postgresql": ("DROP FUNCTION IF EXISTS audit_entry_refuse()",)}

for _dialect, _statements in APPEND_ONLY.items():
    for _statement in _statements:
        event.listen(
            AuditEntry.__table__, "after_create", DDL(_statement).execute_if(dialect=_dialect)
        )
for _dialect, _statements in LEFT_BEHIND.items():
    for _statement in _statements:
        event.listen(
            AuditEntry.__table__, "after_drop", DDL(_statement).execute_if(dialect=_dialect)
        )
