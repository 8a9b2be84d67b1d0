"""Courses that would open openings: certificates and skills, their order, the session offered."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from matchboard.domain.organisation import PartnerState
from matchboard.domain.roles import Role
from matchboard.domain.vacancy import VacancyState
from matchboard.ranking import candidates, courses
from tests import factories
from tests.conftest import Clock

NO_RECORD = json.dumps({"records": []})
LOW_VOLTAGE = "cert.swo.lowvolt"


@pytest.fixture
def officer(app: Any) -> Any:
    return factories.UserFactory(role=Role.OFFICER)


@pytest.fixture
def person(officer: Any) -> Any:
    found = factories.ClientFactory(office=officer.unit)
    factories.RestrictedRecordFactory(client_id=found.id, facts=NO_RECORD)
    return found


def _found(person: Any, officer: Any, clock: Clock, **options: Any) -> list[courses.CourseOpens]:
    return courses.courses_for(person, actor=officer.actor, now=clock.now, **options)


def _asks(*codes: str, **attributes: Any) -> Any:
    """Return an opening that asks for certificates."""
    requirements = [(code, None, "certificate") for code in codes]
    return factories.VacancyFactory(requirements=requirements, **attributes)


def test_course_opens_what_its_certificate_and_its_skill_are_asked_for(
    officer: Any, person: Any, clock: Clock
) -> None:
    factories.VacancyFactory()  # within reach already
    _asks(LOW_VOLTAGE, headcount=4, n_filled=1)
    _asks(LOW_VOLTAGE, state=VacancyState.PAUSED, headcount=9)
    _asks(LOW_VOLTAGE, partner=factories.PartnerFactory(state=PartnerState.SUSPENDED), headcount=9)
    factories.VacancyFactory(requirements=[("weld.arc", 2, "required")], headcount=2)
    electrician = factories.CourseFactory(skills=[(LOW_VOLTAGE, None)])
    welding = factories.CourseFactory(skills=[("weld.arc", 3)])
    factories.CourseFactory(skills=[(LOW_VOLTAGE, None)], published=False)
    factories.CourseFactory(skills=[("cook.homestyle", 3)])  # nobody asks for it
    found = _found(person, officer, clock)
    assert [
        (c.course.pid, c.n_opened, c.n_openings_before, c.n_openings_after, c.n_places_opened)
        for c in found
    ] == [(electrician.pid, 1, 1, 2, 3), (welding.pid, 1, 1, 2, 2)]
    assert [c.course.pid for c in _found(person, officer, clock, limit=1)] == [electrician.pid]


def test_no_course_is_named_when_none_is_published(officer: Any, person: Any, clock: Clock) -> None:
    _asks(LOW_VOLTAGE)
    course = factories.CourseFactory(skills=[(LOW_VOLTAGE, None)], published=False)
    assert _found(person, officer, clock) == []
    course.published = True
    assert len(_found(person, officer, clock)) == 1


@pytest.mark.parametrize(
    ("sessions", "chosen"),
    [
        # One can join until the last day: the card names what the list below it offers.
        pytest.param([(-1, {})], 0, id="begun-yesterday"),
        pytest.param([(-1, {"n_enrolled": 10}), (5, {})], 1, id="begun-and-full"),
        pytest.param([(-9, {})], 0, id="ends-today"),
        pytest.param([(-10, {})], None, id="over"),
        pytest.param([(0, {})], 0, id="begins-today"),
        pytest.param([(9, {}), (3, {})], 1, id="the-earlier"),
        pytest.param([(3, {"cancelled": True}), (9, {})], 1, id="not-the-cancelled"),
        pytest.param([(3, {"n_enrolled": 10}), (9, {"n_enrolled": 9})], 1, id="one-with-a-place"),
        pytest.param([(9, {"n_enrolled": 10}), (3, {"n_enrolled": 10})], 1, id="all-full"),
        pytest.param([(3, {}), (3, {})], 0, id="first-entered"),
    ],
)
def test_session_offered_is_the_next_with_a_free_place(
    sessions: list[tuple[int, dict[str, Any]]],
    chosen: int | None,
    officer: Any,
    person: Any,
    clock: Clock,
) -> None:
    _asks(LOW_VOLTAGE)
    course = factories.CourseFactory(skills=[(LOW_VOLTAGE, None)])
    made = [
        factories.CourseSessionFactory(
            course=course,
            starts_on=clock.today + timedelta(days=days),
            ends_on=clock.today + timedelta(days=days + 9),
            **attributes,
        )
        for days, attributes in sessions
    ]
    (found,) = _found(person, officer, clock)
    assert found.next_session is (None if chosen is None else made[chosen])


def test_course_opens_nothing_the_law_bars(officer: Any, person: Any, clock: Clock) -> None:
    barred = {"occupation_code": "3-02-01-00", "title": "辅助岗位"}
    _asks(LOW_VOLTAGE, **barred)
    factories.CourseFactory(skills=[(LOW_VOLTAGE, None)])
    assert len(_found(person, officer, clock)) == 1
    convicted = factories.ClientFactory(office=officer.unit)
    facts = json.dumps({"records": [{"basis": "criminal_penalty"}]})
    factories.RestrictedRecordFactory(client_id=convicted.id, facts=facts)
    assert _found(convicted, officer, clock) == []


@pytest.mark.parametrize("state", list(VacancyState), ids=str)
def test_people_are_ranked_for_an_opening_only_while_it_is_open(
    state: VacancyState, officer: Any, person: Any, clock: Clock
) -> None:
    factories.ClientFactory(office=officer.unit, seeking_work=False)
    opening = factories.VacancyFactory(state=state)
    found = candidates.candidates_for(opening, actor=officer.actor, now=clock.now)
    people = [person.pid] if state is VacancyState.OPEN else []
    assert [row.client.pid for row in found.rows] == people
    assert (found.n_considered, found.n_feasible) == (len(people), len(people))
    assert found.n_blocked == 0
