"""Kill, fill, lock: does `matchboard serve` keep what it acknowledged?

    python -m tests.crash [--rounds 100] [--seed 1]      kill -9 at random while 8 people write
    python -m tests.crash --disk-full                    no room left (mounts a small tmpfs; root)
    python -m tests.crash --read-only                    a medium that cannot be written (root)
    python -m tests.crash --locked 60                    another program holds the database
    python -m tests.crash --half-open 24                 connections that never finish
    python -m tests.crash --postgres [--rounds 30]       kill PostgreSQL and its processes, too
    python -m tests.crash --postgres --locked 60         another session holds the audit log

A fresh database is filled and served on a free port of this machine. Eight officers sign in
once and then register people and take proposals from the desk to a reserved place; the district
asks for trainings. What was answered with 2xx or 3xx is noted; afterwards all of it must be in the
database, nothing may be half there, the audit log must verify, places must equal reservations, and
no task may wait for ever. Prints a table; exit status 1 if anything was lost.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from tests import postgres
from tests.crashing.site import DATABASE, Site
from tests.crashing.verdict import Line, check_everything, print_table
from tests.crashing.writers import Editor, Trainer, Writer, read_page

N_WRITERS = 8
VICTIMS = ("web worker", "server", "background worker", "supervisor")
VICTIMS_OF_POSTGRES = ("database process", "database process", "database server")
#: A page must come, and a write be refused, within this time whatever happens.
PATIENCE_S = 15.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for, print the table, return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--disk-full", action="store_true")
    parser.add_argument("--read-only", action="store_true")
    parser.add_argument("--locked", type=float, metavar="SECONDS")
    parser.add_argument("--half-open", type=int, metavar="N")
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crash-")))
        is_mounted = options.disk_full or options.read_only
        if is_mounted and not _mount(folder, stack):
            print("skipped: only root may mount the small file system this needs")
            return 0
        server = _server(stack) if options.postgres else None
        site = Site(
            folder,
            n_people=N_WRITERS * max(40, 6 * options.rounds if not is_mounted else 0),
            postgres=server,
        )
        stack.callback(site.stop)
        site.start()
        site.await_up()
        writers = [Writer(site, number) for number in range(N_WRITERS)]
        for writer in writers:
            writer.sign_in()
        if options.disk_full:
            lines = fill_the_disk(site, writers)
        elif options.read_only:
            lines = forbid_writing(site, writers)
        elif options.locked:
            lines = lock(site, writers, options.locked)
        elif options.half_open:
            lines = hold_connections(site, writers, options.half_open)
        else:
            writers.append(Trainer(site, N_WRITERS))
            writers[-1].sign_in()
            if server is not None:
                writers.append(Editor(site, 0))
                writers[-1].sign_in()
            lines = kill(site, writers, options.rounds, random.Random(options.seed))
        if not options.read_only:
            site.await_up()
        lines += check_everything(site, writers)
    print_table(lines)
    return 0 if all(line.is_good for line in lines) else 1


def _server(stack: ExitStack) -> postgres.Server:
    server = stack.enter_context(postgres.server(settings=postgres.DURABLE))
    if isinstance(server, postgres.Absent):
        sys.exit(f"skipped: {server.reason}")
    return server


# --- Kill -----------------------------------------------------------------------------------------


def kill(site: Site, writers: list[Writer], n_rounds: int, draws: random.Random) -> list[Line]:
    """Kill one process after another while everybody writes."""
    killed: Counter[str] = Counter()
    waits = []
    victims = VICTIMS if site.postgres is None else (*VICTIMS, *VICTIMS_OF_POSTGRES)
    with _working(writers):
        for number in range(1, n_rounds + 1):
            _await_writes(writers)
            time.sleep(draws.uniform(0.0, 1.0))
            victim = draws.choice(victims)
            if site.kill(victim):
                killed[victim] += 1
            started = time.monotonic()
            if victim == "supervisor":
                site.start()
            site.await_up(path="/readyz")
            waits.append(time.monotonic() - started)
            if number % 10 == 0:
                n_done = sum(len(writer.acknowledged) for writer in writers)
                print(f"round {number}: {n_done} acknowledged", file=sys.stderr, flush=True)
    shown = ", ".join(f"{name} {count}" for name, count in sorted(killed.items()))
    return [
        Line("rounds of kill -9", f"{n_rounds} ({shown})", is_good=True),
        Line("seconds until pages came again, longest", f"{max(waits):.1f}", is_good=True),
    ]


def _await_writes(
    writers: list[Writer], count: int = 2 * N_WRITERS, patience_s: float = 30
) -> None:
    """Wait for so many more writes acknowledged, so that every kill meets writers at work."""
    deadline = time.monotonic() + patience_s
    wanted = count + sum(len(writer.acknowledged) for writer in writers)
    while sum(len(w.acknowledged) for w in writers) < wanted and time.monotonic() < deadline:
        time.sleep(0.05)


class _working:
    """Let everybody write while the body runs; what was under way at the end is finished."""

    def __init__(self, writers: list[Writer]) -> None:
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=w.work, args=(self.stop,)) for w in writers]

    def __enter__(self) -> None:
        for thread in self.threads:
            thread.start()

    def __exit__(self, *_error: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()


# --- Disk, lock, connections ----------------------------------------------------------------------


def fill_the_disk(site: Site, writers: list[Writer]) -> list[Line]:
    """Take the last byte away, let everybody write, and give it back."""
    for writer in writers[::2]:
        writer.speak_english()
    with _working(writers):
        time.sleep(4)
    filler = site.folder / "filler"
    _fill(filler)
    n_fitted = _until_refused(writers)
    lines = [
        Line("writes that still fitted into the journal", str(n_fitted), is_good=True),
        _refused(writers, "a full disk"),
        _told(writers),
        _read(site, writers, "a full disk"),
    ]
    status, text = site.get("/readyz")
    lines.append(Line("/readyz on a full disk", f"{status} {text.strip()}", is_good=status == 503))
    filler.unlink()
    status, text = site.get("/readyz")
    lines.append(Line("/readyz, room again", f"{status} {text.split()[0]}", is_good=status == 200))
    return [*lines, _accepted(writers, "room again")]


def _fill(path: Path) -> None:
    """Write to a file until not one byte more fits."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for size in (1 << 16, 1 << 12, 1):
        with suppress(OSError):
            while os.write(file, bytes(size)):
                pass
    os.close(file)


