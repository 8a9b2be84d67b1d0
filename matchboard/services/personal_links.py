"""The person's own door /me/<token>: made at the desk, shown once, revocable, expiring."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update

from matchboard.crypto import token_digest
from matchboard.domain.calendar import local_date
from matchboard.domain.errors import Conflict, NotFound
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.client import Client, PersonalLink
from matchboard.services import audit, policies

#: 24 bytes: nobody guesses it, and the QR code stays coarse enough for an old phone.
_TOKEN_BYTES = 24


def active_link(client: Client, *, now: datetime) -> PersonalLink | None:
    """Return the link that opens at the instant, if the person has one."""
    query = (
        select(PersonalLink)
        .where(
            PersonalLink.client_id == client.id,
            PersonalLink.revoked_at.is_(None),
            PersonalLink.expires_at > now,
        )
        .order_by(PersonalLink.id.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def create_link(client: Client, *, actor: Actor, now: datetime) -> tuple[PersonalLink, str]:
    """Make a new link and close the earlier ones; the token exists only in what is returned."""
    _close_all(client, now=now)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    days = policies.current(client.office_id, on=local_date(now)).personal_link_days
    link = PersonalLink(
        client=client,
        token_digest=token_digest(token),
        expires_at=now + timedelta(days=days),
        created_at=now,
    )
    db.session.add(link)
    audit.record("personal_link.create", client, actor=actor, now=now)
    return link, token


def revoke_link(client: Client, *, actor: Actor, now: datetime) -> None:
    """Close the person's link at once.

    Raises
    ------
    Conflict
        If none is open.
    """
    if active_link(client, now=now) is None:
        raise Conflict("no_active_link")
    _close_all(client, now=now)
    audit.record("personal_link.revoke", client, actor=actor, now=now)


def find_link(token: str, *, now: datetime) -> PersonalLink:
    """Return the open link a token names.

    Raises
    ------
    NotFound
        If the token is unknown, expired or revoked: all look alike.
    """
    link: PersonalLink | None = db.session.scalar(
        select(PersonalLink).where(
            PersonalLink.token_digest == token_digest(token),
            PersonalLink.revoked_at.is_(None),
            PersonalLink.expires_at > now,
        )
    )
    if link is None:
        raise NotFound
    return link


def _close_all(client: Client, *, now: datetime) -> None:
    db.session.execute(
        update(PersonalLink)
        .where(PersonalLink.client_id == client.id, PersonalLink.revoked_at.is_(None))
        .values(revoked_at=now)
    )
