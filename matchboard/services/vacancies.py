"""Openings and their lifecycle; `advance` is the only writer of `Vacancy.state`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from matchboard.domain.calendar import local_date
from matchboard.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from matchboard.domain.organisation import PartnerState
from matchboard.domain.posting_checks import Severity, default_close_on
from matchboard.domain.roles import SYSTEM, Actor
from matchboard.domain.vacancy import (
    APPROVED,
    UNDECIDED,
    VACANCY_STEPS,
    VacancySource,
    VacancyState,
    VacancyStep,
    available_steps,
    is_held_back,
)
from matchboard.extensions import db
from matchboard.models.vacancy import Vacancy, VacancyEvent
from matchboard.permissions import scope_vacancies
from matchboard.services import (
    audit,
    policies,
    transaction,
    vacancy_places,
    vacancy_posting,
    vacancy_publication,
)
from matchboard.services.seen import require_seen
from matchboard.services.vacancy_places import release, reserve

__all__ = [
    "REASON_MAX",
    "advance",
    "confirm_validity",
    "expire_due",
    "fill_reserved",
    "get_vacancy",
    "history",
    "is_paused_by_owner",
    "note",
    "release",
    "release_filled",
    "reserve",
    "steps_and_refusals",
]

REASON_MAX = 400
_EXPIRABLE = (VacancyState.OPEN, VacancyState.PAUSED)


def get_vacancy(pid: str, *, actor: Actor) -> Vacancy:
    """Return an opening of the actor's scope with its employer and requirements.

    Raises
    ------
    NotFound
        If it does not exist or belongs to somebody else.
    """
    query = (
        scope_vacancies(actor)
        .where(Vacancy.pid == pid)
        .options(joinedload(Vacancy.partner), selectinload(Vacancy.requirements))
    )
    found: Vacancy | None = db.session.scalar(query)
    if found is None:
        raise NotFound
    return found


def history(vacancy: Vacancy) -> list[VacancyEvent]:
    """Return the opening's events, newest first."""
    query = (
        select(VacancyEvent)
        .where(VacancyEvent.vacancy_id == vacancy.id)
        .order_by(VacancyEvent.id.desc())
        .limit(200)
    )
    return list(db.session.scalars(query))


def advance(
    vacancy: Vacancy,
    step: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    seen: str | None = None,
) -> Vacancy:
    """Make one step of the lifecycle table (`domain.vacancy`).

    Raises
    ------
    StaleEdit
        If the opening has changed since the version that was seen.
    NotFound
        If there is no such step.
    NotAllowed
        If the actor's role may not make it.
    Conflict
        If the opening is in another state, or the employer may not recruit now.
    InvalidInput
        If a reason is missing, or the posting checks refuse the opening.
    """
    found = VACANCY_STEPS.get(step)
    if found is None:
        raise NotFound
    if actor.role not in found.roles:
        raise NotAllowed
    require_seen(seen, vacancy)
    if vacancy.state not in found.sources:
        raise Conflict("vacancy_step_impossible", state=vacancy.state)
    reason = reason.strip()
    if found.needs_reason and not reason:
        raise InvalidInput("reason_needed", field="reason")
    if len(reason) > REASON_MAX:
        raise InvalidInput("reason_too_long", field="reason", most=REASON_MAX)
    for check in _CHECKS.get(step, ()):
        check(vacancy, local_date(now))
    prepare = _PREPARATIONS.get(step)
    if prepare is not None:
        prepare(vacancy, actor, now, reason)
    _move(vacancy, found, actor=actor, now=now, reason=reason)
    if vacancy.state in _EXPIRABLE and vacancy.n_filled >= vacancy.headcount:
        _move(vacancy, VACANCY_STEPS["fill"], actor=SYSTEM, now=now)
    return vacancy


def steps_and_refusals(
    vacancy: Vacancy, *, actor: Actor, now: datetime
) -> tuple[list[VacancyStep], dict[str, Conflict]]:
    """Return the steps that may succeed now, and why each other one of this state cannot.

    Asked of the record with the checks `advance` makes: what is offered is not refused for the
    state of things, whatever is typed with it.
    """
    possible, refusals = [], {}
    for step in available_steps(vacancy.state, actor.role):
        try:
            for check in _CHECKS.get(step.name, ()):
                check(vacancy, local_date(now))
        except Conflict as refusal:
            refusals[step.name] = refusal
        else:
            possible.append(step)
    return possible, refusals


