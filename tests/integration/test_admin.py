"""The three administrators: accounts and units, settings and confirmation, the audit log."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select, text

from matchboard.domain.calendar import start_of_day
from matchboard.domain.organisation import UNIT_OF_ROLE, UnitKind
from matchboard.domain.roles import ACCOUNT_ROLES, GRANTS, Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, SecuritySetting, SignInFailure, Unit, User
from matchboard.services import audit
from matchboard.services.seen import shown_version
from tests.client import Page, QualityClient
from tests.conftest import Clock
from tests.factories import (
    PASSWORD,
    DistrictFactory,
    OfficeFactory,
    PlacementFactory,
    UserFactory,
    make_unit,
)
from tests.sql import assert_sql_independent_of_rows

ACCOUNTS = "/admin/accounts"


def sign_in(client: QualityClient, email: str, password: str, status: int = 303) -> Page:
    values = {"email": email, "password": password}
    return client.submit("/login", values, form="#sign-in", follow=False, status=status)


def confirm(client: QualityClient) -> Page:
    """Confirm the one account that waits, as the second person."""
    second = client.another()
    second.sign_in(Role.SECURITY_ADMIN)
    return second.submit("/admin/confirmations")


def last_entry() -> AuditEntry:
    return db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("role", "target"),
    [
        (Role.SYSTEM_ADMIN, "/admin/accounts"),
        (Role.SECURITY_ADMIN, "/admin/settings"),
        (Role.AUDIT_ADMIN, "/admin/audit"),
        (Role.OFFICER, "/today"),
    ],
    ids=["system", "security", "audit", "officer"],
)
def test_admin_leads_each_role_to_its_own_page_when_opened(
    client: QualityClient, role: Role, target: str
) -> None:
    client.sign_in(role)
    assert client.get_page("/admin", status=302).location == target


class TestAccounts:
    """The system administrator."""

    @pytest.fixture
    def admin(self, client: QualityClient) -> User:
        return client.sign_in(Role.SYSTEM_ADMIN, email="admin@example.org", display_name="管理甲")

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            pytest.param("", {"管理甲", "李四", "张三", "赵六"}, id="all"),
            pytest.param("?q=li4", {"李四"}, id="address"),
            pytest.param("?q=张", {"张三"}, id="name"),
            pytest.param("?q=东湖", {"李四"}, id="unit"),
            pytest.param("?q=%25", set(), id="percent-sign"),
            pytest.param("?role=district", {"张三"}, id="role"),
            pytest.param("?role=nobody", {"管理甲", "李四", "张三", "赵六"}, id="unknown-role"),
            pytest.param("?state=disabled", {"赵六"}, id="disabled"),
            pytest.param("?state=unconfirmed", {"张三"}, id="unconfirmed"),
            pytest.param("?state=locked", {"李四"}, id="locked"),
            pytest.param("?state=active", {"管理甲"}, id="active"),
        ],
    )
    def test_list_is_narrowed_when_filtered(
        self, client: QualityClient, admin: User, query: str, shown: set[str]
    ) -> None:
        office = OfficeFactory(name="东湖司法所")
        UserFactory(email="li4@example.org", display_name="李四", unit=office, with_password=True)
        UserFactory(display_name="张三", role=Role.DISTRICT, active=False, awaits_confirmation=True)
        UserFactory(display_name="赵六", role=Role.COORDINATOR, active=False)
        for _ in range(5):
            sign_in(client.another(), "li4@example.org", "wrong-password-1", status=422)
        page = client.get_page(ACCOUNTS + query)
        assert {link.get_text(strip=True) for link in page.all("a.row-link")} == shown

    @pytest.mark.usefixtures("on_one_database")
    @pytest.mark.parametrize(
        ("seconds_left", "state"), [(1, "locked"), (0, "active"), (-1, "active")]
    )
    def test_list_calls_an_account_locked_until_the_instant_the_lock_ends(
        self, client: QualityClient, admin: User, clock: Clock, seconds_left: int, state: str
    ) -> None:
        user = UserFactory(display_name="李四")
        until = clock.now + timedelta(seconds=seconds_left)
        failed = {"email_digest": "0" * 64, "at": clock.now - timedelta(minutes=15)}
        db.session.add(SignInFailure(user_id=user.id, locks_until=until, **failed))
        db.session.commit()
        for other in ("locked", "active"):
            page = client.get_page(f"{ACCOUNTS}?state={other}")
            names = {link.get_text(strip=True) for link in page.all("a.row-link")}
            assert ("李四" in names) is (other == state)

    @pytest.mark.parametrize(
        ("sort", "names"),
        [
            ("name", ["b", "c", "管理甲"]),
            ("-name", ["管理甲", "c", "b"]),
            ("-seen", ["c", "b", "管理甲"]),
            ("role", ["b", "c", "管理甲"]),
        ],
    )
    @pytest.mark.usefixtures("on_one_database")
    def test_list_is_ordered_when_sorted(
        self, client: QualityClient, admin: User, sort: str, names: list[str]
    ) -> None:
        UserFactory(display_name="b", current_login_at=datetime(2026, 11, 1, tzinfo=UTC))
        UserFactory(display_name="c", current_login_at=datetime(2026, 11, 2, tzinfo=UTC))
        page = client.get_page(f"{ACCOUNTS}?sort={sort}")
        assert [link.get_text(strip=True) for link in page.all("a.row-link")] == names

    def test_list_needs_no_more_statements_when_it_grows(
        self, client: QualityClient, admin: User
    ) -> None:
        assert_sql_independent_of_rows(client, ACCOUNTS, UserFactory, few=3, many=18)

    @pytest.mark.usefixtures("on_one_database")
    def test_list_swaps_only_its_rows_when_htmx_asks(
        self, client: QualityClient, admin: User
    ) -> None:
        assert client.get_fragment(f"{ACCOUNTS}?q=管理").has_text("管理甲")

    def test_account_works_from_its_first_password_on_when_created(
        self, client: QualityClient, admin: User
    ) -> None:
        office = OfficeFactory()
        page = client.submit(
            f"{ACCOUNTS}/new",
            {
                "display_name": "新同事",
                "email": " New.Colleague@Example.org ",
                "role": "officer",
                "unit_pid": office.pid,
            },
        )
        password = page.by_id("one-time-password").get_text(strip=True)
        assert len(password) == 23
        created = db.session.scalars(select(User).where(User.display_name == "新同事")).one()
        assert (created.email, created.unit_id, created.must_change_password) == (
            "new.colleague@example.org",
            office.id,
            True,
        )
        assert password not in created.password
        entry = last_entry()
        assert (entry.verb, entry.subject_pid, entry.detail) == (
            "account.create",
            created.pid,
            {"role": "officer"},
        )
        # Its own browser may reload the page (test_shown_once).
        beside = client.another()
        beside.sign_in(admin)
        assert not beside.get_page(f"{ACCOUNTS}/{created.pid}").all("#one-time-password")
        confirm(client)
        other = client.another()
        assert sign_in(other, created.email, password).location == "/today"
        assert other.get_page("/account").has_text("新同事")

    @pytest.mark.usefixtures("on_one_database")
    @pytest.mark.parametrize(
        ("values", "field", "problem"),
        [
            pytest.param({"email": ""}, "email", "这一项必须填写。", id="no-address"),
            pytest.param({"email": "abc"}, "email", "电子邮箱的格式不对", id="malformed"),
            pytest.param(
                {"email": "ADMIN@example.org"}, "email", "这个邮箱已经有账户。", id="taken"
            ),
            pytest.param({"display_name": " "}, "display_name", "这一项必须填写。", id="no-name"),
            pytest.param({"role": ""}, "role", "请选择角色。", id="no-role"),
            pytest.param({"unit_pid": ""}, "unit_pid", "这一项必须填写。", id="no-unit"),
            pytest.param(
                {"role": "coordinator"},
                "unit_pid",
                "“培训协调员”必须属于一个培训机构。",
                id="unit-of-another-kind",
            ),
        ],
    )
    def test_account_is_refused_when_the_form_is_wrong(
        self,
        client: QualityClient,
        admin: User,
        values: dict[str, str],
        field: str,
        problem: str,
    ) -> None:
        office = OfficeFactory()
        right = {
            "display_name": "新同事",
            "email": "new@example.org",
            "role": "officer",
            "unit_pid": office.pid,
        }
        page = client.submit(f"{ACCOUNTS}/new", {**right, **values}, status=422)
        assert problem in page.field_errors()[field]
        assert len(db.session.scalars(select(User)).all()) == 1

    @pytest.mark.usefixtures("on_one_database")
    @pytest.mark.parametrize(
        ("role", "kind"),
        [
            (Role.OFFICER, UnitKind.JUSTICE_OFFICE),
            (Role.ENTERPRISE, UnitKind.PARTNER),
            (Role.COORDINATOR, UnitKind.PROVIDER),
            (Role.DISTRICT, UnitKind.DISTRICT),
            (Role.AUDIT_ADMIN, None),
        ],
        ids=["officer", "enterprise", "coordinator", "district", "administrator"],
    )
    def test_account_belongs_to_a_unit_of_its_kind_when_created(
        self, client: QualityClient, admin: User, role: Role, kind: UnitKind | None
    ) -> None:
        units = {kind: make_unit(kind) for kind in UnitKind}
        client.submit(
            f"{ACCOUNTS}/new",
            {
                "display_name": "新同事",
                "email": "new@example.org",
                "role": role.value,
                "unit_pid": units[kind or UnitKind.DISTRICT].pid,
            },
        )
        user = db.session.scalars(select(User).where(User.email == "new@example.org")).one()
        assert (user.unit.kind if user.unit else None) == kind

    @pytest.mark.usefixtures("on_one_database")
    def test_account_is_made_once_when_the_form_is_sent_twice(
        self, client: QualityClient, admin: User
    ) -> None:
        office = OfficeFactory()
        form = client.get_page(f"{ACCOUNTS}/new").form(fields={"email": ""})
        values = {
            "display_name": "新同事",
            "email": "new@example.org",
            "role": "officer",
            "unit_pid": office.pid,
        }
        first = client.send(form, values, follow=False, status=303)
        second = client.send(form, values, follow=False, status=303)
        assert first.location == second.location

    def test_account_is_shut_and_opened_when_disabled_and_enabled(
        self, client: QualityClient, admin: User
    ) -> None:
        user = UserFactory(email="li4@example.org", with_password=True)
        other = client.another()
        sign_in(other, user.email, PASSWORD)
        path = f"{ACCOUNTS}/{user.pid}"
        page = client.submit(path, form=f"form[action='{path}/disable']")
        assert page.has_text("已停用")
        other.get_page("/account", status=303)
        sign_in(client.another(), user.email, PASSWORD, status=422)
        page = client.submit(path, form=f"form[action='{path}/enable']")
        assert page.has_text("正常")
        other.get_page("/account", status=303)  # the session of before does not come back
        sign_in(client.another(), user.email, PASSWORD)

    def test_account_is_unlocked_when_the_administrator_says_so(
        self, client: QualityClient, admin: User
    ) -> None:
        user = UserFactory(email="li4@example.org", with_password=True)
        other = client.another()
        for _ in range(5):
            sign_in(other, user.email, "wrong-password-1", status=422)
        sign_in(other, user.email, PASSWORD, status=422)
        path = f"{ACCOUNTS}/{user.pid}"
        page = client.get_page(path)
        assert page.has_text("2026-11-24 06:45")
        client.submit(path, form=f"form[action='{path}/unlock']")
        assert last_entry().verb == "account.unlock"
        sign_in(other, user.email, PASSWORD)

    def test_password_is_replaced_when_reset(self, client: QualityClient, admin: User) -> None:
        user = UserFactory(email="li4@example.org", with_password=True)
        other = client.another()
        sign_in(other, user.email, PASSWORD)
        path = f"{ACCOUNTS}/{user.pid}"
        page = client.submit(path, form=f"form[action='{path}/reset-password']")
        password = page.by_id("one-time-password").get_text(strip=True)
        other.get_page("/account", status=303)
        sign_in(client.another(), user.email, PASSWORD, status=422)
        sign_in(client.another(), user.email, password, status=422)
        assert page.has_text("等待安全管理员确认")
        client.post(f"{path}/enable", {"version": shown_version(user)}, status=409)
        confirm(client)
        sign_in(client.another(), user.email, password)
        assert (user.must_change_password, user.login_count) == (True, 2)

    @pytest.mark.usefixtures("on_one_database")
    def test_account_stays_shut_when_its_password_is_reset(
        self, client: QualityClient, admin: User
    ) -> None:
        user = UserFactory(active=False)
        path = f"{ACCOUNTS}/{user.pid}"
        assert not client.get_page(path).all(f"form[action='{path}/reset-password']")
        client.post(f"{path}/reset-password", {"version": shown_version(user)}, status=409)

    @pytest.mark.usefixtures("on_one_database")
    @pytest.mark.parametrize(
        ("action", "attributes", "status"),
        [
            pytest.param("unlock", {}, 409, id="unlock-unlocked"),
            pytest.param("enable", {}, 409, id="enable-enabled"),
            pytest.param("disable", {"active": False}, 409, id="disable-disabled"),
            pytest.param(
                "enable",
                {"active": False, "awaits_confirmation": True},
                409,
                id="enable-unconfirmed",
            ),
        ],
    )
    def test_account_stays_as_it_is_when_the_step_does_not_fit(
        self,
        client: QualityClient,
        admin: User,
        action: str,
        attributes: dict[str, Any],
        status: int,
    ) -> None:
        user = UserFactory(**attributes)
        before = shown_version(user)
        client.post(f"{ACCOUNTS}/{user.pid}/{action}", {"version": before}, status=status)
        assert shown_version(user) == before

    @pytest.mark.usefixtures("on_one_database")
    @pytest.mark.parametrize("action", ["disable", "reset-password"])
    def test_own_account_is_spared_when_the_administrator_slips(
        self, client: QualityClient, admin: User, action: str
    ) -> None:
        page = client.post(
            f"{ACCOUNTS}/{admin.pid}/{action}", {"version": shown_version(admin)}, status=422
        )
        assert page.has_text("不能对自己的账户做这项操作。")
        assert client.get_page(f"{ACCOUNTS}/{admin.pid}").has_text("这是您自己的账户")


class TestUnits:
    """The system administrator's units."""

    @pytest.fixture
    def district(self, client: QualityClient) -> Unit:
        client.sign_in(Role.SYSTEM_ADMIN)
        unit: Unit = DistrictFactory()
        return unit

    @pytest.mark.parametrize("kind", ["justice_office", "provider"])
    def test_unit_belongs_to_the_district_when_created(
        self, client: QualityClient, district: Unit, kind: str
    ) -> None:
        page = client.submit("/admin/units/new", {"kind": kind, "name": "南湖"})
        assert page.path == "/admin/units"
        unit = db.session.scalars(select(Unit).where(Unit.name == "南湖")).one()
        assert (unit.kind, unit.parent_id, unit.division_code) == (
            kind,
            district.id,
            district.division_code,
        )
        assert last_entry().verb == "unit.create"

    @pytest.mark.usefixtures("on_one_database")
    def test_unit_is_refused_when_its_name_is_taken(
        self, client: QualityClient, district: Unit
    ) -> None:
        OfficeFactory(name="南湖", parent=district)
        page = client.submit(
            "/admin/units/new", {"kind": "justice_office", "name": "南湖"}, status=422
        )
        assert "同类单位中已有这个名称。" in page.field_errors()["name"]
        client.submit("/admin/units/new", {"kind": "provider", "name": "南湖"})

    @pytest.mark.usefixtures("on_one_database")
    def test_unit_of_a_partner_is_not_made_here_when_forged(
        self, client: QualityClient, district: Unit
    ) -> None:
        client.post("/admin/units/new", {"kind": "partner", "name": "南湖"}, status=422)
        assert db.session.scalars(select(Unit.name)).all() == [district.name]


