"""Typed errors → status and page, once for the whole site."""

from __future__ import annotations

from flask import Flask, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from matchboard.domain.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound
from matchboard.labels import error_text
from matchboard.services import transaction
from matchboard.web.form_pages import page_shown

STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (NotFound, 404),
    (NotAllowed, 403),
    (Conflict, 409),
    (InvalidInput, 422),
)


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(DomainError, _domain_error)
    for kind in transaction.LOST_RACE:
        app.register_error_handler(kind, _lost_race)
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
    return _page(status, error_text(error), error.code if error.code == "link_closed" else "")


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


def _unexpected(error: Exception) -> ResponseReturnValue:
    transaction.rollback()
    if current_app.config["PROPAGATE_EXCEPTIONS"] or current_app.testing:
        raise error
    current_app.logger.error("unexpected error", exc_info=error)
    return _page(500, "")


def _page(status: int, message: str, explanation: str = "") -> tuple[str, int]:
    return (
        render_template(
            "errors/error.html",
            status=status,
            message=message,
            explanation=explanation,
            back=_way_back(status, explanation),
            is_own_page=request.blueprint == "own_page",
        ),
        status,
    )


def _way_back(status: int, explanation: str) -> str:
    """Return the page whose form was refused; empty where there is none, or none any more."""
    if request.method in {"GET", "HEAD"} or explanation == "link_closed":
        return ""
    return page_shown() if status != 404 or request.referrer else ""
