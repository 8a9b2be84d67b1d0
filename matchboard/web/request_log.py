"""Each request has a number: in the lines of the log, in its answer, on the page of an error."""

from __future__ import annotations

import logging
import secrets
import time

from flask import Flask, Response, current_app, g

HEADER = "X-Request-ID"
_LOG = logging.getLogger("matchboard.access")


def init_app(app: Flask) -> None:
    """Number requests before anything else looks at them."""
    app.before_request_funcs.setdefault(None, []).insert(0, _number)
    app.after_request(_note)


def request_id() -> str:
    """Return the number of this request, to be read out on the telephone."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(4)
    number: str = g.request_id
    return number


def _number() -> None:
    request_id()
    g.began_at = time.perf_counter()


def _note(response: Response) -> Response:
    response.headers[HEADER] = request_id()
    if current_app.config["ACCESS_LOG"]:
        # The pattern of the address stands in the line already, the address itself nowhere.
        took = (time.perf_counter() - g.get("began_at", time.perf_counter())) * 1000
        _LOG.info("%s in %.0f ms", response.status_code, took)
    return response
