"""The running site: its server, its background worker, and what falls due."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, datetime, time
from threading import Thread
from time import sleep
from typing import NoReturn

import click
from flask import Flask, current_app

from matchboard import supervisor, tasks
from matchboard.cli import installation
from matchboard.cli.application import application, without_pages
from matchboard.domain.calendar import BEIJING
from matchboard.services import transaction, workers

PORT = click.IntRange(1, 65535)


@click.command()
@click.option("--port", default=8000, type=PORT, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--workers", default=2, type=click.IntRange(1, 64), show_default=True)
@click.option("--threads", default=4, type=click.IntRange(1, 64), show_default=True)
def serve(port: int, host: str, workers: int, threads: int) -> None:
    """Run the server, the background worker and the daily tick, and stop them together."""
    _announce_first_start(host, port)  # a missing setting is said here, not by three processes
    serve_site(host, port, workers=workers, threads=threads)


@without_pages
def _announce_first_start(host: str, port: int) -> None:
    """Print the set-up code of a site that has no district yet."""
    require_free(host, port)
    installation.announce(current_app.config["BASE_URL"] or f"http://{host}:{port}")


def serve_site(host: str, port: int, *, workers: int = 2, threads: int = 4) -> NoReturn:
    """Become the supervisor of server and worker; never returns.

    -P keeps the folder we stand in out of the search path: whoever may write there could
    otherwise run a program as the site.
    """
    require_free(host, port)
    python = [sys.executable, "-P", "-m"]
    server = [
        *(*python, "matchboard.server", "--host", host, "--port", str(port)),
        *("--workers", str(workers), "--threads", str(threads)),
    ]
    worker = [*python, "matchboard.cli", "work"]
    supervisor.replace_process({"server": server, "worker": worker})


def require_free(host: str, port: int) -> None:
    """Refuse an address where nothing can listen."""
    words = supervisor.why_not(host, port)
    if words:
        raise click.ClickException(words)


@click.command()
def work() -> None:
    """Run the background worker alone (`serve` runs it beside the server)."""
    worker = workers.Worker()
    with application(pages=False) as app:
        app.config["WORKER_NAME"] = worker.name
        _attempt(app, "beat", lambda: workers.beat(worker, now=app.config["CLOCK"]()))
        Thread(target=_beat, args=(app, worker), daemon=True, name="pulse").start()
        _attempt(app, "tick", lambda: tasks.run_tick(app.config["CLOCK"]()))
        _attempt(app, "look around", lambda: tasks.wake(now=app.config["CLOCK"]()))
    queue = tasks.huey_of(app)
    queue.create_consumer(workers=1, max_delay=1.0, graceful_signal="TERM").run()
    with app.app_context():
        _attempt(app, "goodbye", lambda: workers.say_goodbye(worker))


def _attempt(app: Flask, name: str, step: Callable[[], object]) -> None:
    """Do one step of the worker; a database that is away or locked for long does not end it."""
    try:
        step()
    except Exception:
        transaction.rollback()
        app.logger.exception("worker: %s failed; it is tried again later", name)


def _beat(app: Flask, worker: workers.Worker) -> None:
    while True:
        sleep(workers.BEAT_S)
        with app.app_context():
            _attempt(app, "beat", lambda: workers.beat(worker, now=app.config["CLOCK"]()))


@click.command()
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Do what is due on this date.")
@without_pages
def tick(on: datetime | None) -> None:
    """Do what is due: expiries, reminders, completions. A second run does nothing."""
    now = current_app.config["CLOCK"]()
    if on is not None:
        now = datetime.combine(date(on.year, on.month, on.day), time(23, 59), tzinfo=BEIJING)
    report = tasks.run_tick(now)
    for name in report.__dataclass_fields__:
        words = name.removeprefix("n_").replace("_", " ")
        click.echo(f"{words:<24} {getattr(report, name):>6}")
