"""The `matchboard` command; each module holds the commands of one subject."""

from __future__ import annotations

import os

import click

from matchboard import config
from matchboard.cli import (
    accounts,
    audit_log,
    database,
    demo_district,
    imports,
    installation,
    keys,
    ranking_models,
    site,
)
from matchboard.cli.application import PRIVATE_UMASK


@click.group()
@click.option("--demo", is_flag=True, help="Work on the demo district, with the demo's own keys.")
def main(demo: bool) -> None:
    """Matchboard: place people in work that lasts."""
    os.umask(PRIVATE_UMASK)
    if not demo:
        return
    if not (config.INSTANCE / demo_district.DEMO_DATABASE).exists():
        raise click.ClickException("There is no demo district yet: `matchboard demo` makes it.")
    demo_district.enter_demo()


for command in (
    database.upgrade,
    installation.init,
    accounts.create_account,
    accounts.confirm_account,
    accounts.reset_password,
    accounts.list_units,
    site.tick,
    audit_log.audit_group,
    keys.keys_group,
    imports.import_group,
    ranking_models.model,
    site.serve,
    site.work,
    demo_district.demo,
    demo_district.reset_demo,
):
    main.add_command(command)
