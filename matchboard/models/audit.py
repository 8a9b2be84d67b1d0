"""The audit log: append-only (triggers in the migration), each row chained to the one before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from matchboard.extensions import db
from matchboard.models.types import UtcDateTime


class AuditEntry(db.Model):
    """One act or sensitive read: codes and ids, never prose, never the data itself."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_role: Mapped[str] = mapped_column(String(32))
    actor_pid: Mapped[str | None] = mapped_column(String(8), index=True)
    verb: Mapped[str] = mapped_column(String(48), index=True)
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_pid: Mapped[str | None] = mapped_column(String(8), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
