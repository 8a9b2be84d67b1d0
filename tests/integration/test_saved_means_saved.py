"""Saved means saved: success is said after the commit, a failure once, with what was typed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from matchboard import create_app
from matchboard.extensions import db
from tests.conftest import COMPILED_TEMPLATES, SETTINGS, Clock
from tests.contract.test_access import read_register
from tests.integration.writing_requests import WRITINGS, Writing


@pytest.fixture(scope="module")
def shared_app(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Yield one application whose database all requests of this module share."""
    folder = tmp_path_factory.mktemp("shared")
    path = folder / "test.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    settings = {
        **SETTINGS,
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}",
        "CLOCK": Clock(),
        "QUEUE_FILE": str(folder / "queue.sqlite3"),
    }
    application = create_app(settings)
    application.jinja_env.bytecode_cache = COMPILED_TEMPLATES
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


def test_every_writing_endpoint_has_a_request_when_compared_with_the_register() -> None:
    registered = {row.endpoint for row in read_register() if row.method != "GET"}
    prepared = {writing.endpoint for writing in WRITINGS}
    assert registered - prepared == set()
    assert prepared - registered == set()
    assert len({str(writing) for writing in WRITINGS}) == len(WRITINGS)


@pytest.mark.parametrize("writing", WRITINGS, ids=str)
def test_request_succeeds_when_nothing_is_in_the_way(writing: Writing, shared_app: Flask) -> None:
    page = writing.prepare(shared_app).send()
    expected = {422} if writing.variant == "wrong password" else {200, 204, 303}
    assert page.status in expected, page.text[:3000]
