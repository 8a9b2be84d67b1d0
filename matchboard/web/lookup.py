"""Search while typing over the public catalogues: skills, places, occupations."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from matchboard.domain.catalogues import SkillKind
from matchboard.domain.roles import Permission
from matchboard.web.codebooks import (
    Choice,
    search_divisions,
    search_occupations,
    search_skills,
)
from matchboard.web.forms.occupation_of_title import title_question
from matchboard.web.forms.vacancies import title_of
from matchboard.web.guard import requires

bp = Blueprint("lookup", __name__, url_prefix="/lookup")
MAX_LENGTH = 40


@bp.get("/skills")
@requires(Permission.PUBLIC)
def skills() -> Response:
    """Return skills for `q`; `kind=certificate` narrows to certificates."""
    kinds = {kind.value: kind for kind in SkillKind}
    return _answer(search_skills(_query(), kind=kinds.get(request.args.get("kind", ""))))


@bp.get("/divisions")
@requires(Permission.PUBLIC)
def divisions() -> Response:
    """Return provinces, cities and counties for `q`."""
    return _answer(search_divisions(_query()))


@bp.get("/occupations")
@requires(Permission.PUBLIC)
def occupations() -> Response:
    """Return occupations for `q`."""
    return _answer(search_occupations(_query()))


@bp.get("/occupations/of-opening")
@requires(Permission.PUBLIC)
def occupations_of_opening() -> ResponseReturnValue:
    """Return what the `title` of an opening may mean, as choices beside its `occupation_code`."""
    title = title_of(request.args.get("title", ""))
    chosen = request.args.get("occupation_code", "")
    question = title_question("occupation_code", title, chosen=chosen)
    return render_template(
        "vacancies/_occupation_offers.html",
        question=question,
        is_nothing_near=bool(title) and question is None,
    )


def _query() -> str:
    return request.args.get("q", "").strip()[:MAX_LENGTH]


def _answer(choices: Sequence[Choice]) -> Response:
    response = jsonify([{"value": c.value, "text": c.text, "extra": c.extra} for c in choices])
    # The words follow the session's language, so only the browser itself may keep them.
    response.headers["Cache-Control"] = "private, max-age=300"
    response.vary.add("Cookie")
    return response
