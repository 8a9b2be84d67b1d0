"""What an officer has to do, gathered from the records; nothing is stored twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import contains_eager

from matchboard.domain.calendar import local_date
from matchboard.domain.client import Stage
from matchboard.domain.duties import ANSWER_DAYS, WEEK, Duty, DutyKind, is_own
from matchboard.domain.placement import BEFORE_START, PlacementState
from matchboard.domain.placement_openings import step_refusal
from matchboard.domain.policy import Policy
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.client import Client, CorrectionRequest
from matchboard.models.organisation import Partner, Unit
from matchboard.models.placement import OutcomeCheck, Placement, Reminder
from matchboard.models.vacancy import Vacancy
from matchboard.permissions import scope_units
from matchboard.services import case_leads, personal_links, policies, work
from matchboard.services.placement_reminders import BY_HAND
from matchboard.services.seen import fingerprint, placement_version

S = PlacementState
Conditions = list[ColumnElement[bool]]
#: After a "no" or the end of a job the next proposal is expected within this time; later it is the
#: client list's job.
_FOLLOW_UP = timedelta(days=60)
#: Duties that are one step and nothing else: while it is not possible, there is another one.
_STEPS = {DutyKind.ASK_CONSENT: "consent", DutyKind.SEND_REFERRAL: "send"}
#: Ends after which the person looks for work again; a withdrawal is the officer's own word.
_ENDS = (
    S.DECLINED_BY_CLIENT,
    S.DECLINED_BY_EMPLOYER,
    S.NO_SHOW,
    S.EXPIRED,
    S.ENDED,
)


def list_duties(
    *,
    actor: Actor,
    now: datetime,
    client_id: int | None = None,
    office_pid: str = "",
    until: date | None = None,
) -> list[Duty]:
    """Return the duties due up to `until` (default: within a week), the most overdue first.

    Of one person with `client_id`, of one office with `office_pid`. Ten statements however many
    rows. Of some of them the actor only needs to know (`is_own`): somebody else does them.
    """
    today = local_date(now)
    until = until or today + WEEK
    policy = policies.current(actor, on=today)
    mine = _own(actor, client_id, office_pid)
    found: list[Duty] = []
    found += _people(mine, policy, now)
    found += _open_steps(mine, policy, today)
    found += _contact_requests(mine)
    found += _checks(mine, until)
    found += _corrections(mine)
    found += _next_proposals(mine, now)
    if client_id is None:
        found += _leads(actor, office_pid, today)
    due = [duty for duty in found if duty.due_on <= until]
    return sorted(due, key=_order)


def count_due(*, actor: Actor, now: datetime) -> int:
    """Return how many duties of the actor's own are due or overdue (the navigation's badge)."""
    due = list_duties(actor=actor, now=now, until=local_date(now))
    return sum(is_own(duty.kind, actor.role) for duty in due)


def offices_of(client_pids: Iterable[str]) -> dict[str, str]:
    """Return the office's name of each person: who does what the district only looks at."""
    query = (
        select(Client.pid, Unit.name)
        .join(Unit, Unit.id == Client.office_id)
        .where(Client.pid.in_(set(client_pids)))
        .order_by(Client.id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def _order(duty: Duty) -> tuple[Any, ...]:
    return (duty.due_on, duty.kind, duty.client_pid, duty.placement_pid or "", duty.lead_pid)


def _own(actor: Actor, client_id: int | None, office_pid: str) -> Conditions:
    conditions: Conditions = [Client.office_id.in_(scope_units(actor))]
    if client_id is not None:
        conditions.append(Client.id == client_id)
    if office_pid:
        conditions.append(Client.office_id.in_(select(Unit.id).where(Unit.pid == office_pid)))
    return conditions


def _leads(actor: Actor, office_pid: str, today: date) -> Iterable[Duty]:
    """Ask for a new lead of people, head of an office or cover, in place of who left."""
    for left in case_leads.list_left(actor=actor, on=today):
        if left.office_pid == office_pid or not office_pid:
            yield Duty(
                _kind_of(left),
                today,
                "",
                "",
                lead_pid=left.lead_pid,
                lead_name=left.lead_name,
                office_pid=left.office_pid,
                office_name=left.office_name,
                n_people=left.n_people,
                covering_name=left.covering_name,
            )


def _kind_of(left: case_leads.Left) -> DutyKind:
    if not left.lead_pid:
        return DutyKind.OPEN_ACCOUNT
    if left.n_people:
        return DutyKind.HAND_OVER
    return DutyKind.COVER_AGAIN if left.covering_name else DutyKind.NAME_HEAD


def _people(mine: Conditions, policy: Policy, now: datetime) -> Iterable[Duty]:
    """Ask to register who was released, and to renew a link that wrong birth dates have closed."""
    locked = personal_links.locks(now=now)
    is_to_register = and_(
        Client.stage == Stage.PRE_RELEASE,
        Client.released_on.is_not(None),
        Client.registered_on.is_(None),
    )
    is_locked = and_(locked.c.at.is_not(None), Client.stage != Stage.DISCHARGED)
    query = (
        select(
            Client.pid,
            Client.name,
            case((is_to_register, Client.released_on)),
            case((is_locked, locked.c.at)),
        )
        .outerjoin(locked, locked.c.client_id == Client.id)
        .where(*mine, or_(is_to_register, is_locked))
        .order_by(Client.released_on, Client.id)
    )
    for pid, name, released_on, locked_at in db.session.execute(query):
        if released_on is not None:
            due_on = released_on + timedelta(days=policy.registration_days)
            yield Duty(DutyKind.REGISTER, due_on, pid, name)
        if locked_at is not None:
            due_on = local_date(locked_at) + timedelta(days=ANSWER_DAYS)
            yield Duty(DutyKind.RENEW_LINK, due_on, pid, name)


def _placements(mine: Conditions) -> Select[Placement, str, str, str, str]:
    return (
        select(Placement, Client.pid, Client.name, Vacancy.title, Partner.name)
        .join(Client, Client.id == Placement.client_id)
        .outerjoin(Vacancy, Vacancy.id == Placement.vacancy_id)
        .outerjoin(Partner, Partner.id == Placement.partner_id)
        .where(*mine)
        .order_by(Placement.id)
    )


def _open_steps(mine: Conditions, policy: Policy, today: date) -> Iterable[Duty]:
    query = (
        _placements(mine)
        .where(Placement.state.in_(sorted(BEFORE_START)))
        .options(contains_eager(Placement.vacancy), contains_eager(Placement.partner))
    )
    reminded = _reminded_by_hand(mine)
    rows: Any = db.session.execute(query.add_columns(Vacancy.version))
    for placement, pid, name, title, partner, opening in rows:
        step = _step_due(placement, policy, reminded.get(placement.id))
        if step is not None:
            kind, due_on = step
            held = step_refusal(_STEPS[kind], placement, on=today) if kind in _STEPS else None
            yield Duty(
                kind if held is None else DutyKind.OPENING_HELD,
                due_on,
                pid,
                name,
                placement.pid,
                title or "",
                partner or "",
                version=placement_version(placement.version, opening),
                held=held,
            )


def _reminded_by_hand(mine: Conditions) -> dict[int, datetime]:
    """Return when an officer last reminded the employer of each unanswered referral."""
    query = (
        select(Reminder.placement_id, func.max(Reminder.created_at))
        .join(Placement, Placement.id == Reminder.placement_id)
        .join(Client, Client.id == Placement.client_id)
        .where(
            *mine,
            Placement.state == S.SENT,
            Reminder.cancelled_at.is_(None),
            Reminder.key.contains(BY_HAND, autoescape=True),
        )
        .group_by(Reminder.placement_id)
        .order_by(Reminder.placement_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def _step_due(
    placement: Placement, policy: Policy, reminded_at: datetime | None
) -> tuple[DutyKind, date] | None:
    """Return what the officer has to do next about a placement under way, and until when."""
    since = local_date(placement.state_changed_at)
    answer_by = since + timedelta(days=ANSWER_DAYS)
    match placement.state:
        case S.PROPOSED:
            return DutyKind.ASK_CONSENT, answer_by
        case S.CONSENTED:
            return DutyKind.SEND_REFERRAL, since + timedelta(days=1)
        case S.SENT:
            chase_on = since + timedelta(days=policy.reminder_second_days)
            if reminded_at is not None:
                chase_on = max(chase_on, local_date(reminded_at) + timedelta(days=ANSWER_DAYS))
            return DutyKind.CHASE_EMPLOYER, chase_on
        case S.INTERVIEW:
            when = local_date(placement.interview_at) if placement.interview_at else since
            return DutyKind.INTERVIEW_RESULT, when + timedelta(days=1)
        case S.OFFERED:
            return DutyKind.CONFIRM_START, placement.offered_start_on or answer_by
    return None


def _contact_requests(mine: Conditions) -> Iterable[Duty]:
    # Asked twice is one duty, due by the first time.
    asked = (
        select(Reminder.placement_id, func.min(Reminder.created_at).label("at"))
        .where(Reminder.kind == "contact_requested", Reminder.cancelled_at.is_(None))
        .group_by(Reminder.placement_id)
        .subquery()
    )
    query = (
        _placements(mine)
        .join(asked, asked.c.placement_id == Placement.id)
        .where(Placement.state == S.SENT)
        .add_columns(asked.c.at)
    )
    for placement, pid, name, title, partner, asked_at in db.session.execute(query):
        due_on = local_date(asked_at) + timedelta(days=ANSWER_DAYS)
        yield Duty(
            DutyKind.ASK_CONTACT_CONSENT, due_on, pid, name, placement.pid, title, partner or ""
        )


def _checks(mine: Conditions, until: date) -> Iterable[Duty]:
    query = (
        _placements(mine)
        .join(OutcomeCheck, OutcomeCheck.placement_id == Placement.id)
        .where(
            Placement.state == S.STARTED,
            OutcomeCheck.done_on.is_(None),
            OutcomeCheck.cancelled.is_(False),
            OutcomeCheck.due_on <= until,
        )
        .add_columns(OutcomeCheck.day, OutcomeCheck.due_on)
    )
    for placement, pid, name, title, partner, day, due_on in db.session.execute(query):
        yield Duty(
            DutyKind.OUTCOME_CHECK,
            due_on,
            pid,
            name,
            placement.pid,
            title or placement.description,
            partner or "",
            check_day=day,
        )


def _corrections(mine: Conditions) -> Iterable[Duty]:
    query = (
        select(CorrectionRequest, Client.pid, Client.name)
        .join(Client, Client.id == CorrectionRequest.client_id)
        .where(*mine, CorrectionRequest.done_at.is_(None))
        .order_by(CorrectionRequest.id)
    )
    for request, pid, name in db.session.execute(query):
        due_on = local_date(request.sent_at) + timedelta(days=ANSWER_DAYS)
        yield Duty(
            DutyKind.CORRECTION,
            due_on,
            pid,
            name,
            correction_pid=request.pid,
            words=request.words,
            version=fingerprint(request.words),
        )


def _next_proposals(mine: Conditions, now: datetime) -> Iterable[Duty]:
    """Name people who look for work, whose last proposal or job is over, with none under way."""
    other = Placement.__table__.alias("other")
    under_way = exists().where(
        and_(
            other.c.client_id == Placement.client_id,
            or_(
                other.c.state.in_([s.value for s in sorted(BEFORE_START)]),
                other.c.state_changed_at > Placement.state_changed_at,
                and_(
                    other.c.state_changed_at == Placement.state_changed_at,
                    other.c.id > Placement.id,
                ),
            ),
        )
    )
    query = (
        _placements(mine)
        .where(
            Placement.state.in_(_ENDS),
            Placement.state_changed_at >= now - _FOLLOW_UP,
            Client.stage != Stage.DISCHARGED,
            work.looks_for_work(),
            ~under_way,
        )
        .order_by(None)
        .order_by(Placement.state_changed_at, Placement.id)
    )
    for placement, pid, name, title, partner in db.session.execute(query):
        due_on = local_date(placement.state_changed_at) + timedelta(days=ANSWER_DAYS)
        yield Duty(
            DutyKind.NEXT_PROPOSAL, due_on, pid, name, placement.pid, title or "", partner or ""
        )
