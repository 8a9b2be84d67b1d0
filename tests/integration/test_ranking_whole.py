"""Whole answers of the ranking about one small district: every row, reason and count."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from matchboard.domain.organisation import PartnerState
from matchboard.domain.roles import Actor, Role
from matchboard.extensions import db
from matchboard.models import Client, Vacancy
from matchboard.ranking import candidates, courses, shortlist
from tests import factories
from tests.conftest import Clock
from tests.golden import Line, flat, plain
from tests.integration.test_ranking import FOOD, NO_RECORD
from tests.registers import hold, hold_parts

LEFT = {"unknown-record": None, "cleared": NO_RECORD, "food": FOOD, "empty": json.dumps({})}


def _people(office: Any) -> dict[str, Client]:
    """Make people who differ in what is known of them and of their records."""
    found = {}
    for number, (name, facts) in enumerate(LEFT.items()):
        person = factories.ClientFactory(
            pid=f"c222222{number + 2}",
            office=office,
            skills=[("sew.flat", number + 1)] + [("cook.homestyle", None)] * (number % 2),
            max_commute_km=None if number == 3 else 40,
            wage_expected_cny_month=5000 if number < 2 else None,
            education=2,
            exertion_max=2 if number != 1 else None,
            shifts_ok=["day"] if number != 2 else [],
            desired_occupations=["6-05-01-03"] if number else [],
            needs_lodging=None if number else False,
            lat=None if number == 3 else factories.LAT,
            lon=None if number == 3 else factories.LON,
        )
        if facts is not None:
            factories.RestrictedRecordFactory(client_id=person.id, facts=facts)
        found[name] = person
    return found


def _openings() -> dict[str, Vacancy]:
    """Make openings that are fit, barred, hidden, one step away, without a place or too many."""
    kitchen = factories.PartnerFactory(employer_kinds=["food_producer"])
    away = factories.PartnerFactory(state=PartnerState.SUSPENDED)
    sewing = [("sew.flat", 2, "required"), ("sew.overlock", 1, "preferred")]
    of: dict[str, dict[str, Any]] = {
        "plain": {"requirements": sewing, "headcount": 3, "exertion": 2},
        "better-paid": {
            "requirements": sewing,
            "wage_min_cny_month": 6500,
            "n_filled": 1,
            "wage_max_cny_month": 7000,
            "headcount": 2,
        },
        "kitchen": {"partner": kitchen, "posts": ["food_safety_manager"], "education_min": 1},
        "suspended": {"partner": away},
        "night": {"shift": "night", "requirements": sewing},
        "heavy": {"exertion": 3},
        "schooled": {"education_min": 3},
        "far": {"lat": factories.LAT + 1.0},
        "placeless": {"lat": None, "lon": None},
        "certified": {"requirements": [("cert.swo.lowvolt", None, "certificate")]},
        "welding": {
            "requirements": [("weld.arc", 2, "required")],
            "headcount": 4,
            "occupation_code": "6-18-02-04",
        },
        "twin": {"requirements": sewing, "headcount": 3, "exertion": 2},
        "full": {"headcount": 1, "n_filled": 1},
        "part-time": {"employment_type": "part_time", "lodging_provided": True},
    }
    return {
        name: factories.VacancyFactory(
            pid=f"v22222{number:02d}".replace("0", "z").replace("1", "y"),
            title=name,
            **{"lat": factories.LAT + 0.02, **attributes},
        )
        for number, (name, attributes) in enumerate(of.items())
    }


def _courses() -> None:
    for number, (title, code, is_published) in enumerate(
        (
            ("焊工", "weld.arc", True),
            ("电工", "cert.swo.lowvolt", True),
            ("缝纫", "sew.flat", True),
            ("未公布", "weld.arc", False),
        )
    ):
        course = factories.CourseFactory(
            pid=f"k222222{number + 2}", title=title, published=is_published
        )
        factories.CourseSkillFactory(
            course_id=course.id, code=code, level=None if code.startswith("cert") else 3
        )


def _of_people(people: dict[str, Client], actor: Actor, clock: Clock) -> Iterator[Line]:
    for name, person in people.items():
        found = shortlist.matches_for(person, actor=actor, now=clock.now)
        rows = [replace(row, vacancy=row.vacancy.title) for row in found.rows]
        blocked = [replace(row, vacancy=row.vacancy.title) for row in found.blocked]
        missed = [replace(row, vacancy=row.vacancy.title) for row in found.misses]
        whole = replace(found, rows=tuple(rows), blocked=tuple(blocked), misses=tuple(missed))
        yield from plain(whole, f"matches {name}")
        yield f"matches {name} decided", " ".join(str(int(r.needs_decision)) for r in found.rows)
        why = shortlist.why_above(person, [r.vacancy.pid for r in found.rows], now=clock.now)
        for row, one in zip(found.rows, why.values(), strict=False):  # the last is above none
            yield f"why {name} {row.vacancy.title} above the next", flat(one)
        for one in courses.courses_for(person, actor=actor, now=clock.now):
            figures = (one.n_openings_before, one.n_openings_after, one.n_places_opened)
            yield f"course {name} {one.course.title}", " ".join(map(str, (*figures, one.n_opened)))


def _of(openings: dict[str, Vacancy], actor: Actor, clock: Clock) -> Iterator[Line]:
    for name, opening in openings.items():
        listed_people = candidates.candidates_for(opening, actor=actor, now=clock.now)
        named = [replace(row, client=row.client.pid) for row in listed_people.rows]
        yield from plain(replace(listed_people, rows=tuple(named)), f"people {name}")
        yield (
            f"people {name} decided",
            " ".join(str(int(r.needs_decision)) for r in listed_people.rows),
        )


@pytest.mark.usefixtures("on_one_database")
def test_whole_answers_about_a_small_district_are_those_written_down(
    app: Any, clock: Clock
) -> None:
    officer = factories.UserFactory(role=Role.OFFICER)
    people = _people(officer.unit)
    for person in people.values():
        assert shortlist.matches_for(person, actor=officer.actor, now=clock.now).rows == ()
    openings = _openings()
    _courses()
    db.session.commit()
    clock.move(hours=1)
    found = {
        "people": [f"{name}: {said}" for name, said in _of_people(people, officer.actor, clock)],
        "openings": [f"{name}: {said}" for name, said in _of(openings, officer.actor, clock)],
    }
    hold_parts("ranking", list(found))
    hold("ranking", found)
