"""Who asks, and when: set once per request by the guard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask import current_app, g

from matchboard.domain.calendar import local_date
from matchboard.domain.roles import Actor, Role


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is signed in, as the frame of every page names them: known without the database."""

    name: str
    role: Role
    pid: str


def viewer() -> Viewer | None:
    """Return who is signed in, None for a visitor and while nobody could be looked up."""
    found: Viewer | None = g.get("viewer")
    return found


def actor() -> Actor:
    """Return the present request's actor."""
    value: Actor = g.actor
    return value


def now() -> datetime:
    """Return the instant of the present request (one per request)."""
    if "now" not in g:
        g.now = current_app.config["CLOCK"]()
    value: datetime = g.now
    return value


def today() -> date:
    """Return the office's date of the present request."""
    return local_date(now())
