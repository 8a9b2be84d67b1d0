"""A row that proves the keys: written under both, so that others are found out at the start.

Planted only under keys that read what is there already: others would be believed ever after.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from cryptography.fernet import InvalidToken

from matchboard.crypto import WrongKey, decrypt, encrypt, lookup_digest

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_clients = sa.table(
    "client",
    sa.column("id", sa.Integer),
    sa.column("id_number", sa.Text),
    sa.column("id_number_digest", sa.String),
)
_records = sa.table("restricted_record", sa.column("id", sa.Integer), sa.column("facts", sa.Text))


def upgrade() -> None:
    connection = op.get_bind()
    number = connection.execute(
        sa.select(_clients.c.id_number, _clients.c.id_number_digest)
        .where(_clients.c.id_number.is_not(None))
        .order_by(_clients.c.id)
        .limit(1)
    ).first()
    facts = connection.scalar(sa.select(_records.c.facts).order_by(_records.c.id).limit(1))
    try:
        read = [decrypt(token) for token in (number and number.id_number, facts) if token]
    except InvalidToken:
        raise WrongKey("MATCHBOARD_ENCRYPTION_KEY does not read this database.") from None
    if number and lookup_digest("id_number", read[0]) != number.id_number_digest:
        raise WrongKey("MATCHBOARD_LOOKUP_KEY is not the one of this database.")
    table = op.create_table(
        "key_proof",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("encrypted", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_key_proof_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_proof")),
    )
    op.bulk_insert(
        table,
        [
            {
                "id": 1,
                "encrypted": encrypt("matchboard"),
                "digest": lookup_digest("key_proof", "matchboard"),
                "made_at": datetime.now(UTC).replace(tzinfo=None),
            }
        ],
    )


def downgrade() -> None:
    op.drop_table("key_proof")
