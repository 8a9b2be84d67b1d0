"""The web server: gunicorn, started as a program of its own by the supervisor.

The application is loaded once and the workers split off from it, so that they share its memory and
come back within a moment when one dies.
"""

from __future__ import annotations

import gc
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from matchboard import create_app
from matchboard.extensions import db
from matchboard.supervisor import die_with_parent

#: What never varies. A request that is under way when the site stops has the graceful time.
SETTINGS: dict[str, Any] = {
    "worker_class": "gthread",
    "preload_app": True,
    "graceful_timeout": 6,
    "loglevel": "warning",
    "control_socket_disable": True,
    "proc_name": "matchboard",
}


def address_of(host: str, port: int) -> str:
    """Return the site's address as a browser wants it."""
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _say_address(server: Any) -> None:
    host, port = server.app.host, server.app.port
    click.echo(f"Matchboard runs at {address_of(host, port)} . Stop it with Ctrl-C.")


def _after_fork(server: Any, _worker: Any) -> None:
    die_with_parent(server.pid)


class Server(BaseApplication):
    """Gunicorn on the application of the environment.

    Gunicorn's own command puts the current folder first in the search path for modules; this one
    leaves the path alone.
    """

    def __init__(self, host: str, port: int, **settings: Any) -> None:
        self.host, self.port = host, port
        bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._settings = {**SETTINGS, **settings, "bind": bind}
        super().__init__()

    def load_config(self) -> None:
        """Take the settings."""
        hooks = {"when_ready": _say_address, "post_fork": _after_fork}
        for name, value in {**self._settings, **hooks}.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application, ready to be shared by the processes that are split off."""
        app = create_app()
        with app.app_context():
            db.engine.dispose()  # a connection must never be used on both sides
        # What is there now stays: the collector would touch, and so copy, every page of it.
        gc.collect()
        gc.freeze()
        return app


@click.command()
@click.option("--port", required=True, type=int)
@click.option("--host", required=True)
@click.option("--workers", default=2, type=int)
@click.option("--threads", default=4, type=int)
def main(port: int, host: str, workers: int, threads: int) -> None:
    """Serve the pages alone; `matchboard serve` runs this beside the background worker."""
    Server(host, port, workers=workers, threads=threads).run()


if __name__ == "__main__":
    main()
