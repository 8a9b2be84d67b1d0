"""Consent to a course: a row for each, withdrawn in one step, and what a provider sees by it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select

from matchboard import models
from matchboard.domain.consent import is_open_to_provider
from matchboard.domain.errors import Conflict, InvalidInput, NotAllowed
from matchboard.domain.roles import Actor, Role
from matchboard.domain.training import AgreementMethod, DropReason, EnrolmentState
from matchboard.extensions import db
from matchboard.permissions import scope_clients
from matchboard.services import (
    audit_folds,
    course_consents,
    course_withdrawal,
    enrolments,
    personal_links,
    trainees,
)
from tests import factories
from tests.conftest import Clock

S = EnrolmentState
CLOSED = "资料已关闭"


def a_course(provider: models.Unit, **given: Any) -> models.CourseSession:
    """Return a session of a provider's course that begins in two weeks."""
    return factories.CourseSessionFactory(
        course=factories.CourseFactory(provider=provider, skills=[("sew.flat", 2)]), **given
    )


def consents_of(enrolment: models.Enrolment) -> list[tuple[AgreementMethod, int | None, bool]]:
    """Return method, recorder and whether it is in force, of each consent in order."""
    rows = db.session.scalars(
        select(models.CourseConsent)
        .where(models.CourseConsent.enrolment_id == enrolment.id)
        .order_by(models.CourseConsent.id)
    )
    return [(row.method, row.recorded_by_id, row.withdrawn_at is None) for row in rows]


def test_consent_is_a_row_when_recommended_and_when_come_in_person(app: Any, clock: Clock) -> None:
    coordinator = factories.UserFactory(role=Role.COORDINATOR)
    session = a_course(coordinator.unit)
    officer = factories.UserFactory(role=Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    agreed = {"actor": officer.actor, "now": clock.now, "person_agrees": True}
    one = enrolments.recommend(person, session, **agreed)
    office = (AgreementMethod.SAID_AT_OFFICE, officer.id, True)
    assert consents_of(one) == [office]
    # Somebody recommended comes to the course: consent stands. Somebody new gives it there.
    other = factories.ClientFactory()
    for who in (person, other):
        walked_in = enrolments.enrol_walk_in(
            session,
            client_pid=who.pid,
            birth_date=who.birth_date,
            actor=coordinator.actor,
            now=clock.now,
        )
    assert consents_of(one) == [office]
    in_person = (AgreementMethod.CAME_IN_PERSON, coordinator.id, True)
    assert consents_of(walked_in) == [in_person]
    # Whoever withdrew and agrees anew has a second row; the first stays as it was withdrawn.
    course_withdrawal.withdraw(one, actor=officer.actor, now=clock.now)
    enrolments.recommend(person, session, **agreed)
    assert consents_of(one) == [(*office[:2], False), office]


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("state", "consent", "withdrawn_after", "is_kept"),
    [
        pytest.param(S.RECOMMENDED, "in_force", None, True, id="under-way"),
        pytest.param(S.RECOMMENDED, None, None, False, id="under-way-without"),
        pytest.param(S.ENROLLED, "withdrawn", 1, False, id="under-way-with-one-withdrawn"),
        pytest.param(S.DECLINED, None, None, True, id="over-without"),
        pytest.param(S.DECLINED, "withdrawn", 1, True, id="over-with-one-withdrawn"),
        pytest.param(S.DECLINED, "in_force", 1, False, id="revived"),
        # Whoever withdraws and agrees anew at one sitting has agreed; a second earlier, too.
        pytest.param(S.ENROLLED, "in_force", 0, True, id="anew-at-once"),
        pytest.param(S.ENROLLED, "in_force", -1, True, id="anew-later"),
    ],
)
def test_consent_to_a_course_is_compared_with_its_events(
    app: Any, state: S, consent: str | None, withdrawn_after: int | None, is_kept: bool
) -> None:
    del app
    one, sound = (
        factories.EnrolmentFactory(state=s, has_consent=False) for s in (state, S.DECLINED)
    )
    if consent is not None:
        at = factories.NOW if consent == "withdrawn" else None
        factories.CourseConsentFactory(enrolment=one, withdrawn_at=at)
    if withdrawn_after is not None:
        db.session.add(
            models.EnrolmentEvent(
                enrolment_id=one.id,
                at=factories.NOW + timedelta(seconds=withdrawn_after),
                actor_role="officer",
                name="withdraw_consent",
                to_state=state.value,
            )
        )
    db.session.commit()
    found = {check.name: check for check in audit_folds.run()}["course_consent_in_force"].examples
    assert found == (() if is_kept else (one.pid,))
    assert sound.pid not in found


