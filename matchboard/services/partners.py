"""Partner enterprises (爱心企业): record, vetting, and what the employer keeps up itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from matchboard.domain.calendar import local_date
from matchboard.domain.catalogues import divisions
from matchboard.domain.errors import (
    Conflict,
    DomainError,
    InvalidFields,
    InvalidInput,
    NotFound,
    StaleEdit,
)
from matchboard.domain.identity import name_pinyin, parse_credit_code, parse_phone
from matchboard.domain.occupational_bars import scope_values
from matchboard.domain.organisation import (
    PARTNER_STEPS,
    BaseKind,
    PartnerState,
    PartnerStep,
    UnitKind,
)
from matchboard.domain.roles import Actor
from matchboard.domain.text import name_line
from matchboard.extensions import db
from matchboard.models.organisation import Partner, Unit
from matchboard.permissions import scope_partners
from matchboard.services import audit, transaction
from matchboard.services.seen import require_seen

__all__ = [
    "Partner",
    "PartnerInput",
    "ProfileInput",
    "active_partners",
    "advance_partner",
    "create_partner",
    "edit_partner",
    "edit_profile",
    "get_partner",
    "own_partner",
    "refusal_of",
    "steps_and_refusals",
]

REASON_MAX = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileInput:
    """What the employer keeps up itself."""

    address: str = ""
    division_code: str | None = None
    contact_name: str = ""
    contact_phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerInput(ProfileInput):
    """The whole record as the district enters it; `employer_kinds` None is unknown."""

    name: str
    name_en: str = ""
    uscc: str
    industry: str = ""
    employer_kinds: tuple[str, ...] | None = None
    base_kind: BaseKind | None = None
    agreement_signed_on: date | None = None
    verified_on: date | None = None


def get_partner(pid: str, *, actor: Actor) -> Partner:
    """Return a partner of the actor's scope; raises NotFound outside it."""
    query = scope_partners(actor).where(Partner.pid == pid).options(joinedload(Partner.unit))
    found: Partner | None = db.session.scalar(query)
    if found is None:
        raise NotFound
    return found


def own_partner(actor: Actor) -> Partner:
    """Return the employer's own record; raises NotFound for an account without one."""
    found: Partner | None = db.session.scalar(
        select(Partner).where(Partner.unit_id == actor.unit_id)
    )
    if found is None:
        raise NotFound
    return found


def active_partners(*, actor: Actor) -> Sequence[Partner]:
    """Return the vetted partners an officer may write openings for, by name."""
    query = scope_partners(actor).where(Partner.state == PartnerState.ACTIVE)
    return db.session.scalars(query.order_by(Partner.name, Partner.id)).all()


def create_partner(values: PartnerInput, *, actor: Actor, now: datetime) -> Partner:
    """Create a partner waiting to be vetted, with the unit its accounts will belong to.

    Raises
    ------
    InvalidFields
        With one problem at each wrong field; a credit code on record is one.
    """
    uscc, phone = _checked(values, own=None, today=local_date(now))
    unit = Unit(
        kind=UnitKind.PARTNER, name=name_line(values.name), name_en=values.name_en, created_at=now
    )
    partner = Partner(unit=unit, state=PartnerState.PENDING, created_at=now, updated_at=now)
    _assign(partner, values, uscc=uscc, phone=phone)
    db.session.add(partner)
    transaction.flush()
    audit.record("partner.create", partner, actor=actor, now=now)
    return partner


def edit_partner(
    partner: Partner,
    values: PartnerInput,
    *,
    expected_version: int | None,
    actor: Actor,
    now: datetime,
) -> Partner:
    """Change a partner's record.

    Raises
    ------
    StaleEdit
        If somebody saved it after the form was opened.
    InvalidFields
        With one problem at each wrong field.
    """
    if expected_version != partner.version:
        raise StaleEdit
    uscc, phone = _checked(
        values,
        own=partner,
        today=local_date(now),
        needs_agreement=partner.state is PartnerState.ACTIVE,
    )
    before = _snapshot(partner)
    _assign(partner, values, uscc=uscc, phone=phone)
    return _saved(partner, before, "partner.edit", actor=actor, now=now)