def _until_refused(writers: list[Writer], most: int = 100) -> int:
    """Let everybody write until nobody can; return how many writes fitted before.

    SQLite overwrites its journal from the beginning, and what was once written has its room.
    """
    n_fitted = 0
    for _ in range(most):
        statuses = [status for status, _ in _together([writer.register for writer in writers])]
        n_fitted += statuses.count(303)
        if 303 not in statuses:
            break
    return n_fitted


def _told(writers: list[Writer]) -> Line:
    """Look at what the people were told: one message, in their language, with what they typed."""
    wrong = [problem for writer in writers for problem in writer.problems_of_refusal()]
    languages = sorted({"en" if writer.speaks_english else "zh" for writer in writers})
    words = "; ".join(sorted(set(wrong))) or f"one message, in {' and '.join(languages)}"
    return Line("what they were told", words, is_good=not wrong)


def forbid_writing(site: Site, writers: list[Writer]) -> list[Line]:
    """Serve from a medium that cannot be written."""
    with _working(writers):
        time.sleep(4)
    site.stop()
    subprocess.run(["mount", "-o", "remount,ro", str(site.folder)], check=True)
    site.start()
    try:
        site.await_up(60, path="/healthz")
        status, text = site.get("/readyz")
        lines = [Line("/readyz, read-only", f"{status} {text.strip()}", is_good=status == 503)]
        lines.append(_refused(writers, "a read-only medium"))
    except AssertionError:
        words = site.words()
        lines = [Line("serve, read-only", words, is_good=words.count("\n") <= 3)]
    site.stop()
    subprocess.run(["mount", "-o", "remount,rw", str(site.folder)], check=True)
    return lines


