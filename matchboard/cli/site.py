"""The running site: its server, its background worker, and what falls due."""

from __future__ import annotations

import logging
import sys
from datetime import date, datetime, time

import click
from flask import current_app

from matchboard import supervisor, tasks
from matchboard.cli.application import application, in_application
from matchboard.domain.calendar import BEIJING
from matchboard.services import background

PORT = click.IntRange(1, 65535)


@click.command()
@click.option("--port", default=8000, type=PORT, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--workers", default=2, type=click.IntRange(1, 64), show_default=True)
@click.option("--threads", default=4, type=click.IntRange(1, 64), show_default=True)
def serve(port: int, host: str, workers: int, threads: int) -> None:
    """Run the server, the background worker and the daily tick, and stop them together."""
    with application():
        pass  # a missing setting is said here and not by three processes
    serve_site(host, port, workers=workers, threads=threads)


def serve_site(host: str, port: int, *, workers: int = 2, threads: int = 4) -> None:
    """Run server and worker until one of them ends, and exit with what the supervisor says."""
    require_free(host, port)
    server = [
        *(sys.executable, "-m", "gunicorn", "matchboard:create_app()"),
        *("--bind", f"{host}:{port}", "--worker-class", "gthread", "--workers", str(workers)),
        *("--threads", str(threads), "--graceful-timeout", "10", "--no-control-socket"),
        *("--log-level", "warning"),
    ]
    worker = [sys.executable, "-m", "matchboard.cli", "work"]
    sys.exit(supervisor.run({"server": server, "worker": worker}))


def require_free(host: str, port: int) -> None:
    """Refuse a port that is in use."""
    if not supervisor.is_free(host, port):
        raise click.ClickException(
            f"Port {port} is in use. Stop what uses it, or choose another: --port {port + 1}"
        )


@click.command()
def work() -> None:
    """Run the background worker alone (`serve` runs it beside the server)."""
    logging.basicConfig(format="worker: %(message)s")
    with application() as app:
        now = app.config["CLOCK"]()
        if not app.config["HUEY_URL"]:  # with Redis another machine's worker may be at it
            background.fail_interrupted(now=now)
        tasks.run_tick(now)
    queue = tasks.huey_of(app)
    queue.create_consumer(workers=1, max_delay=1.0, graceful_signal="TERM").run()


@click.command()
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Do what is due on this date.")
@in_application
def tick(on: datetime | None) -> None:
    """Do what is due: expiries, reminders, completions. A second run does nothing."""
    now = current_app.config["CLOCK"]()
    if on is not None:
        now = datetime.combine(date(on.year, on.month, on.day), time(23, 59), tzinfo=BEIJING)
    report = tasks.run_tick(now)
    for name in report.__dataclass_fields__:
        words = name.removeprefix("n_").replace("_", " ")
        click.echo(f"{words:<24} {getattr(report, name):>6}")
