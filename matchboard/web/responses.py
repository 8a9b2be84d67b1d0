"""Pages and htmx partials from one view."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request

from matchboard.extensions import htmx


def is_swap() -> bool:
    """Return whether htmx wants a fragment: not boosted, not restoring history."""
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def page_or_partial(page: str, partial: str, /, *, status: int = 200, **values: Any) -> Response:
    """Render `partial` for a true htmx swap and `page` (which includes it) otherwise.

    `HX-Target` narrows nothing: a view with several partials chooses the name itself.
    """
    response = make_response(render_template(partial if is_swap() else page, **values), status)
    response.vary.add("HX-Request")
    return response


def see_other(location: str) -> Response:
    """Redirect after a POST; an htmx request is told to load the page."""
    if htmx and not htmx.boosted:
        response = make_response("", 204)
        response.headers["HX-Redirect"] = location
        return response
    return make_response(redirect(location, code=303))


def wants_json() -> bool:
    """Return whether the caller is a program."""
    return request.path.startswith("/api/")
