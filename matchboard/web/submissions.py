"""`@single_submission`: a double click or a resent form leads to the first one's result.

Sent again with something else in it ("back", a correction, "save"), a form about a record is judged
by the version it carries; one that made a new record leads there, and says that nothing was saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from hashlib import sha256
from typing import Any, TypeVar

from flask import make_response, request
from flask_babel import gettext

from matchboard.services import submissions, transaction
from matchboard.web.context import actor, now
from matchboard.web.form_pages import page_at
from matchboard.web.notices import flash_now
from matchboard.web.responses import see_other

View = TypeVar("View", bound=Callable[..., Any])
#: Where an answer says what was done shows: to a browser, to htmx, beside a part swapped in.
_LEADS_ON = ("Location", "HX-Redirect", "HX-Push-Url")


def single_submission(view: View) -> View:
    """Run a POST view once per `submission_key`; later ones are redirected to its result."""

    @wraps(view)
    def once(*args: Any, **kwargs: Any) -> Any:
        key = _key()
        if request.method != "POST" or not key:
            return view(*args, **kwargs)
        try:
            earlier = submissions.claim(key, now=now())
        except transaction.LOST_RACE:
            transaction.rollback()
            earlier = submissions.claim(key, now=now())
        sent = _digest(key, *_content())
        is_same = submissions.is_known(sent)
        if earlier is not None and (is_same or not _carries_version()):
            if not is_same:
                # "Back", something else typed, sent again: a second record is not what was meant.
                flash_now(
                    gettext(
                        "这张表已经提交过，这里是那一次的结果。后来改的内容没有保存，请在这里修改。"
                    ),
                    "warning",
                )
            return see_other(earlier or page_at(request.path) or "/")
        if not is_same:
            submissions.claim(sent, now=now())
        response = make_response(view(*args, **kwargs))
        location = next(filter(None, map(response.headers.get, _LEADS_ON)), None)
        if location and response.status_code < 400:
            for one in (key, sent):
                submissions.remember(one, location, now=now())
        return response

    return once  # type: ignore[return-value]


def _key() -> str:
    """Return a digest of the form's key, who sends it and where to; empty without a key.

    Somebody else's key claims nothing, and the token of a personal link is not kept in clear. A
    form with a prefix has its key under a longer name.
    """
    names = (name for name in request.form if name.endswith("submission_key"))
    key = request.form.get(next(names, ""), "")
    return _digest(str(actor().user_id), request.path, key) if key else ""


def sent_digest() -> str:
    """Return what names this very form with what is in it: a reload sends it again; "" unkeyed."""
    key = _key()
    return _digest("tried", key, *_content()) if key else ""


def _digest(*parts: str) -> str:
    return sha256("|".join(parts).encode()).hexdigest()


def _content() -> Iterator[str]:
    """Yield what the form says, apart from its own tokens: the same when it is sent twice."""
    for name, several in sorted(request.form.lists()):
        if not name.endswith(("submission_key", "csrf_token", "draft_token")):
            yield repr((name, several))


def _carries_version() -> bool:
    """Return whether the form says which version it was opened on: then the use case decides."""
    return any(name.endswith("version") and value for name, value in request.form.items())
