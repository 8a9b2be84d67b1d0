"""What is typed into the form of a step is what the service gets: every field, Beijing's time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask, g

from matchboard.domain.client import ConsentMethod, ConsentScope
from matchboard.domain.placement import PlacementReason, PlacementState
from matchboard.domain.roles import Actor, Role
from matchboard.services.outcome_checks import Answers
from matchboard.services.step_details import StepDetails
from matchboard.web.forms.placements import FORMS, CheckForm, step_form
from matchboard.web.forms.referrals import answer_form
from tests import factories
from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("on_one_database")
R = PlacementReason
NOTE = {"note": "王经理来电"}
#: Half past seven in the morning in Beijing is the day before in UTC.
APPOINTMENT = {
    "interview_on": "2026-12-02",
    "interview_time": "07:30",
    "interview_place": "示范路2号",
}
AT = datetime(2026, 12, 1, 23, 30, tzinfo=UTC)
PLACE = "示范路2号"
FIRST_DAY = {"start_on": "2026-12-03"}
WAGE = {"wage_cny_month": "4800"}
#: What a page sends of radio buttons and lists nobody touched.
NOT_SAID = {"same_employer": "", "reason": ""}
LAST_DAY = {"ended_on": "2026-11-20"}

#: Step, what is typed, and what the service gets of it, whoever types it.
BOTH: list[tuple[str, dict[str, str], StepDetails]] = [
    (
        "invite",
        {**APPOINTMENT, **NOTE},
        StepDetails(interview_at=AT, interview_place=PLACE, note=NOTE["note"]),
    ),
    (
        "offer",
        {**FIRST_DAY, **WAGE, **NOTE},
        StepDetails(start_on=date(2026, 12, 3), wage_cny_month=4800, note=NOTE["note"]),
    ),
    (
        "amend",
        {**FIRST_DAY, **WAGE, **NOTE, "wage_confirmed": "y"},
        StepDetails(
            start_on=date(2026, 12, 3),
            wage_cny_month=4800,
            wage_confirmed=True,
            note=NOTE["note"],
        ),
    ),
    (
        "refuse",
        {"reason": R.SKILL_MISSING.value, **NOTE},
        StepDetails(reason=R.SKILL_MISSING, note=NOTE["note"]),
    ),
    (
        "miss",
        {"reason": R.DID_NOT_COME.value, **NOTE},
        StepDetails(reason=R.DID_NOT_COME, note=NOTE["note"]),
    ),
    (
        "end",
        {"reason": R.QUIT.value, **LAST_DAY, **NOTE},
        StepDetails(reason=R.QUIT, ended_on=date(2026, 11, 20), note=NOTE["note"]),
    ),
]
OFFICE = [
    *BOTH,
    (
        "consent",
        {"scope": ConsentScope.CARD.value, "signed": "y"},
        StepDetails(scope=ConsentScope.CARD, method=ConsentMethod.SIGNED_AT_DESK),
    ),
    ("decline", {"reason": R.TOO_FAR.value}, StepDetails(reason=R.TOO_FAR)),
    (
        "withdraw",
        {"reason": R.OTHER.value, **NOTE},
        StepDetails(reason=R.OTHER, note=NOTE["note"]),
    ),
    ("undo_miss", NOTE, StepDetails(note=NOTE["note"])),
    ("send", {}, StepDetails()),
    ("widen_consent", {"signed": "y"}, StepDetails()),
    (
        "start",
        {**FIRST_DAY, **WAGE, **NOTE},
        StepDetails(start_on=date(2026, 12, 3), wage_cny_month=4800, note=NOTE["note"]),
    ),
    ("start", FIRST_DAY, StepDetails(start_on=date(2026, 12, 3))),
]
EMPLOYER = [
    *BOTH,
    (
        "start",
        {**FIRST_DAY, **NOTE},
        StepDetails(start_on=date(2026, 12, 3), note=NOTE["note"]),
    ),
    ("undo_miss", NOTE, StepDetails(note=NOTE["note"])),
]


def _bound(app: Flask, role: Role, values: dict[str, str], make: Any) -> Any:
    with app.test_request_context(method="POST", data=values):
        g.actor = Actor(role)
        form = make(meta={"csrf": False})
        assert form.validate(), form.errors
        return form.answers() if isinstance(form, CheckForm) else form.details()


@pytest.mark.parametrize(("step", "typed", "expected"), OFFICE)
def test_step_of_the_office_gets_what_was_typed(
    step: str, typed: dict[str, str], expected: StepDetails, app: Flask
) -> None:
    found = _bound(app, Role.OFFICER, typed, lambda **options: step_form(step, **options))
    assert found == expected
    assert {row[0] for row in OFFICE} == set(FORMS)


@pytest.mark.parametrize(("step", "typed", "expected"), EMPLOYER)
def test_answer_of_the_employer_gets_what_was_typed(
    step: str, typed: dict[str, str], expected: StepDetails, app: Flask
) -> None:
    found = _bound(app, Role.ENTERPRISE, typed, lambda **options: answer_form(step, **options))
    assert found == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (NOT_SAID | {"still_employed": "1"}, Answers(still_employed=True)),
        (
            {
                "still_employed": "1",
                "same_employer": "1",
                "wage_cny_month": "0",
                "hours_per_week": "37.5",
                "own_words": "都好",
                "reason": "",
            },
            Answers(
                still_employed=True,
                same_employer=True,
                wage_cny_month=0,
                hours_per_week=37.5,
                own_words="都好",
            ),
        ),
        (
            {
                "still_employed": "0",
                "same_employer": "0",
                "hours_per_week": "0",
                **LAST_DAY,
                "reason": R.QUIT.value,
                **NOTE,
            },
            Answers(
                still_employed=False,
                same_employer=False,
                hours_per_week=0.0,
                ended_on=date(2026, 11, 20),
                end_reason=R.QUIT,
                note=NOTE["note"],
            ),
        ),
    ],
    ids=["only-here", "at-work", "left"],
)
def test_check_gets_what_was_typed_and_nothing_else(
    typed: dict[str, str], expected: Answers, app: Flask
) -> None:
    assert _bound(app, Role.OFFICER, typed, CheckForm) == expected


@pytest.mark.parametrize(
    ("agreed", "shown"),
    [
        (None, date(2026, 11, 24)),
        (date(2026, 11, 20), date(2026, 11, 20)),
        (date(2026, 11, 24), date(2026, 11, 24)),
        (date(2026, 11, 25), date(2026, 11, 24)),
    ],
    ids=["none", "past", "today", "ahead"],
)
def test_start_begins_with_what_was_agreed_unless_it_lies_ahead(
    agreed: date | None, shown: date, app: Flask, clock: Clock
) -> None:
    placement = factories.PlacementFactory(
        state=PlacementState.OFFERED, offered_start_on=agreed, wage_cny_month=4800
    )
    with app.test_request_context():
        form = step_form("start", placement=placement, today=clock.today)
        assert (form.start_on.data, form.wage_cny_month.data) == (shown, 4800)
        plain = step_form("end", placement=placement, today=clock.today)
        assert plain.ended_on.data is None
