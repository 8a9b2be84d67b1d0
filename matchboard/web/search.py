"""One search for staff: a drop-down while typing, a page without scripts."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from matchboard.domain.roles import Permission
from matchboard.services import global_search
from matchboard.services.client_search import is_identity_number
from matchboard.services.global_search import Hit, SearchKind
from matchboard.web import looks
from matchboard.web.context import actor
from matchboard.web.guard import requires
from matchboard.web.responses import is_swap, see_other

bp = Blueprint("search", __name__)
PATHS = {
    SearchKind.CLIENT: "/clients/",
    SearchKind.VACANCY: "/vacancies/",
    SearchKind.PARTNER: "/partners/",
    SearchKind.COURSE: "/courses/",
}
#: Hits of one kind: in the drop-down, and on the page.
FEW, MANY = 5, 20


def path_of(hit: Hit) -> str:
    """Return the address of a hit."""
    return PATHS[hit.kind] + hit.pid


@bp.get("/search")
@requires(Permission.SEARCH)
def results() -> ResponseReturnValue:
    """Show what was found; a public id or an identity number leads straight to its record."""
    typed = request.args.get("q", "").strip()
    if not is_swap():
        exact = global_search.exact_hit(typed, actor=actor())
        if exact is not None:
            return see_other(path_of(exact))
    groups = global_search.search(typed, actor=actor(), limit=FEW if is_swap() else MANY)
    looks.shown(sum(len(g.hits) for g in groups if g.kind is SearchKind.CLIENT))
    response = make_response(
        render_template(
            "search/_results.html" if is_swap() else "search/page.html",
            typed="" if is_identity_number(typed) else typed,
            was_number=is_identity_number(typed),
            groups=groups,
            path_of=path_of,
            is_dropdown=is_swap(),
        )
    )
    response.vary.add("HX-Request")
    return response
