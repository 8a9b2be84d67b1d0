"""Pages for everyone: start, health."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from matchboard.domain.roles import Permission
from matchboard.services import health, installation
from matchboard.web.context import now
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
    """Say whether pages can be served, 503 if not; and what else is away while they go on."""
    has_workers = not current_app.config.get("HUEY_IMMEDIATE")
    found = health.problems(now=now(), has_workers=has_workers)
    stopped = any(problem.stops_pages for problem in found)
    lines = [f"{problem.name}: {problem.words}" for problem in found]
    return "\n".join([*(() if stopped else ("ok",)), *lines, ""]), 503 if stopped else 200, PLAIN


@bp.get("/")
@requires(Permission.PUBLIC)
def home() -> ResponseReturnValue:
    """Welcome everybody; people with an account go on to their own first page."""
    return render_template("public/home.html", is_set_up=installation.is_set_up())
