"""Requests no browser sends, as every role: does any of them end in an error of ours?

    python -m tests.hostile [--requests 2000] [--role all] [--seed 1] [--database sqlite]
    python -m tests.hostile --sockets       broken HTTP against the served site

Each request is a true one of the role (every form of the site filled in, every page it links to)
with a few things gone wrong: ids of strangers, fields missing, doubled, overlong, of the wrong
kind, NUL and surrogates, torn multipart bodies, bombs, wrong tokens, cookies, methods and headers.
No answer may be 5xx, take over 3 s, show a stranger's record, run a script or lead elsewhere;
afterwards the audit log must verify, the records agree and strangers' rows be untouched. Prints a
table and the first request of each fault; exit status 1 if there was one.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from matchboard import create_app
from matchboard.domain.roles import ACCOUNT_ROLES, Role
from matchboard.extensions import db
from tests import postgres
from tests.conftest import SETTINGS, Clock
from tests.crashing.site import Site
from tests.crashing.verdict import print_table
from tests.hostility import sockets
from tests.hostility.verdict import Report, run

ROLES = (Role.VISITOR, Role.CLIENT, *ACCOUNT_ROLES)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for, print the table, return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=2000, help="of each role")
    parser.add_argument("--role", choices=["all", *(role.value for role in ROLES)], default="all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--sockets", action="store_true", help="broken HTTP")
    options = parser.parse_args(arguments)
    if options.sockets:
        return _try_sockets()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("error")  # as in the tests
    wanted = ROLES if options.role == "all" else (Role(options.role),)
    reports = []
    for role in wanted:
        with application(options.database) as app:
            reports.append(run(app, role, options.requests, seed=options.seed))
        print_report(reports[-1])
    return 1 if any(report.faults for report in reports) else 0


def _try_sockets() -> int:
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        site = Site(Path(folder), n_people=8)
        try:
            site.start()
            site.await_up()
            lines = sockets.run(site)
        finally:
            site.stop()
    print_table(lines)
    return 0 if all(line.is_good for line in lines) else 1


@contextmanager
def application(kind: str) -> Iterator[Flask]:
    """Yield the application on an empty database, its context pushed."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as name, _database(kind, name) as url:
        settings = {
            **SETTINGS,
            "SQLALCHEMY_DATABASE_URI": url,
            "CLOCK": Clock(),
            "QUEUE_FILE": f"{name}/queue.sqlite3",
        }
        app = create_app(settings)
        with app.app_context():
            db.create_all()
            yield app
            db.session.remove()
            db.engine.dispose()


@contextmanager
def _database(kind: str, folder: str) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{Path(folder) / 'hostile.sqlite3'}"
        return
    with postgres.server() as running:
        if isinstance(running, postgres.Absent):
            sys.exit(running.reason)
        yield running.create_database("hostile")


def print_report(report: Report) -> None:
    """Print a role's line, and its faults below."""
    statuses = ", ".join(f"{status}: {n}" for status, n in sorted(report.statuses.items()))
    word = "BAD " if report.faults else "ok  "
    sent = f"{word} {report.role.value:<15} {report.n_sent:>6} sent"
    print(f"{sent}, slowest {report.slowest_s:.2f} s   {statuses}", flush=True)
    for fault, attack in report.faults.items():
        print(f"       {fault}\n           {attack}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
