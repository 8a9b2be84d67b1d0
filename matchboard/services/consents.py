"""A person's consent to one referral: give, widen, withdraw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from matchboard.domain.client import ConsentMethod, ConsentScope
from matchboard.domain.errors import Conflict, NotAllowed
from matchboard.domain.placement import BEFORE_START, PlacementReason, PlacementState
from matchboard.domain.roles import SYSTEM, Actor, Role
from matchboard.extensions import db
from matchboard.models.client import Client
from matchboard.models.organisation import Partner
from matchboard.models.placement import Consent, Placement, PlacementEvent
from matchboard.services import audit, placement_effects, placements
from matchboard.services.placement_rules import consent_in_force, require_possible
from matchboard.services.seen import require_seen
from matchboard.services.step_details import StepDetails

_PERSON = frozenset({Role.CLIENT, Role.OFFICER})


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A consent with the employer it names and the placement it belongs to."""

    consent: Consent
    partner_name: str
    placement_pid: str


def of_client(client: Client) -> Sequence[ConsentRow]:
    """Return every consent of a person, withdrawn ones too, newest first; one statement."""
    query = (
        select(Consent, Partner.name, Placement.pid)
        .join(Partner, Partner.id == Consent.partner_id)
        .join(Placement, Placement.id == Consent.placement_id)
        .where(Consent.client_id == client.id)
        .order_by(Consent.id.desc())
    )
    return [ConsentRow(consent, name, pid) for consent, name, pid in db.session.execute(query)]


def method_of(actor: Actor) -> ConsentMethod:
    """Return how consent reaches us from this actor."""
    is_person = actor.role is Role.CLIENT
    return ConsentMethod.PERSONAL_LINK if is_person else ConsentMethod.SIGNED_AT_DESK


def give(
    placement: Placement,
    scope: ConsentScope,
    *,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
) -> Placement:
    """Consent to a proposal, or widen the consent of one already sent.

    Raises
    ------
    StaleEdit
        If the proposal or its opening has changed since the version seen.
    Conflict
        If the proposal is over, the scope is already open, or the opening is not.
    """
    details = StepDetails(scope=scope, method=method_of(actor))
    if placement.state is PlacementState.PROPOSED:
        return placements.advance(
            placement, "consent", actor=actor, now=now, details=details, seen=seen
        )
    if actor.role not in _PERSON:
        raise NotAllowed
    require_seen(seen, placement)
    if placement.state not in BEFORE_START:
        raise Conflict("wrong_state", state=placement.state)
    held = consent_in_force(placement.id)
    if held is None:
        raise Conflict("consent_missing")
    if held is scope or held is ConsentScope.CARD_AND_CONTACT:
        raise Conflict("scope_already_open")
    require_possible("widen_consent", placement, now=now)
    placement_effects.record_consent(placement, details, actor=actor, now=now)
    placement_effects.cancel_reminders([placement.id], now=now)
    _note(placement, "widen_consent", actor=actor, now=now, scope=scope.value)
    return placement


def withdraw(
    placement: Placement, *, actor: Actor, now: datetime, seen: str | None = None
) -> Placement:
    """Withdraw every consent to this referral; the employer's view closes at once.

    Before the start the placement is withdrawn too. A running job goes on: the employer knows its
    own employee, but the card is no longer shown.

    Raises
    ------
    StaleEdit
        If the placement has changed since the version seen.
    Conflict
        If there is no consent to withdraw.
    """
    if actor.role not in _PERSON:
        raise NotAllowed
    placement_effects.lock_rows(Placement.id == placement.id)
    require_seen(seen, placement)
    rows = db.session.scalars(
        select(Consent)
        .where(Consent.placement_id == placement.id, Consent.withdrawn_at.is_(None))
        .order_by(Consent.id)
    ).all()
    if not rows:
        raise Conflict("consent_missing")
    for row in rows:
        row.withdrawn_at = now
    _note(placement, "withdraw_consent", actor=actor, now=now)
    if placement.state in BEFORE_START:
        placements.advance(
            placement,
            "withdraw",
            actor=SYSTEM,
            now=now,
            details=StepDetails(reason=PlacementReason.CONSENT_WITHDRAWN),
        )
    return placement


def _note(
    placement: Placement, name: str, *, actor: Actor, now: datetime, scope: str | None = None
) -> None:
    """Write an event that leaves the state as it is, and its audit entry."""
    detail = {"scope": scope} if scope is not None else {}
    placement_effects.touch(placement)
    db.session.add(
        PlacementEvent(
            placement_id=placement.id,
            at=now,
            actor_role=actor.role.value,
            actor_id=actor.user_id,
            name=name,
            from_state=placement.state.value,
            to_state=placement.state.value,
            detail=detail,
        )
    )
    db.session.flush()
    audit.record(f"placement.{name}", placement, actor=actor, now=now, scope=scope)
