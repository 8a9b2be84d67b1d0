"""Looks at people are on record: whose page, which list, by whom; a moment's reloads are one."""

from __future__ import annotations

import time

import pytest
from flask import Flask, url_for
from sqlalchemy import func, select, text

from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, Client
from matchboard.services import audit, looks, number_tries
from tests import factories
from tests.client import QualityClient
from tests.conftest import Clock
from tests.contract.test_access import read_register, rules_of
from tests.factories import identity_number
from tests.integration.placement_paths import a_case, brought_to


def entries(*verbs: str) -> list[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.verb.in_(verbs)).order_by(AuditEntry.id)
    return list(db.session.scalars(query))


def test_look_at_a_person_is_one_entry_when_the_page_is_opened_again(
    client: QualityClient, app: Flask, clock: Clock
) -> None:
    officer = client.sign_in(Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    for path in ("", "", "/profile", "/matches"):
        client.get_page(f"/clients/{person.pid}{path}")
    found = entries(looks.PERSON)
    assert [e.detail for e in found] == [
        {"page": page} for page in ("clients.show", "client_profile.show", "matches.show")
    ]
    assert {(e.actor_pid, e.subject_kind, e.subject_pid) for e in found} == {
        (officer.pid, "client", person.pid)
    }
    # Another process of the site forgot nothing: it asks the log.
    app.extensions["looks"].clear()
    client.get_page(f"/clients/{person.pid}")
    assert len(entries(looks.PERSON)) == 3
    clock.move(minutes=11)
    client.get_page(f"/clients/{person.pid}")
    assert len(entries(looks.PERSON)) == 4
    assert audit.verify().is_intact


def test_list_of_people_is_on_record_by_count_and_kind_of_filter_when_it_names_some(
    client: QualityClient,
) -> None:
    officer = client.sign_in(Role.OFFICER)
    client.get_page("/clients?q=无此人")
    assert entries(looks.LIST) == []  # it names nobody
    for _ in range(2):
        factories.ClientFactory(office=officer.unit)
    client.get_page("/clients")
    client.get_page("/clients?stage=in_support&nonsense=1")
    (plain, filtered) = entries(looks.LIST)
    assert plain.detail.pop("view") != filtered.detail["view"]
    assert plain.detail == {"page": "clients.index", "filters": [], "n_shown": 2}
    assert filtered.detail["filters"] == ["stage"]
    assert (plain.subject_kind, plain.subject_pid, plain.actor_pid) == ("", None, officer.pid)


def test_each_page_and_each_search_is_a_look_when_it_shows_other_people(
    client: QualityClient, app: Flask
) -> None:
    app.config["PAGE_SIZE"] = 2
    officer = client.sign_in(Role.OFFICER)
    for name in ("王一", "王二", "赵三", "林四", "林五"):
        factories.ClientFactory(office=officer.unit, name=name)
    asked = ("", "?page=2", "?page=3", "?q=王", "?q=林", "?q=王", "?page=2")
    for query in asked:
        client.get_page(f"/clients{query}")
    found = entries(looks.LIST)
    assert [e.detail["n_shown"] for e in found] == [2, 2, 1, 2, 2]
    assert len({e.detail["view"] for e in found}) == 5
    app.extensions["looks"].clear()  # another process of the site asks the log
    client.get_page("/clients?q=林")
    assert len(entries(looks.LIST)) == 5
    assert "王" not in str([e.detail for e in found])
    person = db.session.scalars(select(Client)).first()
    factories.PlacementFactory(client=person, state=PlacementState.PROPOSED)
    client.get_page("/placements?view=table")
    client.get_page("/placements")
    table, board = entries(looks.LIST)[-2:]
    assert (table.detail["n_shown"], board.detail["n_shown"]) == (1, 1)


@pytest.mark.usefixtures("on_one_database")
def test_page_comes_at_once_and_the_look_is_in_the_log_stream_when_somebody_writes(
    client: QualityClient, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    officer = client.sign_in(Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    path = f"/clients/{person.pid}"
    client.get_page("/today")  # what a first page warms up
    with db.engine.connect() as writer:
        writer.execute(text("SELECT 1"))  # BEGIN IMMEDIATE: the one write lock
        began = time.monotonic()
        client.get_page(path)
        assert time.monotonic() - began < 3
    assert f"not in the audit log: client.look {person.pid}" in caplog.text
    assert entries(looks.PERSON) == []
    client.get_page(path)  # and is noted the next time
    assert len(entries(looks.PERSON)) == 1


OPENERS = (Role.OFFICER, Role.ENTERPRISE, Role.COORDINATOR, Role.DISTRICT)


@pytest.mark.usefixtures("on_one_database")
def test_every_page_that_names_a_person_leaves_an_entry_when_opened(
    client: QualityClient, app: Flask, clock: Clock
) -> None:
    case = a_case()
    placement = brought_to(PlacementState.SENT, case, clock)
    session = factories.EnrolmentFactory(client=case.person, state="enrolled").session
    district = factories.UserFactory(role=Role.DISTRICT, unit=case.officer.unit.parent)
    teacher = factories.UserFactory(role=Role.COORDINATOR, unit=session.course.provider)
    accounts = dict(zip(OPENERS, (case.officer, case.employer, teacher, district), strict=True))
    #: What `pid` is below an address; the rest of its parts have one name each.
    records = {
        "/clients/": case.person,
        "/placements/": placement,
        "/partner/referrals/": placement,
        "/vacancies/": case.vacancy,
        "/partner/vacancies/": case.vacancy,
        "/partners/": case.vacancy.partner,
        "/training/sessions/": session,
        "/training/courses/": session.course,
        "/courses/": session.course,
        "/jobs/": case.vacancy,
    }
    pids = {start: record.pid for start, record in records.items()}
    others = {"section": "basics", "day": 30, "token": "none"}
    others |= {"session_pid": session.pid, "vacancy_pid": case.vacancy.pid}
    name, users = case.person.name, {role: one.pid for role, one in accounts.items()}
    rules, register = rules_of(app), read_register()
    named: dict[Role, set[str]] = {role: set() for role in OPENERS}
    for role in OPENERS:
        visitor = client.another()
        visitor.sign_in(accounts[role])
        for row in register:
            if row.method != "GET" or row.cells[role.value] != "yes" or row.endpoint == "static":
                continue
            rule = rules[row.key]
            pid = next((p for start, p in pids.items() if rule.rule.startswith(start)), "zzzzzzzz")
            with app.test_request_context():
                values = {n: others.get(n, pid) for n in rule.arguments}
                path = url_for(row.endpoint, **values, **(rule.defaults or {}))
            clock.move(minutes=11)
            last = db.session.scalar(select(func.max(AuditEntry.id)))
            sought = f"{path}?q={name}" if "search" in path else path
            page = visitor.request("GET", sought, judge_markup=False)
            if page.status == 200 and name in page.text:
                named[role].add(row.endpoint)
                query = select(AuditEntry).where(AuditEntry.id > (last or 0))
                found = [entry.actor_pid for entry in db.session.scalars(query)]
                assert found == [users[role]], (
                    f'{row.endpoint} names a person to {role.value}: add "{row.endpoint}" to LISTS '
                    "of matchboard/web/looks.py, and let the view say looks.shown(len(rows))"
                )
    assert {"clients.show", "clients.index", "placements.show"} <= named[Role.OFFICER]
    assert {"partner.show_referral"} == named[Role.ENTERPRISE]
    assert {"trainees.show_session", "trainees.list_trainees"} <= named[Role.COORDINATOR]
    assert {"clients.show", "search.results", "matches.show"} <= named[Role.DISTRICT]


def test_identity_numbers_are_refused_for_a_while_when_an_account_asked_for_too_many(
    client: QualityClient, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(number_tries, "MAX_TRIES", 3)
    officer = client.sign_in(Role.OFFICER)
    hidden = factories.ClientFactory(with_id_number=True).id_number  # of another office
    tried = [identity_number(900 + n) for n in range(3)]
    for number in (tried[0], hidden, tried[1]):
        client.post("/clients/new/identity", {"identity_number": number}, htmx=True)
    noted = entries(number_tries.MISS, number_tries.HIT)
    assert [e.verb for e in noted] == [number_tries.MISS, number_tries.HIT, number_tries.MISS]
    assert {e.actor_pid for e in noted} == {officer.pid}
    page = client.post("/clients/new/identity", {"identity_number": hidden}, htmx=True)
    assert page.has_text("一小时内最多查询 3 个身份证号")
    assert not page.has_text("另一个司法所")
    page = client.submit(
        "/clients/new",
        {
            "name": "张三",
            "identity_number": tried[2],
            "kind": "released_person",
            "stage": "in_support",
        },
        status=422,
    )
    assert "一小时内最多查询 3 个" in page.field_errors()["identity_number"]
    assert page.one("[name=identity_number]")["value"] == tried[2]
    assert [e.detail for e in entries(number_tries.MISS, number_tries.REFUSED)] == [{}] * 4
    assert not any(number in str(vars(e)) for number in (*tried, hidden) for e in noted)
    clock.move(minutes=61)
    page = client.post("/clients/new/identity", {"identity_number": hidden}, htmx=True)
    assert page.has_text("另一个司法所")
