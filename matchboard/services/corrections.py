"""What a person says is wrong in their record, and an officer's "done"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from matchboard.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from matchboard.domain.roles import Actor, Permission, Role, is_granted
from matchboard.extensions import db
from matchboard.models.client import Client, CorrectionRequest
from matchboard.permissions import scope_clients
from matchboard.services import audit, placement_rules
from matchboard.services.seen import fingerprint, require_seen

WORDS_LENGTH = 400
#: More would only repeat: the office deals with these first.
MAX_OPEN = 5


def open_requests(client: Client) -> Sequence[CorrectionRequest]:
    """Return what the office has not dealt with yet, the oldest first."""
    query = (
        select(CorrectionRequest)
        .where(CorrectionRequest.client_id == client.id, CorrectionRequest.done_at.is_(None))
        .order_by(CorrectionRequest.id)
    )
    return db.session.scalars(query).all()


def request_correction(
    client: Client, words: str, *, actor: Actor, now: datetime
) -> CorrectionRequest:
    """Tell the office, as the person, that something in the record is not right.

    Raises
    ------
    InvalidInput
        If nothing is said, or more than `WORDS_LENGTH` characters.
    Conflict
        If `MAX_OPEN` requests wait already.
    """
    if actor.role is not Role.CLIENT or actor.client_id != client.id:
        raise NotAllowed
    said = words.strip()
    if not said:
        raise InvalidInput("required", field="words")
    placement_rules.check_length(said, WORDS_LENGTH, field="words")
    if len(open_requests(client)) >= MAX_OPEN:
        raise Conflict("corrections_waiting")
    request = CorrectionRequest(client_id=client.id, words=said, sent_at=now)
    db.session.add(request)
    db.session.flush()
    audit.record("correction.request", request, actor=actor, now=now, client=client.pid)
    return request


def settle_correction(
    pid: str, *, actor: Actor, now: datetime, seen: str | None = None
) -> CorrectionRequest:
    """Write down that the office has dealt with a request; doing so again changes nothing.

    Raises
    ------
    NotFound
        If there is none, or the person is another office's.
    StaleEdit
        If it is open and the page showed other words, or none.
    """
    if not is_granted(actor.role, Permission.CLIENT_WRITE):
        raise NotAllowed
    own = scope_clients(actor).with_only_columns(Client.id)
    request: CorrectionRequest | None = db.session.scalar(
        select(CorrectionRequest).where(
            CorrectionRequest.pid == pid, CorrectionRequest.client_id.in_(own)
        )
    )
    if request is None:
        raise NotFound
    if request.done_at is None:
        require_seen(seen, fingerprint(request.words))
        request.done_at = now
        request.done_by_id = actor.user_id
        audit.record("correction.settle", request, actor=actor, now=now, client=request.client.pid)
    return request
