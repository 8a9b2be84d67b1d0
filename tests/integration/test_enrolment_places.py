"""Places, the waiting list, walk-ins, cancelled sessions; also many processes at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from matchboard import models
from matchboard.domain.client import Stage
from matchboard.domain.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound
from matchboard.domain.roles import Actor, Role
from matchboard.domain.training import DropReason, EnrolmentState
from matchboard.extensions import db
from matchboard.services import course_sessions, enrolment_rules, enrolments, trainees, transaction
from tests import factories
from tests.conftest import Clock
from tests.factories import NOW
from tests.integration.concurrency import run_at_once

S = EnrolmentState
N_PROCESSES = 16


def coordinator_of(session: models.CourseSession) -> Actor:
    """Return a coordinator of the session's provider."""
    return factories.UserFactory(role=Role.COORDINATOR, unit=session.course.provider).actor


def recommended(session: models.CourseSession, n: int) -> list[models.Enrolment]:
    """Return `n` people recommended to the session."""
    office = factories.OfficeFactory()
    return [
        factories.EnrolmentFactory(session=session, client=factories.ClientFactory(office=office))
        for _ in range(n)
    ]


def full_session(
    clock: Clock, *, n_waiting: int, actor: Actor | None = None, **given: Any
) -> tuple[models.Enrolment, list[models.Enrolment], Actor]:
    """Return who holds the only place, those waiting in order, and the coordinator."""
    session = factories.CourseSessionFactory(capacity=1, **given)
    actor = actor or coordinator_of(session)
    people = recommended(session, n_waiting + 1)
    for one in people:
        clock.move(minutes=1)
        enrolments.admit(one, actor=actor, now=clock.now)
    assert [one.state for one in people] == [S.ENROLLED] + [S.WAITLISTED] * n_waiting
    return people[0], people[1:], actor


def states(people: Sequence[models.Enrolment]) -> list[EnrolmentState]:
    """Return where everybody stands in the database."""
    db.session.flush()
    db.session.expire_all()
    return [one.state for one in people]


def assert_count_is_right(session: models.CourseSession) -> None:
    """Fail unless the count on the session is that of its rows, and no more than its places."""
    taken = db.session.scalar(
        select(func.count()).where(
            models.Enrolment.session_id == session.id,
            models.Enrolment.state.in_([S.ENROLLED, S.COMPLETED]),
        )
    )
    db.session.refresh(session)
    assert session.n_enrolled == taken
    assert taken <= session.capacity


# --- The waiting list ------------------------------------------


def test_person_waits_in_order_when_the_session_is_full(app: Any, clock: Clock) -> None:
    holder, waiting, actor = full_session(clock, n_waiting=3)
    assert [enrolment_rules.waitlist_position(one) for one in waiting] == [1, 2, 3]
    assert enrolment_rules.waitlist_position(holder) is None
    roster = trainees.roster(holder.session, actor=actor, now=clock.now)
    assert [one.position for one in roster[S.WAITLISTED]] == [1, 2, 3]
    assert_count_is_right(holder.session)


def test_waiting_list_is_refused_when_a_place_is_free(app: Any, clock: Clock) -> None:
    (one,) = recommended(factories.CourseSessionFactory(), 1)
    with pytest.raises(Conflict, match="places_left"):
        enrolments.advance(one, "waitlist", actor=coordinator_of(one.session), now=clock.now)


def test_first_in_line_is_enrolled_when_somebody_drops_out_before_the_start(
    app: Any, clock: Clock
) -> None:
    holder, waiting, actor = full_session(clock, n_waiting=2)
    enrolments.advance(holder, "drop_out", actor=actor, now=clock.now, reason=DropReason.FOUND_WORK)
    # Nobody drops out of what has not begun: the step counts as not taking part.
    assert states([holder, *waiting]) == [S.DECLINED, S.ENROLLED, S.WAITLISTED]
    event = db.session.scalars(
        select(models.EnrolmentEvent)
        .where(models.EnrolmentEvent.enrolment_id == waiting[0].id)
        .order_by(models.EnrolmentEvent.id.desc())
    ).first()
    assert (event.name, event.actor_role) == ("enrol", "system")
    assert enrolment_rules.waitlist_position(waiting[1]) == 1
    assert_count_is_right(holder.session)


