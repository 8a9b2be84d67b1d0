"""Propose people for openings and follow each proposal to its outcome.

`advance` is the only writer of `Placement.state`; the table is `domain.placement.TRANSITIONS`. What
a step needs beyond role and state is in `services.placement_rules`, what follows from it in
`services.placement_effects`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from matchboard.domain.calendar import local_date
from matchboard.domain.client import Stage
from matchboard.domain.errors import (
    Conflict,
    Faults,
    InvalidInput,
    NotAllowed,
    NotFound,
    required,
)
from matchboard.domain.pids import new_code_name
from matchboard.domain.placement import (
    PROPOSERS,
    TRANSITIONS,
    WITHOUT_VACANCY,
    HeadcountEffect,
    PlacementReason,
    PlacementState,
    PlacementType,
    Transition,
    type_at_partner,
)
from matchboard.domain.placement_openings import opening_refusal
from matchboard.domain.ranking import OverrideReason, needs_override_reason
from matchboard.domain.roles import SYSTEM, Actor, Role
from matchboard.domain.vacancy import VacancySource
from matchboard.extensions import db
from matchboard.models.client import Client
from matchboard.models.placement import Placement, PlacementEvent
from matchboard.models.vacancy import Vacancy
from matchboard.permissions import scope_placements
from matchboard.services import (
    audit,
    legal_gate,
    placement_effects,
    placement_rules,
    transaction,
    vacancies,
)
from matchboard.services.seen import fingerprint, require_seen
from matchboard.services.step_details import StepDetails

S = PlacementState


@dataclass(frozen=True, slots=True)
class Shown:
    """How the opening stood in the list the officer proposed from."""

    position: int | None = None
    rank: int | None = None  # the number on the card; the list may have been sorted otherwise
    model_version: str | None = None
    propensity: float | None = None  # of that rank


def get_placement(pid: str, *, actor: Actor) -> Placement:
    """Return a placement in the actor's scope."""
    found: Placement | None = db.session.scalar(scope_placements(actor).where(Placement.pid == pid))
    if found is None:
        raise NotFound
    return found


def propose(
    client: Client,
    vacancy: Vacancy,
    *,
    actor: Actor,
    now: datetime,
    grounds: str = "",
    shown: Shown | None = None,
    override_reason: OverrideReason | None = None,
    seen: str | None = None,
) -> Placement:
    """Open a placement at `proposed`; nothing reaches the employer.

    Raises
    ------
    NotAllowed
        If the actor is neither officer nor district.
    StaleEdit
        If the opening has changed since the version seen, or what the law says of the pair since a
        written decision on it was asked for.
    Conflict
        If the opening is unchecked, not open or full, the case is closed, a live proposal of the
        same pair exists, or the law bars it (with the citation).
    InvalidInput
        If the gate says `review` and `grounds` (the written decision) is missing, or the opening
        does not stand among the first of the list shown and `override_reason` is missing;
        `InvalidFields` for both.
    """
    if actor.role not in PROPOSERS:
        raise NotAllowed
    today = local_date(now)
    legal_gate.require_pair_seen(client, vacancy, seen, grounds=grounds, on=today)
    if client.stage is Stage.DISCHARGED:
        raise Conflict("case_closed")
    if vacancy.source is VacancySource.EXTERNAL or vacancy.partner_id is None:
        raise Conflict("vacancy_unchecked")
    refusal = opening_refusal("propose", vacancy, on=today)
    if refusal is not None:
        raise refusal
    if live_placement(client, vacancy) is not None:
        raise Conflict("already_proposed")
    faults = Faults()
    with faults.noted():
        legal_gate.require_passage(client, vacancy, grounds=grounds, actor=actor, now=now, on=today)
    shown = shown or Shown()
    is_override = needs_override_reason(shown.rank)
    if is_override and override_reason is None:
        faults.add(InvalidInput("reason_required", field="override_reason"))
    faults.refuse()
    placement = Placement(
        client=client,
        vacancy=vacancy,
        partner_id=vacancy.partner_id,
        placement_type=_type_of(vacancy),
        code_name=new_code_name(unlike=client.name_initials),
        state=S.PROPOSED,
        state_changed_at=now,
        created_at=now,
        proposed_on=today,
        proposed_by_id=actor.user_id,
        shown_position=shown.position,
        model_version=shown.model_version,
        propensity=shown.propensity,
        override_reason=override_reason if is_override else None,
    )
    db.session.add(placement)
    transaction.flush()
    _write_event(placement, "propose", None, actor=actor, now=now, detail={})
    audit.record(
        "placement.propose", placement, actor=actor, now=now, vacancy=vacancy.pid, client=client.pid
    )
    return placement


