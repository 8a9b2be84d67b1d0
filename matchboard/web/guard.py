"""Default-deny access: every endpoint names a permission, one `before_request` enforces it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from matchboard.domain.errors import DomainError
from matchboard.domain.roles import VISITOR, Permission, is_granted
from matchboard.extensions import begin_read_only

View = TypeVar("View", bound=Callable[..., Any])
READING = frozenset({"GET", "HEAD", "OPTIONS"})

#: Endpoints of libraries that cannot carry `@requires`.
LIBRARY_ENDPOINTS: dict[str, Permission] = {
    "static": Permission.PUBLIC,
    "security.login": Permission.PUBLIC,
    "security.logout": Permission.ACCOUNT_OWN,
    "security.static": Permission.PUBLIC,
    "security.verify": Permission.ACCOUNT_OWN,
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


def check_every_endpoint(app: Flask) -> None:
    """Refuse to start with an endpoint nobody decided about."""
    missing = sorted(e for e in app.view_functions if permission_of(app, e) is None)
    if missing:
        raise UnguardedEndpoint(endpoints=missing)


def init_app(app: Flask) -> None:
    """Put the guard in front of every request."""
    app.before_request(_enforce)


def _enforce() -> ResponseReturnValue | None:
    g.actor = VISITOR
    if request.endpoint is None:
        return None
    if request.endpoint == "static":
        return None
    if request.method in READING:
        begin_read_only()
    permission = permission_of(current_app, request.endpoint)
    if permission is None:
        abort(404)
    if current_user.is_authenticated:
        g.actor = current_user.actor
    if is_granted(g.actor.role, permission):
        return None
    if current_user.is_authenticated:
        abort(403)
    return _ask_to_sign_in()


def _ask_to_sign_in() -> ResponseReturnValue:
    """Send a visitor to the sign-in page and back afterwards."""
    target = request.full_path.rstrip("?") if request.method in READING else request.path
    address = url_for("security.login", next=target)
    if request.headers.get("HX-Request"):
        return "", 401, {"HX-Redirect": address}
    return redirect(address)