def test_place_stays_free_for_the_coordinator_when_the_session_has_begun(
    app: Any, clock: Clock
) -> None:
    holder, waiting, actor = full_session(clock, n_waiting=1)
    clock.set(clock.now + (holder.session.starts_on - clock.today))
    enrolments.advance(holder, "drop_out", actor=actor, now=clock.now, reason=DropReason.HEALTH)
    assert states([holder, *waiting]) == [S.DROPPED_OUT, S.WAITLISTED]
    assert_count_is_right(holder.session)
    enrolments.advance(waiting[0], "enrol", actor=actor, now=clock.now)
    assert states(waiting) == [S.ENROLLED]
    assert_count_is_right(holder.session)


def test_next_in_line_moves_up_when_the_first_declines(app: Any, clock: Clock) -> None:
    holder, waiting, actor = full_session(clock, n_waiting=2)
    enrolments.advance(waiting[0], "decline", actor=actor, now=clock.now, reason=DropReason.TOO_FAR)
    assert states([holder, *waiting]) == [S.ENROLLED, S.DECLINED, S.WAITLISTED]
    assert enrolment_rules.waitlist_position(waiting[1]) == 1


def test_waiting_people_are_enrolled_in_order_when_the_capacity_is_raised(
    app: Any, clock: Clock
) -> None:
    holder, waiting, actor = full_session(clock, n_waiting=3)
    session = holder.session
    larger = course_sessions.SessionInput(session.starts_on, session.ends_on, capacity=3)
    n = course_sessions.edit_session(
        session, larger, actor=actor, now=clock.now, expected_version=session.version
    )
    assert n == 2
    assert states(waiting) == [S.ENROLLED, S.ENROLLED, S.WAITLISTED]
    assert_count_is_right(session)


def test_completed_person_keeps_the_place(app: Any, clock: Clock) -> None:
    holder, waiting, actor = full_session(clock, n_waiting=1)
    clock.move(days=20)
    enrolments.advance(holder, "complete", actor=actor, now=clock.now, result_on=clock.today)
    assert states(waiting) == [S.WAITLISTED]
    assert_count_is_right(holder.session)


def test_place_is_passed_on_when_the_course_is_no_longer_public(app: Any, clock: Clock) -> None:
    holder, waiting, actor = full_session(clock, n_waiting=1)
    holder.session.course.published = False
    enrolments.advance(holder, "drop_out", actor=actor, now=clock.now, reason=DropReason.FAMILY)
    assert states(waiting) == [S.ENROLLED]


# --- Cancelled sessions ------------------------------------------


def test_everybody_goes_back_to_recommended_when_the_session_is_cancelled(
    app: Any, clock: Clock
) -> None:
    holder, waiting, actor = full_session(clock, n_waiting=2)
    n = course_sessions.cancel_session(holder.session, actor=actor, now=clock.now)
    assert n == 3
    assert states([holder, *waiting]) == [S.RECOMMENDED] * 3
    assert_count_is_right(holder.session)
    with pytest.raises(Conflict, match="session_cancelled"):
        enrolments.admit(holder, actor=actor, now=clock.now)
    with pytest.raises(Conflict, match="session_cancelled"):
        course_sessions.cancel_session(holder.session, actor=actor, now=clock.now)


def test_recommendation_is_carried_over_when_the_session_was_cancelled(
    app: Any, clock: Clock
) -> None:
    holder, _, actor = full_session(clock, n_waiting=0)
    course_sessions.cancel_session(holder.session, actor=actor, now=clock.now)
    other = factories.CourseSessionFactory(course=holder.session.course)
    enrolments.move(holder, other, actor=actor, now=clock.now)
    enrolments.admit(holder, actor=actor, now=clock.now)
    assert (holder.session, holder.state) == (other, S.ENROLLED)
    assert_count_is_right(other)


