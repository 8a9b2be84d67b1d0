"""The head of a justice office: named by one administrator, confirmed by another, one an office."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from matchboard.domain.errors import Conflict, InvalidInput
from matchboard.domain.roles import SYSTEM, Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, User
from matchboard.permissions import office_heads as heads_of_office
from matchboard.services import accounts, audit_folds, office_heads
from tests import factories
from tests.client import QualityClient
from tests.conftest import Clock

ACCOUNTS = "/admin/accounts"


@pytest.fixture
def admin(client: QualityClient) -> User:
    return client.sign_in(Role.SYSTEM_ADMIN)


@pytest.fixture
def officers() -> list[User]:
    unit = factories.OfficeFactory()
    return [factories.UserFactory(unit=unit, display_name=name) for name in ("钱一", "孙二")]


def heads(of: User) -> set[int]:
    db.session.expire_all()
    return set(heads_of_office(of.unit_id or 0))


def verbs() -> list[str]:
    query = select(AuditEntry.verb).where(AuditEntry.verb.like("account.%"))
    return list(db.session.scalars(query.order_by(AuditEntry.id)))


def press(client: QualityClient, user: User, action: str) -> Any:
    path = f"{ACCOUNTS}/{user.pid}"
    return client.submit(path, form=f"form[action='{path}/{action}']")


def test_head_takes_two_administrators_and_is_shown_where_accounts_are(
    client: QualityClient, admin: User, officers: list[User]
) -> None:
    first, second = officers
    page = press(client, first, "name-head")
    assert page.has_text("等待安全管理员确认：指定为所长")
    assert heads(first) == set()
    assert unlike_the_log() == ()
    assert first.active  # goes on working meanwhile
    other = client.get_page(f"{ACCOUNTS}/{second.pid}")
    assert not other.all("form[action$='/name-head']")
    assert other.has_text("钱一")
    security = client.another()
    security.sign_in(Role.SECURITY_ADMIN)
    asked = security.get_page("/admin/confirmations")
    assert asked.has_text("可以打开本所全部受限记录")
    security.submit("/admin/confirmations")
    assert heads(first) == {first.id}
    assert unlike_the_log() == ()
    assert client.get_page(ACCOUNTS).one("tr:has(.pill-info)").get_text().split()[0] == "钱一"
    press(client, first, "remove-head")
    assert heads(first) == set()
    assert verbs() == [
        "account.name_head",
        "account.confirm",
        "account.confirm_head",
        "account.remove_head",
    ]
    assert client.get_page(f"{ACCOUNTS}/{second.pid}").all("form[action$='/name-head']")
    assert unlike_the_log() == ()
    press(client, second, "name-head")
    press(client, second, "disable")
    assert unlike_the_log() == ()
    second.head_awaits_confirmation = True
    assert unlike_the_log() == (second.pid,)


def unlike_the_log() -> tuple[str, ...]:
    db.session.commit()
    return {check.name: check for check in audit_folds.run()}["account_head"].examples


def test_new_account_heads_its_office_once_it_is_confirmed(
    client: QualityClient, admin: User, officers: list[User]
) -> None:
    values = {
        "display_name": "李三",
        "email": "li3@example.org",
        "role": "officer",
        "unit_pid": officers[0].unit.pid if officers[0].unit else "",
        "is_office_head": "y",
    }
    wrong = {**values, "role": "audit_admin"}
    refused = client.submit(f"{ACCOUNTS}/new", wrong, status=422)
    assert "司法所工作人员" in refused.by_id("is_office_head-error").get_text()
    assert client.submit(f"{ACCOUNTS}/new", values).has_text("待安全管理员确认")
    assert heads(officers[0]) == set()
    security = client.another()
    security.sign_in(Role.SECURITY_ADMIN)
    security.submit("/admin/confirmations")
    made = db.session.scalars(select(User).where(User.email == "li3@example.org")).one()
    assert heads(officers[0]) == {made.id}
    again = {**values, "email": "li4@example.org"}
    refused = client.submit(f"{ACCOUNTS}/new", again, status=422)
    assert "李三" in refused.by_id("is_office_head-error").get_text()


def test_head_is_refused_where_there_is_one_or_none_can_be(
    app: Any, officers: list[User], clock: Clock
) -> None:
    del app
    first, second = officers
    common: dict[str, Any] = {"actor": SYSTEM, "now": clock.now}
    clerk = factories.UserFactory(role=Role.COORDINATOR)
    gone = factories.UserFactory(unit=first.unit, active=False)
    with pytest.raises(InvalidInput, match="head_not_officer"):
        office_heads.name_head(clerk.pid, **common)
    for not_one in (office_heads.remove_head, accounts.confirm_account):
        with pytest.raises(Conflict):
            not_one(first.pid, **common)
    with pytest.raises(Conflict):
        office_heads.name_head(gone.pid, **common)
    office_heads.name_head(first.pid, **common)
    with pytest.raises(Conflict):
        office_heads.name_head(first.pid, **common)
    with pytest.raises(InvalidInput, match="office_has_head"):
        office_heads.name_head(second.pid, **common)
    # Shut meanwhile, nobody confirms it any more.
    accounts.disable_account(first.pid, **common)
    with pytest.raises(Conflict):
        accounts.confirm_account(first.pid, **common)
    office_heads.name_head(second.pid, **common)
    accounts.confirm_account(second.pid, **common)
    assert heads(first) == {second.id}
    # The table refuses two, whatever came in between.
    first.head_awaits_confirmation = first.active = True
    db.session.commit()
    with pytest.raises(Conflict):
        accounts.confirm_account(first.pid, **common)
    db.session.rollback()
    assert heads(first) == {second.id}


def test_new_password_is_no_way_to_be_head_before_both_are_confirmed(
    app: Any, officers: list[User], clock: Clock
) -> None:
    del app
    first, _ = officers
    common: dict[str, Any] = {"actor": SYSTEM, "now": clock.now}
    office_heads.name_head(first.pid, **common)
    accounts.reset_password(first.pid, **common)
    assert first.id not in heads(first)  # the colleague left is the only active one
    accounts.confirm_account(first.pid, **common)
    assert heads(first) == {first.id}
