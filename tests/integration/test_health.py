"""What a load balancer asks: does the process answer, can it serve."""

from __future__ import annotations

import logging
import os
from contextvars import Context
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from matchboard import create_app
from matchboard.extensions import db
from matchboard.services import disk, workers
from matchboard.web import form_pages
from tests.conftest import Clock

#: More than a machine has processes.
NOBODY = 2**22 + 1


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_plain_and_fresh_when_all_is_well(app: Flask, path: str) -> None:
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert answer.mimetype == "text/plain"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/readyz", 503)])
@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///{folder}/no/such/folder/x.sqlite3",
        "postgresql+psycopg://nobody@/nothing?host={folder}&connect_timeout=2",
    ],
    ids=["sqlite", "postgresql"],
)
def test_readiness_is_refused_when_the_database_is_away(
    settings: dict[str, Any],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    url: str,
    path: str,
    status: int,
    on_one_database: None,
) -> None:
    address = url.format(folder=tmp_path)
    application = create_app({**settings, "SQLALCHEMY_DATABASE_URI": address})
    with caplog.at_level(logging.ERROR):
        answer = application.test_client().get(path)
    assert answer.status_code == status
    assert str(tmp_path) not in answer.text + caplog.text
    with application.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(
    ("seconds", "process", "words"),
    [
        (None, 0, "it was never seen"),
        (20, os.getpid(), ""),
        (20, 0, "last seen 20 s ago"),
        (20, NOBODY, "last seen 20 s ago"),
        (
            95,
            os.getpid(),
            "last seen 95 s ago",
        ),
    ],
    ids=["never", "well", "stopped", "died", "silent"],
)
def test_readiness_names_the_worker_when_it_is_away(
    app: Flask, clock: Clock, seconds: int | None, process: int, words: str
) -> None:
    app.config["HUEY_IMMEDIATE"] = False
    if seconds is not None:
        workers.beat(workers.Worker(process=process), now=clock.now)
        clock.move(seconds=seconds)
    answer = app.test_client().get("/readyz")
    line = f"worker: the background worker is away ({words}); pages go on"
    assert (answer.status_code, answer.text.splitlines()) == (
        200,
        ["ok", *([line] if words else [])],
    )


@pytest.mark.usefixtures("on_one_database")
def test_readiness_writes_not_a_byte_when_asked(app: Flask) -> None:
    """A GET writes nothing, not even what it tries whether anything can be written with."""
    path = Path(str(db.engine.url.database))

    def files() -> list[bytes]:
        return [path.with_name(path.name + end).read_bytes() for end in ("", "-wal")]

    assert app.test_client().get("/readyz").status_code == 200
    disk.doubt()
    before = files()
    assert app.test_client().get("/readyz").status_code == 200
    assert files() == before
    workers.beat(workers.Worker(process=os.getpid()), now=app.config["CLOCK"]())
    assert files() != before


@pytest.mark.usefixtures("on_one_database")
def test_readiness_fails_when_the_disk_has_no_room(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Room is reserved where the database lies; asked again at once when it was refused."""

    def refuse(_file: int, _start: int, n_bytes: int) -> None:
        assert n_bytes == disk.ROOM_BYTES
        raise OSError("no space left")

    disk.doubt()
    with monkeypatch.context() as full:
        full.setattr("os.posix_fallocate", refuse)
        assert app.test_client().get("/readyz").status_code == 503
    assert app.test_client().get("/readyz").status_code == 200


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".example", "[", "a b"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/"), ("GET", "/jobs"), ("POST", "/login")],
)
def test_host_that_is_none_is_a_bad_request_when_sent(
    app: Flask, on_one_database: None, method: str, path: str, host: str
) -> None:
    def ask(host: str) -> int:
        return app.test_client().open(path, method=method, headers={"Host": host}).status_code

    status = Context().run(ask, host)
    # Its refusal is drawn by asking which page a form stands on: that hangs on no host.
    with app.test_request_context(headers={"Host": host}):
        assert form_pages.page_at("/partner/profile") == "/partner/profile"
        assert form_pages.page_at("/no/page/of/ours") is None
    # Some are no names of a machine but harm nothing.
    assert status == 400 if ".." in host or len(host) > 63 else status < 500
    assert Context().run(ask, "a.b") == (400 if method == "POST" else 200)  # there: no token