def test_recommendation_is_not_carried_over_where_it_does_not_belong(
    app: Any, clock: Clock
) -> None:
    holder, (waiting,), actor = full_session(clock, n_waiting=1)
    course = holder.session.course
    other = factories.CourseSessionFactory(course=course)
    with pytest.raises(Conflict, match="enrolment_wrong_state"):
        enrolments.move(waiting, other, actor=actor, now=clock.now)
    (one,) = recommended(holder.session, 1)
    with pytest.raises(NotFound):
        enrolments.move(one, factories.CourseSessionFactory(), actor=actor, now=clock.now)
    with pytest.raises(NotAllowed):
        enrolments.move(one, other, actor=Actor(Role.OFFICER), now=clock.now)
    factories.EnrolmentFactory(session=other, client=one.client, state=S.DECLINED)
    with pytest.raises(Conflict, match="was_on_session"):
        enrolments.move(one, other, actor=actor, now=clock.now)
    (two,) = recommended(holder.session, 1)
    factories.EnrolmentFactory(session=other, client=two.client, state=S.WAITLISTED)
    with pytest.raises(Conflict, match="already_enrolled"):
        enrolments.move(two, other, actor=actor, now=clock.now)


def test_session_is_not_cancelled_when_somebody_has_completed_it(app: Any, clock: Clock) -> None:
    holder, _, actor = full_session(clock, n_waiting=0, starts_on=clock.today)
    enrolments.advance(holder, "complete", actor=actor, now=clock.now, result_on=clock.today)
    with pytest.raises(Conflict, match="session_has_results"):
        course_sessions.cancel_session(holder.session, actor=actor, now=clock.now)


def test_session_is_not_cancelled_when_it_is_over(app: Any, clock: Clock) -> None:
    session = factories.CourseSessionFactory(
        starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 23)
    )
    with pytest.raises(Conflict, match="session_over"):
        course_sessions.cancel_session(session, actor=coordinator_of(session), now=clock.now)


# --- Walk-ins ------------------------------------------


def test_walk_in_is_enrolled_as_the_persons_own_act(app: Any, clock: Clock) -> None:
    person, session = factories.ClientFactory(), factories.CourseSessionFactory()
    actor = coordinator_of(session)
    made = enrolments.enrol_walk_in(
        session,
        client_pid=f" {person.pid.upper()} ",
        birth_date=person.birth_date,
        actor=actor,
        now=clock.now,
    )
    assert (made.client, made.state) == (person, S.ENROLLED)
    roles = db.session.scalars(
        select(models.EnrolmentEvent.actor_role).order_by(models.EnrolmentEvent.id)
    ).all()
    assert roles == ["client", "coordinator"]
    verbs = db.session.scalars(select(models.AuditEntry.verb).order_by(models.AuditEntry.id)).all()
    assert verbs == ["enrolment.recommend", "enrolment.walk_in", "enrolment.enrol"]
    assert_count_is_right(session)


@pytest.mark.parametrize(
    ("pid", "birth_date", "stage"),
    [
        pytest.param("own", date(1985, 5, 21), Stage.IN_SUPPORT, id="wrong-birth-date"),
        pytest.param("22222222", date(1985, 5, 20), Stage.IN_SUPPORT, id="wrong-id"),
        pytest.param("", date(1985, 5, 20), Stage.IN_SUPPORT, id="no-id"),
        pytest.param("own", date(1985, 5, 20), Stage.DISCHARGED, id="case-closed"),
    ],
)
def test_walk_in_gets_one_and_the_same_answer_whatever_is_wrong(
    pid: str, birth_date: date, stage: Stage, app: Any, clock: Clock
) -> None:
    person, session = factories.ClientFactory(stage=stage), factories.CourseSessionFactory()
    with pytest.raises(InvalidInput, match="walk_in_unknown") as refused:
        enrolments.enrol_walk_in(
            session,
            client_pid=person.pid if pid == "own" else pid,
            birth_date=birth_date,
            actor=coordinator_of(session),
            now=clock.now,
        )
    assert (refused.value.field, refused.value.details) == ("client_pid", {})


