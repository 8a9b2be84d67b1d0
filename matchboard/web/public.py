"""Pages for everyone: start, health."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from matchboard.domain.roles import Permission
from matchboard.services import health
from matchboard.web.guard import requires

bp = Blueprint("public", __name__)
PLAIN = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}


@bp.get("/healthz")
@requires(Permission.PUBLIC)
def healthz() -> ResponseReturnValue:
    """Say that the process answers."""
    return "ok\n", 200, PLAIN


@bp.get("/readyz")
@requires(Permission.PUBLIC)
def readyz() -> ResponseReturnValue:
    """Say whether requests can be served: 503 while the database does not answer."""
    if not health.is_database_there():
        return "the database does not answer\n", 503, PLAIN
    return "ok\n", 200, PLAIN


@bp.get("/")
@requires(Permission.PUBLIC)
def home() -> ResponseReturnValue:
    """Welcome everybody; people with an account go on to their own first page."""
    return render_template("public/home.html")
