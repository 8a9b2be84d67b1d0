"""Compare web servers on one application: slow and half-open connections, pages, memory, stops.

    python -m benchmarks.servers [--seconds 10] [--openings 1000] [--only ours gthread]

Each runs the public board with two processes of four threads on a free port of this machine.
`ours` is what `matchboard serve` runs; those that are not installed are left out. Read the ratios:
they are against gunicorn's own threads in the same run, the times are this machine's.

* *slow head*: 24 connections stop after half a request's headers; *drip*: 24 send one byte of a
  header each second; *slow body*: 24 send one byte of a form each second; *unread*: 24 ask for a
  large file and never read it. Meanwhile somebody else asks for a page: how many come within 3 s.
* *pages*: 8 kept connections ask for the board; requests per second, the 95th percentile, and the
  processor time of one page, which a busy machine disturbs least; all take turns.
* *memory*: proportional set size of all its processes, after the pages.
* *stop*: seconds from SIGTERM to the end with 8 idle kept connections; *back*: seconds without an
  answer after one worker was killed; *keep-alive*: whether a connection idle for 65 s is answered.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import importlib.util
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from benchmarks import jobs_page
from matchboard.extensions import db

HOST = "127.0.0.1"
PAGE = "/jobs"
LARGE = "/static/vendor/echarts/echarts.common.min.js"
N_BAD = 24
N_CLIENTS = 8
PATIENCE_S = 3.0
IDLE_S = 65.0
N_TURNS = 5
RATIOS = {"pages per second", "p95 ms", "processor ms a page", "memory MB"}
FOLDER = "MATCHBOARD_BENCHMARK_FOLDER"
_GUNICORN = "-m gunicorn benchmarks.servers:application() --workers 2 --bind {host}:{port}"
_QUIET = "--log-level critical --no-control-socket"
_GRANIAN = (
    "-m granian benchmarks.servers:application --factory --interface wsgi --workers 2"
    " --blocking-threads 4 --no-ws --log-level critical --host {host} --port {port}"
)
#: Name → module it needs, arguments for Python.
SERVERS = {
    "gthread": ("gunicorn", f"{_GUNICORN} {_QUIET} -k gthread --threads 4"),
    "gthread set": (
        "gunicorn",
        f"{_GUNICORN} {_QUIET} -k gthread --threads 4 --preload --keep-alive 75",
    ),
    "sync": ("gunicorn", f"{_GUNICORN} {_QUIET} -k sync"),
    "gevent": ("gevent", f"{_GUNICORN} {_QUIET} -k gevent"),
    "granian": ("granian", _GRANIAN),
    "ours": ("waitress", "-m benchmarks.servers --serve {port}"),
}


def application() -> Flask:
    """Return the site on the benchmark's database."""
    return jobs_page.make_application(Path(os.environ[FOLDER]))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each server and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each trial")
    parser.add_argument("--openings", type=int, default=1000)
    parser.add_argument("--only", nargs="+", choices=SERVERS, default=list(SERVERS))
    parser.add_argument("--idle", action="store_true", help="also wait 65 s on an idle connection")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        _serve_ours(options.serve)
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ[FOLDER] = folder
        app = application()
        with app.app_context():
            db.create_all()
            jobs_page.fill(options.openings)
            db.engine.dispose()
        present = {name: SERVERS[name][1] for name in options.only if _is_installed(name)}
        measured = _measure_pages(present, options.seconds)
        for name, command in present.items():
            trials = _measure_trials(command, options.seconds, wants_idle=options.idle)
            measured[name] |= trials
            print(f"{name}: {measured[name]}", file=sys.stderr, flush=True)
    _print(measured)


def _serve_ours(port: int) -> None:
    from matchboard.server import Server

    class Benchmarked(Server):
        def load(self) -> Flask:
            return self.share(application())

    Benchmarked(HOST, port, workers=2, threads=4).run()


# --- One server -----------------------------------------------------------------------------------


