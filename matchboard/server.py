"""The web server, started as a program of its own by the supervisor.

Gunicorn's master loads the application once and splits the workers off, so that they share its
memory and come back within a moment when one dies. In each worker waitress reads requests and sends
answers beside the threads that do the work: a connection that is slow, silent or half open costs a
little memory and holds nobody up (`python -m benchmarks.servers` compares).
"""

from __future__ import annotations

import gc
import logging
import os
import re
import resource
import socket
import time
from collections import Counter
from types import FrameType
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from matchboard import create_app
from matchboard.extensions import db
from matchboard.supervisor import die_with_parent

#: A request's line and headers must be there within this time of their first byte,
HEAD_S = 20.0
#: and its body after this much more, and as long as a bad telephone connection takes.
BODY_S = 30.0
BODY_BYTES_PER_S = 4096
#: A connection on which nothing was ever sent; browsers open some for later.
SILENT_S = 60.0
#: Nobody takes the answer.
UNREAD_S = 60.0
#: Longer than browsers (Chromium: 300 s) and proxies keep an idle connection: they close it, never
#: we while their next request is under way. A browser does not send a POST a second time.
KEEP_ALIVE_S = 310
MAX_CONNECTIONS = 1000
#: Above the site's own limit (`MAX_CONTENT_LENGTH`), whose answer says more than a bare 413.
MAX_BODY_BYTES = 32 * 1024 * 1024
MAX_HEAD_BYTES = 32 * 1024
#: How long a worker leaves a new connection to others, for each request it is at.
SHY_S = 0.004
#: At a stop: how long connections stay for a request just being sent, then for those under way.
LINGER_S = 1.0
GRACE_S = 6.0

#: What never varies for gunicorn.
SETTINGS: dict[str, Any] = {
    "preload_app": True,
    "graceful_timeout": round(LINGER_S + GRACE_S),
    "loglevel": "warning",
    "control_socket_disable": True,
    "proc_name": "matchboard",
}
#: What never varies for waitress.
LIMITS: dict[str, Any] = {
    "channel_timeout": KEEP_ALIVE_S,
    "cleanup_interval": 5,
    "max_request_header_size": MAX_HEAD_BYTES,
    "max_request_body_size": MAX_BODY_BYTES,
    "asyncore_use_poll": True,
    "log_socket_errors": False,
    # Proxies are the application's affair (`TRUSTED_PROXIES`).
    "clear_untrusted_proxy_headers": False,
    "ident": None,
}

#: File number → waitress's server, trigger and channels.
Connections = dict[int, Any]


#: A name or an address, and perhaps a port.
_HOST = re.compile(rb"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?", re.ASCII)


class StrictParser(HTTPRequestParser):
    """A reader of requests that refuses what a proxy before it may have read in another way."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read line and headers; 400 if host or length of the body are said twice, or are unclear.

        Once: one `Host` that is one (in HTTP/1.1 there must be one), one `Content-Length` or one
        `Transfer-Encoding`, which HTTP/1.0 does not know (RFC 9112, 3.2, 6.1 and 6.3).
        """
        first, *lines = header_plus.split(b"\r\n")
        said = [(n.strip().lower(), v) for n, _, v in (line.partition(b":") for line in lines)]
        names = Counter(name for name, _ in said)
        codings = b",".join(value for name, value in said if name == b"transfer-encoding").lower()
        is_of_1_1 = first.rstrip().endswith(b"HTTP/1.1")
        if names[b"host"] > 1 or (is_of_1_1 and not names[b"host"]):
            raise ParsingError("Host must be said once")
        if any(name == b"host" and not _HOST.fullmatch(value.strip()) for name, value in said):
            raise ParsingError("Host is none")
        if names[b"content-length"] + names[b"transfer-encoding"] > 1:
            raise ParsingError("Length of the body must be said once")
        if codings and (codings.count(b"chunked") > 1 or not is_of_1_1):
            raise ParsingError("Transfer-Encoding makes no sense here")
        super().parse_header(header_plus)


