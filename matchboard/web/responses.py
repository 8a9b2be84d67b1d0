"""Pages and htmx partials from one view."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from flask import Response, make_response, redirect, render_template, request

from matchboard.extensions import htmx

#: Bytes of a file kept in memory.
_IN_MEMORY = 1 << 20


def is_swap() -> bool:
    """Return whether htmx wants a fragment: not boosted, not restoring history."""
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def page_or_partial(page: str, partial: str, /, *, status: int = 200, **values: Any) -> Response:
    """Render `partial` for a true htmx swap and `page` (which includes it) otherwise.

    `HX-Target` narrows nothing: a view with several partials chooses the name itself. A step's
    answer brings the navigation's counts along, which would otherwise stand beside it as they were.
    """
    is_part = is_swap()
    body = render_template(partial if is_part else page, is_part=is_part, **values)
    if is_part and request.method == "POST":
        end = body.rindex("</")  # a partial has one root; htmx takes them out of it
        body = body[:end] + render_template("components/nav_counts.html") + body[end:]
    response = make_response(body, status)
    response.vary.add("HX-Request")
    return response


def see_other(location: str) -> Response:
    """Redirect after a POST; an htmx request is told to load the page."""
    if htmx and not htmx.boosted:
        response = make_response("", 204)
        response.headers["HX-Redirect"] = location
        return response
    return make_response(redirect(location, code=303))


def attachment(write: Callable[[IO[bytes]], None], *, name: str, mimetype: str) -> Response:
    """Send what `write` writes as a file to keep; a large one lies on the disk meanwhile."""
    file = cast("IO[bytes]", SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 - sent below
    write(file)
    response = Response(_parts(file), content_type=mimetype)
    response.content_length = file.tell()
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    response.call_on_close(file.close)  # also when it is never sent
    return response


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while part := file.read(1 << 16):
            yield part
