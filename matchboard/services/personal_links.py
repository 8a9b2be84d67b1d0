"""The person's own door /me/<token>: made at the desk, shown once, revocable, expiring."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from sqlalchemy import Subquery, and_, exists, select, update
from sqlalchemy.orm import aliased

from matchboard.crypto import lookup_digest, token_digest
from matchboard.domain.calendar import local_date
from matchboard.domain.client import Stage
from matchboard.domain.errors import Conflict, NotFound
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import SYSTEM, Actor
from matchboard.extensions import db
from matchboard.models.client import Client, PersonalLink
from matchboard.models.placement import Placement
from matchboard.services import audit, policies
from matchboard.services.seen import require_seen

#: Wrong birth dates after which the link closes; the office hands out a new one.
MAX_FAILURES = 5
#: 24 bytes: nobody guesses it, and the QR code stays coarse enough for an old phone.
_TOKEN_BYTES = 24
_DEMO_TOKEN_LENGTH = 32


def standing(client: Client, *, now: datetime) -> tuple[PersonalLink | None, datetime | None]:
    """Return the link that opens at the instant, and when wrong birth dates closed the last one.

    Only the link made last may open. One that would have expired by now anyway is not locked.
    """
    last = db.session.scalar(
        select(PersonalLink)
        .where(PersonalLink.client_id == client.id)
        .order_by(PersonalLink.id.desc())
        .limit(1)
    )
    if last is None or last.expires_at <= now:
        return None, None
    if last.revoked_at is None:
        return last, None
    return None, last.revoked_at if last.failed_attempts >= MAX_FAILURES else None


def active_link(client: Client, *, now: datetime) -> PersonalLink | None:
    """Return the link that opens at the instant, if the person has one."""
    return standing(client, now=now)[0]


def locks(*, now: datetime) -> Subquery:
    """Return whose last link wrong birth dates have closed (`client_id`), and when (`at`)."""
    later = aliased(PersonalLink)
    return (
        select(PersonalLink.client_id, PersonalLink.revoked_at.label("at"))
        .where(
            PersonalLink.failed_attempts >= MAX_FAILURES,
            PersonalLink.revoked_at.is_not(None),
            PersonalLink.expires_at > now,
            ~exists().where(later.client_id == PersonalLink.client_id, later.id > PersonalLink.id),
        )
        .subquery()
    )


def link_version(client: Client, *, now: datetime) -> str:
    """Return what a form carries of the person's link: which one is open, if any."""
    link = active_link(client, now=now)
    return "none" if link is None else str(link.id)


def create_link(
    client: Client, *, actor: Actor, now: datetime, seen: str | None = None
) -> tuple[PersonalLink, str]:
    """Make a new link and close the earlier ones; the token exists only in what is returned.

    Raises
    ------
    StaleEdit
        If another link is open than the page showed.
    """
    require_seen(seen, link_version(client, now=now))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    return _open(client, token, actor=actor, now=now), token


def _open(client: Client, token: str, *, actor: Actor, now: datetime) -> PersonalLink:
    _close_all(client, now=now)
    days = policies.current(client.office_id, on=local_date(now)).personal_link_days
    link = PersonalLink(
        client=client,
        token_digest=token_digest(token),
        expires_at=now + timedelta(days=days),
        created_at=now,
    )
    db.session.add(link)
    audit.record("personal_link.create", client, actor=actor, now=now)
    return link


def revoke_link(client: Client, *, actor: Actor, now: datetime, seen: str | None = None) -> None:
    """Close the person's link at once.

    Raises
    ------
    StaleEdit
        If another link is open than the page showed.
    Conflict
        If none is open.
    """
    require_seen(seen, link_version(client, now=now))
    if active_link(client, now=now) is None:
        raise Conflict("no_active_link")
    _close_all(client, now=now)
    audit.record("personal_link.revoke", client, actor=actor, now=now)


def find_link(token: str, *, now: datetime) -> PersonalLink:
    """Return the open link a token names.

    Raises
    ------
    NotFound
        If the token is unknown, expired or revoked, or the case is closed: all look alike.
    """
    link: PersonalLink | None = db.session.scalar(
        select(PersonalLink)
        .join(Client, Client.id == PersonalLink.client_id)
        .where(
            PersonalLink.token_digest == token_digest(token),
            PersonalLink.revoked_at.is_(None),
            PersonalLink.expires_at > now,
            Client.stage != Stage.DISCHARGED,
        )
    )
    if link is None:
        raise NotFound("link_closed")
    return link


def is_token_of(link: PersonalLink, token: str) -> bool:
    """Return whether a token opens this very link."""
    return link.token_digest == token_digest(token)


def _close_all(client: Client, *, now: datetime) -> None:
    db.session.execute(
        update(PersonalLink)
        .where(PersonalLink.client_id == client.id, PersonalLink.revoked_at.is_(None))
        .values(revoked_at=now)
    )


# --- The demo -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DemoLink:
    """A made-up person's own door, printed at the demo's start."""

    token: str
    birth_date: date


def hand_out_demo_link(*, now: datetime) -> DemoLink | None:
    """Return the door of somebody in the demo, the same at every start while it is open.

    Only a demo may call this: the token follows from its key, where a real one is drawn by chance.
    The person has an open proposal in the first office, if anybody has. None without people.
    """
    for number in count(1):
        token = lookup_digest("demo_personal_link", str(number))[:_DEMO_TOKEN_LENGTH]
        query = select(PersonalLink).where(PersonalLink.token_digest == token_digest(token))
        link: PersonalLink | None = db.session.scalar(query)
        if link is None:
            client = _somebody_with_a_proposal(now=now)
            if client is None:
                return None
            _open(client, token, actor=SYSTEM, now=now)
            return DemoLink(token, client.birth_date)
        if link.revoked_at is None and link.expires_at > now:
            return DemoLink(token, link.client.birth_date)
    return None


def _somebody_with_a_proposal(*, now: datetime) -> Client | None:
    open_link = exists().where(
        PersonalLink.client_id == Client.id,
        PersonalLink.revoked_at.is_(None),
        PersonalLink.expires_at > now,
    )
    proposal = and_(Placement.client_id == Client.id, Placement.state == PlacementState.PROPOSED)
    found: Client | None = db.session.scalar(
        select(Client)
        .outerjoin(Placement, proposal)
        .where(~open_link)
        .order_by(Placement.id.is_(None), Client.office_id, Placement.id.desc(), Client.id)
        .limit(1)
    )
    return found
