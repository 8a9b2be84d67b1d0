"""A throw-away PostgreSQL server for the tests, shared by all workers of one test run.

    with postgres.server(run_id) as running:
        if isinstance(running, postgres.Absent):
            pytest.skip(running.reason)
        url = running.create_database("worker_gw0")

The first worker that enters starts the server, the last that leaves stops it. Each holds a shared
lock on one file meanwhile, and the kernel drops the lock of a worker that dies, so a crash cannot
keep the others from counting.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import psycopg
from psycopg import sql

SUPERUSER = "matchboard"
#: Nothing here outlives the run, so nothing need survive a crash of the machine.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}
#: What a server must not leave out whose crashes are the subject: what it confirmed is there.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


class StartFailed(Exception):
    """PostgreSQL is installed but did not start; the message carries its own words."""


@dataclass(frozen=True)
class Absent:
    """There is no PostgreSQL on this machine, and why we think so."""

    reason: str


class Database:
    """A database whose rows are deleted between two tests."""

    def __init__(self, url: str, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self.url = url
        self._connection = connection
        tables = [row[0] for row in connection.execute(_TABLES)]
        counters = [row[0] for row in connection.execute(_COUNTERS)]
        deletions = [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in tables]
        resets = [sql.SQL("setval({}, 1, false)").format(sql.Literal(name)) for name in counters]
        # With few rows this takes a hundredth of what TRUNCATE does: that makes new files. The
        # audit log refuses to lose rows, the tests' own superuser excepted.
        self._statement = sql.SQL("; ").join(
            [
                sql.SQL("SET LOCAL lock_timeout = '5s'"),
                sql.SQL("SET LOCAL session_replication_role = replica"),
                *deletions,
                sql.SQL("SELECT {}").format(sql.SQL(", ").join(resets)),
            ]
        )

    def empty(self) -> None:
        """Delete all rows and count from one again.

        Raises
        ------
        AssertionError
            If a transaction is still open: a connection the test forgot to close.
        """
        with self._connection.transaction():
            forgotten = self._connection.execute(_OPEN_TRANSACTIONS).fetchall()
            assert not forgotten, f"left in the middle of a transaction: {forgotten}"
            self._connection.execute(self._statement)


_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
_COUNTERS = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"
_OPEN_TRANSACTIONS = """SELECT query FROM pg_stat_activity
    WHERE datname = current_database() AND state LIKE 'idle in transaction%'"""


@dataclass(frozen=True)
class Server:
    """A running server that listens only on a socket in `folder`."""

    folder: Path

    def crash(self) -> None:
        """Stop the server at once, as a power cut does, and start it again."""
        programs = find_programs()
        assert programs is not None
        _stop(programs, self.folder)
        _start(programs, self.folder, {})

    def backends(self, database: str) -> list[int]:
        """Return the processes that serve the database's connections, the busy ones first."""
        query = """SELECT pid FROM pg_stat_activity WHERE datname = %s
            ORDER BY state = 'active' DESC, state_change DESC"""
        with self.connect("postgres") as connection:
            return [pid for (pid,) in connection.execute(query, (database,)).fetchall()]

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of `database`."""
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={self.folder}"

    def create_database(self, name: str, *, template: str | None = None) -> str:
        """Create `name` afresh, as a copy of `template` if given, and return its URL."""
        self.drop_database(name)
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        self._execute(statement)
        return self.url(name)

    @contextmanager
    def open(self, name: str) -> Iterator[Database]:
        """Yield the database `name`, which keeps the tables it has now."""
        with self.connect(name) as connection:
            yield Database(self.url(name), connection)

    def drop_database(self, name: str) -> None:
        """Drop `name`, closing the connections still open to it."""
        self._execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )

    def _execute(self, statement: sql.Composable) -> None:
        with self.connect("postgres") as connection:
            connection.execute(statement)

    def connect(self, database: str) -> psycopg.Connection[tuple[Any, ...]]:
        """Return a connection as the server's owner, each statement a transaction of its own."""
        return psycopg.connect(
            host=str(self.folder), user=SUPERUSER, dbname=database, autocommit=True
        )


