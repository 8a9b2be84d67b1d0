"""HTTP: guard, forms, one module per blueprint; parse, call one service, render."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

#: Modules with a `blueprint`, in the order they are registered.
BLUEPRINTS = (
    "public",
    "installation",
    "security",
    "account",
    "admin",
    "policies",
    "clients",
    "client_profile",
    "restricted",
    "covers",
    "handovers",
    "search",
    "courses",
    "training",
    "trainees",
    "client_training",
    "today",
    "placements",
    "matches",
    "lookup",
    "tasks",
    "partner",
    "dashboard",
    "ranking",
    "partner_vacancies",
    "vacancies",
    "partners",
    "jobs",
    "own_page",
    "styleguide",
)


def init_app(app: Flask, *, pages: bool = True) -> None:
    """Put the site together; the guard comes first and checks every endpoint last.

    Without `pages` only the language is there, for what the commands say.
    """
    if not pages:
        import_module("matchboard.web.language").init_app(app)
        return
    from matchboard.web import (
        drafts,
        errors,
        guard,
        headers,
        language,
        language_keeping,
        looks,
        navigation,
        request_log,
        security,
        seen,
        template_setup,
    )

    guard.init_app(app)
    request_log.init_app(app)
    language.init_app(app)
    security.init_app(app)
    headers.init_app(app)
    drafts.init_app(app)
    language_keeping.init_app(app)
    looks.init_app(app)
    errors.init_app(app)
    template_setup.init_app(app)
    seen.init_app(app)
    navigation.init_app(app)
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(f"matchboard.web.{name}").bp)
    guard.check_every_endpoint(app)
