"""The district's first page: rates against target, what waits, office by office."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from matchboard.domain.roles import Permission
from matchboard.services import dashboard
from matchboard.web.context import actor, now
from matchboard.web.first_steps import step_rows
from matchboard.web.guard import requires

bp = Blueprint("dashboard", __name__)


@bp.get("/dashboard")
@requires(Permission.DASHBOARD_READ)
def show() -> ResponseReturnValue:
    """Show the district's figures; each leads to the list behind it."""
    return render_template(
        "dashboard/page.html",
        found=dashboard.overview(actor=actor(), now=now()),
        first_steps=step_rows(),
    )