class TestGuesses:
    """Whoever guesses birth dates is stopped, whether or not the person exists."""

    @pytest.fixture
    def session(self, app: Any) -> models.CourseSession:
        made: models.CourseSession = factories.CourseSessionFactory()
        return made

    @staticmethod
    def guess(
        session: models.CourseSession,
        pid: str,
        clock: Clock,
        *,
        actor: Actor,
        born: date = date(1985, 5, 21),
    ) -> str:
        """Send one as a request does: what is refused is rolled back."""
        db.session.commit()
        try:
            enrolments.enrol_walk_in(
                session, client_pid=pid, birth_date=born, actor=actor, now=clock.now
            )
        except DomainError as error:
            db.session.rollback()
            return error.code
        return "enrolled"

    @pytest.mark.parametrize("exists", [True, False], ids=["person", "nobody"])
    def test_walk_in_is_refused_when_the_birth_date_was_guessed_five_times(
        self, exists: bool, session: models.CourseSession, clock: Clock
    ) -> None:
        person, actor = factories.ClientFactory(), coordinator_of(session)
        pid, right = (person.pid, person.birth_date) if exists else ("22222222", date(1985, 5, 20))
        codes = [self.guess(session, pid, clock, actor=actor) for _ in range(6)]
        codes += [self.guess(session, pid.upper(), clock, actor=actor, born=right)]
        assert codes == ["walk_in_unknown"] * 5 + ["walk_in_guessed"] * 2
        logged = db.session.scalars(select(models.AuditEntry).order_by(models.AuditEntry.id)).all()
        assert [entry.verb for entry in logged] == (
            ["enrolment.walk_in_wrong"] * 5 + ["enrolment.walk_in_refused"] * 2
        )
        assert {(entry.subject_pid, str(entry.detail)) for entry in logged} == {(pid, "{}")}
        clock.move(hours=1)
        answer = self.guess(session, pid, clock, actor=actor, born=right)
        assert answer == ("enrolled" if exists else "walk_in_unknown")

    def test_walk_in_passes_when_others_were_guessed(
        self, session: models.CourseSession, clock: Clock
    ) -> None:
        person, actor = factories.ClientFactory(), coordinator_of(session)
        stranger = coordinator_of(session)
        for _ in range(5):
            self.guess(session, "22222222", clock, actor=actor)
            self.guess(session, person.pid, clock, actor=stranger)
        answer = self.guess(session, person.pid, clock, actor=actor, born=person.birth_date)
        assert answer == "enrolled"

    def test_walk_in_is_on_record_without_subject_when_the_id_can_be_nobodys(
        self, session: models.CourseSession, clock: Clock
    ) -> None:
        actor = coordinator_of(session)
        codes = [self.guess(session, "张三 330402", clock, actor=actor) for _ in range(6)]
        assert codes == ["walk_in_unknown"] * 6
        assert set(db.session.scalars(select(models.AuditEntry.subject_pid))) == {None}


@pytest.mark.parametrize(
    ("before", "capacity", "after"),
    [
        pytest.param(S.RECOMMENDED, 2, S.ENROLLED, id="recommended"),
        pytest.param(S.DECLINED, 2, S.ENROLLED, id="had-declined"),
        pytest.param(S.DROPPED_OUT, 2, S.ENROLLED, id="had-dropped-out"),
        pytest.param(S.RECOMMENDED, 1, S.WAITLISTED, id="full"),
        pytest.param(S.WAITLISTED, 1, "already_enrolled", id="waits-already"),
        pytest.param(S.COMPLETED, 2, "already_completed", id="completed"),
    ],
)
def test_walk_in_continues_the_enrolment_there_is(
    before: EnrolmentState, capacity: int, after: object, app: Any, clock: Clock
) -> None:
    session = factories.CourseSessionFactory(capacity=capacity, n_enrolled=1)
    one = factories.EnrolmentFactory(session=session, state=before)

    def come() -> models.Enrolment:
        return enrolments.enrol_walk_in(
            session,
            client_pid=one.client.pid,
            birth_date=one.client.birth_date,
            actor=coordinator_of(session),
            now=clock.now,
        )

    if isinstance(after, EnrolmentState):
        assert come().state is after
    else:
        with pytest.raises(Conflict, match=str(after)):
            come()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.COORDINATOR}))
