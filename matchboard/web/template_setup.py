"""What every template may use: few globals, and filters for dates, money, distances, labels."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Flask, g
from flask_babel import gettext
from jinja2 import StrictUndefined

from matchboard.domain.calendar import BEIJING
from matchboard.domain.roles import VISITOR, Permission, is_granted
from matchboard.labels import label
from matchboard.labels.accounts import lead_words
from matchboard.web.codebooks import skill_words
from matchboard.web.context import viewer
from matchboard.web.drafts import TypedWords
from matchboard.web.form_pages import page_shown
from matchboard.web.headers import csp_nonce
from matchboard.web.language import current_language


def money_month(value: float | None) -> str:
    """Return ¥4,500/月, or “unknown”."""
    if value is None:
        return gettext("未填写")
    return gettext("¥%(amount)s/月", amount=f"{value:,.0f}")


def isodate(value: date | datetime | None) -> str:
    """Return 2026-11-23 on the office's calendar; empty for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(BEIJING).date()
    return value.isoformat()


def localtime(value: datetime | None) -> str:
    """Return 2026-11-23 14:05 on the office's clock; empty for None."""
    return "" if value is None else value.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def km(value: float | None) -> str:
    """Return a distance with one digit below 10 km."""
    if value is None:
        return gettext("距离未知")
    amount = f"{value:.1f}" if value < 10 else f"{value:.0f}"
    return gettext("%(amount)s 公里", amount=amount)


def named(thing: Any) -> str:
    """Return the name of a unit, partner or course in the page's language, or else in Chinese."""
    name = thing.title if hasattr(thing, "title_en") else thing.name
    english = getattr(thing, "title_en", "") or getattr(thing, "name_en", "")
    return str(english if english and current_language() == "en" else name)


def code_name(letters: str) -> str:
    """Return what stands for a person in a referral, in the page's language."""
    return gettext("求职者 %(code)s", code=letters)


def may(permission: str) -> bool:
    """Return whether the present actor holds a permission (to draw or leave out a link)."""
    return is_granted(g.get("actor", VISITOR).role, Permission(permission))


def init_app(app: Flask) -> None:
    """Register globals and filters; an undefined variable is an error."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        csp_nonce=csp_nonce,
        current_language=current_language,
        may=may,
        page_shown=page_shown,
        typed_words=TypedWords(),
    )
    app.jinja_env.filters.update(
        label=label,
        lead_words=lead_words,
        named=named,
        money_month=money_month,
        isodate=isodate,
        localtime=localtime,
        km=km,
        skill_name=skill_words,
        code_name=code_name,
    )
    app.context_processor(lambda: {"actor": g.get("actor", VISITOR), "viewer": viewer()})
