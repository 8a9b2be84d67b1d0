"""Creating the database, and bringing it to this version."""

from __future__ import annotations

from pathlib import Path

import click
from alembic import command as alembic
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import Connection, create_engine, inspect

from matchboard.cli.application import application
from matchboard.cli.readiness import connect, require_keys
from matchboard.crypto import WrongKey
from matchboard.extensions import migrate
from matchboard.services import audit_anchors, audit_beginnings

#: Columns named in a refusal; the rest are counted.
N_NAMED = 3


@click.command()
def upgrade() -> None:
    """Create the database, or bring it to this version."""
    with application(pages=False):
        upgrade_database()
    click.echo("The database is up to date.")


def upgrade_database() -> None:
    """Bring the application's database to this version, making its folder if there is none.

    A new version may have sealed the audit log: its end is written down.

    Raises
    ------
    click.ClickException
        If the database is of a later version, or is not what its revision says: before the first
        release that revision's tables changed without a migration.
    """
    url = current_app.config["SQLALCHEMY_DATABASE_URI"]
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    with connect() as connection:
        _refuse_unknown(connection)
        require_keys(connection)
    try:
        alembic.upgrade(migrate.get_config(), "head")
    except WrongKey as error:
        raise click.ClickException(str(error)) from error
    audit_beginnings.begin(now=current_app.config["CLOCK"]())
    audit_anchors.write_down("upgrade", now=current_app.config["CLOCK"]())


def _refuse_unknown(connection: Connection) -> None:
    """Refuse a database that no migration leads on from."""
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        return
    known = {s.revision for s in ScriptDirectory.from_config(migrate.get_config()).walk_revisions()}
    if revision not in known:
        raise click.ClickException(
            f"The database is of a later version (revision {revision}). Install that version."
        )
    missing = sorted(_columns_at(revision) - _columns_of(connection))
    if missing:
        named = ", ".join(missing[:N_NAMED])
        more = f" and {len(missing) - N_NAMED} more" if len(missing) > N_NAMED else ""
        raise click.ClickException(
            f"The database was made by an unreleased version: it lacks {named}{more}. Nothing was"
            " changed. A demo district is made anew by `make reset-demo`."
        )


def _columns_at(revision: str) -> set[str]:
    """Return `table.column` of a database at a revision, by making an empty one in memory."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        config = migrate.get_config()
        config.attributes["connection"] = connection
        alembic.upgrade(config, revision)
        return _columns_of(connection)


def _columns_of(connection: Connection) -> set[str]:
    found = inspect(connection)
    return {
        f"{table}.{column['name']}"
        for table in found.get_table_names()
        for column in found.get_columns(table)
    }
