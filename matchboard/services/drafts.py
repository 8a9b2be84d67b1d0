"""What somebody typed before the session ended: kept encrypted, for that person only, for a day."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from matchboard.crypto import token_digest
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.web import FormDraft

KEEP = timedelta(hours=24)
MAX_BYTES = 64 * 1024
#: A person has few forms open at a time; older drafts give way.
MAX_PER_PERSON = 5


@dataclass(frozen=True, slots=True)
class Draft:
    """A form's page and what was typed on it, in the order it was sent."""

    path: str
    fields: tuple[tuple[str, str], ...]


def keep_draft(draft: Draft, *, session_name: str, now: datetime) -> str | None:
    """Keep a draft for the account whose session was called `session_name`; return its token.

    Returns None, and keeps nothing, if the account is shut or has changed its password since, or
    if the draft is too big.
    """
    owner = db.session.scalar(select(User).where(User.fs_uniquifier == session_name, User.active))
    text = json.dumps(draft.fields, ensure_ascii=False)
    if owner is None or len(text.encode()) > MAX_BYTES or len(draft.path) > 300:
        return None
    others = db.session.scalars(
        select(FormDraft.id)
        .where(FormDraft.user_id == owner.id)
        .order_by(FormDraft.created_at.desc(), FormDraft.id.desc())
        .offset(MAX_PER_PERSON - 1)
    ).all()
    db.session.execute(delete(FormDraft).where(FormDraft.id.in_(others)))
    token = secrets.token_urlsafe(24)
    db.session.add(
        FormDraft(
            token_digest=token_digest(token),
            user_id=owner.id,
            path=draft.path,
            fields=text,
            created_at=now,
        )
    )
    db.session.flush()
    return token


def find_draft(token: str, *, actor: Actor, now: datetime) -> Draft | None:
    """Return the actor's own draft; None if it is someone else's, too old, or gone."""
    row = db.session.scalar(
        select(FormDraft).where(
            FormDraft.token_digest == token_digest(token),
            FormDraft.user_id == actor.user_id,
            FormDraft.created_at > now - KEEP,
        )
    )
    if row is None:
        return None
    fields = tuple((str(name), str(value)) for name, value in json.loads(row.fields))
    return Draft(path=row.path, fields=fields)


def discard_draft(token: str, *, actor: Actor) -> None:
    """Delete the actor's draft: its form has been sent."""
    db.session.execute(
        delete(FormDraft).where(
            FormDraft.token_digest == token_digest(token), FormDraft.user_id == actor.user_id
        )
    )


def forget_old_drafts(*, now: datetime) -> int:
    """Delete drafts nobody came back for; return how many (daily tick)."""
    result = db.session.execute(delete(FormDraft).where(FormDraft.created_at <= now - KEEP))
    return int(getattr(result, "rowcount", 0))
