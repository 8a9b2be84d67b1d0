"""The running site: what falls due, and serving in processes of their own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from sqlalchemy import func, select

from matchboard import supervisor
from matchboard.extensions import db
from matchboard.models import Submission
from tests.conftest import Clock
from tests.integration.cli.commands import KEYS, Run
from tests.integration.processes import descendants, free_port, is_running


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


class Served:
    """A `matchboard serve` of a fresh SQLite database."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.folder, self.port = folder, free_port()
        for name in ("ml", "click", "matchboard", "gunicorn"):  # whoever imports from here ends
            (folder / f"{name}.py").write_text("raise SystemExit('from the current folder')")
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
        with (self.folder / "words").open("w") as words:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "matchboard.cli", *arguments],
                env=self.environment,
                cwd=self.folder,
                stdout=words,
                stderr=subprocess.PIPE,
                text=True,
            )

    def read(self, path: str) -> str:
        """Return the text of a page."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            text: str = answer.read().decode()
            return text

    def await_text(self, path: str, is_awaited: Callable[[str], bool]) -> str:
        """Return the page's text as soon as it is the one awaited."""
        deadline = time.monotonic() + 120
        while not is_awaited(text := self.read(path)):
            assert time.monotonic() < deadline, text
            time.sleep(0.1)
        return text

    def worker(self) -> int:
        """Return the process number of the background worker."""
        for pid in descendants(self.process.pid):
            if "work" in Path(f"/proc/{pid}/cmdline").read_text().split("\0"):
                return pid
        raise AssertionError("no worker runs")

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
    with ExitStack() as stack:
        # A browser and a proxy keep their connections; they must not keep us.
        kept = [HTTPConnection("127.0.0.1", served.port, timeout=10) for _ in range(4)]
        for connection in kept:
            stack.callback(connection.close)
            connection.request("GET", "/healthz")
            assert connection.getresponse().read() == b"ok\n"
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(60) == 0
    assert [pid for pid in processes if is_running(pid)] == []
    address = f"Matchboard runs at http://127.0.0.1:{served.port}/ . Stop it with Ctrl-C."
    # The set-up code of an empty database stands before it.
    assert (served.folder / "words").read_text().splitlines()[-1] == address


HALF_OPEN = {
    "head": b"GET /jobs HTTP/1.1\r\nHost: x\r\nX-A: ",
    "body": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nemail=",
    "silence": b"",
}


def test_serve_goes_on_when_parts_of_it_die_and_connections_are_half_open(served: Served) -> None:
    """One start for several faults: each leaves the pages up, and all end with the supervisor."""
    processes = served.await_ready()
    served.await_text("/readyz", lambda text: text == "ok\n")
    with ExitStack() as stack:
        for start in HALF_OPEN.values():
            for _ in range(24):
                bad = socket.create_connection(("127.0.0.1", served.port), timeout=10)
                stack.callback(bad.close)
                bad.sendall(start)
        assert [served.read("/healthz") for _ in range(5)] == ["ok\n"] * 5
        os.kill(dead := served.worker(), signal.SIGKILL)
        away = served.await_text("/readyz", lambda text: text != "ok\n")
        assert away.startswith("ok\nworker: the background worker is away (last seen ")
        served.await_text("/readyz", lambda text: text == "ok\n")
        assert served.worker() != dead
    processes |= descendants(served.process.pid)
    served.process.kill()
    served.process.wait(10)
    deadline = time.monotonic() + 10
    while supervisor.why_not("127.0.0.1", served.port) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert supervisor.why_not("127.0.0.1", served.port) == ""
    while any(map(is_running, processes)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [pid for pid in processes if is_running(pid)] == []


def test_serve_refuses_in_one_line_when_the_port_is_in_use(
    run: Run,
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as holder:
        port = holder.getsockname()[1]
        result = run("serve", "--port", str(port))
    assert result.exit_code == 1
    assert f"Port {port} is in use" in result.output
    assert result.output.count("\n") == 1


@pytest.mark.usefixtures("instance")  # what `demo` sets in the environment is undone
@pytest.mark.parametrize("command", ["serve", "demo"])
def test_serve_refuses_in_one_line_when_the_host_is_elsewhere(run: Run, command: str) -> None:
    result = run(command, "--host", "192.0.2.1")  # an address of no machine (RFC 5737)
    assert result.exit_code == 1
    assert result.output == (
        "Error: 192.0.2.1 is no address of this machine: choose another --host.\n"
    )