def edit_profile(
    partner: Partner,
    values: ProfileInput,
    *,
    expected_version: int | None,
    actor: Actor,
    now: datetime,
) -> Partner:
    """Change what the employer keeps up itself: address and contact.

    Raises
    ------
    StaleEdit
        If somebody saved it after the form was opened.
    InvalidFields
        With one problem at each wrong field.
    """
    if expected_version != partner.version:
        raise StaleEdit
    problems, phone = _contact_problems(values)
    if problems:
        raise InvalidFields(problems)
    before = _snapshot(partner)
    _assign_profile(partner, values, phone=phone)
    return _saved(partner, before, "partner.edit_profile", actor=actor, now=now)


def advance_partner(
    partner: Partner,
    step: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    seen: str | None = None,
) -> Partner:
    """Make one step of the vetting; a partner becomes active only with a signed agreement.

    Vetting is a verification: it notes its day where none is on record. A day that was typed is
    when somebody really looked, and stays.

    Raises
    ------
    NotFound
        If there is no such step.
    StaleEdit
        If the record has changed since the version that was seen.
    Conflict
        If the partner is in another state, or has not signed the confidentiality agreement.
    InvalidInput
        If a reason is missing or too long.
    """
    found = PARTNER_STEPS.get(step)
    if found is None:
        raise NotFound
    require_seen(seen, partner)
    if partner.state not in found.sources:
        raise Conflict("partner_step_impossible", state=partner.state)
    reason = reason.strip()
    if found.needs_reason and not reason:
        raise InvalidInput("reason_needed", field="reason")
    if len(reason) > REASON_MAX:
        raise InvalidInput("reason_too_long", field="reason", most=REASON_MAX)
    _require_agreement(partner, found)
    if found.target is PartnerState.ACTIVE and partner.verified_on is None:
        partner.verified_on = local_date(now)
    partner.state = found.target
    partner.state_reason = reason
    partner.updated_at = now
    transaction.flush()
    audit.record(f"partner.{step}", partner, actor=actor, now=now, to=found.target.value)
    return partner


def steps_and_refusals(partner: Partner) -> tuple[list[PartnerStep], list[Conflict]]:
    """Return the steps of the vetting that may succeed now, and why each other one cannot."""
    possible, refusals = [], []
    for step in PARTNER_STEPS.values():
        if partner.state not in step.sources:
            continue
        try:
            _require_agreement(partner, step)
        except Conflict as refusal:
            refusals.append(refusal)
        else:
            possible.append(step)
    return possible, refusals


def _require_agreement(partner: Partner, step: PartnerStep) -> None:
    if step.target is PartnerState.ACTIVE and partner.agreement_signed_on is None:
        raise Conflict("agreement_needed")


# --- Rules ----------------------------------------------------------------------------------------


def _checked(
    values: PartnerInput, *, own: Partner | None, today: date, needs_agreement: bool = False
) -> tuple[str, str | None]:
    """Return the credit code and telephone number in their stored form, or refuse."""
    problems, phone = _contact_problems(values)
    uscc = ""
    try:
        # What stands there was accepted once; an edit of something else does not judge it again.
        stored = own.uscc if own else ""
        uscc = stored if values.uscc == stored else parse_credit_code(values.uscc)
    except InvalidInput as error:
        problems.append(InvalidInput(error.code, field="uscc", **error.details))
    if uscc and _is_taken(uscc, own.id if own else None):
        problems.append(InvalidInput("credit_code_on_record", field="uscc"))
    problems += _record_problems(values, today)
    if needs_agreement and values.agreement_signed_on is None:
        problems.append(InvalidInput("agreement_needed", field="agreement_signed_on"))
    if problems:
        raise InvalidFields(problems)
    return uscc, phone


