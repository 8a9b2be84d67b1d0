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
    assert "--email: " in result.output  # the option, not the name of a form field
    assert db.session.scalar(select(func.count()).select_from(User)) == 1


@pytest.mark.parametrize("email", ["bad", "d@b", "", "a b@example.org"])
@pytest.mark.usefixtures("on_one_database")
def test_account_is_refused_like_on_the_page_when_the_address_is_malformed(
    run: Run, email: str
) -> None:
    arguments = ("--name", "x", "--role", "system_admin")
    assert run("create-account", "--email", email, *arguments).output.startswith("Error: --email: ")
    assert db.session.scalar(select(func.count()).select_from(User)) == 0
    assert run("create-account", "--email", "d@b.example", *arguments).exit_code == 0


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("unit", ["", "zzzzzzzz"], ids=["none", "unknown"])
def test_account_error_names_the_option_and_the_list_when_the_unit_is_wrong(
    run: Run, unit: str
) -> None:
    office = OfficeFactory()
    arguments = ("create-account", "--email", "o@example.org", "--name", "x", "--role", "officer")
    refused = run(*arguments, "--unit", unit)
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: --unit: ")
    assert "matchboard units" in refused.output
    assert "unit_pid" not in refused.output
    listed = next(line for line in run("units").output.splitlines() if office.name in line)
    assert run(*arguments, "--unit", listed.split()[0]).exit_code == 0


@pytest.mark.parametrize("is_confirmed", [True, False], ids=["confirmed", "waits"])
def test_password_is_reset_by_command_when_forgotten(run: Run, is_confirmed: bool) -> None:
    user = UserFactory(role=Role.SECURITY_ADMIN)
    session_name = user.fs_uniquifier
    result = run("reset-password", user.email.upper(), *(("--confirm",) if is_confirmed else ()))
    assert result.exit_code == 0, result.output
    password = result.output.split(": ")[1].split("\n")[0]
    assert is_password(password, user.password)
    assert user.fs_uniquifier != session_name  # whoever was signed in is not any more
    assert user.must_change_password
    assert user.active is is_confirmed
    verbs = db.session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)).all()
    assert verbs == ["account.reset_password", "account.confirm"][: 1 + is_confirmed]
    assert ("confirm-account" in result.output) is not is_confirmed
    assert run("reset-password", "nobody@example.org").exit_code == 1


@pytest.mark.usefixtures("on_one_database")
def test_account_heads_its_office_when_the_command_says_so(run: Run) -> None:
    office = OfficeFactory()
    arguments = ("create-account", "--name", "x", "--role", "officer", "--unit", office.pid)
    made = run(*arguments, "--email", "head@example.org", "--head", "--confirm")
    assert made.exit_code == 0, made.output
    assert run(*arguments, "--email", "other@example.org", "--confirm").exit_code == 0
    found = db.session.execute(select(User.email, User.is_office_head).order_by(User.id)).all()
    assert [tuple(row) for row in found] == [
        ("head@example.org", True),
        ("other@example.org", False),
    ]
    refused = run(*arguments, "--email", "second@example.org", "--head")
    assert refused.output.startswith("Error: --head: ")