def lock(site: Site, writers: list[Writer], seconds: float) -> list[Line]:
    """Hold what every writer needs, as a backup tool or a forgotten session may; all work on."""
    for writer in writers[::2]:
        writer.speak_english()
    with _held(site):
        until = time.monotonic() + seconds
        lines = [
            _refused(writers, "a lock"),
            _told(writers),
            _read(site, writers, "a lock"),
        ]
        status, text = site.get("/readyz")
        lines.append(Line("/readyz, locked", f"{status} {text.strip()}", is_good=status == 200))
        n_before = sum(len(writer.acknowledged) for writer in writers)
        slowest = 0.0
        with _working(writers):
            while time.monotonic() < until:
                began = time.monotonic()
                status, _text = site.get("/jobs")
                slowest = max(slowest, time.monotonic() - began if status == 200 else 999.0)
                time.sleep(1)
        n_saved = sum(len(writer.acknowledged) for writer in writers) - n_before
        lines += [
            Line(f"writes acknowledged in {seconds:.0f} s of lock", str(n_saved), not n_saved),
            Line("pages meanwhile, slowest", f"{slowest:.1f} s", is_good=slowest < PATIENCE_S),
            _read(site, writers, f"{seconds:.0f} s of lock"),
        ]
    return [*lines, _accepted(writers, "the lock")]


@contextmanager
def _held(site: Site) -> Iterator[None]:
    """Hold SQLite's one write lock, or PostgreSQL's audit log."""
    if site.postgres is not None:
        with site.postgres.connect(DATABASE) as other, other.transaction():
            other.execute("LOCK TABLE audit_entry IN EXCLUSIVE MODE")
            yield
        return
    with closing(sqlite3.connect(site.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def hold_connections(site: Site, writers: list[Writer], count: int) -> list[Line]:
    """Hold half-open connections of three kinds for two minutes while pages are asked for."""
    with ExitStack() as stack:
        for start in (
            b"GET / HTTP/1.1\r\nX-A: ",
            b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
        ):
            for _ in range(count):
                stack.enter_context(closing(site.connect())).sendall(start)
        for _ in range(count):
            stack.enter_context(closing(site.connect()))
        times = []
        until = time.monotonic() + 120
        while time.monotonic() < until:
            started = time.monotonic()
            status, _text = site.get("/jobs")
            times.append(time.monotonic() - started if status == 200 else 999.0)
            time.sleep(0.5)
        lines = [
            Line(
                f"{len(times)} pages beside 3 × {count} half-open connections, slowest",
                f"{max(times):.2f} s",
                is_good=max(times) < PATIENCE_S,
            )
        ]
        return [*lines, _accepted(writers, "half-open connections")]


def _timed(work: Callable[[], int]) -> tuple[int, float]:
    started = time.monotonic()
    return work(), time.monotonic() - started


def _refused(writers: list[Writer], what: str) -> Line:
    """Let everybody write once: each must be told that it was not saved, and soon."""
    found = _together([writer.register for writer in writers])
    statuses, slowest = sorted({status for status, _ in found}), max(took for _, took in found)
    is_good = slowest < PATIENCE_S and statuses == [503]
    words = f"{', '.join(map(str, statuses))} in {slowest:.1f} s at most"
    return Line(f"8 writes during {what}", words, is_good=is_good)


def _accepted(writers: list[Writer], what: str) -> Line:
    found = _together([writer.register for writer in writers])
    statuses = sorted({status for status, _ in found})
    return Line(f"8 writes after {what}", ", ".join(map(str, statuses)), is_good=statuses == [303])


def _read(site: Site, writers: list[Writer], what: str) -> Line:
    pages = [lambda w=w: read_page(w, "/clients") for w in writers]
    found = _together(pages)
    statuses, slowest = sorted({status for status, _ in found}), max(took for _, took in found)
    words = f"{', '.join(map(str, statuses))} in {slowest:.1f} s at most"
    return Line(
        f"8 pages read during {what}",
        words,
        is_good=slowest < PATIENCE_S and statuses == [200],
    )


def _together(works: list[Callable[[], int]]) -> list[tuple[int, float]]:
    found: list[tuple[int, float]] = []
    threads = [threading.Thread(target=lambda w=w: found.append(_timed(w))) for w in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _mount(folder: Path, stack: ExitStack) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        return False
    stack.callback(subprocess.run, ["umount", "-l", str(folder)], check=False)
    return True


if __name__ == "__main__":
    sys.exit(main())
