"""Places of a course session: taken and freed by single statements that cannot overbook."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from matchboard.domain.errors import Conflict
from matchboard.extensions import db
from matchboard.models.training import CourseSession


def lock(session_id: int) -> CourseSession:
    """Return the session as it stands, nobody else writing to it until the transaction ends.

    SQLite's writers queue before they read, so there the statement only reads afresh.
    """
    return db.session.scalars(
        select(CourseSession)
        .where(CourseSession.id == session_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def take(session: CourseSession) -> None:
    """Count one more place as taken; Conflict("session_full") if none is left."""
    _count(
        session,
        update(CourseSession)
        .where(
            CourseSession.id == session.id,
            CourseSession.n_enrolled < CourseSession.capacity,
            CourseSession.cancelled.is_(False),
        )
        .values(n_enrolled=CourseSession.n_enrolled + 1),
        refusal="session_full",
    )


def free(session: CourseSession) -> None:
    """Count one place less as taken."""
    _count(
        session,
        update(CourseSession)
        .where(CourseSession.id == session.id, CourseSession.n_enrolled > 0)
        .values(n_enrolled=CourseSession.n_enrolled - 1),
        refusal="constraint",
    )


def _count(session: CourseSession, statement: Any, *, refusal: str) -> None:
    """Run the UPDATE; it leaves `version` alone, so an edit of the session is not made stale."""
    changed = db.session.scalar(
        statement.returning(CourseSession.id).execution_options(synchronize_session=False)
    )
    if changed is None:
        raise Conflict(refusal)
    db.session.refresh(session, ["n_enrolled"])