@pytest.mark.usefixtures("on_one_database")
def test_walk_in_is_for_the_coordinator_alone(role: Role, app: Any, clock: Clock) -> None:
    with pytest.raises(NotAllowed):
        enrolments.enrol_walk_in(
            factories.CourseSessionFactory(),
            client_pid="22222222",
            birth_date=date(1985, 5, 20),
            actor=Actor(role),
            now=clock.now,
        )
    person, session = factories.ClientFactory(), factories.CourseSessionFactory()
    made = enrolments.enrol_walk_in(
        session,
        client_pid=person.pid,
        birth_date=person.birth_date,
        actor=coordinator_of(session),
        now=clock.now,
    )
    assert made.state is S.ENROLLED


# --- What training staff see ------------------------------------------


def test_trainee_carries_nothing_but_name_reach_and_skills(app: Any, clock: Clock) -> None:
    holder, _, actor = full_session(clock, n_waiting=1)
    factories.ClientSkillFactory(client=holder.client, skill_code="sew.flat", level=2)
    db.session.commit()
    roster = trainees.roster(holder.session, actor=actor, now=clock.now)
    (seen,) = roster[S.ENROLLED]
    assert (seen.name, seen.phone) == (holder.client.name, holder.client.phone)
    assert seen.skills == (trainees.SkillHeld("sew.flat", 2),)
    assert roster[S.WAITLISTED][0].phone is None
    hidden = {"tier", "kind", "birth_date", "id_number", "released_on", "residence_address"}
    assert not hidden & set(trainees.Trainee.__dataclass_fields__)


def test_overview_counts_what_waits(app: Any, clock: Clock) -> None:
    holder, _, actor = full_session(clock, n_waiting=2)
    recommended(holder.session, 2)
    course = holder.session.course
    running = factories.CourseSessionFactory(
        course=course, starts_on=clock.today, ends_on=clock.today
    )
    over = factories.CourseSessionFactory(
        course=course,
        starts_on=clock.today - timedelta(days=9),
        ends_on=clock.today - timedelta(days=1),
        n_enrolled=1,
    )
    factories.EnrolmentFactory(session=over, state=S.ENROLLED)
    factories.CourseSessionFactory(course=course, cancelled=True)
    factories.EnrolmentFactory()  # another provider's
    found = trainees.overview(actor=actor, today=clock.today)
    numbers = (found.n_running, found.n_recommended, found.n_waitlisted, found.n_to_complete)
    assert numbers == (1, 2, 2, 1)
    assert list(found.next_sessions) == [running, holder.session]
    waiting = trainees.waiting_for_answer(actor=actor, today=clock.today, now=clock.now)
    assert [one.state for one in waiting] == [S.RECOMMENDED] * 2
    assert trainees.count_waiting(actor=actor, today=clock.today) == 2