@pytest.mark.parametrize(
    ("state", "after", "reason", "places"),
    [
        (S.RECOMMENDED, S.DECLINED, DropReason.CONSENT_WITHDRAWN, [S.ENROLLED, S.WAITLISTED]),
        (S.WAITLISTED, S.DECLINED, DropReason.CONSENT_WITHDRAWN, [S.ENROLLED, S.WAITLISTED]),
        # The session has not begun: who leaves it did not take part.
        (S.ENROLLED, S.DECLINED, DropReason.CONSENT_WITHDRAWN, [S.ENROLLED, S.ENROLLED]),
        (S.COMPLETED, S.COMPLETED, None, [S.ENROLLED, S.WAITLISTED]),
        (S.DROPPED_OUT, S.DROPPED_OUT, None, [S.ENROLLED, S.WAITLISTED]),
    ],
)
def test_withdrawal_ends_what_is_open_and_moves_the_next_up(
    app: Any, clock: Clock, state: S, after: S, reason: DropReason | None, places: list[S]
) -> None:
    session = factories.CourseSessionFactory(capacity=2, n_enrolled=2)
    if state in {S.RECOMMENDED, S.WAITLISTED, S.DROPPED_OUT}:
        session.capacity = session.n_enrolled = 1
    factory = factories.EnrolmentFactory
    others = [factory(session=session, state=S.ENROLLED)]
    one = factory(session=session, state=state, waitlisted_at=clock.now)
    others.append(factory(session=session, state=S.WAITLISTED, waitlisted_at=clock.now))
    officer = factories.UserFactory(role=Role.OFFICER, unit=one.client.office)
    course_withdrawal.withdraw(one, actor=officer.actor, now=clock.now)
    assert (one.state, one.drop_reason) == (after, reason)
    assert [other.state for other in others] == places
    n_taken = [*(other.state for other in others), one.state]
    assert session.n_enrolled == sum(s in {S.ENROLLED, S.COMPLETED} for s in n_taken)
    with pytest.raises(Conflict, match="course_consent_missing"):
        course_withdrawal.withdraw(one, actor=officer.actor, now=clock.now)


def test_withdrawal_is_for_the_person_and_who_recommends_alone(app: Any, clock: Clock) -> None:
    allowed = set()
    for role in Role:
        one = factories.EnrolmentFactory()
        try:
            course_withdrawal.withdraw(one, actor=Actor(role), now=clock.now)
        except NotAllowed:
            continue
        allowed.add(role)
    assert allowed == {Role.CLIENT, Role.OFFICER, Role.DISTRICT}


def test_withdrawal_is_nobodys_reason_to_choose(app: Any, clock: Clock) -> None:
    one = factories.EnrolmentFactory()
    officer = factories.UserFactory(role=Role.OFFICER, unit=one.client.office)
    chosen = {"actor": officer.actor, "now": clock.now}
    with pytest.raises(InvalidInput, match="reason_required"):
        enrolments.advance(one, "decline", reason=DropReason.CONSENT_WITHDRAWN, **chosen)
    enrolments.advance(one, "decline", reason=DropReason.HEALTH, **chosen)


def test_provider_sees_by_state_age_and_consent_the_same_in_words_and_statement(
    app: Any, clock: Clock
) -> None:
    coordinator = factories.UserFactory(role=Role.COORDINATOR)
    course = factories.CourseFactory(provider=coordinator.unit)
    day = timedelta(days=1)
    limit = clock.now - 30 * day
    seen: dict[tuple[str, str, bool], bool] = {}
    for state, (age, changed, ends_on), has_consent in product(
        S,
        (
            ("fresh", clock.now, clock.today + 10 * day),
            ("last day", limit + timedelta(seconds=1), clock.today - 29 * day),
            ("closed", limit, clock.today - 30 * day),
        ),
        (True, False),
    ):
        session = factories.CourseSessionFactory(
            course=course, starts_on=ends_on - 9 * day, ends_on=ends_on
        )
        one = factories.EnrolmentFactory(
            session=session, state=state, updated_at=changed, has_consent=False
        )
        gone = None if has_consent else clock.now
        factories.CourseConsentFactory(enrolment=one, withdrawn_at=gone)
        said = _by_rule(one, changed, ends_on, clock.now, has_consent=has_consent)
        assert said == (one.id in course_consents.open_to_provider([one], now=clock.now))
        listed = scope_clients(coordinator.actor, now=clock.now)
        assert said == (one.client in db.session.scalars(listed).all())
        seen[state.value, age, has_consent] = said
    assert {cell for cell, is_open in seen.items() if is_open} == {
        *((s, age, True) for s in ("recommended", "waitlisted", "completed") for age in AGES[:2]),
        *(("enrolled", age, True) for age in AGES),
    }


