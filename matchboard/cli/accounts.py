"""Accounts made, confirmed and let in again where nobody can do so in the site."""

from __future__ import annotations

import click
from flask import current_app
from flask_babel import gettext

from matchboard.cli.application import in_application
from matchboard.domain.roles import ACCOUNT_ROLES, SYSTEM, Role
from matchboard.labels import label
from matchboard.services import accounts, transaction, units

CONFIRM_HELP = (
    "Let it start at once. Without it a security administrator confirms it in the site; "
    "use it where there is none who could."
)


@click.command("create-account")
@click.option("--email", required=True)
@click.option("--name", required=True, help="Name shown in the site.")
@click.option("--role", required=True, type=click.Choice([r.value for r in ACCOUNT_ROLES]))
@click.option(
    "--unit",
    default="",
    help="Id of the unit (`matchboard units` lists them); administrators have none.",
)
@click.option(
    "--head",
    is_flag=True,
    help="Name the officer as head of the office, who opens its restricted records.",
)
@click.option("--confirm", is_flag=True, help=CONFIRM_HELP)
@in_application
def create_account(email: str, name: str, role: str, unit: str, head: bool, confirm: bool) -> None:
    """Make an account and print its one-time password."""
    now = current_app.config["CLOCK"]()
    new = accounts.NewAccount(
        email=email, display_name=name, role=Role(role), unit_pid=unit, is_office_head=head
    )
    user, password = accounts.create_account(new, actor=SYSTEM, now=now)
    _hand_over(user.pid, user.email, password, is_confirmed=confirm)


@click.command("reset-password")
@click.argument("email")
@click.option("--confirm", is_flag=True, help=CONFIRM_HELP)
@in_application
def reset_password(email: str, confirm: bool) -> None:
    """Give an account a one-time password; everybody signed in with it is signed out."""
    now = current_app.config["CLOCK"]()
    pid = accounts.pid_of_address(email)
    user, password = accounts.reset_password(pid, actor=SYSTEM, now=now)
    _hand_over(user.pid, user.email, password, is_confirmed=confirm)


@click.command("confirm-account")
@click.option("--email", required=True)
@in_application
def confirm_account(email: str) -> None:
    """Let a waiting account start where no security administrator is left to confirm it."""
    pid = accounts.pid_of_address(email)
    accounts.confirm_account(pid, actor=SYSTEM, now=current_app.config["CLOCK"]())
    transaction.commit()
    click.echo(gettext("%(email)s 可以登录了。", email=email.strip()))


@click.command("units")
@in_application
def list_units() -> None:
    """List the units with the ids that `create-account --unit` wants."""
    rows = units.list_units()
    if not rows:
        click.echo(gettext("还没有单位。“matchboard init”建立区安帮办和司法所。"))
    for row in rows:
        click.echo(f"{row.pid}  {label(row.kind)}  {row.name}")


def _hand_over(pid: str, email: str, password: str, *, is_confirmed: bool) -> None:
    """Confirm the account if that was asked for, commit, and say how it may be used."""
    if is_confirmed:
        accounts.confirm_account(pid, actor=SYSTEM, now=current_app.config["CLOCK"]())
    transaction.commit()
    click.echo(gettext("%(email)s 的一次性密码：%(password)s", email=email, password=password))
    if not is_confirmed:
        click.echo(
            gettext(
                "还须安全管理员在网站上确认后才能登录；没有安全管理员时运行："
                "matchboard confirm-account --email %(email)s",
                email=email,
            )
        )
