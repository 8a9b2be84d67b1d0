"""Every cell of the enrolment table, what each step asks for, and what it leaves behind."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select

from matchboard import models
from matchboard.domain.client import SkillSource, Stage
from matchboard.domain.errors import (
    Conflict,
    InvalidFields,
    InvalidInput,
    NotAllowed,
    NotFound,
    StaleEdit,
)
from matchboard.domain.roles import SYSTEM, Actor, Role
from matchboard.domain.training import (
    ENROLMENT_STEPS,
    DropReason,
    EnrolmentState,
    available_steps,
)
from matchboard.extensions import db
from matchboard.services import audit, enrolments
from tests import factories
from tests.conftest import Clock

S = EnrolmentState
HOLDS_PLACE = {S.ENROLLED, S.COMPLETED}


def coordinator_of(session: models.CourseSession) -> Actor:
    """Return a coordinator of the session's provider."""
    return factories.UserFactory(role=Role.COORDINATOR, unit=session.course.provider).actor


def officer_of(client: models.Client) -> Actor:
    """Return an officer of the client's office."""
    return factories.UserFactory(role=Role.OFFICER, unit=client.office).actor


def running_session(clock: Clock, **given: Any) -> models.CourseSession:
    """Return a session that began yesterday."""
    values = {"starts_on": clock.today - timedelta(days=1), "ends_on": date(2026, 12, 20), **given}
    return factories.CourseSessionFactory(**values)


def enrolled(
    session: models.CourseSession, state: EnrolmentState = S.ENROLLED, **given: Any
) -> Any:
    """Return an enrolment at `state`; the session's count is kept right."""
    if state in HOLDS_PLACE:
        session.n_enrolled += 1
    return factories.EnrolmentFactory(session=session, state=state, **given)


def events_of(enrolment: models.Enrolment) -> list[tuple[str, str, str]]:
    """Return name, resulting state and role of each event in order."""
    rows = db.session.scalars(
        select(models.EnrolmentEvent)
        .where(models.EnrolmentEvent.enrolment_id == enrolment.id)
        .order_by(models.EnrolmentEvent.id)
    )
    return [(row.name, row.to_state, row.actor_role) for row in rows]


# --- The table ------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ENROLMENT_STEPS)
def test_enrolment_takes_the_step_only_when_the_table_says_so(
    step: str, app: Any, clock: Clock
) -> None:
    move = ENROLMENT_STEPS[step]
    session = running_session(clock, capacity=500)
    met, wrong = set(), []
    for role, state in product(Role, EnrolmentState):
        if step == "waitlist":  # is for full sessions
            session.n_enrolled = session.capacity
        elif session.n_enrolled >= session.capacity:
            session.n_enrolled = 1
        enrolment = factories.EnrolmentFactory(session=session, state=state)
        session.n_enrolled = max(1, session.n_enrolled)
        db.session.flush()
        try:
            enrolments.advance(
                enrolment,
                step,
                actor=Actor(role),
                now=clock.now,
                reason=DropReason.HEALTH,
                result_on=clock.today,
            )
            outcome: object = enrolment.state
        except (NotAllowed, Conflict) as error:
            outcome = type(error)
        wanted = (
            NotAllowed
            if role not in move.roles
            else Conflict
            if state not in move.sources
            else move.target
        )
        met.add(wanted)
        if outcome != wanted:
            wrong.append((role.value, state.value, outcome, wanted))
    assert not wrong
    assert met == {NotAllowed, Conflict, move.target}


@pytest.mark.usefixtures("on_one_database")
def test_enrolment_refuses_an_unknown_step(app: Any, clock: Clock) -> None:
    with pytest.raises(InvalidInput, match="unknown_step"):
        enrolments.advance(factories.EnrolmentFactory(), "graduate", actor=SYSTEM, now=clock.now)


