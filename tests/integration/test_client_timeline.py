"""The person's path, and the personal link behind it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from matchboard.domain.client_file import TimelineKind
from matchboard.domain.errors import Conflict, NotFound
from matchboard.domain.policy import Policy
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import EnrolmentEvent, OutcomeCheck, PlacementEvent
from matchboard.services import personal_links
from matchboard.services.client_timeline import timeline
from matchboard.web.client_timeline import timeline_items
from tests import factories
from tests.factories import NOW
from tests.sql import assert_sql_count

K = TimelineKind


@pytest.fixture
def officer(app: Flask) -> Any:
    return factories.UserFactory(role=Role.OFFICER)


@pytest.fixture
def person(officer: Any) -> Any:
    return factories.ClientFactory(
        office=officer.unit, released_on=date(2026, 6, 1), registered_on=date(2026, 6, 5)
    )


def _events(person: Any) -> None:
    """Give the person a placement, a check and a course."""
    placement = factories.PlacementFactory(
        client=person, state="started", vacancy=factories.VacancyFactory(title="缝纫工")
    )
    enrolment = factories.EnrolmentFactory(client=person)
    common = {"actor_role": "officer", "detail": {}}
    db.session.add_all(
        [
            PlacementEvent(
                placement_id=placement.id,
                at=NOW - timedelta(days=40),
                name="start",
                to_state="started",
                **common,
            ),
            OutcomeCheck(
                placement_id=placement.id,
                day=30,
                due_on=date(2026, 11, 14),
                done_on=date(2026, 11, 15),
                still_employed=True,
            ),
            EnrolmentEvent(
                enrolment_id=enrolment.id,
                at=NOW - timedelta(days=90),
                name="recommend",
                to_state="recommended",
                **common,
            ),
        ]
    )
    db.session.flush()


def test_timeline_gathers_everything_newest_first(person: Any) -> None:
    _events(person)
    kinds = [entry.kind for entry in timeline(person)]
    assert kinds == [K.CHECK, K.PLACEMENT, K.TRAINING, K.REGISTERED, K.RELEASED]


def test_timeline_tells_of_links_and_profile_changes(person: Any, officer: Any, clock: Any) -> None:
    personal_links.create_link(person, actor=officer.actor, now=clock.now)
    personal_links.revoke_link(person, actor=officer.actor, now=clock.move(hours=1))
    entries = timeline(person)
    assert [(e.kind, e.is_revoked) for e in entries[:2]] == [(K.LINK, True), (K.LINK, False)]


def test_timeline_keeps_to_its_limit_and_number_of_statements(person: Any) -> None:
    for _ in range(3):
        factories.EnrolmentFactory(client=person)
    _events(person)
    with assert_sql_count(4):
        assert len(timeline(person, limit=2)) == 2


def test_timeline_of_another_person_stays_apart(person: Any) -> None:
    _events(factories.ClientFactory())
    assert [entry.kind for entry in timeline(person)] == [K.REGISTERED, K.RELEASED]


def test_timeline_is_told_in_words(app: Flask, person: Any) -> None:
    _events(person)
    with app.test_request_context():
        items = timeline_items(timeline(person))
    assert items[0]["title"] == "第 30 天回访：仍在岗"
    assert items[0]["when"] == "2026-11-15"
    assert "缝纫工" in items[1]["text"]
    assert items[1]["url"].startswith("/placements/")


# --- The personal link ---------------------------------------------------------------------


def test_link_opens_until_the_policy_ends_it(person: Any, officer: Any, clock: Any) -> None:
    _, token = personal_links.create_link(person, actor=officer.actor, now=clock.now)
    clock.move(days=Policy().personal_link_days, seconds=-1)
    assert personal_links.find_link(token, now=clock.now).client is person
    with pytest.raises(NotFound):
        personal_links.find_link(token, now=clock.move(seconds=1))
    assert personal_links.active_link(person, now=clock.now) is None


def test_link_made_anew_closes_the_earlier_one(person: Any, officer: Any, clock: Any) -> None:
    _, first = personal_links.create_link(person, actor=officer.actor, now=clock.now)
    _, second = personal_links.create_link(person, actor=officer.actor, now=clock.now)
    with pytest.raises(NotFound):
        personal_links.find_link(first, now=clock.now)
    assert personal_links.find_link(second, now=clock.now)


def test_link_revoked_does_not_open(person: Any, officer: Any, clock: Any) -> None:
    _, token = personal_links.create_link(person, actor=officer.actor, now=clock.now)
    assert personal_links.find_link(token, now=clock.now).client is person
    personal_links.revoke_link(person, actor=officer.actor, now=clock.now)
    with pytest.raises(NotFound):
        personal_links.find_link(token, now=clock.now)
    with pytest.raises(Conflict):
        personal_links.revoke_link(person, actor=officer.actor, now=clock.now)
