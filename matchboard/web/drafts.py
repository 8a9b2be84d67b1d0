"""Nothing typed is lost when the session ends: it is kept, and filled in again after signing in.

1. A POST without a session reaches the guard, which calls `keep`: the fields are stored for whoever
   had this browser's last session, and the sign-in page is asked to lead back to the form's page
   with `?draft=<token>`.
2. On that page `BaseForm` asks `fill` for the fields that fit it, and carries the token on.
3. When it is sent, `discard_sent` deletes the draft in the same transaction that saves the form. A
   draft nobody comes back for is deleted after a day.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import g, request
from werkzeug.datastructures import MultiDict

from matchboard.domain.roles import Actor
from matchboard.services import drafts, transaction
from matchboard.web.addresses import page_endpoint
from matchboard.web.context import actor, now
from matchboard.web.form_pages import page_at

#: Of the address and of the form's hidden field.
ARGUMENT = "draft"
FIELD = "draft_token"
#: What a form sends about itself, and what is nobody's to keep.
_NOT_KEPT = frozenset({"csrf_token", FIELD})
_OWN = frozenset({"version", "submission_key"})
#: Forms never kept: offence facts stay in their store, a personal link's address is a secret.
_NEVER = ("restricted.", "own_page.")
_SECRET = re.compile(r"password|secret|token|otp", re.IGNORECASE)


def keep(session_name: str | None) -> str | None:
    """Keep what this POST holds; return the address at which it is filled in, None if nowhere.

    Commits by itself: the guard answers before any view runs.
    """
    page = page_of_form()
    if page is None:
        return None
    if _is_never_kept(page_endpoint(page)) or _is_never_kept(request.endpoint):
        return page
    fields = tuple(
        (field, value)
        for field, value in request.form.items(multi=True)
        if field not in _NOT_KEPT and not _SECRET.search(field)
    )
    if session_name is None or not any(
        value.strip() for field, value in fields if field not in _OWN
    ):
        return page
    draft = drafts.Draft(path=urlsplit(page).path, fields=fields)
    token = drafts.keep_draft(draft, session_name=session_name, now=now())
    if token is None:
        transaction.rollback()
        return page
    transaction.commit()
    return with_draft(page, token)


def _is_never_kept(endpoint: str | None) -> bool:
    return (endpoint or "").startswith(_NEVER)


def page_of_form() -> str | None:
    """Return the page on which this request's form stands, as far as the browser says."""
    for text in (request.headers.get("HX-Current-URL", ""), request.referrer or "", request.path):
        parts = urlsplit(text)
        if parts.netloc not in {"", request.host}:
            continue
        query = [pair for pair in parse_qsl(parts.query) if pair[0] != ARGUMENT]
        page = page_at(parts.path + (f"?{urlencode(query)}" if query else ""))
        if page is not None and not (page_endpoint(page) or "").startswith("security."):
            return page
    return None


def with_draft(page: str, token: str) -> str:
    """Return the page's address with the draft's token in it."""
    return f"{page}{'&' if '?' in page else '?'}{urlencode({ARGUMENT: token})}"


def belongs_to(address: str, *, owner: Actor) -> bool | None:
    """Return whether the draft an address names is `owner`'s; None if it names none."""
    token = dict(parse_qsl(urlsplit(address).query)).get(ARGUMENT)
    if token is None:
        return None
    return drafts.find_draft(token, actor=owner, now=now()) is not None


def fill(names: frozenset[str]) -> MultiDict[str, str] | None:
    """Return the draft for a form with these field names, once per page.

    A page may hold several forms. The draft is the form's if it knows all the fields but one: the
    button that was pressed.
    """
    if request.method != "GET" or not request.args.get(ARGUMENT) or "draft_used" in g:
        return None
    token = request.args[ARGUMENT]
    found = drafts.find_draft(token, actor=actor(), now=now())
    if found is None or found.path != request.path:
        return None
    sent = {field for field, _ in found.fields}
    unknown = {field for field in sent if not _knows(names, field)}
    if len(unknown) > 1 or unknown == sent:
        return None
    g.draft_used = True
    return MultiDict([*found.fields, (FIELD, token)])


def discard_sent() -> None:
    """Delete the draft of the form being sent; a refused form keeps it (the rollback)."""
    if request.method == "POST" and request.form.get(FIELD):
        drafts.discard_draft(request.form[FIELD], actor=actor())


def _knows(names: frozenset[str], field: str) -> bool:
    """Return whether a form has the field, or a list of fields it belongs to ("skills-0-code")."""
    return field in names or any(field.startswith(f"{name}-") for name in names)
