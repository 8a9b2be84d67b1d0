"""Programs that run together and stop together."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from tests.integration.processes import descendants, is_running

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
