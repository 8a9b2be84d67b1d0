"""Guesses sent at once get no more answers than guesses sent one after the other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from threading import Barrier
from typing import Any

import pytest

from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.services import number_tries, personal_links, walk_in_guesses
from tests import factories
from tests.client import QualityClient
from tests.conftest import Clock

N_AT_ONCE = 16
NEW_PASSWORD = "violet-teapot-17-harbour"
#: Where a guess is sent, what with, and the words of an answer to it.
Guess = tuple[str, dict[str, Any], str]
Prepare = Callable[[QualityClient, Clock, pytest.MonkeyPatch], Guess]


def walk_in(client: QualityClient, _clock: Clock, _patch: pytest.MonkeyPatch) -> Guess:
    coordinator = client.sign_in(Role.COORDINATOR)
    session = factories.CourseSessionFactory(course__provider=coordinator.unit)
    page = client.get_page(f"/training/sessions/{session.pid}")
    wrong = {"client_pid": factories.ClientFactory().pid, "birth_date": "1985-05-21"}
    return _of(page.form("#walk-in-form"), wrong, "编号和出生日期对不上，请和本人再核对一次")


def identity_number(client: QualityClient, _clock: Clock, patch: pytest.MonkeyPatch) -> Guess:
    patch.setattr(number_tries, "MAX_TRIES", walk_in_guesses.MAX_WRONG)
    client.sign_in(Role.OFFICER)
    hidden = factories.ClientFactory(with_id_number=True).id_number
    values = {"identity_number": hidden, "csrf_token": client.csrf_token()}
    return "/clients/new/identity", values, "另一个司法所"


def identity_number_of_a_form(
    client: QualityClient, clock: Clock, patch: pytest.MonkeyPatch
) -> Guess:
    _, values, words = identity_number(client, clock, patch)
    page = client.get_page("/clients/new")
    form = page.form("", fields={"identity_number": ""})
    return _of(form, {"identity_number": values["identity_number"]}, words)


def sign_in(client: QualityClient, _clock: Clock, _patch: pytest.MonkeyPatch) -> Guess:
    factories.UserFactory(email="wanted@example.org", with_password=True)
    form = client.get_page("/login").form("#sign-in")
    return _of(form, {"email": "wanted@example.org", "password": "guess"}, "邮箱或密码不正确")


def old_password(client: QualityClient, _clock: Clock, _patch: pytest.MonkeyPatch) -> Guess:
    client.sign_in(Role.OFFICER, with_password=True)
    form = client.get_page("/account/password").form("", fields={"old_password": ""})
    values = {"old_password": "guess", "new_password": NEW_PASSWORD, "repeated": NEW_PASSWORD}
    return _of(form, values, "现在的密码不正确")


def birth_date(client: QualityClient, clock: Clock, _patch: pytest.MonkeyPatch) -> Guess:
    person = factories.ClientFactory()
    placement = factories.PlacementFactory(client=person)
    actor = factories.UserFactory(role=Role.OFFICER).actor
    _, token = personal_links.create_link(person, actor=actor, now=clock.now)
    path = f"/me/{token}/{placement.pid}/consent"
    form = client.get_page(f"/me/{token}").form(f"form[action='{path}']")
    names = {"scope": "card", "birth_date": "1999-01-01"}
    values = {f"consent-{placement.pid}-{n}": v for n, v in names.items()}
    # Without the form's key: with it these would be one try, sent again by a reload.
    return _of(form, values | {f"consent-{placement.pid}-submission_key": ""}, "还可以试")


@pytest.mark.parametrize(
    ("prepare", "n_answers"),
    [
        pytest.param(walk_in, 5, id="walk-in"),
        pytest.param(identity_number, 5, id="identity-number"),
        pytest.param(identity_number_of_a_form, 5, id="identity-number-of-a-form"),
        # The last of these locks: what it says is that, not whether it was right.
        pytest.param(sign_in, 4, id="sign-in"),
        pytest.param(old_password, 4, id="old-password"),
        pytest.param(birth_date, 4, id="birth-date"),
    ],
)
def test_guesses_are_answered_no_more_often_when_sixteen_are_sent_at_once(
    prepare: Prepare,
    n_answers: int,
    client: QualityClient,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, values, words = prepare(client, clock, monkeypatch)
    db.session.commit()
    cookies = {c.key: c.decoded_value for c in client.browser._cookies.values()}
    barrier = Barrier(N_AT_ONCE)

    def send(_n: int) -> str:
        browser = client.app.test_client()
        for name, value in cookies.items():
            browser.set_cookie(name, value)
        barrier.wait(timeout=30)
        return Context().run(browser.post, path, data=values).get_data(as_text=True)

    with ThreadPoolExecutor(N_AT_ONCE) as threads:
        answers = list(threads.map(send, range(N_AT_ONCE)))
    # Fewer where the page was closed by the others before it could say so.
    assert 0 < sum(words in answer for answer in answers) <= n_answers


def _of(form: Any, values: dict[str, Any], words: str) -> Guess:
    return form.action, {**form.values(), **values}, words