@pytest.mark.parametrize(
    ("state", "role", "names"),
    [
        (S.RECOMMENDED, Role.COORDINATOR, ["enrol", "waitlist", "decline"]),
        (S.WAITLISTED, Role.COORDINATOR, ["enrol", "decline"]),
        (S.ENROLLED, Role.COORDINATOR, ["complete", "drop_out"]),
        (S.COMPLETED, Role.COORDINATOR, []),
        (S.RECOMMENDED, Role.OFFICER, ["decline"]),
        (S.DECLINED, Role.OFFICER, ["recommend"]),
        (S.ENROLLED, Role.DISTRICT, []),
        (S.RECOMMENDED, Role.ENTERPRISE, []),
    ],
)
def test_enrolment_offers_the_steps_of_the_role_when_in_state(
    state: EnrolmentState, role: Role, names: list[str]
) -> None:
    assert [step.name for step in available_steps(state, role)] == names


# --- Recommending ---------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.OFFICER, Role.DISTRICT])
def test_recommendation_is_on_record_when_the_person_agrees(
    role: Role, app: Any, clock: Clock
) -> None:
    user = factories.UserFactory(role=role)
    person, session = factories.ClientFactory(), factories.CourseSessionFactory()
    made = enrolments.recommend(
        person, session, actor=user.actor, now=clock.now, person_agrees=True
    )
    assert (made.state, made.recommended_by_id) == (S.RECOMMENDED, user.id)
    assert events_of(made) == [("recommend", "recommended", role.value)]
    assert session.n_enrolled == 0
    entry = db.session.scalars(
        select(models.AuditEntry).where(models.AuditEntry.verb == "enrolment.recommend")
    ).one()
    assert entry.detail == {"client": person.pid, "course_session": session.pid}
    assert audit.verify().is_intact


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OFFICER, Role.DISTRICT, Role.CLIENT}))
def test_recommendation_is_refused_when_the_role_recommends_nobody(
    role: Role, app: Any, clock: Clock
) -> None:
    with pytest.raises(NotAllowed):
        enrolments.recommend(
            factories.ClientFactory(),
            factories.CourseSessionFactory(),
            actor=Actor(role),
            now=clock.now,
            person_agrees=True,
        )
    person = factories.ClientFactory()
    made = enrolments.recommend(
        person,
        factories.CourseSessionFactory(),
        actor=officer_of(person),
        now=clock.now,
        person_agrees=True,
    )
    assert made.state is S.RECOMMENDED


def test_recommendation_is_refused_when_the_person_has_not_agreed(app: Any, clock: Clock) -> None:
    person, session = factories.ClientFactory(), factories.CourseSessionFactory()
    with pytest.raises(InvalidInput, match="agreement_required") as refused:
        enrolments.recommend(
            person, session, actor=officer_of(person), now=clock.now, person_agrees=False
        )
    assert refused.value.field == "person_agrees"
    assert db.session.scalar(select(models.Enrolment.id)) is None


@pytest.mark.parametrize(
    ("client", "session", "course", "code"),
    [
        pytest.param({}, {"cancelled": True}, {}, "session_cancelled", id="cancelled"),
        pytest.param(
            {},
            {"starts_on": date(2026, 11, 1), "ends_on": date(2026, 11, 23)},
            {},
            "session_over",
            id="over-yesterday",
        ),
        pytest.param({}, {}, {"published": False}, "course_not_published", id="unpublished"),
        pytest.param({"stage": Stage.DISCHARGED}, {}, {}, "training_case_closed", id="case-closed"),
    ],
)
def test_recommendation_conflicts_when_it_cannot_lead_anywhere(
    client: dict[str, Any],
    session: dict[str, Any],
    course: dict[str, Any],
    code: str,
    app: Any,
    clock: Clock,
) -> None:
    person = factories.ClientFactory(**client)
    run = factories.CourseSessionFactory(course=factories.CourseFactory(**course), **session)
    with pytest.raises(Conflict, match=code):
        enrolments.recommend(
            person, run, actor=officer_of(person), now=clock.now, person_agrees=True
        )


