"""`@single_submission`: a double click or a resent form leads to the first one's result."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any, TypeVar

from flask import make_response, request

from matchboard.services import submissions, transaction
from matchboard.web.context import actor, now
from matchboard.web.form_pages import page_at
from matchboard.web.responses import see_other

View = TypeVar("View", bound=Callable[..., Any])


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
        if earlier is not None:
            return see_other(earlier or page_at(request.path) or "/")
        response = make_response(view(*args, **kwargs))
        location = response.headers.get("Location") or response.headers.get("HX-Redirect")
        if location and response.status_code < 400:
            submissions.remember(key, location, now=now())
        return response

    return once  # type: ignore[return-value]


def _key() -> str:
    """Return a digest of the form's key, who sends it and where to; empty without a key.

    Somebody else's key claims nothing, and the token of a personal link is not kept in clear. A
    form with a prefix has its key under a longer name.
    """
    names = (name for name in request.form if name.endswith("submission_key"))
    key = request.form.get(next(names, ""), "")
    if not key:
        return ""
    return sha256(f"{actor().user_id}|{request.path}|{key}".encode()).hexdigest()
