"""Chinese first, English one click away; the choice stays in the session."""

from __future__ import annotations

from flask import Flask, request, session
from flask_babel import get_locale

from matchboard.extensions import babel

#: Address code → Babel locale. Flask-Security's catalogue is called zh_Hans_CN.
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


def init_app(app: Flask) -> None:
    """Bind Babel with the language chosen in the session (or by the browser)."""
    babel.init_app(
        app,
        locale_selector=_select,
        default_translation_directories="translations",
    )


def _select() -> str:
    chosen = session.get("language")
    if chosen in LOCALES:
        return LOCALES[chosen]
    best = request.accept_languages.best_match(["zh-CN", "zh", "en"], default="zh")
    return LOCALES[best[:2]]


def current_language() -> str:
    """Return `zh` or `en`."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh"
