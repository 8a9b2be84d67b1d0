"""The `matchboard` command: set up, work, serve, demo."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import types
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select, text

from matchboard import cli, config, create_app, supervisor
from matchboard.crypto import is_password
from matchboard.domain.roles import SYSTEM, Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, Submission, User
from matchboard.services import accounts, audit
from tests.conftest import SETTINGS, Clock
from tests.factories import NOW, OfficeFactory, UserFactory

Run = Callable[..., Result]
KEYS = {
    f"MATCHBOARD_{name}": str(SETTINGS[name])
    for name in ("SECRET_KEY", "SECURITY_PASSWORD_SALT", "ENCRYPTION_KEY", "LOOKUP_KEY")
}


@pytest.fixture
def run(app: Flask, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command against the test's database, in an application of its own."""
    monkeypatch.setattr(cli, "create_app", lambda: create_app(settings))

    def invoke(*arguments: str) -> Result:
        db.session.commit()
        result = CliRunner().invoke(cli.main, list(arguments))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        db.session.expire_all()
        return result

    return invoke


# --- Work ---------------------------------------------------------------------------------------


def test_tick_prints_what_it_did_when_run_twice(run: Run, clock: Clock) -> None:
    db.session.add(Submission(key="old", created_at=clock.now - timedelta(days=9)))
    first, second = run("tick"), run("tick")
    assert "submissions forgotten         1" in first.output
    assert "submissions forgotten         0" in second.output
    assert db.session.scalar(select(func.count()).select_from(Submission)) == 0


def test_tick_does_what_is_due_on_a_date_when_given_one(run: Run, clock: Clock) -> None:
    db.session.add(Submission(key="today", created_at=clock.now))
    assert "submissions forgotten         0" in run("tick", "--on", "2026-11-25").output
    assert "submissions forgotten         1" in run("tick", "--on", "2026-11-27").output


def test_audit_verify_succeeds_when_the_chain_is_intact(run: Run) -> None:
    for _ in range(3):
        audit.record("test.write", None, actor=SYSTEM, now=NOW)
    result = run("audit", "verify")
    assert (result.exit_code, result.output) == (0, "The chain is intact: 3 entries.\n")


def test_audit_verify_names_the_row_when_the_chain_is_broken(run: Run) -> None:
    for _ in range(3):
        audit.record("test.write", None, actor=SYSTEM, now=NOW)
    second = sorted(db.session.scalars(select(AuditEntry.id)))[1]
    statement = "INSERT INTO audit_entry SELECT :new, at, actor_role, actor_pid, verb, "
    statement += "subject_kind, subject_pid, detail, previous_hash, :hash FROM audit_entry "
    db.session.execute(
        text(statement + "WHERE id = :id"), {"new": 99, "hash": "f" * 64, "id": second}
    )
    result = run("audit", "verify")
    assert result.exit_code == 1
    assert "broken at entry 99" in result.output


def test_account_can_sign_in_when_made_by_command(run: Run) -> None:
    office = OfficeFactory()
    result = run(
        *("create-account", "--email", "New@Example.org", "--name", "新员工"),
        *("--role", "officer", "--unit", office.pid),
    )
    assert result.exit_code == 0, result.output
    user = db.session.scalars(select(User)).one()
    assert (user.email, user.role, user.unit_id) == ("new@example.org", Role.OFFICER, office.id)
    assert user.active
    password = result.output.split(": ")[1].split("\n")[0]
    assert is_password(password, user.password)


@pytest.mark.parametrize(
    ("arguments", "is_active"), [((), False), (("--confirm",), True)], ids=["waits", "confirmed"]
)
def test_account_of_an_administrator_waits_when_nobody_confirms(
    run: Run, arguments: tuple[str, ...], is_active: bool
) -> None:
    result = run(
        *("create-account", "--email", "a@example.org", "--name", "管理员"),
        *("--role", "security_admin", *arguments),
    )
    assert result.exit_code == 0, result.output
    assert db.session.scalars(select(User.active)).one() is is_active
    assert ("must confirm" in result.output) is not is_active


def test_account_is_refused_in_one_line_when_the_address_is_taken(run: Run) -> None:
    user = UserFactory(role=Role.SYSTEM_ADMIN)
    result = run(
        *("create-account", "--email", user.email, "--name", "x", "--role", "system_admin")
    )
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "(email)" in result.output
    assert db.session.scalar(select(func.count()).select_from(User)) == 1


# --- Set up -------------------------------------------------------------------------------------


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty instance folder; what a command sets in the environment is undone."""
    folder = tmp_path / "instance"
    monkeypatch.setattr(config, "INSTANCE", folder)
    names = ("DEMO", "INSECURE_HTTP", "QUEUE_FILE", *(n.removeprefix("MATCHBOARD_") for n in KEYS))
    for name in ("DATABASE_URL", *(f"MATCHBOARD_{n}" for n in names)):
        monkeypatch.setenv(name, "")
    return folder


@pytest.fixture
def demo(instance: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Replace the long seeding and the servers; count how often each is called."""
    calls: dict[str, Any] = {"seeded": 0, "served": []}

    def seed_demo(*, now: Any, on_progress: Callable[[int, int], None]) -> None:
        calls["seeded"] += 1
        on_progress(1, 1)
        UserFactory(role=Role.OFFICER, email=f"officer{accounts.DEMO_DOMAIN}", created_at=now)

    module = types.ModuleType("seeds.demo")
    module.seed_demo = seed_demo  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "seeds.demo", module)
    monkeypatch.setattr(cli, "find_spec", lambda _name: True)

    def serve(programs: dict[str, list[str]]) -> int:
        calls["served"].append(programs)
        return 0

    monkeypatch.setattr(supervisor, "run", serve)
    monkeypatch.setattr(supervisor, "is_free", lambda _host, _port: calls.get("is_free", True))
    return calls


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, list(arguments), catch_exceptions=False)


