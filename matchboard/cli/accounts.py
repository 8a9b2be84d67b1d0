"""Accounts made and confirmed where nobody can do so in the site yet."""

from __future__ import annotations

import click
from flask import current_app

from matchboard.cli.application import in_application
from matchboard.domain.roles import ACCOUNT_ROLES, SYSTEM, Role
from matchboard.services import accounts, transaction


@click.command("create-account")
@click.option("--email", required=True)
@click.option("--name", required=True, help="Name shown in the site.")
@click.option("--role", required=True, type=click.Choice([r.value for r in ACCOUNT_ROLES]))
@click.option("--unit", default="", help="Public id of the unit; administrators have none.")
@click.option("--confirm", is_flag=True, help="Confirm it at once (for the first administrators).")
@in_application
def create_account(email: str, name: str, role: str, unit: str, confirm: bool) -> None:
    """Make an account and print its one-time password."""
    now = current_app.config["CLOCK"]()
    new = accounts.NewAccount(email=email, display_name=name, role=Role(role), unit_pid=unit)
    user, password = accounts.create_account(new, actor=SYSTEM, now=now)
    if confirm and user.awaits_confirmation:
        accounts.confirm_account(user.pid, actor=SYSTEM, now=now)
    is_waiting = user.awaits_confirmation
    transaction.commit()
    click.echo(f"One-time password of {email}: {password}")
    if is_waiting:
        click.echo("A security administrator must confirm the account before it can be used.")


@click.command("confirm-account")
@click.option("--email", required=True)
@in_application
def confirm_account(email: str) -> None:
    """Let a waiting account start where no security administrator is left to confirm it."""
    pid = accounts.pid_of_address(email)
    accounts.confirm_account(pid, actor=SYSTEM, now=current_app.config["CLOCK"]())
    transaction.commit()
    click.echo(f"{email.strip()} may sign in.")
