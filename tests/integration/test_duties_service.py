"""What an officer has to do, by whose step it is and since when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from matchboard.domain.calendar import BEIJING
from matchboard.domain.client import ConsentScope, Stage
from matchboard.domain.duties import Duty, DutyKind, Urgency, urgency
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import Reminder
from matchboard.services import duties, placement_reminders, referrals
from tests.conftest import Clock
from tests.factories import ClientFactory, OfficeFactory, UserFactory, VacancyFactory
from tests.integration.placement_paths import Case, a_case, a_person, brought_to, propose, take
from tests.sql import watch_sql

pytestmark = pytest.mark.usefixtures("app")
S, K = PlacementState, DutyKind


def listed(case: Case, clock: Clock, **options: Any) -> list[Duty]:
    return duties.list_duties(actor=case.officer.actor, now=clock.now, **options)


@pytest.mark.parametrize(
    ("state", "kind", "days"),
    [
        (S.PROPOSED, K.ASK_CONSENT, 3),
        (S.CONSENTED, K.SEND_REFERRAL, 1),
        (S.SENT, K.CHASE_EMPLOYER, 7),
        (S.INTERVIEW, K.INTERVIEW_RESULT, 3),  # the day after the appointment
        (S.OFFERED, K.CONFIRM_START, 0),
        (S.STARTED, K.OUTCOME_CHECK, 30),
        (S.DECLINED_BY_CLIENT, K.NEXT_PROPOSAL, 3),
        (S.DECLINED_BY_EMPLOYER, K.NEXT_PROPOSAL, 3),
        (S.NO_SHOW, K.NEXT_PROPOSAL, 3),
        (S.EXPIRED, K.NEXT_PROPOSAL, 3),
        (S.WITHDRAWN, None, 0),
        (S.ENDED, K.NEXT_PROPOSAL, 3),  # whoever lost a job is not forgotten
        (S.COMPLETED, None, 0),
    ],
    ids=lambda v: str(v),
)
def test_duty_follows_from_the_state(
    state: S, kind: DutyKind | None, days: int, clock: Clock
) -> None:
    case = a_case()
    placement = brought_to(state, case, clock)
    found = listed(case, clock, until=clock.today + timedelta(days=60))
    if kind is None:
        assert found == []
        return
    (duty,) = found
    assert (duty.kind, duty.due_on) == (kind, clock.today + timedelta(days=days))
    assert (duty.placement_pid, duty.client_pid) == (placement.pid, case.person.pid)
    assert duty.vacancy_title == case.vacancy.title
    assert duty.partner_name == case.vacancy.partner.name


def _remind(placement: Any, case: Case, clock: Clock) -> None:
    asked = {"actor": case.officer.actor, "now": clock.now}
    assert placement_reminders.remind_employers([placement.pid], **asked) == 1


def test_employer_is_chased_anew_after_the_last_reminder_by_hand(clock: Clock) -> None:
    """Half past seven in the morning is the day before in UTC."""
    case = a_case()
    clock.set(datetime(2026, 11, 24, 7, 30, tzinfo=BEIJING))
    placement = brought_to(S.SENT, case, clock)
    sent_on = clock.today

    def due_on() -> Any:
        (duty,) = listed(case, clock, until=sent_on + timedelta(days=60))
        assert duty.kind is K.CHASE_EMPLOYER
        return duty.due_on

    assert due_on() == sent_on + timedelta(days=7)
    clock.move(days=2)
    _remind(placement, case, clock)
    assert due_on() == sent_on + timedelta(days=7)  # sooner than by the policy: it stays
    for day in (7, 9):
        clock.set(datetime(2026, 11, 24, 7, 30, tzinfo=BEIJING) + timedelta(days=day))
        _remind(placement, case, clock)
        assert due_on() == sent_on + timedelta(days=day + 3)
    # Nobody else's reminder, and none that was taken back, moves it.
    other = a_case()
    _remind(brought_to(S.SENT, other, clock), other, clock)
    assert due_on() == sent_on + timedelta(days=12)
    for reminder in db.session.scalars(db.select(Reminder).order_by(Reminder.id)):
        if reminder.placement_id == placement.id:
            reminder.cancelled_at = clock.now
    db.session.flush()
    assert due_on() == sent_on + timedelta(days=7)


def test_offer_is_due_on_the_day_agreed_when_it_lies_ahead(clock: Clock) -> None:
    case = a_case()
    placement = brought_to(S.SENT, case, clock)
    take(placement, "offer", case, clock, start_on=clock.today + timedelta(days=5))
    (duty,) = listed(case, clock)
    assert duty.due_on == clock.today + timedelta(days=5)


def test_contact_request_is_a_duty_until_the_person_has_answered(clock: Clock) -> None:
    case = a_case()
    placement = propose(case, clock)
    take(placement, "consent", case, clock, scope=ConsentScope.CARD)
    take(placement, "send", case, clock)
    referrals.request_contact(placement, actor=case.employer.actor, now=clock.now)
    kinds = [d.kind for d in listed(case, clock)]
    assert kinds == [K.ASK_CONTACT_CONSENT, K.CHASE_EMPLOYER]
    from matchboard.services import consents

    both = ConsentScope.CARD_AND_CONTACT
    consents.give(placement, both, actor=case.actors[Role.CLIENT], now=clock.now)
    assert [d.kind for d in listed(case, clock)] == [K.CHASE_EMPLOYER]


def test_registration_is_due_fifteen_days_after_release(clock: Clock) -> None:
    case = a_case()
    person = ClientFactory(
        office=case.officer.unit,
        stage=Stage.PRE_RELEASE,
        released_on=clock.today - timedelta(days=15),
        registered_on=None,
    )
    (duty,) = listed(case, clock)
    assert (duty.kind, duty.due_on, duty.client_pid) == (K.REGISTER, clock.today, person.pid)
    assert duty.placement_pid is None


@pytest.mark.parametrize(
    "change",
    [{"seeking_work": False}, {"stage": Stage.DISCHARGED}],
    ids=["not-seeking", "discharged"],
)
def test_next_proposal_is_no_duty_when_the_person_wants_none(
    change: dict[str, Any], clock: Clock
) -> None:
    case = a_case()
    brought_to(S.EXPIRED, case, clock)
    for name, value in change.items():
        setattr(case.person, name, value)
    assert listed(case, clock) == []


def test_next_proposal_is_no_duty_when_one_is_under_way_or_later(clock: Clock) -> None:
    case = a_case()
    brought_to(S.EXPIRED, case, clock)
    brought_to(S.DECLINED_BY_CLIENT, case, clock, vacancy=VacancyFactory())
    assert [d.kind for d in listed(case, clock)] == [K.NEXT_PROPOSAL]
    propose(case, clock, vacancy=VacancyFactory())
    assert [d.kind for d in listed(case, clock)] == [K.ASK_CONSENT]


@pytest.mark.parametrize(("days", "n"), [(60, 1), (61, 0)])
def test_next_proposal_is_left_to_the_client_list_after_sixty_days(
    days: int, n: int, clock: Clock
) -> None:
    case = a_case()
    brought_to(S.EXPIRED, case, clock)
    clock.move(days=days)
    assert len(listed(case, clock)) == n


def test_duties_are_of_the_own_office_and_the_district_sees_all(clock: Clock) -> None:
    district = UserFactory(role=Role.DISTRICT)
    office = OfficeFactory(parent=district.unit)
    case = a_case()
    neighbour = UserFactory(role=Role.OFFICER, unit=office)
    propose(case, clock, person=a_person(neighbour))
    other = UserFactory(role=Role.OFFICER)
    assert duties.list_duties(actor=other.actor, now=clock.now) == []
    assert len(duties.list_duties(actor=neighbour.actor, now=clock.now)) == 1
    assert len(duties.list_duties(actor=district.actor, now=clock.now)) == 1


def test_duties_of_one_person_are_listed_when_asked_for(clock: Clock) -> None:
    case = a_case()
    propose(case, clock)
    somebody = ClientFactory(office=case.officer.unit)
    assert len(listed(case, clock, client_id=case.person.id)) == 1
    assert listed(case, clock, client_id=somebody.id) == []


def test_duties_are_sorted_and_counted_up_to_today(clock: Clock) -> None:
    case = a_case(headcount=9)
    propose(case, clock)
    brought_to(S.OFFERED, case, clock, vacancy=VacancyFactory())
    found = listed(case, clock)
    assert [d.due_on for d in found] == sorted(d.due_on for d in found)
    assert duties.count_due(actor=case.officer.actor, now=clock.now) == 1
    clock.move(days=3)
    assert duties.count_due(actor=case.officer.actor, now=clock.now) == 2


def test_statements_do_not_grow_when_duties_do(clock: Clock) -> None:
    case = a_case(headcount=40)
    propose(case, clock)
    db.session.commit()  # nothing is left to be written meanwhile
    listed(case, clock)
    with watch_sql() as few:
        listed(case, clock)
    for _ in range(10):
        propose(case, clock, vacancy=VacancyFactory())
    db.session.commit()
    listed(case, clock)
    with watch_sql() as many:
        assert len(listed(case, clock)) == 11
    assert len(few) == len(many) <= 10


@pytest.mark.parametrize(
    ("days", "group"),
    [
        (-1, Urgency.OVERDUE),
        (0, Urgency.TODAY),
        (1, Urgency.THIS_WEEK),
        (6, Urgency.THIS_WEEK),
        (7, Urgency.LATER),
    ],
)
def test_urgency_changes_at_midnight(days: int, group: Urgency, clock: Clock) -> None:
    assert urgency(clock.today + timedelta(days=days), clock.today) is group


@pytest.mark.parametrize("at", [(0, 30), (7, 30), (7, 59), (8, 1), (23, 59)], ids=str)
def test_interview_result_is_due_the_day_after_when_the_hour_is_early_or_late(
    at: tuple[int, int], clock: Clock
) -> None:
    case = a_case()
    day = clock.today + timedelta(days=2)
    hour, minute = at
    when = datetime(day.year, day.month, day.day, hour, minute, tzinfo=BEIJING)
    placement = brought_to(S.SENT, case, clock)
    take(placement, "invite", case, clock, interview_at=when.astimezone(UTC))
    (duty,) = listed(case, clock, until=day + timedelta(days=60))
    assert (duty.kind, duty.due_on) == (K.INTERVIEW_RESULT, day + timedelta(days=1))
