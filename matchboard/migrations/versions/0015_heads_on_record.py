"""Put on record who heads an office already: the log is held against it from now on.

A demo district of the version before named its heads without an entry. What is found without one
is the system's to state, once; whoever is made a head by hand afterwards is missed by the check.
"""

import sqlalchemy as sa
from alembic import op

from matchboard.migrations.log import ENTRY, append

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

#: Marks the entries this migration adds.
DETAIL = {"found_at_upgrade": True}

account = sa.table(
    "account",
    sa.column("id", sa.Integer),
    sa.column("pid", sa.String),
    sa.column("is_office_head", sa.Boolean),
)


def upgrade() -> None:
    connection = op.get_bind()
    noted = sa.exists().where(
        ENTRY.c.subject_kind == "account",
        ENTRY.c.subject_pid == account.c.pid,
        ENTRY.c.verb.in_(["account.confirm_head", "account.remove_head"]),
    )
    heads = sa.select(account.c.pid).where(account.c.is_office_head, ~noted).order_by(account.c.id)
    for pid in connection.scalars(heads).all():
        append(
            connection,
            "account.confirm_head",
            subject_kind="account",
            subject_pid=pid,
            detail=DETAIL,
        )


def downgrade() -> None:
    """Leave the entries: the log cannot be taken back."""