FORM = "form[action='/admin/settings']"


class TestSettings:
    """The security administrator."""

    @pytest.fixture
    def admin(self, client: QualityClient) -> User:
        return client.sign_in(Role.SECURITY_ADMIN)

    def test_lockout_follows_the_setting_when_changed(
        self, client: QualityClient, admin: User, clock: Clock
    ) -> None:
        page = client.submit("/admin/settings", {"lockout_failures": "3", "lockout_minutes": "60"})
        assert page.has_text("安全设置已保存")
        assert page.by_label("连续失败多少次")["value"] == "3"
        assert last_entry().detail == {"values": {"lockout_failures": 3, "lockout_minutes": 60}}
        user = UserFactory(email="li4@example.org", with_password=True)
        other = client.another()
        for _ in range(3):
            sign_in(other, user.email, "wrong-password-1", status=422)
        clock.move(minutes=59)
        sign_in(other, user.email, PASSWORD, status=422)
        clock.move(minutes=1)
        sign_in(other, user.email, PASSWORD)

    def test_idle_time_follows_the_setting_when_changed(
        self, client: QualityClient, admin: User, clock: Clock
    ) -> None:
        client.submit("/admin/settings", {"idle_minutes": "60"})
        user = UserFactory(email="li4@example.org", with_password=True)
        other = client.another()
        sign_in(other, user.email, PASSWORD)
        clock.move(minutes=59)
        other.get_page("/account")
        clock.move(minutes=61)
        other.get_page("/account", status=303)

    @pytest.mark.usefixtures("on_one_database")
    @pytest.mark.parametrize(
        ("values", "field"),
        [
            pytest.param({"lockout_failures": "2"}, "lockout_failures", id="too-few-failures"),
            pytest.param({"lockout_failures": "11"}, "lockout_failures", id="too-many-failures"),
            pytest.param({"lockout_minutes": "4"}, "lockout_minutes", id="short-lock"),
            pytest.param({"idle_minutes": "481"}, "idle_minutes", id="long-idle"),
            pytest.param({"idle_minutes": "0"}, "idle_minutes", id="zero"),
            pytest.param({"idle_minutes": "abc"}, "idle_minutes", id="no-number"),
            pytest.param({"idle_minutes": ""}, "idle_minutes", id="empty"),
        ],
    )
    def test_settings_stay_when_a_value_is_out_of_bounds(
        self, client: QualityClient, admin: User, values: dict[str, str], field: str
    ) -> None:
        page = client.submit("/admin/settings", values, status=422)
        assert set(page.field_errors()) == {field}
        assert page.one(f"[name={field}]")["value"] == values[field]
        assert db.session.scalars(select(SecuritySetting)).all() == []

    @pytest.mark.parametrize(
        "earlier",
        [
            pytest.param({}, id="first-settings"),
            pytest.param({"idle_minutes": "45"}, id="later-settings"),
        ],
    )
    def test_both_versions_are_shown_when_somebody_saved_meanwhile(
        self, client: QualityClient, admin: User, earlier: dict[str, str]
    ) -> None:
        if earlier:
            client.submit("/admin/settings", earlier)
        opened = client.get_page("/admin/settings")
        client.submit("/admin/settings", {"idle_minutes": "60"})
        page = client.submit(
            "", {"idle_minutes": "20", "lockout_minutes": "30"}, page=opened, form=FORM, status=409
        )
        rows = [cell.get_text(" ", strip=True) for cell in page.all("table.table-compare tbody tr")]
        assert rows == ["锁定多久 30 15", "多久没有操作就自动退出 20 60"]
        assert page.one("[name=idle_minutes]")["value"] == "20"
        assert last_entry().detail == {"values": {"idle_minutes": 60}}
        client.submit("", page=page, form=FORM)  # knowingly
        assert last_entry().detail == {"values": {"idle_minutes": 20, "lockout_minutes": 30}}

    @pytest.mark.usefixtures("on_one_database")
    @pytest.mark.parametrize("version", ["", "5-15", "5-15-x", "-5-15-30", "9-9-9"])
    def test_settings_stay_when_the_version_is_missing_or_made_up(
        self, client: QualityClient, admin: User, version: str
    ) -> None:
        page = client.get_page("/admin/settings")
        form = page.form(FORM, fields={"version"})
        client.send(form, {"version": version, "idle_minutes": "20"}, status=409)
        assert db.session.scalars(select(SecuritySetting)).all() == []

    @pytest.mark.usefixtures("on_one_database")
    def test_nothing_is_written_when_nothing_changes(
        self, client: QualityClient, admin: User
    ) -> None:
        client.submit("/admin/settings", {})
        assert db.session.scalars(select(SecuritySetting)).all() == []
        assert db.session.scalars(select(AuditEntry)).all() == []

    @pytest.mark.usefixtures("on_one_database")
    def test_matrix_shows_every_grant_when_opened(self, client: QualityClient, admin: User) -> None:
        page = client.get_page("/admin/settings")
        ticks = page.all("table.matrix td svg")
        shown = (
            Role.VISITOR,
            *(r for r in GRANTS if r not in {Role.VISITOR, Role.CLIENT, Role.SYSTEM}),
        )
        assert len(ticks) == sum(len(GRANTS[role]) for role in shown)

    @pytest.mark.parametrize("role", ACCOUNT_ROLES)
    def test_account_starts_when_two_administrators_agree(
        self, client: QualityClient, role: Role
    ) -> None:
        system = client.another()
        system.sign_in(Role.SYSTEM_ADMIN)
        unit = make_unit(UNIT_OF_ROLE[role]) if role in UNIT_OF_ROLE else None
        page = system.submit(
            f"{ACCOUNTS}/new",
            {
                "display_name": "新同事",
                "email": "new@example.org",
                "role": role.value,
                "unit_pid": unit.pid if unit is not None else "",
            },
        )
        password = page.by_id("one-time-password").get_text(strip=True)
        assert page.has_text("等待安全管理员确认")
        sign_in(client.another(), "new@example.org", password, status=422)
        client.sign_in(Role.SECURITY_ADMIN)
        page = client.submit("/admin/confirmations")
        assert page.has_text("已确认“新同事”的账户。")
        sign_in(client.another(), "new@example.org", password)
        assert "account.confirm" in db.session.scalars(select(AuditEntry.verb)).all()

    @pytest.mark.usefixtures("on_one_database")
    def test_account_is_not_confirmed_when_it_does_not_wait(
        self, client: QualityClient, admin: User
    ) -> None:
        user = UserFactory(active=False)
        waiting = UserFactory(active=False, awaits_confirmation=True)
        for one, status in ((user, 409), (waiting, 303)):
            seen = {"version": shown_version(one)}
            client.post(f"/admin/confirmations/{one.pid}", seen, status=status)
        assert (user.active, waiting.active) == (False, True)


