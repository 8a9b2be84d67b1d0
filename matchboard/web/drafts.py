"""Nothing typed is lost when the session ends or the language changes: it is filled in again.

1. A POST without a session reaches the guard, which calls `keep`: the fields are stored for whoever
   had this browser's last session, and the sign-in page is asked to lead back to the form's page
   with `?draft=<token>`. The language switch on a refused form carries the form's fields along
   (`carried`) and keeps them in the same way (`keep_carried`).
2. On that page `BaseForm` asks `fill` for the fields that fit it; a form built otherwise (one of
   several on its page, a question with a reason) is filled in the finished page, by `_refill`.
3. When it is sent, `discard_sent` deletes the draft in the same transaction that saves the form. A
   draft nobody comes back for is deleted after a day.

Behind a personal link, and on the sign-in page, there is no account a draft could belong to. There
it stays in the browser, encrypted, for half an hour; no birth date, no password, no link is in it.
"""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.fernet import InvalidToken
from flask import Flask, Response, current_app, g, render_template, request, session
from werkzeug.datastructures import MultiDict

from matchboard.crypto import decrypt, encrypt, token_digest
from matchboard.domain.roles import Actor
from matchboard.services import drafts, transaction
from matchboard.web.addresses import local_address, page_endpoint, parts_of
from matchboard.web.context import actor, now
from matchboard.web.form_pages import page_at
from matchboard.web.refill import refill

#: Of the address and of the form's hidden field.
ARGUMENT = "draft"
FIELD = "draft_token"
#: Of the address too: where the form is sent, if not to its page.
FORM_ARGUMENT = "draft_form"
COOKIE = "matchboard_typed"
COOKIE_AGE = timedelta(minutes=30)
#: Name of the button that sends a form only to have it in the other language.
SWITCH = "change_language"
#: What a browser surely takes.
_COOKIE_BYTES = 3900
#: What a form sends about itself, and what is nobody's to keep.
_NOT_KEPT = ("csrf_token", FIELD, SWITCH)
OWN = frozenset({"version", "opened", "seen", "submission_key", "step", "back", "next"})
#: What a form says about the record it was opened on: it comes back with what was typed on it.
_OPENING = re.compile(r"(^|-)(version|opened|seen)$")
#: Forms never kept: offence facts stay in their store.
_NEVER = ("restricted.",)
#: Pages that need no account; an own page's address is a secret, the birth date a password there.
_WITHOUT_ACCOUNT = ("own_page.", "security.", "installation.")
_SECRET = re.compile(r"password|repeated|secret|token|otp|^code$", re.IGNORECASE)
_BIRTH_DATE = re.compile(r"birth_date$")
#: A form written by hand shows by itself nothing that was typed (components/actions.html).
BY_HAND = "data-refill"

Fields = tuple[tuple[str, str], ...]


def init_app(app: Flask) -> None:
    """Fill in what the views did not, and look after the browser's own draft."""
    app.after_request(_refill)
    app.after_request(_write_cookie)


def keep(session_name: str | None) -> str | None:
    """Keep what this POST holds; return the address at which it is filled in, None if nowhere.

    Commits by itself: the guard answers before any view runs.
    """
    page = page_of_form()
    if page is None:
        return None
    if is_never_kept(request.endpoint):
        return page
    fields = _kept(request.form.items(multi=True))
    address = _keep(page, request.path, fields, session_name=session_name)
    transaction.commit()
    return address


def carried() -> tuple[str, str] | None:
    """Return (address, fields) of the form being refused, for the language switch beside it."""
    if request.method != "POST" or request.endpoint is None or is_never_kept(request.endpoint):
        return None
    fields = _kept(request.form.items(multi=True))
    return (request.path, json.dumps(fields, ensure_ascii=False)) if _says(fields) else None


