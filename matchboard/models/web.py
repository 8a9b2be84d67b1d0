"""What the site keeps about its own work: submissions, drafts, background tasks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from matchboard.extensions import db
from matchboard.models.types import Created, EncryptedText, HasPid, UtcDateTime


class Submission(Created, db.Model):
    """A form already acted on: sending it twice leads to the same record."""

    __tablename__ = "submission"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    # Encrypted: behind a personal link the address is the key to the page.
    location: Mapped[str] = mapped_column(EncryptedText, default="")


class FormDraft(Created, db.Model):
    """What somebody typed before the session ended; encrypted, handed back once."""

    __tablename__ = "form_draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(String(300))
    fields: Mapped[str] = mapped_column(EncryptedText)


class BackgroundTask(HasPid, Created, db.Model):
    """Long work: what is to be done, how far it is, what came of it.

    The row is the truth; the queue beside it only wakes a worker.
    """

    __tablename__ = "background_task"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(48))
    owner_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    state: Mapped[str] = mapped_column(String(16), default="queued", index=True)
    #: Keyword arguments of the work: codes, ids and file names.
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: Name of the worker that took it up (`WorkerPulse`).
    worker: Mapped[str] = mapped_column(String(80), default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    error: Mapped[str] = mapped_column(Text, default="")
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WorkerPulse(db.Model):
    """A sign of life of one background worker, from its start to its end."""

    __tablename__ = "worker_pulse"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    host: Mapped[str] = mapped_column(String(64))
    process: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