def is_paused_by_owner(vacancy: Vacancy) -> bool:
    """Return whether the opening stays paused once it is approved or has a free place again."""
    query = (
        select(VacancyEvent.to_state)
        .where(
            VacancyEvent.vacancy_id == vacancy.id,
            VacancyEvent.to_state.not_in(sorted(UNDECIDED)),
        )
        .order_by(VacancyEvent.id.desc())
        .limit(1)
    )
    return is_held_back(
        VacancyState(state) for state in db.session.scalars(query) if state in set(VacancyState)
    )


def note(
    vacancy: Vacancy, name: str, *, actor: Actor, now: datetime, fields: list[str] | None = None
) -> None:
    """Append an event and an audit entry; in this order of locks the events commit in order."""
    transaction.flush()
    detail: dict[str, Any] = {"fields": fields} if fields is not None else {}
    audit.record(f"vacancy.{name}", vacancy, actor=actor, now=now, **detail)
    _append_event(vacancy, name, actor=actor, now=now, detail=detail)


def confirm_validity(
    vacancy: Vacancy, *, actor: Actor, now: datetime, seen: str | None = None
) -> Vacancy:
    """Say that the opening still stands: its validity runs anew from today.

    Raises
    ------
    StaleEdit
        If the opening has changed since the version that was seen.
    Conflict
        If it is neither open nor paused.
    """
    require_seen(seen, vacancy)
    if vacancy.state not in _EXPIRABLE:
        raise Conflict("vacancy_step_impossible", state=vacancy.state)
    today = local_date(now)
    latest = _default_end(actor, today)
    vacancy.close_on = max(latest, vacancy.close_on or latest)
    vacancy.confirmed_on = today
    vacancy_publication.keep_published(vacancy, on=today)
    vacancy.updated_at = now
    note(vacancy, "confirm", actor=actor, now=now, fields=["close_on", "confirmed_on"])
    return vacancy


def expire_due(*, now: datetime) -> int:
    """Close what is past its last day; return how many (the daily tick)."""
    query = (
        select(Vacancy)
        .where(Vacancy.state.in_(_EXPIRABLE), Vacancy.close_on < local_date(now))
        .order_by(Vacancy.id)
    )
    due = list(db.session.scalars(query))
    for vacancy in due:
        advance(vacancy, "expire", actor=SYSTEM, now=now)
    return len(due)


def republish_unshown(*, now: datetime) -> int:
    """Give approved openings that lost their day of publication it back; return how many.

    The board shows what is open from that day on: without it an opening is open and nobody sees
    it. Nothing writes such a row any more; the daily tick mends what an older version left.
    """
    query = (
        select(Vacancy)
        .where(
            Vacancy.state.in_(sorted(APPROVED)),
            Vacancy.source == VacancySource.PARTNER,
            Vacancy.open_on.is_(None),
        )
        .order_by(Vacancy.id)
    )
    hurt = list(db.session.scalars(query))
    for vacancy in hurt:
        vacancy_publication.keep_published(vacancy, on=local_date(now))
        vacancy.updated_at = now
    transaction.flush()
    for vacancy in hurt:
        note(vacancy, "republish", actor=SYSTEM, now=now, fields=["open_on"])
    return len(hurt)


# --- Places ---------------------------------------------------------------------------------------


def fill_reserved(vacancy_id: int, *, actor: Actor, now: datetime) -> None:
    """Turn a held place into a filled one; the last one makes the opening `filled`."""
    vacancy_places.fill_reserved(vacancy_id)
    settle_places(_reread(vacancy_id), now=now)


def release_filled(vacancy_id: int, *, actor: Actor, now: datetime) -> None:
    """Take a start back: its place is free again and a `filled` opening is open again."""
    vacancy_places.release_filled(vacancy_id)
    settle_places(_reread(vacancy_id), now=now)


def settle_places(vacancy: Vacancy, *, now: datetime) -> None:
    """Let the state follow the counters: full is `filled`, a place more undoes that."""
    is_full = vacancy.n_filled >= vacancy.headcount
    if is_full and vacancy.state in _EXPIRABLE:
        _move(vacancy, VACANCY_STEPS["fill"], actor=SYSTEM, now=now)
    elif not is_full and vacancy.state is VacancyState.FILLED:
        _move(vacancy, VACANCY_STEPS["reopen"], actor=SYSTEM, now=now)


def _reread(vacancy_id: int) -> Vacancy:
    return db.session.get_one(Vacancy, vacancy_id, populate_existing=True)


