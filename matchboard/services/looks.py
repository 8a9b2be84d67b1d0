"""Looks at people: who opened a person's record, or a list that names people, is on record.

Not each reload: the same account, the same page and the same person within `WINDOW` are one look,
or the log would drown in them. A look is written as well as may be (`audit.record_read`): a page
that is read does not wait for a writer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from matchboard.crypto import lookup_digest
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.audit import AuditEntry
from matchboard.models.client import Client
from matchboard.models.placement import Placement
from matchboard.services import audit
from matchboard.services.clients import RecordRef

WINDOW = timedelta(minutes=10)
PERSON, LIST = "client.look", "client.look_list"


def at_person(pid: str, *, page: str, actor: Actor, now: datetime) -> bool:
    """Note that a person's page was looked at; return whether that is on record."""
    return _note(PERSON, pid, {"page": page}, actor=actor, now=now)


def at_placement(pid: str, *, page: str, actor: Actor, now: datetime) -> bool:
    """Note a look at the person of a placement."""
    query = select(Client.pid).join(Placement, Placement.client_id == Client.id)
    client_pid = db.session.scalar(query.where(Placement.pid == pid))
    if client_pid is None:
        return False
    return _note(PERSON, client_pid, {"page": page, "placement": pid}, actor=actor, now=now)


def view_of(page: str, asked: Mapping[str, Sequence[str]]) -> str:
    """Return what one view of a list is called: its page, words and filters, told by nobody.

    Every page of a list and every search shows other people, so each is a look of its own; the
    key is outside the database, so that the log does not tell what was searched for.
    """
    text = json.dumps([page, sorted((name, list(several)) for name, several in asked.items())])
    return lookup_digest("view", text)[:12]


def at_list(
    *,
    page: str,
    view: str,
    n_shown: int,
    filters: Sequence[str],
    actor: Actor,
    now: datetime,
) -> bool:
    """Note that a list of people was looked at: how many it showed, and the kinds of its filters.

    Not what was typed into them, nor each person: whoever wants to know asks who was on the list.
    """
    detail = {"page": page, "filters": sorted(filters), "view": view}
    return _note(LIST, None, detail, actor=actor, now=now, n_shown=n_shown)


def _note(
    verb: str,
    pid: str | None,
    detail: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
    **more: Any,
) -> bool:
    user = db.session.get(User, actor.user_id) if actor.user_id is not None else None
    if user is None:
        return False
    if _is_on_record(verb, pid, detail, user.pid, now=now):
        return True
    subject = None if pid is None else RecordRef(pid)
    return audit.record_read(
        verb, subject, actor=actor, now=now, is_best_effort=True, **detail, **more
    )


def _is_on_record(
    verb: str, pid: str | None, detail: dict[str, Any], actor_pid: str, *, now: datetime
) -> bool:
    """Return whether the same look was noted a moment ago."""
    recent = (
        select(AuditEntry.detail)
        .where(
            AuditEntry.actor_pid == actor_pid,
            AuditEntry.at > now - WINDOW,
            AuditEntry.verb == verb,
            AuditEntry.subject_pid.is_(None) if pid is None else AuditEntry.subject_pid == pid,
        )
        .order_by(AuditEntry.id)
    )
    return any(
        all(noted.get(name) == value for name, value in detail.items())
        for noted in db.session.scalars(recent)
    )
