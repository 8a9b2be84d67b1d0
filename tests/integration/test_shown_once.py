"""What is said once survives a reload and the other language, and nobody else reads it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.services import accounts, personal_links
from tests import factories
from tests.client import Page, QualityClient
from tests.conftest import Clock

#: The page on which it is said, and how it reads there.
Said = tuple[Page, str]
PASSWORD, LINK = r"\b(?:\w{5}-){3}\w{5}\b", r"(?<=/me/)[\w-]{20,}"


def new_account(client: QualityClient) -> Said:
    client.sign_in(Role.SYSTEM_ADMIN)
    values = {"display_name": "新同事", "email": "new@example.org", "role": "district"}
    unit = factories.DistrictFactory()
    return client.submit("/admin/accounts/new", {**values, "unit_pid": unit.pid}), PASSWORD


def reset_password(client: QualityClient) -> Said:
    client.sign_in(Role.SYSTEM_ADMIN)
    path = f"/admin/accounts/{factories.UserFactory(with_password=True).pid}"
    return client.submit(path, form=f"form[action='{path}/reset-password']"), PASSWORD


def personal_link(client: QualityClient) -> Said:
    officer = client.sign_in(Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    return client.submit(f"/clients/{person.pid}/link", form="form[action$='/link']"), LINK


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("say", [new_account, reset_password, personal_link])
def test_secret_is_read_again_by_its_browser_alone_when_reloaded_or_in_the_other_language(
    say: Callable[[QualityClient], Said], client: QualityClient, clock: Clock
) -> None:
    page, pattern = say(client)
    secret = re.findall(pattern, page.text)[0]
    switch = {"language": "en", "next": page.path}
    for again in (client.get_page(page.path), client.post("/language", switch, follow=True)):
        assert secret in again.text
        assert again.path == page.path
    with client.browser.session_transaction() as session:
        assert "shown_once" in session
        assert secret not in str(dict(session))
    beside = client.another()
    beside.sign_in(client.user)
    assert secret not in beside.get_page(page.path).text
    clock.move(minutes=15)
    assert secret not in client.get_page(page.path).text


@pytest.mark.usefixtures("on_one_database")
def test_secret_is_not_said_again_when_it_opens_nothing_any_more(
    client: QualityClient, clock: Clock
) -> None:
    page, _ = personal_link(client)
    token = re.findall(LINK, page.text)[0]
    person = personal_links.find_link(token, now=clock.now).client
    personal_links.create_link(person, actor=factories.UserFactory().actor, now=clock.now)
    assert token not in client.get_page(page.path).text
    admin = client.another()
    admin.sign_in(Role.SYSTEM_ADMIN)
    user = factories.UserFactory(with_password=True)
    path = f"/admin/accounts/{user.pid}"
    page = admin.submit(path, form=f"form[action='{path}/reset-password']")
    password = re.findall(PASSWORD, page.text)[0]
    accounts.reset_password(user.pid, actor=factories.UserFactory().actor, now=clock.now)
    db.session.commit()
    assert password not in admin.get_page(path).text
