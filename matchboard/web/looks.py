"""Which pages show people, and the note that somebody looked.

Every page below a person's or a placement's address shows that person; the lists that name people
are named here, and say how many they show (`shown`). What opens with an entry of its own
(`restricted.read`, `referral.read`, `placement.letter`) needs none here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask, Response, current_app, g, request

from matchboard.services import looks
from matchboard.web.context import actor, now

#: Addresses below which everything is about one person.
PERSON, PLACEMENT = "/clients/<pid>", "/placements/<pid>"
#: Lists that name people.
LISTS = frozenset(
    {
        "clients.index",
        "handovers.hand_over",
        "matches.candidates_of",
        "placements.index",
        "search.results",
        "today.index",
        "trainees.list_trainees",
        "trainees.show_session",
        "training.start",
    }
)
#: Names of filters that are worth a note; anything else in an address is anybody's text.
FILTERS = frozenset(
    {"q", "office", "stage", "work", "kind", "contact", "division", "state", "view", "folder"}
    | {"subject", "time", "mine", "partner", "type", "waiting"}
)
#: Pages whose entry of their own is enough.
ON_RECORD = frozenset({"placements.letter"})
#: Looks remembered by one process, so that most pages ask the log nothing.
_N_REMEMBERED = 5000


def shown(n_people: int) -> None:
    """Say how many people the list of this request names."""
    g.n_people = g.get("n_people", 0) + n_people


def init_app(app: Flask) -> None:
    """Note looks after the page has been made."""
    app.extensions["looks"] = {}
    app.after_request(_note)


def _note(response: Response) -> Response:
    is_page = request.method == "GET" and response.status_code == 200
    if not is_page or g.get("actor") is None or actor().user_id is None:
        return response
    rule = request.url_rule.rule if request.url_rule is not None else ""
    pid = str((request.view_args or {}).get("pid", ""))
    page = str(request.endpoint)
    if page in ON_RECORD:
        return response
    if rule.startswith((PERSON, PLACEMENT)):
        note = looks.at_person if rule.startswith(PERSON) else looks.at_placement
        if _is_new(page, pid) and note(pid, page=page, actor=actor(), now=now()):
            _remember(page, pid)
    elif page in LISTS and g.get("n_people"):
        asked = {name: request.args.getlist(name) for name in sorted(request.args)}
        view = looks.view_of(page, asked)
        filters = sorted(name for name in FILTERS if request.args.get(name))
        is_noted = _is_new(page, view) and looks.at_list(
            page=page, view=view, n_shown=g.n_people, filters=filters, actor=actor(), now=now()
        )
        if is_noted:
            _remember(page, view)
    return response


def _is_new(*what: str) -> bool:
    """Return whether this process has not just noted the same; what it forgot the log knows."""
    last = _seen().get((actor().user_id, *what))
    return last is None or last <= now() - looks.WINDOW


def _remember(*what: str) -> None:
    seen = _seen()
    if len(seen) >= _N_REMEMBERED:
        seen.clear()
    seen[(actor().user_id, *what)] = now()


def _seen() -> dict[tuple[Any, ...], datetime]:
    found: dict[tuple[Any, ...], datetime] = current_app.extensions["looks"]
    return found
