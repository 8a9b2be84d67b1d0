"""What must be true before a command or the site does anything: one clear line if it is not."""

from __future__ import annotations

import click
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from matchboard.extensions import db, migrate
from matchboard.services import keys

_WRONG_KEY = (
    "{names}: not the key this database was written with. Restore the keys that belong to it; "
    "`matchboard keys check` tells what they read."
)


def require_ready() -> None:
    """Refuse a database that is away, not of this version, or written with other keys.

    Raises
    ------
    click.ClickException
        Saying what to do.
    """
    with connect() as connection:
        revision = revision_of(connection)
        # Tables without a revision were made by hand: whoever did so knows what they hold.
        is_unmarked = revision is None and inspect(connection).has_table("account")
        if revision != head() and not is_unmarked:
            raise click.ClickException(
                "The database is not of this version. Bring it up to date: `matchboard upgrade`."
            )
        require_keys(connection)


def connect() -> Connection:
    """Return a connection; says in one line that the database does not answer."""
    try:
        return db.engine.connect().execution_options(sqlite_begin="DEFERRED")
    except DBAPIError as error:
        where = db.engine.url.set(username=None, password=None, query={})
        raise click.ClickException(
            f"The database does not answer: {where.render_as_string()} ({reason(error)})"
        ) from error


def reason(error: DBAPIError) -> str:
    """Return the first line of what the database's driver says."""
    return str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "no answer"


def revision_of(connection: Connection) -> str | None:
    """Return the revision the database says it has, None if it says nothing."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """Return the revision of this version."""
    return ScriptDirectory.from_config(migrate.get_config()).get_current_head()


def require_keys(connection: Connection) -> None:
    """Refuse keys other than those the database was written with."""
    if not inspect(connection).has_table("key_proof"):
        return
    with Session(connection) as session:
        wrong = keys.wrong_keys(session)
    if wrong:
        raise click.ClickException(_WRONG_KEY.format(names=", ".join(wrong)))
