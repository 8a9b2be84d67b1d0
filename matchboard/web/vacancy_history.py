"""What happened to an opening, in words."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from matchboard.labels import label, vacancies as words
from matchboard.services import vacancies
from matchboard.web import vacancy_words
from matchboard.web.vacancy_steps import event_words


def history_items(vacancy: Any) -> list[dict[str, Any]]:
    """Return the opening's events for the timeline."""
    return [
        {
            "when": vacancy_words.when_words(event.at),
            "title": event_words(event.name, event.to_state),
            "text": _event_text(event.detail),
            "who": label(vacancy_words.role_of(event.actor_role)),
            "icon": _ICONS.get(event.name, "clock"),
        }
        for event in vacancies.history(vacancy)
    ]


_ICONS = {
    "create": "plus",
    "edit": "edit",
    "recheck": "eye",
    "submit": "send",
    "approve": "circle-check",
    "return": "arrow-back-up",
    "pause": "player-pause",
    "resume": "player-play",
    "fill": "users",
    "close": "lock",
    "expire": "hourglass",
    "confirm": "calendar",
    "import": "upload",
}


def _event_text(detail: dict[str, Any]) -> str:
    if detail.get("reason"):
        return str(detail["reason"])
    fields = [str(words.FIELDS.get(name, name)) for name in detail.get("fields", ())]
    return gettext("改动：%(fields)s", fields=gettext("、").join(fields)) if fields else ""
