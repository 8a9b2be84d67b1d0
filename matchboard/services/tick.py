"""What falls due by itself, done once a day and as often as wanted: a second run does nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from matchboard.domain.calendar import add_months, local_date, start_of_day
from matchboard.domain.placement import CHECK_DAYS, PlacementState
from matchboard.domain.policy import Policy
from matchboard.domain.roles import SYSTEM
from matchboard.extensions import db
from matchboard.models.placement import OutcomeCheck, Placement, Reminder
from matchboard.services import (
    audit,
    drafts,
    placement_effects,
    placements,
    policies,
    sign_in,
    submissions,
    vacancies,
)

S = PlacementState


@dataclass(frozen=True, slots=True)
class TickReport:
    """How much was done."""

    n_vacancies_expired: int = 0
    n_vacancies_republished: int = 0
    n_reminders: int = 0
    n_referrals_expired: int = 0
    n_completed: int = 0
    n_submissions_forgotten: int = 0

    @property
    def n_changes(self) -> int:
        """Changes a person would notice."""
        return (
            self.n_vacancies_expired
            + self.n_vacancies_republished
            + self.n_reminders
            + self.n_referrals_expired
            + self.n_completed
        )


def run(*, now: datetime) -> TickReport:
    """Expire, remind and complete whatever is due at `now`."""
    policy = policies.current(None, on=local_date(now))
    # One order of locks for everybody: records first, the audit log after them.
    placement_effects.lock_rows(Placement.state.in_([S.SENT, S.STARTED]))
    report = TickReport(
        n_vacancies_expired=vacancies.expire_due(now=now),
        n_vacancies_republished=vacancies.republish_unshown(now=now),
        n_referrals_expired=_expire_referrals(policy, now=now),
        n_reminders=_remind(policy, now=now),
        n_completed=_complete(now=now),
        n_submissions_forgotten=submissions.forget_old(now=now),
    )
    drafts.forget_old_drafts(now=now)
    sign_in.forget_old_failures(now=now)
    sign_in.forget_old_sessions(now=now)
    if report.n_changes:
        audit.record("tick.run", None, actor=SYSTEM, now=now, counts=asdict(report))
    return report


def _sent_before(days: int, now: datetime) -> list[Placement]:
    """Return referrals sent `days` calendar days ago or more and not answered."""
    next_day = local_date(now) - timedelta(days=days - 1)
    query = (
        select(Placement)
        .where(
            Placement.state == S.SENT,
            Placement.sent_at < start_of_day(next_day),
        )
        .options(joinedload(Placement.partner))
        .order_by(Placement.id)
    )
    return list(db.session.scalars(query).all())


def _expire_referrals(policy: Policy, *, now: datetime) -> int:
    due = _sent_before(policy.referral_expiry_days, now)
    for placement in due:
        placements.advance(placement, "expire", actor=SYSTEM, now=now)
    return len(due)


def _remind(policy: Policy, *, now: datetime) -> int:
    """Remind employers who have not answered; the key makes each reminder unique."""
    n_written = 0
    for days in (policy.reminder_first_days, policy.reminder_second_days):
        waiting = _sent_before(days, now)
        keys = {f"{p.pid}:{days}": p for p in waiting}
        known = set(db.session.scalars(select(Reminder.key).where(Reminder.key.in_(keys))))
        for key, placement in keys.items():
            if key in known or placement.partner is None:
                continue
            db.session.add(
                Reminder(
                    key=key,
                    unit_id=placement.partner.unit_id,
                    placement_id=placement.id,
                    kind="answer_awaited",
                    created_at=now,
                )
            )
            audit.record("placement.remind", placement, actor=SYSTEM, now=now, after_days=days)
            n_written += 1
    db.session.flush()
    return n_written


def _complete(*, now: datetime) -> int:
    """Complete placements that passed the last check or served their fixed term."""
    today = local_date(now)
    running = db.session.scalars(
        select(Placement)
        .where(Placement.state == S.STARTED)
        .options(joinedload(Placement.vacancy))
        .order_by(Placement.id)
    ).all()
    passed = _placements_with(
        OutcomeCheck.day == max(CHECK_DAYS), OutcomeCheck.still_employed.is_(True)
    )
    unanswered = _placements_with(
        OutcomeCheck.done_on.is_(None),
        OutcomeCheck.cancelled.is_(False),
        OutcomeCheck.due_on <= today,
    )
    # A term is served if the person was still there: a check that is due is answered first.
    due = [
        p for p in running if p.id in passed or (_term_served(p, today) and p.id not in unanswered)
    ]
    for placement in due:
        placements.advance(placement, "complete", actor=SYSTEM, now=now)
    return len(due)


def _placements_with(*conditions: ColumnElement[bool]) -> set[int]:
    """Return the running placements having a check that meets the conditions."""
    query = (
        select(OutcomeCheck.placement_id)
        .join(Placement, Placement.id == OutcomeCheck.placement_id)
        .where(Placement.state == S.STARTED, *conditions)
        .order_by(OutcomeCheck.placement_id)
    )
    return set(db.session.scalars(query))


def _term_served(placement: Placement, today: date) -> bool:
    """Return whether a fixed-term contract has run its months."""
    vacancy = placement.vacancy
    if vacancy is None or not vacancy.contract_months or placement.started_on is None:
        return False
    return today >= add_months(placement.started_on, vacancy.contract_months)
