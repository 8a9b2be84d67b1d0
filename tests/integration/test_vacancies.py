"""Openings: lifecycle, checks, edits and places, through the services."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from matchboard.domain.client import EmploymentType
from matchboard.domain.errors import (
    Conflict,
    HeadcountExhausted,
    InvalidFields,
    InvalidInput,
    NotAllowed,
    NotFound,
    StaleEdit,
)
from matchboard.domain.organisation import PartnerState
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import SYSTEM, Actor, Role
from matchboard.domain.vacancy import (
    VACANCY_STEPS,
    RequirementKind,
    VacancySource,
    VacancyState,
    Visibility,
)
from matchboard.extensions import db
from matchboard.models import AuditEntry, Vacancy, VacancyEvent
from matchboard.services import vacancies, vacancy_editing
from matchboard.services.vacancy_editing import Requirement, VacancyInput
from tests.conftest import Clock
from tests.factories import (
    PartnerFactory,
    PlacementFactory,
    UserFactory,
    VacancyFactory,
)

pytestmark = pytest.mark.usefixtures("app")
S = VacancyState


def an_actor(role: Role, partner: Any = None) -> Actor:
    user = UserFactory(role=role, unit=partner.unit) if partner else UserFactory(role=role)
    actor: Actor = user.actor
    return actor


def lawful(**changes: Any) -> VacancyInput:
    """Return an opening no check has anything to say about."""
    values = VacancyInput(
        title="缝纫工",
        occupation_code="6-05-01-03",
        duties="平车缝制工作服，计件。",
        conditions="不限经验，可带教。",
        division_code="330402",
        address="示范路2号",
        wage_min_cny_month=4500,
        wage_max_cny_month=6000,
        employment_type=EmploymentType.FULL_TIME,
        contract_months=12,
        deposit_free=True,
        headcount=2,
    )
    return replace(values, **changes)


def in_state(state: VacancyState, **attributes: Any) -> Vacancy:
    """Return an opening that passes the checks, in a state."""
    values = lawful()
    plain = {
        name: getattr(values, name)
        for name in ("title", "duties", "conditions", "address", "wage_min_cny_month")
    }
    given = {
        "state": state,
        "headcount": 2,
        "deposit_free": True,
        "division_code": "330402",
        "employment_type": EmploymentType.FULL_TIME,
        "wage_max_cny_month": 6000,
        "close_on": date(2027, 1, 1),
        "open_on": None,
        **plain,
        **attributes,
    }
    vacancy: Vacancy = VacancyFactory(**given)
    return vacancy


# --- Lifecycle ------------------------------------------------------------------------------------


def test_opening_reaches_the_board_when_sent_and_approved(clock: Clock) -> None:
    partner = PartnerFactory()
    employer, district = an_actor(Role.ENTERPRISE, partner), an_actor(Role.DISTRICT)
    vacancy = vacancy_editing.create_vacancy(
        lawful(), partner=partner, actor=employer, now=clock.now
    )
    assert vacancy.state is S.DRAFT
    vacancies.advance(vacancy, "submit", actor=employer, now=clock.now)
    assert vacancy.state is S.IN_REVIEW
    assert vacancy.close_on == clock.today + timedelta(days=90)
    vacancies.advance(vacancy, "approve", actor=district, now=clock.now)
    assert vacancy.state is S.OPEN
    assert vacancy.open_on == vacancy.confirmed_on == clock.today
    assert [e.name for e in vacancies.history(vacancy)] == ["approve", "submit", "create"]
    verbs = db.session.scalars(db.select(AuditEntry.verb).order_by(AuditEntry.id)).all()
    assert verbs == ["vacancy.create", "vacancy.submit", "vacancy.approve"]


ROLES = (Role.OFFICER, Role.DISTRICT, Role.ENTERPRISE, Role.SYSTEM)
CELLS = [
    pytest.param(state, step, role, id=f"{state.value}-{step}-{role.value}")
    for state in VacancyState
    for step in VACANCY_STEPS
    for role in ROLES
]


@pytest.mark.usefixtures("on_one_database")
def test_step_is_made_or_refused_as_the_table_says_when_tried_from_every_state(
    clock: Clock,
) -> None:
    partner = PartnerFactory()
    actors = {role: Actor(role=role, unit_id=partner.unit_id) for role in ROLES[:3]}
    actors[Role.SYSTEM] = SYSTEM
    for cell in CELLS:
        state, step_name, role = cell.values
        step = VACANCY_STEPS[step_name]
        vacancy = in_state(state, partner=partner, n_filled=1, n_reserved=0)
        if role not in step.roles:
            expected: type[Exception] | None = NotAllowed
        elif state not in step.sources:
            expected = Conflict
        else:
            expected = None
        arguments = {"actor": actors[role], "now": clock.now, "reason": "说明"}
        if expected is None:
            vacancies.advance(vacancy, step_name, **arguments)
            assert vacancy.state is step.target, cell.id
        else:
            with pytest.raises(expected):
                vacancies.advance(vacancy, step_name, **arguments)
            assert vacancy.state is state, cell.id


def test_step_is_refused_when_there_is_none_of_that_name(clock: Clock) -> None:
    vacancy, district = in_state(S.DRAFT), an_actor(Role.DISTRICT)
    with pytest.raises(NotFound):
        vacancies.advance(vacancy, "teleport", actor=district, now=clock.now)
    vacancies.advance(vacancy, "submit", actor=district, now=clock.now)
    assert vacancy.state is S.IN_REVIEW


@pytest.mark.parametrize("reason", ["", "  ", "长" * 401], ids=["empty", "blank", "too long"])
def test_return_is_refused_when_the_reason_is(reason: str, clock: Clock) -> None:
    vacancy = in_state(S.IN_REVIEW)
    with pytest.raises(InvalidInput) as error:
        vacancies.advance(
            vacancy, "return", actor=an_actor(Role.DISTRICT), now=clock.now, reason=reason
        )
    assert error.value.field == "reason"
    assert vacancy.state is S.IN_REVIEW


def test_return_tells_the_employer_why_when_sent_back(clock: Clock) -> None:
    vacancy = in_state(S.IN_REVIEW)
    vacancies.advance(
        vacancy, "return", actor=an_actor(Role.DISTRICT), now=clock.now, reason="请写明班次"
    )
    assert (vacancy.state, vacancy.state_reason) == (S.DRAFT, "请写明班次")
    assert vacancies.history(vacancy)[0].detail == {"reason": "请写明班次"}


REFUSED = {
    "no duties": ({"duties": ""}, "duties", "posting_duties_missing"),
    "no conditions": ({"conditions": ""}, "conditions", "posting_conditions_missing"),
    "no place": ({"division_code": None}, "division_code", "posting_place_missing"),
    "no pay": (
        {"wage_min_cny_month": None, "wage_max_cny_month": None},
        "wage_min_cny_month",
        "posting_pay_missing",
    ),
    "pay below the minimum": (
        {"wage_min_cny_month": 900, "wage_max_cny_month": 1200},
        "wage_min_cny_month",
        "posting_pay_below_minimum",
    ),
    "deposit not excluded": (
        {"deposit_free": False},
        "deposit_free",
        "posting_deposit_statement_missing",
    ),
    "men only": ({"conditions": "限男性"}, "conditions", "posting_sex_condition"),
    "one people only": ({"conditions": "限汉族"}, "conditions", "posting_ethnicity_condition"),
    "probation too long": (
        {"probation_months": 3},
        "probation_months",
        "posting_probation_too_long",
    ),
    "part time all day": (
        {
            "employment_type": EmploymentType.PART_TIME,
            "wage_hourly_cny": 40,
            "hours_per_day": 8,
            "hours_per_week": 20,
        },
        "hours_per_day",
        "posting_part_time_hours_exceeded",
    ),
    "over already": (
        {"open_on": date(2026, 11, 1), "close_on": date(2026, 11, 23)},
        "close_on",
        "posting_validity_over",
    ),
}


@pytest.mark.parametrize(("changes", "field", "code"), REFUSED.values(), ids=list(REFUSED))
def test_sending_to_review_is_refused_at_the_field_when_a_law_forbids_it(
    changes: dict[str, Any], field: str, code: str, clock: Clock
) -> None:
    partner = PartnerFactory()
    actor = an_actor(Role.ENTERPRISE, partner)
    vacancy = vacancy_editing.create_vacancy(
        lawful(**changes), partner=partner, actor=actor, now=clock.now
    )
    with pytest.raises(InvalidFields) as error:
        vacancies.advance(vacancy, "submit", actor=actor, now=clock.now)
    found = {(p.field, p.code): p for p in error.value.problems}
    assert (field, code) in found
    assert "§" in found[field, code].details["articles"]
    assert vacancy.state is S.DRAFT


def test_approval_needs_a_note_when_something_is_to_be_weighed(clock: Clock) -> None:
    district = an_actor(Role.DISTRICT)
    vacancy = in_state(S.IN_REVIEW, conditions="无纹身")
    with pytest.raises(InvalidInput) as error:
        vacancies.advance(vacancy, "approve", actor=district, now=clock.now)
    assert (error.value.code, error.value.field) == ("approval_note_needed", "reason")
    vacancies.advance(vacancy, "approve", actor=district, now=clock.now, reason="前台岗位，已核实")
    assert (vacancy.state, vacancy.confirmed_on) == (S.OPEN, clock.today)
    assert vacancies.history(vacancy)[0].detail == {"reason": "前台岗位，已核实"}


def test_form_is_told_what_is_refused_and_not_what_is_to_be_weighed(clock: Clock) -> None:
    def found(**changes: Any) -> list[str | None]:
        asked = {"partner": PartnerFactory(), "actor": an_actor(Role.OFFICER), "now": clock.now}
        problems = vacancy_editing.faults(lawful(**changes), is_sent=True, **asked)
        return [problem.field for problem in problems]

    assert found() == found(conditions="无纹身") == []
    assert found(wage_min_cny_month=500, conditions="无纹身") == ["wage_min_cny_month"]


@pytest.mark.parametrize("state", [PartnerState.PENDING, PartnerState.SUSPENDED])
@pytest.mark.parametrize("step", ["submit", "approve", "resume", "refill"])
def test_step_towards_recruiting_is_refused_when_the_employer_is_not_active(
    step: str, state: PartnerState, clock: Clock
) -> None:
    source = next(iter(VACANCY_STEPS[step].sources))
    vacancy = in_state(source, partner=PartnerFactory(state=state))
    with pytest.raises(Conflict) as error:
        vacancies.advance(vacancy, step, actor=an_actor(Role.DISTRICT), now=clock.now)
    assert error.value.code == "partner_not_active"


def test_submitting_is_refused_when_every_place_is_taken(clock: Clock) -> None:
    vacancy = in_state(S.DRAFT, n_filled=2)
    with pytest.raises(InvalidInput) as error:
        vacancies.advance(vacancy, "submit", actor=an_actor(Role.DISTRICT), now=clock.now)
    assert (error.value.code, error.value.field) == ("no_place_left", "headcount")


def test_resuming_is_refused_when_the_validity_is_over(clock: Clock) -> None:
    vacancy = in_state(S.PAUSED, close_on=date(2026, 11, 23))
    with pytest.raises(Conflict):
        vacancies.advance(vacancy, "resume", actor=an_actor(Role.DISTRICT), now=clock.now)
    vacancy.close_on = clock.today  # its last day
    vacancies.advance(vacancy, "resume", actor=an_actor(Role.DISTRICT), now=clock.now)
    assert vacancy.state is S.OPEN


@pytest.mark.parametrize(("n_filled", "state"), [(1, S.OPEN), (2, S.FILLED)])
def test_resuming_opens_on_the_last_valid_day_unless_every_place_was_taken_meanwhile(
    n_filled: int, state: VacancyState, clock: Clock
) -> None:
    vacancy = in_state(S.PAUSED, close_on=clock.today, n_filled=n_filled)
    vacancies.advance(vacancy, "resume", actor=an_actor(Role.DISTRICT), now=clock.now)
    assert vacancy.state is state


def test_renewing_makes_a_draft_without_dates_when_expired(clock: Clock) -> None:
    vacancy = in_state(S.EXPIRED, close_on=date(2026, 11, 1), open_on=date(2026, 8, 1))
    vacancies.advance(vacancy, "renew", actor=an_actor(Role.DISTRICT), now=clock.now)
    assert (vacancy.state, vacancy.open_on, vacancy.close_on) == (S.DRAFT, None, None)


def test_confirming_starts_the_validity_anew_when_open(clock: Clock) -> None:
    vacancy = in_state(S.OPEN, close_on=date(2026, 11, 30))
    vacancies.confirm_validity(vacancy, actor=an_actor(Role.DISTRICT), now=clock.now)
    assert vacancy.close_on == clock.today + timedelta(days=90)
    assert vacancy.confirmed_on == clock.today
    with pytest.raises(Conflict):
        vacancies.confirm_validity(in_state(S.CLOSED), actor=an_actor(Role.DISTRICT), now=clock.now)


def test_openings_expire_when_past_their_last_day(clock: Clock) -> None:
    past = [in_state(state, close_on=date(2026, 11, 23)) for state in (S.OPEN, S.PAUSED)]
    kept = [
        in_state(S.OPEN, close_on=date(2026, 11, 24)),
        in_state(S.OPEN, close_on=None),
        in_state(S.DRAFT, close_on=date(2026, 11, 23)),
    ]
    assert vacancies.expire_due(now=clock.now) == 2
    assert vacancies.expire_due(now=clock.now) == 0
    assert {v.state for v in past} == {S.EXPIRED}
    assert [v.state for v in kept] == [S.OPEN, S.OPEN, S.DRAFT]


# --- Writing --------------------------------------------------------------------------------------


def test_opening_is_stored_as_typed_when_created(clock: Clock) -> None:
    partner = PartnerFactory()
    values = lawful(
        lodging_provided=True,
        posts=("sales_staff",),
        requirements=(
            Requirement("sew.flat", RequirementKind.REQUIRED, 3),
            Requirement("cert.health", RequirementKind.CERTIFICATE),
        ),
    )
    vacancy = vacancy_editing.create_vacancy(
        values, partner=partner, actor=an_actor(Role.OFFICER), now=clock.now
    )
    db.session.expire_all()
    stored = vacancy_editing.input_of(vacancy)
    assert set(stored.requirements) == set(values.requirements)
    assert replace(stored, requirements=()) == replace(values, requirements=())
    assert (vacancy.lat, vacancy.lon) == (partner.lat, partner.lon)
    assert vacancy.wage_top_cny_month == 6000


def test_opening_lies_at_its_divisions_seat_when_the_employer_is_elsewhere(clock: Clock) -> None:
    vacancy = vacancy_editing.create_vacancy(
        lawful(division_code="510114"),
        partner=PartnerFactory(division_code="330402"),
        actor=an_actor(Role.OFFICER),
        now=clock.now,
    )
    assert vacancy.lat == pytest.approx(30.8, abs=0.2)


WRONG = {
    "no title": ({"title": "  "}, "title"),
    "unknown occupation": ({"occupation_code": "9-99-99-99"}, "occupation_code"),
    "unknown division": ({"division_code": "999999"}, "division_code"),
    "wages crossed": ({"wage_min_cny_month": 7000}, "wage_max_cny_month"),
    "negative wage": ({"wage_min_cny_month": -1}, "wage_min_cny_month"),
    "huge wage": ({"wage_max_cny_month": 10**9}, "wage_max_cny_month"),
    "no people": ({"headcount": 0}, "headcount"),
    "too many people": ({"headcount": 10**6}, "headcount"),
    "25 hours": ({"hours_per_day": 25}, "hours_per_day"),
    "200 hours": ({"hours_per_week": 200}, "hours_per_week"),
    "negative contract": ({"contract_months": -1}, "contract_months"),
    "schooling off the scale": ({"education_min": 9}, "education_min"),
    "exertion off the scale": ({"exertion": 0}, "exertion"),
    "dates crossed": (
        {"open_on": date(2027, 1, 2), "close_on": date(2027, 1, 1)},
        "close_on",
    ),
    "unknown skill": (
        {"requirements": (Requirement("no.such", RequirementKind.REQUIRED),)},
        "skills_required",
    ),
    "unknown certificate": (
        {"requirements": (Requirement("no.such", RequirementKind.CERTIFICATE),)},
        "certificates_required",
    ),
    "skill twice": (
        {
            "requirements": (
                Requirement("sew.flat", RequirementKind.REQUIRED, 1),
                Requirement("sew.flat", RequirementKind.REQUIRED, 2),
            )
        },
        "requirements",
    ),
    "unknown post": ({"posts": ("king",)}, "posts"),
    "unknown licence": ({"licences": ("to_kill",)}, "licences"),
}


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(("changes", "field"), WRONG.values(), ids=list(WRONG))
def test_opening_is_refused_at_the_field_when_a_value_is_wrong(
    changes: dict[str, Any], field: str, clock: Clock
) -> None:
    with pytest.raises(InvalidFields) as error:
        vacancy_editing.create_vacancy(
            lawful(**changes),
            partner=PartnerFactory(),
            actor=an_actor(Role.OFFICER),
            now=clock.now,
        )
    assert field in [p.field for p in error.value.problems]
    assert db.session.scalar(db.select(db.func.count()).select_from(Vacancy)) == 0


def test_draft_may_be_prepared_by_the_employer_but_not_by_officers_when_not_vetted(
    clock: Clock,
) -> None:
    partner = PartnerFactory(state=PartnerState.PENDING)
    own = an_actor(Role.ENTERPRISE, partner)
    vacancy = vacancy_editing.create_vacancy(lawful(), partner=partner, actor=own, now=clock.now)
    assert vacancy.state is S.DRAFT
    with pytest.raises(InvalidFields) as error:
        vacancy_editing.create_vacancy(
            lawful(), partner=partner, actor=an_actor(Role.OFFICER), now=clock.now
        )
    assert error.value.problems[0].code == "partner_not_active"


def test_opening_of_another_employer_is_not_found_when_an_employer_asks(clock: Clock) -> None:
    vacancy = in_state(S.OPEN)
    stranger = an_actor(Role.ENTERPRISE)
    with pytest.raises(NotFound):
        vacancies.get_vacancy(vacancy.pid, actor=stranger)
    with pytest.raises(NotFound):
        vacancy_editing.create_vacancy(
            lawful(), partner=vacancy.partner, actor=stranger, now=clock.now
        )
    own = an_actor(Role.ENTERPRISE, vacancy.partner)
    assert vacancies.get_vacancy(vacancy.pid, actor=own) is vacancy
    made = vacancy_editing.create_vacancy(
        lawful(), partner=vacancy.partner, actor=own, now=clock.now
    )
    assert made.state is S.DRAFT


def edit(vacancy: Vacancy, clock: Clock, actor: Actor, **changes: Any) -> Vacancy:
    values = replace(vacancy_editing.input_of(vacancy), **changes)
    return vacancy_editing.edit_vacancy(
        vacancy, values, expected_version=vacancy.version, actor=actor, now=clock.now
    )


def test_edit_is_recorded_with_its_fields_when_saved(clock: Clock) -> None:
    vacancy = in_state(S.OPEN)
    edit(vacancy, clock, an_actor(Role.OFFICER), address="新路3号", headcount=3)
    event = vacancies.history(vacancy)[0]
    assert (event.name, event.detail) == ("edit", {"fields": ["address", "headcount"]})


def test_opening_moves_with_its_division_when_edited_and_stays_when_not(clock: Clock) -> None:
    vacancy = in_state(S.DRAFT)
    own = (vacancy.partner.lat, vacancy.partner.lon)
    vacancy.lat, vacancy.lon = 30.5, 120.5  # where it is, not its division's seat
    edit(vacancy, clock, an_actor(Role.OFFICER), headcount=3)
    assert (vacancy.lat, vacancy.lon) == (30.5, 120.5)
    edit(vacancy, clock, an_actor(Role.OFFICER), division_code="510114")
    assert (vacancy.lat, vacancy.lon) == pytest.approx((30.8, 104.2), abs=0.2)
    edit(vacancy, clock, an_actor(Role.OFFICER), division_code="330402")
    assert (vacancy.lat, vacancy.lon) == own
    vacancy.lat, vacancy.lon = 30.5, 120.5
    edit(vacancy, clock, an_actor(Role.OFFICER), address="另一条路1号")
    assert (vacancy.lat, vacancy.lon) == own


def test_edit_replaces_requirements_when_they_are_stated_anew(clock: Clock) -> None:
    vacancy = in_state(S.OPEN)
    actor = an_actor(Role.OFFICER)
    required, preferred = RequirementKind.REQUIRED, RequirementKind.PREFERRED
    first = (Requirement("sew.flat", required, 2), Requirement("weld.arc", preferred, 3))
    edit(vacancy, clock, actor, requirements=first)
    second = (Requirement("sew.flat", required, 4), Requirement("weld.tig", preferred))
    edit(vacancy, clock, actor, requirements=second)
    assert set(vacancy_editing.input_of(vacancy).requirements) == set(second)


def test_edit_records_nothing_when_nothing_changed(clock: Clock) -> None:
    vacancy = in_state(S.OPEN)
    version = vacancy.version
    edit(vacancy, clock, an_actor(Role.OFFICER))
    assert vacancy.version == version
    assert vacancies.history(vacancy) == []


def test_edit_is_stale_when_somebody_saved_before(clock: Clock) -> None:
    vacancy = in_state(S.OPEN)
    actor = an_actor(Role.OFFICER)
    opened = vacancy.version
    edit(vacancy, clock, actor, address="先保存的")
    with pytest.raises(StaleEdit):
        vacancy_editing.edit_vacancy(
            vacancy,
            replace(vacancy_editing.input_of(vacancy), address="后保存的"),
            expected_version=opened,
            actor=actor,
            now=clock.now,
        )
    assert vacancy.address == "先保存的"


@pytest.mark.parametrize("state", [S.CLOSED, S.EXPIRED])
def test_edit_is_refused_when_the_opening_is_over(state: VacancyState, clock: Clock) -> None:
    with pytest.raises(Conflict):
        edit(in_state(state), clock, an_actor(Role.OFFICER), address="别处")
    running = in_state(S.PAUSED)
    edit(running, clock, an_actor(Role.OFFICER), address="别处")
    assert running.address == "别处"


def test_edit_of_an_open_one_is_refused_when_a_law_forbids_the_new_text(clock: Clock) -> None:
    with pytest.raises(InvalidFields) as error:
        edit(in_state(S.OPEN), clock, an_actor(Role.OFFICER), conditions="限女性")
    assert [p.field for p in error.value.problems] == ["conditions"]


RECHECK = {
    "wage by the employer": (Role.ENTERPRISE, S.OPEN, {"wage_min_cny_month": 4600}, S.IN_REVIEW),
    # The factory's opening was confirmed on 2026-11-01: it stands ninety days from there.
    "last valid day by the employer": (
        Role.ENTERPRISE,
        S.OPEN,
        {"close_on": date(2027, 1, 30)},
        S.OPEN,
    ),
    "day after it by the employer": (
        Role.ENTERPRISE,
        S.OPEN,
        {"close_on": date(2027, 1, 31)},
        S.IN_REVIEW,
    ),
    "day after it by an officer": (Role.OFFICER, S.OPEN, {"close_on": date(2027, 1, 31)}, S.OPEN),
    "duties by the employer": (Role.ENTERPRISE, S.PAUSED, {"duties": "别的"}, S.IN_REVIEW),
    "shift by the employer": (Role.ENTERPRISE, S.OPEN, {"lodging_provided": True}, S.OPEN),
    "headcount by the employer": (Role.ENTERPRISE, S.OPEN, {"headcount": 5}, S.OPEN),
    "wage by an officer": (Role.OFFICER, S.OPEN, {"wage_min_cny_month": 4600}, S.OPEN),
    "wage of a draft": (Role.ENTERPRISE, S.DRAFT, {"wage_min_cny_month": 4600}, S.DRAFT),
}


@pytest.mark.parametrize(
    ("role", "before", "changes", "after"), RECHECK.values(), ids=list(RECHECK)
)
def test_opening_is_reviewed_again_when_the_employer_changes_what_was_checked(
    role: Role, before: VacancyState, changes: dict[str, Any], after: VacancyState, clock: Clock
) -> None:
    vacancy = in_state(before)
    actor = an_actor(role, vacancy.partner if role is Role.ENTERPRISE else None)
    assert edit(vacancy, clock, actor, **changes).state is after


def test_posts_stay_as_officers_entered_them_when_the_employer_edits(clock: Clock) -> None:
    vacancy = in_state(S.DRAFT, posts=["sales_staff"], licences=[])
    actor = an_actor(Role.ENTERPRISE, vacancy.partner)
    edit(vacancy, clock, actor, posts=None, licences=None, address="新路")
    assert (vacancy.posts, vacancy.licences) == (["sales_staff"], [])


def test_external_opening_cannot_become_public_when_edited(clock: Clock) -> None:
    vacancy = VacancyFactory(
        source=VacancySource.EXTERNAL,
        partner=None,
        visibility=Visibility.OFFICERS,
        duties="",
        conditions="",
    )
    actor = an_actor(Role.OFFICER)
    edit(vacancy, clock, actor, address="补上的地址")
    with pytest.raises(InvalidFields) as error:
        edit(vacancy, clock, actor, visibility=Visibility.PUBLIC)
    assert error.value.problems[0].field == "visibility"


# --- Places ---------------------------------------------------------------------------------------


def test_place_is_refused_when_all_are_reserved_or_filled(clock: Clock) -> None:
    vacancy = in_state(S.OPEN, headcount=2)
    vacancies.reserve(vacancy.id)
    vacancies.reserve(vacancy.id)
    with pytest.raises(HeadcountExhausted):
        vacancies.reserve(vacancy.id)
    assert (vacancy.n_reserved, vacancy.n_filled, vacancy.n_places_left) == (2, 0, 0)


def test_opening_is_filled_when_the_last_place_is(clock: Clock) -> None:
    vacancy = in_state(S.OPEN, headcount=2)
    for _ in range(2):
        vacancies.reserve(vacancy.id)
    vacancies.fill_reserved(vacancy.id, actor=SYSTEM, now=clock.now)
    assert (vacancy.state, vacancy.n_reserved, vacancy.n_filled) == (S.OPEN, 1, 1)
    vacancies.fill_reserved(vacancy.id, actor=SYSTEM, now=clock.now)
    assert (vacancy.state, vacancy.n_reserved, vacancy.n_filled) == (S.FILLED, 0, 2)
    assert db.session.scalars(db.select(VacancyEvent.name)).all() == ["fill"]


def test_opening_opens_again_when_a_start_is_taken_back(clock: Clock) -> None:
    vacancy = in_state(S.FILLED, headcount=1, n_filled=1)
    vacancies.release_filled(vacancy.id, actor=SYSTEM, now=clock.now)
    assert (vacancy.state, vacancy.n_filled) == (S.OPEN, 0)


@pytest.mark.parametrize("move", ["release", "fill_reserved"])
def test_place_is_refused_when_none_is_reserved(move: str, clock: Clock) -> None:
    vacancy = in_state(S.OPEN)
    more = {} if move == "release" else {"actor": SYSTEM, "now": clock.now}
    with pytest.raises(Conflict):
        getattr(vacancies, move)(vacancy.id, **more)
    assert (vacancy.n_reserved, vacancy.n_filled) == (0, 0)
    reserved = in_state(S.OPEN, n_reserved=1)
    getattr(vacancies, move)(reserved.id, **more)
    db.session.refresh(reserved)
    assert (reserved.n_reserved, reserved.n_filled) == (0, int(move == "fill_reserved"))


def test_refill_frees_a_place_only_when_somebody_has_left(clock: Clock) -> None:
    vacancy = in_state(S.FILLED, headcount=2, n_filled=2)
    employer = an_actor(Role.ENTERPRISE, vacancy.partner)
    for state in (PlacementState.STARTED, PlacementState.ENDED):
        PlacementFactory(vacancy=vacancy, state=state)
    vacancies.advance(vacancy, "refill", actor=employer, now=clock.now)
    assert (vacancy.state, vacancy.n_filled) == (S.OPEN, 1)
    with pytest.raises(Conflict) as error:
        vacancies.advance(vacancy, "refill", actor=employer, now=clock.now)
    assert error.value.code == "no_ended_placement"


def test_headcount_cannot_fall_below_what_is_taken_when_edited(clock: Clock) -> None:
    vacancy = in_state(S.OPEN, headcount=4, n_reserved=1, n_filled=2)
    with pytest.raises(InvalidFields) as error:
        edit(vacancy, clock, an_actor(Role.OFFICER), headcount=2)
    assert error.value.problems[0].field == "headcount"
    assert error.value.problems[0].details == {"taken": 3}


def test_state_follows_the_places_when_the_headcount_is_edited(clock: Clock) -> None:
    vacancy = in_state(S.OPEN, headcount=3, n_filled=2)
    actor = an_actor(Role.OFFICER)
    assert edit(vacancy, clock, actor, headcount=2).state is S.FILLED
    assert edit(vacancy, clock, actor, headcount=3).state is S.OPEN
