"""What a placement step needs beyond role and state; one small function a step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import select

from matchboard.domain.agreed_terms import question_about, unlawful_wage
from matchboard.domain.calendar import local_date, whole_minute
from matchboard.domain.catalogues import minimum_wage
from matchboard.domain.client import ConsentScope
from matchboard.domain.consent import widest
from matchboard.domain.errors import Conflict, Faults, InvalidInput, required
from matchboard.domain.placement import (
    BEFORE_START,
    REASONS,
    UNDO_MISS_DAYS,
    PlacementReason,
    PlacementState,
    Transition,
)
from matchboard.domain.placement_openings import step_refusal
from matchboard.domain.posting_checks import PostingProblem
from matchboard.domain.roles import Actor, Role
from matchboard.domain.vacancy import WAGE_MAX
from matchboard.extensions import db
from matchboard.models.placement import Consent, Placement
from matchboard.services.step_details import StepDetails
from matchboard.services.vacancy_posting import as_input_error

Rule = Callable[[Placement, StepDetails, datetime, Faults], None]

LIVE = tuple(sorted(BEFORE_START | {PlacementState.STARTED}))

#: Steps that are an employer's or a person's word: an officer noting one says where it comes from.
_WORD_OF = {
    "consent": Role.CLIENT,
    "decline": Role.CLIENT,
    "invite": Role.ENTERPRISE,
    "offer": Role.ENTERPRISE,
    "amend": Role.ENTERPRISE,
    "refuse": Role.ENTERPRISE,
    "miss": Role.ENTERPRISE,
    "undo_miss": Role.ENTERPRISE,
}
#: Refusals that tell of the person's life beyond this employer.
_OF_OTHER_EMPLOYERS = frozenset({"already_working", "already_proposed"})
#: At the desk the signed form is the source, so consent needs no further note.
_NEEDS_SOURCE = frozenset({"invite", "offer", "amend", "refuse"})
_SYSTEM_REASONS = frozenset({PlacementReason.PLACED_ELSEWHERE})
#: An appointment further away than this is a slip of the pen.
_AHEAD = timedelta(days=183)
#: What one line of text may hold, and a note.
LINE_LENGTH = 200
NOTE_LENGTH = 1000


def check(
    placement: Placement,
    transition: Transition,
    details: StepDetails,
    *,
    actor: Actor,
    now: datetime,
) -> Role | None:
    """Raise all that stands against the step; return on whose behalf an officer notes it."""
    require_possible(transition.name, placement, now=now)
    faults = Faults()
    on_behalf_of = _WORD_OF.get(transition.name) if actor.role is Role.OFFICER else None
    if (
        on_behalf_of is Role.ENTERPRISE
        and transition.name in _NEEDS_SOURCE
        and not details.note.strip()
    ):
        faults.add(InvalidInput("source_required", field="note"))
    with faults.noted():
        check_length(details.note, NOTE_LENGTH, field="note")
    with faults.noted():
        check_wage(details.wage_cny_month)
    if transition.needs_reason:
        with faults.noted():
            _check_reason(transition, details, actor)
    rule = _RULES.get(transition.name)
    if rule is not None:
        with faults.noted():
            _apply(rule, placement, details, faults, actor=actor, now=now)
    faults.refuse()
    return on_behalf_of


def require_possible(step: str, placement: Placement, *, now: datetime) -> None:
    """Refuse what the opening's or the employer's state leaves impossible."""
    refusal = step_refusal(step, placement, on=local_date(now))
    if refusal is not None:
        raise refusal


def first_values(step: str, placement: Placement, *, on: date) -> StepDetails:
    """Return what a step's form begins with: what was agreed, as far as the step can take it."""
    agreed_on, wage = placement.offered_start_on, placement.wage_cny_month
    match step:
        case "offer" if placement.vacancy is not None:
            advertised = placement.vacancy.wage_min_cny_month
            is_lawful = advertised is None or _unlawful(placement, advertised, on=on) is None
            return StepDetails(wage_cny_month=advertised if is_lawful else None)
        case "amend":  # a first day that has passed is no day to agree on
            is_ahead = agreed_on is not None and agreed_on >= on
            return StepDetails(start_on=agreed_on if is_ahead else None, wage_cny_month=wage)
        case "start":  # who has started did so today at the latest
            return StepDetails(start_on=min(agreed_on or on, on), wage_cny_month=wage)
    return StepDetails()


