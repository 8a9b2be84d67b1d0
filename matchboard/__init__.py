"""Matchboard (安置就业对接平台): from custody into work that lasts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

__version__ = "0.1.0"


class Matchboard(Flask):
    """The application; `dispatch_request` is the one commit point of the site."""

    def dispatch_request(self) -> Response:
        """Run the view, then commit if it answered a write with success or a redirect.

        Whatever says that it is done (messages, the session, the answer itself) counts only if the
        commit succeeds.
        """
        from matchboard.services import transaction
        from matchboard.web import notices, sessions

        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return self.make_response(super().dispatch_request())
        before = sessions.remembered()
        response: Response | None = None
        try:
            response = self.make_response(super().dispatch_request())
            if response.status_code < 400:
                transaction.commit()
        except Exception:
            notices.discard()
            sessions.restore(before)
            if response is not None:
                response.close()  # nobody will: another is sent instead
            raise
        if response.status_code < 400:
            notices.release()
        else:
            transaction.rollback()
            notices.discard()
        return response


def create_app(settings: Mapping[str, Any] | None = None, *, pages: bool = True) -> Flask:
    """Return the application; `settings` replace those of the environment (tests, tools).

    Without `pages` it has database, language and services, and answers no request: what draws and
    ranks is not loaded.

    Raises
    ------
    WrongSettings
        If a setting is missing or cannot be used.
    UnguardedEndpoint
        If an endpoint has no permission.
    """
    # Imported here so that `import matchboard.domain` stays free of Flask's weight.
    from matchboard import config, extensions, logs, web
    from matchboard.domain.calendar import utc_now

    app = Matchboard(__name__)
    app.config.from_mapping(config.FIXED)
    app.config["CLOCK"] = utc_now
    app.config.from_mapping(config.from_environment() if settings is None else settings)
    n_proxies = app.config["TRUSTED_PROXIES"]
    if n_proxies:
        # Not the host: a proxy that leaves that header alone would pass on anybody's.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n_proxies, x_proto=n_proxies)  # type: ignore[method-assign]
    if not app.testing:
        logs.configure(log_format=app.config["LOG_FORMAT"])
    extensions.init_app(app)
    web.init_app(app, pages=pages)
    return app
