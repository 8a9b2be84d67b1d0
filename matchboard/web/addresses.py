"""Addresses of this site: which ones a redirect may lead to, and each role's main screen."""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, urlsplit

from flask import current_app
from werkzeug.exceptions import HTTPException

from matchboard.domain.roles import Role

#: PRODUCT.md, "Users".
MAIN_SCREENS: dict[Role, str] = {
    Role.OFFICER: "/today",
    Role.ENTERPRISE: "/partner",
    Role.COORDINATOR: "/training",
    Role.DISTRICT: "/dashboard",
    Role.SYSTEM_ADMIN: "/admin",
    Role.SECURITY_ADMIN: "/admin",
    Role.AUDIT_ADMIN: "/admin",
}


def main_screen(role: Role) -> str:
    """Return where a role's work begins."""
    return MAIN_SCREENS.get(role, "/")


def local_address(text: str) -> str | None:
    """Return `text` if it is a path of this site, None for anything that could lead elsewhere.

    Browsers read "//host", "/\\host" and "/<tab>/host" as other sites.
    """
    if not text.startswith("/") or text[1:2] in {"/", "\\"} or len(text) > 1000:
        return None
    if "\\" in text or not text.isprintable() or any(letter.isspace() for letter in text):
        return None
    parts = urlsplit(text)
    return None if parts.scheme or parts.netloc else text


def parts_of(text: str) -> SplitResult:
    """Return the parts of an address a browser sent, empty ones if it is none ("http://[")."""
    try:
        return urlsplit(text)
    except ValueError:
        return urlsplit("")


def endpoint_at(address: str, method: str) -> tuple[str, dict[str, Any]] | None:
    """Return the endpoint that answers a local address and its arguments, None if nothing does.

    No address of the site hangs on the host it was asked at, which may be no name of a host at all.
    """
    adapter = current_app.url_map.bind("localhost")
    try:
        endpoint, view_args = adapter.match(urlsplit(address).path, method=method)
    except HTTPException:
        return None
    return str(endpoint), dict(view_args)


def page_endpoint(address: str) -> str | None:
    """Return the endpoint that shows a local address as a page, None if nothing does."""
    found = endpoint_at(address, "GET")
    return None if found is None else found[0]
