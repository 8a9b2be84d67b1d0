"""Creating the database, and bringing it to this version."""

from __future__ import annotations

from pathlib import Path

import click
from alembic import command as alembic
from flask import current_app

from matchboard.cli.application import application
from matchboard.extensions import migrate


@click.command()
def upgrade() -> None:
    """Create the database, or bring it to this version."""
    with application():
        upgrade_database()
    click.echo("The database is up to date.")


def upgrade_database() -> None:
    """Bring the application's database to this version, making its folder if there is none."""
    url = current_app.config["SQLALCHEMY_DATABASE_URI"]
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    alembic.upgrade(migrate.get_config(), "head")
