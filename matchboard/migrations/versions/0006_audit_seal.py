"""Seal the audit log under a key that is not in the database.

From here on every entry is signed (`<key id>:<HMAC>` in its hash). What was written before stays as
it is; the signed seal over its last hash lets nobody rewrite it any more, and says whether the chain
held on that day. Going back removes nothing: the log only grows. The version before this one calls
the chain broken at the seal; coming here again goes on from where it was.
"""

from alembic import op

from matchboard.migrations.log import seal

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Who looks at a page is asked for what they looked at in the last minutes.
    op.drop_index("ix_audit_entry_actor_pid", table_name="audit_entry")
    op.create_index("ix_audit_entry_actor_at", "audit_entry", ["actor_pid", "at"], unique=False)
    seal(op.get_bind())


def downgrade() -> None:
    op.drop_index("ix_audit_entry_actor_at", table_name="audit_entry")
    op.create_index("ix_audit_entry_actor_pid", "audit_entry", ["actor_pid"], unique=False)