def test_recommendation_is_possible_on_the_last_day_of_a_session(app: Any, clock: Clock) -> None:
    person = factories.ClientFactory()
    run = factories.CourseSessionFactory(starts_on=date(2026, 11, 1), ends_on=clock.today)
    made = enrolments.recommend(
        person, run, actor=officer_of(person), now=clock.now, person_agrees=True
    )
    assert made.state is S.RECOMMENDED


@pytest.mark.parametrize("state", sorted(EnrolmentState))
def test_recommendation_meets_the_enrolment_there_is(
    state: EnrolmentState, app: Any, clock: Clock
) -> None:
    before = factories.EnrolmentFactory(state=state, drop_reason=DropReason.HEALTH, note="病了")
    person = before.client

    def again() -> models.Enrolment:
        return enrolments.recommend(
            person, before.session, actor=officer_of(person), now=clock.now, person_agrees=True
        )

    if state in {S.DECLINED, S.DROPPED_OUT}:
        assert again() is before
        assert (before.state, before.drop_reason, before.note) == (S.RECOMMENDED, None, "")
        return
    code = "already_completed" if state is S.COMPLETED else "already_enrolled"
    with pytest.raises(Conflict, match=code):
        again()


@pytest.mark.parametrize(
    ("state", "other", "is_refused"),
    [
        pytest.param(S.WAITLISTED, {}, True, id="waiting-elsewhere"),
        pytest.param(S.ENROLLED, {}, True, id="enrolled-elsewhere"),
        pytest.param(S.RECOMMENDED, {"cancelled": True}, False, id="the-other-was-cancelled"),
        pytest.param(S.DROPPED_OUT, {}, False, id="dropped-out-of-the-other"),
        pytest.param(
            S.ENROLLED,
            {"starts_on": date(2026, 9, 1), "ends_on": date(2026, 10, 1)},
            False,
            id="the-other-is-over",
        ),
    ],
)
def test_recommendation_minds_the_other_sessions_of_the_course(
    state: EnrolmentState, other: dict[str, Any], is_refused: bool, app: Any, clock: Clock
) -> None:
    session = factories.CourseSessionFactory()
    elsewhere = factories.CourseSessionFactory(course=session.course, **other)
    person = factories.EnrolmentFactory(session=elsewhere, state=state).client
    actor = officer_of(person)
    if is_refused:
        with pytest.raises(Conflict, match="already_in_course"):
            enrolments.recommend(person, session, actor=actor, now=clock.now, person_agrees=True)
    else:
        enrolments.recommend(person, session, actor=actor, now=clock.now, person_agrees=True)


# --- What each step asks for ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "given", "field", "code"),
    [
        pytest.param("drop_out", {}, "reason", "reason_required", id="drop-out-without-reason"),
        pytest.param(
            "drop_out", {"reason": DropReason.OTHER, "note": "  "}, "note", "note_required",
            id="other-without-note",
        ),
        pytest.param("complete", {}, "result_on", "required", id="no-result-day"),
        pytest.param(
            "complete", {"result_on": date(2026, 11, 25)}, "result_on", "date_in_future",
            id="result-tomorrow",
        ),
        pytest.param(
            "complete", {"result_on": date(2026, 11, 22)}, "result_on", "result_before_start",
            id="result-before-the-start",
        ),
    ],
)  # fmt: skip
def test_step_is_refused_at_its_field_when_a_detail_is_wrong(
    step: str, given: dict[str, Any], field: str, code: str, app: Any, clock: Clock
) -> None:
    enrolment = enrolled(running_session(clock))
    with pytest.raises(InvalidInput, match=code) as refused:
        enrolments.advance(
            enrolment, step, actor=coordinator_of(enrolment.session), now=clock.now, **given
        )
    assert refused.value.field == field
    assert enrolment.state is S.ENROLLED


