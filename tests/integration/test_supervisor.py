"""Programs that run together and stop together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.processes import descendants, is_running

SUPERVISED = """
import sys
from matchboard import supervisor
supervisor.GRACE_S = 1.0
supervisor.FIRST_PAUSE_S = 0.2
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
        ((STEADY, "sleep .3; exit 3"), None, 1),
        (("sleep .3; exit 0", STEADY), None, 1),
    ],
    ids=["ctrl-c", "terminate", "terminal-closed", "stubborn", "second-fails", "first-ends"],
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


def test_program_is_started_again_when_it_is_killed_while_the_other_runs_on() -> None:
    process = supervised(STEADY, STEADY)
    one, two = await_children(process)
    for _time in range(3):  # more often than a program that never comes up may end
        os.kill(two, signal.SIGKILL)
        new_one, new_two = await_children(process, without=two)
        assert new_one == one
        two = new_two
    process.terminate()
    assert process.wait(30) == 0
    _out, words = process.communicate()
    assert words.splitlines() == [
        f"The two stopped (killed by SIGKILL); it starts again in {pause} s."
        for pause in ("0.2", "0.4", "0.8")
    ]


def test_reason_is_said_once_when_a_program_never_comes_up() -> None:
    process = supervised(STEADY, "exit 3")
    assert process.wait(30) == 1
    _out, words = process.communicate()
    assert words.splitlines()[-1] == (
        "The two does not start (exit status 3); stopping everything."
    )


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own")
def test_programs_die_when_their_parent_is_killed() -> None:
    process = supervised("exec sleep 300", "exec sleep 300")
    children = await_children(process)
    assert all(is_running(pid) for pid in children)
    process.kill()
    process.wait(10)
    assert process.stderr is not None
    process.stderr.close()  # not read to its end: who lives on would hold it open
    deadline = time.monotonic() + 10
    while any(is_running(pid) for pid in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [pid for pid in children if is_running(pid)] == []


def supervised(*programs: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SUPERVISED, *programs], stderr=subprocess.PIPE, text=True
    )


def await_children(process: subprocess.Popen[str], without: int = 0) -> list[int]:
    """Return the two programs in the order of their start, when both run."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        found = [int(pid) for pid in path.read_text().split() if is_running(int(pid))]
        if len(found) == 2 and without not in found:
            return found
        time.sleep(0.05)
    raise AssertionError("the programs did not start")