@dataclass
class Running:
    """A server's process and its address."""

    port: int
    process: subprocess.Popen[bytes]
    held: list[socket.socket] = field(default_factory=list)

    def answers(self, patience_s: float = PATIENCE_S) -> bool:
        """Return whether a page comes within the time."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=patience_s)
        with closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", PAGE)
            answer = connection.getresponse()
            answer.read()
            return answer.status == 200
        return False

    def connect(self) -> socket.socket:
        """Open a connection that stays."""
        self.held.append(socket.create_connection((HOST, self.port), timeout=PATIENCE_S))
        return self.held[-1]

    def let_go(self) -> None:
        """Close what is open."""
        for one in self.held:
            one.close()
        self.held.clear()


@contextmanager
def _running(command: str) -> Iterator[Running]:
    with closing(socket.create_server((HOST, 0))) as probe:
        port = probe.getsockname()[1]
    words = command.format(host=HOST, port=port).split()
    process = subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.DEVNULL, start_new_session=True
    )
    server = Running(port, process)
    try:
        deadline = time.monotonic() + 120
        while not server.answers():
            assert process.poll() is None, f"{command} ended"
            assert time.monotonic() < deadline, f"{command} does not answer"
            time.sleep(0.2)
        yield server
    finally:
        server.let_go()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _is_installed(name: str) -> bool:
    module, _command = SERVERS[name]
    if importlib.util.find_spec(module) is not None:
        return True
    print(f"{name}: {module} is not installed", file=sys.stderr)
    return False


def _measure_pages(commands: dict[str, str], seconds: float) -> dict[str, dict[str, float]]:
    """Let all serve in turns, so that each meets the same machine; return the medians."""
    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(_running(one)) for name, one in commands.items()}
        turns: dict[str, list[dict[str, float]]] = {name: [] for name in servers}
        for _ in range(N_TURNS):
            for name, server in servers.items():
                turns[name].append(_one_turn(server, seconds))
        return {
            name: {figure: statistics.median(turn[figure] for turn in found) for figure in found[0]}
            for name, found in turns.items()
        }


def _one_turn(server: Running, seconds: float) -> dict[str, float]:
    before = _cpu_s(server.process.pid)
    pages_per_s, p95_ms = _pages(server, seconds)
    used_s = _cpu_s(server.process.pid) - before
    return {
        "pages per second": pages_per_s,
        "p95 ms": p95_ms,
        "processor ms a page": 1000 * used_s / (pages_per_s * seconds),
        "memory MB": _memory_mb(server.process.pid),
    }


def _measure_trials(command: str, seconds: float, *, wants_idle: bool) -> dict[str, float]:
    figures: dict[str, float] = {}
    if wants_idle:
        with _running(command) as server:
            figures["idle 65 s answered"] = 100.0 * _outlives_idle(server)
    for name, hold in TRIALS.items():
        with _running(command) as server:
            figures[f"{name}: answered %"] = _share_answered(server, hold, seconds)
    with _running(command) as server:
        figures["back s"] = _seconds_to_be_back(server)
        with contextlib.suppress(OSError, http.client.HTTPException):
            for _ in range(N_CLIENTS):
                _ask(server.connect())
        is_alive = server.process.poll() is None
        started = time.monotonic()
        server.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.process.wait(60)
        figures["stop s"] = time.monotonic() - started
        figures["survives a dead worker"] = float(is_alive)
    return figures


def _ask(connection: socket.socket, path: str = PAGE) -> None:
    """Ask for a page and read the whole answer, keeping the connection."""
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: benchmark\r\n\r\n".encode())
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    answer.read()


def _pages(server: Running, seconds: float) -> tuple[float, float]:
    """Return requests per second and the 95th percentile in milliseconds."""
    times: list[float] = []
    until = time.monotonic() + seconds

    def visit() -> None:
        connection = http.client.HTTPConnection(HOST, server.port, timeout=60)
        while time.monotonic() < until:
            started = time.perf_counter()
            try:
                connection.request("GET", PAGE)
                connection.getresponse().read()
            except (OSError, http.client.HTTPException):
                connection.close()
                continue
            times.append(time.perf_counter() - started)
        connection.close()

    _together(visit, N_CLIENTS)
    return len(times) / seconds, 1000 * statistics.quantiles(times, n=20)[-1]


def _together(work: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _tree(int(child)))]


def _cpu_s(pid: int) -> float:
    """Return the processor time of a process and its children so far."""
    ticks = 0
    for one in _tree(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int) -> float:
    found = [Path(f"/proc/{one}/smaps_rollup").read_text() for one in _tree(pid)]
    return sum(int(re.findall(r"^Pss: +(\d+)", text, re.MULTILINE)[0]) for text in found) / 1024


def _outlives_idle(server: Running) -> bool:
    connection = server.connect()
    _ask(connection)
    time.sleep(IDLE_S)
    try:
        _ask(connection)
    except (OSError, http.client.HTTPException):
        return False
    return True


def _seconds_to_be_back(server: Running) -> float:
    """Kill one worker; return for how long pages failed."""
    os.kill(_tree(server.process.pid)[-1], signal.SIGKILL)
    started = time.monotonic()
    n_good, last_bad = 0, started
    while n_good < 10 and time.monotonic() < started + 30:
        if server.answers(1.0):
            n_good += 1
        else:
            n_good, last_bad = 0, time.monotonic()
    return last_bad - started


# --- Bad connections ------------------------------------------------------------------------------

Hold = Callable[[socket.socket], bytes]


def _half_a_head(connection: socket.socket) -> bytes:
    connection.sendall(f"GET {PAGE} HTTP/1.1\r\nHost: x\r\nX-A: ".encode())
    return b""


def _dripping_head(connection: socket.socket) -> bytes:
    return _half_a_head(connection) or b"a"


def _dripping_body(connection: socket.socket) -> bytes:
    connection.sendall(b"POST /language HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n")
    return b"a"


def _unread(connection: socket.socket) -> bytes:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    connection.sendall(f"GET {LARGE} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 8)
    return b""


TRIALS: dict[str, Hold] = {
    "slow head": _half_a_head,
    "drip": _dripping_head,
    "slow body": _dripping_body,
    "unread": _unread,
}


def _share_answered(server: Running, hold: Hold, seconds: float) -> float:
    """Hold connections open, and return how many of one visitor's pages come meanwhile."""
    drips = [(connection, hold(connection)) for connection in _opened(server)]
    asked = answered = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        asked += 1
        answered += server.answers()
        for connection, drip in drips:
            with contextlib.suppress(OSError):
                connection.sendall(drip)
        time.sleep(0.2)
    return 100 * answered / asked


def _opened(server: Running) -> Iterator[socket.socket]:
    for _ in range(N_BAD):
        with contextlib.suppress(OSError):
            yield server.connect()


def _print(measured: dict[str, dict[str, float]]) -> None:
    print(f"\n{'':<24}" + "".join(f"{name:>13}" for name in measured))
    base = next(iter(measured.values()))
    for figure in base:
        cells = [f"{found[figure]:>13.1f}" for found in measured.values()]
        print(f"{figure:<24}" + "".join(cells))
        if figure in RATIOS:
            ratios = [f"{found[figure] / base[figure]:>12.2f}x" for found in measured.values()]
            print(f"{'  ratio':<24}" + "".join(ratios))


if __name__ == "__main__":
    main()
