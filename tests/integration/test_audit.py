"""The audit log: append-only and chained, whoever writes and however many at once."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from matchboard import tasks
from matchboard.domain.roles import SYSTEM, Role
from matchboard.extensions import begin_read_only, db
from matchboard.models import AuditEntry, Client
from matchboard.services import (
    audit,
    audit_anchors,
    audit_beginnings,
    audit_chain,
    transaction,
)
from tests.conftest import Clock
from tests.factories import NOW, ClientFactory, UserFactory
from tests.integration.concurrency import run_at_once

N_PROCESSES = 16
N_EACH = 4


def write_entries(number: int) -> int:
    for i in range(N_EACH):
        audit.record("test.write", None, actor=SYSTEM, now=NOW, writer=number, i=i)
        transaction.commit()
    return N_EACH


def entries() -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


@pytest.fixture
def chain(app: Flask) -> list[int]:
    """Write four entries and return their ids."""
    write_entries(0)
    return [e.id for e in entries()]


@pytest.fixture
def intruder(chain: list[int]) -> Iterator[Callable[..., None]]:
    """Change rows as somebody does who owns the database and takes the triggers away."""
    is_postgresql = db.engine.dialect.name == "postgresql"

    def change(statement: str, **values: Any) -> None:
        if is_postgresql:
            db.session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        else:  # the file is this test's own
            for act in ("update", "delete", "replace"):
                db.session.execute(text(f"DROP TRIGGER IF EXISTS audit_entry_refuse_{act}"))
        db.session.execute(text(statement), values)
        db.session.commit()

    yield change
    if is_postgresql:
        db.session.rollback()
        db.session.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER USER"))
        db.session.commit()


def test_chain_verifies_when_many_processes_write_at_once(
    app: Flask, settings: dict[str, Any]
) -> None:
    arguments = [(number,) for number in range(N_PROCESSES)]
    outcomes = run_at_once(write_entries, arguments, settings=settings)
    assert [o.error for o in outcomes] == [None] * N_PROCESSES
    report = audit.verify()
    assert (report.n_entries, report.broken_at) == (N_PROCESSES * N_EACH, None)


def test_chain_is_intact_when_empty(app: Flask) -> None:
    assert audit.verify() == audit.ChainReport(0, None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET verb = 'other'",
        "DELETE FROM audit_entry",
    ],
    ids=["update", "delete"],
)
def test_audit_entry_stays_when_somebody_tries_to_change_it(
    chain: list[int], statement: str
) -> None:
    with pytest.raises(IntegrityError, match="append-only"):
        db.session.execute(text(statement))
    db.session.rollback()
    assert [e.verb for e in entries()] == ["test.write"] * N_EACH


def test_audit_entry_stays_when_somebody_goes_around_the_triggers(chain: list[int]) -> None:
    ways_around = {
        # REPLACE removes the row in its way without asking the trigger of DELETE.
        "sqlite": "INSERT OR REPLACE INTO audit_entry SELECT id, at, actor_role, actor_pid, "
        "'other', subject_kind, subject_pid, detail, previous_hash, hash FROM audit_entry",
        "postgresql": "TRUNCATE audit_entry",
    }
    with pytest.raises(IntegrityError, match="append-only"):
        db.session.execute(text(ways_around[db.engine.dialect.name]))
    db.session.rollback()
    assert [e.verb for e in entries()] == ["test.write"] * N_EACH


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit_entry SET verb = 'other' WHERE id = :id", 2),
        ("UPDATE audit_entry SET subject_pid = 'x' WHERE id = :id", 2),
        ("UPDATE audit_entry SET detail = '{\"i\": 9}' WHERE id = :id", 2),
        ("UPDATE audit_entry SET at = '2026-01-01 00:00:00' WHERE id = :id", 2),
        ("UPDATE audit_entry SET actor_role = 'officer' WHERE id = :id", 2),
        ("UPDATE audit_entry SET previous_hash = 'x' WHERE id = :id", 2),
        ("DELETE FROM audit_entry WHERE id = :id", 3),
    ],
    ids=["verb", "subject", "detail", "instant", "role", "link", "removed"],
)
def test_chain_is_broken_when_a_row_was_tampered_with(
    chain: list[int], intruder: Callable[..., None], statement: str, broken: int
) -> None:
    intruder(statement, id=chain[2])
    report = audit.verify()
    assert not report.is_intact
    assert report.broken_at == chain[broken]


def rewrite_without_the_key() -> None:
    """Chain the whole log anew as whoever has the file can: with SHA-256 and no key."""
    previous = audit_chain.GENESIS
    for entry in entries():
        entry.previous_hash = previous
        previous = hashlib.sha256(audit_chain.canonical(entry).encode()).hexdigest()
        entry.hash = previous
    db.session.flush()


def test_chain_is_broken_when_somebody_without_the_key_chains_it_anew(
    chain: list[int], intruder: Callable[..., None]
) -> None:
    intruder("UPDATE audit_entry SET actor_role = 'officer' WHERE id = :id", id=chain[1])
    rewrite_without_the_key()
    db.session.commit()
    report = audit.verify()
    assert (report.broken_at, report.fault) == (chain[0], "unsealed")
    # What the site writes on top of it makes it no better.
    write_entries(1)
    report = audit.verify()
    assert (report.broken_at, report.fault) == (chain[0], "unsealed")


def test_chain_verifies_when_its_key_was_replaced_and_kept(chain: list[int], app: Flask) -> None:
    app.config["AUDIT_KEY"] = "n" * 32
    write_entries(1)
    assert audit.verify().is_intact
    signed_with = [e.hash.partition(":")[0] for e in entries()]
    assert len(set(signed_with)) == 2
    app.config["AUDIT_KEY"] = "another" * 8  # the new key is lost
    report = audit.verify()
    assert (report.broken_at, report.fault) == (entries()[N_EACH].id, "unknown_key")


@pytest.mark.parametrize(
    ("statement", "then", "found"),
    [
        ("DELETE FROM audit_entry WHERE id > :last - 2", 0, (None, "", "cut")),
        ("DELETE FROM audit_entry", 0, (None, "", "cut")),
        ("DELETE FROM audit_entry WHERE id > :last - 2", 1, (None, "", "rewritten")),
        ("DELETE FROM audit_entry WHERE id = :last - 2", 0, (-1, "changed", None)),
        ("SELECT 1", 0, (None, "", None)),
    ],
    ids=["tail", "all", "tail-and-new-entries", "middle", "nothing"],
)
def test_log_is_compared_with_its_anchors_when_verified(
    chain: list[int],
    intruder: Callable[..., None],
    clock: Clock,
    statement: str,
    then: int,
    found: tuple[int | None, str, str | None],
) -> None:
    assert audit_anchors.write_down("test", now=clock.now) == audit_chain.head()
    last = chain[-1]
    intruder(statement.replace(":last", str(last)))
    for number in range(then):
        write_entries(number)
    report = audit.verify()
    broken_at, fault, mismatch = found
    assert report.broken_at == (None if broken_at is None else last + broken_at)
    assert report.fault == fault
    assert (report.mismatch and report.mismatch.fault) == mismatch
    assert report.is_intact == (found == (None, "", None))
    if mismatch:
        assert report.mismatch == audit_anchors.Mismatch(mismatch, last, clock.now.isoformat())


def test_empty_log_is_a_finding_when_there_are_accounts(app: Flask) -> None:
    assert audit.verify().is_intact
    UserFactory(role=Role.OFFICER)
    db.session.commit()
    assert audit.verify().fault == "empty"


@pytest.mark.usefixtures("on_one_database")
def test_head_is_in_the_file_and_the_log_stream_when_the_tick_ran(
    chain: list[int], app: Flask, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="matchboard.audit"):
        tasks.run_tick(clock.now)
        write_entries(1)
        tasks.run_tick(clock.move(hours=1))
    file = Path(app.config["AUDIT_ANCHORS"])
    assert file.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    written = [(line["number"], line["hash"], line["n_entries"]) for line in lines]
    begun, end = entries()[N_EACH], entries()[-1]
    assert begun.verb == audit_chain.BEGUN
    first, last = (begun.id, begun.hash, N_EACH + 1), (end.id, end.hash, 2 * N_EACH + 1)
    assert written == [first, first, last]
    assert [line["on"] for line in lines] == ["begun", "tick", "tick"]
    ends = [begun, end]
    for end in ends:
        assert f"audit head {end.id} {end.hash}" in caplog.text
    assert audit.verify().n_anchors == 3
    file.write_text(file.read_text() + "{}\n\n")
    report = audit.verify()
    assert report.mismatch == audit_anchors.Mismatch("unreadable", 4)


@pytest.mark.parametrize("is_begun_again", [False, True])
def test_file_of_anchors_is_missed_when_it_was_taken_away(
    chain: list[int], app: Flask, clock: Clock, intruder: Callable[..., None], is_begun_again: bool
) -> None:
    tasks.run_tick(clock.now)
    begun = entries()[-1].id
    write_entries(1)
    assert audit.verify().is_intact
    intruder("DELETE FROM audit_entry WHERE id > :last", last=begun)
    Path(app.config["AUDIT_ANCHORS"]).unlink()
    if is_begun_again:
        tasks.run_tick(clock.move(hours=1))
    assert audit.verify().mismatch == audit_anchors.Mismatch("missing", begun)


def test_no_file_is_missed_when_another_machine_keeps_its_own(
    chain: list[int], app: Flask, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.run_tick(clock.now)
    here = app.config["AUDIT_ANCHORS"]
    for elsewhere, host in ((str(tmp_path / "other.jsonl"), "here"), (here, "there")):
        app.config["AUDIT_ANCHORS"] = elsewhere
        monkeypatch.setattr("socket.gethostname", lambda name=host: name)
        Path(elsewhere).unlink(missing_ok=True)
        tasks.run_tick(clock.move(hours=1))
        assert audit.verify().is_intact
    Path(here).unlink()
    assert audit.verify().mismatch is not None


def test_comparison_begins_anew_when_a_restored_backup_was_accepted(
    chain: list[int], app: Flask, clock: Clock, intruder: Callable[..., None]
) -> None:
    tasks.run_tick(clock.now)
    write_entries(1)
    tasks.run_tick(clock.move(hours=1))
    with pytest.raises(audit_beginnings.NothingToAccept):
        audit_beginnings.accept("no need", now=clock.now)
    file = Path(app.config["AUDIT_ANCHORS"])
    last = entries()[-1].id
    intruder("DELETE FROM audit_entry WHERE id > :end", end=last - 2)  # as a backup does
    file.write_text(file.read_text() + "no anchor\n")
    before = audit.verify().mismatch
    assert before is not None
    head = audit_beginnings.accept("restored the backup of Monday", now=clock.move(hours=1))
    entry = entries()[-1]
    assert (entry.id, entry.verb, entry.detail["fault"]) == (
        head.number,
        audit_chain.ACCEPTED,
        "cut",
    )
    assert "restored the backup of Monday" in file.read_text()
    assert audit.verify().is_intact
    write_entries(2)
    tasks.run_tick(clock.move(hours=1))
    assert audit.verify().is_intact
    intruder("DELETE FROM audit_entry WHERE id > :end", end=head.number)
    assert audit.verify().mismatch is not None  # what is cut off after it is seen again


def test_acceptance_needs_the_key_when_somebody_has_the_file_alone(
    chain: list[int], app: Flask, clock: Clock, intruder: Callable[..., None]
) -> None:
    tasks.run_tick(clock.now)
    intruder("DELETE FROM audit_entry WHERE id = :end", end=chain[-1] + 1)
    end = audit_chain.head()
    assert end is not None
    audit_anchors.append(end, "accepted", now=clock.now)
    assert not audit.verify().is_intact
    intruder("UPDATE audit_entry SET verb = 'other' WHERE id = :id", id=chain[1])
    with pytest.raises(audit_beginnings.ChainBroken):
        audit_beginnings.accept("no reason mends this", now=clock.now)


@pytest.mark.usefixtures("on_one_database")
def test_tick_is_done_when_the_anchor_cannot_be_written(
    chain: list[int], app: Flask, clock: Clock, tmp_path: Path
) -> None:
    right, app.config["AUDIT_ANCHORS"] = app.config["AUDIT_ANCHORS"], str(tmp_path)
    assert tasks.run_tick(clock.now).n_changes == 0  # a folder is no file
    assert not Path(right).exists()
    app.config["AUDIT_ANCHORS"] = right
    tasks.run_tick(clock.now)
    assert Path(right).exists()


def test_entry_names_actor_and_subject_when_recorded(app: Flask, clock: Clock) -> None:
    officer = UserFactory(role=Role.OFFICER)
    person = ClientFactory(office=officer.unit)
    audit.record("client.update", person, actor=officer.actor, now=clock.now, fields=["phone"])
    transaction.commit()
    (entry,) = entries()
    assert (entry.at, entry.actor_role, entry.actor_pid) == (clock.now, "officer", officer.pid)
    assert (entry.verb, entry.subject_kind, entry.subject_pid) == (
        "client.update",
        "client",
        person.pid,
    )
    assert entry.detail == {"fields": ["phone"]}


def test_sensitive_read_is_on_record_when_the_page_then_fails(app: Flask, clock: Clock) -> None:
    officer = UserFactory(role=Role.OFFICER)
    person = ClientFactory(office=officer.unit)
    db.session.commit()
    begin_read_only()  # as a GET does
    person = db.session.get_one(Client, person.id)
    audit.record_read("restricted.read", person, actor=officer.actor, now=clock.now)
    db.session.rollback()
    assert [e.verb for e in entries()] == ["restricted.read"]


def test_sensitive_read_is_on_record_when_the_request_also_writes(app: Flask, clock: Clock) -> None:
    officer = UserFactory(role=Role.OFFICER)
    audit.record_read("restricted.read", None, actor=officer.actor, now=clock.now)
    db.session.commit()
    assert [e.verb for e in entries()] == ["restricted.read"]


def test_entry_is_gone_when_the_act_was_rolled_back(app: Flask, clock: Clock) -> None:
    audit.record("client.update", None, actor=SYSTEM, now=clock.now)
    transaction.rollback()
    assert entries() == []
    audit.record("client.update", None, actor=SYSTEM, now=clock.now)
    transaction.commit()
    assert [e.verb for e in entries()] == ["client.update"]