@contextmanager
def server(
    run_id: str | None = None, settings: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Server | Absent]:
    """Yield the server of this test run, or `Absent`; `settings` come on top of `SETTINGS`.

    `run_id` names the run: pytest-xdist's `testrun_uid`, equal in all its workers. Without one the
    server belongs to the caller alone.

    Raises
    ------
    StartFailed
        If PostgreSQL is there but will not start: that is a fault, not an absence.
    """
    programs = find_programs()
    if programs is None:
        yield Absent("PostgreSQL is not installed: no initdb and pg_ctl found")
        return
    folder, start_lock = _enter(run_id)
    with start_lock, (folder / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        if not (folder / "data" / "postmaster.pid").exists():
            _start(programs, folder, settings)
        fcntl.flock(start_lock, fcntl.LOCK_UN)
        try:
            yield Server(folder)
        finally:
            fcntl.flock(start_lock, fcntl.LOCK_EX)
            with suppress(BlockingIOError):  # another worker still uses the server
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _stop(programs, folder)
                shutil.rmtree(folder)


def find_programs() -> Path | None:
    """Return the folder of the newest `initdb` and `pg_ctl`, or None."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda bin_: float(bin_.parent.name),
        reverse=True,
    )
    on_path = shutil.which("initdb")
    candidates = [*installed, *([Path(on_path).resolve().parent] if on_path else [])]
    for folder in candidates:
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    return None


def _enter(run_id: str | None) -> tuple[Path, IO[str]]:
    """Return the run's folder and its start lock, held.

    The last worker to leave removes the folder under this lock; one that waited for it meanwhile
    holds the lock of a file that is gone, and begins anew.
    """
    while True:
        folder = _folder(run_id)
        with suppress(FileNotFoundError):
            lock = (folder / "start.lock").open("w")
            fcntl.flock(lock, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(lock.fileno()), (folder / "start.lock").stat()):
                return folder, lock
            lock.close()


def _folder(run_id: str | None) -> Path:
    """Return the folder of run `run_id`, owned by the account that will run the server.

    It lies directly under the temporary directory: a socket's path may have 107 bytes, and pytest's
    own temporary folders are closed to other accounts.
    """
    if run_id is None:
        folder = Path(tempfile.mkdtemp(prefix="matchboard-pg-"))
    else:
        name = re.sub(r"[^A-Za-z0-9]", "", run_id)[:32]
        folder = Path(tempfile.gettempdir()) / f"matchboard-pg-{os.getuid()}-{name}"
        folder.mkdir(mode=0o700, exist_ok=True)
    account = _account()
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    return folder


def _account() -> pwd.struct_passwd | None:
    """Return the account to run the server as; None means our own. It refuses to run as root."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise StartFailed("PostgreSQL does not run as root, and there is no other account to use")


def _start(programs: Path, folder: Path, more: Mapping[str, str]) -> None:
    data = folder / "data"
    if not data.exists():
        _run(
            [programs / "initdb", "--pgdata", data, "--username", SUPERUSER, "--auth", "trust",
             "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"],
            folder=folder,
        )  # fmt: skip
        settings = {**SETTINGS, "unix_socket_directories": str(folder), **more}
        with (data / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    _run(
        [
            programs / "pg_ctl",
            "start",
            "--wait",
            "--silent",
            "--pgdata",
            data,
            "--log",
            folder / "log",
        ],
        folder=folder,
    )


def _stop(programs: Path, folder: Path) -> None:
    _run(
        [programs / "pg_ctl", "stop", "--wait", "--silent", "--pgdata", folder / "data",
         "--mode", "immediate"],
        folder=folder,
    )  # fmt: skip


def _run(command: list[str | Path], *, folder: Path) -> None:
    """Run `command` as the server's account; its output goes to a file.

    The server inherits the output, so a pipe would stay open for as long as the server runs.
    """
    account = _account()
    identity = {}
    if account is not None:
        identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **identity
        )
        output.seek(0)
        if done.returncode != 0:
            log = folder / "log"
            words = output.read() + (log.read_text() if log.exists() else "")
            raise StartFailed(f"{Path(command[0]).name} failed: {words.strip()}")
