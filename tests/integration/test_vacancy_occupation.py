"""An occupation taken from the title is marked, bars nobody, and is confirmed by a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from matchboard.domain.errors import Conflict, InvalidInput, NotAllowed, StaleEdit
from matchboard.domain.roles import Role
from matchboard.domain.vacancy import OccupationSource, VacancySource, VacancyState, Visibility
from matchboard.extensions import db
from matchboard.models import AuditEntry, Vacancy, VacancyEvent
from matchboard.ranking import tables
from matchboard.services import legal_gate, vacancy_editing
from matchboard.services.vacancy_occupation import confirm_occupation
from tests.client import QualityClient, words
from tests.conftest import Clock
from tests.factories import UserFactory, VacancyFactory

pytestmark = pytest.mark.usefixtures("app")
WELDER, SEWER = "6-18-02-04", "6-05-01-03"


def an_ad(**changes: Any) -> Vacancy:
    values: dict[str, Any] = {
        "source": VacancySource.EXTERNAL,
        "partner": None,
        "visibility": Visibility.OFFICERS,
        "title": "电焊工",
        "occupation_code": WELDER,
        "occupation_from": OccupationSource.TITLE,
        **changes,
    }
    vacancy: Vacancy = VacancyFactory(**values)
    return vacancy


def events(vacancy: Vacancy) -> list[str]:
    query = db.select(VacancyEvent.name).where(VacancyEvent.vacancy_id == vacancy.id)
    return list(db.session.scalars(query.order_by(VacancyEvent.id)))


# --- The rule -----------------------------------------------------------------------------------


def test_suggested_occupation_is_unknown_to_the_law_until_confirmed(clock: Clock) -> None:
    vacancy = an_ad()
    assert legal_gate.opening_scope(vacancy).occupation is None
    (row,) = next(iter(tables.opening_rows(Vacancy.id == vacancy.id)))
    assert (row.scope.occupation, row.cells["occupation"]) == (None, WELDER)
    actor = UserFactory(role=Role.OFFICER).actor
    version = vacancy.version
    confirm_occupation(vacancy, WELDER, seen=str(version), actor=actor, now=clock.now)
    assert legal_gate.opening_scope(vacancy).occupation == WELDER
    (row,) = next(iter(tables.opening_rows(Vacancy.id == vacancy.id)))
    assert row.scope.occupation == WELDER


def test_suggestion_needs_a_code() -> None:
    with pytest.raises(IntegrityError):
        an_ad(occupation_code=None)
    db.session.rollback()
    assert an_ad(occupation_code=None, occupation_from=None).occupation_code is None
    assert an_ad().occupation_suggested


@pytest.mark.parametrize(
    ("stored", "said_by", "confirmed", "n_events"),
    [
        pytest.param(WELDER, OccupationSource.TITLE, WELDER, 1, id="as-suggested"),
        pytest.param(WELDER, OccupationSource.TITLE, SEWER, 1, id="another-than-suggested"),
        pytest.param(None, None, WELDER, 1, id="unknown-before"),
        pytest.param(WELDER, OccupationSource.PERSON, WELDER, 0, id="pressed-twice"),
    ],
)
def test_confirming_stores_the_code_and_is_on_record(
    stored: str | None,
    said_by: OccupationSource | None,
    confirmed: str,
    n_events: int,
    clock: Clock,
) -> None:
    vacancy = an_ad(occupation_code=stored, occupation_from=said_by)
    actor = UserFactory(role=Role.DISTRICT).actor
    version = vacancy.version
    confirm_occupation(vacancy, confirmed, seen=str(version), actor=actor, now=clock.now)
    person = OccupationSource.PERSON
    assert (vacancy.occupation_code, vacancy.occupation_from) == (confirmed, person)
    assert events(vacancy) == ["occupation"] * n_events
    entries = db.session.scalars(
        db.select(AuditEntry).where(AuditEntry.verb == "vacancy.occupation")
    )
    assert len(list(entries)) == n_events


@pytest.mark.parametrize(
    ("changes", "code", "role", "error"),
    [
        pytest.param({}, "9-99-99-99", Role.OFFICER, InvalidInput, id="no-occupation"),
        pytest.param({}, "", Role.OFFICER, InvalidInput, id="empty"),
        pytest.param(
            {"occupation_from": OccupationSource.PERSON},
            SEWER,
            Role.OFFICER,
            Conflict,
            id="confirmed-meanwhile",
        ),
        pytest.param({"state": VacancyState.CLOSED}, WELDER, Role.OFFICER, Conflict, id="over"),
        pytest.param({}, WELDER, Role.ENTERPRISE, NotAllowed, id="not-staff"),
    ],
)
def test_confirming_is_refused(
    changes: dict[str, Any], code: str, role: Role, error: type[Exception], clock: Clock
) -> None:
    vacancy = an_ad(**changes)
    actor, version = UserFactory(role=role).actor, vacancy.version
    with pytest.raises(error):
        confirm_occupation(vacancy, code, seen=str(version), actor=actor, now=clock.now)
    assert events(vacancy) == []
    sound, officer = an_ad(external_ref="sound"), UserFactory(role=Role.OFFICER).actor
    confirm_occupation(sound, WELDER, seen=str(sound.version), actor=officer, now=clock.now)
    assert len(events(sound)) == 1


def test_confirming_is_refused_when_the_opening_has_another_title_since(clock: Clock) -> None:
    vacancy = an_ad()
    actor, before = UserFactory(role=Role.OFFICER).actor, str(vacancy.version)
    vacancy.title = "裁缝"
    db.session.flush()
    for stale in (before, ""):
        with pytest.raises(StaleEdit):
            confirm_occupation(vacancy, WELDER, seen=stale, actor=actor, now=clock.now)
    assert events(vacancy) == []
    fresh = str(vacancy.version)
    confirm_occupation(vacancy, SEWER, seen=fresh, actor=actor, now=clock.now)
    assert events(vacancy) == ["occupation"]


@pytest.mark.parametrize(
    ("code", "said_by"),
    [
        (WELDER, OccupationSource.TITLE),
        (SEWER, OccupationSource.PERSON),
        (None, OccupationSource.PERSON),
    ],
)
def test_editing_confirms_only_what_it_changes(
    code: str | None, said_by: OccupationSource, clock: Clock
) -> None:
    vacancy = an_ad()
    values = replace(vacancy_editing.input_of(vacancy), occupation_code=code, headcount=7)
    actor = UserFactory(role=Role.OFFICER).actor
    version = vacancy.version
    vacancy_editing.edit_vacancy(
        vacancy, values, expected_version=version, actor=actor, now=clock.now
    )
    assert (vacancy.headcount, vacancy.occupation_from) == (7, said_by)


def test_copy_starts_without_an_occupation_nobody_confirmed() -> None:
    assert vacancy_editing.copy_of(an_ad()).occupation_code is None
    assert vacancy_editing.copy_of(an_ad(occupation_from=None)).occupation_code == WELDER


# --- The page -----------------------------------------------------------------------------------


def test_officer_confirms_the_suggested_occupation_with_one_press(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    vacancy = an_ad()
    path = f"/vacancies/{vacancy.pid}"
    page = client.get_page(path)
    assert page.has_text("（按名称推测，请核对）")
    first = page.all(f"form[action='{path}/occupation']")[0]
    assert words(first) == "确认是“焊工”"
    code = first.select_one("[name=occupation_code]")
    assert code is not None
    sent = {"occupation_code": code["value"], "version": vacancy.version}
    page = client.post(f"{path}/occupation", sent, follow=True)
    assert page.has_text("职业已核对：焊工。")
    assert not page.has_text("按名称推测")
    assert page.all(f"form[action='{path}/occupation']") == []
    assert page.has_text("核对职业")  # in the history


def test_officer_is_offered_what_an_open_title_may_mean(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    vacancy = an_ad(title="前台", occupation_code=None, occupation_from=None)
    page = client.get_page(f"/vacancies/{vacancy.pid}")
    assert page.has_text("职业还不清楚。按岗位名称，可能是：")
    assert len(page.all(f"form[action='/vacancies/{vacancy.pid}/occupation']")) > 1


@pytest.mark.usefixtures("on_one_database")
def test_officer_is_sent_to_the_form_when_the_title_says_nothing(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    vacancy = an_ad(title="还没想好", occupation_code=None, occupation_from=None)
    page = client.get_page(f"/vacancies/{vacancy.pid}")
    assert page.has_text("从岗位名称也看不出")
    assert f"/vacancies/{vacancy.pid}/edit" in page.links()


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("changes", "code", "status", "said"),
    [
        ({}, "9-99-99-99", 422, "职业"),
        ({}, "", 422, "职业"),
        ({"occupation_from": OccupationSource.PERSON}, SEWER, 409, "别人刚刚核对过职业"),
        ({"state": VacancyState.CLOSED}, WELDER, 409, "不能再修改"),
    ],
    ids=["unknown", "empty", "confirmed-meanwhile", "over"],
)
def test_page_says_why_an_occupation_is_not_confirmed(
    changes: dict[str, Any], code: str, status: int, said: str, client: QualityClient
) -> None:
    client.sign_in(Role.OFFICER)
    vacancy = an_ad(**changes)
    page = client.post(
        f"/vacancies/{vacancy.pid}/occupation",
        {"occupation_code": code, "version": vacancy.version},
        status=status,
    )
    assert page.has_text("这一步没有完成：")
    assert page.has_text(said)


@pytest.mark.usefixtures("on_one_database")
def test_edit_form_marks_the_suggested_occupation(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    path = f"/vacancies/{an_ad().pid}"
    page = client.get_page(f"{path}/edit")
    assert page.has_text("职业是按名称推测的，还没有人核对。")
    assert path in page.links()
