"""Keep who says what an opening's occupation is, in place of whether it was a guess."""

import sqlalchemy as sa
from alembic import op

from matchboard.migrations.rebuilding import altered

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CONSTRAINT = "ck_vacancy_suggestion_known"
SOURCES = sa.Enum(
    "title",
    "person",
    name="occupation_from",
    native_enum=False,
    create_constraint=True,
    length=32,
)


def upgrade() -> None:
    with altered("vacancy") as table:
        table.add_column(sa.Column("occupation_from", SOURCES, nullable=True))
    # Of the others it is not known whether a person or a file said it, so nobody is named.
    op.execute("UPDATE vacancy SET occupation_from = 'title' WHERE occupation_suggested")
    with altered("vacancy") as table:
        table.drop_constraint(op.f(CONSTRAINT), type_="check")
        table.drop_column("occupation_suggested")
        table.create_check_constraint(
            op.f(CONSTRAINT),
            "occupation_code IS NOT NULL OR occupation_from IS NULL OR occupation_from <> 'title'",
        )


def downgrade() -> None:
    with altered("vacancy") as table:
        table.add_column(
            sa.Column(
                "occupation_suggested", sa.Boolean(), nullable=False, server_default=sa.false()
            )
        )
    op.execute("UPDATE vacancy SET occupation_suggested = true WHERE occupation_from = 'title'")
    with altered("vacancy") as table:
        table.alter_column("occupation_suggested", server_default=None)
        table.drop_constraint(op.f(CONSTRAINT), type_="check")
        table.drop_constraint(op.f("ck_vacancy_occupation_from"), type_="check")
        table.drop_column("occupation_from")
        table.create_check_constraint(
            op.f(CONSTRAINT), "occupation_code IS NOT NULL OR NOT occupation_suggested"
        )
