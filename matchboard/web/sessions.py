"""The session of someone signed in: begun afresh, ended when idle, remembered for drafts.

A session holds the account's `fs_uniquifier`, not its id: with a new one every session of the
account is over. It also holds a key the server knows (`services.sign_in`): signing out, or twelve
hours, ends it there, so that a copy of the cookie opens nothing. The browser besides keeps, signed,
which session it had last, so that what is typed after a time-out can be kept for that person (see
`web.drafts`), and that an account has signed in from it before: a stranger's wrong passwords do not
lock such a browser out.
"""

from __future__ import annotations

import secrets
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Response, current_app, g, request, session
from flask_login import current_user
from flask_security.utils import login_user, logout_user
from itsdangerous import BadSignature, URLSafeTimedSerializer

from matchboard.domain.accounts import SecurityRules
from matchboard.services import settings, sign_in, transaction
from matchboard.web.context import now

LAST_COOKIE = "matchboard_last"
LAST_MAX_AGE = timedelta(days=7)
#: Of the browser an account has signed in from; nobody but this site reads it.
DEVICE_COOKIE = "matchboard_device"
DEVICE_MAX_AGE = timedelta(days=180)
#: The server's name for the session, in the cookie.
KEY = "key"
#: Of one shared browser; an older one is then a stranger again.
_MOST_ACCOUNTS = 8
#: A request is noted in the cookie this long after the last one noted. Most answers then carry no
#: session: one that comes late cannot bring back a session ended or begun anew meanwhile.
NOTED_EVERY = timedelta(seconds=30)


def init_app(app: Flask) -> None:
    """Keep what a browser had before in cookies of their own; look sessions up on the server."""
    app.after_request(_write_cookies)
    app.login_manager.user_loader(_load)  # type: ignore[attr-defined]


def _load(name: str) -> Any:
    """Return the account of the session's cookie, if the server still knows the session."""
    return sign_in.find_session(name, session.get(KEY, ""), now=now())


def default_rules() -> SecurityRules:
    """Return the installation's own rules, which hold until the security administrator's."""
    config = current_app.config
    return SecurityRules(
        lockout_failures=config["LOCKOUT_FAILURES"],
        lockout_minutes=config["LOCKOUT_MINUTES"],
        idle_minutes=config["IDLE_MINUTES"],
    )


def rules() -> SecurityRules:
    """Return the rules in force (read once per request)."""
    if "security_rules" not in g:
        g.security_rules = settings.current_rules(default=default_rules())
    value: SecurityRules = g.security_rules
    return value


def begin(user: Any, *, is_sign_in: bool = True) -> None:
    """Begin a session for `user`; nothing an earlier one held survives but the language.

    A session somebody planted in the browser beforehand, and the form tokens it knows, are worth
    nothing afterwards.
    """
    language = user.language or session.get("language")
    session.clear()
    g.pop("csrf_token", None)
    if is_sign_in:
        login_user(user, remember=False)
    else:
        _continue(user)
    session.permanent = True
    session[KEY] = sign_in.begin_session(user, now=now())
    session["seen_at"] = int(now().timestamp())
    if language:
        session["language"] = language
    g.last_session = user.fs_uniquifier
    if known_device(user.email) is None:
        g.new_device = (user.email, secrets.token_urlsafe(16))


def known_device(email: str) -> str | None:
    """Return what this browser is called in the counts of an address it has signed in to."""
    try:
        known = _signer("device").loads(
            request.cookies.get(DEVICE_COOKIE, ""),
            max_age=int(DEVICE_MAX_AGE.total_seconds()),
        )
    except BadSignature:
        return None
    nonce = known.get(sign_in.device_of(email, "")) if isinstance(known, dict) else None
    return None if nonce is None else sign_in.device_of(email, nonce)


def count_wrong_password(email: str) -> datetime | None:
    """Count a wrong password, whatever else becomes of the request, which is rolled back.

    Returns until when the address is locked for this browser, None if it is not.
    """
    counted = rules()
    transaction.rollback()  # or the count would wait for this request's own lock
    return sign_in.record_failure(email, rules=counted, device=known_device(email), now=now())


def is_locked_meanwhile(email: str) -> bool:
    """Return whether wrong passwords sent with this right one have locked the address."""
    try:
        sign_in.require_unlocked(email, device=known_device(email), now=now())
    except sign_in.SignInRefused:
        transaction.rollback()
        return True
    return False


def end() -> None:
    """End the session because the person signs out: nothing is kept for them here."""
    sign_in.end_session(session.get(KEY, ""), now=now())
    _close()
    g.last_session = ""


def end_if_idle() -> None:
    """End the session of someone not heard of for the idle time; otherwise note the request.

    The cookie runs out by itself too, but only in an honest browser: a copy of it used later is
    refused here.
    """
    if not current_user.is_authenticated:
        return
    instant = int(now().timestamp())
    seen_at = session.setdefault("seen_at", instant)
    if instant - seen_at > rules().idle_minutes * 60:
        _close()
        return
    if instant - seen_at >= NOTED_EVERY.total_seconds():
        session["seen_at"] = instant


def remembered() -> dict[str, Any]:
    """Return what the session holds, for `restore`."""
    return deepcopy(dict(session))


def restore(before: dict[str, Any]) -> None:
    """Let the session be what it was: what the view made of it rests on what was not saved."""
    if dict(session) != before:
        session.clear()
        session.update(before)
    g.pop("csrf_token", None)  # made anew from the session as it now is
    g.pop("last_session", None)
    g.pop("new_device", None)


def last_session() -> str | None:
    """Return the name of the session this browser had last, None if it had none or signed out."""
    try:
        name = _signer().loads(
            request.cookies.get(LAST_COOKIE, ""), max_age=int(LAST_MAX_AGE.total_seconds())
        )
    except BadSignature:
        return None
    return str(name)


def why_over(name: str) -> sign_in.Over:
    """Return why the session this browser had last is over."""
    return sign_in.why_over(name, session.get(KEY, ""), now=now())


def _continue(user: Any) -> None:
    """Name the account's new session without counting another sign-in."""
    session["_user_id"] = user.fs_uniquifier
    session["_fresh"] = True
    session["fs_cc"] = "set"
    session["fs_paa"] = now().timestamp()


def _close() -> None:
    language = session.get("language")
    logout_user()
    session.clear()
    if language:
        session["language"] = language


def _write_cookies(response: Response) -> Response:
    name = g.get("last_session")
    if name == "":
        response.delete_cookie(LAST_COOKIE)
    elif name is not None:
        _set(response, LAST_COOKIE, _signer().dumps(name), LAST_MAX_AGE)
    if "new_device" in g:
        _set(response, DEVICE_COOKIE, _signer("device").dumps(_devices()), DEVICE_MAX_AGE)
    return response


def _devices() -> dict[str, str]:
    """Return the accounts this browser knows (digests, no addresses), the newest few."""
    email, nonce = g.new_device
    try:
        known = _signer("device").loads(request.cookies.get(DEVICE_COOKIE, ""))
    except BadSignature:
        known = {}
    found = {**(known if isinstance(known, dict) else {}), sign_in.device_of(email, ""): nonce}
    return dict(list(found.items())[-_MOST_ACCOUNTS:])


def _set(response: Response, name: str, value: str, max_age: timedelta) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def _signer(what: str = "last-session") -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt=what)
