"""A form sent twice makes one record."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from matchboard.extensions import db
from matchboard.models.web import Submission

KEEP = timedelta(days=2)


def claim(key: str, *, now: datetime) -> str | None:
    """Claim `key`, or return where the first submission led.

    On PostgreSQL a second claim waits for the first transaction, then raises `IntegrityError`,
    which the commit point turns into a 409; on SQLite writers queue before they read.
    """
    found = db.session.scalar(select(Submission).where(Submission.key == key))
    if found is not None:
        return str(found.location)
    db.session.add(Submission(key=key, created_at=now))
    db.session.flush()
    return None


def remember(key: str, location: str) -> None:
    """Note where the submission led."""
    found = db.session.scalars(select(Submission).where(Submission.key == key)).one()
    found.location = location


def forget_old(*, now: datetime) -> int:
    """Delete keys nobody can send again; return how many."""
    result = db.session.execute(delete(Submission).where(Submission.created_at < now - KEEP))
    return int(getattr(result, "rowcount", 0))
