"""Seal the audit log under a key that is not in the database.

From here on every entry is signed (`<key id>:<HMAC>` in its hash). What was written before stays as
it is; the signed seal over its last hash lets nobody rewrite it any more, and says whether the chain
held on that day. Going back removes nothing: the log only grows. The version before this one calls
the chain broken at the seal, coming here again goes on from where it was.

The formulas are copied: what this revision wrote must not change with the site's code.
"""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ENTRY = sa.table(
    "audit_entry",
    sa.column("id", sa.Integer),
    sa.column("at", sa.DateTime),
    sa.column("actor_role", sa.String),
    sa.column("actor_pid", sa.String),
    sa.column("verb", sa.String),
    sa.column("subject_kind", sa.String),
    sa.column("subject_pid", sa.String),
    sa.column("detail", sa.JSON),
    sa.column("previous_hash", sa.String),
    sa.column("hash", sa.String),
)


def upgrade() -> None:
    # Whoever looks at a page is asked for what they looked at in the last minutes.
    op.drop_index("ix_audit_entry_actor_pid", table_name="audit_entry")
    op.create_index("ix_audit_entry_actor_at", "audit_entry", ["actor_pid", "at"], unique=False)
    _seal(op.get_bind())


def downgrade() -> None:
    op.drop_index("ix_audit_entry_actor_at", table_name="audit_entry")
    op.create_index("ix_audit_entry_actor_pid", "audit_entry", ["actor_pid"], unique=False)


def _seal(connection: sa.Connection) -> None:
    """Append the seal where the log ends in an entry without a signature."""
    previous, n_entries, broken_at, last = "0" * 64, 0, None, None
    for entry in connection.execute(sa.select(ENTRY).order_by(ENTRY.c.id)):
        n_entries, last = n_entries + 1, entry
        if broken_at is None and ":" not in entry.hash:
            plain = hashlib.sha256(_canonical(entry._mapping).encode()).hexdigest()
            if entry.previous_hash != previous or entry.hash != plain:
                broken_at = entry.id
        previous = entry.hash
    if last is None or ":" in last.hash:
        return
    seal = {
        "at": datetime.now(UTC).replace(tzinfo=None),
        "actor_role": "system",
        "actor_pid": None,
        "verb": "audit.seal",
        "subject_kind": "",
        "subject_pid": None,
        "detail": {"n_entries": n_entries, "number": last.id, "broken_at": broken_at},
        "previous_hash": last.hash,
    }
    connection.execute(sa.insert(ENTRY).values(**seal, hash=_sign(_canonical(seal))))


def _canonical(entry: sa.RowMapping | dict[str, object]) -> str:
    content = [
        entry["at"].replace(tzinfo=UTC).isoformat(timespec="microseconds"),
        entry["actor_role"],
        entry["actor_pid"],
        entry["verb"],
        entry["subject_kind"],
        entry["subject_pid"],
        entry["detail"],
        entry["previous_hash"],
    ]
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _sign(text: str) -> str:
    config = current_app.config
    given = [part.strip() for part in config["AUDIT_KEY"].split(",") if part.strip()]
    source = [*given, config["LOOKUP_KEY"]][0]
    derived = HKDF(hashes.SHA256(), length=36, salt=None, info=b"matchboard audit chain")
    material = derived.derive(source.encode())
    digest = hmac.digest(material[:32], text.encode(), "sha256")
    return f"{material[32:].hex()}:{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
