"""Run by Alembic: migrate the application's database in one transaction."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text

from matchboard.extensions import db
from matchboard.migrations.rendering import render_item

#: Two servers started at once must not migrate at once (PostgreSQL; SQLite has one writer).
MIGRATION_LOCK = 0x6D69677261746500


def migrate(connection: Connection) -> None:
    """Migrate over `connection`; all or nothing, on SQLite too."""
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        # A rebuilt table is dropped, and with foreign keys on that deletes its children's rows.
        # The pragma is ignored inside a transaction, so it goes to the driver before one begins.
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
    options = current_app.extensions["migrate"].configure_args
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        transactional_ddl=True,
        render_item=render_item,
        **options,
    )
    try:
        with context.begin_transaction():
            if not is_sqlite:
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK}
                )
            context.run_migrations()
            if is_sqlite:
                orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if orphans:
                    raise RuntimeError(f"the migration left rows without parents: {orphans[:5]}")
    finally:
        if is_sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


_given = context.config.attributes.get("connection")
if _given is not None:  # a scratch database (`cli.database` asks what a revision looks like)
    migrate(_given)
else:
    with db.engine.connect() as _connection:
        migrate(_connection)
