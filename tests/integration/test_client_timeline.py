"""The person's path, and the personal link behind it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from matchboard.domain.client_file import ProfileSection, TimelineKind
from matchboard.domain.errors import Conflict, NotFound
from matchboard.domain.policy import Policy
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import EnrolmentEvent, OutcomeCheck, PlacementEvent
from matchboard.services import personal_links
from matchboard.services.client_sections import write
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
    for changes in ({"case_lead_id": officer.id}, {"seeking_work": False, "case_lead_id": None}):
        clock.move(hours=1)
        write(person, ProfileSection.BASICS, changes, actor=officer.actor, now=clock.now)
    assert [e.kind for e in timeline(person)[:3]] == [K.LEAD, K.PROFILE, K.LEAD]


def test_timeline_keeps_to_its_limit_and_number_of_statements(person: Any) -> None:
    for _ in range(3):
        factories.EnrolmentFactory(client=person)
    _events(person)
    with assert_sql_count(4):
        assert len(timeline(person, limit=2)) == 2


@pytest.mark.parametrize("limit", [50, 3])
def test_timeline_tells_the_last_recorded_first_when_all_was_at_one_instant(
    limit: int, person: Any
) -> None:
    placement = factories.PlacementFactory(
        client=person, state="sent", vacancy=factories.VacancyFactory(title="缝纫工")
    )
    common = {"actor_role": "officer", "detail": {}, "at": NOW}
    for name, state in (("propose", "proposed"), ("consent", "consented"), ("send", "sent")):
        db.session.add(
            PlacementEvent(placement_id=placement.id, name=name, to_state=state, **common)
        )
        db.session.flush()
    entries = timeline(person, limit=limit)[:3]
    assert [(e.event, e.state) for e in entries] == [
        ("send", "sent"),
        ("consent", "consented"),
        ("propose", "proposed"),
    ]
    assert {(e.subject, e.partner, e.pid, e.at) for e in entries} == {
        ("缝纫工", placement.partner.name, placement.pid, NOW)
    }
    enrolment = factories.EnrolmentFactory(client=person)
    later = {**common, "at": NOW + timedelta(hours=1)}
    for name, state in (
        ("recommend", "recommended"),
        ("enrol", "enrolled"),
        ("withdraw_consent", "enrolled"),
        ("drop_out", "dropped_out"),
    ):
        db.session.add(
            EnrolmentEvent(enrolment_id=enrolment.id, name=name, to_state=state, **later)
        )
        db.session.flush()
    told = timeline(person, limit=limit)[:3]
    assert [e.state for e in told] == ["dropped_out", "enrolled", "recommended"]
    checks = [(day, NOW.date() - timedelta(days=9)) for day in (30, 90, 180)]
    for day, done_on in checks:
        factories.OutcomeCheckFactory(
            placement_id=placement.id, day=day, due_on=done_on, done_on=done_on
        )
    found = [e.check_day for e in timeline(person) if e.kind is K.CHECK]
    assert found == [180, 90, 30]


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
