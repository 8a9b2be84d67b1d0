"""The seam between the database and the matching library."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from matchboard.domain.client import Stage
from matchboard.domain.organisation import PartnerState
from matchboard.domain.roles import Role
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import begin_read_only, db
from matchboard.models import ShownList, Vacancy
from matchboard.ranking import candidates, courses, shortlist
from matchboard.ranking.opening_index import fresh_index
from matchboard.services import vacancy_places
from tests import factories
from tests.sql import watch_sql

NO_RECORD = json.dumps({"records": []})
#: 食品安全犯罪, fixed term served: the food-safety law bars food businesses for good.
FOOD = json.dumps(
    {
        "records": [
            {
                "basis": "criminal_penalty",
                "intent": "intentional",
                "kinds": ["food_safety", "market_order"],
                "kinds_doubtful": [],
                "fixed_term_or_more": True,
                "suspended": False,
                "sentence_completed_on": "2026-06-01",
                "political_rights_deprived": False,
                "court_prohibition": "none",
            }
        ]
    }
)


@pytest.fixture
def officer(app: Any) -> Any:
    return factories.UserFactory(role=Role.OFFICER)


def _client(officer: Any, *, facts: str = NO_RECORD, **attributes: Any) -> Any:
    person = factories.ClientFactory(office=officer.unit, **attributes)
    factories.RestrictedRecordFactory(client_id=person.id, facts=facts)
    return person


def _titles(found: shortlist.Matches) -> list[str]:
    return [row.vacancy.title for row in found.rows]


def test_matches_order_by_skill_when_all_else_is_equal(officer: Any, clock: Any) -> None:
    person = _client(officer, skills=[("sew.flat", 4)])
    factories.VacancyFactory(title="焊工", requirements=[("weld.arc", 3, "required")])
    factories.VacancyFactory(title="平缝工", requirements=[("sew.flat", 3, "required")])
    found = shortlist.matches_for(person, actor=officer.actor, now=clock.now)
    assert _titles(found) == ["平缝工", "焊工"]
    assert found.rows[0].rank == 1
    assert any(r.code.value == "skills_covered" for r in found.rows[0].reasons)
    assert any(r.sign < 0 for r in found.rows[0].reasons)


def test_matches_follow_the_database_when_openings_change(officer: Any, clock: Any) -> None:
    person = _client(officer)
    opening = factories.VacancyFactory(title="一", headcount=2)
    assert _titles(shortlist.matches_for(person, actor=officer.actor, now=clock.now)) == ["一"]
    factories.VacancyFactory(title="二")
    opening.state = VacancyState.PAUSED
    opening.updated_at = clock.now
    db.session.commit()
    assert _titles(shortlist.matches_for(person, actor=officer.actor, now=clock.now)) == ["二"]


def test_matches_leave_out_full_openings_when_the_last_place_is_reserved(
    officer: Any, clock: Any
) -> None:
    person = _client(officer)
    opening = factories.VacancyFactory(headcount=1)
    assert shortlist.matches_for(person, actor=officer.actor, now=clock.now).rows
    vacancy_places.reserve(opening.id)
    db.session.commit()
    found = shortlist.matches_for(person, actor=officer.actor, now=clock.now)
    assert not found.rows
    vacancy_places.release(opening.id)
    db.session.commit()
    assert shortlist.matches_for(person, actor=officer.actor, now=clock.now).rows


def test_index_forgets_a_change_that_was_rolled_back(officer: Any, clock: Any) -> None:
    person = _client(officer)
    factories.VacancyFactory(title="一")
    db.session.commit()
    db.session.execute(update(Vacancy).values(state="paused", updated_at=clock.now))
    assert not shortlist.matches_for(person, actor=officer.actor, now=clock.now).rows
    db.session.rollback()
    assert _titles(shortlist.matches_for(person, actor=officer.actor, now=clock.now)) == ["一"]


def test_index_reads_nothing_again_when_the_last_change_is_settled(
    officer: Any, clock: Any
) -> None:
    factories.VacancyFactory()
    db.session.commit()
    with fresh_index(now=clock.now):
        pass
    clock.move(minutes=10)
    with fresh_index(now=clock.now) as kept:
        pass
    with fresh_index(now=clock.now) as live, watch_sql() as statements:
        assert live is kept
        assert live.refresh(now=clock.now) == 0
    assert len(statements) == 2


def test_matches_block_with_citation_when_the_law_bars(officer: Any, clock: Any) -> None:
    person = _client(officer, facts=FOOD)
    kitchen = factories.PartnerFactory(employer_kinds=["food_producer", "food_business"])
    factories.VacancyFactory(
        title="食品安全管理员",
        partner=kitchen,
        occupation_code="4-03-02-11",
        posts=["food_safety_manager"],
    )
    factories.VacancyFactory(title="平缝工")
    found = shortlist.matches_for(person, actor=officer.actor, now=clock.now)
    assert _titles(found) == ["平缝工"]
    assert [row.vacancy.title for row in found.blocked] == ["食品安全管理员"]
    assert any(f.citation.source == "食品安全法" for f in found.blocked[0].findings)
    assert found.n_blocked == 1


def test_matches_ask_for_a_decision_when_facts_are_unknown(officer: Any, clock: Any) -> None:
    person = factories.ClientFactory(office=officer.unit)
    factories.VacancyFactory()
    found = shortlist.matches_for(person, actor=officer.actor, now=clock.now)
    assert found.rows[0].needs_decision


def test_matches_name_near_misses_when_one_constraint_fails(officer: Any, clock: Any) -> None:
    person = _client(officer, shifts_ok=["day"])
    factories.VacancyFactory(title="夜班", shift="night")
    found = shortlist.matches_for(person, actor=officer.actor, now=clock.now)
    assert not found.rows
    assert [(m.vacancy.title, m.gate) for m in found.misses] == [("夜班", "shift")]


def test_matches_hide_openings_of_a_suspended_partner(officer: Any, clock: Any) -> None:
    person = _client(officer)
    partner = factories.PartnerFactory(state=PartnerState.SUSPENDED)
    factories.VacancyFactory(partner=partner)
    found = shortlist.matches_for(person, actor=officer.actor, now=clock.now)
    assert not found.rows
    assert not found.misses
    partner.state = PartnerState.ACTIVE
    db.session.commit()
    assert len(shortlist.matches_for(person, actor=officer.actor, now=clock.now).rows) == 1


def test_matches_cost_the_same_statements_whatever_the_rows(officer: Any, clock: Any) -> None:
    person = _client(officer)
    counts = []
    for n in (3, 30):
        for _ in range(n):
            factories.VacancyFactory(updated_at=clock.now - timedelta(days=1))
        db.session.commit()
        clock.move(minutes=30)
        shortlist.matches_for(person, actor=officer.actor, now=clock.now)
        db.session.expire_all()
        with watch_sql() as statements:
            shortlist.matches_for(person, actor=officer.actor, now=clock.now)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_matches_do_not_change_when_protected_attributes_do(officer: Any, clock: Any) -> None:
    person = _client(officer, skills=[("sew.flat", 3)])
    for _ in range(5):
        factories.VacancyFactory()
    before = shortlist.matches_for(person, actor=officer.actor, now=clock.now)
    person.sex, person.tier, person.kind = "female", "key", "former_correction_subject"
    person.birth_date = person.birth_date.replace(year=1960)
    db.session.commit()
    after = shortlist.matches_for(person, actor=officer.actor, now=clock.now)
    assert [(r.vacancy.pid, r.score) for r in before.rows] == [
        (r.vacancy.pid, r.score) for r in after.rows
    ]


def test_shown_list_is_kept_with_model_and_order(officer: Any, clock: Any) -> None:
    person = _client(officer)
    factories.VacancyFactory()
    found = shortlist.matches_for(person, actor=officer.actor, now=clock.now)
    db.session.commit()
    begin_read_only()  # as the guard does for a GET: the log has a transaction of its own
    shortlist.log_shown(person, found.rows, model=found.model, actor=officer.actor, now=clock.now)
    db.session.rollback()
    kept = db.session.query(ShownList).one()
    assert kept.vacancy_pids == [row.vacancy.pid for row in found.rows]
    assert kept.model_version == found.model


def test_why_above_compares_each_opening_with_the_next(officer: Any, clock: Any) -> None:
    person = _client(officer)
    near = factories.VacancyFactory(title="近")
    far = factories.VacancyFactory(title="远", lat=near.lat + 0.2)
    why = shortlist.why_above(person, [near.pid, far.pid], now=clock.now)
    assert list(why) == [near.pid]
    assert any(d.code.value == "commute_short" and d.amount < 0 for d in why[near.pid])


def test_candidates_are_people_in_scope_without_work(officer: Any, clock: Any) -> None:
    opening = factories.VacancyFactory(requirements=[("sew.flat", 3, "required")])
    fit = _client(officer, skills=[("sew.flat", 4)])
    other = _client(officer)
    at_work = _client(officer, skills=[("sew.flat", 5)])
    factories.PlacementFactory(client=at_work, state="started")
    factories.ClientFactory(skills=[("sew.flat", 5)])  # another office
    found = candidates.candidates_for(opening, actor=officer.actor, now=clock.now)
    assert [row.client.pid for row in found.rows] == [fit.pid, other.pid]
    assert found.n_considered == 2


def test_candidates_leave_out_whom_the_law_bars(officer: Any, clock: Any) -> None:
    kitchen = factories.PartnerFactory(employer_kinds=["food_producer"])
    opening = factories.VacancyFactory(partner=kitchen, posts=["food_safety_manager"])
    _client(officer, facts=FOOD)
    found = candidates.candidates_for(opening, actor=officer.actor, now=clock.now)
    assert not found.rows
    assert found.n_blocked == 1


def test_courses_that_open_openings_come_first_with_their_counts(officer: Any, clock: Any) -> None:
    person = _client(officer)
    factories.VacancyFactory(headcount=3, requirements=[("weld.arc", 2, "required")])
    welding = factories.CourseFactory(title="焊工培训", published=True)
    factories.CourseSkillFactory(course_id=welding.id, code="weld.arc", level=3)
    sewing = factories.CourseFactory(title="缝纫培训", published=True)
    factories.CourseSkillFactory(course_id=sewing.id, code="sew.flat", level=3)
    found = courses.courses_for(person, actor=officer.actor, now=clock.now)
    assert [(c.course.title, c.n_opened, c.n_places_opened) for c in found] == [("焊工培训", 1, 3)]


@pytest.mark.parametrize("stage", list(Stage), ids=str)
def test_candidates_are_no_longer_those_whose_time_of_support_is_over(
    stage: Stage, officer: Any, clock: Any
) -> None:
    opening = factories.VacancyFactory()
    person = _client(officer, stage=stage)
    found = candidates.candidates_for(opening, actor=officer.actor, now=clock.now)
    expected = [] if stage is Stage.DISCHARGED else [person.pid]
    assert [row.client.pid for row in found.rows] == expected
