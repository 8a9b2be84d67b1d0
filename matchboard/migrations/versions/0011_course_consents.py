"""Consent to a course as a row that can be withdrawn, one for each enrolment there is.

Until now it was a tick without which nobody was recommended, so everybody on a course has given it:
at the office to whoever recommended them, or by coming to the course in person.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

REASONS = (
    "found_work",
    "health",
    "family",
    "too_far",
    "not_interested",
    "not_reached",
    "other",
)
WITHDRAWN = "consent_withdrawn"

_enrolments = sa.table(
    "enrolment",
    sa.column("id", sa.Integer),
    sa.column("client_id", sa.Integer),
    sa.column("recommended_by_id", sa.Integer),
    sa.column("created_at", sa.DateTime),
    sa.column("drop_reason", sa.String),
)


def upgrade() -> None:
    table = op.create_table(
        "course_consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("text_version", sa.String(length=16), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "said_at_office",
                "came_in_person",
                name="method",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=op.f("fk_course_consent_client_id_client"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolment.id"],
            name=op.f("fk_course_consent_enrolment_id_enrolment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"],
            ["account.id"],
            name=op.f("fk_course_consent_recorded_by_id_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_consent")),
    )
    op.create_index(op.f("ix_course_consent_client_id"), "course_consent", ["client_id"])
    op.create_index(op.f("ix_course_consent_enrolment_id"), "course_consent", ["enrolment_id"])
    _allow((*REASONS, WITHDRAWN))
    came_in_person = _enrolments.c.recommended_by_id.is_(None)
    fields = sa.literal(json.dumps(["name", "phone", "skills"]), sa.String)
    op.execute(
        table.insert().from_select(
            [
                "enrolment_id",
                "client_id",
                "fields",
                "text_version",
                "method",
                "recorded_by_id",
                "created_at",
            ],
            sa.select(
                _enrolments.c.id,
                _enrolments.c.client_id,
                # As it is stored: SQLite keeps JSON as text.
                fields if op.get_bind().dialect.name == "sqlite" else sa.cast(fields, sa.JSON()),
                sa.literal("2026-11"),
                sa.case((came_in_person, "came_in_person"), else_="said_at_office"),
                _enrolments.c.recommended_by_id,
                _enrolments.c.created_at,
            ).order_by(_enrolments.c.id),
        )
    )


def downgrade() -> None:
    op.execute(
        sa.update(_enrolments)
        .where(_enrolments.c.drop_reason == WITHDRAWN)
        .values(drop_reason="other")
    )
    _allow(REASONS)
    op.drop_table("course_consent")


def _allow(reasons):
    """Let an enrolment end for these reasons alone."""
    listed = ", ".join(f"'{reason}'" for reason in reasons)
    with op.batch_alter_table("enrolment") as table:
        table.drop_constraint(op.f("ck_enrolment_drop_reason"), type_="check")
        table.create_check_constraint(
            op.f("ck_enrolment_drop_reason"), f"drop_reason IN ({listed})"
        )