def settle(
    client: Client,
    *,
    placement_type: PlacementType | None,
    description: str,
    started_on: date | None,
    wage_cny_month: int | None,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
) -> Placement:
    """Record a settlement without an opening (land, own business, gig …): it enters at `started`.

    Raises
    ------
    InvalidInput
        If the type is missing or needs an opening, the description is missing or too long, the
        wage is out of range, or the start is missing or lies ahead; `InvalidFields` for several.
    StaleEdit
        If the person's case or jobs have changed since the version seen.
    Conflict
        If the case is closed or the person already has a running placement.
    """
    if actor.role is not Role.OFFICER:
        raise NotAllowed
    if seen is not None:
        require_seen(seen, work_version(client))
    _settlement_faults(
        placement_type, description, started_on, wage_cny_month, on=local_date(now)
    ).refuse()
    kind = required(placement_type, "placement_type")
    if client.stage is Stage.DISCHARGED:
        raise Conflict("case_closed")
    placement_rules.require_not_working(client.id)
    placement_effects.lock_open_proposals(client.id)
    placement = Placement(
        client=client,
        placement_type=kind,
        description=description.strip(),
        state=S.STARTED,
        state_changed_at=now,
        created_at=now,
        started_on=started_on,
        wage_cny_month=wage_cny_month,
        proposed_by_id=actor.user_id,
    )
    db.session.add(placement)
    transaction.flush()
    _write_event(placement, "settle", None, actor=actor, now=now, detail={})
    audit.record("placement.settle", placement, actor=actor, now=now, type=kind.value)
    _after_start(placement, now=now)
    return placement


def _settlement_faults(
    placement_type: PlacementType | None,
    description: str,
    started_on: date | None,
    wage_cny_month: int | None,
    *,
    on: date,
) -> Faults:
    faults = Faults()
    if placement_type not in WITHOUT_VACANCY:
        code = "required" if placement_type is None else "needs_vacancy"
        faults.add(InvalidInput(code, field="placement_type"))
    if not description.strip():
        faults.add(InvalidInput("required", field="description"))
    with faults.noted():
        placement_rules.check_length(description, placement_rules.LINE_LENGTH, field="description")
    if started_on is None:
        faults.add(InvalidInput("required", field="started_on"))
    elif started_on > on:
        faults.add(InvalidInput("date_in_future", field="started_on"))
    with faults.noted():
        placement_rules.check_wage(wage_cny_month)
    return faults


def work_version(client: Client) -> str:
    """Return what a form carries of a person's case and of everything under way for them."""
    rows = db.session.execute(
        select(Placement.id, Placement.state)
        .where(Placement.client_id == client.id, Placement.state.in_(placement_rules.LIVE))
        .order_by(Placement.id)
    )
    return fingerprint(client.stage.value, [(row.id, row.state.value) for row in rows])


