"""Every page, for every role, on a database that holds nothing but the one who looks."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from matchboard.domain.roles import ACCOUNT_ROLES, Role
from matchboard.extensions import db
from matchboard.models import Client, Partner, Placement, Unit, Vacancy
from tests import factories
from tests.client import Page, QualityClient, words
from tests.contract.test_pages import addresses
from tests.sql import watch_sql

ROLES = (Role.VISITOR, *ACCOUNT_ROLES)
#: Words that only make sense once a filter hides something.
FILTER_WORDS = re.compile(r"符合条件|换个条件|换个说法|去掉|清除全部|少选一个|范围放大")
#: Praise for work nobody had.
PRAISE = re.compile(r"都办完|辛苦|—%|—\s*%")
#: List page → a filter it knows.
FILTERED = {
    "/jobs": "q=x",
    "/courses": "q=x",
    "/vacancies": "q=x",
    "/partners": "q=x",
    "/clients": "q=x",
    "/placements": "q=x",
    "/training/courses": "q=x",
    "/training/enrolments": "q=x",
    "/today": "kind=register",
}
#: More statements than this no page without rows needs.
MOST_STATEMENTS = 30


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("role", ROLES, ids=[r.value for r in ROLES])
def test_pages_speak_of_nothing_yet_when_the_database_is_empty(
    app: Flask, client: QualityClient, role: Role
) -> None:
    if role is not Role.VISITOR:
        client.sign_in(role)
    wrong: list[str] = []
    offered: set[str] = set()
    for address in addresses(app, role):
        page = client.follow(client.request("GET", address, judge_markup=False))
        if page.status != 200:
            wrong.append(f"{address}: {page.status}")
        if "<main" not in page.text:
            continue
        shown = _own_words(page)
        wrong += [f"{address}: {m.group(0)}" for m in FILTER_WORDS.finditer(shown)]
        wrong += [f"{address}: {m.group(0)}" for m in PRAISE.finditer(shown)]
        filtered = FILTERED.get(address)
        if filtered:
            empty = client.get_page(f"{address}?{filtered}").all(".empty-state")
            found = " ".join(words(element) for element in empty)
            wrong += [f"{address}?{filtered}: {m.group(0)}" for m in FILTER_WORDS.finditer(found)]
        with watch_sql() as seen:
            client.request("GET", address, judge_markup=False)
        if len(seen) > MOST_STATEMENTS:
            wrong.append(f"{address}: {len(seen)} statements")
        offered |= {str(a["href"]) for a in page.all("main .empty-state a, main #first-steps a")}
    for link in sorted(offered):  # what a page says to do next, this role may do
        status = client.follow(client.request("GET", link, judge_markup=False)).status
        if status != 200:
            wrong.append(f"{link} is offered: {status}")
    assert wrong == []


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.VISITOR, "/jobs"),
        (Role.VISITOR, "/courses"),
        (Role.OFFICER, "/clients"),
        (Role.OFFICER, "/placements"),
        (Role.OFFICER, "/placements?view=table"),
        (Role.OFFICER, "/vacancies"),
        (Role.OFFICER, "/partners"),
        (Role.COORDINATOR, "/training/courses"),
        (Role.COORDINATOR, "/training/enrolments"),
    ],
    ids=lambda value: str(value).strip("/").replace("/", "-"),
)
def test_list_offers_to_remove_the_filter_when_it_hides_what_there_is(
    client: QualityClient, role: Role, path: str
) -> None:
    """The twin of the test above: the same words do appear where they are right."""
    user = client.sign_in(role) if role is not Role.VISITOR else None
    unit = user.unit if user is not None else None
    person = factories.ClientFactory(**({"office": unit} if role is Role.OFFICER else {}))
    factories.PlacementFactory(client=person, state="sent")
    factories.VacancyFactory()
    provider = {"provider": unit} if role is Role.COORDINATOR else {}
    course = factories.CourseFactory(published=True, **provider)
    session = factories.CourseSessionFactory(course=course)
    factories.EnrolmentFactory(session=session, client=person)
    narrowed = f"{path}{'&' if '?' in path else '?'}q=zzzz"
    page = client.get_page(narrowed)
    assert page.by_role("link", "清除全部条件"), page.text
    assert not FILTER_WORDS.search(_own_words(client.get_page(path)))


def _own_words(page: Page) -> str:
    """Return what the page's content says, without the bar of filters."""
    main = page.one("main")
    for form in main.select("form"):
        form.extract()
    return main.get_text(" ")


# --- First steps ----------------------------------------------------------------------------------


