"""Run several programs as one: they stop together, and nothing is left running."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import FrameType

#: How long a program may take to stop before it is killed.
GRACE_S = 12.0
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def is_free(host: str, port: int) -> bool:
    """Return whether a server could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As a server does: an address just left by another is not in use.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def run(programs: Mapping[str, Sequence[str]]) -> int:
    """Run the programs until one ends or a signal asks to stop; then stop all of them.

    Returns 0 after a signal, 1 if a program ended by itself: without it the others are no use.
    """
    asked: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    before = {number: signal.signal(number, note) for number in STOPPING}
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, program in programs.items():
            # A group of its own: Ctrl-C reaches only us, and we can stop what the program starts.
            children[name] = subprocess.Popen(list(program), start_new_session=True)  # noqa: S603 - ours
        while not asked:
            ended = [name for name, child in children.items() if child.poll() is not None]
            if ended:
                print(f"The {ended[0]} stopped; stopping the rest.", file=sys.stderr)  # noqa: T201
                return 1
            time.sleep(0.2)
        return 0
    finally:
        _stop(list(children.values()))
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + GRACE_S
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, deadline - time.monotonic()))
        # What the program left behind of its group; usually nothing.
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
