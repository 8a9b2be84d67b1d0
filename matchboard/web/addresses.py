"""Addresses of this site: which ones a redirect may lead to, and each role's main screen."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from flask import current_app, request
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


def page_endpoint(address: str) -> str | None:
    """Return the endpoint that shows a local address as a page, None if nothing does."""
    try:  # the address may be no page, the browser's Host may be none
        adapter = current_app.url_map.bind(request.host)
        endpoint, _ = adapter.match(urlsplit(address).path, method="GET")
    except HTTPException:
        return None
    return str(endpoint)
