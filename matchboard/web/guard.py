"""Default-deny access: every endpoint names a permission, one `before_request` enforces it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext as _l
from flask_login import current_user
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import BadRequest, HTTPException

from matchboard.domain.errors import DomainError
from matchboard.domain.roles import VISITOR, Permission, Role, is_granted
from matchboard.extensions import READING, begin_read_only
from matchboard.services.sign_in import Over
from matchboard.web import drafts, form_pages, sessions
from matchboard.web.addresses import local_address
from matchboard.web.context import Viewer
from matchboard.web.notices import flash_now

View = TypeVar("View", bound=Callable[..., Any])

#: What an account may do before it has replaced its one-time password.
WITH_ONE_TIME_PASSWORD = frozenset({Permission.PUBLIC, Permission.LINK_OWN, Permission.ACCOUNT_OWN})

#: Endpoints of libraries that cannot carry `@requires`.
LIBRARY_ENDPOINTS: dict[str, Permission] = {
    "static": Permission.PUBLIC,
}

#: Public endpoints that must answer while the database is away: nobody is looked up for them.
WITHOUT_DATABASE = frozenset({"static", "public.healthz", "public.readyz"})


_OVER = {
    Over.IDLE: _l("您有一段时间没有操作，为安全起见已退出登录。请重新登录。"),
    Over.TOO_OLD: _l("登录已满 12 小时，为安全起见已退出登录。请重新登录。"),
    Over.ENDED: _l("这次登录已被结束（密码重置、账户停用或在别处退出）。请重新登录。"),
}


class UnguardedEndpoint(DomainError):
    """An endpoint without a permission: the application refuses to start."""

    code = "unguarded_endpoint"


def requires(permission: Permission) -> Callable[[View], View]:
    """Tag a view with the permission it needs; the guard enforces it."""

    def tag(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return tag


def permission_of(app: Flask, endpoint: str) -> Permission | None:
    """Return the permission `endpoint` needs, None if it was never given one."""
    if endpoint in LIBRARY_ENDPOINTS:
        return LIBRARY_ENDPOINTS[endpoint]
    permission = getattr(app.view_functions[endpoint], "permission", None)
    return permission if isinstance(permission, Permission) else None


def may_open(role: Role, endpoint: str) -> bool:
    """Return whether a role may use an endpoint."""
    permission = permission_of(current_app, endpoint)
    return permission is not None and is_granted(role, permission)


def check_every_endpoint(app: Flask) -> None:
    """Refuse to start with an endpoint nobody decided about."""
    missing = sorted(e for e in app.view_functions if permission_of(app, e) is None)
    if missing:
        raise UnguardedEndpoint(endpoints=missing)


def init_app(app: Flask) -> None:
    """Put the guard in front of every request, and of the check of the form's token.

    Without a session no token can be right: a form sent then must be kept before it is refused.
    """
    app.before_request_funcs.setdefault(None, []).insert(0, _enforce)


def _sent() -> MultiDict[str, str]:
    """Return the fields that were sent.

    A body that cannot be read (too large, torn off) is refused here, once: for whoever answers,
    and the page that says so repeats what was typed, it is an empty form from then on.
    """
    try:
        return request.form
    except HTTPException:
        request.form, request.files = ImmutableMultiDict(), ImmutableMultiDict()
        raise


def _holds_nul() -> bool:
    """Return whether an address or a field holds NUL: nobody types it, PostgreSQL refuses it."""
    fields = (value for values in (request.args, _sent()) for value in values.values())
    return "\0" in request.path or any("\0" in value for value in fields)


def _enforce() -> ResponseReturnValue | None:
    g.actor = VISITOR
    if _holds_nul() or isinstance(request.routing_exception, BadRequest):
        # In plain text: no page could repeat the address, nor lead on from a host that is none.
        return "bad request\n", 400, {"Content-Type": "text/plain; charset=utf-8"}
    page = form_pages.page_instead()
    if page is not None:
        return _go(page)
    if request.endpoint in WITHOUT_DATABASE:
        return None
    if request.endpoint is None:
        _identify(is_needed=False)  # the page that says so names who is signed in
        return None
    _identify()
    permission = permission_of(current_app, request.endpoint)
    if permission is None:
        abort(404)
    if not is_granted(g.actor.role, permission):
        if current_user.is_authenticated:
            abort(403)
        return _ask_to_sign_in()
    has_one_time_password = current_user.is_authenticated and current_user.must_change_password
    if has_one_time_password and permission not in WITH_ONE_TIME_PASSWORD:
        return _go(url_for("account.change_password"))
    drafts.discard_sent()
    return None


def _identify(*, is_needed: bool = True) -> None:
    """Note who asks, looked up in the transaction the request opens; a write's takes the lock."""
    if request.method in READING:
        begin_read_only()
    elif not is_needed:
        return
    sessions.end_if_idle()
    if current_user.is_authenticated:
        g.actor = current_user.actor
        g.viewer = Viewer(current_user.display_name, current_user.role, current_user.pid)


def _ask_to_sign_in() -> ResponseReturnValue:
    """Send a visitor to the sign-in page and back afterwards; what was typed is kept."""
    name = sessions.last_session()
    if request.method in READING:
        target = drafts.page_of_form() if request.headers.get("HX-Request") else _own_address()
    else:
        target = drafts.keep(name)
    if name is not None:
        flash_now(str(_OVER[sessions.why_over(name)]), "info")
    if request.method not in READING and not drafts.is_kept_at(target or ""):
        flash_now(gettext("刚才提交的内容没有保存。请重新登录后再提交。"), "warning")
    return _go(url_for("security.login", next=target))


def _own_address() -> str | None:
    return local_address(request.full_path.rstrip("?"))


def _go(address: str) -> ResponseReturnValue:
    if request.headers.get("HX-Request"):
        return "", 401, {"HX-Redirect": address}
    return redirect(address, code=303)
