"""Who heads an office, and covers of officers who are away; nobody is named by a migration."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

FLAGS = ("is_office_head", "head_awaits_confirmation")
HEAD = "uq_account_office_head"


def upgrade() -> None:
    for name in FLAGS:
        column = sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        op.add_column("account", column)
    with op.batch_alter_table("account") as table:
        for name in FLAGS:
            table.alter_column(name, existing_type=sa.Boolean(), server_default=None)
    op.create_index(
        HEAD,
        "account",
        ["unit_id"],
        unique=True,
        sqlite_where=sa.text("is_office_head"),
        postgresql_where=sa.text("is_office_head"),
    )
    op.create_table(
        "absence_cover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("covered_id", sa.Integer(), nullable=False),
        sa.Column("covering_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("pid", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_absence_cover_period")),
        sa.CheckConstraint("covering_id <> covered_id", name=op.f("ck_absence_cover_two_people")),
        sa.ForeignKeyConstraint(
            ["office_id"], ["unit.id"], name=op.f("fk_absence_cover_office_id_unit")
        ),
        *(
            sa.ForeignKeyConstraint(
                [name], ["account.id"], name=op.f(f"fk_absence_cover_{name}_account")
            )
            for name in ("covered_id", "covering_id", "made_by_id", "ended_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_cover")),
        sa.UniqueConstraint("pid", name=op.f("uq_absence_cover_pid")),
    )
    for name in ("office_id", "covered_id", "covering_id"):
        op.create_index(op.f(f"ix_absence_cover_{name}"), "absence_cover", [name])


def downgrade() -> None:
    op.drop_table("absence_cover")
    op.drop_index(HEAD, table_name="account")
    with op.batch_alter_table("account") as table:
        for name in FLAGS:
            table.drop_column(name)
