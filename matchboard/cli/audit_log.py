"""The audit log checked from the terminal."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click
from flask import current_app

from matchboard.cli.application import without_pages
from matchboard.services import audit, audit_anchors, audit_folds

#: What a fault of the chain is called here; `{at}` is the first bad entry.
_FAULTS = {
    "changed": "The chain is broken at entry {at}: it, or the entry before it, was changed, "
    "removed or put in.",
    "unknown_key": "The chain is broken at entry {at}: it is signed with a key that is not among "
    "this installation's. Add the old key to MATCHBOARD_AUDIT_KEY, behind the new one.",
    "unsealed": "The chain is broken at entry {at}: it has no signature and no seal follows it; "
    "it was not written by this site.",
    "empty": "The audit log is empty, but there are accounts: its entries were removed.",
}
_MISMATCHES = {
    "cut": "The end of the log was cut off: on {at} it reached entry {number}, which is not there.",
    "rewritten": "The log was rewritten: entry {number} is not the one anchored on {at}.",
    "fewer": "Entries are missing: on {at} there were more of them up to entry {number}.",
    "unreadable": "Line {number} of the file of anchors cannot be read: it was changed.",
}


#: What a check is called here; a name not listed is printed as it is.
_CHECKS = {
    "placement_state": "placements stand where their steps lead",
    "placement_path": "each step of a placement sets out from where the last one arrived",
    "placement_log": "steps of placements are in the log",
    "vacancy_state": "openings stand where their steps lead",
    "vacancy_log": "steps of openings are in the log",
    "enrolment_state": "enrolments stand where their steps lead",
    "enrolment_log": "steps of enrolments are in the log",
    "partner_state": "partners stand where the log says",
    "consent_in_force": "consents in force were given and not withdrawn",
    "vacancy_reserved": "reserved places are held by a placement",
    "vacancy_filled": "filled places are people who started",
    "course_session_enrolled": "places of courses are taken by people",
}


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
    problems = [*_problems(report), *(_words(c) for c in checks if not c.is_kept)]
    if is_json:
        click.echo(json.dumps(_as_json(report, checks, problems), sort_keys=True))
    else:
        if report.is_intact:
            click.echo(f"The chain is intact: {report.n_entries} entries.")
            click.echo(f"Anchors: {report.n_anchors} compared.")
        for check in checks:
            if check.is_kept:
                click.echo(f"{_CHECKS.get(check.name, check.name)}: {check.n_checked} checked.")
        for problem in problems:
            click.echo(problem, err=True)
    if problems:
        sys.exit(1)
    audit_anchors.write_down("verify", now=current_app.config["CLOCK"]())


def _words(check: audit_folds.Check) -> str:
    """Return what a broken check found."""
    named = ", ".join(check.examples)
    more = " and others" if check.n_bad > len(check.examples) else ""
    words = _CHECKS.get(check.name, check.name)
    return f"NOT SO: {words}: {check.n_bad} of {check.n_checked} ({named}{more})."


def _problems(report: audit.ChainReport) -> list[str]:
    """Return what was found, in words."""
    found = []
    if report.fault:
        found.append(_FAULTS[report.fault].format(at=report.broken_at))
    if report.mismatch is not None:
        words = _MISMATCHES[report.mismatch.fault]
        found.append(words.format(number=report.mismatch.number, at=report.mismatch.at))
    return found


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
