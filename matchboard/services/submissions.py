"""A form sent twice makes one record."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

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


def is_known(key: str, *, session: Session | None = None) -> bool:
    """Return whether a submission of this key has been done."""
    query = select(Submission.id).where(Submission.key == key)
    return (session or db.session).scalar(query) is not None


def remember(key: str, location: str, *, now: datetime) -> None:
    """Note where the submission led.

    A use case that lost a race has rolled the claim back with everything else and then leads to
    what was faster: the key is claimed anew. If somebody has claimed it meanwhile, that stands.
    """
    found = db.session.scalar(select(Submission).where(Submission.key == key))
    if found is not None:
        found.location = location
        return
    try:
        with db.session.begin_nested():
            db.session.add(Submission(key=key, location=location, created_at=now))
    except IntegrityError:
        return


def forget_old(*, now: datetime) -> int:
    """Delete keys nobody can send again; return how many."""
    result = db.session.execute(delete(Submission).where(Submission.created_at < now - KEEP))
    return int(getattr(result, "rowcount", 0))