def test_demo_seeds_once_and_serves_when_run_twice(instance: Path, demo: dict[str, Any]) -> None:
    first = invoke("demo", "--port", "8123")
    keys = (instance / "demo.env").read_text()
    second = invoke("demo", "--port", "8123")
    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    assert demo["seeded"] == 1
    assert (instance / "demo.env").read_text() == keys
    assert (instance / "demo.env").stat().st_mode & 0o777 == 0o600
    for result in (first, second):
        assert "http://127.0.0.1:8123/" in result.output
        assert f"officer{accounts.DEMO_DOMAIN}" in result.output
        assert accounts.DEMO_PASSWORD in result.output
    assert [set(programs) for programs in demo["served"]] == [{"server", "worker"}] * 2


def test_demo_starts_anew_when_reset(instance: Path, demo: dict[str, Any]) -> None:
    invoke("demo")
    keys = (instance / "demo.env").read_text()
    assert invoke("reset-demo").exit_code == 0
    assert demo["seeded"] == 2
    assert len(demo["served"]) == 1
    assert (instance / "demo.env").read_text() == keys


def test_demo_touches_nothing_when_the_port_is_in_use(instance: Path, demo: dict[str, Any]) -> None:
    demo["is_free"] = False
    result = invoke("demo", "--port", "8123")
    assert result.exit_code == 1
    assert "Port 8123 is in use" in result.output
    assert "--port 8124" in result.output
    assert demo["seeded"] == 0
    assert not (instance / "demo.sqlite3").exists()


@pytest.mark.usefixtures("instance")
@pytest.mark.parametrize("command", ["upgrade", "serve", "tick"])
def test_command_says_which_settings_are_missing_when_they_are(command: str) -> None:
    result = invoke(command)
    assert result.exit_code == 1
    assert "MATCHBOARD_SECRET_KEY" in result.output
    assert "Traceback" not in result.output


# --- Serve, in processes of their own -----------------------------------------------------------


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def descendants(pid: int) -> set[int]:
    """Return the processes begun by `pid`, and theirs."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents[int(entry.parent.name)] = int(fields[1])
    found: set[int] = set()
    while True:
        more = {p for p, parent in parents.items() if parent in found | {pid}} - found
        if not more:
            return found
        found |= more


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


class Served:
    """A `matchboard serve` of a fresh SQLite database."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.port = free_port()
        shutil.copyfile(template, folder / "served.sqlite3")
        self.environment = {
            **os.environ,
            **KEYS,
            "MATCHBOARD_INSTANCE": str(folder),
            "MATCHBOARD_INSECURE_HTTP": "1",
            "DATABASE_URL": f"sqlite:///{folder / 'served.sqlite3'}",
        }
        self.process = self.command("serve", "--port", str(self.port), "--workers", "1")

    def command(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "matchboard.cli", *arguments],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def get(self, path: str) -> int:
        address = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(address, timeout=5) as answer:
            status: int = answer.status
            return status

    def await_ready(self) -> set[int]:
        """Wait until the site answers and the worker runs; return all processes."""
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.process.communicate()[1]
            found = descendants(self.process.pid)
            try:
                if self.get("/healthz") == 200 and len(found) >= 3:
                    return found
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.1)
        raise AssertionError("the site did not come up")


@pytest.fixture
def served(tmp_path: Path, sqlite_template: Path) -> Iterator[Served]:
    running = Served(tmp_path, sqlite_template)
    yield running
    if running.process.poll() is None:
        running.process.terminate()
        running.process.wait(30)
    assert running.process.stderr is not None
    running.process.stderr.close()


def test_serve_leaves_nothing_running_when_stopped(served: Served) -> None:
    processes = served.await_ready()
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(60) == 0
    assert [pid for pid in processes if is_running(pid)] == []


def test_serve_refuses_in_one_line_when_the_port_is_in_use(
    run: Run,
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as holder:
        port = holder.getsockname()[1]
        result = run("serve", "--port", str(port))
    assert result.exit_code == 1
    assert f"Port {port} is in use" in result.output


SUPERVISED = """
import sys
from matchboard import supervisor
supervisor.GRACE_S = 1.0
sys.exit(supervisor.run({"one": ["sh", "-c", sys.argv[1]], "two": ["sh", "-c", sys.argv[2]]}))
"""
#: Runs on and starts a program of its own.
STEADY = "sleep 300 & sleep 300"
STUBBORN = "trap '' TERM; sleep 300 & sleep 300; sleep 300"


@pytest.mark.parametrize(
    ("programs", "number", "expected"),
    [
        ((STEADY, STEADY), signal.SIGINT, 0),
        ((STEADY, STEADY), signal.SIGTERM, 0),
        ((STEADY, STEADY), signal.SIGHUP, 0),
        ((STEADY, STUBBORN), signal.SIGTERM, 0),
        ((STEADY, "sleep 1; exit 3"), None, 1),
        (("sleep 1; exit 0", STEADY), None, 1),
    ],
    ids=["ctrl-c", "terminate", "terminal-closed", "stubborn", "second-dies", "first-ends"],
)
def test_programs_stop_together_when_one_must(
    programs: tuple[str, str], number: int | None, expected: int
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISED, *programs], stderr=subprocess.DEVNULL
    )
    started: set[int] = set()
    deadline = time.monotonic() + 60
    while len(started) < 4 and process.poll() is None and time.monotonic() < deadline:
        started |= descendants(process.pid)
        time.sleep(0.05)
    if number is not None:
        process.send_signal(number)
    assert process.wait(60) == expected
    assert started
    assert [pid for pid in started if is_running(pid)] == []
