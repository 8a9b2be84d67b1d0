"""Fixtures of all tests. What a feature's test needs is here; look no further.

    def test_office_lists_its_people_when_signed_in(client, clock):
        officer = client.sign_in(Role.OFFICER)               # makes the account and its office
        person = factories.ClientFactory(office=officer.unit)
        page = client.get_page("/clients")                   # 200, and every page check passed
        assert page.has_text(person.name)
        page = client.submit("/clients/new", {"name": "..."})  # CSRF and defaults filled in
        assert page.path == f"/clients/..."

app         The application on a fresh database, its context pushed: services and factories work
            straight away. Everything using it runs twice, on SQLite and on PostgreSQL;
            MATCHBOARD_TEST_DATABASES=sqlite keeps to one while developing.
client      A browser that checks every page it fetches (tests/client.py); needs no `with app…`.
            More browsers: `client.another()`. What the test has pending is committed before each
            request; objects are read anew after it.
clock       The application's clock: 2026-11-24 06:30 in Beijing, when UTC still has the day before:
            whoever takes an instant's date in UTC is a day early. `clock.now`, `clock.today`,
            `clock.move(days=3)`, `clock.set(datetime)`. Pass `now=clock.now` to services.
captured_mail  The messages sent during this test; without it a sent message fails the test.
on_one_database  Request it (or mark `usefixtures`) where the database cannot matter: SQLite only.
db_session  `db.session`; call `.commit()` before another process or a second session looks.

What costs most is shared or left out where no test notices (tests/quick.py): compiled templates and
SQL are the run's, addresses are compiled when first built, and coverage is measured on SQLite alone
and not while a fetched page is parsed and judged. Application, engine, database, clock and settings
are each test's own.

tests/sql.py counts statements (`assert_sql_count`, `assert_sql_independent_of_rows`);
tests/integration/concurrency.py runs a function in many processes at once.
Unit tests (tests/unit) have no database, and no test reaches the network or a mail server.
"""

from __future__ import annotations

import os
import shutil
import smtplib
import sqlite3
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import flask_mail
import pytest
import pytest_socket
from flask import Flask
from hypothesis import settings
from sqlalchemy import event
from sqlalchemy.engine import Engine

from matchboard import create_app
from matchboard.domain.calendar import BEIJING, local_date
from matchboard.extensions import db
from tests import factories, postgres
from tests.client import QualityClient
from tests.quick import (
    COMPILED_TEMPLATES,
    collect_garbage_seldom,
    compile_addresses_on_demand,
    share_compiled_sql,
    unmeasured,
)

HERE = Path(__file__).resolve().parent
#: Keys of the tests only.
SETTINGS: dict[str, Any] = {
    "TESTING": True,
    "SECRET_KEY": "tests-only-secret-key-0123456789abcdef",
    "SECURITY_PASSWORD_SALT": "tests-only-salt-0",
    "ENCRYPTION_KEY": "dGVzdHMtb25seS1rZXktdGVzdHMtb25seS1rZXktMDE=",
    "LOOKUP_KEY": "tests-only-lookup-key",
    "RATELIMIT_STORAGE_URI": "memory://",
    "RATELIMIT_ENABLED": False,
    "SERVER_NAME": None,
    "SESSION_COOKIE_SECURE": False,
    "REMEMBER_COOKIE_SECURE": False,
    "HSTS": False,
    "DEMO": False,
    "BASE_URL": "",
    "HUEY_URL": "",
    "HUEY_IMMEDIATE": True,
    "PERMANENT_SESSION_LIFETIME": timedelta(minutes=30),
    # The cheapest argon2: the tests do not attack it.
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__time_cost": 1,
        "argon2__memory_cost": 8,
        "argon2__parallelism": 1,
    },
}
DATABASES = ("sqlite", "postgresql")
WANTED = tuple(os.environ.get("MATCHBOARD_TEST_DATABASES", ",".join(DATABASES)).split(","))


# A busy machine is no defect: an example may take as long as it takes.
settings.register_profile("matchboard", deadline=None)
settings.load_profile("matchboard")


class Clock:
    """The application's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 6, 30, tzinfo=BEIJING).astimezone(UTC)

    def __call__(self) -> datetime:
        return self.now

    @property
    def today(self) -> date:
        """The office's date."""
        return local_date(self.now)

    def move(self, **units: float) -> datetime:
        """Move on by `days=`, `hours=`, `minutes=` … and return the new instant."""
        self.now += timedelta(**units)
        return self.now

    def set(self, instant: datetime) -> None:
        """Set the clock to an aware instant."""
        assert instant.tzinfo is not None
        self.now = instant.astimezone(UTC)


# --- Databases --------------------------------------------------------------------------------


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever rests on a database once on each, unless it asks for one."""
    if "database_url" not in metafunc.fixturenames:
        return
    names = DATABASES[:1] if "on_one_database" in metafunc.fixturenames else DATABASES
    metafunc.parametrize(
        "database_kind",
        [
            pytest.param(n, marks=[pytest.mark.postgres] if n == "postgresql" else [])
            for n in names
            if n in WANTED
        ],
        scope="session",
    )


@pytest.fixture(scope="session")
def database_kind() -> str:
    """Replaced by `pytest_generate_tests`."""
    return "sqlite"


@pytest.fixture
def on_one_database() -> None:
    """Ask for SQLite alone: the behaviour under test cannot depend on the database."""


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with all tables, copied for every test."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    _create_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[postgres.Server | postgres.Absent]:
    """Yield the run's throw-away PostgreSQL server, or its absence."""
    run_id = getattr(request.config, "workerinput", {}).get("testrunuid")
    with postgres.server(run_id) as running:
        yield running


