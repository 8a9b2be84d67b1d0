"""What follows from a placement step: fields, consent, checks, closing of the other proposals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm.attributes import flag_modified

from matchboard.domain.client import CONSENT_TEXT_VERSION
from matchboard.domain.consent import fields_of
from matchboard.domain.errors import required
from matchboard.domain.placement import (
    BEFORE_START,
    CHECK_DAYS,
    FINAL,
    Transition,
)
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.placement import Consent, OutcomeCheck, Placement, Reminder
from matchboard.models.vacancy import Vacancy
from matchboard.services.step_details import StepDetails


def apply(
    placement: Placement,
    transition: Transition,
    details: StepDetails,
    *,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """Set the step's fields on the placement; return what its event keeps."""
    detail: dict[str, Any] = {}
    match transition.name:
        case "consent":
            consent = record_consent(placement, details, actor=actor, now=now)
            detail = {"scope": consent.scope.value, "text_version": CONSENT_TEXT_VERSION}
        case "send":
            placement.sent_at = now
        case "invite":
            interview_at = required(details.interview_at, "interview_at")
            placement.interview_at = interview_at
            placement.interview_place = details.interview_place.strip()
            detail = {"interview_at": interview_at.isoformat()}
        case "offer" | "amend":
            detail = _agree(placement, details)
        case "start":
            start_on = required(details.start_on, "start_on")
            placement.started_on = start_on
            if details.wage_cny_month is not None:
                placement.wage_cny_month = details.wage_cny_month
            detail = {"start_on": start_on.isoformat()}
        case "end":
            ended_on = required(details.ended_on, "ended_on")
            placement.ended_on = ended_on
            placement.end_reason = details.reason
            placement.ended_by = actor.role.value
            detail = {"ended_on": ended_on.isoformat()}
    if transition.target in FINAL:
        cancel_reminders([placement.id], now=now)
        cancel_checks(placement.id)
    elif transition.name not in {"consent", "send"}:
        cancel_reminders([placement.id], now=now)
    return detail


def _agree(placement: Placement, details: StepDetails) -> dict[str, Any]:
    """Set start and wage; what was agreed before, and is not any more, stays with the event."""
    start_on, was_on = required(details.start_on, "start_on"), placement.offered_start_on
    wage, was_wage = details.wage_cny_month, placement.wage_cny_month
    detail: dict[str, Any] = {"start_on": start_on.isoformat(), "wage": wage}
    if was_on is not None and was_on != start_on:
        detail["was_start_on"] = was_on.isoformat()
    if was_wage is not None and was_wage != wage:
        detail["was_wage"] = was_wage
    placement.offered_start_on = start_on
    placement.wage_cny_month = wage
    return detail


def record_consent(
    placement: Placement, details: StepDetails, *, actor: Actor, now: datetime
) -> Consent:
    """Add a consent row: for this employer, this purpose, these fields."""
    scope = required(details.scope, "scope")
    consent = Consent(
        placement_id=placement.id,
        client_id=placement.client_id,
        partner_id=required(placement.partner_id, "partner"),
        scope=scope,
        fields=list(fields_of(scope)),
        text_version=CONSENT_TEXT_VERSION,
        method=required(details.method, "method"),
        recorded_by_id=actor.user_id,
        created_at=now,
    )
    db.session.add(consent)
    db.session.flush()
    return consent


def schedule_checks(placement: Placement) -> None:
    """Add the checks that fall due after the start."""
    started_on = required(placement.started_on, "started_on")
    for day in CHECK_DAYS:
        db.session.add(
            OutcomeCheck(
                placement_id=placement.id,
                day=day,
                due_on=started_on + timedelta(days=day),
            )
        )


def other_open_proposals(placement: Placement) -> Sequence[Placement]:
    """Return what else is open for the person of a placement."""
    return db.session.scalars(
        select(Placement)
        .where(
            Placement.client_id == placement.client_id,
            Placement.id != placement.id,
            Placement.state.in_(sorted(BEFORE_START)),
        )
        .order_by(Placement.id)
    ).all()


def lock_open_proposals(client_id: int) -> None:
    """Lock the person's open proposals and their openings, in one order for everybody.

    What closes several placements at once would otherwise wait for somebody who holds one of them
    and waits in turn for the audit log (a deadlock on PostgreSQL; SQLite has one writer anyway).
    """
    mine = (Placement.client_id == client_id, Placement.state.in_(sorted(BEFORE_START)))
    lock_rows(*mine)


def touch(placement: Placement) -> None:
    """Make what happened without a step a new version: another page's step is stale by it."""
    flag_modified(placement, "state_changed_at")


def lock_rows(*conditions: ColumnElement[bool]) -> None:
    """Lock the openings, then the placements that meet the conditions, by id."""
    if db.session.get_bind().dialect.name == "sqlite":
        return
    held = select(Placement.vacancy_id).where(*conditions)
    db.session.execute(
        select(Vacancy.id).where(Vacancy.id.in_(held)).order_by(Vacancy.id).with_for_update()
    )
    db.session.scalars(
        select(Placement)
        .where(*conditions)
        .order_by(Placement.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def cancel_reminders(placement_ids: list[int], *, now: datetime) -> None:
    """Take back reminders nobody needs any more."""
    db.session.execute(
        update(Reminder)
        .where(Reminder.placement_id.in_(placement_ids), Reminder.cancelled_at.is_(None))
        .values(cancelled_at=now)
    )


def cancel_checks(placement_id: int) -> None:
    """Take back the checks still ahead when a job is over."""
    db.session.execute(
        update(OutcomeCheck)
        .where(OutcomeCheck.placement_id == placement_id, OutcomeCheck.done_on.is_(None))
        .values(cancelled=True)
    )
