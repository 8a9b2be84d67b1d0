"""The audit log checked by command."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, text

from matchboard.domain.roles import SYSTEM
from matchboard.extensions import db
from matchboard.models import AuditEntry
from matchboard.services import audit, audit_folds
from tests.factories import NOW
from tests.integration.cli.commands import Run


@pytest.mark.parametrize(
    ("language", "first"),
    [("zh_CN.UTF-8", "日志完整：共 3 条。"), ("en_US.UTF-8", "The log is whole: 3 entries.")],
    ids=["zh", "en"],
)
def test_audit_verify_succeeds_when_the_chain_is_intact(
    run: Run, monkeypatch: pytest.MonkeyPatch, language: str, first: str
) -> None:
    monkeypatch.setenv("LC_ALL", language)
    for _ in range(3):
        audit.record("test.write", None, actor=SYSTEM, now=NOW)
    result = run("audit", "verify")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0] == first
    assert len(lines) == 2 + len(audit_folds.run())


def test_audit_verify_names_the_row_when_the_chain_is_broken(run: Run) -> None:
    for _ in range(3):
        audit.record("test.write", None, actor=SYSTEM, now=NOW)
    second = sorted(db.session.scalars(select(AuditEntry.id)))[1]
    statement = "INSERT INTO audit_entry SELECT :new, at, actor_role, actor_pid, verb, "
    statement += "subject_kind, subject_pid, detail, previous_hash, :hash FROM audit_entry "
    db.session.execute(
        text(statement + "WHERE id = :id"), {"new": 99, "hash": "f" * 64, "id": second}
    )
    result = run("audit", "verify")
    assert result.exit_code == 1
    assert "does not fit at entry 99" in result.output


@pytest.mark.usefixtures("on_one_database")
def test_audit_verify_says_that_the_end_was_cut_off_when_it_was(run: Run) -> None:
    for _ in range(3):
        audit.record("test.write", None, actor=SYSTEM, now=NOW)
    assert run("audit", "verify").exit_code == 0  # which writes down the end
    for act in ("update", "delete", "replace"):
        db.session.execute(text(f"DROP TRIGGER audit_entry_refuse_{act}"))
    db.session.execute(text("DELETE FROM audit_entry WHERE id = 3"))
    result = run("audit", "verify")
    assert result.exit_code == 1
    assert "it reached entry 3, which is not there" in result.output
    found = json.loads(run("audit", "verify", "--json").output)
    assert (found["is_intact"], found["n_entries"], found["anchor_fault"]) == (False, 2, "cut")
    accepted = run("audit", "accept", "--reason", " ")
    assert (accepted.exit_code, "--reason" in accepted.output) == (2, True)
    accepted = run("audit", "accept", "--reason", "restored Monday's backup")
    assert (accepted.exit_code, "as entry 3" in accepted.output) == (0, True)
    assert run("audit", "verify").exit_code == 0
    again = run("audit", "accept", "--reason", "restored Monday's backup")
    assert (again.exit_code, "nothing to accept" in again.output) == (1, True)
