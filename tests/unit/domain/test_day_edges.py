"""The day before, the day itself, the day after: every number of days the rules hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from matchboard.domain import accounts, client_file, duties, installation, placement, policy
from matchboard.domain.accounts import SecurityRules, check_rules
from matchboard.domain.calendar import years_between
from matchboard.domain.catalogues import minimum_wages
from matchboard.domain.client_file import RegistrationStatus, registration_status
from matchboard.domain.consent import is_open_to_employer, is_open_to_provider
from matchboard.domain.duties import Urgency, urgency
from matchboard.domain.errors import InvalidFields, InvalidInput
from matchboard.domain.identity import (
    IdentityWarning,
    InvalidIdentityNumber,
    _area_terms,
    birth_date_of,
    parse_identity_number,
)
from matchboard.domain.occupational_bars.facts import OffenceRecord
from matchboard.domain.occupational_bars.rules import Duration, DurationKind, add_years
from matchboard.domain.occupational_bars.ternary import YES
from matchboard.domain.placement import PlacementState
from matchboard.domain.posting_checks import default_close_on, equal_after_release
from matchboard.domain.training import EnrolmentState
from tests.factories import identity_number

DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ONE, MOMENT = timedelta(days=1), timedelta(microseconds=1)
AROUND = (-1, 0, 1)

#: What law, policy and the district's practice say, written a second time.
NUMBERS: dict[str, tuple[object, object]] = {
    "lock": (SecurityRules().lockout_minutes, 15),
    "idle": (SecurityRules().idle_minutes, 30),
    "bounds of the lock": (accounts.BOUNDS["lockout_minutes"], (5, 1440)),
    "bounds of idling": (accounts.BOUNDS["idle_minutes"], (5, 480)),
    "youngest": (client_file.YOUNGEST_AGE, 14),
    "first birth date": (client_file.EARLIEST_BIRTH, date(1900, 1, 1)),
    "days to answer": (duties.ANSWER_DAYS, 3),
    "week": (duties.WEEK, timedelta(days=7)),
    "set-up code": (installation.CODE_LIFE, timedelta(hours=24)),
    "checks": (placement.CHECK_DAYS, (30, 90, 180, 365)),
    "undo a miss": (placement.UNDO_MISS_DAYS, 7),
    "view of an employer": (placement.EMPLOYER_VIEW_DAYS, 30),
}
POLICY: dict[str, tuple[int, int, int]] = {
    "registration_days": (15, 1, 60),
    "support_years": (5, 1, 10),
    "vacancy_validity_days": (90, 7, 365),
    "partner_reverification_months": (6, 1, 24),
    "referral_expiry_days": (14, 3, 60),
    "reminder_first_days": (3, 1, 30),
    "reminder_second_days": (7, 2, 59),
    "personal_link_days": (730, 30, 3650),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_number_is_the_one_the_rules_name(name: str) -> None:
    in_force, written = NUMBERS[name]
    assert in_force == written


@pytest.mark.parametrize("name", POLICY)
def test_policy_takes_a_value_from_its_lowest_to_its_highest(name: str) -> None:
    default, low, high = POLICY[name]
    assert getattr(policy.Policy(), name) == default
    far_apart = {"reminder_first_days": 1, "reminder_second_days": 2, "referral_expiry_days": 60}
    if name == "reminder_first_days":
        far_apart["reminder_second_days"] = 59
    if name == "referral_expiry_days":
        del far_apart["referral_expiry_days"]
    for value, is_taken in ((low - 1, False), (low, True), (high, True), (high + 1, False)):
        rules = {**far_apart, name: value}
        if is_taken:
            assert getattr(policy.from_rules(rules), name) == value
        else:
            with pytest.raises(InvalidInput, match="out_of_range"):
                policy.from_rules(rules)


@pytest.mark.parametrize(
    ("first", "second", "expiry", "refused"),
    [
        (6, 7, 8, None),
        (7, 7, 8, "reminders_out_of_order"),
        (8, 7, 9, "reminders_out_of_order"),
        (6, 8, 8, "reminder_after_expiry"),
        (6, 9, 8, "reminder_after_expiry"),
    ],
)
def test_reminders_come_one_after_the_other_and_before_the_end(
    first: int, second: int, expiry: int, refused: str | None
) -> None:
    rules: dict[str, Any] = {
        "reminder_first_days": first,
        "reminder_second_days": second,
        "referral_expiry_days": expiry,
    }
    if refused is None:
        assert policy.from_rules(rules).reminder_second_days == second
    else:
        with pytest.raises(InvalidInput, match=refused):
            policy.from_rules(rules)


@pytest.mark.parametrize(("name", "value"), [("lockout_minutes", 5), ("idle_minutes", 480)])
def test_security_setting_is_taken_on_its_bound_and_refused_beyond(name: str, value: int) -> None:
    check_rules(SecurityRules(**{name: value}))
    beyond = value - 1 if value == 5 else value + 1
    with pytest.raises(InvalidFields) as refused:
        check_rules(SecurityRules(**{name: beyond}))
    assert [one.code for one in refused.value.problems] == ["out_of_range"]


def test_year_is_full_on_the_same_day_and_not_the_day_before() -> None:
    born = date(1985, 5, 20)
    found = [years_between(born, date(2026, 5, 20) + n * ONE) for n in AROUND]
    assert found == [40, 41, 41]


@pytest.mark.parametrize("days", [1, 15])
def test_registration_is_due_on_its_last_day(days: int) -> None:
    released, R = date(2026, 11, 1), RegistrationStatus
    due = released + days * ONE

    def status(**given: Any) -> RegistrationStatus:
        values = {"registered_on": None, "on": due, **given}
        return registration_status(released_on=released, days=days, **values)

    assert [status(on=due + n * ONE) for n in AROUND] == [R.NOT_YET, R.NOT_YET, R.OVERDUE]
    registered = [status(registered_on=due + n * ONE) for n in AROUND]
    assert registered == [R.ON_TIME, R.ON_TIME, R.LATE]


def test_duty_is_of_today_of_the_week_or_later_by_its_day() -> None:
    found = {n: urgency(DAY + n * ONE, DAY) for n in (-1, 0, 1, 6, 7, 8)}
    assert found == {
        -1: Urgency.OVERDUE,
        0: Urgency.TODAY,
        1: Urgency.THIS_WEEK,
        6: Urgency.THIS_WEEK,
        7: Urgency.LATER,
        8: Urgency.LATER,
    }


def test_view_of_an_employer_and_a_provider_closes_after_thirty_days() -> None:
    for passed, is_open in ((-MOMENT, True), (timedelta(0), False), (MOMENT, False)):
        ended = NOW - timedelta(days=30) - passed
        of_employer = is_open_to_employer(
            PlacementState.ENDED, changed_at=ended, now=NOW, has_consent=True
        )
        of_provider = is_open_to_provider(
            EnrolmentState.COMPLETED,
            changed_at=ended,
            session_ends_on=DAY,
            now=NOW,
            has_consent=True,
        )
        assert (of_employer, of_provider) == (is_open, is_open), passed


def test_birth_date_in_a_number_is_not_ahead_and_not_of_another_century() -> None:
    for n, is_sound in ((-1, True), (0, True), (1, False)):
        number = identity_number(1, born=DAY + n * ONE)
        if is_sound:
            assert parse_identity_number(number, on=DAY).birth_date == DAY + n * ONE
        else:
            with pytest.raises(InvalidIdentityNumber, match="identity_birth_date_ahead"):
                parse_identity_number(number, on=DAY)
    assert birth_date_of(identity_number(1, born=date(1900, 1, 1))) == date(1900, 1, 1)
    with pytest.raises(InvalidIdentityNumber, match="identity_birth_date"):
        birth_date_of(identity_number(1, born=date(1899, 12, 31)))


def test_area_code_is_younger_than_its_holder_only_before_its_first_year() -> None:
    area = next(a for a in ("330402", "510114", "500101") if _area_terms(a) and _first(a) > 1950)
    for n, warned in ((-1, (IdentityWarning.AREA_YOUNGER,)), (0, ()), (1, ())):
        number = identity_number(1, born=date(_first(area) + n, 6, 1), division=area)
        assert parse_identity_number(number, on=DAY).warnings == warned, n


def _first(area: str) -> int:
    return min(first for first, _ in _area_terms(area))


@pytest.mark.parametrize("years", [1, 5])
def test_bar_runs_to_its_last_day(years: int) -> None:
    record = OffenceRecord(basis="criminal_penalty", sentence_completed_on=DAY)
    bar = Duration(DurationKind.YEARS, years, "sentence_completed_on")
    last = DAY.replace(year=DAY.year + years)
    assert [bar.runs(record, last + n * ONE) == YES for n in AROUND] == [True, True, False]
    assert Duration(DurationKind.YEARS, fact="sentence_completed_on").until(record) == DAY


def test_years_are_added_up_to_the_last_year_there_is() -> None:
    assert add_years(date(9994, 3, 1), 5) == date(9999, 3, 1)
    assert add_years(date(9995, 3, 1), 5) == date.max


def test_opening_is_valid_for_its_days_and_the_law_of_the_day_is_cited() -> None:
    assert default_close_on(DAY) == date(2027, 2, 22)
    assert default_close_on(DAY, validity_days=1) == DAY + ONE
    changed = date(2026, 11, 1)
    assert [equal_after_release(changed + n * ONE).article for n in AROUND] == ["38", "62", "62"]


def test_minimum_wage_is_in_force_from_its_first_day() -> None:
    row = max(minimum_wages._rows(), key=lambda one: one.effective_from)
    place = row.division_prefix.ljust(6, "0")
    first = row.effective_from

    def in_force(day: date) -> date | None:
        found = minimum_wages.minimum_wage(place, on=day)
        return None if found is None else found.effective_from

    assert [in_force(first + n * ONE) == first for n in AROUND] == [False, True, True]