AGES = ("fresh", "last day", "closed")


def _by_rule(
    one: models.Enrolment, changed: datetime, ends_on: date, now: datetime, *, has_consent: bool
) -> bool:
    return is_open_to_provider(
        one.state, changed_at=changed, session_ends_on=ends_on, now=now, has_consent=has_consent
    )


def test_closed_view_shows_no_name_on_any_page_and_keeps_the_numbers(
    client: Any, clock: Clock
) -> None:
    coordinator = client.sign_in(Role.COORDINATOR)
    session = a_course(coordinator.unit, capacity=3, n_enrolled=2)
    named = {"name": "欧阳样", "phone": "13800000077", "skills": ["sew.flat"]}
    office = factories.OfficeFactory(parent=coordinator.unit.parent)
    person = factories.ClientFactory(office=office, **named)
    one = factories.EnrolmentFactory(session=session, client=person, state=S.ENROLLED)
    factories.EnrolmentFactory(session=session, state=S.ENROLLED)
    pages = ("/training/enrolments", f"/training/sessions/{session.pid}")

    def shown(query: str = "") -> list[tuple[bool, bool]]:
        found = [client.get_page(path + query) for path in pages]
        return [(page.has_text(person.name), page.has_text(CLOSED)) for page in found]

    assert shown() == [(True, False)] * 2
    by_name = client.get_page("/training/enrolments?q=欧阳样")
    assert by_name.all("#trainees tbody tr")
    officer = factories.UserFactory(role=Role.OFFICER, unit=person.office)
    course_withdrawal.withdraw(one, actor=officer.actor, now=clock.now)
    db.session.commit()
    assert shown() == [(False, True)] * 2
    assert shown("?sort=name") == [(False, True)] * 2
    for path in pages:
        page = client.get_page(path)
        assert not page.has_text("13800000077")
    assert not client.get_page("/training/enrolments?q=欧阳样").all("#trainees tbody tr")
    assert len(client.get_page("/training/enrolments").all("#trainees tbody tr")) == 2
    assert session.n_enrolled == 1
    # Consent binds the provider: the district keeps its own people in view.
    district = factories.UserFactory(role=Role.DISTRICT, unit=coordinator.unit.parent)
    roster = trainees.roster(session, actor=district.actor, now=clock.now)
    assert [one.name for one in roster[S.DECLINED]] == [person.name]


def test_withdrawing_on_the_training_page_says_what_it_does_before(
    client: Any, clock: Clock
) -> None:
    officer = client.sign_in(Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    session = factories.CourseSessionFactory(n_enrolled=1)
    one = factories.EnrolmentFactory(session=session, client=person, state=S.ENROLLED)
    path = f"/clients/{person.pid}/training"
    assert client.get_page(path).has_text("空出的名额给候补第一位")
    client.submit(path, {}, form="form[action$='withdraw-consent']")
    assert (one.state, one.drop_reason) == (S.DECLINED, DropReason.CONSENT_WITHDRAWN)
    page = client.get_page(path)
    assert page.has_text("2026-11-24 撤回")
    assert not page.all("form[action$='withdraw-consent']")
    # Another office's person does not exist here.
    foreign = factories.EnrolmentFactory()
    other = f"/clients/{person.pid}/training/{foreign.pid}/withdraw-consent"
    client.post(other, status=404)
    assert consents_of(foreign)[0][2]


def test_person_withdraws_on_the_own_page_with_the_right_birth_date_alone(
    client: Any, clock: Clock
) -> None:
    officer = factories.UserFactory(role=Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    one = factories.EnrolmentFactory(client=person)
    _, token = personal_links.create_link(person, actor=officer.actor, now=clock.now)
    db.session.commit()
    form = f"form[action$='/courses/{one.pid}/withdraw-consent']"
    field = f"withdraw-{one.pid}-birth_date"
    assert client.get_page(f"/me/{token}").has_text("培训机构马上看不到姓名、电话和技能")
    client.submit(f"/me/{token}", {field: "1970-01-01"}, form=form, status=422)
    assert one.state is S.RECOMMENDED
    client.submit(f"/me/{token}", {field: person.birth_date.isoformat()}, form=form)
    assert (one.state, one.drop_reason) == (S.DECLINED, DropReason.CONSENT_WITHDRAWN)
    assert client.get_page(f"/me/{token}").has_text("您已撤回同意")
    # Somebody else's course does not exist behind this link.
    foreign = factories.EnrolmentFactory()
    client.post(f"/me/{token}/courses/{foreign.pid}/withdraw-consent", status=404)
    assert consents_of(foreign)[0][2]
