"""The audit log checked from the terminal."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click
from flask import current_app
from flask_babel import gettext

from matchboard.cli.application import without_pages
from matchboard.labels.audit import check_words, finding_words
from matchboard.services import audit, audit_anchors, audit_beginnings, audit_folds


@click.group("audit")
def audit_group() -> None:
    """The audit log."""


@audit_group.command("verify")
@click.option("--json", "is_json", is_flag=True, help="Print the findings as one JSON object.")
@without_pages
def verify_audit(is_json: bool) -> None:
    """Check the audit log, its anchors, and the tables against it; exit with 1 on a finding."""
    report = audit.verify()
    checks = audit_folds.run()
    problems = finding_words(report, checks)
    if is_json:
        click.echo(json.dumps(_as_json(report, checks, problems), sort_keys=True))
    else:
        if report.is_intact:
            click.echo(gettext("日志完整：共 %(n)s 条。", n=report.n_entries))
            click.echo(gettext("已核对锚点：%(n)s 个。", n=report.n_anchors))
        for check in checks:
            if check.is_kept:
                click.echo(
                    gettext(
                        "%(rule)s：已核对 %(n)s 条。", rule=check_words(check), n=check.n_checked
                    )
                )
        for problem in problems:
            click.echo(problem, err=True)
    if problems:
        sys.exit(1)
    audit_anchors.write_down("verify", now=current_app.config["CLOCK"]())


@audit_group.command("accept")
@click.option(
    "--reason",
    required=True,
    help="Why the log differs from its anchors, e.g. which backup was restored by whom; "
    "it is kept in the file of anchors. Name no person who is helped.",
)
@without_pages
def accept_anchors(reason: str) -> None:
    """Let the comparison with the anchors begin anew, after a backup was restored.

    What differed is itself in the log. A broken chain cannot be accepted.
    """
    if not reason.strip():
        raise click.BadParameter(gettext("这一项必须填写。"), param_hint="--reason")
    head = audit_beginnings.accept(reason.strip(), now=current_app.config["CLOCK"]())
    click.echo(gettext("已记入日志第 %(n)s 条，从这一条起重新核对锚点。", n=head.number))


def _as_json(
    report: audit.ChainReport, checks: list[audit_folds.Check], problems: list[str]
) -> dict[str, object]:
    mismatch = report.mismatch
    return {
        "is_intact": not problems,
        "checks": [asdict(check) for check in checks],
        "n_entries": report.n_entries,
        "broken_at": report.broken_at,
        "fault": report.fault or None,
        "n_anchors": report.n_anchors,
        "anchor_fault": mismatch.fault if mismatch else None,
        "anchor_number": mismatch.number if mismatch else None,
        "problems": problems,
    }
