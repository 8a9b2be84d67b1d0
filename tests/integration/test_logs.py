"""The log: who, which request, which kind of address, when; never a link, a query or a name."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, g

from matchboard import logs
from matchboard.domain.roles import Role
from matchboard.web.request_log import HEADER
from tests.client import QualityClient

pytestmark = pytest.mark.usefixtures("on_one_database")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Error handling request GET /me/a3fdef?q=13800000000", "GET /me/…"),
        ("Exception on /me/a3fdef/placements/xyz [GET]", "/me/…/placements/xyz [GET]"),
        ("GET /clients?q=510114198505200011&page=2 done", "GET /clients?… done"),
        ("is it so? yes", "is it so? yes"),
        ("http://127.0.0.1:8000/jobs?q=x", "http://127.0.0.1:8000/jobs?…"),
    ],
)
def test_log_keeps_neither_links_nor_queries(text: str, kept: str) -> None:
    assert kept in logs.scrub(text)
    assert not any(secret in logs.scrub(text) for secret in ("a3fdef", "13800", "510114", "q=x"))


def record(words: str) -> logging.LogRecord:
    return logging.LogRecord("matchboard.web", logging.ERROR, "x.py", 1, words, (), None)


def test_line_says_when_who_and_where_when_written_in_a_request(app: Flask) -> None:
    with app.test_request_context("/clients/bcdfghjk?q=secret"):
        g.request_id, g.viewer = "ab12", SimpleNamespace(pid="mnpqrstv")
        line = logs.Formatter().format(record("failed"))
        as_json = json.loads(logs.JsonFormatter().format(record("failed")))
    assert " ERROR matchboard.web req=ab12 by=mnpqrstv GET /clients/<pid>: failed" in line
    assert "+08:00 " in line
    assert "secret" not in line
    assert as_json["route"] == "/clients/<pid>"
    assert as_json["message"] == "failed"
    # A command's work stands in a request nobody numbered.
    del g.request_id, g.viewer
    with app.test_request_context():
        assert logs.Formatter().format(record("failed")).endswith(" matchboard.web: failed")


def test_number_of_the_request_is_on_the_500_page_and_in_the_log(
    app: Flask, client: QualityClient, caplog: pytest.LogCaptureFixture, monkeypatch: Any
) -> None:
    from matchboard.web import jobs

    def fail(**_: Any) -> None:
        raise RuntimeError("boom")

    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(jobs.vacancy_board, "newest_jobs", fail)
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda r: lines.append(logs.Formatter().format(r))  # type: ignore[method-assign]
    app.logger.addHandler(handler)
    page = client.request("GET", "/feeds/jobs.atom")
    app.logger.removeHandler(handler)
    assert page.status == 500
    number = page.headers[HEADER]
    assert page.has_text(number)
    assert any(f"req={number}" in line and "GET /feeds/jobs.atom" in line for line in lines)
    assert client.request("GET", "/jobs").headers[HEADER] != number


def test_access_log_names_patterns_when_switched_on(
    app: Flask, client: QualityClient, caplog: pytest.LogCaptureFixture
) -> None:
    client.sign_in(Role.OFFICER)
    with caplog.at_level(logging.INFO, logger="matchboard.access"):
        client.get_page("/clients")
        assert not [r for r in caplog.records if r.name == "matchboard.access"]
        app.config["ACCESS_LOG"] = True
        client.get_page("/clients")
    assert [r.getMessage()[:6] for r in caplog.records if r.name == "matchboard.access"] == [
        "200 in"
    ]
