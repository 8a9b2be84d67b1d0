"""Give openings that an employer's edit took off the board their day of publication back.

Data alone: the employer's form does not show the day, and its saving wrote NULL for it, so that an
approved opening stayed open and was shown to nobody. What is open, paused or filled, and what waits
to be reviewed again after such a change, gets the day of its last approval; without one on record
that of the last step that opened it, else the day it was last confirmed or made.
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: Beijing's calendar; instants are stored in UTC.
BEIJING = timedelta(hours=8)
APPROVED = ("open", "paused", "filled")
OPENING = ("resume", "reopen", "refill")

vacancy = sa.table(
    "vacancy",
    sa.column("id", sa.Integer),
    sa.column("source", sa.String),
    sa.column("state", sa.String),
    sa.column("open_on", sa.Date),
    sa.column("close_on", sa.Date),
    sa.column("confirmed_on", sa.Date),
    sa.column("created_at", sa.DateTime),
    sa.column("version", sa.Integer),
)
event = sa.table(
    "vacancy_event",
    sa.column("id", sa.Integer),
    sa.column("vacancy_id", sa.Integer),
    sa.column("at", sa.DateTime),
    sa.column("name", sa.String),
)


def upgrade() -> None:
    connection = op.get_bind()
    hurt = connection.execute(
        sa.select(vacancy)
        .where(
            vacancy.c.source == "partner",
            vacancy.c.open_on.is_(None),
            vacancy.c.state.in_([*APPROVED, "in_review"]),
        )
        .order_by(vacancy.c.id)
    ).all()
    for row in hurt:
        day = published_on(connection, row.id)
        if day is None and row.state == "in_review":
            continue  # it was never published: the approval will set its day
        day = day or row.confirmed_on or (row.created_at + BEIJING).date()
        connection.execute(
            vacancy.update()
            .where(vacancy.c.id == row.id)
            .values(open_on=min(day, row.close_on or day), version=row.version + 1)
        )


def published_on(connection, vacancy_id):
    """Return the day of the last approval, or of the last opening, since it was last renewed."""
    approved = opened = None
    for one in connection.execute(
        sa.select(event).where(event.c.vacancy_id == vacancy_id).order_by(event.c.id)
    ):
        if one.name == "renew":
            approved = opened = None
        elif one.name == "approve":
            approved = one.at
        elif one.name in OPENING:
            opened = one.at
    at = approved or opened
    return None if at is None else (at + BEIJING).date()


def downgrade() -> None:
    """Leave the days: the version before shows what has one, and NULL was its fault."""
