"""Twice is once: a second row where the models allow one changes no figure, list or label.

The relationships are taken from the metadata: a new one without a row in the registry fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import inspect

from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import (
    AbsenceCover,
    AccountSession,
    BackgroundTask,
    BarDecision,
    ClientExperience,
    Consent,
    CorrectionRequest,
    CourseConsent,
    EnrolmentEvent,
    FormDraft,
    PersonalLink,
    PlacementEvent,
    Reminder,
    ShownList,
    SignInFailure,
    VacancyEvent,
)
from matchboard.services import client_search, personal_links
from tests import factories
from tests.client import Page, QualityClient
from tests.conftest import Clock
from tests.integration.whole_district import (
    DRAWN,
    Market,
    addresses_of,
    fill,
    make_market,
    make_task,
)

#: Pages with figures, lists or labels of many, and the person's and the record's own.
PAGES = {
    "today.index", "clients.index", "clients.show", "placements.index", "placements.show",
    "dashboard.show", "search.results", "matches.show", "matches.candidates_of",
    "client_training.show", "vacancies.index", "vacancies.show", "partners.index",
    "partners.show", "partner.home", "partner.list_referrals", "partner.show_referral",
    "partner_vacancies.index", "training.start", "training.list_courses", "training.show_course",
    "trainees.show_session", "trainees.list_trainees", "own_page.show",
}  # fmt: skip
ROLES = (Role.OFFICER, Role.DISTRICT, Role.ENTERPRISE, Role.COORDINATOR)


@dataclass
class World:
    """What there is before anything is doubled."""

    made: dict[str, Any]
    market: Market
    office: Any
    clock: Clock


# --- What is doubled ------------------------------------------------------------------------------


def again(kind: Any, **unlike: Callable[[Any], Any]) -> Callable[[World], None]:
    """Return what writes every row of a table a second time, but for what must differ."""

    def double(_world: World) -> None:
        columns = [c.key for c in inspect(kind).column_attrs if c.key not in {"id", "pid"}]
        for row in db.session.scalars(db.select(kind).order_by(kind.id)).all():
            values = {name: getattr(row, name) for name in columns}
            values |= {name: change(row) for name, change in unlike.items()}
            db.session.add(kind(**values))
        db.session.flush()

    return double


def withdrawn_and_given(kind: Any) -> Callable[[World], None]:
    """Return what takes back every consent and gives it again."""

    def double(world: World) -> None:
        rows = db.session.scalars(db.select(kind).order_by(kind.id)).all()
        again(kind)(world)
        for row in rows:
            row.withdrawn_at = world.clock.now
        db.session.flush()

    return double


def second_job(world: World) -> None:
    """Give whoever kept or lost a job another of the kind, long ago."""
    for state in (PlacementState.COMPLETED, PlacementState.ENDED):
        long_ago = world.clock.now - timedelta(days=1200)
        factories.PlacementFactory(
            client=world.made[state.value].client,
            vacancy=factories.VacancyFactory(state="closed", open_on=None),
            state=state,
            state_changed_at=long_ago,
            created_at=long_ago,
            started_on=long_ago.date(),
        )


def second_course(world: World) -> None:
    """Enrol whoever is in training in another provider's course too."""
    session = factories.CourseSessionFactory(course=factories.CourseFactory(published=False))
    factories.EnrolmentFactory(client=world.made["trainee"], session=session, state="enrolled")


def second_check(world: World) -> None:
    factories.OutcomeCheckFactory(
        placement_id=world.made["started"].id,
        day=90,
        due_on=world.clock.today - timedelta(days=2),
    )


def second_account(world: World) -> None:
    """Give the employer another account; another officer changes who heads the office."""
    factories.UserFactory(role=Role.ENTERPRISE, unit=world.market.partner.unit)


def second_wrong_word(world: World) -> None:
    again(CorrectionRequest)(world)


@dataclass(frozen=True)
class Silent:
    """A second row that no page shows but in a history."""

    double: Callable[[World], None]


@dataclass(frozen=True)
class Listed:
    """A second row that is listed beside the first, while people and figures stay as many."""

    double: Callable[[World], None]


