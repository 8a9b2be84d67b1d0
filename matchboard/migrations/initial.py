"""Write the first migration anew from the models: python -m matchboard.migrations.initial

Until the first release there is one migration and it is generated; afterwards a change of the
models gets a migration of its own (`flask db migrate`) and this program is done.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations import ops
from sqlalchemy import create_engine

from matchboard.extensions import db
from matchboard.migrations.rendering import render_item
from matchboard.models.audit import APPEND_ONLY, LEFT_BEHIND

TARGET = Path(__file__).resolve().parent / "versions/0001_initial.py"
TEMPLATE = '''\
"""All tables of the first release.

Written by `python -m matchboard.migrations.initial`; change the models, not this file.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = {append_only!r}
LEFT_BEHIND = {left_behind!r}


def upgrade() -> None:
    {upgrades}
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(sa.DDL(statement))


def downgrade() -> None:
    {downgrades}
    for statement in LEFT_BEHIND.get(op.get_bind().dialect.name, ()):
        op.execute(statement)
'''


def source() -> str:
    """Return the migration from nothing to the present models."""
    with create_engine("sqlite://").connect() as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": db.metadata})
        script = produce_migrations(context, db.metadata)
    return TEMPLATE.format(
        append_only=APPEND_ONLY,
        left_behind=LEFT_BEHIND,
        upgrades=_body(script.upgrade_ops),
        downgrades=_body(script.downgrade_ops),
    )


def _body(operations: ops.OpContainer | None) -> str:
    if operations is None:
        raise RuntimeError("the models hold no table")
    code = render_python_code(operations, render_item=render_item, alembic_module_prefix="op.")
    lines = [line for line in code.splitlines() if not line.strip().startswith("# ###")]
    return "\n".join(lines).strip()


def main() -> None:
    """Write the file, formatted."""
    TARGET.write_text(source(), encoding="utf-8")
    for arguments in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run(["ruff", *arguments, str(TARGET)], check=False)  # noqa: S603, S607 - our own formatter


if __name__ == "__main__":
    sys.exit(main())