def test_decline_keeps_reason_and_note(app: Any, clock: Clock) -> None:
    enrolment = factories.EnrolmentFactory()
    enrolments.advance(
        enrolment,
        "decline",
        actor=officer_of(enrolment.client),
        now=clock.now,
        reason=DropReason.OTHER,
        note=" 想先照顾母亲 ",
    )
    assert (enrolment.drop_reason, enrolment.note) == (DropReason.OTHER, "想先照顾母亲")
    assert events_of(enrolment) == [("decline", "declined", "officer")]


def test_completion_conflicts_when_the_session_has_not_begun(app: Any, clock: Clock) -> None:
    enrolment = enrolled(factories.CourseSessionFactory())
    with pytest.raises(Conflict, match="session_not_started"):
        enrolments.advance(
            enrolment, "complete", actor=coordinator_of(enrolment.session), now=clock.now
        )


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param({"cancelled": True}, "session_cancelled", id="cancelled"),
        pytest.param(
            {"starts_on": date(2026, 10, 1), "ends_on": date(2026, 11, 23)},
            "session_over",
            id="over",
        ),
        pytest.param({"capacity": 1, "n_enrolled": 1}, "session_full", id="full"),
    ],
)
def test_enrolling_conflicts_when_the_session_has_no_place(
    given: dict[str, Any], code: str, app: Any, clock: Clock
) -> None:
    enrolment = factories.EnrolmentFactory(session=factories.CourseSessionFactory(**given))
    with pytest.raises(Conflict, match=code):
        enrolments.advance(
            enrolment, "enrol", actor=coordinator_of(enrolment.session), now=clock.now
        )


def test_step_is_stale_when_the_enrolment_has_changed_since(app: Any, clock: Clock) -> None:
    enrolment = factories.EnrolmentFactory()
    actor = coordinator_of(enrolment.session)
    seen, why = str(enrolment.version), {"reason": DropReason.HEALTH}
    enrolments.advance(enrolment, "enrol", actor=actor, now=clock.now, seen=seen)
    with pytest.raises(StaleEdit):
        enrolments.advance(enrolment, "drop_out", actor=actor, now=clock.now, seen=seen, **why)
    seen = str(enrolment.version)
    enrolments.advance(enrolment, "drop_out", actor=actor, now=clock.now, seen=seen, **why)
    assert enrolment.state is S.DECLINED  # the class had not begun


def test_enrolment_does_not_exist_when_it_is_another_providers(app: Any, clock: Clock) -> None:
    enrolment = factories.EnrolmentFactory()
    stranger = factories.UserFactory(role=Role.COORDINATOR).actor
    other_officer = factories.UserFactory(role=Role.OFFICER).actor
    for actor in (stranger, other_officer):
        with pytest.raises(NotFound):
            enrolments.get_enrolment(enrolment.pid, actor=actor)
    own = coordinator_of(enrolment.session)
    assert enrolments.get_enrolment(enrolment.pid, actor=own) is enrolment


# --- What a completed course leaves -----------------------------------------------------------


def completed(clock: Clock, person: models.Client, **given: Any) -> models.Enrolment:
    """Complete `person` on a course conferring sewing at level 3 and a certificate."""
    course = factories.CourseFactory(skills=[("sew.flat", 3), ("cert.swo.lowvolt", None)])
    enrolment = enrolled(running_session(clock, course=course), client=person)
    return enrolments.advance(
        enrolment,
        "complete",
        actor=coordinator_of(enrolment.session),
        now=clock.now,
        **{"result_on": clock.today, **given},
    )