#: What counts and lists people: there, twice is once even where each row is listed elsewhere.
FIGURES = frozenset({"clients.index", "dashboard.show", "search.results", "matches.candidates_of"})

OTHER_THING = "a second one is another thing, and counts"
BY_CODE = "a second one has another code"
OF_PERSON = "the other end of a relationship that has its row"
#: Each relationship of which there may be several rows: `table.column`.
RELATIONSHIPS: dict[str, Silent | Listed | str] = {
    "placement_event.placement_id": Silent(again(PlacementEvent)),
    "vacancy_event.vacancy_id": Silent(again(VacancyEvent)),
    "enrolment_event.enrolment_id": Silent(again(EnrolmentEvent)),
    "consent.placement_id": Silent(withdrawn_and_given(Consent)),
    "consent.client_id": OF_PERSON,
    "consent.partner_id": OF_PERSON,
    "course_consent.enrolment_id": Silent(withdrawn_and_given(CourseConsent)),
    "course_consent.client_id": OF_PERSON,
    "reminder.placement_id": Silent(again(Reminder, key=lambda row: f"{row.key}-2")),
    "reminder.unit_id": OF_PERSON,
    "personal_link.client_id": Silent(
        again(PersonalLink, token_digest=lambda row: row.token_digest[::-1])
    ),
    "bar_decision.client_id": Silent(again(BarDecision)),
    "bar_decision.vacancy_id": OF_PERSON,
    "shown_list.client_id": Silent(again(ShownList)),
    "shown_list.user_id": OF_PERSON,
    "form_draft.user_id": Silent(again(FormDraft, token_digest=lambda row: row.token_digest[::-1])),
    "account_session.user_id": Silent(
        again(AccountSession, key_digest=lambda row: row.key_digest[::-1])
    ),
    "sign_in_failure.user_id": Silent(again(SignInFailure)),
    "background_task.owner_id": Silent(again(BackgroundTask)),
    "absence_cover.office_id": Silent(again(AbsenceCover)),
    "absence_cover.covered_id": OF_PERSON,
    "absence_cover.covering_id": OF_PERSON,
    "account.unit_id": Silent(second_account),
    "placement.client_id": Listed(second_job),
    "placement.vacancy_id": OF_PERSON,
    "placement.partner_id": OF_PERSON,
    "enrolment.client_id": Listed(second_course),
    "enrolment.session_id": OTHER_THING,
    "outcome_check.placement_id": Listed(second_check),
    "correction_request.client_id": Listed(second_wrong_word),
    "client_experience.client_id": Listed(again(ClientExperience)),
    "client_skill.client_id": BY_CODE,
    "client_skill.enrolment_id": BY_CODE,
    "client_certificate.client_id": BY_CODE,
    "client_certificate.enrolment_id": BY_CODE,
    "course_skill.course_id": BY_CODE,
    "vacancy_requirement.vacancy_id": BY_CODE,
    "unit.parent_id": OTHER_THING,
    "client.office_id": OTHER_THING,
    "client.case_lead_id": OTHER_THING,
    "vacancy.partner_id": OTHER_THING,
    "course.provider_id": OTHER_THING,
    "course_session.course_id": OTHER_THING,
    "policy_rule_set.unit_id": "each has its first day, and the last begun holds",
}
#: Who wrote a row down is no row of theirs.
AUTHORS = ("_by_id", "actor_id")


def relationships() -> set[str]:
    """Return every column that lets several rows belong to one of another table."""
    return {
        f"{table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        for column in table.columns
        if column.foreign_keys and not column.unique and not column.name.endswith(AUTHORS)
    }


def test_every_relationship_of_several_rows_is_registered() -> None:
    lacking, gone = relationships() - set(RELATIONSHIPS), set(RELATIONSHIPS) - relationships()
    assert relationships() == set(RELATIONSHIPS), (
        "RELATIONSHIPS of tests/integration/test_properties_twice.py says what a second row means, "
        '"visit.client_id": Silent(again(Visit)) if no page shows it, Listed(again(Visit)) if one '
        f"does, or a reason. Lacking: {sorted(lacking)}; gone: {sorted(gone)}"
    )


