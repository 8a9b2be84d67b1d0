"""Typed errors → status and page, once for the whole site."""

from __future__ import annotations

import json

from flask import Flask, current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from matchboard.domain.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound
from matchboard.domain.roles import Role
from matchboard.extensions import READING
from matchboard.labels import error_text
from matchboard.services import disk, transaction
from matchboard.web.context import viewer
from matchboard.web.form_pages import page_shown
from matchboard.web.kept import kept
from matchboard.web.request_log import request_id
from matchboard.web.responses import is_swap

STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (NotFound, 404),
    (NotAllowed, 403),
    (Conflict, 409),
    (InvalidInput, 422),
)
#: Why a personal link opens nothing: both stand on the same page.
LINK_CLOSED = frozenset({"link_closed", "link_guessed"})
#: Where nothing was saved, the page keeps what was typed.
NOTHING_SAVED = frozenset({409, 500, 503})
#: Where sending the same once more may succeed: what stood against it passes by itself, or lay
#: between two requests. A record in another state refuses it again.
WORTH_RESENDING = frozenset({"constraint"})
#: When to try again while the database cannot serve.
RETRY_AFTER_S = 10

#: What an administrator will want to look up in the log.
_REPORTED = frozenset({500, 503})


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(DomainError, _domain_error)
    for kind in transaction.LOST_RACE:
        app.register_error_handler(kind, _lost_race)
    for fault in transaction.FAULTS:
        app.register_error_handler(fault, database_fault)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, _unexpected)


def _lost_race(error: Exception) -> ResponseReturnValue:
    """Answer 409 when a flush inside a view finds that somebody else was faster."""
    return _domain_error(transaction.translate(error))


def _domain_error(error: DomainError) -> ResponseReturnValue:
    transaction.rollback()
    status = next((code for kind, code in STATUS if isinstance(error, kind)), 500)
    if status == 500:
        current_app.logger.error("unmapped domain error %s", error.code)
    explanation = "link_closed" if error.code in LINK_CLOSED else ""
    return _page(status, error_text(error), explanation, code=error.code)


def http_error(error: HTTPException) -> ResponseReturnValue:
    """Answer with the page of a status; nothing of the request is saved."""
    transaction.rollback()
    if error.code is None or error.code < 400:
        return error.get_response()
    explanation = "csrf" if isinstance(error, CSRFError) else ""
    response = make_response(_page(error.code, "", explanation))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def database_fault(error: Exception) -> ResponseReturnValue:
    """Answer 503 while the database cannot be asked or written; anything else is a defect."""
    if not transaction.is_unavailable(error):
        return _unexpected(error)
    transaction.rollback()
    if not transaction.is_busy(error):
        disk.doubt()
    current_app.logger.warning(
        "the database cannot serve: %s", type(error).__name__, exc_info=error
    )
    response = make_response(_page(503, _cannot_serve()))
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _cannot_serve() -> str:
    if request.method in READING:
        return gettext("系统正忙，请稍等片刻再刷新。")
    return gettext("系统现在不能保存（可能正忙，或存储已满），这次操作没有保存。请过几秒再试。")


def _unexpected(error: Exception) -> ResponseReturnValue:
    transaction.rollback()
    if current_app.config["PROPAGATE_EXCEPTIONS"] or current_app.testing:
        raise error
    current_app.logger.error("unexpected error", exc_info=error)
    return _page(500, "")


def _page(
    status: int, message: str, explanation: str = "", *, code: str = ""
) -> tuple[str, int, dict[str, str]]:
    """Render the page from what the request already knows: it asks the database nothing.

    It must come also while the database does not answer, at once, and say nothing twice: there is
    no looking up of the person, no counting, no waiting, no writing. What htmx was to swap stays as
    it is, with what was typed, and the message is shown beside it.
    """
    headers = {}
    if is_swap():
        headers["HX-Reswap"] = "none"
        if message:
            headers["HX-Trigger"] = json.dumps({"matchboard:refused": message})
    if "_login_user" not in g:  # the account could not be looked up; do not try again
        g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]
    return (
        render_template(
            "errors/error.html",
            status=status,
            number=request_id() if status in _REPORTED else "",
            message="" if code == NotFound.code else message,
            explanation=explanation,
            back=_way_back(status, explanation),
            kept=kept() if status in NOTHING_SAVED else None,
            may_resend=status != 409 or code in WORTH_RESENDING,
            audience=_audience(),
            is_own_page=request.blueprint == "own_page",
            is_bare=True,
        ),
        status,
        headers,
    )


def _audience() -> str:
    """Return whose words the page speaks: nobody is told of rules that are not for them."""
    found = viewer()
    if found is None or request.blueprint == "own_page":
        return "visitor"
    return {Role.ENTERPRISE: "employer", Role.COORDINATOR: "provider"}.get(found.role, "staff")


def _way_back(status: int, explanation: str) -> str:
    """Return the page whose form was refused; empty where there is none, or none any more."""
    if request.method in READING or explanation == "link_closed":
        return ""
    return page_shown() if status != 404 or request.referrer else ""
