"""Checks of an opening: content, validity, pay, probation, hours, deposit, records."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from matchboard.domain.catalogues import MinimumWage
from matchboard.domain.client import EmploymentType
from matchboard.domain.occupational_bars import OpeningScope
from matchboard.domain.posting_checks import (
    LONGEST_WEEK,
    Posting,
    Severity,
    check_posting,
    default_close_on,
    max_probation_months,
)

ON = date(2026, 11, 24)
MINIMUM = MinimumWage("510114", 1, Decimal(2330), Decimal(23), date(2025, 1, 1), True)
PART_TIME = EmploymentType.PART_TIME


def plain_scope(occupation="6-05-01-03", **dimensions):
    known = {"posts": [], "employer_kinds": [], "licences": [], "certificates": []}
    return OpeningScope.of(occupation, **{**known, **dimensions})


SOUND = Posting(
    employer="某机械厂",
    title="装配工",
    headcount=2,
    duties="装配小型电机",
    conditions="无需经验，男女不限",
    division_code="510114",
    employment_type=EmploymentType.FULL_TIME,
    wage_min_cny_month=4000,
    wage_max_cny_month=5000,
    contract_months=12,
    probation_months=1,
    probation_wage_cny_month=3200,
    deposit_free=True,
    open_on=ON,
    close_on=date(2027, 2, 22),
    employer_verified_on=date(2026, 9, 1),
    scope=plain_scope(),
)
PART = replace(
    SOUND,
    employment_type=PART_TIME,
    wage_min_cny_month=None,
    wage_max_cny_month=None,
    wage_hourly_cny=23,
    hours_per_day=4,
    hours_per_week=24,
    probation_months=None,
    probation_wage_cny_month=None,
)


def problems(posting, minimum_wage=MINIMUM, **policy):
    found = check_posting(posting, minimum_wage=minimum_wage, on=ON, **policy)
    return [(one.code, one.severity.value, one.field) for one in found]


@pytest.mark.parametrize("posting", [SOUND, PART], ids=["full-time", "part-time"])
def test_opening_has_no_problem_when_everything_is_stated(posting):
    assert problems(posting) == []
    assert problems(replace(posting, headcount=0)) != []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"employer": " "}, ("employer_missing", "refuse", "employer"), id="employer"),
        pytest.param({"title": ""}, ("title_missing", "refuse", "title"), id="title"),
        pytest.param(
            {"headcount": None}, ("headcount_missing", "refuse", "headcount"), id="headcount"
        ),
        pytest.param(
            {"headcount": 0}, ("headcount_below_one", "refuse", "headcount"), id="nobody-wanted"
        ),
        pytest.param({"duties": "\n"}, ("duties_missing", "refuse", "duties"), id="duties"),
        pytest.param(
            {"conditions": ""}, ("conditions_missing", "refuse", "conditions"), id="conditions"
        ),
        pytest.param(
            {"division_code": None}, ("place_missing", "refuse", "division_code"), id="place"
        ),
        pytest.param(
            {"wage_min_cny_month": None, "wage_max_cny_month": None},
            ("pay_missing", "refuse", "wage_min_cny_month"),
            id="pay",
        ),
        pytest.param({"close_on": None}, ("validity_missing", "refuse", "close_on"), id="validity"),
    ],
)
def test_opening_is_refused_when_a_part_of_the_notice_is_missing(changes, expected):
    assert expected in problems(replace(SOUND, **changes))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"headcount": 1}, [], id="one-wanted"),
        pytest.param({"close_on": ON}, [], id="last-day-today"),
        pytest.param({"close_on": date(2027, 2, 22)}, [], id="day-90"),
        pytest.param(
            {"open_on": None, "close_on": date(2026, 11, 23)},
            [("validity_over", "refuse", "close_on")],
            id="over-yesterday",
        ),
        pytest.param(
            {"close_on": date(2026, 11, 23)},
            [("validity_ends_before_start", "refuse", "close_on")],
            id="ends-before-start",
        ),
        pytest.param(
            {"close_on": date(2027, 2, 23)},
            [("validity_unconfirmed", "review", "close_on")],
            id="day-91",
        ),
        pytest.param(
            {"close_on": date(2027, 2, 23), "confirmed_on": date(2026, 11, 25)},
            [],
            id="confirmed-again",
        ),
        pytest.param(
            {"confirmed_on": date(2026, 8, 1)},
            [("validity_unconfirmed", "review", "close_on")],
            id="confirmation-old",
        ),
        pytest.param({"employer_verified_on": date(2026, 5, 24)}, [], id="verified-six-months-ago"),
        pytest.param(
            {"employer_verified_on": date(2026, 5, 23)},
            [("employer_verification_due", "review", "employer")],
            id="verification-due",
        ),
        pytest.param({"employer_verified_on": None}, [], id="verification-kept-elsewhere"),
    ],
)
def test_validity_is_judged_when_dates_are_given(changes, expected):
    assert problems(replace(SOUND, **changes)) == expected


def test_verification_falls_due_at_the_month_end_when_the_day_is_missing():
    posting = replace(SOUND, employer_verified_on=date(2026, 8, 31), open_on=None)
    found = [
        check_posting(posting, minimum_wage=MINIMUM, on=day, validity_days=365)
        for day in (date(2027, 2, 28), date(2027, 3, 1))
    ]
    codes = [[one.code for one in each if one.field == "employer"] for each in found]
    assert codes == [[], ["employer_verification_due"]]


def test_validity_follows_the_policy_when_it_differs():
    assert problems(SOUND, validity_days=30) == [("validity_unconfirmed", "review", "close_on")]


def test_default_close_is_ninety_days_on_when_the_policy_is_silent():
    assert default_close_on(date(2026, 11, 12)) == date(2027, 2, 10)


@pytest.mark.parametrize(
    ("changes", "minimum", "expected"),
    [
        pytest.param({"wage_min_cny_month": 2330}, MINIMUM, [], id="at-the-minimum"),
        pytest.param(
            {"wage_min_cny_month": 2329},
            MINIMUM,
            [("pay_below_minimum", "refuse", "wage_min_cny_month")],
            id="one-below",
        ),
        pytest.param(
            {"wage_min_cny_month": None},
            MINIMUM,
            [("pay_lower_end_missing", "review", "wage_min_cny_month")],
            id="only-upper-end",
        ),
        pytest.param(
            {"wage_min_cny_month": None, "wage_max_cny_month": 2000},
            MINIMUM,
            [("pay_below_minimum", "refuse", "wage_min_cny_month")],
            id="upper-end-below",
        ),
        pytest.param({"wage_max_cny_month": None}, MINIMUM, [], id="only-lower-end"),
        pytest.param(
            {"wage_min_cny_month": 6000},
            MINIMUM,
            [("pay_order", "refuse", "wage_max_cny_month")],
            id="ends-crossed",
        ),
        pytest.param(
            {},
            None,
            [("minimum_wage_unknown", "review", "wage_min_cny_month")],
            id="minimum-unknown",
        ),
        pytest.param(
            {"wage_min_cny_month": None, "wage_max_cny_month": None, "wage_hourly_cny": 13.4},
            MINIMUM,
            [],
            id="full-time-by-the-hour",
        ),
        pytest.param(
            {"wage_min_cny_month": None, "wage_max_cny_month": None, "wage_hourly_cny": 13.3},
            MINIMUM,
            [("pay_below_minimum", "refuse", "wage_hourly_cny")],
            id="full-time-hour-too-low",
        ),
    ],
)
def test_full_time_pay_is_compared_with_the_minimum_when_stated(changes, minimum, expected):
    posting = replace(SOUND, probation_months=None, probation_wage_cny_month=None, **changes)
    assert problems(posting, minimum) == expected


@pytest.mark.parametrize(
    ("changes", "minimum", "expected"),
    [
        pytest.param(
            {"wage_hourly_cny": 22.9},
            MINIMUM,
            [("hourly_pay_below_minimum", "refuse", "wage_hourly_cny")],
            id="hour-too-low",
        ),
        pytest.param(
            {"wage_hourly_cny": None, "wage_min_cny_month": 2392},
            MINIMUM,
            [],
            id="month-at-minimum",
        ),
        pytest.param(
            {"wage_hourly_cny": None, "wage_min_cny_month": 2391},
            MINIMUM,
            [("hourly_pay_below_minimum", "refuse", "wage_min_cny_month")],
            id="month-too-low",
        ),
        pytest.param(
            {"wage_hourly_cny": None, "wage_max_cny_month": 2000},
            MINIMUM,
            [("hourly_pay_below_minimum", "refuse", "wage_min_cny_month")],
            id="upper-end-too-low",
        ),
        pytest.param(
            {"wage_hourly_cny": None, "wage_min_cny_month": 2500, "hours_per_week": None},
            MINIMUM,
            [
                ("hourly_pay_unknown", "review", "wage_hourly_cny"),
                ("part_time_hours_missing", "review", "hours_per_week"),
            ],
            id="hours-unknown",
        ),
        pytest.param(
            {},
            None,
            [("minimum_wage_unknown", "review", "wage_hourly_cny")],
            id="minimum-unknown",
        ),
        pytest.param(
            {"hours_per_day": 4.5},
            MINIMUM,
            [("part_time_hours_exceeded", "refuse", "hours_per_day")],
            id="day-too-long",
        ),
        pytest.param(
            {"hours_per_week": 25},
            MINIMUM,
            [("part_time_hours_exceeded", "refuse", "hours_per_week")],
            id="week-too-long",
        ),
        pytest.param(
            {"hours_per_day": None},
            MINIMUM,
            [("part_time_hours_missing", "review", "hours_per_day")],
            id="day-unknown",
        ),
        pytest.param(
            {"probation_months": 0.5},
            MINIMUM,
            [("probation_in_part_time", "refuse", "probation_months")],
            id="probation",
        ),
    ],
)
def test_part_time_work_is_checked_when_hours_and_pay_are_stated(changes, minimum, expected):
    assert problems(replace(PART, **changes), minimum) == expected


@pytest.mark.parametrize(
    ("contract", "single_task", "longest"),
    [
        pytest.param(2, False, 0, id="two-months"),
        pytest.param(3, False, 1, id="three-months"),
        pytest.param(11, False, 1, id="eleven-months"),
        pytest.param(12, False, 2, id="one-year"),
        pytest.param(35, False, 2, id="almost-three-years"),
        pytest.param(36, False, 6, id="three-years"),
        pytest.param(0, False, 6, id="open-ended"),
        pytest.param(None, False, 6, id="unknown"),
        pytest.param(36, True, 0, id="single-task"),
    ],
)
def test_probation_has_its_longest_term_when_the_contract_is_known(contract, single_task, longest):
    assert max_probation_months(contract, is_single_task=single_task) == longest


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"probation_months": 2}, [], id="two-of-a-year"),
        pytest.param(
            {"probation_months": 2.5},
            [("probation_too_long", "refuse", "probation_months")],
            id="more-than-two",
        ),
        pytest.param(
            {"contract_months": 2},
            [("probation_not_allowed", "refuse", "probation_months")],
            id="contract-too-short",
        ),
        pytest.param(
            {"is_single_task": True, "contract_months": None},
            [("probation_not_allowed", "refuse", "probation_months")],
            id="single-task",
        ),
        pytest.param(
            {"contract_months": None},
            [("contract_term_missing", "review", "contract_months")],
            id="contract-unknown",
        ),
        pytest.param(
            {"contract_months": None, "probation_months": 7},
            [("probation_too_long", "refuse", "probation_months")],
            id="longer-than-any",
        ),
        pytest.param({"contract_months": None, "probation_months": None}, [], id="no-probation"),
        pytest.param(
            {"probation_wage_cny_month": 3199},
            [("probation_pay_below_share", "refuse", "probation_wage_cny_month")],
            id="below-four-fifths",
        ),
        pytest.param(
            {"wage_min_cny_month": 2400, "probation_wage_cny_month": 2000},
            [("probation_pay_below_minimum", "refuse", "probation_wage_cny_month")],
            id="below-the-minimum",
        ),
    ],
)
def test_probation_is_checked_when_stated(changes, expected):
    assert problems(replace(SOUND, **changes)) == expected


@pytest.mark.parametrize(
    ("stated", "expected"),
    [(True, []), (False, ["refuse"]), (None, ["review"])],
    ids=["given", "not-given", "not-asked"],
)
def test_deposit_statement_is_needed_when_an_opening_is_checked(stated, expected):
    found = check_posting(replace(SOUND, deposit_free=stated), minimum_wage=MINIMUM, on=ON)
    assert [one.severity for one in found] == expected
    assert all(one.citations[0].source == "劳动合同法" for one in found)


GUARD = plain_scope("4-07-05-01")
POLICE = plain_scope("3-02-01-00")
SCHOOL = plain_scope("4-03-02-01", employer_kinds=["school"])
TRAVEL = plain_scope("4-07-04-01", employer_kinds=["travel_agency"])


@pytest.mark.parametrize(
    ("scope", "text", "expected"),
    [
        pytest.param(GUARD, "须无故意犯罪记录", None, id="guard-as-the-law-says"),
        pytest.param(GUARD, "无犯罪记录", ("wider_than_law", "review"), id="guard-wider"),
        pytest.param(POLICE, "无犯罪记录", None, id="police-any-offence"),
        pytest.param(POLICE, "政审合格", ("wider_than_law", "review"), id="police-vague"),
        pytest.param(SCHOOL, "无犯罪记录", ("wider_than_law", "review"), id="school-by-kind"),
        pytest.param(TRAVEL, "无故意犯罪记录", None, id="tour-guide"),
        pytest.param(plain_scope(), "无犯罪记录", ("unsupported", "refuse"), id="assembler"),
        pytest.param(plain_scope(), "有案底勿扰", ("unsupported", "refuse"), id="assembler-rude"),
        pytest.param(plain_scope(), "无不良记录", ("unsupported", "review"), id="assembler-vague"),
        pytest.param(plain_scope(None), "无前科", ("unsupported", "review"), id="unknown-work"),
        pytest.param(None, "无前科", ("unsupported", "review"), id="nothing-known"),
        pytest.param(plain_scope(), "不要求无犯罪记录", None, id="not-asked"),
        pytest.param(plain_scope(), "有前科也可", None, id="welcome"),
    ],
)
def test_record_condition_is_weighed_against_the_bars_when_asked(scope, text, expected):
    posting = replace(SOUND, conditions=text, scope=scope)
    found = check_posting(posting, minimum_wage=MINIMUM, on=ON)
    assert [(one.code, one.severity.value) for one in found] == (
        [(f"record_condition_{expected[0]}", expected[1])] if expected else []
    )


@pytest.mark.parametrize(
    ("day", "article"),
    [(date(2026, 10, 31), "38"), (date(2026, 11, 1), "62"), (date(2026, 11, 2), "62")],
)
def test_equal_treatment_is_cited_by_the_article_in_force_when_asked_about_a_day(day, article):
    posting = replace(SOUND, conditions="无犯罪记录")
    cited = {
        (citation.source, citation.article)
        for problem in check_posting(posting, minimum_wage=MINIMUM, on=day)
        for citation in problem.citations
    }
    assert {found for found in cited if found[0] == "监狱法"} == {("监狱法", article)}


def test_record_condition_cites_the_bar_when_it_goes_beyond():
    posting = replace(SOUND, conditions="无犯罪记录", scope=GUARD)
    (problem,) = check_posting(posting, minimum_wage=MINIMUM, on=ON)
    assert "保安服务管理条例" in {citation.source for citation in problem.citations}


@pytest.mark.parametrize("name", ["title", "duties", "conditions"])
def test_wording_is_read_when_it_stands_in(name):
    (problem,) = check_posting(
        replace(SOUND, **{name: "招装配工，限男性"}), minimum_wage=MINIMUM, on=ON
    )
    assert (problem.code, problem.field, problem.excerpt) == ("sex_condition", name, "限男性")


def test_refusals_come_first_when_there_are_reviews_too():
    posting = replace(SOUND, conditions="无纹身，限男性", contract_months=None)
    found = check_posting(posting, minimum_wage=MINIMUM, on=ON)
    assert [one.severity for one in found] == [Severity.REFUSE, Severity.REVIEW, Severity.REVIEW]


def test_every_problem_names_an_article_when_everything_is_wrong():
    posting = Posting(
        employer="",
        title="",
        headcount=0,
        duties="",
        conditions="限男性，35岁以下，汉族，本地户口，无犯罪记录，押金300，无纹身，无黑名单",
        division_code=None,
        employment_type=PART_TIME,
        probation_months=1,
        probation_wage_cny_month=100,
    )
    found = check_posting(posting, minimum_wage=MINIMUM, on=ON)
    assert len(found) > 15
    assert all(one.citations for one in found)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"hours_per_day": 8, "hours_per_week": LONGEST_WEEK}, [], id="most-overtime"),
        pytest.param({"hours_per_day": 8, "hours_per_week": 48.3}, [], id="six-long-days"),
        pytest.param(
            {"hours_per_day": 8, "hours_per_week": 48.4},
            [("hours_to_review", "review", "hours_per_week")],
            id="more-overtime",
        ),
        pytest.param(
            {"hours_per_day": 12, "hours_per_week": 72},
            [
                ("hours_to_review", "review", "hours_per_week"),
                ("day_to_review", "review", "hours_per_day"),
            ],
            id="six-days-of-twelve",
        ),
        pytest.param(
            {"hours_per_day": 11, "hours_per_week": 77},
            [("hours_to_review", "review", "hours_per_week")],
            id="seven-longest-days",
        ),
        pytest.param(
            {"hours_per_day": 11, "hours_per_week": 77.5},
            [("hours_exceeded", "refuse", "hours_per_week")],
            id="more-than-that",
        ),
        pytest.param(
            {"hours_per_day": 24}, [("day_to_review", "review", "hours_per_day")], id="round-clock"
        ),
        pytest.param(
            {"hours_per_day": 12, "employment_type": EmploymentType.GIG}, [], id="no-employee"
        ),
        pytest.param(
            {"conditions": "不签合同"},
            [("contract_refused", "refuse", "conditions")],
            id="contract",
        ),
    ],
)
def test_terms_are_noticed_when_beyond_the_labour_law(changes, expected):
    assert problems(replace(SOUND, **changes)) == expected


def test_contract_by_word_of_mouth_is_reviewed_when_part_time():
    spoken = problems(replace(PART, conditions="不签合同"))
    assert spoken == [("contract_refused", "review", "conditions")]
