"""Signing in: who gets in, what failures lead to, how a session ends, where one goes afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from matchboard.crypto import hash_password, unusable_password
from matchboard.domain.accounts import SecurityRules
from matchboard.domain.roles import ACCOUNT_ROLES, Role
from matchboard.extensions import db, limiter
from matchboard.models import AccountSession, AuditEntry, SignInFailure, User
from matchboard.services import sign_in
from matchboard.web.addresses import MAIN_SCREENS
from tests.client import Page, QualityClient
from tests.conftest import SETTINGS, Clock
from tests.factories import NOW, PASSWORD, OfficeFactory, UserFactory

EMAIL = "officer@example.org"
FAILED = "邮箱或密码不正确"
LOCKED = "已暂时锁定"


@pytest.fixture
def officer(app: Flask) -> User:
    user: User = UserFactory(email=EMAIL, with_password=True)
    return user


def try_to_sign_in(
    client: QualityClient, email: str = EMAIL, password: str = PASSWORD, **kwargs: Any
) -> Page:
    kwargs.setdefault("status", 422)
    return client.submit(
        "/login", {"email": email, "password": password}, form="#sign-in", follow=False, **kwargs
    )


def verbs() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)))


# --- Getting in ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("role", ACCOUNT_ROLES, ids=[role.value for role in ACCOUNT_ROLES])
def test_sign_in_leads_to_the_main_screen_when_no_page_was_asked_for(
    client: QualityClient, role: Role
) -> None:
    UserFactory(email=EMAIL, role=role, with_password=True)
    assert try_to_sign_in(client, status=303).location == MAIN_SCREENS[role]


def test_sign_in_notes_time_and_audit_when_the_password_is_right(
    client: QualityClient, officer: User, clock: Clock
) -> None:
    try_to_sign_in(client, email=" Officer@EXAMPLE.org ", status=303)
    assert (officer.login_count, officer.current_login_at) == (1, clock.now)
    assert verbs() == ["account.sign_in"]
    assert client.get_page("/account").has_text(officer.email)


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("email", "password"),
    [
        pytest.param(EMAIL, "wrong-password-123", id="wrong-password"),
        pytest.param("nobody@example.org", PASSWORD, id="unknown-address"),
        pytest.param("shut@example.org", PASSWORD, id="disabled-account"),
        pytest.param("no address at all", PASSWORD, id="malformed-address"),
    ],
)
def test_sign_in_answers_the_same_when_address_or_password_is_wrong(
    client: QualityClient, officer: User, email: str, password: str
) -> None:
    UserFactory(email="shut@example.org", active=False, with_password=True)
    page = try_to_sign_in(client, email, password)
    assert page.by_role("alert", FAILED)
    assert page.field_errors() == {}
    assert page.by_label("电子邮箱")["value"] == email
    assert not page.by_label("密码").get("value")
    assert verbs() == ["account.sign_in_failed"]


@pytest.mark.usefixtures("on_one_database")
def test_only_the_right_password_is_told_that_the_account_waits_to_be_confirmed(
    client: QualityClient,
) -> None:
    user = UserFactory(email=EMAIL, active=False, awaits_confirmation=True, with_password=True)
    waits = "还没有确认，暂时不能登录。请联系安全管理员"
    page = try_to_sign_in(client, password="wrong-password-123")
    assert page.by_role("alert", FAILED)
    assert not page.has_text(waits)
    assert verbs() == ["account.sign_in_failed"]
    for _ in range(6):  # that is no guess: asking again locks nobody
        page = try_to_sign_in(client)
        assert page.by_role("alert", waits)
    assert verbs() == ["account.sign_in_failed"]
    user.active, user.awaits_confirmation = True, False
    assert try_to_sign_in(client, status=303).location == MAIN_SCREENS[user.role]


@pytest.mark.usefixtures("on_one_database")
def test_sign_in_checks_a_password_when_the_address_is_unknown(
    app: Flask, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    checked: list[str] = []

    def note(_password: str, stored: str) -> bool:
        checked.append(stored)
        return False

    monkeypatch.setattr(sign_in, "is_password", note)
    with pytest.raises(sign_in.SignInRefused):
        sign_in.authenticate("nobody@example.org", PASSWORD, now=clock.now)
    assert checked == [unusable_password()]


@pytest.mark.usefixtures("on_one_database")
def test_right_password_is_refused_when_the_address_was_locked_meanwhile(
    officer: User, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    db.session.commit()
    rules = SecurityRules(lockout_failures=5, lockout_minutes=15, idle_minutes=30)

    def be_overtaken(_password: str, _stored: str) -> bool:
        for _ in range(rules.lockout_failures):
            sign_in.record_failure(EMAIL, rules=rules, now=clock.now)
        return True

    monkeypatch.setattr(sign_in, "is_password", be_overtaken)
    with pytest.raises(sign_in.SignInRefused, match="sign_in_locked"):
        sign_in.authenticate(EMAIL, PASSWORD, now=clock.now)


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("language", "expected"),
    [
        pytest.param("zh", {"email": "请填写电子邮箱。", "password": "请填写密码。"}, id="zh"),
        pytest.param(
            "en",
            {"email": "Enter your e-mail address.", "password": "Enter your password."},
            id="en",
        ),
    ],
)
def test_sign_in_names_empty_fields_when_nothing_is_typed(
    client: QualityClient, language: str, expected: dict[str, str]
) -> None:
    client.set_language(language)
    page = try_to_sign_in(client, "", "")
    shown = page.field_errors()
    assert {
        name: text.split("：")[-1].split(": ")[-1].strip() for name, text in shown.items()
    } == expected


@pytest.mark.usefixtures("on_one_database")
def test_sign_in_page_leads_on_when_someone_is_signed_in(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    assert client.get_page("/login", status=303).location == "/today"


@pytest.mark.usefixtures("on_one_database")
def test_sign_in_speaks_the_language_of_the_account_when_it_has_chosen_one(
    client: QualityClient,
) -> None:
    UserFactory(email=EMAIL, with_password=True, language="en")
    try_to_sign_in(client, status=303)
    assert client.get_page("/account").h1 == "My account"


# --- Lockout ------------------------------------------------------------------------------------


def fail(client: QualityClient, times: int, email: str = EMAIL) -> Page:
    for _ in range(times):
        page = try_to_sign_in(client, email, "wrong-password-123")
    return page


@pytest.mark.parametrize(
    ("n_failures", "minutes_later", "gets_in"),
    [
        pytest.param(4, 0, True, id="one-failure-short"),
        pytest.param(5, 0, False, id="at-the-limit"),
        pytest.param(5, 14.9, False, id="just-before-the-end"),
        pytest.param(5, 15, True, id="after-the-end"),
    ],
)
def test_account_is_locked_when_failures_reach_the_limit(
    client: QualityClient,
    officer: User,
    clock: Clock,
    n_failures: int,
    minutes_later: float,
    gets_in: bool,
) -> None:
    fail(client, n_failures)
    clock.move(minutes=minutes_later)
    page = try_to_sign_in(client, status=303 if gets_in else 422)
    assert page.status == 303 or page.by_role("alert", LOCKED)


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("password", [PASSWORD, "wrong-password-123"], ids=["right", "wrong"])
@pytest.mark.parametrize("email", [EMAIL, "nobody@example.org"], ids=["known", "unknown"])
def test_lock_says_the_same_when_password_or_address_differ(
    client: QualityClient, officer: User, email: str, password: str
) -> None:
    at_limit = fail(client, 5, email)
    later = try_to_sign_in(client, email, password)
    sentence = "登录失败次数过多，已暂时锁定到 2026-11-24 06:45。届时再试，或请系统管理员解锁。"
    assert at_limit.has_text(sentence)
    assert later.has_text(sentence)


@pytest.mark.usefixtures("on_one_database")
def test_lock_is_not_prolonged_when_someone_keeps_trying(
    client: QualityClient, officer: User, clock: Clock
) -> None:
    fail(client, 5)
    clock.move(minutes=10)
    fail(client, 3)
    clock.move(minutes=5)
    try_to_sign_in(client, status=303)


@pytest.mark.usefixtures("on_one_database")
def test_failures_are_forgotten_when_they_are_older_than_the_window(
    client: QualityClient, officer: User, clock: Clock
) -> None:
    fail(client, 4)
    clock.move(minutes=15)
    fail(client, 4)
    try_to_sign_in(client, status=303)


@pytest.mark.usefixtures("on_one_database")
def test_failures_are_forgotten_when_the_person_gets_in(
    client: QualityClient, officer: User
) -> None:
    fail(client, 4)
    try_to_sign_in(client, status=303)
    other = client.another()
    fail(other, 4)
    try_to_sign_in(other, status=303)


def test_failure_is_on_record_when_its_request_was_rolled_back(
    client: QualityClient, officer: User
) -> None:
    fail(client, 5)
    failures = db.session.scalars(select(SignInFailure).order_by(SignInFailure.id)).all()
    assert [failure.user_id for failure in failures] == [officer.id] * 5
    assert verbs() == ["account.sign_in_failed"] * 5 + ["account.lockout"]
    log = db.session.scalars(select(AuditEntry)).all()
    assert {entry.subject_pid for entry in log} == {officer.pid}
    assert EMAIL not in str([entry.detail for entry in log])


def test_old_failures_are_deleted_when_the_day_is_done(
    client: QualityClient, officer: User, clock: Clock
) -> None:
    fail(client, 2)
    clock.move(days=3)
    assert sign_in.forget_old_failures(now=clock.now) == 2
    assert db.session.scalars(select(SignInFailure)).all() == []


class TestLimit:
    """One network address may try only so often."""

    @pytest.fixture
    def settings(self, settings: dict[str, Any]) -> dict[str, Any]:
        return {**settings, "RATELIMIT_ENABLED": True}

    @pytest.mark.usefixtures("on_one_database")
    def test_sign_in_is_slowed_down_when_one_address_tries_too_often(
        self, client: QualityClient
    ) -> None:
        assert SETTINGS["RATELIMIT_ENABLED"] is False
        limiter.enabled = True
        limiter.reset()
        try:
            statuses = [
                client.post("/login", {"email": f"a{n}@example.org", "password": "x"}).status
                for n in range(31)
            ]
        finally:
            limiter.reset()
            limiter.enabled = False
        assert statuses == [422] * 30 + [429]


# --- Where to -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("wanted", "target"),
    [
        pytest.param("/account/password", "/account/password", id="own-page"),
        pytest.param("/account?x=1&y=%E4%B8%AD", "/account?x=1&y=%E4%B8%AD", id="with-query"),
        pytest.param("", "/today", id="nothing"),
        pytest.param("https://evil.example/", "/today", id="other-site"),
        pytest.param("//evil.example/", "/today", id="no-scheme"),
        pytest.param("///evil.example/", "/today", id="three-slashes"),
        pytest.param("/\\evil.example/", "/today", id="backslash"),
        pytest.param("/\t/evil.example/", "/today", id="tab"),
        pytest.param("/account\n//evil.example", "/today", id="line-break"),
        pytest.param("javascript:alert(1)", "/today", id="script"),
        pytest.param("account", "/today", id="relative"),
        pytest.param("/admin/accounts", "/today", id="other-roles-page"),
        pytest.param("/logout", "/today", id="not-a-page"),
        pytest.param("/nowhere", "/today", id="unknown-page"),
    ],
)
def test_sign_in_returns_only_to_own_pages_when_asked(
    client: QualityClient, officer: User, wanted: str, target: str
) -> None:
    values = {"email": EMAIL, "password": PASSWORD, "next": wanted}
    assert client.post("/login", values, status=303).location == target


@pytest.mark.usefixtures("on_one_database")
def test_visitor_comes_back_when_the_page_needed_a_sign_in(
    client: QualityClient, officer: User
) -> None:
    page = client.get_page("/account?tab=1", status=303)
    assert page.location == "/login?next=/account?tab%3D1"
    page = client.submit(
        page.location,
        {"email": EMAIL, "password": PASSWORD},
        form="#sign-in",
        follow=False,
        status=303,
    )
    assert page.location == "/account?tab=1"


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("wanted", "target"),
    [
        pytest.param("/account", "/account", id="own-page"),
        pytest.param("//evil.example", "/", id="other-site"),
        pytest.param("///evil.example", "/", id="three-slashes"),
        pytest.param("/\\evil.example", "/", id="backslash"),
    ],
)
def test_language_switch_returns_only_to_own_pages_when_asked(
    client: QualityClient, wanted: str, target: str
) -> None:
    assert client.post("/language", {"language": "en", "next": wanted}).location == target


# --- Sessions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "status"), [(29, 200), (30, 200), (30.1, 303)], ids=["before", "at", "after"]
)
def test_session_ends_when_idle_too_long(
    client: QualityClient, officer: User, clock: Clock, minutes: float, status: int
) -> None:
    try_to_sign_in(client, status=303)
    clock.move(minutes=minutes)
    client.get_page("/account", status=status)


@pytest.mark.usefixtures("on_one_database")
def test_session_goes_on_when_each_pause_is_short(
    client: QualityClient, officer: User, clock: Clock
) -> None:
    try_to_sign_in(client, status=303)
    for _ in range(4):
        clock.move(minutes=20)
        client.get_page("/account")


@pytest.mark.usefixtures("on_one_database")
def test_copied_cookie_is_refused_when_replayed_after_the_idle_time(
    client: QualityClient, officer: User, clock: Clock
) -> None:
    try_to_sign_in(client, status=303)
    stolen = client.browser.get_cookie("matchboard")
    assert stolen is not None
    clock.move(minutes=20)
    client.get_page("/account")  # the person goes on working
    clock.move(minutes=20)
    thief = client.another()
    thief.browser.set_cookie("matchboard", stolen.value)
    thief.get_page("/account", status=303)
    client.get_page("/account")


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("address", "seconds", "carries_it"),
    [
        pytest.param("/static/css/site.css", 3600, False, id="stylesheet-however-late"),
        pytest.param("/account", 29, False, id="page-soon-after-another"),
        pytest.param("/account", 30, True, id="page-some-time-later"),
    ],
)
def test_answer_carries_the_session_only_to_note_who_is_there(
    client: QualityClient, officer: User, clock: Clock, address: str, seconds: int, carries_it: bool
) -> None:
    """A late answer with an older session would undo a sign-in or sign-out made meanwhile."""
    try_to_sign_in(client, status=303)
    client.get_page("/account")
    clock.move(seconds=seconds)
    with client.browser.get(address) as answer:
        cookies = answer.headers.getlist("Set-Cookie")
    assert any(cookie.startswith("matchboard=") for cookie in cookies) is carries_it


def _signed_out_elsewhere(user: User) -> None:
    db.session.execute(update(AccountSession).values(ended_at=NOW))


def _disabled(user: User) -> None:
    user.active = False


def _given_a_new_password(user: User) -> None:
    user.fs_uniquifier = "f" * 64


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("happens", "minutes", "told"),
    [
        (None, 60, "您有一段时间没有操作"),
        (None, 12 * 60 + 1, "登录已满 12 小时"),
        (_signed_out_elsewhere, 1, "这次登录已被结束"),
        (_disabled, 1, "这次登录已被结束"),
        (_given_a_new_password, 1, "这次登录已被结束"),
    ],
    ids=["idle", "too-old", "signed-out", "disabled", "new-password"],
)
def test_person_is_told_why_when_the_session_has_ended(
    client: QualityClient,
    officer: User,
    clock: Clock,
    happens: Callable[[User], None] | None,
    minutes: int,
    told: str,
    app: Flask,
) -> None:
    if minutes > 12 * 60:  # never idle for that long
        app.config["IDLE_MINUTES"] = 24 * 60
        app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=1)
    try_to_sign_in(client, status=303)
    if happens is not None:
        happens(officer)
        db.session.commit()
    clock.move(minutes=minutes)
    page = client.get_page("/account", status=303)
    page = client.get_page(page.location)
    assert page.h1 == "登录"
    assert page.has_text(told)


@pytest.mark.usefixtures("on_one_database")
def test_planted_session_is_worthless_when_the_person_signs_in(
    client: QualityClient, officer: User
) -> None:
    client.edit_session(planted="yes")
    before = client.csrf_token()
    try_to_sign_in(client, status=303)
    with client.browser.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != "0" * 40
    assert client.post("/account/password", {"csrf_token": before}).status == 400


@pytest.mark.usefixtures("on_one_database")
def test_session_ends_when_the_account_is_shut(client: QualityClient, officer: User) -> None:
    try_to_sign_in(client, status=303)
    officer.active = False
    client.get_page("/account", status=303)


def test_sign_out_ends_the_session_when_asked(client: QualityClient, officer: User) -> None:
    try_to_sign_in(client, status=303)
    page = client.submit("/account", form="form[action='/logout']")
    assert page.h1 == "登录"
    assert page.has_text("您已退出登录。")
    client.get_page("/account", status=303)
    assert verbs() == ["account.sign_in", "account.sign_out"]
    assert client.browser.get_cookie("matchboard_last") is None


def test_copied_cookie_opens_nothing_when_the_person_has_signed_out(
    client: QualityClient, officer: User
) -> None:
    try_to_sign_in(client, status=303)
    stolen = client.browser.get_cookie("matchboard")
    assert stolen is not None
    thief = client.another()
    thief.browser.set_cookie("matchboard", stolen.value)
    thief.get_page("/account")  # while the session lasts nothing tells the two apart
    client.submit("/account", form="form[action='/logout']")
    thief.browser.set_cookie("matchboard", stolen.value)
    thief.get_page("/account", status=303)


def test_sign_out_ends_only_its_own_session_when_there_are_two(
    client: QualityClient, officer: User
) -> None:
    phone = client.another()
    for browser in (client, phone):
        try_to_sign_in(browser, status=303)
    client.submit("/account", form="form[action='/logout']")
    phone.get_page("/account")
    phone.submit("/account", form="form[action='/logout']")
    phone.get_page("/account", status=303)


@pytest.mark.parametrize(("minutes", "status"), [(719, 200), (720, 303), (721, 303)])
def test_session_ends_after_twelve_hours_however_busy(
    client: QualityClient, officer: User, clock: Clock, minutes: int, status: int
) -> None:
    try_to_sign_in(client, status=303)
    begun = clock.now
    while clock.now + timedelta(minutes=29) < begun + timedelta(minutes=minutes):
        clock.move(minutes=29)
        client.get_page("/account")
    clock.set(begun + timedelta(minutes=minutes))
    client.get_page("/account", status=status)


def test_old_sessions_are_forgotten_when_the_day_is_done(
    client: QualityClient, officer: User, clock: Clock
) -> None:
    try_to_sign_in(client, status=303)
    clock.move(hours=12)
    assert sign_in.forget_old_sessions(now=clock.now) == 0
    clock.move(seconds=1)
    assert sign_in.forget_old_sessions(now=clock.now) == 1


# --- Strangers and guesses ----------------------------------------------------------------------


def test_stranger_locks_nobody_out_of_a_browser_the_account_knows(
    client: QualityClient, officer: User
) -> None:
    try_to_sign_in(client, status=303)
    client.submit("/account", form="form[action='/logout']")
    stranger = client.another()
    fail(stranger, 5)
    locked = try_to_sign_in(stranger)
    assert locked.by_role("alert", LOCKED)
    try_to_sign_in(client, status=303)
    # It opens that door alone: the stranger stays locked out, and so is the browser's own guesser.
    assert try_to_sign_in(stranger).by_role("alert", LOCKED)
    client.submit("/account", form="form[action='/logout']")
    fail(client, 5)
    assert try_to_sign_in(client).by_role("alert", LOCKED)


@pytest.mark.usefixtures("on_one_database")
def test_browser_known_to_one_account_is_a_stranger_to_another(
    client: QualityClient, officer: User
) -> None:
    UserFactory(email="other@example.org", with_password=True)
    try_to_sign_in(client, status=303)
    client.submit("/account", form="form[action='/logout']")
    fail(client.another(), 5, "other@example.org")
    assert try_to_sign_in(client, "other@example.org").by_role("alert", LOCKED)
    fail(client.another(), 5)
    try_to_sign_in(client, status=303)


def test_guesses_at_the_old_password_count_and_end_the_session(
    client: QualityClient, officer: User
) -> None:
    try_to_sign_in(client, status=303)
    values = {"new_password": "violet-teapot-17-harbour", "repeated": "violet-teapot-17-harbour"}
    for _ in range(4):
        client.submit("/account/password", {"old_password": "guess", **values}, status=422)
    client.get_page("/account")
    page = client.submit("/account/password", {"old_password": "guess", **values})
    assert page.h1 == "登录"
    assert page.has_text("原密码输错次数过多")
    assert try_to_sign_in(client).by_role("alert", LOCKED)
    assert verbs()[1:] == ["account.sign_in_failed"] * 5 + ["account.lockout"]


@pytest.mark.usefixtures("on_one_database")
def test_signing_out_needs_a_post_when_an_address_is_opened(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    # A person who reloads there comes to a page; it was a 405 with no way on.
    assert client.get_page("/logout", status=303).location == "/account"
    client.get_page("/account")


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("place", ["header", "query"])
def test_token_signs_nobody_in_when_sent_with_a_request(
    client: QualityClient, officer: User, place: str
) -> None:
    token = officer.get_auth_token()
    path = f"/account?auth_token={token}" if place == "query" else "/account"
    headers = {"Authentication-Token": token} if place == "header" else {}
    assert client.request("GET", path, headers=headers).status == 303


# --- Demo sign-ins ------------------------------------------------------------------------------


class TestDemo:
    """The demo database offers its sign-ins; no other does."""

    @pytest.fixture
    def settings(self, settings: dict[str, Any]) -> dict[str, Any]:
        return {**settings, "DEMO": True}

    @pytest.fixture
    def demo_account(self, app: Flask) -> User:
        user: User = UserFactory(
            email="officer@demo.matchboard.example",
            password=hash_password("matchboard-demo-2026"),
            unit=OfficeFactory(name="东湖司法所"),
        )
        return user

    @pytest.mark.usefixtures("on_one_database")
    def test_demo_sign_in_takes_one_tap_when_the_database_is_the_demo(
        self, client: QualityClient, demo_account: User, officer: User
    ) -> None:
        page = client.get_page("/login")
        assert page.has_text("这些账户只存在于演示数据库")
        assert page.has_text("matchboard-demo-2026")
        assert page.has_text("东湖司法所")
        assert not page.has_text(officer.email)
        page = client.submit("/login", form=".demo-sign-in", follow=False, status=303)
        assert page.location == "/today"


@pytest.mark.usefixtures("on_one_database")
def test_demo_account_opens_nothing_when_the_database_is_real(client: QualityClient) -> None:
    email = "officer@demo.matchboard.example"
    UserFactory(email=email, password=hash_password("matchboard-demo-2026"))
    assert try_to_sign_in(client, email, "matchboard-demo-2026").has_text(FAILED)


@pytest.mark.usefixtures("on_one_database")
def test_demo_sign_ins_are_hidden_when_the_database_is_real(client: QualityClient) -> None:
    UserFactory(email="officer@demo.matchboard.example")
    page = client.get_page("/login")
    assert not page.has_text("demo")
    assert not page.has_text("演示")