class Channel(HTTPChannel):
    """A connection that knows since when a request is being received on it."""

    parser_class = StrictParser
    began_at = 0.0
    n_received = 0

    def received(self, data: bytes) -> bool:
        """Take in bytes; the clock of a request runs from its first one."""
        if self.request is None:
            self.began_at = time.time()
        self.n_received += len(data)
        return bool(super().received(data))

    def is_overdue(self, now: float) -> bool:
        """Return whether somebody has kept this connection waiting for too long."""
        if self.requests:
            return False
        if self.total_outbufs_len:
            return bool(self.last_activity < now - UNREAD_S)
        if self.request is None:
            return not self.n_received and bool(self.creation_time < now - SILENT_S)
        allowed = HEAD_S
        if self.request.headers_finished:
            allowed += BODY_S + (self.request.content_length or 0) / BODY_BYTES_PER_S
        return self.began_at < now - allowed

    @property
    def is_idle(self) -> bool:
        """Return whether nothing is being received, done or sent on it."""
        return not (self.requests or self.total_outbufs_len or self.request is not None)


class ReadingServer(TcpWSGIServer):
    """Waitress with an end to every wait, and with neighbours."""

    channel_class = Channel
    #: Until when a waiting connection is left to others; 0 while none waits.
    shy_until = 0.0

    @classmethod
    def on(
        cls, listener: socket.socket, application: Any, *, connections: Connections, threads: int
    ) -> ReadingServer:
        """Return a server on a listening socket that it shares with other processes."""
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(threads)
        return cls(
            application,
            map=connections,
            _sock=listener,
            dispatcher=dispatcher,
            adj=Adjustments(sockets=[listener], connection_limit=_max_open(), **LIMITS),
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            bind_socket=False,
        )

    def handle_accept(self) -> None:
        """Take a new connection, but leave it to a less busy worker for a moment first.

        A browser keeps its connections, so whoever takes them all does all the work.
        """
        now, n_active = time.monotonic(), self.task_dispatcher.active_count
        if n_active and not self.shy_until:
            self.shy_until = now + SHY_S * n_active
        if now >= self.shy_until:
            self.shy_until = 0.0
            super().handle_accept()

    def readable(self) -> bool:
        """Return whether to look for new connections now."""
        return bool(super().readable()) and time.monotonic() >= self.shy_until

    def maintenance(self, now: float) -> None:
        """Close what keeps us waiting, and the longest idle when connections run out."""
        super().maintenance(now)
        channels = list(self.active_channels.values())
        for channel in channels:
            if channel.is_overdue(now):
                channel.will_close = True
        if len(channels) > 0.8 * self.adj.connection_limit:
            idle = sorted((c for c in channels if c.is_idle), key=lambda c: c.last_activity)
            for channel in idle[: len(channels) // 4]:
                channel.will_close = True


class ReadingWorker(Worker):
    """A gunicorn worker in which waitress serves the shared listener."""

    def run(self) -> None:
        """Serve until asked to stop or the master is gone; then finish what is under way."""
        # A short queue is no news.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        connections: Connections = {}
        (listener,) = self.sockets
        self.server = ReadingServer.on(
            listener.sock, self.wsgi, connections=connections, threads=self.cfg.threads
        )
        while self.alive and self.ppid == os.getppid():
            self._turn(connections)
        self.server.del_channel(connections)  # accepts no more; the master closes the listener
        self._finish(connections, until=time.monotonic() + LINGER_S, also_idle=True)
        self._finish(connections, until=time.monotonic() + GRACE_S, also_idle=False)
        self.server.task_dispatcher.shutdown(timeout=0.1)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop, and do not sleep on before noticing."""
        super().handle_exit(sig, frame)
        self.server.pull_trigger()

    def _turn(self, connections: Connections, wait_s: float = 1.0) -> None:
        self.notify()
        if self.server.shy_until:
            wait_s = min(wait_s, max(0.0, self.server.shy_until - time.monotonic()) + 0.001)
        wasyncore.loop(timeout=wait_s, use_poll=True, map=connections, count=1)

    def _finish(self, connections: Connections, *, until: float, also_idle: bool) -> None:
        """Serve the open connections on; `also_idle`: those with nothing under way, too."""
        while time.monotonic() < until:
            open_ones = list(self.server.active_channels.values())
            if not also_idle:
                open_ones = [c for c in open_ones if c.requests or c.total_outbufs_len]
            if not open_ones:
                return
            self._turn(connections, wait_s=0.1)


def _max_open() -> int:
    """Return how many connections a worker may hold, as far as the machine lets it."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MAX_CONNECTIONS
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(allowed, _soft), hard))
    return min(MAX_CONNECTIONS, max(50, allowed // 2))


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
        hooks = {
            "worker_class": ReadingWorker,
            "when_ready": _say_address,
            "post_fork": _after_fork,
        }
        for name, value in {**self._settings, **hooks}.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application of the environment."""
        return self.share(create_app())

    @staticmethod
    def share(app: Flask) -> Flask:
        """Prepare an application for the processes that are split off."""
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
