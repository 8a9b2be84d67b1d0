"""Own account and language."""

from __future__ import annotations

from flask import Blueprint, request, session
from flask.typing import ResponseReturnValue

from matchboard.domain.roles import Permission
from matchboard.web.guard import requires
from matchboard.web.language import LOCALES
from matchboard.web.responses import see_other

bp = Blueprint("account", __name__)


@bp.post("/language")
@requires(Permission.PUBLIC)
def choose_language() -> ResponseReturnValue:
    """Keep the chosen language and return to the page it was chosen on."""
    chosen = request.form.get("language", "")
    if chosen in LOCALES:
        session["language"] = chosen
    target = request.form.get("next", "/")
    is_local = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return see_other(target if is_local else "/")
