"""An empty database to migrate, and one with the rows of the first release."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from flask import Flask
from sqlalchemy import Engine, create_engine

from matchboard import create_app
from matchboard.extensions import db, migrate
from tests import old_database, postgres
from tests.conftest import SETTINGS


@pytest.fixture
def empty_url(
    database_kind: str, database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """Yield the address of a database without tables (`database_url` has them all)."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'migrated.sqlite3'}"
        return
    server = request.getfixturevalue("postgres_server")
    assert isinstance(server, postgres.Server)
    name = f"{server_database(database_url)}_migrated"
    yield server.create_database(name)
    server.drop_database(name)


def server_database(url: str) -> str:
    """Return the database's name in a PostgreSQL address."""
    return url.split("@/")[1].split("?")[0]


@pytest.fixture
def empty_app(empty_url: str) -> Iterator[Flask]:
    application = create_app({**SETTINGS, "SQLALCHEMY_DATABASE_URI": empty_url})
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def alembic(empty_app: Flask) -> Config:
    config: Config = migrate.get_config()
    return config


@pytest.fixture
def old_engine(empty_url: str, alembic: Config) -> Iterator[Engine]:
    """Yield the engine of a database as the first release left it, rows and all."""
    engine = create_engine(empty_url)
    old_database.make(engine, alembic)
    yield engine
    engine.dispose()
