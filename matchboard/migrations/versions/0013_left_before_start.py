"""Say "did not take part" of whoever left a course before its first day.

Until now leaving a place was always "dropped out", also before there was anything to drop out of.
The step that was taken stays in the history; one of the system's follows it, which leads to where
the person stands by the rule of today, and the log says so.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from matchboard.migrations.log import append

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

#: Beijing's calendar; instants are stored in UTC.
BEIJING = timedelta(hours=8)
#: Marks the steps this migration adds.
DETAIL = {"left_before_start": True}

enrolment = sa.table(
    "enrolment",
    sa.column("id", sa.Integer),
    sa.column("pid", sa.String),
    sa.column("session_id", sa.Integer),
    sa.column("state", sa.String),
    sa.column("updated_at", sa.DateTime),
    sa.column("version", sa.Integer),
)
session = sa.table("course_session", sa.column("id", sa.Integer), sa.column("starts_on", sa.Date))
event = sa.table(
    "enrolment_event",
    sa.column("id", sa.Integer),
    sa.column("enrolment_id", sa.Integer),
    sa.column("at", sa.DateTime),
    sa.column("actor_role", sa.String),
    sa.column("name", sa.String),
    sa.column("to_state", sa.String),
    sa.column("detail", sa.JSON),
)


def upgrade() -> None:
    connection = op.get_bind()
    now = datetime.now(UTC).replace(tzinfo=None)
    last = sa.select(sa.func.max(event.c.id)).where(event.c.enrolment_id == enrolment.c.id)
    dropped = connection.execute(
        sa.select(enrolment, event.c.name, event.c.at, session.c.starts_on)
        .join(session, session.c.id == enrolment.c.session_id)
        .join(event, event.c.id == last.correlate(enrolment).scalar_subquery())
        .where(enrolment.c.state == "dropped_out")
        .order_by(enrolment.c.id)
    ).all()
    for row in dropped:
        if row.name != "drop_out" or (row.at + BEIJING).date() >= row.starts_on:
            continue
        connection.execute(
            enrolment.update()
            .where(enrolment.c.id == row.id)
            .values(state="declined", updated_at=now, version=row.version + 1)
        )
        connection.execute(
            event.insert().values(
                enrolment_id=row.id,
                at=now,
                actor_role="system",
                name="decline",
                to_state="declined",
                detail=DETAIL,
            )
        )
        append(
            connection,
            "enrolment.decline",
            subject_kind="enrolment",
            subject_pid=row.pid,
            detail={"from_state": "dropped_out", "to_state": "declined", **DETAIL},
        )


def downgrade() -> None:
    """Leave them: the version before knows both states, and the log cannot be taken back."""
