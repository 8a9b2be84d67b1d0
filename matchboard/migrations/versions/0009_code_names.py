"""A code name a referral instead of one a person, by which two referrals could be laid together."""

import sqlalchemy as sa
from alembic import op

from matchboard.domain.pids import new_code_name

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_placements = sa.table("placement", sa.column("id", sa.Integer), sa.column("code_name", sa.String))
_clients = sa.table("client", sa.column("id", sa.Integer), sa.column("pseudonym", sa.String))


def upgrade() -> None:
    op.add_column("placement", sa.Column("code_name", sa.String(length=8), nullable=True))
    _draw(_placements, "code_name", "")
    with op.batch_alter_table("placement") as table:
        table.alter_column("code_name", existing_type=sa.String(length=8), nullable=False)
        table.create_index(op.f("ix_placement_code_name"), ["code_name"])
    with op.batch_alter_table("client") as table:
        table.drop_column("pseudonym")


def downgrade() -> None:
    op.add_column("client", sa.Column("pseudonym", sa.String(length=24), nullable=True))
    _draw(_clients, "pseudonym", "求职者 ")
    with op.batch_alter_table("client") as table:
        table.alter_column("pseudonym", existing_type=sa.String(length=24), nullable=False)
    with op.batch_alter_table("placement") as table:
        table.drop_index(op.f("ix_placement_code_name"))
        table.drop_column("code_name")


def _draw(table, column, prefix):
    connection = op.get_bind()
    ids = connection.scalars(sa.select(table.c.id).order_by(table.c.id)).all()
    if ids:
        connection.execute(
            sa.update(table)
            .where(table.c.id == sa.bindparam("row"))
            .values({column: sa.bindparam("drawn")}),
            [{"row": row, "drawn": prefix + new_code_name()} for row in ids],
        )