class TestAudit:
    """The audit administrator."""

    @pytest.fixture
    def admin(self, client: QualityClient, clock: Clock) -> User:
        officer = UserFactory(display_name="李四", email="li4@example.org")
        district = UserFactory(display_name="张三", role=Role.DISTRICT)
        for user, verb, subject, days in (
            (officer, "unit.create", officer.unit, 0),
            (officer, "account.update", officer, 1),
            (district, "account.update", district, 1),
        ):
            clock.move(days=days)
            audit.record(verb, subject, actor=user.actor, now=clock.now, fields=["language"])
        return client.sign_in(Role.AUDIT_ADMIN)

    @pytest.mark.parametrize(
        ("query", "n_rows"),
        [
            pytest.param("", 3, id="all"),
            pytest.param("?start=2026-11-25", 2, id="from"),
            pytest.param("?end=20261125", 2, id="until"),
            pytest.param("?start=2026.11.25&end=2026-11-25", 1, id="one-day"),
            pytest.param("?start=gestern", 3, id="no-date"),
            pytest.param("?start=2026-11-26&end=2026-11-24", 3, id="until-before-from"),
            pytest.param("?who=李", 2, id="name"),
            pytest.param("?who=li4@example.org", 2, id="address"),
            pytest.param("?who=district", 1, id="role"),
            pytest.param("?verb=unit.create", 1, id="verb"),
            pytest.param("?subject=account", 2, id="subject"),
            pytest.param("?subject=登录账户", 2, id="subject-in-words"),
            pytest.param("?subject=nothing", 0, id="unknown-subject"),
        ],
    )
    def test_log_is_narrowed_when_filtered(
        self, client: QualityClient, admin: User, query: str, n_rows: int
    ) -> None:
        assert len(client.get_page("/admin/audit" + query).all("tbody tr")) == n_rows

    @pytest.mark.parametrize(
        ("query", "n_rows"),
        [
            pytest.param("?start=2026-12-01&end=2026-12-01", 2, id="the-day"),
            pytest.param("?start=2026-12-02", 1, id="from-the-next"),
            pytest.param("?end=2026-11-30", 0, id="until-the-one-before"),
        ],
    )
    def test_day_of_the_log_begins_and_ends_at_midnight(
        self, client: QualityClient, clock: Clock, query: str, n_rows: int
    ) -> None:
        user = client.sign_in(Role.AUDIT_ADMIN)
        midnight = start_of_day(date(2026, 12, 1))
        for at in (midnight, midnight + timedelta(days=1, microseconds=-1)):
            audit.record("unit.create", user, actor=user.actor, now=at)
        audit.record("unit.create", user, actor=user.actor, now=midnight + timedelta(days=1))
        db.session.commit()
        assert len(client.get_page("/admin/audit" + query).all("tbody tr")) == n_rows

    def test_log_says_in_words_what_was_done(self, client: QualityClient, admin: User) -> None:
        page = client.get_page("/admin/audit")
        assert page.has_text("修改账户设置 account.update")
        assert page.has_text(f"机构 {page.all('tbody code')[-1].get_text()}")

    @pytest.mark.usefixtures("on_one_database")
    def test_log_says_so_when_a_date_makes_no_sense(
        self, client: QualityClient, admin: User
    ) -> None:
        assert client.get_page("/admin/audit?start=gestern").has_text("起始日期看不懂")
        page = client.get_page("/admin/audit?start=gestern&end=morgen")
        assert page.has_text("起始日期看不懂")
        assert page.has_text("截止日期看不懂")
        page = client.get_page("/admin/audit?start=2026-11-26&end=2026-11-24")
        assert page.has_text("截止日期早于起始日期，未按日期筛选")
        # No file of other days than were asked for: the same page says why.
        page = client.send(page.form("form[action='/admin/audit/export']:has([value='csv'])"))
        assert page.has_text("截止日期早于起始日期，未按日期筛选")
        assert last_entry().verb != "audit.export"
        assert not client.get_page("/admin/audit?start=2026-11-24&end=2026-11-24").has_text("早于")

    @pytest.mark.usefixtures("on_one_database")
    @pytest.mark.parametrize("query", ["start=0001-01-01", "end=9999-12-31"])
    def test_log_says_so_when_a_date_is_beyond_the_calendar(
        self, client: QualityClient, admin: User, query: str
    ) -> None:
        assert client.get_page(f"/admin/audit?{query}").has_text("日期看不懂")

    def test_log_needs_no_more_statements_when_it_grows(
        self, client: QualityClient, admin: User, clock: Clock
    ) -> None:
        def add() -> None:
            audit.record("unit.create", None, actor=admin.actor, now=clock.now)

        assert_sql_independent_of_rows(client, "/admin/audit", add, few=3, many=20)

    def test_chain_is_found_intact_when_nobody_touched_it(
        self, client: QualityClient, admin: User
    ) -> None:
        page = client.submit("/admin/audit", form="form[action='/admin/audit/verify']")
        assert page.has_text("审计日志完整：已核对 3 条，未被改动。")
        assert last_entry().detail == {"n_entries": 3, "broken_at": None}

    @pytest.mark.usefixtures("on_one_database")
    def test_chain_is_found_broken_when_a_row_was_changed(
        self, client: QualityClient, admin: User, app: Flask
    ) -> None:
        for (name,) in db.session.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        ).all():
            db.session.execute(text(f'DROP TRIGGER "{name}"'))
        db.session.execute(text("UPDATE audit_entry SET verb = 'unit.delete' WHERE id = 2"))
        page = client.submit("/admin/audit", form="form[action='/admin/audit/verify']")
        assert page.has_text("审计日志在第 2 条处不一致")

    @pytest.mark.usefixtures("on_one_database")
    def test_check_names_the_record_when_a_row_was_changed_by_hand(
        self, client: QualityClient, admin: User
    ) -> None:
        placement = PlacementFactory()  # without the event that a proposal leaves
        page = client.submit("/admin/audit", form="form[action='/admin/audit/verify']")
        assert page.has_text(f"推荐记录的状态应与最后一步相符。共 1 条，例如 {placement.pid}")
        assert "placement_state" in last_entry().detail["broken"]

    @pytest.mark.parametrize("file_format", ["csv", "xlsx"])
    def test_export_holds_the_filtered_rows_and_is_on_record_when_taken(
        self, client: QualityClient, admin: User, file_format: str
    ) -> None:
        page = client.post(f"/admin/audit/export?format={file_format}&who=李")
        if file_format == "csv":
            rows = list(csv.reader(io.StringIO(page.data.decode("utf-8-sig"))))
            *rows, last = rows  # the end of the log
            head = (int(last[0]), *json.loads(last[-1]).values())
        else:
            log, anchor = load_workbook(io.BytesIO(page.data), read_only=True)
            rows = [[str(cell) for cell in row] for row in log.iter_rows(values_only=True)]
            *_, head = anchor.iter_rows(values_only=True)
        assert head == (last_entry().id, last_entry().hash, db.session.query(AuditEntry).count())
        assert [row[5] for row in rows] == ["操作", "unit.create", "account.update"]
        assert [row[3] for row in rows[1:]] == ["李四", "李四"]
        # A spreadsheet holds an instant, which is written out to the second here.
        assert rows[1][1] == "2026-11-24 06:30" + (":00" if file_format == "xlsx" else "")
        entry = last_entry()
        assert (entry.verb, entry.actor_pid, entry.detail) == (
            "audit.export",
            admin.pid,
            {"file_format": file_format, "fields": ["who"]},
        )

    @pytest.mark.usefixtures("on_one_database")
    def test_export_leads_to_the_list_when_a_link_asks_for_it(
        self, client: QualityClient, admin: User
    ) -> None:
        page = client.get_page("/admin/audit/export?format=csv&who=李", follow=True)
        assert page.path.startswith("/admin/audit?who=")
        assert last_entry().verb != "audit.export"
        client.send(page.form("form[action='/admin/audit/export']:has([value='csv'])"))
        assert last_entry().verb == "audit.export"
        assert last_entry().detail["fields"] == ["who"]

    @pytest.mark.usefixtures("on_one_database")
    def test_export_is_refused_when_the_format_is_unknown(
        self, client: QualityClient, admin: User
    ) -> None:
        client.post("/admin/audit/export", {"format": "exe"}, status=404)
        assert last_entry().verb != "audit.export"

    @pytest.mark.usefixtures("on_one_database")
    def test_export_runs_nothing_when_a_name_looks_like_a_formula(
        self, client: QualityClient, clock: Clock
    ) -> None:
        admin = client.sign_in(Role.AUDIT_ADMIN, display_name="=HYPERLINK(1)")
        audit.record("unit.create", None, actor=admin.actor, now=clock.now)
        page = client.post("/admin/audit/export?format=csv")
        assert ",'=HYPERLINK(1)," in page.text
