"""What the employer sees: exactly the fields the person consented to, for as long as it may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from matchboard.domain.client import ConsentScope
from matchboard.domain.consent import fields_of, is_open_to_employer, widest
from matchboard.domain.errors import Conflict, NotAllowed, NotFound
from matchboard.domain.organisation import PartnerState
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Actor, Role
from matchboard.extensions import db
from matchboard.models.client import Client
from matchboard.models.placement import Consent, Placement, PlacementEvent, Reminder
from matchboard.permissions import scope_placements
from matchboard.services import audit, placement_effects
from matchboard.services.seen import require_seen

#: States in which the next word is the employer's, as long as it sees the person.
AWAITING = (PlacementState.SENT, PlacementState.INTERVIEW, PlacementState.OFFERED)


@dataclass(frozen=True, slots=True)
class ReferralCard:
    """The person as the employer sees them; None is a field not consented to."""

    scope: ConsentScope
    code_name: str
    skills: tuple[tuple[str, int | None], ...]
    certificates: tuple[str, ...]
    area: str | None
    earliest_start_on: date | None
    name: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Referral:
    """One referral in the employer's inbox; `card` is None once the view has closed."""

    placement: Placement
    card: ReferralCard | None

    @property
    def awaits_answer(self) -> bool:
        """Whether the employer is asked to act."""
        return self.card is not None and self.placement.state in AWAITING


def list_referrals(
    *, actor: Actor, now: datetime, states: Sequence[PlacementState] = ()
) -> list[Referral]:
    """Return the employer's referrals, the oldest unanswered first; a fixed number of queries."""
    _require_employer(actor)
    query = scope_placements(actor).options(
        joinedload(Placement.vacancy),
        joinedload(Placement.client),
        joinedload(Placement.partner),
    )
    if states:
        query = query.where(Placement.state.in_(states))
    rows = db.session.scalars(query.order_by(Placement.sent_at, Placement.id)).all()
    scopes = _scopes([p.id for p in rows])
    open_ids = [p.id for p in rows if _is_open(p, scopes, now)]
    clients = _clients_with_profile([p.client_id for p in rows if p.id in set(open_ids)])
    return [
        Referral(
            placement=p,
            card=(
                card_of(p, clients[p.client_id], _scope(scopes, p.id))
                if p.client_id in clients and p.id in set(open_ids)
                else None
            ),
        )
        for p in rows
    ]


def list_waiting(*, actor: Actor, now: datetime) -> list[Referral]:
    """Return what waits for this employer's answer: what is counted is what is listed."""
    found = list_referrals(actor=actor, now=now, states=AWAITING)
    return [referral for referral in found if referral.awaits_answer]


def read_referral(pid: str, *, actor: Actor, now: datetime) -> Referral:
    """Return one referral for the employer and put the read on record.

    Raises
    ------
    NotFound
        If the placement is not one sent to this employer.
    """
    _require_employer(actor)
    placement = db.session.scalar(scope_placements(actor).where(Placement.pid == pid))
    if placement is None:
        raise NotFound
    scopes = _scopes([placement.id])
    if not _is_open(placement, scopes, now):
        return Referral(placement=placement, card=None)
    scope = _scope(scopes, placement.id)
    client = _clients_with_profile([placement.client_id])[placement.client_id]
    audit.record_read("referral.read", placement, actor=actor, now=now, scope=scope.value)
    return Referral(placement=placement, card=card_of(placement, client, scope))


def preview(placement: Placement, scope: ConsentScope) -> ReferralCard:
    """Return the card as an employer would see it, for the person and the officer to read."""
    return card_of(placement, placement.client, scope)