def test_district_sees_its_own_people_only_when_others_share_the_course(
    app: Any, clock: Clock
) -> None:
    district = factories.UserFactory(role=Role.DISTRICT)
    course = factories.CourseFactory(provider=factories.ProviderFactory(parent=district.unit))
    session = factories.CourseSessionFactory(course=course)
    office = factories.OfficeFactory(parent=district.unit)
    own, _ = (
        factories.EnrolmentFactory(session=session, client=person, state=S.RECOMMENDED)
        for person in (factories.ClientFactory(office=office), factories.ClientFactory())
    )
    actor = district.actor
    assert [
        one.pid for one in trainees.roster(session, actor=actor, now=clock.now)[S.RECOMMENDED]
    ] == [own.pid]
    listed = trainees.list_trainees(trainees.TraineeFilter(), actor=actor, now=clock.now)
    assert ([one.pid for one in listed.items], listed.n_total) == ([own.pid], 1)
    waiting = trainees.waiting_for_answer(actor=actor, today=clock.today, now=clock.now)
    assert [one.pid for one in waiting] == [own.pid]
    assert trainees.count_waiting(actor=actor, today=clock.today) == 1
    assert trainees.overview(actor=actor, today=clock.today).n_recommended == 1
    assert (
        len(trainees.roster(session, actor=coordinator_of(session), now=clock.now)[S.RECOMMENDED])
        == 2
    )


# --- Many at once ------------------------------------------


def enrol_one(enrolment_id: int, actor: Actor) -> str:
    """Enrol as a request does; returns where the person stands."""
    one = db.session.get(models.Enrolment, enrolment_id)
    enrolments.advance(one, "enrol", actor=actor, now=NOW)
    transaction.commit()
    return one.state.value


def admit_one(enrolment_id: int, actor: Actor) -> str:
    """Enrol or wait as a request does; returns where the person stands."""
    one = db.session.get(models.Enrolment, enrolment_id)
    enrolments.admit(one, actor=actor, now=NOW)
    transaction.commit()
    return one.state.value


def drop_or_join(enrolment_id: int, actor: Actor) -> str:
    """Drop out whoever holds a place, admit whoever is recommended."""
    one = db.session.get(models.Enrolment, enrolment_id)
    if one.state is S.ENROLLED:
        reason = DropReason.FAMILY
        enrolments.advance(one, "drop_out", actor=actor, now=NOW, reason=reason)
    else:
        enrolments.admit(one, actor=actor, now=NOW)
    transaction.commit()
    return one.state.value


def test_last_place_goes_to_one_when_many_enrol_at_once(app: Any, settings: dict[str, Any]) -> None:
    session = factories.CourseSessionFactory(capacity=3, n_enrolled=2)
    actor = coordinator_of(session)
    arguments = [(one.id, actor) for one in recommended(session, N_PROCESSES)]
    outcomes = run_at_once(enrol_one, arguments, settings=settings)
    assert Counter(o.value or o.words for o in outcomes) == {
        "enrolled": 1,
        "session_full": N_PROCESSES - 1,
    }


def test_one_person_takes_one_place_when_enrolled_many_times_at_once(
    app: Any, settings: dict[str, Any]
) -> None:
    session = factories.CourseSessionFactory(capacity=10)
    actor = coordinator_of(session)
    (one,) = recommended(session, 1)
    outcomes = run_at_once(enrol_one, [(one.id, actor)] * N_PROCESSES, settings=settings)
    assert Counter(o.value or o.error for o in outcomes) == {
        "enrolled": 1,
        "Conflict": N_PROCESSES - 1,
    }
    assert_count_is_right(db.session.scalars(select(models.CourseSession)).one())


def test_nobody_waits_beside_a_free_place_when_people_come_and_go_at_once(
    app: Any, settings: dict[str, Any]
) -> None:
    session = factories.CourseSessionFactory(capacity=8)
    actor = coordinator_of(session)
    people = recommended(session, N_PROCESSES)
    for one in people[:8]:
        enrolments.advance(one, "enrol", actor=actor, now=NOW)
    outcomes = run_at_once(drop_or_join, [(one.id, actor) for one in people], settings=settings)
    assert [o.words for o in outcomes if not o.is_done] == []
    counts = Counter(db.session.scalars(select(models.Enrolment.state)).all())
    assert counts == {S.DECLINED: 8, S.ENROLLED: 8}  # before the session begins
    assert_count_is_right(db.session.scalars(select(models.CourseSession)).one())