def advance(
    placement: Placement,
    step: str,
    *,
    actor: Actor,
    now: datetime,
    details: StepDetails | None = None,
    seen: str | None = None,
) -> Placement:
    """Take one step of the table.

    An officer noting an employer's answer or the person's word says where it comes from in
    `details.note`; the event keeps on whose behalf it was written.

    Raises
    ------
    InvalidInput
        If a detail the step needs is missing or wrong (`field` names it).
    NotAllowed
        If the actor's role may not take the step.
    StaleEdit
        If the placement (or, before it is sent, its opening) has changed since the version seen.
    Conflict
        If the step is not possible from the present state or for want of consent.
    HeadcountExhausted
        If an offer finds no free place.
    """
    details = details or StepDetails()
    transition = TRANSITIONS.get(step)
    if transition is None:
        raise InvalidInput("unknown_step", value=step)
    if actor.role not in transition.roles:
        raise NotAllowed
    require_seen(seen, placement)
    if placement.state not in transition.sources:
        raise Conflict("wrong_state", state=placement.state)
    on_behalf_of = placement_rules.check(placement, transition, details, actor=actor, now=now)
    if transition.target is S.STARTED:
        placement_effects.lock_open_proposals(placement.client_id)
    _apply_headcount(placement, transition, actor=actor, now=now)
    came_from = placement.state
    placement.state = transition.target
    placement.state_changed_at = now
    detail = placement_effects.apply(placement, transition, details, actor=actor, now=now)
    _write_event(
        placement,
        step,
        came_from,
        actor=actor,
        now=now,
        reason=details.reason,
        note=details.note,
        on_behalf_of=on_behalf_of,
        detail=detail,
    )
    audit.record(
        f"placement.{step}",
        placement,
        actor=actor,
        now=now,
        from_state=came_from.value,
        to_state=transition.target.value,
        reason=details.reason.value if details.reason else None,
    )
    transaction.flush()
    if transition.target is S.STARTED:
        _after_start(placement, now=now)
    return placement


def _type_of(vacancy: Vacancy) -> PlacementType:
    base_kind = vacancy.partner.base_kind if vacancy.partner is not None else None
    return type_at_partner(base_kind, vacancy.employment_type)


def live_placement(client: Client, vacancy: Vacancy) -> Placement | None:
    """Return the pair's placement that is still under way."""
    return db.session.scalar(
        select(Placement)
        .where(
            Placement.client_id == client.id,
            Placement.vacancy_id == vacancy.id,
            Placement.state.in_(placement_rules.LIVE),
        )
        .order_by(Placement.id)
    )


def _after_start(placement: Placement, *, now: datetime) -> None:
    """Schedule the checks and close the person's other open proposals as `placed_elsewhere`."""
    placement_effects.schedule_checks(placement)
    elsewhere = StepDetails(reason=PlacementReason.PLACED_ELSEWHERE)
    for other in placement_effects.other_open_proposals(placement):
        advance(other, "withdraw", actor=SYSTEM, now=now, details=elsewhere)
    db.session.flush()


def _apply_headcount(
    placement: Placement, transition: Transition, *, actor: Actor, now: datetime
) -> None:
    """Reserve, free or fill the place; each is one conditional UPDATE that cannot oversell."""
    if placement.vacancy_id is None:
        return
    effect = transition.headcount
    if effect is HeadcountEffect.RESERVE:
        vacancies.reserve(placement.vacancy_id)
        placement.holds_reservation = True
    elif effect is HeadcountEffect.FREE and placement.holds_reservation:
        vacancies.release(placement.vacancy_id)
        placement.holds_reservation = False
    elif effect is HeadcountEffect.FILL:
        vacancies.fill_reserved(placement.vacancy_id, actor=actor, now=now)
        placement.holds_reservation = False


def _write_event(
    placement: Placement,
    name: str,
    from_state: PlacementState | None,
    *,
    actor: Actor,
    now: datetime,
    detail: dict[str, Any],
    reason: PlacementReason | None = None,
    note: str = "",
    on_behalf_of: Role | None = None,
) -> None:
    db.session.add(
        PlacementEvent(
            placement_id=placement.id,
            at=now,
            actor_role=actor.role.value,
            actor_id=actor.user_id,
            name=name,
            from_state=from_state.value if from_state else None,
            to_state=placement.state.value,
            reason=reason,
            note=note.strip(),
            on_behalf_of=on_behalf_of.value if on_behalf_of else None,
            detail=detail,
        )
    )
