"""The district's rules: which hold when, and how new ones are made."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from matchboard.domain.policy import BOUNDS, Policy, to_rules
from matchboard.domain.roles import SYSTEM, Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, PolicyRuleSet, Unit, User
from matchboard.services import policies
from tests.client import QualityClient
from tests.factories import (
    NOW,
    DistrictFactory,
    OfficeFactory,
    PartnerUnitFactory,
    ProviderFactory,
    UserFactory,
)


def rule_set(unit: Unit, effective_from: date, **rules: Any) -> None:
    db.session.add(
        PolicyRuleSet(unit_id=unit.id, effective_from=effective_from, rules=rules, created_at=NOW)
    )
    db.session.flush()


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("on", "days"),
    [
        pytest.param(date(2025, 12, 31), 15, id="before-any"),
        pytest.param(date(2026, 1, 1), 20, id="first-day"),
        pytest.param(date(2026, 6, 30), 20, id="last-day"),
        pytest.param(date(2026, 7, 1), 30, id="next"),
        pytest.param(date(2030, 1, 1), 30, id="later"),
    ],
)
def test_rules_hold_from_their_date_on_when_read(on: date, days: int) -> None:
    district = DistrictFactory()
    rule_set(district, date(2026, 7, 1), registration_days=30)
    rule_set(district, date(2026, 1, 1), registration_days=20)
    assert policies.current(district.id, on=on) == Policy(registration_days=days)


@pytest.mark.usefixtures("app", "on_one_database")
@pytest.mark.parametrize(
    "owner",
    ["district", "office", "officer", "partner", "provider", "system", "nobody"],
)
def test_rules_are_the_districts_when_anyone_of_it_asks(owner: str) -> None:
    district = DistrictFactory()
    office = OfficeFactory(parent=district)
    rule_set(district, date(2026, 1, 1), registration_days=20)
    asked = {
        "district": district.id,
        "office": office.id,
        "officer": UserFactory(unit=office).actor,
        "partner": PartnerUnitFactory().id,
        "provider": ProviderFactory(parent=district).id,
        "system": SYSTEM,
        "nobody": None,
    }[owner]
    assert policies.current(asked, on=date(2026, 5, 1)).registration_days == 20


@pytest.mark.usefixtures("app", "on_one_database")
def test_rules_of_one_district_leave_another_alone_when_read() -> None:
    rule_set(DistrictFactory(), date(2026, 1, 1), registration_days=20)
    other = OfficeFactory(parent=DistrictFactory())
    assert policies.current(other.id, on=date(2026, 5, 1)) == Policy()


@pytest.fixture
def district(client: QualityClient) -> User:
    return client.sign_in(Role.DISTRICT, display_name="张三")


def test_rules_are_added_with_a_date_when_the_district_decides(
    client: QualityClient, district: User
) -> None:
    page = client.submit("/policies/new", {"effective_from": "2027.1.1", "registration_days": "30"})
    assert page.path == "/policies"
    assert page.has_text("释放后报到登记期限：30 天")
    assert page.has_text("尚未生效")
    assert page.has_text("张三")
    assert policies.current(district.actor, on=date(2026, 12, 31)).registration_days == 15
    assert policies.current(district.actor, on=date(2027, 1, 1)).registration_days == 30
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.verb, entry.detail) == (
        "policy.add",
        {"effective_from": "2027-01-01", "fields": ["registration_days"]},
    )


@pytest.mark.usefixtures("on_one_database")
def test_form_starts_from_the_rules_in_force_when_opened(
    client: QualityClient, district: User
) -> None:
    assert district.unit is not None
    rule_set(district.unit, date(2026, 1, 1), registration_days=20)
    form = client.get_page("/policies/new").form(fields={"registration_days": ""})
    values = form.values()
    assert values["effective_from"] == ["2026-11-24"]
    expected = to_rules(Policy(registration_days=20))
    assert {name: int(values[name][0]) for name in BOUNDS} == expected


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("side", ["below", "above"])
def test_rules_are_refused_when_one_is_out_of_bounds(
    client: QualityClient, district: User, name: str, side: str
) -> None:
    low, high = BOUNDS[name]
    value = str(low - 1 if side == "below" else high + 1)
    page = client.submit("/policies/new", {name: value}, status=422)
    assert f"{low} 到 {high}" in page.field_errors()[name]
    assert page.one(f"input[name={name}]")["value"] == value


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("values", "field", "problem"),
    [
        pytest.param(
            {"effective_from": "2026-11-23"}, "effective_from", "日期不能早于今天。", id="past"
        ),
        pytest.param(
            {"effective_from": "2026-13-01"}, "effective_from", "日期看不懂", id="no-date"
        ),
        pytest.param({"effective_from": ""}, "effective_from", "这一项必须填写。", id="empty-date"),
        pytest.param(
            {"effective_from": "2027-01-01"}, "effective_from", "这一天已经有一套规则", id="taken"
        ),
        pytest.param(
            {"reminder_first_days": "7"},
            "reminder_second_days",
            "第二次提醒必须晚于第一次提醒。",
            id="reminders",
        ),
        pytest.param(
            {"referral_expiry_days": "7"},
            "reminder_second_days",
            "第二次提醒必须早于推荐自动失效。",
            id="expiry",
        ),
        pytest.param({"support_years": ""}, "support_years", "这一项必须填写。", id="empty"),
        pytest.param({"support_years": "几"}, "support_years", "", id="no-number"),
    ],
)
def test_rules_are_refused_when_they_do_not_fit(
    client: QualityClient, district: User, values: dict[str, str], field: str, problem: str
) -> None:
    assert district.unit is not None
    rule_set(district.unit, date(2027, 1, 1))
    page = client.submit("/policies/new", values, status=422)
    assert set(page.field_errors()) == {field}
    assert problem in page.field_errors()[field]
    assert len(db.session.scalars(select(PolicyRuleSet)).all()) == 1


@pytest.mark.usefixtures("on_one_database")
def test_rules_are_not_added_when_none_differs_from_what_holds_on_that_day(
    client: QualityClient, district: User
) -> None:
    # Nobody has stated any: the defaults may be, and stay when those change.
    client.submit("/policies/new", {"effective_from": "2027-01-01"})
    page = client.submit("/policies/new", {"effective_from": "2027-02-01"}, status=422)
    assert page.has_text("这些规则和那一天已经有效的规则一样：没有要改的，没有保存。")
    values = {"effective_from": "2027-02-01", "registration_days": "16"}
    client.submit("", values, page=page)
    verbs = db.session.scalars(select(AuditEntry.verb).where(AuditEntry.verb == "policy.add"))
    assert len(verbs.all()) == len(db.session.scalars(select(PolicyRuleSet)).all()) == 2


@pytest.mark.usefixtures("on_one_database")
def test_page_says_defaults_hold_when_there_are_no_rules(
    client: QualityClient, district: User
) -> None:
    assert client.get_page("/policies").has_text("现在使用系统默认值。")
