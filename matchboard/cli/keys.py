"""The keys: whether they are the ones this database was written with."""

from __future__ import annotations

import sys

import click

from matchboard.cli.application import application
from matchboard.cli.readiness import connect
from matchboard.services import keys


@click.group("keys")
def keys_group() -> None:
    """The keys of the environment."""


@keys_group.command("check")
def check() -> None:
    """Try the keys on every encrypted value; exit with 1 if one is not this database's."""
    with application():
        connect().close()
        wrong = keys.wrong_keys()
        for name in (keys.ENCRYPTION, keys.LOOKUP):
            click.echo(f"{name:<30} {'wrong' if name in wrong else 'right'}")
        n_unreadable = 0
        for report in keys.read_everything():
            n_unreadable += report.n_unreadable
            if report.n_read or report.n_unreadable:
                click.echo(
                    f"{report.column:<30} {report.n_read:>8} read, {report.n_unreadable} not"
                )
    if wrong or n_unreadable:
        sys.exit(1)
