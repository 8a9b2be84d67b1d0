"""Which rows each role works with: two of everything, and exactly the actor's own come back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import SYSTEM, Actor, Role
from matchboard.extensions import db
from matchboard.permissions import (
    scope_clients,
    scope_courses,
    scope_enrolments,
    scope_partners,
    scope_placements,
    scope_units,
    scope_vacancies,
)
from tests import factories
from tests.conftest import Clock


@dataclass(frozen=True)
class World:
    """Two districts, three offices, two employers and two schools, each with something."""

    actors: Mapping[str, Actor]
    names: Mapping[str, Mapping[int, str]]


def a_world() -> World:
    """Make the world; the names below are what the table speaks of."""
    own, other = factories.DistrictFactory(), factories.DistrictFactory()
    offices = {
        "north": factories.OfficeFactory(parent=own),
        "south": factories.OfficeFactory(parent=own),
        "far": factories.OfficeFactory(parent=other),
        "district": own,
    }
    people = {name: factories.ClientFactory(office=unit) for name, unit in offices.items()}
    partners = {name: factories.PartnerFactory() for name in ("mill", "kitchen")}
    # Made first, so that an opening and its employer have different ids.
    openings = {"advertised": factories.ExternalVacancyFactory()}
    openings |= {n: factories.VacancyFactory(partner=partner) for n, partner in partners.items()}
    placements = {
        f"{who}-{where}-{state}": factories.PlacementFactory(
            client=people[who], vacancy=openings[where], state=PlacementState(state)
        )
        for who, where, state in (
            ("north", "mill", "sent"),
            ("north", "kitchen", "proposed"),
            ("south", "kitchen", "sent"),
            ("far", "kitchen", "sent"),
            ("far", "mill", "proposed"),
            ("district", "mill", "ended"),
        )
    }
    schools = {name: factories.ProviderFactory() for name in ("sewing", "cooking")}
    courses = {name: factories.CourseFactory(provider=unit) for name, unit in schools.items()}
    courses["draft"] = factories.CourseFactory(provider=schools["sewing"], published=False)
    # Ids of sessions, courses and enrolments differ, so that none can stand for another.
    sessions = [factories.CourseSessionFactory(course=c) for c in reversed(courses.values())]
    by_course = {s.course_id: s for s in reversed(sessions)}
    enrolments = {
        f"{who}-{course}": factories.EnrolmentFactory(
            client=people[who], session=by_course[courses[course].id], state="enrolled"
        )
        for who, course in (
            ("north", "sewing"),
            ("far", "sewing"),
            ("south", "cooking"),
            ("district", "draft"),
        )
    }
    withdrawn = factories.EnrolmentFactory(
        client=people["south"], session=sessions[0], state="enrolled", has_consent=False
    )
    factories.CourseConsentFactory(enrolment=withdrawn, withdrawn_at=factories.NOW)
    enrolments["south-draft"] = withdrawn

    def acts(role: Role, unit: Any) -> Actor:
        actor: Actor = factories.UserFactory(role=role, unit=unit).actor
        return actor

    return World(
        actors={
            "officer": acts(Role.OFFICER, offices["north"]),
            "district": acts(Role.DISTRICT, own),
            "other district": acts(Role.DISTRICT, other),
            "mill": acts(Role.ENTERPRISE, partners["mill"].unit),
            "kitchen": acts(Role.ENTERPRISE, partners["kitchen"].unit),
            "sewing": acts(Role.COORDINATOR, schools["sewing"]),
            "cooking": acts(Role.COORDINATOR, schools["cooking"]),
            "person": Actor(Role.CLIENT, client_id=people["north"].id),
            **{role.value: Actor(role, unit_id=own.id) for role in NOBODYS},
            "system": SYSTEM,
        },
        names={
            kind: {row.id: name for name, row in rows.items()}
            for kind, rows in (
                ("units", offices),
                ("clients", people),
                ("placements", placements),
                ("vacancies", openings),
                ("partners", partners),
                ("courses", courses),
                ("enrolments", enrolments),
            )
        },
    )


#: Roles without rows of their own, whatever unit they belong to.
NOBODYS = (Role.VISITOR, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
SCOPES: dict[str, Callable[[Actor], Any]] = {
    "units": scope_units,
    "clients": scope_clients,
    "placements": scope_placements,
    "vacancies": scope_vacancies,
    "partners": scope_partners,
    "courses": scope_courses,
    "enrolments": scope_enrolments,
}
#: Actor, and the rows of each kind; "*" is all of them, a kind left out is none.
EXPECTED: dict[str, dict[str, str]] = {
    "officer": {
        "units": "north",
        "clients": "north",
        "placements": "north-mill-sent north-kitchen-proposed",
        "vacancies": "*",
        "partners": "*",
        "courses": "*",
        "enrolments": "north-sewing",
    },
    "district": {
        "units": "north south district",
        "clients": "north south district",
        "placements": "north-mill-sent north-kitchen-proposed south-kitchen-sent"
        " district-mill-ended",
        "vacancies": "*",
        "partners": "*",
        "courses": "*",
        "enrolments": "north-sewing south-cooking district-draft south-draft",
    },
    "other district": {
        "units": "far",
        "clients": "far",
        "placements": "far-kitchen-sent far-mill-proposed",
        "vacancies": "*",
        "partners": "*",
        "courses": "*",
        "enrolments": "far-sewing",
    },
    "mill": {
        "placements": "north-mill-sent district-mill-ended",
        "vacancies": "mill",
        "partners": "mill",
    },
    "kitchen": {
        "placements": "south-kitchen-sent far-kitchen-sent",
        "vacancies": "kitchen",
        "partners": "kitchen",
    },
    "sewing": {
        "courses": "sewing draft",
        "enrolments": "north-sewing far-sewing district-draft south-draft",
    },
    "cooking": {"courses": "cooking", "enrolments": "south-cooking"},
    "person": {
        "clients": "north",
        "placements": "north-mill-sent north-kitchen-proposed",
    },
    **{role.value: {} for role in NOBODYS},
    "system": {
        "clients": "*",
        "placements": "*",
        "vacancies": "*",
        "partners": "*",
        "courses": "*",
        "enrolments": "*",
    },
}


def test_each_role_works_with_its_own_rows_when_others_have_as_many(
    app: Flask, clock: Clock
) -> None:
    world = a_world()
    for who, expected in EXPECTED.items():
        for kind, scope in SCOPES.items():
            of_kind = world.names[kind]
            found = [
                of_kind.get(getattr(row, "id", row), "another")
                for row in db.session.scalars(scope(world.actors[who]))
            ]
            named = set(found) - {"another"} if kind == "units" else set(found)
            wanted = expected.get(kind, "")
            rows = set(of_kind.values()) if wanted == "*" else set(wanted.split())
            assert named == rows, f"{kind} of {who}"
            assert len(found) == len(set(found)), f"{kind} of {who}: one row twice"


@pytest.mark.parametrize(
    ("who", "people"), [("sewing", {"north", "far", "district"}), ("cooking", {"south"})]
)
def test_coordinator_sees_whose_consent_is_in_force_at_an_instant_and_nobody_without(
    who: str, people: set[str], app: Flask, clock: Clock
) -> None:
    world = a_world()
    actor = world.actors[who]
    found = db.session.scalars(scope_clients(actor, now=clock.now))
    assert {world.names["clients"][row.id] for row in found} == people
    assert db.session.scalars(scope_clients(actor)).all() == []