def keep_carried(page: str) -> str:
    """Keep what the language switch carries for a page; return the address to go to."""
    form = local_address(request.form.get("typed_form", ""))
    if form is None or is_never_kept(page_endpoint(page)):
        return page
    try:
        read = json.loads(request.form.get("typed", ""))
        fields = _kept((str(name), str(value)) for name, value in read)
    except (ValueError, TypeError):
        return page
    return _keep(page, form, fields, session_name=_own_session())


def keep_sent() -> str:
    """Keep what the present form holds; return the address at which it is filled in again."""
    page = page_of_form() or "/"
    fields = _kept(request.form.items(multi=True))
    return _keep(page, request.path, fields, session_name=_own_session())


def _own_session() -> str | None:
    return session.get("_user_id") if actor().user_id is not None else None


class TypedWords:
    """What templates ask about the form being answered."""

    #: What no field that is kept may be called: the browser's own notes go by the same.
    secret = _SECRET.pattern

    carried = staticmethod(carried)

    @staticmethod
    def is_kept() -> bool:
        """Return whether what is typed on this page may be kept."""
        return not is_never_kept(request.endpoint)


def is_never_kept(endpoint: str | None) -> bool:
    """Return whether nothing typed in an endpoint's forms may be kept anywhere."""
    return (endpoint or "").startswith(_NEVER)


def is_secret(field: str) -> bool:
    """Return whether a field's value is nobody's to keep or to repeat: a password, a token."""
    return not field.endswith(FIELD) and _SECRET.search(field) is not None


def page_of_form() -> str | None:
    """Return the page on which this request's form stands, as far as the browser says."""
    for text in (request.headers.get("HX-Current-URL", ""), request.referrer or "", request.path):
        parts = parts_of(text)
        if parts.netloc not in {"", request.host}:
            continue
        query = [pair for pair in parse_qsl(parts.query) if pair[0] not in _ARGUMENTS]
        page = page_at(parts.path + (f"?{urlencode(query)}" if query else ""))
        if page is not None and not (page_endpoint(page) or "").startswith("security."):
            return page
    return None


def with_draft(page: str, token: str, form: str = "") -> str:
    """Return the page's address with the draft's token in it, and its form's; no older draft's."""
    parts = urlsplit(page)
    query = [pair for pair in parse_qsl(parts.query, True) if pair[0] not in _ARGUMENTS]
    query.append((ARGUMENT, token))
    if form and form != parts.path:
        query.append((FORM_ARGUMENT, form))
    return parts._replace(query=urlencode(query)).geturl()


def is_kept_at(address: str) -> bool:
    """Return whether something has just been kept for the page at an address."""
    return "own_draft" in g or ARGUMENT in dict(parse_qsl(urlsplit(address).query))


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


_ARGUMENTS = frozenset({ARGUMENT, FORM_ARGUMENT})


def _kept(pairs: Iterable[tuple[str, str]]) -> Fields:
    """Return the fields that may be kept."""
    return tuple(
        (name, value)
        for name, value in pairs
        if not name.endswith(_NOT_KEPT) and not is_secret(name)
    )


def _says(fields: Fields) -> bool:
    """Return whether somebody typed any of it."""
    return any(value.strip() for name, value in fields if name not in OWN)


def _keep(page: str, form: str, fields: Fields, *, session_name: str | None) -> str:
    """Keep fields of the form sent to `form`; return the address at which they are filled in."""
    endpoint = page_endpoint(page)
    if is_never_kept(endpoint) or not _says(fields):
        return page
    if (endpoint or "").startswith(_WITHOUT_ACCOUNT):
        g.own_draft = _sealed(form, fields)
        return page
    if session_name is None:
        return page
    draft = drafts.Draft(path=urlsplit(page).path, fields=fields)
    token = drafts.keep_draft(draft, session_name=session_name, now=now())
    return page if token is None else with_draft(page, token, form)


def _knows(names: frozenset[str], field: str) -> bool:
    """Return whether a form has the field, or a list of fields it belongs to ("skills-0-code")."""
    return field in names or any(field.startswith(f"{name}-") for name in names)


