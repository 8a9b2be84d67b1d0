"""Keep a task's arguments in its row, and signs of life of the workers.

Tasks of before had no arguments outside the queue: training, the only kind a page starts, has none.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("background_task") as table:
        table.add_column(sa.Column("arguments", sa.JSON(), nullable=True))
        table.add_column(sa.Column("worker", sa.String(length=80), nullable=True))
    op.execute("UPDATE background_task SET arguments = '{}', worker = ''")
    with op.batch_alter_table("background_task") as table:
        table.alter_column("arguments", existing_type=sa.JSON(), nullable=False)
        table.alter_column("worker", existing_type=sa.String(length=80), nullable=False)
        table.create_index(op.f("ix_background_task_state"), ["state"], unique=False)
    op.create_table(
        "worker_pulse",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("host", sa.String(length=64), nullable=False),
        sa.Column("process", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_pulse")),
        sa.UniqueConstraint("name", name=op.f("uq_worker_pulse_name")),
    )


def downgrade() -> None:
    op.drop_table("worker_pulse")
    with op.batch_alter_table("background_task") as table:
        table.drop_index(op.f("ix_background_task_state"))
        table.drop_column("worker")
        table.drop_column("arguments")
