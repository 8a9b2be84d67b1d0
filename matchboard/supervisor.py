"""Run several programs as one: each comes back when it dies, all stop together.

`replace_process` leaves only this file, which needs the standard library alone, in memory.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import FrameType
from typing import NoReturn

#: How long a program may take to stop before it is killed.
GRACE_S = 8.0
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: A program that ends by itself sooner than this never came up; after so many times it never will.
EARLY_S = 60.0
MAX_EARLY = 3
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0
#: How often the programs are looked at.
LOOK_S = 0.2
_PR_SET_PDEATHSIG = 1


def why_not(host: str, port: int) -> str:
    """Return in words why no server could listen there, or nothing."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # As a server does: an address just left by another is not in use.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            # Two sockets may share an address until one listens.
            probe.listen()
    except socket.gaierror:
        return f"{host} is no address of this machine: choose another --host."
    except PermissionError:
        return f"This account may not listen on port {port}: choose one above 1023 with --port."
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return f"Port {port} is in use. Stop what uses it, or choose another: --port {port + 1}"
        return f"{host} is no address of this machine: choose another --host."
    return ""


#: Loaded before a process is split: after that nothing may be.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when `parent`, which started it, is gone (Linux).

    Otherwise a killed parent leaves children that hold its port and its database.
    """
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was gone before we asked
        os._exit(1)


@dataclass
class _Program:
    """One program, and how its lives went."""

    name: str
    command: Sequence[str]
    child: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    pause_s: float = field(default_factory=lambda: FIRST_PAUSE_S)
    n_early: int = 0
    came_up: bool = False

    def start(self) -> None:
        # A group of its own: Ctrl-C reaches only us, and we can stop what the program starts.
        self.child = subprocess.Popen(  # noqa: S603 - ours
            list(self.command),
            start_new_session=True,
            preexec_fn=partial(die_with_parent, os.getpid()),
        )
        self.started_at = time.monotonic()

    def look(self) -> str:
        """Start it anew if it died; return why there is no use in trying again, or nothing."""
        now = time.monotonic()
        if self.child is None:
            if now >= self.start_at:
                self.start()
            return ""
        status = self.child.poll()
        if now - self.started_at >= EARLY_S:
            self.came_up, self.n_early, self.pause_s = True, 0, FIRST_PAUSE_S
        if status is None:
            return ""
        _kill_group(self.child)
        self.child = None
        if status >= 0 and not self.came_up:
            self.n_early += 1
            if self.n_early >= MAX_EARLY:
                return f"The {self.name} does not start ({_words(status)}); stopping everything."
        _say(f"The {self.name} stopped ({_words(status)}); it starts again in {self.pause_s:g} s.")
        self.start_at = now + self.pause_s
        self.pause_s = min(LONGEST_PAUSE_S, 2 * self.pause_s)
        return ""


def run(programs: Mapping[str, Sequence[str]]) -> int:
    """Run the programs until a signal asks to stop; then stop all of them.

    A program that dies is started again, after a pause that grows with every death, while the
    others run on. Returns 0 after a signal, and 1 if a program ended by itself `MAX_EARLY` times
    without ever having come up: then its settings are wrong, and it has said so.
    """
    asked: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    before = {number: signal.signal(number, note) for number in STOPPING}
    running = [_Program(name, command) for name, command in programs.items()]
    try:
        while not asked:
            for program in running:
                hopeless = program.look()
                if hopeless:
                    _say(hopeless)
                    return 1
            time.sleep(LOOK_S)
        return 0
    finally:
        _stop([program.child for program in running if program.child is not None])
        for number, handler in before.items():
            signal.signal(number, handler)


def replace_process(programs: Mapping[str, Sequence[str]]) -> NoReturn:
    """Become the supervisor of the programs, and forget everything loaded so far."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    # -P: never from the folder we stand in. Started as a file, not as a module of the package,
    # whose import would bring the web framework with it.
    os.execv(sys.executable, [sys.executable, "-P", __file__, json.dumps(dict(programs))])  # noqa: S606


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)  # noqa: T201


def _words(status: int) -> str:
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"exit status {status}"


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    """Kill what a program left behind of its group; usually nothing."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _stop(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + GRACE_S
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, deadline - time.monotonic()))
        _kill_group(child)
        child.wait()


if __name__ == "__main__":
    sys.exit(run(json.loads(sys.argv[1])))
