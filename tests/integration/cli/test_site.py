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
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

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
