"""Registering a person: duplicates first, every rule at its field."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask

from matchboard.domain.client import ClientKind, Sex, Stage
from matchboard.domain.client_file import RegistrationStatus
from matchboard.domain.duties import DutyKind
from matchboard.domain.errors import InvalidFields, NotFound
from matchboard.domain.identity import InvalidIdentityNumber
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, Client
from matchboard.services import client_search, clients
from matchboard.services.clients import NewClient
from tests import factories
from tests.factories import identity_number

NUMBER = identity_number(7, born=date(1990, 3, 9))
WANTED = NewClient(
    name="赵样一",
    kind=ClientKind.RELEASED_PERSON,
    stage=Stage.IN_SUPPORT,
    identity_number=NUMBER,
    registered_on=date(2026, 11, 20),
    released_on=date(2026, 11, 10),
)


@pytest.fixture
def officer(app: Flask) -> Any:
    return factories.UserFactory(role=Role.OFFICER)


def _problems(wanted: NewClient, *, actor: Any, now: Any) -> dict[str | None, str]:
    with pytest.raises(InvalidFields) as raised:
        clients.register_client(wanted, actor=actor, now=now)
    return {problem.field: problem.code for problem in raised.value.problems}


def test_registration_takes_birth_date_and_sex_from_the_number(officer: Any, clock: Any) -> None:
    person = clients.register_client(WANTED, actor=officer.actor, now=clock.now)
    assert (person.birth_date, person.sex) == (date(1990, 3, 9), Sex.MALE)
    assert person.id_number == NUMBER
    assert person.office_id == officer.unit_id
    assert person.case_lead_id == officer.id


def test_registration_finds_name_by_pinyin_and_initials(officer: Any, clock: Any) -> None:
    person = clients.register_client(WANTED, actor=officer.actor, now=clock.now)
    assert (person.name_pinyin, person.name_initials) == ("zhao yang yi", "zyy")


def test_registration_stores_phone_with_its_tail(officer: Any, clock: Any) -> None:
    wanted = replace(WANTED, phone="138 0013 8000")
    person = clients.register_client(wanted, actor=officer.actor, now=clock.now)
    assert (person.phone, person.phone_tail) == ("+8613800138000", "8000")


def test_registration_places_person_at_seat_of_residence(officer: Any, clock: Any) -> None:
    wanted = replace(
        WANTED, residence_division=factories.DIVISION, residence_address=" 幸福路 1 号 "
    )
    person = clients.register_client(wanted, actor=officer.actor, now=clock.now)
    assert (person.lat, person.lon) == (factories.LAT, factories.LON)
    assert person.residence_address == "幸福路 1 号"


def test_registration_is_audited_without_personal_data(officer: Any, clock: Any) -> None:
    person = clients.register_client(WANTED, actor=officer.actor, now=clock.now)
    entry = db.session.query(AuditEntry).filter_by(verb="client.register").one()
    assert entry.subject_pid == person.pid
    assert NUMBER not in str(entry.detail)
    assert person.name not in str(entry.detail)


def test_registration_accepts_person_without_number_when_marked(officer: Any, clock: Any) -> None:
    wanted = replace(
        WANTED, identity_number="", has_no_number=True, birth_date=date(1980, 1, 1), sex=Sex.FEMALE
    )
    person = clients.register_client(wanted, actor=officer.actor, now=clock.now)
    assert (person.id_number_digest, person.birth_date) == (None, date(1980, 1, 1))


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        pytest.param({"name": "  "}, "name", "required", id="name-blank"),
        pytest.param({"name": "赵" * 61}, "name", "name_too_long", id="name-long"),
        pytest.param({"name": "·。"}, "name", "name_unreadable", id="name-signs-only"),
        pytest.param(
            {"identity_number": NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2")},
            "identity_number",
            "identity_check_digit",
            id="check-digit",
        ),
        pytest.param({"identity_number": "123"}, "identity_number", "identity_length", id="short"),
        pytest.param(
            {"identity_number": ""}, "identity_number", "identity_or_mark", id="number-unmarked"
        ),
        pytest.param(
            {"identity_number": "", "has_no_number": True},
            "birth_date",
            "birth_date_required",
            id="neither-number-nor-birth-date",
        ),
        pytest.param(
            {"identity_number": "", "has_no_number": True, "birth_date": date(2026, 12, 1)},
            "birth_date",
            "birth_date_ahead",
            id="born-tomorrow",
        ),
        pytest.param(
            {"identity_number": "", "has_no_number": True, "birth_date": date(2020, 1, 1)},
            "birth_date",
            "birth_date_too_young",
            id="child",
        ),
        pytest.param(
            {"identity_number": "", "has_no_number": True, "birth_date": date(1890, 1, 1)},
            "birth_date",
            "birth_date_too_early",
            id="century-wrong",
        ),
        pytest.param(
            {"identity_number": identity_number(8, born=date(2020, 1, 1))},
            "birth_date",
            "birth_date_too_young",
            id="child-by-number",
        ),
        pytest.param(
            {"birth_date": date(1990, 3, 10)}, "birth_date", "birth_date_mismatch", id="mismatch"
        ),
        pytest.param({"phone": "12345"}, "phone", "phone_unknown_range", id="phone"),
        pytest.param(
            {"residence_division": "999999"}, "residence_division", "unknown_division", id="place"
        ),
        pytest.param(
            {"registered_division": "999999"},
            "registered_division",
            "unknown_division",
            id="register",
        ),
        pytest.param(
            {"released_on": date(2026, 11, 30)}, "released_on", "release_is_ahead", id="planned"
        ),
        pytest.param(
            {"released_on": date(1990, 1, 1)}, "released_on", "released_before_birth", id="born-in"
        ),
        pytest.param(
            {"registered_on": date(2026, 11, 25)}, "registered_on", "date_ahead", id="tomorrow"
        ),
        pytest.param(
            {"registered_on": date(2026, 11, 9)},
            "registered_on",
            "registered_before_release",
            id="before-release",
        ),
        pytest.param(
            {"stage": Stage.PRE_RELEASE},
            "registered_on",
            "registered_needs_stage",
            id="registered-but-waiting",
        ),
    ],
)
def test_registration_refuses_at_the_field(
    officer: Any, clock: Any, change: dict[str, Any], field: str, code: str
) -> None:
    found = _problems(replace(WANTED, **change), actor=officer.actor, now=clock.now)
    assert found[field] == code
    assert db.session.query(Client).count() == 0


def test_registration_names_all_problems_at_once(officer: Any, clock: Any) -> None:
    wanted = replace(WANTED, name="", identity_number="1", phone="x")
    found = _problems(wanted, actor=officer.actor, now=clock.now)
    assert set(found) == {"name", "identity_number", "phone"}


@pytest.mark.parametrize(
    "typed",
    [NUMBER, NUMBER.lower(), f" {NUMBER[:6]} {NUMBER[6:14]}-{NUMBER[14:]} ", "\u3000" + NUMBER],
    ids=["plain", "lower", "separated", "full-width-blank"],
)
def test_duplicate_is_named_when_it_is_in_scope(officer: Any, clock: Any, typed: str) -> None:
    known = clients.register_client(WANTED, actor=officer.actor, now=clock.now)
    found = clients.check_identity_number(typed, actor=officer.actor, now=clock.now)
    assert found.duplicate is known
    assert not found.is_free
    wanted = replace(WANTED, name="钱样二", identity_number=typed)
    problems = _problems(wanted, actor=officer.actor, now=clock.now)
    assert problems == {"identity_number": "client_registered_here"}


def test_duplicate_reveals_nothing_when_it_is_of_another_office(officer: Any, clock: Any) -> None:
    known = clients.register_client(WANTED, actor=officer.actor, now=clock.now)
    other = factories.UserFactory(role=Role.OFFICER)
    found = clients.check_identity_number(NUMBER, actor=other.actor, now=clock.now)
    assert found.duplicate is None
    assert found.elsewhere is not None
    with pytest.raises(InvalidFields) as raised:
        clients.register_client(WANTED, actor=other.actor, now=clock.now)
    (problem,) = raised.value.problems
    assert problem.code == "client_registered_elsewhere"
    assert known.pid not in str(problem.details) + str(problem)


def test_duplicate_is_visible_to_the_district(officer: Any, clock: Any) -> None:
    known = clients.register_client(WANTED, actor=officer.actor, now=clock.now)
    district = factories.UserFactory(role=Role.DISTRICT, unit=officer.unit.parent)
    found = clients.check_identity_number(NUMBER, actor=district.actor, now=clock.now)
    assert found.duplicate is known


def test_identity_number_is_refused_when_it_cannot_be_one(officer: Any, clock: Any) -> None:
    with pytest.raises(InvalidIdentityNumber):
        clients.check_identity_number("1", actor=officer.actor, now=clock.now)
    sound = factories.identity_number(1)
    found = clients.check_identity_number(sound, actor=officer.actor, now=clock.now)
    assert found.birth_date == date(1985, 5, 20)


def test_district_must_choose_one_of_its_offices(officer: Any, clock: Any) -> None:
    district = factories.UserFactory(role=Role.DISTRICT, unit=officer.unit.parent)
    stranger = factories.OfficeFactory()
    assert _problems(WANTED, actor=district.actor, now=clock.now) == {"office_pid": "required"}
    wanted = replace(WANTED, office_pid=stranger.pid)
    assert _problems(wanted, actor=district.actor, now=clock.now) == {
        "office_pid": "unknown_office"
    }
    wanted = replace(WANTED, office_pid=officer.unit.pid)
    person = clients.register_client(wanted, actor=district.actor, now=clock.now)
    assert (person.office, person.case_lead_id) == (officer.unit, None)


def test_officer_registers_in_own_office_whatever_is_sent(officer: Any, clock: Any) -> None:
    wanted = replace(WANTED, office_pid=factories.OfficeFactory().pid)
    person = clients.register_client(wanted, actor=officer.actor, now=clock.now)
    assert person.office_id == officer.unit_id


def test_client_of_another_office_does_not_exist(officer: Any) -> None:
    stranger, own = factories.ClientFactory(), factories.ClientFactory(office=officer.unit)
    with pytest.raises(NotFound):
        clients.get_client(stranger.pid, actor=officer.actor)
    assert clients.get_client(own.pid, actor=officer.actor) is own


def test_late_registration_asks_for_outreach(officer: Any, clock: Any) -> None:
    wanted = replace(WANTED, released_on=date(2026, 10, 1))
    person = clients.register_client(wanted, actor=officer.actor, now=clock.now)
    assert clients.registration_of(person, on=clock.today) is RegistrationStatus.LATE


def test_registration_is_unknown_when_a_served_person_has_no_day(officer: Any, clock: Any) -> None:
    person = factories.ClientFactory(office=officer.unit, registered_on=None)
    assert clients.registration_of(person, on=clock.today) is RegistrationStatus.UNKNOWN


def test_next_duty_is_registration_when_released_and_not_registered(
    officer: Any, clock: Any
) -> None:
    person = factories.ClientFactory(
        office=officer.unit,
        stage=Stage.PRE_RELEASE,
        released_on=date(2026, 11, 20),
        registered_on=None,
    )
    duty = clients.next_duty(person, actor=officer.actor, now=clock.now)
    assert duty is not None
    assert (duty.kind, duty.due_on) == (DutyKind.REGISTER, date(2026, 12, 5))


def test_case_leads_are_officers_of_the_office(officer: Any) -> None:
    factories.UserFactory(role=Role.OFFICER)
    factories.UserFactory(role=Role.OFFICER, unit=officer.unit, active=False)
    person = factories.ClientFactory(office=officer.unit)
    assert list(clients.list_case_leads(person)) == [officer]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("330402199003090071", True, id="eighteen"),
        pytest.param("33040219900309007x", True, id="x"),
        pytest.param("330402 19900309 0071", True, id="blanks"),
        pytest.param("３３０４０２１９９００３０９００７１", True, id="full-width"),
        pytest.param("330402900309007", True, id="fifteen"),
        pytest.param("13800138000", False, id="phone"),
        pytest.param("zhang", False, id="letters"),
    ],
)
def test_text_is_taken_for_identity_number_by_its_digits(text: str, expected: bool) -> None:
    assert client_search.is_identity_number(text) is expected
