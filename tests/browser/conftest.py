"""Fixtures of the browser tests: the site on a port of this machine, and Chromium.

    @pytest.mark.parametrize("screen", SCREENS, ids=str)
    def test_something(site: Site, screen: Screen, visit: Visit) -> None:
        officer = visit(screen)              # a browser of their own: cookies, language, width
        officer.sign_in(site.people.officer)
        officer.follow("帮教对象")            # a msgid; the visitor says it in its language

site    The real application on a fresh SQLite file with a small made-up district, in threads.
        `site.clock` moves its clock. Whoever was signed in before is then idle too long.
visit   Opens a visitor (tests/browser/visitor.py). At the end of the test each of them must have
        seen no script error, no breach of the content policy, no failed answer the test did not
        expect, and nothing fetched from elsewhere.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from matchboard.extensions import db
from tests.browser.district import District, found_district
from tests.browser.visitor import Screen, Visitor
from tests.conftest import Clock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: How long a page may take on a busy machine before a test fails.
PATIENCE_MS = 20_000

Visit = Callable[[Screen], Visitor]


@dataclass(frozen=True)
class Site:
    """The running site, who is in it, and its clock."""

    address: str
    people: District
    clock: Clock


class QuietHandler(WSGIRequestHandler):
    """Answers without a line for each request."""

    def log_request(self, *_: Any) -> None:
        pass


def whole(app: Flask) -> WSGIApplication:
    """Hand out answers in one piece: the server leaves files open that a browser has given up."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with closing(app(environ, start_response)) as parts:
            return [b"".join(parts)]

    return answer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def settings(settings: dict[str, Any]) -> dict[str, Any]:
    return {**settings, "DEMO": True}  # the sign-in page lists the demo's accounts


@pytest.fixture
def site(on_one_database: None, app: Flask, clock: Clock) -> Iterator[Site]:
    people = found_district()
    db.session.expunge_all()  # plain values from here on: reading them opens no transaction
    db.session.commit()
    server = make_server("127.0.0.1", 0, whole(app), threaded=True, request_handler=QuietHandler)
    server.daemon_threads = False  # so that closing waits for the requests still running
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", people, clock)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[Visit]:
    visitors: list[Visitor] = []

    def open_visitor(screen: Screen) -> Visitor:
        context = chromium.new_context(
            base_url=site.address,
            locale={"zh": "zh-CN", "en": "en-GB"}[screen.language],
            timezone_id="Asia/Shanghai",
            viewport={"width": screen.width, "height": 900 if screen.width > 600 else 740},
            java_script_enabled=screen.has_scripts,
            reduced_motion="reduce",  # colours half-way to their own are nobody's to judge
        )
        context.set_default_timeout(PATIENCE_MS)
        visitors.append(Visitor(context, screen, site.address))
        return visitors[-1]

    yield open_visitor
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    for visitor in visitors:
        visitor.leave()
    assert not complaints, "\n".join(complaints)
