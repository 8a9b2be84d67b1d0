"""The audit log checked from the terminal."""

from __future__ import annotations

import sys

import click

from matchboard.cli.application import in_application
from matchboard.services import audit


@click.group("audit")
def audit_group() -> None:
    """The audit log."""


@audit_group.command("verify")
@in_application
def verify_audit() -> None:
    """Walk the chain of the audit log; exit with 1 where it is broken."""
    report = audit.verify()
    if not report.is_intact:
        click.echo(f"The chain is broken at entry {report.broken_at}.", err=True)
        sys.exit(1)
    click.echo(f"The chain is intact: {report.n_entries} entries.")