def check_length(text: str, maximum: int, *, field: str) -> None:
    """Refuse a text longer than its column or than anybody reads."""
    if len(text.strip()) > maximum:
        raise InvalidInput("text_too_long", field=field, maximum=maximum)


def check_wage(wage_cny_month: int | None) -> None:
    """Refuse a wage nobody is paid."""
    if wage_cny_month is not None and not 0 <= wage_cny_month <= WAGE_MAX:
        raise InvalidInput("out_of_range", field="wage_cny_month", low=0, high=WAGE_MAX)


def _apply(
    rule: Rule,
    placement: Placement,
    details: StepDetails,
    faults: Faults,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Apply a rule; that the person has another job or proposal is not the employer's to learn."""
    try:
        rule(placement, details, now, faults)
    except Conflict as error:
        if actor.role is Role.ENTERPRISE and error.code in _OF_OTHER_EMPLOYERS:
            raise Conflict("ask_office") from None
        raise


def consent_in_force(placement_id: int) -> ConsentScope | None:
    """Return the widest scope the person's consents to this referral still give."""
    scopes = db.session.scalars(
        select(Consent.scope)
        .where(Consent.placement_id == placement_id, Consent.withdrawn_at.is_(None))
        .order_by(Consent.id)
    ).all()
    return widest(list(scopes))


def can_undo_miss(placement: Placement, *, now: datetime) -> bool:
    """Return whether a missed appointment is recent enough to be taken back."""
    return now - placement.state_changed_at <= timedelta(days=UNDO_MISS_DAYS)


def require_not_working(client_id: int, *, except_id: int | None = None) -> None:
    """Refuse a second running placement of one person."""
    running = db.session.scalar(
        select(Placement.id).where(
            Placement.client_id == client_id,
            Placement.state == PlacementState.STARTED,
            Placement.id != (except_id or 0),
        )
    )
    if running is not None:
        raise Conflict("already_working")


def _check_reason(transition: Transition, details: StepDetails, actor: Actor) -> None:
    if details.reason is None:
        raise InvalidInput("reason_required", field="reason")
    if details.reason not in REASONS[transition.name]:
        raise InvalidInput("reason_not_for_step", field="reason")
    if details.reason in _SYSTEM_REASONS and actor.role is not Role.SYSTEM:
        raise InvalidInput("reason_not_for_step", field="reason")
    if details.reason is PlacementReason.OTHER and not details.note.strip():
        raise InvalidInput("note_required", field="note")


def _check_consent(
    _placement: Placement, details: StepDetails, _now: datetime, _faults: Faults
) -> None:
    required(details.scope, "scope")
    required(details.method, "method")


def _check_send(
    placement: Placement, _details: StepDetails, _now: datetime, _faults: Faults
) -> None:
    if consent_in_force(placement.id) is None:
        raise Conflict("consent_missing")


def _check_invite(
    placement: Placement, details: StepDetails, now: datetime, faults: Faults
) -> None:
    _require_contact(placement)
    with faults.noted():
        interview_at = required(details.interview_at, "interview_at")
        if interview_at > now + _AHEAD:
            raise InvalidInput("date_too_far_ahead", field="interview_at")
        if placement.sent_at is not None and interview_at < whole_minute(placement.sent_at):
            raise InvalidInput("date_before_sent", field="interview_at")
        if interview_at < whole_minute(now):
            raise InvalidInput("date_in_past", field="interview_at")
    check_length(details.interview_place, LINE_LENGTH, field="interview_place")


def _check_offer(placement: Placement, details: StepDetails, now: datetime, faults: Faults) -> None:
    _require_contact(placement)
    with faults.noted():
        start_on = required(details.start_on, "start_on")
        if start_on > local_date(now + _AHEAD):
            raise InvalidInput("date_too_far_ahead", field="start_on")
        if placement.sent_at is not None and start_on < local_date(placement.sent_at):
            raise InvalidInput("date_before_sent", field="start_on")
        if start_on < local_date(now):
            raise InvalidInput("date_in_past", field="start_on")
    with faults.noted():
        required(details.wage_cny_month, "wage_cny_month")
        _check_agreed(placement, details, on=details.start_on or local_date(now))


def _check_agreed(placement: Placement, details: StepDetails, *, on: date) -> None:
    """Refuse a wage below the minimum of the day; ask once about one unlike what was advertised."""
    wage, vacancy = details.wage_cny_month, placement.vacancy
    if wage is None:
        wage = placement.wage_cny_month
    if wage is None or vacancy is None:
        return
    check_wage(wage)
    unlawful = _unlawful(placement, wage, on=on)
    if unlawful is not None:
        raise as_input_error(unlawful, field="wage_cny_month")
    question = question_about(
        wage,
        lowest_cny_month=vacancy.wage_min_cny_month,
        highest_cny_month=vacancy.wage_max_cny_month,
        agreed_cny_month=placement.wage_cny_month,
    )
    if question is not None and not details.wage_confirmed:
        raise question


def _unlawful(placement: Placement, wage: int, *, on: date) -> PostingProblem | None:
    vacancy = placement.vacancy
    if vacancy is None:
        return None
    place = vacancy.division_code
    return unlawful_wage(
        wage,
        employment_type=vacancy.employment_type,
        hours_per_week=vacancy.hours_per_week,
        minimum_wage=minimum_wage(place, on=on) if place else None,
        on=on,
    )


def _check_amend(placement: Placement, details: StepDetails, now: datetime, faults: Faults) -> None:
    """Refuse a correction that corrects nothing: it would stand in the history as one."""
    agreed = (placement.offered_start_on, placement.wage_cny_month)
    if (details.start_on, details.wage_cny_month) == agreed:
        raise InvalidInput("nothing_amended")
    _check_offer(placement, details, now, faults)


def _check_start(placement: Placement, details: StepDetails, now: datetime, faults: Faults) -> None:
    with faults.noted():
        start_on = required(details.start_on, "start_on")
        if start_on > local_date(now):
            raise InvalidInput("date_in_future", field="start_on")
        if placement.sent_at is not None and start_on < local_date(placement.sent_at):
            raise InvalidInput("date_before_sent", field="start_on")
    with faults.noted():
        _check_agreed(placement, details, on=details.start_on or local_date(now))
    require_not_working(placement.client_id, except_id=placement.id)


def _check_miss(
    _placement: Placement, details: StepDetails, _now: datetime, _faults: Faults
) -> None:
    if not details.note.strip():
        raise InvalidInput("miss_note_required", field="note")


def _check_undo_miss(
    placement: Placement, _details: StepDetails, now: datetime, _faults: Faults
) -> None:
    if not can_undo_miss(placement, now=now):
        raise Conflict("undo_too_late", days=UNDO_MISS_DAYS)
    require_not_working(placement.client_id)
    again = select(Placement.id).where(
        Placement.client_id == placement.client_id,
        Placement.vacancy_id == placement.vacancy_id,
        Placement.state.in_(LIVE),
    )
    if db.session.scalar(again) is not None:
        raise Conflict("already_proposed")
    if consent_in_force(placement.id) is None:
        raise Conflict("consent_missing")


def _check_end(placement: Placement, details: StepDetails, now: datetime, _faults: Faults) -> None:
    ended_on = required(details.ended_on, "ended_on")
    if ended_on > local_date(now):
        raise InvalidInput("date_in_future", field="ended_on")
    if placement.started_on is not None and ended_on < placement.started_on:
        raise InvalidInput("end_before_start", field="ended_on")


def _require_contact(placement: Placement) -> None:
    scope = consent_in_force(placement.id)
    if scope is None:
        raise Conflict("consent_missing")
    if scope is not ConsentScope.CARD_AND_CONTACT:
        raise Conflict("contact_consent_needed")


_RULES: dict[str, Rule] = {
    "consent": _check_consent,
    "send": _check_send,
    "invite": _check_invite,
    "offer": _check_offer,
    "amend": _check_amend,
    "start": _check_start,
    "miss": _check_miss,
    "undo_miss": _check_undo_miss,
    "end": _check_end,
}
