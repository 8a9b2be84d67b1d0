"""Flask extensions and the database's ground rules, created once and bound in `create_app`."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from time import monotonic
from typing import Any

from flask import Flask, g, has_request_context, request
from flask_babel import Babel
from flask_htmx import HTMX
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_migrate import Migrate
from flask_security.core import Security
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import Connection, MetaData, event
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.orm import DeclarativeBase, Session


class Base(DeclarativeBase):
    """Base of all models; the naming convention lets migrations name every constraint."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


#: Values bound to statements are people's data: no error and no log shows them. An installation's
#: or a test's own SQLALCHEMY_ENGINE_OPTIONS come on top.
db = SQLAlchemy(model_class=Base, engine_options={"hide_parameters": True})
migrate = Migrate()
babel = Babel()
csrf = CSRFProtect()
htmx = HTMX()
limiter = Limiter(key_func=get_remote_address)
security = Security()

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=30000",
)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Hand transaction control to us and set the pragmas: without them writers lose updates."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        for pragma in SQLITE_PRAGMAS:
            connection.execute(pragma)


@event.listens_for(Engine, "checkin")
def _leave_nothing_open(connection: Any, _record: Any) -> None:
    """Roll back what a failed COMMIT left open: SQLAlchemy takes it for ended.

    SQLite keeps the transaction, and with it the one write lock, when COMMIT says "busy"; a
    connection put back like that would lock the whole site out for good.
    """
    if isinstance(connection, sqlite3.Connection) and connection.in_transaction:
        connection.rollback()


#: How long a request may wait for other writers, all its transactions together: a person sees an
#: answer, and a worker's threads are not all taken by requests that wait. What runs outside of
#: requests (an import, the daily tick) has the time the pragma above gives it.
REQUEST_WAIT_S = 5.0
#: How long a page that is read may wait to add to a log.
READING_WAIT_S = 1.0
#: No wait at all would refuse what two requests write in the same instant.
_LEAST_WAIT_S = 0.1
READING = frozenset({"GET", "HEAD", "OPTIONS"})


@event.listens_for(Engine, "do_connect")
def _connect_briefly(dialect: Any, _record: Any, _args: Any, options: dict[str, Any]) -> None:
    """Give up on a database server that does not answer; a request waits for it too."""
    if dialect.name == "postgresql":
        options.setdefault("connect_timeout", int(REQUEST_WAIT_S))


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    """Open a transaction that waits no longer for other writers than the request may.

    On SQLite, take the write lock at once unless the caller said it only reads: a deferred
    transaction that reads and then writes fails with "database is locked" as soon as two run at
    once; IMMEDIATE makes them queue instead. A GET sets `sqlite_begin` to DEFERRED.
    """
    options = connection.get_execution_options()
    wait_s = _may_wait(options.get("lock_wait_s"))
    if connection.dialect.name == "sqlite":
        mode = options.get("sqlite_begin", "IMMEDIATE")
        if mode == "IMMEDIATE":
            _set_busy_timeout(connection, wait_s)
        began = monotonic()
        try:
            connection.exec_driver_sql(f"BEGIN {mode}")
        finally:
            if has_request_context():
                g.waited_s = g.get("waited_s", 0.0) + monotonic() - began
    elif connection.dialect.name == "postgresql" and wait_s is not None:
        # Through SQLAlchemy: a connection found dead here is told as any other fault is.
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {round(wait_s * 1000)}")


def _may_wait(wanted_s: float | None) -> float | None:
    """Return how long the transaction about to begin may wait, None for as long as it takes."""
    if not has_request_context():
        return wanted_s
    limit_s = READING_WAIT_S if request.method in READING else REQUEST_WAIT_S
    if wanted_s is not None:
        limit_s = min(limit_s, wanted_s)
    return max(limit_s - g.get("waited_s", 0.0), _LEAST_WAIT_S)


def _set_busy_timeout(connection: Connection, wait_s: float | None) -> None:
    """Let SQLite wait `wait_s`, or as long as the connection was opened with."""
    known = connection.info
    if "busy_ms" not in known:
        present = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
        known["busy_ms"] = known["busy_ms_now"] = present
    wanted = known["busy_ms"] if wait_s is None else min(known["busy_ms"], round(wait_s * 1000))
    if wanted != known["busy_ms_now"]:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {wanted}").close()
        known["busy_ms_now"] = wanted


def own_session(*, lock_wait_s: float | None = None) -> Session:
    """Return a session apart from the request's, for what stays whatever becomes of the request.

    `lock_wait_s` is how long it may wait for other writers.
    """
    return Session(db.engine.execution_options(lock_wait_s=lock_wait_s))


def begin_read_only() -> None:
    """Open this session's transaction for reading; must be its first use."""
    db.session.connection(execution_options={"sqlite_begin": "DEFERRED"})


def init_app(app: Flask) -> None:
    """Bind the extensions that need no knowledge of models or views."""
    if make_url(app.config["SQLALCHEMY_DATABASE_URI"]).database:  # one in memory has no pool
        options = app.config.get("SQLALCHEMY_ENGINE_OPTIONS", {})
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_timeout": REQUEST_WAIT_S, **options}
    db.init_app(app)
    migrate.init_app(
        app, db, directory=str(Path(__file__).parent / "migrations"), render_as_batch=True
    )
    csrf.init_app(app)
    htmx.init_app(app)
    limiter.init_app(app)