def steps_of(page: Page) -> list[tuple[bool, str]]:
    """Return (done, address) of each first step shown."""
    return [
        (
            "is-done" in (row.get("class") or []),
            str(link["href"]) if (link := row.select_one("a.btn")) else "",
        )
        for row in page.all("#first-steps li")
    ]


def test_district_is_led_step_by_step_until_all_is_there(client: QualityClient) -> None:
    district = client.sign_in(Role.DISTRICT)
    for path in ("/dashboard", "/today"):
        assert steps_of(client.get_page(path)) == [
            (False, "/partners/new"),
            (False, "/vacancies/new"),
            (False, "/clients/new"),
        ]
    assert steps_of(client.get_page("/training")) == []  # the coordinators' page, not theirs
    partner = factories.PartnerFactory(state="pending")
    assert steps_of(client.get_page("/dashboard"))[0] == (False, "/partners?state=pending")
    partner.state = "active"
    vacancy = factories.VacancyFactory(partner=partner, state="in_review")
    assert steps_of(client.get_page("/dashboard"))[:2] == [
        (True, ""),
        (False, "/vacancies?state=in_review"),
    ]
    vacancy.state = "open"
    assert "都办完了" not in client.get_page("/today").text
    factories.ClientFactory(office=factories.OfficeFactory(parent=district.unit))
    assert steps_of(client.get_page("/dashboard")) == []
    assert "都办完了" in client.get_page("/today").text
    # What was done once stays done when the opening is filled and the partner rests.
    vacancy.state, partner.state = "filled", "suspended"
    assert steps_of(client.get_page("/dashboard")) == []


def test_officer_is_led_to_the_first_proposal_when_nothing_is_there(client: QualityClient) -> None:
    officer = client.sign_in(Role.OFFICER)
    assert steps_of(client.get_page("/today")) == [(False, "/clients/new"), *[(False, "")] * 3]
    factories.ClientFactory()  # another office's
    assert steps_of(client.get_page("/today"))[0] == (False, "/clients/new")
    person = factories.ClientFactory(office=officer.unit)
    assert steps_of(client.get_page("/today"))[:2] == [(True, ""), (False, "/clients")]
    factories.RestrictedRecordFactory(client_id=person.id)
    factories.PlacementFactory(client=person)
    assert steps_of(client.get_page("/today")) == []


def test_administrators_are_led_from_units_to_confirmed_accounts(client: QualityClient) -> None:
    client.sign_in(Role.SYSTEM_ADMIN)
    assert [address for _, address in steps_of(client.get_page("/admin", follow=True))] == [
        "/admin/units/new",
        "/admin/accounts/new",
        "/admin/accounts/new",
    ]
    for role in (Role.DISTRICT, Role.OFFICER):
        factories.UserFactory(role=role, active=False, awaits_confirmation=True)
    assert steps_of(client.get_page("/admin", follow=True)) == []
    other = client.another()
    other.sign_in(Role.SECURITY_ADMIN)
    page = other.get_page("/admin", follow=True)
    assert steps_of(page) == [(False, "/admin/confirmations")]
    assert "2 个在等" in page.text
    for _ in range(2):
        waiting = other.get_page("/admin/confirmations")
        action = str(waiting.all("details.confirm form")[0]["action"])
        other.send(waiting.form(f"form[action='{action}']"))
    assert steps_of(other.get_page("/admin", follow=True)) == []


def test_employer_and_coordinator_are_led_to_their_first_record(client: QualityClient) -> None:
    employer = client.sign_in(Role.ENTERPRISE)
    partner = db.session.scalars(select(Partner).where(Partner.unit_id == employer.unit_id)).one()
    partner.contact_name = ""
    db.session.commit()
    steps = steps_of(client.get_page("/partner"))
    assert steps == [(False, "/partner/profile"), (False, "/partner/vacancies/new")]
    partner.contact_name = "王"
    factories.VacancyFactory(partner=partner, state="draft")
    assert steps_of(client.get_page("/partner")) == []

    other = client.another()
    coordinator = other.sign_in(Role.COORDINATOR)
    assert steps_of(other.get_page("/training")) == [(False, "/training/courses/new"), (False, "")]
    course = factories.CourseFactory(provider=coordinator.unit)
    steps = steps_of(other.get_page("/training"))
    assert steps == [(True, ""), (False, "/training/courses")]
    factories.CourseSessionFactory(course=course)
    assert steps_of(other.get_page("/training")) == []


def test_database_is_empty_for_these_tests(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    tables = (Client, Partner, Placement, Vacancy)
    assert [db.session.scalar(select(func.count()).select_from(t)) for t in tables] == [0] * 4
    assert db.session.scalar(select(func.count()).select_from(Unit)) == 2