@pytest.fixture(scope="session")
def postgres_database(
    postgres_server: postgres.Server | postgres.Absent, request: pytest.FixtureRequest
) -> Iterator[postgres.Database]:
    """Yield this worker's database with all tables in it."""
    if isinstance(postgres_server, postgres.Absent):
        pytest.skip(postgres_server.reason)
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    name = f"matchboard_{worker}"
    _create_tables(postgres_server.create_database(name))
    with postgres_server.open(name) as database:
        yield database


def _create_tables(url: str) -> None:
    application = create_app({**SETTINGS, "SQLALCHEMY_DATABASE_URI": url})
    with application.app_context():
        db.create_all()
        if url.startswith("sqlite"):
            with db.engine.connect() as connection:  # the copy takes one file, not its journal
                connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()


@pytest.fixture
def database_url(
    database_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """Yield the address of a database with all tables and no rows."""
    if database_kind == "sqlite":
        path = tmp_path / "test.sqlite3"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    database: postgres.Database = request.getfixturevalue("postgres_database")
    yield database.url
    database.empty()


# --- The application ----------------------------------------------------------------------------


@pytest.fixture
def clock() -> Clock:
    """Return the clock the application reads."""
    return Clock()


@pytest.fixture
def settings(database_url: str, clock: Clock, tmp_path: Path) -> dict[str, Any]:
    """Return the application's settings; override this fixture to add your own."""
    return {
        **SETTINGS,
        "SQLALCHEMY_DATABASE_URI": database_url,
        "CLOCK": clock,
        "QUEUE_FILE": str(tmp_path / "queue.sqlite3"),
        "AUDIT_ANCHORS": str(tmp_path / "audit-anchors.jsonl"),
    }


@pytest.fixture
def app(settings: dict[str, Any]) -> Iterator[Flask]:
    """Yield the application with its context pushed."""
    application = create_app(settings)
    application.jinja_env.bytecode_cache = COMPILED_TEMPLATES
    with application.app_context(), factories.counted_afresh():
        share_compiled_sql(db.engine)
        yield application
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def shared_app(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Yield one application whose SQLite database all requests of a module share.

    For tables of hundreds of requests: each prepares what it needs and leaves the rest alone.
    """
    folder = tmp_path_factory.mktemp("shared")
    path = folder / "test.sqlite3"
    shutil.copyfile(sqlite_template, path)
    application = create_app(
        {
            **SETTINGS,
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}",
            "CLOCK": Clock(),
            "QUEUE_FILE": str(folder / "queue.sqlite3"),
        }
    )
    application.jinja_env.bytecode_cache = COMPILED_TEMPLATES
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def db_session(app: Flask) -> Any:
    """Return the test's own session."""
    return db.session


@pytest.fixture
def client(app: Flask) -> QualityClient:
    """Return a browser without cookies; `client.sign_in(role)` gives it an account."""
    return QualityClient(app)


# --- Nothing leaves the machine ----------------------------------------------------------------


def pytest_configure() -> None:
    """Let a test that waits for its own lock fail in seconds; races have processes of their own."""
    event.listen(Engine, "connect", _wait_briefly)
    compile_addresses_on_demand()


def pytest_collection_finish() -> None:
    """Begin the tests with everything loaded."""
    collect_garbage_seldom()


def _wait_briefly(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA busy_timeout=4000")


def pytest_runtest_setup() -> None:
    """Allow sockets of this machine alone (the browser tests' server, PostgreSQL's socket)."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Measure coverage on SQLite alone: on PostgreSQL the same lines run again."""
    with unmeasured() if item.get_closest_marker("postgres") else nullcontext():
        return (yield)


@pytest.fixture
def captured_mail() -> list[flask_mail.Message]:
    """Return the messages sent during this test."""
    return []


@pytest.fixture(autouse=True)
def _mail_is_expected(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a test tried to reach a mail server")

    monkeypatch.setattr(smtplib.SMTP, "__init__", refuse)
    expects = "captured_mail" in request.fixturenames
    messages = request.getfixturevalue("captured_mail") if expects else []

    def note(message: flask_mail.Message, **_: Any) -> None:
        messages.append(message)

    with flask_mail.email_dispatched.connected_to(note):
        yield
    assert expects or not messages, f"unexpected mail: {[m.subject for m in messages]}"


@pytest.fixture(autouse=True)
def _unit_tests_have_no_database(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if request.path.is_relative_to(HERE / "unit"):

        def refuse(*_: Any, **__: Any) -> None:
            raise AssertionError("a unit test tried to use a database")

        monkeypatch.setattr(Engine, "connect", refuse)
        monkeypatch.setattr(Engine, "raw_connection", refuse)