# --- Steps ----------------------------------------------------------------------------------------


def _move(
    vacancy: Vacancy, step: VacancyStep, *, actor: Actor, now: datetime, reason: str = ""
) -> None:
    is_paused = step.keeps_pause and is_paused_by_owner(vacancy)
    target = step.leads_to(is_held_back=is_paused)
    vacancy.state = target
    if step.needs_reason or step.target is VacancyState.OPEN:
        vacancy.state_reason = reason if step.needs_reason else ""
    if target in APPROVED:
        vacancy_publication.keep_published(vacancy, on=local_date(now))
    vacancy.updated_at = now
    transaction.flush()
    audit.record(f"vacancy.{step.name}", vacancy, actor=actor, now=now, to=target.value)
    detail = {"reason": reason} if reason else {}
    _append_event(vacancy, step.name, actor=actor, now=now, detail=detail)


def _append_event(
    vacancy: Vacancy, name: str, *, actor: Actor, now: datetime, detail: dict[str, Any]
) -> None:
    db.session.add(
        VacancyEvent(
            vacancy_id=vacancy.id,
            at=now,
            actor_role=actor.role.value,
            actor_id=actor.user_id,
            name=name,
            to_state=vacancy.state.value,
            detail=detail,
        )
    )
    transaction.flush()


def _prepare_submit(vacancy: Vacancy, actor: Actor, now: datetime, _reason: str) -> None:
    """Give the opening its default validity and refuse what the law forbids."""
    today = local_date(now)
    if vacancy.close_on is None:
        vacancy.close_on = _default_end(actor, today)
    vacancy.confirmed_on = today
    if vacancy.n_places_left < 1:
        raise InvalidInput("no_place_left", field="headcount")
    vacancy_posting.require_passable(vacancy, actor=actor, on=today)


def _prepare_approve(vacancy: Vacancy, actor: Actor, now: datetime, reason: str) -> None:
    """Refuse what the law forbids; what an officer must weigh needs a written note."""
    today = local_date(now)
    problems = vacancy_posting.require_passable(vacancy, actor=actor, on=today)
    if any(p.severity is Severity.REVIEW for p in problems) and not reason:
        raise InvalidInput("approval_note_needed", field="reason")
    vacancy.confirmed_on = today


def _prepare_refill(vacancy: Vacancy, _actor: Actor, _now: datetime, _reason: str) -> None:
    """Reopen one place whose job has ended."""
    vacancy_places.free_ended(vacancy.id)


def _prepare_renew(vacancy: Vacancy, _actor: Actor, _now: datetime, _reason: str) -> None:
    """Start over as a draft: dates are set when it is sent and approved again."""
    vacancy.open_on = vacancy.close_on = vacancy.confirmed_on = None
    vacancy.state_reason = ""


_Preparation = Callable[[Vacancy, Actor, datetime, str], None]
_PREPARATIONS: dict[str, _Preparation] = {
    "submit": _prepare_submit,
    "approve": _prepare_approve,
    "refill": _prepare_refill,
    "renew": _prepare_renew,
}


def require_recruiting(vacancy: Vacancy, _today: date | None = None) -> None:
    """Refuse unless the employer is vetted and not suspended.

    Raises
    ------
    Conflict
        `opening_unchecked` for an external one, `partner_not_active` otherwise.
    """
    if vacancy.source is VacancySource.EXTERNAL or vacancy.partner is None:
        raise Conflict("opening_unchecked")
    if vacancy.partner.state is not PartnerState.ACTIVE:
        raise Conflict("partner_not_active", state=vacancy.partner.state)


def _require_valid(vacancy: Vacancy, today: date) -> None:
    if vacancy.close_on is not None and vacancy.close_on < today:
        raise Conflict("validity_over_renew")


def _require_ended(vacancy: Vacancy, _today: date) -> None:
    vacancy_places.require_ended(vacancy)


_Check = Callable[[Vacancy, date], None]
#: What stands against a step whatever is typed with it: asked before it is offered, and again
#: when it is made.
_CHECKS: dict[str, tuple[_Check, ...]] = {
    "submit": (require_recruiting,),
    "approve": (require_recruiting,),
    "resume": (require_recruiting, _require_valid),
    "refill": (require_recruiting, _require_valid, _require_ended),
}


def _default_end(actor: Actor, today: date) -> date:
    days = policies.current(actor, on=today).vacancy_validity_days
    return default_close_on(today, validity_days=days)
