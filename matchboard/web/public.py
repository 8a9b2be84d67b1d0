"""Pages for everyone: start, health."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from matchboard.domain.roles import Permission
from matchboard.web.guard import requires

bp = Blueprint("public", __name__)


@bp.get("/healthz")
@requires(Permission.PUBLIC)
def healthz() -> ResponseReturnValue:
    """Say that the process answers."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@bp.get("/")
@requires(Permission.PUBLIC)
def home() -> ResponseReturnValue:
    """Welcome everybody; people with an account go on to their own first page."""
    return render_template("public/home.html")
