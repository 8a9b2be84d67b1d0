"""What a load balancer asks: does the process answer, can it serve."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from matchboard import create_app
from matchboard.extensions import db


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
