"""The session of someone signed in: begun afresh, ended when idle, remembered for drafts.

A session holds the account's `fs_uniquifier`, not its id: with a new one every session of the
account is over. The browser besides keeps, signed, which session it had last, so that what is typed
after a time-out can be kept for that person (see `web.drafts`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, Response, current_app, g, request, session
from flask_login import current_user
from flask_security.utils import login_user, logout_user
from itsdangerous import BadSignature, URLSafeTimedSerializer

from matchboard.domain.accounts import SecurityRules
from matchboard.services import settings
from matchboard.web.context import now

LAST_COOKIE = "matchboard_last"
LAST_MAX_AGE = timedelta(days=7)
#: A request is noted in the cookie this long after the last one noted. Most answers then carry no
#: session: one that comes late cannot bring back a session ended or begun anew meanwhile.
NOTED_EVERY = timedelta(seconds=30)


def init_app(app: Flask) -> None:
    """Keep the browser's last session in a cookie of its own."""
    app.after_request(_write_cookie)


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
    session["seen_at"] = int(now().timestamp())
    if language:
        session["language"] = language
    g.last_session = user.fs_uniquifier


def end() -> None:
    """End the session because the person signs out: nothing is kept for them here."""
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


def last_session() -> str | None:
    """Return the name of the session this browser had last, None if it had none or signed out."""
    try:
        name = _signer().loads(
            request.cookies.get(LAST_COOKIE, ""), max_age=int(LAST_MAX_AGE.total_seconds())
        )
    except BadSignature:
        return None
    return str(name)


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


def _write_cookie(response: Response) -> Response:
    name = g.get("last_session")
    if name is None:
        return response
    if not name:
        response.delete_cookie(LAST_COOKIE)
        return response
    response.set_cookie(
        LAST_COOKIE,
        _signer().dumps(name),
        max_age=LAST_MAX_AGE,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="last-session")