@pytest.mark.parametrize(
    ("before", "level", "source"),
    [
        pytest.param([], 3, SkillSource.COURSE, id="new"),
        pytest.param(["sew.flat"], 3, SkillSource.COURSE, id="level-was-unknown"),
        pytest.param([("sew.flat", 1)], 3, SkillSource.COURSE, id="raised"),
        pytest.param([("sew.flat", 3)], 3, SkillSource.COURSE, id="same-level-better-evidence"),
        pytest.param([("sew.flat", 5)], 5, SkillSource.OFFICER, id="never-lowered"),
    ],
)
def test_completed_course_credits_the_skill(
    before: list[Any], level: int, source: SkillSource, app: Any, clock: Clock
) -> None:
    person = factories.ClientFactory(skills=before)
    enrolment = completed(clock, person, result_on=date(2026, 11, 23))
    db.session.commit()
    db.session.refresh(person)
    (skill,) = person.skills
    assert (skill.skill_code, skill.level, skill.source) == ("sew.flat", level, source)
    if source is SkillSource.COURSE:
        assert (skill.enrolment_id, skill.noted_on) == (enrolment.id, date(2026, 11, 23))
    assert enrolment.result_on == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("before", "issued_on", "is_new"),
    [
        pytest.param(None, date(2026, 11, 24), True, id="new"),
        pytest.param({"expires_on": date(2026, 11, 23)}, date(2026, 11, 24), True, id="expired"),
        pytest.param({"expires_on": None}, date(2025, 1, 1), False, id="held-without-end"),
        pytest.param({"expires_on": date(2026, 11, 24)}, date(2025, 1, 1), False, id="still-valid"),
    ],
)
def test_completed_course_credits_the_certificate(
    before: dict[str, Any] | None, issued_on: date, is_new: bool, app: Any, clock: Clock
) -> None:
    person = factories.ClientFactory()
    if before is not None:
        factories.ClientCertificateFactory(client_id=person.id, **before)
    enrolment = completed(clock, person)
    db.session.commit()
    db.session.refresh(person)
    (held,) = person.certificates
    assert (held.issued_on, held.enrolment_id) == (issued_on, enrolment.id if is_new else None)


def test_completed_course_touches_the_person_so_that_the_ranking_reads_them_afresh(
    app: Any, clock: Clock
) -> None:
    person = factories.ClientFactory()
    clock.move(hours=3)
    completed(clock, person)
    assert person.updated_at == clock.now
    entry = db.session.scalars(
        select(models.AuditEntry).where(models.AuditEntry.verb == "enrolment.complete")
    ).one()
    assert entry.detail["skills"] == ["sew.flat"]
    assert entry.detail["certificates"] == ["cert.swo.lowvolt"]


@pytest.mark.parametrize("step", sorted(ENROLMENT_STEPS))
def test_completed_enrolment_stays_completed(step: str, app: Any, clock: Clock) -> None:
    enrolment = completed(clock, factories.ClientFactory())
    move = ENROLMENT_STEPS[step]
    for role in sorted(move.roles):
        with pytest.raises(Conflict, match="enrolment_wrong_state"):
            enrolments.advance(
                enrolment, step, actor=Actor(role), now=clock.now, reason=DropReason.HEALTH
            )


def test_marked_people_complete_together_or_not_at_all(app: Any, clock: Clock) -> None:
    session = running_session(clock)
    first, second, third = enrolled(session), enrolled(session), enrolled(session)
    actor = coordinator_of(session)
    db.session.flush()
    stale = [(first.pid, str(first.version)), (second.pid, str(second.version - 1))]
    day = {"result_on": clock.today, "actor": actor, "now": clock.now}
    with pytest.raises(StaleEdit):
        enrolments.complete_marked(session, stale, **day)
    marked = [(one.pid, str(one.version)) for one in (second, third)]
    n = enrolments.complete_marked(session, marked, **day)
    assert n == 2
    assert (second.state, third.state) == (S.COMPLETED, S.COMPLETED)


def test_marked_people_are_refused_when_nobody_or_a_stranger_is_marked(
    app: Any, clock: Clock
) -> None:
    session, stranger = running_session(clock), enrolled(running_session(clock))
    actor = coordinator_of(session)
    with pytest.raises(InvalidFields) as refused:
        enrolments.complete_marked(session, [], result_on=None, actor=actor, now=clock.now)
    assert [one.field for one in refused.value.problems] == ["marked", "result_on"]
    with pytest.raises(NotFound):
        enrolments.complete_marked(
            session, [(stranger.pid, "1")], result_on=clock.today, actor=actor, now=clock.now
        )