# --- What is compared -----------------------------------------------------------------------------


#: A record's history and its consents show each row: there, twice is twice.
EACH = re.compile(r'<ol class="timeline-list">.*?</ol>|id="consent".*?</ul>', re.DOTALL)


def _said(page: Page) -> tuple[str, str]:
    """Return the page's own part and all of it, without what shows each row by itself."""
    text = EACH.sub("", DRAWN.sub("", page.text))
    return text.partition("<main")[2].partition("</main>")[0], text


class Readers:
    """One browser for each role, with the addresses it reads."""

    def __init__(self, app: Flask, client: QualityClient, world: World, token: str) -> None:
        units = {
            Role.DISTRICT: world.office.parent,
            Role.ENTERPRISE: world.market.partner.unit,
            Role.COORDINATOR: world.market.provider,
        }
        self.readers = []
        for role in ROLES:
            browser = client.another()
            user = world.made["lead"]
            if role is not Role.OFFICER:
                user = factories.UserFactory(role=role, unit=units[role])
            browser.sign_in(user)
            world.made["task"] = make_task(user, world.clock)
            found = addresses_of(app, role, world.made, world.market, token)
            wanted = PAGES if role is Role.OFFICER else PAGES - {"own_page.show"}
            self.readers.append((role, browser, {p: e for p, e in found.items() if e in wanted}))

    def read(self, only: frozenset[str] = frozenset(PAGES)) -> dict[str, tuple[str, str]]:
        """Return what the pages named say."""
        said = {}
        for role, browser, addresses in self.readers:
            for path, endpoint in addresses.items():
                if endpoint in only:
                    page = browser.request("GET", path, judge_markup=False)
                    assert page.status == 200, f"{role} {path}: {page.status}"
                    said[f"{role} {path}"] = _said(page)
            if role is Role.OFFICER:
                file = BytesIO(browser.post("/clients/export.xlsx").data)
                rows = load_workbook(file).worksheets[0].rows
                said["export"] = (str([[cell.value for cell in row] for row in rows]), "")
        return said


@pytest.mark.usefixtures("on_one_database")
def test_figures_lists_and_labels_stay_when_a_child_row_is_there_twice(
    app: Flask, client: QualityClient, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = factories.DistrictFactory()
    office = factories.OfficeFactory(parent=district)
    market = make_market(district, clock)
    world = World(fill(office, market, clock), market, office, clock)
    person = world.made["proposed"].client
    away, instead = world.made["lead"], factories.UserFactory(role=Role.OFFICER, unit=office)
    db.session.add_all(
        [
            AbsenceCover(
                office_id=office.id,
                covered_id=away.id,
                covering_id=instead.id,
                from_on=clock.today,
                until_on=clock.today,
                reason="培训",
                made_by_id=away.id,
                created_at=clock.now,
            ),
            ClientExperience(client_id=person.id, occupation_code="6-05-01-03", months=6),
            SignInFailure(email_digest="0" * 64, user_id=world.made["lead"].id, at=clock.now),
        ]
    )
    lead = world.made["lead"].actor
    _, token = personal_links.create_link(world.made["sent"].client, actor=lead, now=clock.now)
    readers = Readers(app, client, world, token)
    before = readers.read()
    monkeypatch.setattr(client_search, "CHUNK", 2)  # as more than 500 people are read
    _double(Silent, world)
    after = readers.read()
    assert [path for path in before if after[path] != before[path]] == []
    _double(Listed, world)
    last = readers.read(FIGURES)
    assert last
    assert [path for path in last if last[path][0] != after[path][0]] == []


def _double(kind: type[Silent | Listed], world: World) -> None:
    """Write the second row of every relationship of a kind, and see that there was a first."""
    for name, twice in RELATIONSHIPS.items():
        if isinstance(twice, kind):
            n_rows = _n_rows(name)
            twice.double(world)
            assert _n_rows(name) > n_rows, name


def _n_rows(name: str) -> int:
    table = db.metadata.tables[name.split(".")[0]]
    return db.session.scalar(db.select(db.func.count()).select_from(table)) or 0
