"""The person's own account: what it shows, and how its password changes."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, User
from tests.client import Page, QualityClient
from tests.factories import PASSWORD, UserFactory

EMAIL = "wangxiaoyu@example.org"
NEW = "four-quiet-lamps-hum"
PATH = "/account/password"


@pytest.fixture
def user(app: Flask) -> User:
    found: User = UserFactory(email=EMAIL, display_name="王小雨", with_password=True)
    return found


def sign_in(client: QualityClient, password: str = PASSWORD, status: int = 303) -> Page:
    values = {"email": EMAIL, "password": password}
    return client.submit("/login", values, form="#sign-in", follow=False, status=status)


def change(
    client: QualityClient,
    old: str = PASSWORD,
    new: str = NEW,
    repeated: str | None = None,
    status: int = 303,
) -> Page:
    values = {
        "old_password": old,
        "new_password": new,
        "repeated": new if repeated is None else repeated,
    }
    return client.submit(PATH, values, follow=False, status=status)


@pytest.mark.usefixtures("on_one_database")
def test_account_shows_its_own_data_when_opened(client: QualityClient, user: User) -> None:
    client.sign_in(user)
    page = client.get_page("/account")
    for shown in (EMAIL, "王小雨", "司法所工作人员", user.unit.name if user.unit else ""):
        assert page.has_text(shown)


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("new", "problem"),
    [
        pytest.param("short-pass1", "密码至少要有 12 个字符。", id="eleven-characters"),
        pytest.param("x7-" * 43, "密码最多 128 个字符。", id="too-long"),
        pytest.param("my-WangXiaoYu-2026", "密码不能包含您的姓名或邮箱名。", id="address"),
        pytest.param("我是王小雨呀今天天气很好啊", "密码不能包含您的姓名或邮箱名。", id="name"),
        pytest.param("Administrator2026!", "这个密码太容易被猜到", id="common"),
        pytest.param("password1234", "这个密码太容易被猜到", id="first-of-every-list"),
        pytest.param("qwertyuiop12", "这个密码太容易被猜到", id="keyboard-row"),
        pytest.param("5211314521131452", "这个密码太容易被猜到", id="lucky-number-twice"),
        pytest.param("aaaaaaaaaaaaaa", "这个密码太容易被猜到", id="one-letter"),
        pytest.param(PASSWORD, "新密码不能与现在的密码相同。", id="the-old-one"),
    ],
)
def test_password_is_refused_when_it_breaks_a_rule(
    client: QualityClient, user: User, new: str, problem: str
) -> None:
    client.sign_in(user)
    page = change(client, new=new, status=422)
    assert problem in page.field_errors()["new_password"]
    sign_in(client.another())


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("old", "repeated", "field", "problem"),
    [
        pytest.param("wrong", NEW, "old_password", "现在的密码不正确。", id="wrong-old"),
        pytest.param(PASSWORD, "other", "repeated", "两次输入的新密码不一致。", id="not-repeated"),
        pytest.param("", NEW, "old_password", "请填写现在的密码。", id="empty"),
    ],
)
def test_password_stays_when_the_form_is_wrong(
    client: QualityClient, user: User, old: str, repeated: str, field: str, problem: str
) -> None:
    client.sign_in(user)
    page = change(client, old=old, repeated=repeated, status=422)
    assert problem in page.field_errors()[field]
    sign_in(client.another())


def test_every_other_session_ends_when_the_password_changes(
    client: QualityClient, user: User
) -> None:
    sign_in(client)
    other = client.another()
    sign_in(other)
    assert change(client).location == "/today"
    client.get_page("/account")
    other.get_page("/account", status=303)
    sign_in(client.another(), PASSWORD, status=422)
    sign_in(client.another(), NEW)
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.verb == "account.change_password")
    ).one()
    assert (entry.actor_pid, entry.subject_pid, entry.detail) == (user.pid, user.pid, {})


@pytest.mark.usefixtures("on_one_database")
def test_sign_ins_are_counted_once_when_the_password_changes(
    client: QualityClient, user: User
) -> None:
    sign_in(client)
    change(client)
    assert user.login_count == 1


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("path", ["/policies", "/policies/new"])
def test_work_waits_when_the_password_is_a_one_time_one(client: QualityClient, path: str) -> None:
    user = UserFactory(role=Role.DISTRICT, must_change_password=True, with_password=True)
    client.sign_in(user)
    assert client.get_page(path, status=303).location == PATH
    assert client.get_page(PATH).has_text("请先设置自己的密码")
    assert change(client).location == "/dashboard"
    client.get_page(path)


@pytest.mark.usefixtures("on_one_database")
def test_language_is_kept_in_the_account_when_chosen(client: QualityClient, user: User) -> None:
    client.sign_in(user)
    page = client.submit("/account", form="#language-choice", button="language=en")
    assert (page.path, user.language) == ("/account", "en")
    assert page.one("html")["lang"] == "en"


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
def test_administrators_are_refused_business_pages_when_tried(
    client: QualityClient, role: Role
) -> None:
    client.sign_in(role)
    client.get_page("/policies", status=403)
    client.sign_in(Role.DISTRICT)
    client.get_page("/policies")
