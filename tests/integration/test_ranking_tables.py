"""What the ranking reads of a person and an opening: every cell, known and unknown."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import true, update

from matchboard.domain.calendar import BEIJING
from matchboard.domain.client import EmploymentType, Shift
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import db
from matchboard.models import ClientExperience, Vacancy
from matchboard.ranking import tables
from tests import factories
from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("app")


def opening(vacancy: Vacancy) -> tables.OpeningRow:
    (batch,) = tables.opening_rows(Vacancy.id == vacancy.id)
    (row,) = batch
    return row


def test_cells_of_an_opening_are_what_stands_in_it(clock: Clock) -> None:
    vacancy = factories.VacancyFactory(
        title="电工",
        duties="装配。",
        conditions="持证。",
        education_min=3,
        exertion=2,
        shift=Shift.DAY,
        lodging_provided=True,
        headcount=5,
        n_reserved=1,
        n_filled=2,
        requirements=[
            ("sew.flat", 2, "required"),
            ("sew.overlock", None, "required"),
            ("cook.homestyle", 3, "preferred"),
            ("cert.swo.lowvolt", None, "certificate"),
        ],
    )
    other = factories.VacancyFactory(requirements=[("cook.homestyle", 1, "required")])
    row = opening(vacancy)
    assert row.cells == {
        "vacancy_id": vacancy.pid,
        "partner_id": vacancy.partner.pid,
        "occupation": "6-05-01-03",
        "title": "电工",
        "text": "装配。 持证。",
        "lat": factories.LAT,
        "lon": factories.LON,
        "wage_min_cny_month": 4500,
        "wage_max_cny_month": 6000,
        "education_min": 3,
        "exertion": 2,
        "shift": "day",
        "lodging_provided": 1,
        "employment_type": "full_time",
        "headcount": 5,
        "open_on": date(2026, 11, 1),
        "close_on": date(2027, 1, 30),
        "skills_required": [("sew.flat", 2), "sew.overlock"],
        "skills_preferred": [("cook.homestyle", 3)],
        "certificates_required": ["cert.swo.lowvolt"],
        "places_left": 2,
    }
    assert (row.pid, row.is_open, row.places_left) == (vacancy.pid, True, 2)
    assert "places_left" not in row.cells_at_opening
    assert opening(other).cells["skills_required"] == [("cook.homestyle", 1)]


def test_cells_of_an_opening_are_unknown_when_nothing_was_said(clock: Clock) -> None:
    advertised = factories.ExternalVacancyFactory(
        duties="",
        conditions="包住。",
        lat=None,
        lon=None,
        wage_min_cny_month=None,
        wage_max_cny_month=None,
        shift=None,
        lodging_provided=None,
        employment_type=None,
        close_on=None,
        state=VacancyState.PAUSED,
    )
    row = opening(advertised)
    unknown = {name for name, cell in row.cells.items() if cell is None}
    assert unknown == {
        *("lat", "lon", "wage_min_cny_month", "wage_max_cny_month", "education_min", "exertion"),
        *("shift", "lodging_provided", "employment_type", "close_on"),
    }
    assert (row.cells["partner_id"], row.cells["text"]) == (advertised.external_employer, "包住。")
    assert not row.is_open
    assert not {"skills_required", "skills_preferred", "certificates_required"} & set(row.cells)
    without = factories.VacancyFactory(lodging_provided=False, shift=Shift.NIGHT)
    assert (opening(without).cells["lodging_provided"], opening(without).cells["shift"]) == (
        0,
        "night",
    )


def test_legal_scope_of_an_opening_is_of_the_opening_and_its_employer(clock: Clock) -> None:
    partner = factories.PartnerFactory(employer_kinds=["school"])
    vacancy = factories.VacancyFactory(
        partner=partner,
        posts=["post.a"],
        licences=["cpa"],
        requirements=[("cert.swo.lowvolt", None, "certificate"), ("sew.flat", 2, "required")],
    )
    scope = asdict(opening(vacancy).scope)
    known = {name: set(value) for name, value in scope.items() if isinstance(value, frozenset)}
    assert {"school"} in known.values()
    assert {"post.a"} in known.values()
    assert {"cpa"} in known.values()
    assert {"cert.swo.lowvolt"} in known.values()


def test_openings_come_in_batches_and_each_once(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "BATCH", 2)
    made = [factories.VacancyFactory().pid for _ in range(5)]
    batches = list(tables.opening_rows(true()))
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert [row.pid for batch in batches for row in batch] == made
    assert list(tables.opening_rows(Vacancy.pid == "none")) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("state", VacancyState.PAUSED),
        ("n_reserved", 1),
        ("n_filled", 1),
        ("title", "另一个"),
        ("updated_at", factories.NOW + timedelta(seconds=1)),
    ],
)
def test_fingerprint_changes_when_the_opening_does(column: str, value: Any, clock: Clock) -> None:
    vacancy = factories.VacancyFactory(headcount=3)
    before = tables.fingerprint_of(vacancy)
    assert tables.fingerprint_of(vacancy) == before == opening(vacancy).fingerprint
    # A statement of its own, as places are taken: it leaves the version as it is.
    db.session.execute(update(Vacancy).where(Vacancy.id == vacancy.id).values({column: value}))
    db.session.expire(vacancy)
    if column == "title":
        vacancy.duties = "另一些。"  # a form's change counts the version up
        db.session.flush()
    assert tables.fingerprint_of(vacancy) != before


def test_cells_of_a_person_are_what_stands_in_the_profile(clock: Clock) -> None:
    today = clock.today
    person = factories.ClientFactory(
        skills=[("sew.flat", 3), ("cook.homestyle", 1)],
        max_commute_km=12.5,
        wage_expected_cny_month=4200,
        education=2,
        desired_occupations=["6-05-01-03"],
        shifts_ok=["day"],
        needs_lodging=False,
        exertion_max=2,
        employment_types_ok=["full_time"],
        available_on=date(2026, 12, 1),
        registered_on=today - timedelta(days=10),
        wishes="离家近。",
    )
    person.skills[1].level = None
    for code, expires_on in (
        ("cert.valid", None),
        ("cert.today", today),
        ("cert.over", today - timedelta(days=1)),
    ):
        factories.ClientCertificateFactory(client_id=person.id, code=code, expires_on=expires_on)
    for occupation, title, months in (
        ("6-05-01-03", "平车工", 24),
        (None, "帮工", 6),
        ("4-03-02-01", "", None),
    ):
        db.session.add(
            ClientExperience(
                client_id=person.id, occupation_code=occupation, title=title, months=months
            )
        )
    db.session.flush()
    db.session.expire(person)
    cells = tables.client_cells(person, today=today, trained_on=date(2026, 11, 1))
    assert cells == {
        "client_id": person.pid,
        "lat": factories.LAT,
        "lon": factories.LON,
        "max_commute_km": 12.5,
        "wage_expected_cny_month": 4200,
        "education": 2,
        "skills": [("sew.flat", 3), "cook.homestyle"],
        "certificates": ["cert.valid", "cert.today"],
        "experience": [("6-05-01-03", 24), ("4-03-02-01", 0)],
        "desired_occupations": ["6-05-01-03"],
        "shifts_ok": ["day"],
        "needs_lodging": 0,
        "exertion_max": 2,
        "employment_types_ok": ["full_time"],
        "available_on": date(2026, 12, 1),
        "trained_on": date(2026, 11, 1),
        "waiting_days": 10,
        "text": "离家近。 平车工 帮工",
    }


def test_cells_of_a_person_are_unknown_when_nothing_was_said(clock: Clock) -> None:
    person = factories.ClientFactory(
        lat=None,
        lon=None,
        registered_on=None,
        # Half past midnight in Beijing; in UTC the day before.
        created_at=datetime(2026, 11, 20, 0, 30, tzinfo=BEIJING),
    )
    db.session.expire(person)  # as it is read, in UTC
    cells = tables.client_cells(person, today=clock.today, trained_on=None)
    assert {name: cell for name, cell in cells.items() if cell is not None} == {
        "client_id": person.pid,
        "certificates": [],
        "waiting_days": 4,
        "text": "",
    }
    person.registered_on = clock.today + timedelta(days=3)  # typed ahead
    assert tables.client_cells(person, today=clock.today, trained_on=None)["waiting_days"] == 0


def test_last_training_is_the_last_course_finished(clock: Clock) -> None:
    person, other = factories.ClientFactory(), factories.ClientFactory()
    for who, state, on in (
        (person, "completed", date(2026, 9, 1)),
        (person, "completed", date(2026, 10, 1)),
        (person, "completed", date(2026, 8, 1)),
        (person, "completed", None),
        (person, "dropped_out", date(2026, 11, 1)),
        (other, "dropped_out", date(2026, 11, 2)),
    ):
        factories.EnrolmentFactory(client=who, state=state, result_on=on)
    assert tables.last_trained_on([person.id, other.id]) == {person.id: date(2026, 10, 1)}
    assert tables.last_trained_on([other.id]) == {}
    table = tables.clients_table([person, other], today=clock.today)
    assert len(table) == 2


def test_past_openings_do_not_say_how_many_places_are_left(clock: Clock) -> None:
    vacancy = factories.VacancyFactory(headcount=4, n_filled=1, state=VacancyState.CLOSED)
    assert opening(vacancy).places_left == 3
    assert EmploymentType.FULL_TIME.value == opening(vacancy).cells["employment_type"]
    assert len(tables.past_vacancies_table(Vacancy.id == vacancy.id)) == 1
    assert len(tables.past_vacancies_table(Vacancy.id != vacancy.id)) == 0