def _record_problems(values: PartnerInput, today: date) -> Iterator[InvalidInput]:
    if not values.name.strip():
        yield InvalidInput("required", field="name")
    allowed = scope_values().employer_kinds
    for kind in values.employer_kinds or ():
        if kind not in allowed:
            yield InvalidInput("unknown_code", field="employer_kinds", value=kind[:40])
    for name in ("agreement_signed_on", "verified_on"):
        day = getattr(values, name)
        if day is not None and day > today:
            yield InvalidInput("date_ahead", field=name)


def _contact_problems(values: ProfileInput) -> tuple[list[InvalidInput], str | None]:
    problems: list[InvalidInput] = []
    phone = None
    if values.contact_phone.strip():
        try:
            phone = parse_phone(values.contact_phone)
        except InvalidInput as error:
            problems.append(InvalidInput(error.code, field="contact_phone", **error.details))
    if values.division_code and values.division_code not in divisions():
        problems.append(
            InvalidInput("unknown_code", field="division_code", value=values.division_code[:40])
        )
    return problems, phone


def _is_taken(uscc: str, own_id: int | None) -> bool:
    found = db.session.scalar(select(Partner.id).where(Partner.uscc == uscc))
    return found is not None and found != own_id


# --- Writing --------------------------------------------------------------------------------------

_FIELDS = (
    "name",
    "name_en",
    "uscc",
    "industry",
    "employer_kinds",
    "base_kind",
    "division_code",
    "address",
    "contact_name",
    "contact_phone",
    "agreement_signed_on",
    "verified_on",
)


def _assign(partner: Partner, values: PartnerInput, *, uscc: str, phone: str | None) -> None:
    name = values.name if values.name == partner.name else name_line(values.name)
    if partner.name != name:
        read = name_pinyin(name)
        partner.name = name
        partner.name_pinyin = f"{read.full} {read.initials}"[:240]
    partner.name_en = values.name_en.strip()
    partner.uscc = uscc
    partner.industry = values.industry.strip()
    kinds = values.employer_kinds
    if _sorted(partner.employer_kinds) != _sorted(kinds):
        partner.employer_kinds = _sorted(kinds)
    partner.base_kind = values.base_kind
    partner.agreement_signed_on = values.agreement_signed_on
    partner.verified_on = values.verified_on
    partner.unit.name, partner.unit.name_en = partner.name, partner.name_en
    _assign_profile(partner, values, phone=phone)


def _sorted(kinds: Sequence[str] | None) -> list[str] | None:
    """Return kinds in the one order they are stored and compared in."""
    return None if kinds is None else sorted(set(kinds))


def _assign_profile(partner: Partner, values: ProfileInput, *, phone: str | None) -> None:
    if partner.division_code != values.division_code:
        partner.division_code = values.division_code
        seat = divisions().get(values.division_code or "")
        partner.lat, partner.lon = (seat.lat, seat.lon) if seat else (None, None)
    partner.address = values.address.strip()
    partner.contact_name = values.contact_name.strip()
    if partner.contact_phone != phone:
        partner.contact_phone = phone


def _snapshot(partner: Partner) -> dict[str, Any]:
    return {name: getattr(partner, name) for name in _FIELDS}


def _saved(
    partner: Partner, before: dict[str, Any], verb: str, *, actor: Actor, now: datetime
) -> Partner:
    changed = [name for name in _FIELDS if getattr(partner, name) != before[name]]
    if changed:
        partner.updated_at = now
        transaction.flush()
        audit.record(verb, partner, actor=actor, now=now, fields=changed)
    return partner


def refusal_of(partner: Partner) -> DomainError | None:
    """Return why the employer cannot send openings to review now; None if it can."""
    if partner.state is PartnerState.ACTIVE:
        return None
    return Conflict("partner_not_active", state=partner.state)
