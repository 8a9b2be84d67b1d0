"""Accounts made and confirmed by command."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from matchboard.crypto import is_password
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, User
from tests.factories import OfficeFactory, UserFactory
from tests.integration.cli.commands import Run


def test_account_can_sign_in_when_made_by_command(run: Run) -> None:
    office = OfficeFactory()
    result = run(
        *("create-account", "--email", "New@Example.org", "--name", "新员工"),
        *("--role", "officer", "--unit", office.pid, "--confirm"),
    )
    assert result.exit_code == 0, result.output
    user = db.session.scalars(select(User)).one()
    assert (user.email, user.role, user.unit_id) == ("new@example.org", Role.OFFICER, office.id)
    assert user.active
    password = result.output.split(": ")[1].split("\n")[0]
    assert is_password(password, user.password)


@pytest.mark.parametrize(
    ("arguments", "is_active"), [((), False), (("--confirm",), True)], ids=["waits", "confirmed"]
)
@pytest.mark.parametrize("role", ["security_admin", "officer"])
def test_account_made_by_command_waits_when_nobody_confirms(
    run: Run, role: str, arguments: tuple[str, ...], is_active: bool
) -> None:
    unit = OfficeFactory().pid if role == "officer" else ""
    result = run(
        *("create-account", "--email", "a@example.org", "--name", "新员工"),
        *("--role", role, "--unit", unit, *arguments),
    )
    assert result.exit_code == 0, result.output
    assert db.session.scalars(select(User.active)).one() is is_active
    assert ("must confirm" in result.output) is not is_active


def test_waiting_account_starts_when_confirmed_by_command(run: Run) -> None:
    user = UserFactory(role=Role.SECURITY_ADMIN, active=False, awaits_confirmation=True)
    result = run("confirm-account", "--email", f" {user.email.upper()}")
    assert result.exit_code == 0, result.output
    assert (user.active, user.awaits_confirmation) == (True, False)
    assert db.session.scalars(select(AuditEntry.verb)).all() == ["account.confirm"]
    again = run("confirm-account", "--email", user.email)
    unknown = run("confirm-account", "--email", "nobody@example.org")
    assert [result.exit_code for result in (again, unknown)] == [1, 1]


def test_account_is_refused_in_one_line_when_the_address_is_taken(run: Run) -> None:
    user = UserFactory(role=Role.SYSTEM_ADMIN)
    result = run(
        *("create-account", "--email", user.email, "--name", "x", "--role", "system_admin")
    )
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "(email)" in result.output
    assert db.session.scalar(select(func.count()).select_from(User)) == 1
