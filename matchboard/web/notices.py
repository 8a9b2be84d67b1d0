"""What a page says on top about what was just done: said only once it has been saved.

A view calls `flash` before the commit point, which may yet fail. What it says is held until the
commit has succeeded and thrown away with everything else if it has not; nothing else in `web` may
import Flask's own `flash` (tested).
"""

from __future__ import annotations

import flask
from flask import g, request

from matchboard.extensions import READING


def flash(message: str, category: str) -> None:
    """Say something on the page shown next, if the request succeeds."""
    if request.method in READING:
        flask.flash(message, category)  # saves nothing, and may be shown by this very answer
    else:
        _held().append((message, category))


def flash_now(message: str, category: str) -> None:
    """Say on the page shown next what is true whatever becomes of the request."""
    flask.flash(message, category)


def release() -> None:
    """Say what was held: the request has been saved."""
    for message, category in _held():
        flask.flash(message, category)
    discard()


def discard() -> None:
    """Forget what was held: nothing has been saved."""
    g.pop("held_notices", None)


def _held() -> list[tuple[str, str]]:
    if "held_notices" not in g:
        g.held_notices = []
    held: list[tuple[str, str]] = g.held_notices
    return held
