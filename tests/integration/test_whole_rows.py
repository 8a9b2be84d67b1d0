"""Every step of every record's life, the tick and the work in the background: whole rows.

Once from each state; what the pages' requests write besides is held in test_saved_means_saved.py,
which sends them anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from matchboard import tasks
from matchboard.domain.background import TaskKind
from matchboard.domain.client import SkillSource
from matchboard.domain.client_file import ProfileSection
from matchboard.domain.organisation import PARTNER_STEPS, PartnerState
from matchboard.domain.placement import TRANSITIONS, PlacementReason, PlacementState, PlacementType
from matchboard.domain.roles import SYSTEM, Actor, Role
from matchboard.domain.training import ENROLMENT_STEPS, DropReason, EnrolmentState
from matchboard.domain.vacancy import VACANCY_STEPS, VacancyState
from matchboard.extensions import db
from matchboard.models import BackgroundTask
from matchboard.services import (
    client_background,
    consents,
    course_sessions,
    enrolments,
    outcome_checks,
    partners,
    placements,
    vacancies,
)
from matchboard.services.client_background import (
    Background,
    StatedCertificate,
    StatedExperience,
    StatedSkill,
)
from matchboard.services.client_sections import section_version
from tests import factories
from tests.conftest import Clock
from tests.integration import placement_paths as paths
from tests.integration.whole_district import fill, make_market
from tests.integration.whole_rows import rows_of, rows_written
from tests.registers import hold, hold_parts
from tests.sql import watch_locks

S, E, V = PlacementState, EnrolmentState, VacancyState
Act = Callable[[], object]


def _role(step: Any) -> Role:
    """Return one of those who may take a step: who it was is told in the same column of all."""
    role: Role = min(step.roles - {Role.SYSTEM} or step.roles)
    return role


def _placed(step: str, state: S, role: Role, clock: Clock) -> Act:
    case = paths.a_case()
    other = paths.a_case()
    placement = paths.brought_to(state, case, clock)
    rival = paths.propose(case, clock, vacancy=other.vacancy) if step == "start" else None
    assert rival is None or rival.state is S.PROPOSED
    return lambda: paths.take(placement, step, case, clock, role=role)


def _opened(step: str, state: V, role: Role, clock: Clock) -> Act:
    opening = factories.VacancyFactory(state=state, headcount=2, n_filled=0)
    if step == "refill":
        opening.n_filled = 2 if state is V.FILLED else 1
        person = factories.ClientFactory()
        factories.PlacementFactory(
            client=person,
            vacancy=opening,
            state=S.ENDED,
            started_on=clock.today - timedelta(days=60),
            ended_on=clock.today - timedelta(days=1),
        )
    actor = SYSTEM
    if role is not Role.SYSTEM:
        unit = opening.partner.unit if role is Role.ENTERPRISE else None
        actor = factories.UserFactory(role=role, **({"unit": unit} if unit else {})).actor
    reason = " 订单减少，不再招人 "
    return lambda: vacancies.advance(opening, step, actor=actor, now=clock.now, reason=reason)


def _partnered(step: str, state: PartnerState, role: Role, clock: Clock) -> Act:
    partner = factories.PartnerFactory(state=state, agreement_signed_on=date(2026, 1, 5))
    for of_opening in (V.OPEN, V.PAUSED, V.IN_REVIEW):
        factories.VacancyFactory(partner=partner, state=of_opening)
    actor = factories.UserFactory(role=role).actor
    reason = " 协议到期 "
    return lambda: partners.advance_partner(
        partner, step, actor=actor, now=clock.now, reason=reason
    )


def _taught(step: str, state: E, role: Role, clock: Clock) -> Act:
    course = factories.CourseFactory(skills=[("sew.flat", 2), ("cook.homestyle", 2)])
    # Full where somebody leaves it or has to wait, so that who is next is seen.
    is_full = state is E.ENROLLED or step == "waitlist"
    session = factories.CourseSessionFactory(
        course=course, starts_on=clock.today, capacity=1 if is_full else 9, n_enrolled=int(is_full)
    )
    person = factories.ClientFactory(skills=[("cook.homestyle", 3)])
    one = factories.EnrolmentFactory(client=person, session=session, state=state)
    for _ in range(2):  # two are waiting: the first of them gets a place that is freed
        factories.EnrolmentFactory(session=session, state=E.WAITLISTED)
    unit = {Role.COORDINATOR: course.provider, Role.OFFICER: person.office}.get(role)
    actor = factories.UserFactory(role=role, **({"unit": unit} if unit else {})).actor
    needs = ENROLMENT_STEPS[step].needs_reason
    return lambda: enrolments.advance(
        one,
        step,
        actor=actor,
        now=clock.now,
        reason=DropReason.OTHER if needs else None,
        note=" 家里有事 " if needs else "",
        result_on=clock.today if step == "complete" else None,
    )


def _steps() -> Iterator[tuple[str, Callable[[Flask, Clock], Act]]]:
    """Yield every step from every state it is taken in, by one of those who may."""
    for record, table, made, inner in (
        ("placement", TRANSITIONS, _placed, set()),
        ("opening", VACANCY_STEPS, _opened, {"fill", "reopen", "recheck", "reappear"}),
        ("partner", PARTNER_STEPS, _partnered, set()),
        ("enrolment", ENROLMENT_STEPS, _taught, {"release"}),
    ):
        for step, state in ((s, one) for s in table.values() for one in sorted(s.sources)):
            role = Role.DISTRICT if record == "partner" else _role(step)
            if step.name not in inner:
                yield (
                    f"{record} {state}, {step.name} by {role}",
                    lambda _app, clock, of=(made, step.name, state, role): of[0](*of[1:], clock),
                )


# --- What has no step of its own ------------------------------------------------------------------


def _session_with_everybody(clock: Clock) -> tuple[Any, Actor]:
    """Return a session with somebody in every state, and its coordinator."""
    session = factories.CourseSessionFactory(
        course=factories.CourseFactory(), starts_on=clock.today, capacity=1, n_enrolled=1
    )
    for state in EnrolmentState:
        if state is not E.COMPLETED:  # then it could not be cancelled any more
            factories.EnrolmentFactory(session=session, state=state)
    factories.EnrolmentFactory(session=session, state=E.WAITLISTED)
    provider = session.course.provider
    return session, factories.UserFactory(role=Role.COORDINATOR, unit=provider).actor


def _cancelled(app: Flask, clock: Clock) -> Act:
    session, actor = _session_with_everybody(clock)
    return lambda: course_sessions.cancel_session(session, actor=actor, now=clock.now)


def _widened(app: Flask, clock: Clock) -> Act:
    session, actor = _session_with_everybody(clock)
    new = course_sessions.SessionInput(
        starts_on=session.starts_on, ends_on=session.ends_on, capacity=2, place=" 东门路捌号 "
    )
    return lambda: course_sessions.edit_session(
        session, new, actor=actor, now=clock.now, expected_version=session.version
    )


def _person(clock: Clock) -> tuple[Any, Actor]:
    officer = factories.UserFactory()
    person = factories.ClientFactory(
        office=officer.unit, skills=[("sew.flat", 1), ("cook.homestyle", 2)]
    )
    factories.ClientCertificateFactory(client_id=person.id)
    db.session.commit()
    return person, officer.actor


def _stated(app: Flask, clock: Clock) -> Act:
    person, actor = _person(clock)

    def act() -> None:
        client_background.update_skills(
            person,
            [
                StatedSkill("sew.flat", 3, SkillSource.EMPLOYER),
                StatedSkill("sew.overlock", None, SkillSource.SELF_STATED),
            ],
            expected_version=section_version(person, ProfileSection.SKILLS),
            actor=actor,
            now=clock.now,
        )
        client_background.update_certificates(
            person,
            [StatedCertificate("cert.swo.lowvolt", date(2025, 1, 2), date(2028, 1, 2), True)],
            expected_version=section_version(person, ProfileSection.CERTIFICATES),
            actor=actor,
            now=clock.now,
        )
        client_background.update_background(
            person,
            Background(education=3, experience=[StatedExperience("6-05-01-03", " 车 工 ", 14)]),
            expected_version=section_version(person, ProfileSection.EXPERIENCE),
            actor=actor,
            now=clock.now,
        )

    return act


def _settled(app: Flask, clock: Clock) -> Act:
    person, actor = _person(clock)
    case = paths.a_case()
    factories.PlacementFactory(client=person, vacancy=case.vacancy, state=S.SENT)
    return lambda: placements.settle(
        person,
        placement_type=PlacementType.OWN_BUSINESS,
        description=" 早餐铺 ",
        started_on=clock.today - timedelta(days=3),
        wage_cny_month=3200,
        actor=actor,
        now=clock.now,
    )


def _consent_withdrawn(app: Flask, clock: Clock) -> Act:
    case = paths.a_case()
    placement = paths.brought_to(S.OFFERED, case, clock)
    return lambda: consents.withdraw(placement, actor=case.officer.actor, now=clock.now)


def _lost_job(app: Flask, clock: Clock) -> Act:
    case = paths.a_case()
    placement = paths.brought_to(S.STARTED, case, clock)
    placement.started_on = clock.today - timedelta(days=90)
    for check in placement.checks:
        check.due_on = placement.started_on + timedelta(days=check.day)
    answers = outcome_checks.Answers(
        still_employed=False,
        wage_cny_month=3900,
        own_words=" 厂搬走了 ",
        ended_on=clock.today - timedelta(days=2),
        end_reason=PlacementReason.EMPLOYER_CLOSED,
        note=" 厂里来电 ",
    )
    return lambda: outcome_checks.record_check(
        placement, 90, answers, actor=case.officer.actor, now=clock.now
    )


def _ticked(app: Flask, clock: Clock) -> Act:
    """A district with everything in every state, and what falls due in it."""
    district = factories.DistrictFactory()
    market = make_market(district, clock)
    made = fill(factories.OfficeFactory(parent=district), market, clock)
    for opening in market.openings:
        factories.VacancyFactory(state=opening.state, close_on=clock.today - timedelta(days=1))
    case = paths.a_case(headcount=20)
    for days in (2, 3, 7, 13, 14):
        factories.PlacementFactory(
            vacancy=case.vacancy, state=S.SENT, sent_at=clock.now - timedelta(days=days)
        )
    served = paths.a_case(contract_months=3)
    placement = paths.brought_to(S.STARTED, served, clock)
    placement.started_on = clock.today - timedelta(days=100)
    for check in placement.checks:
        check.done_on = clock.today
    assert made
    return lambda: tasks.run_tick(clock.now)


def _interrupted(app: Flask, clock: Clock) -> Act:
    owner = factories.UserFactory()
    for state in ("queued", "running", "done", "failed"):
        db.session.add(
            BackgroundTask(
                kind=TaskKind.VACANCY_IMPORT,
                owner_id=owner.id,
                created_at=clock.now,
                state=state,
                worker="gone" if state == "running" else "",
                arguments={"path": "gone.csv"},
            )
        )
    return lambda: tasks.look_around("me", now=clock.now)


def _failed(app: Flask, clock: Clock) -> Act:
    owner = factories.UserFactory()
    actor = owner.actor
    return lambda: tasks.enqueue(TaskKind.VACANCY_IMPORT, actor=actor, now=clock.now, path="x.csv")


USES: dict[str, Callable[[Flask, Clock], Act]] = {
    "session with everybody, cancelled": _cancelled,
    "session with everybody, one more place": _widened,
    "person, skills and certificates and work stated": _stated,
    "person with a proposal, settled otherwise": _settled,
    "placement offered, consent withdrawn": _consent_withdrawn,
    "placement started, job found lost": _lost_job,
    "tick in a whole district": _ticked,
    "worker looks around": _interrupted,
    "work asked for": _failed,
}


EVERY = {**dict(_steps()), **USES}


@pytest.mark.parametrize("name", EVERY)
def test_use_case_writes_whole_rows_when_done(name: str, shared_app: Flask) -> None:
    tasks.work_off()  # what other tests of the module left waiting
    db.session.commit()
    clock: Clock = shared_app.config["CLOCK"]
    act = EVERY[name](shared_app, clock)
    db.session.commit()
    before = rows_of(shared_app)
    clock.move(hours=1)  # what is dated by the step is dated anew
    try:
        with watch_locks() as locks:
            act()
            db.session.commit()
    finally:
        clock.move(hours=-1)
    hold("steps", {name: rows_written(before, rows_of(shared_app), locks)})


def test_every_use_case_written_down_is_one() -> None:
    hold_parts("steps", list(EVERY))
