"""A served site on a fresh database: started, asked, killed in parts."""

from __future__ import annotations

import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.fernet import Fernet
from flask import Flask

from matchboard import config, create_app
from matchboard.domain.organisation import UnitKind
from matchboard.domain.roles import Role
from matchboard.extensions import db
from tests import factories
from tests.integration.placement_paths import a_person
from tests.integration.processes import descendants, free_port
from tests.postgres import Server

#: The database's name on a server.
DATABASE = "crash"


@dataclass(frozen=True)
class Desk:
    """An officer's address, the people to propose, and the opening for them."""

    email: str
    people: tuple[str, ...]
    vacancy: str


class Site:
    """See the module's docstring."""

    def __init__(self, folder: Path, *, n_people: int, postgres: Server | None = None) -> None:
        self.folder, self.port, self.postgres = folder, free_port(), postgres
        self.database = folder / "crash.sqlite3"
        config.INSTANCE = folder  # for this process, which looks into the site's files
        self.environment = {
            **os.environ,
            "MATCHBOARD_INSTANCE": str(folder),
            "MATCHBOARD_INSECURE_HTTP": "1",
            "MATCHBOARD_QUEUE_FILE": str(folder / "queue.sqlite3"),
            "MATCHBOARD_SECRET_KEY": secrets.token_urlsafe(48),
            "MATCHBOARD_SECURITY_PASSWORD_SALT": secrets.token_urlsafe(24),
            "MATCHBOARD_ENCRYPTION_KEY": Fernet.generate_key().decode(),
            "MATCHBOARD_LOOKUP_KEY": secrets.token_urlsafe(48),
            "DATABASE_URL": (
                f"sqlite:///{self.database}"
                if postgres is None
                else postgres.create_database(DATABASE)
            ),
        }
        self.process: subprocess.Popen[bytes] | None = None
        self._run("upgrade")
        with self.application():
            # On PostgreSQL writers do not queue for one lock: let them meet at one opening.
            self.desks, self.district = _fill(n_people // 8, share=postgres is not None)

    @contextmanager
    def application(self) -> Iterator[Flask]:
        """Yield an application of this process on the site's database, its context pushed."""
        app = create_app(config.from_environment(self.environment))
        with app.test_request_context():
            yield app
            db.session.remove()
            db.engine.dispose()

    def _run(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "matchboard.cli", *arguments]
        subprocess.run(command, env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def start(self) -> None:
        """Start the supervisor."""
        command = [sys.executable, "-m", "matchboard.cli", "serve", "--port", str(self.port)]
        writable = not os.statvfs(self.folder).f_flag & os.ST_RDONLY
        with (self.folder / "words" if writable else Path(os.devnull)).open("ab") as words:
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=words, stderr=words
            )

    def words(self) -> str:
        """Return what the programs printed."""
        path = self.folder / "words"
        return path.read_text(errors="replace")[-600:] if path.exists() else ""

    def stop(self) -> None:
        """Stop everything in order."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
            self.process.kill()
            self.process.wait()

    def connect(self) -> socket.socket:
        """Open a connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def get(self, path: str) -> tuple[int, str]:
        """Ask for a page as a stranger; status 0 if none came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()

    def await_up(self, patience_s: float = 180, path: str = "/healthz") -> None:
        """Wait until pages come."""
        deadline = time.monotonic() + patience_s
        while self.get(path)[0] != 200:
            assert self.process is not None
            assert self.process.poll() is None, f"serve ended: {self.words()}"
            assert time.monotonic() < deadline, f"no page came: {self.words()}"
            time.sleep(0.1)

    def kill(self, victim: str) -> bool:
        """Kill -9 one of the processes by what it is; return whether there was one."""
        assert self.process is not None
        if victim == "supervisor":
            self.process.kill()
            self.process.wait()
            return True
        if self.postgres is not None and victim == "database server":
            self.postgres.crash()
            return True
        if self.postgres is not None and victim == "database process":
            found = self.postgres.backends(DATABASE)
            return bool(found) and _kill(found[0])
        below = {pid: _command(pid) for pid in descendants(self.process.pid)}
        servers = sorted(pid for pid, words in below.items() if "matchboard.server" in words)
        masters = [pid for pid in servers if _parent(pid) == self.process.pid]
        found = {
            "server": masters,
            "web worker": [pid for pid in servers if pid not in masters],
            "background worker": [pid for pid, words in below.items() if words[-1:] == ["work"]],
        }[victim]
        return bool(found) and _kill(found[0])


def _kill(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return True


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    except OSError:
        return []


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _fill(n_people: int, *, share: bool) -> tuple[list[Desk], str]:
    """Write a district with eight offices, their officers, people, and openings for them."""
    now = datetime.now(UTC)
    desks = []
    for _ in range(8):
        officer = factories.UserFactory(role=Role.OFFICER, with_password=True, created_at=now)
        if not (desks and share):
            opening = factories.VacancyFactory(
                headcount=8 * n_people + 1, partner=factories.PartnerFactory(), open_on=now.date()
            )
        people = [a_person(officer) for _ in range(n_people)]
        db.session.flush()
        desks.append(Desk(officer.email, tuple(p.pid for p in people), opening.pid))
    district = factories.UserFactory(role=Role.DISTRICT, with_password=True, created_at=now)
    email = district.email
    assert district.unit.kind is UnitKind.DISTRICT
    db.session.commit()
    return desks, email
