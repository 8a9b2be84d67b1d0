"""Delete what the law has sealed since 2026-01-01 from the restricted records.

治安管理处罚法 136 (in force 2026-01-01): records of public-order offences are sealed. Detention,
drug use and its treatment, and administrative penalties about public-order matters go; each record
that changes leaves a line in the log. What road traffic law decided stays, also where it detained.
There is no way back: `downgrade` changes nothing.
"""

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from matchboard.crypto import decrypt, encrypt

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TRAFFIC = {"traffic", "hit_and_run", "drunk_driving", "drink_driving"}
_UNSEALED = _TRAFFIC | {
    "abuse_of_profession",
    "accounting",
    "agri_product_safety",
    "bribery_embezzlement",
    "food_safety",
    "licence_forgery",
    "market_order",
    "medicine_safety",
    "money_laundering",
    "other",
    "production_safety",
    "seed",
}
_KINDS = ("kinds", "kinds_doubtful")

_records = sa.table(
    "restricted_record",
    sa.column("id", sa.Integer),
    sa.column("client_id", sa.Integer),
    sa.column("facts", sa.Text),
    sa.column("version", sa.Integer),
    sa.column("updated_at", sa.DateTime),
)
_clients = sa.table("client", sa.column("id", sa.Integer), sa.column("pid", sa.String))
_log = sa.table(
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
    connection = op.get_bind()
    now = datetime.now(UTC)
    query = (
        sa.select(_records.c.id, _records.c.facts, _records.c.version, _clients.c.pid)
        .join_from(_records, _clients, _records.c.client_id == _clients.c.id)
        .order_by(_records.c.id)
    )
    for record_id, facts, version, pid in connection.execute(query).all():
        stored = json.loads(decrypt(facts))
        kept, n_deleted = _without_sealed(stored)
        if kept != stored:
            connection.execute(
                sa.update(_records)
                .where(_records.c.id == record_id)
                .values(
                    facts=encrypt(json.dumps(kept, ensure_ascii=False, sort_keys=True)),
                    version=version + 1,  # a form opened before does not bring them back
                    updated_at=now.replace(tzinfo=None),
                )
            )
            _note(connection, pid, n_deleted, now)


def downgrade() -> None:
    pass


def _without_sealed(facts):
    """Return the facts without what is sealed, and how many facts went."""
    if facts.get("records") is None:
        return facts, 0
    kept, n_deleted = [], 0
    for record in facts["records"]:
        record = dict(record)
        about = {kind for key in _KINDS for kind in record.get(key) or ()}
        basis = record.get("basis")
        if basis == "administrative_detention" and about and about <= _TRAFFIC:
            record["basis"] = "administrative_penalty"  # 道路交通安全法, not 治安管理处罚法
        elif basis in ("administrative_detention", "compulsory_drug_rehabilitation"):
            n_deleted += 1
            continue
        sealed = {"drug_use"} | (about - _UNSEALED if basis == "administrative_penalty" else set())
        if basis == "administrative_penalty" and about and about <= sealed:
            n_deleted += 1
            continue
        for key in _KINDS:
            if set(record.get(key) or ()) & sealed:
                n_deleted += len(set(record[key]) & sealed)
                record[key] = sorted(set(record[key]) - sealed)
        # A penalty for drug use alone has nothing left that says what it was about.
        if about and about <= {"drug_use"} and basis != "criminal_penalty":
            continue
        kept.append(record)
    return {**facts, "records": kept}, n_deleted


def _note(connection, pid, n_deleted, now):
    """Append to the chain of the log as `services.audit` did at this revision."""
    previous = connection.scalar(sa.select(_log.c.hash).order_by(_log.c.id.desc()).limit(1))
    previous = previous or "0" * 64
    detail = {"n_deleted": n_deleted}
    content = [
        now.isoformat(timespec="microseconds"),
        "system",
        None,
        "restricted.seal",
        "client",
        pid,
        detail,
        previous,
    ]
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    connection.execute(
        sa.insert(_log).values(
            at=now.replace(tzinfo=None),
            actor_role="system",
            actor_pid=None,
            verb="restricted.seal",
            subject_kind="client",
            subject_pid=pid,
            detail=detail,
            previous_hash=previous,
            hash=hashlib.sha256(canonical.encode()).hexdigest(),
        )
    )