def request_contact(
    placement: Placement, *, actor: Actor, now: datetime, seen: str | None = None
) -> None:
    """Ask, as the employer, for the person's name and phone; the officer asks the person.

    Raises
    ------
    StaleEdit
        If the placement has changed since the version seen.
    Conflict
        If the view is closed, contact is open already, or it has been asked for.
    """
    _require_employer(actor)
    require_seen(seen, placement)
    scopes = _scopes([placement.id])
    if placement.state is not PlacementState.SENT or not _is_open(placement, scopes, now):
        raise Conflict("wrong_state", state=placement.state)
    if _scope(scopes, placement.id) is ConsentScope.CARD_AND_CONTACT:
        raise Conflict("scope_already_open")
    key = f"contact:{placement.pid}"
    if db.session.scalar(select(Reminder.id).where(Reminder.key == key)) is not None:
        raise Conflict("contact_requested")
    db.session.add(
        Reminder(
            key=key,
            unit_id=placement.client.office_id,
            placement_id=placement.id,
            kind="contact_requested",
            created_at=now,
        )
    )
    db.session.add(
        PlacementEvent(
            placement_id=placement.id,
            at=now,
            actor_role=actor.role.value,
            actor_id=actor.user_id,
            name="request_contact",
            from_state=placement.state.value,
            to_state=placement.state.value,
            detail={},
        )
    )
    placement_effects.touch(placement)
    audit.record("placement.request_contact", placement, actor=actor, now=now)


def card_of(placement: Placement, client: Client, scope: ConsentScope) -> ReferralCard:
    """Build the card: only what `scope` opens is copied out of the record."""
    opened = fields_of(scope)
    return ReferralCard(
        scope=scope,
        code_name=placement.code_name,
        skills=tuple((s.skill_code, s.level) for s in client.skills),
        certificates=tuple(c.code for c in client.certificates),
        area=client.residence_division,
        earliest_start_on=client.available_on,
        name=client.name if "name" in opened else None,
        phone=client.phone if "phone" in opened else None,
    )


def _require_employer(actor: Actor) -> None:
    if actor.role is not Role.ENTERPRISE:
        raise NotAllowed


def _scopes(placement_ids: Sequence[int]) -> dict[int, list[ConsentScope]]:
    rows = db.session.execute(
        select(Consent.placement_id, Consent.scope)
        .where(Consent.placement_id.in_(placement_ids), Consent.withdrawn_at.is_(None))
        .order_by(Consent.id)
    )
    found: dict[int, list[ConsentScope]] = {}
    for placement_id, scope in rows:
        found.setdefault(placement_id, []).append(scope)
    return found


def _scope(scopes: dict[int, list[ConsentScope]], placement_id: int) -> ConsentScope:
    return widest(scopes.get(placement_id, [])) or ConsentScope.CARD


def _is_open(placement: Placement, scopes: dict[int, list[ConsentScope]], now: datetime) -> bool:
    return _is_trusted(placement) and is_open_to_employer(
        placement.state,
        changed_at=placement.state_changed_at,
        now=now,
        has_consent=bool(scopes.get(placement.id)),
    )


def _is_trusted(placement: Placement) -> bool:
    """Return whether the employer is vetted, not suspended, and bound to confidentiality."""
    partner = placement.partner
    return (
        partner is not None
        and partner.state is PartnerState.ACTIVE
        and partner.agreement_signed_on is not None
    )


def _clients_with_profile(client_ids: Sequence[int]) -> dict[int, Client]:
    rows = db.session.scalars(
        select(Client)
        .where(Client.id.in_(set(client_ids)))
        .options(
            selectinload(Client.skills),
            selectinload(Client.certificates),
        )
        .order_by(Client.id)
    ).all()
    return {c.id: c for c in rows}


def is_contact_requested(placement: Placement) -> bool:
    """Return whether the employer has asked for contact and the answer is still open."""
    query = select(Reminder.id).where(
        Reminder.key == f"contact:{placement.pid}", Reminder.cancelled_at.is_(None)
    )
    return db.session.scalar(query) is not None


def require_open(placement: Placement, step: str, *, now: datetime) -> None:
    """Refuse an employer's answer once its view has closed.

    A miss may be taken back although the view closed with it, as long as consent stands. What
    else stands against it (another proposal, another job) is not the employer's to learn.
    """
    if step == "undo_miss":
        if _scopes([placement.id]) and _is_trusted(placement):
            return
        raise Conflict("view_closed")
    if not _is_open(placement, _scopes([placement.id]), now):
        raise Conflict("view_closed")
