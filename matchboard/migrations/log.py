"""How a migration from 0006 on writes to the audit log: signed, like everything since then.

The formulas are those of the site on that day (`services.audit_chain`, `crypto.audit_keys`), copied
here: what a migration wrote must not change with the code of the site, so neither does this module.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

GENESIS = "0" * 64
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


def append(
    connection: sa.Connection,
    verb: str,
    *,
    subject_kind: str = "",
    subject_pid: str | None = None,
    detail: Mapping[str, Any],
) -> None:
    """Append an entry of the system's; the transaction is the only one that migrates."""
    last = sa.select(ENTRY.c.hash).order_by(ENTRY.c.id.desc()).limit(1)
    entry = {
        "at": datetime.now(UTC).replace(tzinfo=None),
        "actor_role": "system",
        "actor_pid": None,
        "verb": verb,
        "subject_kind": subject_kind,
        "subject_pid": subject_pid,
        "detail": dict(detail),
        "previous_hash": connection.scalar(last) or GENESIS,
    }
    connection.execute(sa.insert(ENTRY).values(**entry, hash=_sign(_canonical(entry))))


def seal(connection: sa.Connection) -> None:
    """Append the seal where the log ends in an entry without a signature."""
    previous, n_entries, broken_at, last = GENESIS, 0, None, None
    for entry in connection.execute(sa.select(ENTRY).order_by(ENTRY.c.id)):
        n_entries, last = n_entries + 1, entry
        if broken_at is None and ":" not in entry.hash:
            plain = hashlib.sha256(_canonical(entry._mapping).encode()).hexdigest()
            if entry.previous_hash != previous or entry.hash != plain:
                broken_at = entry.id
        previous = entry.hash
    if last is not None and ":" not in last.hash:
        found = {"n_entries": n_entries, "number": last.id, "broken_at": broken_at}
        append(connection, "audit.seal", detail=found)


def _canonical(entry: Mapping[Any, Any]) -> str:
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
