"""Where an address leads that only takes what a form sends: to the page its form stands on.

A refused form is answered at the address it was sent to. Somebody who reloads that answer, opens it
again, changes its language or signs in anew asks for that address by GET and must come to a page.
By convention a form's address continues that of its page ("/partner/referrals/<pid>" +
"/<step>"), so the page is the longest beginning of the address that is one; `_ELSEWHERE` names the
forms for which this does not hold.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, request, url_for
from werkzeug.exceptions import MethodNotAllowed

from matchboard.web.addresses import endpoint_at, local_address, page_endpoint, parts_of

#: Forms on many pages, or on a page whose address theirs does not continue.
_ELSEWHERE = {
    "account.choose_language": "public.home",
    "security.logout": "account.own",
    "placements.remind": "placements.index",
}


def page_of(endpoint: str, view_args: dict[str, Any]) -> str:
    """Return the address of the page on which the form of an endpoint stands."""
    if endpoint in _ELSEWHERE:
        return url_for(_ELSEWHERE[endpoint])
    path = url_for(endpoint, **view_args)
    while path and page_endpoint(path) is None:
        path = path.rpartition("/")[0]
    return path or "/"


def page_at(address: str) -> str | None:
    """Return the page a local address shows or whose form it takes; None if it is none of ours."""
    if local_address(address) is None:
        return None
    form = endpoint_at(address, "POST")
    if page_endpoint(address) is not None and (form is None or form[0] not in _ELSEWHERE):
        return address
    return None if form is None else page_of(*form)


def page_instead() -> str | None:
    """Return where to send a person who asks for a form's address as if it were a page."""
    is_refused = isinstance(request.routing_exception, MethodNotAllowed)
    if request.method not in {"GET", "HEAD"}:
        return None
    if not is_refused and request.path not in _shadowed():
        return None
    return page_at(request.path)


def page_shown() -> str:
    """Return the address under which what is being answered can be read again."""
    address = request.full_path.rstrip("?")
    if request.method in {"GET", "HEAD"} or page_endpoint(request.path) is not None:
        return address
    referrer = parts_of(request.referrer or "")
    if referrer.netloc == request.host:
        # The page it was sent from: with its filters, where several pages have such a form.
        query = f"?{referrer.query}" if referrer.query else ""
        page = page_at(referrer.path + query)
        if page is not None:
            return page
    return page_at(request.path) or "/"


def _shadowed() -> frozenset[str]:
    """Return the fixed addresses of forms that a page's pattern takes for a record's id."""
    return frozenset(
        rule.rule
        for endpoint in _ELSEWHERE
        for rule in current_app.url_map.iter_rules(endpoint)
        if "GET" not in (rule.methods or ())
    )
