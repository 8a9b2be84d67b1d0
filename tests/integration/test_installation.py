"""The first start in a browser: a code, a district, three administrators, and the door is shut."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from matchboard.domain.installation import ADMINISTRATORS, Administrator, Installation
from matchboard.domain.organisation import UnitKind
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, SetupCode, Unit, User
from matchboard.services import installation, sign_in, transaction
from tests.client import QualityClient
from tests.conftest import Clock
from tests.factories import NOW, DistrictFactory, UserFactory
from tests.integration.concurrency import run_at_once

TYPED = {
    "name": "新都区安帮办",
    "division_code": "四川省成都市新都区",
    "offices": "新都司法所\n\n  斑竹园司法所 \n",
    "system_admin_name": "甲",
    "system_admin_email": "sys@example.org",
    "security_admin_name": "乙",
    "security_admin_email": "Sec@Example.org",
    "audit_admin_name": "丙",
    "audit_admin_email": "audit@example.org",
}


def a_code(clock: Clock) -> str:
    code = installation.issue_code(now=clock.now)
    transaction.commit()
    return code


def test_empty_site_is_made_a_district_when_the_code_is_held(
    client: QualityClient, clock: Clock
) -> None:
    for path in ("/", "/login"):
        assert client.get_page(path).by_role("link", "开始初始安装"), path
    assert not client.get_page("/setup").all("[name=name]")
    code = a_code(clock)
    assert db.session.scalars(select(SetupCode.digest)).one() != code
    page = client.submit("/setup", {"code": f" {code.upper()} "}, status=303, follow=False)
    assert page.location == "/setup"
    page = client.submit("/setup", TYPED, status=303, follow=False)
    assert page.location == "/setup/done", page.text
    made = client.get_page("/setup/done")
    client.set_language("en")
    assert "sec@example.org" in client.get_page("/setup/done").text  # a reload loses nothing

    passwords = re.findall(r"\b(?:\w{5}-){3}\w{5}\b", made.text)
    users = db.session.scalars(select(User).order_by(User.id)).all()
    assert [user.role for user in users] == [
        Role.SYSTEM_ADMIN,
        Role.SECURITY_ADMIN,
        Role.AUDIT_ADMIN,
    ]
    for user, password in zip(users, passwords, strict=True):
        assert user.must_change_password
        assert sign_in.authenticate(user.email, password, now=clock.now).id == user.id
    units = db.session.execute(select(Unit.kind, Unit.name, Unit.division_code).order_by(Unit.id))
    assert [tuple(row) for row in units] == [
        (UnitKind.DISTRICT, "新都区安帮办", "510114"),
        (UnitKind.JUSTICE_OFFICE, "新都司法所", "510114"),
        (UnitKind.JUSTICE_OFFICE, "斑竹园司法所", "510114"),
    ]
    verbs = db.session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)).all()
    assert verbs == [
        "district.set_up",
        *["unit.create"] * 3,
        *["account.create", "account.confirm"] * 3,
    ]

    # The door is shut for everybody, this browser and its code included.
    assert db.session.scalar(select(func.count(SetupCode.id))) == 0
    for browser in (client, client.another()):
        assert browser.request("GET", "/setup").status == 404
        assert browser.post("/setup", {"code": code}).status == 404
        assert "开始初始安装" not in browser.get_page("/login").text
    assert client.another().request("GET", "/setup/done").location == "/"
    client.submit("/login", {"email": users[0].email, "password": passwords[0]})
    assert client.request("GET", "/setup/done").location == "/"


def set_up(name: str) -> str:
    administrators = tuple(
        Administrator(role, f"{role.value}@{name}.example.org", name) for role in ADMINISTRATORS
    )
    new = Installation(name, "510114", administrators)
    installation.set_up(new, via="command", now=NOW)
    transaction.commit()
    return name


def test_one_district_is_made_when_two_are_set_up_at_once(
    app: Flask, settings: Mapping[str, Any]
) -> None:
    outcomes = run_at_once(set_up, [("a",), ("b",), ("c",)], settings=settings)
    done = [o.value for o in outcomes if o.is_done]
    assert db.session.scalars(select(Unit.name)).all() == done
    assert len(done) == 1
    assert {o.error for o in outcomes if not o.is_done} == {"Conflict"}
    assert db.session.scalar(select(func.count(User.id))) == 3


def test_setup_shows_nothing_but_the_question_when_the_code_is_wrong_or_old(
    client: QualityClient, clock: Clock
) -> None:
    first = a_code(clock)
    second = a_code(clock)
    for wrong in ("", "aaaaa-aaaaa-aaaaa-aaaaa", first):
        page = client.submit("/setup", {"code": wrong}, status=422)
        assert not page.all("[name=name]"), wrong
    # Whoever sends the form without a code gets no further, and loses nothing typed.
    page = client.post("/setup", {**TYPED, "code": "wrong"})
    assert page.status == 422
    assert page.one("[name=name]")["value"] == TYPED["name"]
    clock.move(hours=24)
    client.submit("/setup", {"code": second}, status=422)
    assert db.session.scalar(select(func.count(Unit.id))) == 0
    third = a_code(clock)
    assert client.submit("/setup", {"code": third}, status=303, follow=False).location == "/setup"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"division_code": "没有这个区"}, "division_code"),
        ({"division_code": ""}, "division_code"),
        ({"audit_admin_email": "bad"}, "audit_admin_email"),
        ({"audit_admin_email": "d@b"}, "audit_admin_email"),
        ({"audit_admin_name": ""}, "audit_admin_name"),
        ({"security_admin_email": "SYS@example.org"}, "security_admin_email"),
        ({"offices": "甲所\n甲所"}, "offices"),
        ({"offices": "所" * 121}, "offices"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
@pytest.mark.usefixtures("on_one_database")
def test_setup_names_the_field_when_a_value_is_wrong(
    client: QualityClient, clock: Clock, changed: dict[str, str], field: str
) -> None:
    client.submit("/setup", {"code": a_code(clock)})
    page = client.submit("/setup", {**TYPED, **changed}, status=422)
    assert set(page.field_errors()) == {field}
    if field == "security_admin_email":
        assert "三个人" in page.field_errors()[field]
    assert page.one("[name=system_admin_email]")["value"] == "sys@example.org"
    assert db.session.scalar(select(func.count(User.id))) == 0


def test_setup_asks_only_for_who_is_missing_when_administrators_exist(
    client: QualityClient, clock: Clock
) -> None:
    there = UserFactory(role=Role.SYSTEM_ADMIN)
    db.session.commit()
    client.submit("/setup", {"code": a_code(clock)})
    assert not client.get_page("/setup").all("[name=system_admin_email]")
    typed = {name: value for name, value in TYPED.items() if not name.startswith("system_admin")}
    taken = {**typed, "audit_admin_email": there.email}
    page = client.submit("/setup", taken, status=422)
    assert set(page.field_errors()) == {"audit_admin_email"}
    assert client.submit("/setup", typed, status=303, follow=False).location == "/setup/done"
    assert db.session.scalar(select(func.count(User.id))) == 3


def test_setup_is_gone_when_the_district_was_made_otherwise(client: QualityClient) -> None:
    assert client.get_page("/setup").h1 == "初始安装"
    DistrictFactory()
    assert client.request("GET", "/setup").status == 404