# --- In the finished page -----------------------------------------------------------------------


def _refill(response: Response) -> Response:
    """Fill in the form a draft is of, if its view has not; say that something was filled in."""
    if response.mimetype != "text/html" or response.is_streamed or response.direct_passthrough:
        return response
    if request.method == "POST":
        if response.status_code in {409, 422, 500, 503}:
            fields = _kept(request.form.items(multi=True))
            _put_back(response, request.path.__eq__, fields, mark=BY_HAND)
        return response
    if request.method != "GET" or response.status_code != 200:
        return response
    if "draft_used" not in g:
        token = request.args.get(ARGUMENT, "")
        found = drafts.find_draft(token, actor=actor(), now=now()) if token else None
        if found is not None and found.path == request.path:
            form = request.args.get(FORM_ARGUMENT) or request.path
            hidden = ((FIELD, token),)
            g.draft_used = _put_back(
                response, form.__eq__, found.fields, hidden=hidden, opening=_OPENING
            )
        elif (own := _own_draft()) is not None:
            digest, fields = own
            g.draft_used = _put_back(
                response, lambda a: token_digest(a) == digest, fields, opening=_OPENING
            )
    if g.get("draft_used"):
        head, mark, rest = response.get_data(as_text=True).partition(_MESSAGES)
        response.set_data(
            head + mark + (render_template("drafts/filled_in.html") if mark else "") + rest
        )
    return response


#: Where base.html shows what happened.
_MESSAGES = '<div id="messages" role="status" aria-live="polite">'


def _put_back(
    response: Response,
    is_form: Callable[[str], bool],
    fields: Fields,
    *,
    hidden: Fields = (),
    mark: str = "",
    opening: re.Pattern[str] | None = None,
) -> bool:
    text = response.get_data(as_text=True)
    filled = refill(
        text, is_form, fields, path=request.path, hidden=hidden, mark=mark, opening=opening
    )
    if filled is None:
        return False
    response.set_data(filled)
    return True


# --- Without an account -------------------------------------------------------------------------


def _sealed(form: str, fields: Fields) -> str:
    """Return the draft as the browser keeps it: the form is named by a digest alone."""
    kept = [pair for pair in fields if not _BIRTH_DATE.search(pair[0])]
    text = json.dumps([token_digest(form), int(now().timestamp()), kept], ensure_ascii=False)
    sealed = encrypt(b64encode(zlib.compress(text.encode(), 9)).decode())
    return sealed if len(sealed) <= _COOKIE_BYTES else ""


def _own_draft() -> tuple[str, Fields] | None:
    """Return (digest of the form's address, fields) this browser keeps for the page shown."""
    sealed = request.cookies.get(COOKIE)
    if not sealed or not (request.endpoint or "").startswith(_WITHOUT_ACCOUNT):
        return None
    return opened(sealed)


def opened(sealed: str) -> tuple[str, Fields] | None:
    """Return (digest of the form's address, fields) of a sealed draft; None if altered or old."""
    try:
        digest, kept_at, kept = json.loads(zlib.decompress(b64decode(decrypt(sealed))))
    except (InvalidToken, ValueError, zlib.error):
        return None
    if now().timestamp() - kept_at > COOKIE_AGE.total_seconds():
        return None
    return digest, tuple((str(name), str(value)) for name, value in kept)


def _write_cookie(response: Response) -> Response:
    """Keep a new draft; forget the old one once the form has been taken."""
    sealed = g.get("own_draft")
    is_sent = request.method == "POST" and (request.endpoint or "").startswith(_WITHOUT_ACCOUNT)
    if sealed:
        response.set_cookie(
            COOKIE,
            sealed,
            max_age=COOKIE_AGE,
            httponly=True,
            samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )
    elif is_sent and response.status_code < 400 and COOKIE in request.cookies:
        response.delete_cookie(COOKIE)
    return response
