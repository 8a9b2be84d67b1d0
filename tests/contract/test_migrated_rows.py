"""The first release's rows come through every migration, and what each says of them is true."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, MetaData, Table, func, select, table, text
from sqlalchemy.exc import IntegrityError

from matchboard.domain.calendar import local_date
from matchboard.extensions import db
from matchboard.models import AuditEntry, Client, CourseConsent, RestrictedRecord
from matchboard.services import audit, audit_chain, audit_folds
from tests import old_database


def n_rows(engine: Engine) -> dict[str, int]:
    """Return how many rows the tables of the old database hold."""
    with engine.connect() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table(name))) or 0
            for name in old_database.rows()
        }


def test_old_database_keeps_its_rows_when_upgraded_and_taken_back(
    old_engine: Engine, alembic: Config
) -> None:
    before = n_rows(old_engine)
    assert before == {name: len(rows) for name, rows in old_database.rows().items()}
    command.upgrade(alembic, "head")
    after = n_rows(old_engine)
    # A migration may write to the log what it did; nothing else comes or goes unless it says so.
    assert after["audit_entry"] >= before["audit_entry"]
    assert {name: after[name] for name in before if name != "audit_entry"} == {
        name: n for name, n in before.items() if name != "audit_entry"
    }
    assert audit.verify().is_intact
    db.session.rollback()
    command.downgrade(alembic, old_database.REVISION)
    assert n_rows(old_engine) == {**before, "audit_entry": after["audit_entry"]}
    command.upgrade(alembic, "head")


def test_sealed_facts_leave_the_old_records_and_the_log_says_so_when_upgraded(
    old_engine: Engine, alembic: Config
) -> None:
    command.upgrade(alembic, "head")
    held = [
        (pid, [(r["basis"], r["kinds"]) for r in json.loads(record)["records"]])
        for pid, record in db.session.execute(
            select(Client.pid, RestrictedRecord.facts)
            .join(RestrictedRecord, RestrictedRecord.client_id == Client.id)
            .order_by(RestrictedRecord.id)
        )
    ]
    # The file's first four: a detention and a sentence, gambling, traffic, rehabilitation.
    assert [records for _, records in held[:4]] == [
        [("criminal_penalty", held[0][1][0][1])],
        [],
        [("administrative_penalty", ["traffic"])],
        [],
    ]
    assert "drug_use" not in str(held)
    noted = db.session.execute(
        select(AuditEntry.subject_pid, AuditEntry.detail).where(
            AuditEntry.verb == "restricted.seal"
        )
    ).all()
    assert [tuple(row) for row in noted] == [(held[n][0], {"n_deleted": 1}) for n in (0, 1, 3)]
    assert audit.verify().is_intact
    db.session.remove()


def test_enrolments_have_the_consent_they_began_with_when_upgraded(
    old_engine: Engine, alembic: Config
) -> None:
    command.upgrade(alembic, "head")
    held = db.session.execute(
        select(
            CourseConsent.client_id,
            CourseConsent.fields,
            CourseConsent.method,
            CourseConsent.recorded_by_id,
            CourseConsent.withdrawn_at,
        ).order_by(CourseConsent.enrolment_id)
    ).all()
    assert [tuple(row) for row in held] == [
        (
            row["client_id"],
            ["name", "phone", "skills"],
            "said_at_office" if row["recommended_by_id"] else "came_in_person",
            row["recommended_by_id"],
            None,
        )
        for row in sorted(old_database.rows()["enrolment"], key=lambda row: row["id"])
    ]
    # Taken back, an enrolment that ended so has a reason the version before knows.
    pid = old_database.rows()["enrolment"][0]["pid"]
    change = text("UPDATE enrolment SET drop_reason = :reason WHERE pid = :pid")
    db.session.execute(change, {"reason": "consent_withdrawn", "pid": pid})
    db.session.commit()
    db.session.remove()
    command.downgrade(alembic, "0010")
    with old_engine.begin() as connection:
        reason = text("SELECT drop_reason FROM enrolment WHERE pid = :pid")
        assert connection.execute(reason, {"pid": pid}).scalar() == "other"
        with pytest.raises(IntegrityError), connection.begin_nested():
            connection.execute(change, {"reason": "consent_withdrawn", "pid": pid})
    command.upgrade(alembic, "head")


def test_old_log_is_sealed_when_upgraded_and_nobody_can_chain_it_anew_after(
    old_engine: Engine, alembic: Config
) -> None:
    command.upgrade(alembic, "head")
    with old_engine.begin() as connection:
        log = Table("audit_entry", MetaData(), autoload_with=connection)
        seal = connection.execute(select(log).where(log.c.verb == "audit.seal")).one()
        n_old = len(old_database.rows()["audit_entry"])
        assert seal.detail["n_entries"] >= n_old
        assert (seal.detail["number"], seal.detail["broken_at"]) == (seal.id - 1, None)
        # Whoever has the file takes the triggers away and chains the old entries anew.
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        else:
            for act in ("update", "delete", "replace"):
                connection.execute(text(f"DROP TRIGGER audit_entry_refuse_{act}"))
        connection.execute(log.update().where(log.c.id == seal.id - 1).values(verb="other"))
        end = connection.execute(select(log).where(log.c.id == seal.id - 1)).one()
        aware = {**end._mapping, "at": end.at.replace(tzinfo=UTC)}
        content = audit_chain.canonical(AuditEntry(**aware))
        plain = hashlib.sha256(content.encode()).hexdigest()
        connection.execute(log.update().where(log.c.id == seal.id - 1).values(hash=plain))
    assert audit.verify().broken_at == seal.id


#: What somebody changes who writes to the tables, the record it is about, and what then shows it.
BY_HAND = [
    (
        "SELECT pid FROM placement WHERE state = 'declined_by_employer'",
        "UPDATE placement SET state = 'expired' WHERE pid = :pid",
        {"placement_state"},
    ),
    (
        "SELECT pid FROM placement WHERE state = 'declined_by_employer'",
        (
            "DELETE FROM placement_event WHERE name = 'propose' AND placement_id ="
            " (SELECT id FROM placement WHERE pid = :pid)"
        ),
        {"placement_path", "placement_log"},
    ),
    (
        (
            "SELECT p.pid FROM placement p JOIN consent c ON c.placement_id = p.id"
            " WHERE p.state = 'started'"
        ),
        (
            "UPDATE consent SET withdrawn_at = '2026-11-01 00:00:00' WHERE placement_id ="
            " (SELECT id FROM placement WHERE pid = :pid)"
        ),
        {"consent_in_force"},
    ),
    (
        "SELECT pid FROM vacancy WHERE state = 'expired'",
        (
            "UPDATE vacancy SET state = 'open', n_reserved = n_reserved + 1,"
            " headcount = headcount + 1 WHERE pid = :pid"
        ),
        {"vacancy_state", "vacancy_reserved"},
    ),
    (
        "SELECT pid FROM vacancy",
        "UPDATE vacancy SET n_filled = n_filled + 9, headcount = headcount + 9 WHERE pid = :pid",
        {"vacancy_filled"},
    ),
    (
        "SELECT pid FROM vacancy WHERE state <> 'draft'",
        (
            "DELETE FROM vacancy_event WHERE name = 'create' AND vacancy_id ="
            " (SELECT id FROM vacancy WHERE pid = :pid)"
        ),
        {"vacancy_log"},
    ),
    (
        "SELECT pid FROM enrolment WHERE state = 'completed'",
        "UPDATE enrolment SET state = 'declined' WHERE pid = :pid",
        {"enrolment_state"},
    ),
    (
        "SELECT pid FROM course_session",
        "UPDATE course_session SET n_enrolled = n_enrolled + 1 WHERE pid = :pid",
        {"course_session_enrolled"},
    ),
    (
        "SELECT pid FROM enrolment WHERE state <> 'recommended'",
        (
            "DELETE FROM enrolment_event WHERE name = 'recommend' AND enrolment_id ="
            " (SELECT id FROM enrolment WHERE pid = :pid)"
        ),
        {"enrolment_log"},
    ),
    (
        "SELECT pid FROM enrolment WHERE state = 'enrolled'",
        (
            "UPDATE course_consent SET withdrawn_at = '2026-11-01 00:00:00' WHERE enrolment_id ="
            " (SELECT id FROM enrolment WHERE pid = :pid)"
        ),
        {"course_consent_in_force"},
    ),
    (
        "SELECT pid FROM partner WHERE state = 'active'",
        "UPDATE partner SET state = 'suspended' WHERE pid = :pid",
        {"partner_state"},
    ),
    (
        "SELECT pid FROM account WHERE role = 'officer'",
        "UPDATE account SET is_office_head = true WHERE pid = :pid",
        {"account_head"},
    ),
    (
        "SELECT pid FROM account WHERE role = 'officer' AND NOT is_office_head",
        "UPDATE account SET head_awaits_confirmation = true WHERE pid = :pid",
        {"account_head"},
    ),
    (
        "SELECT 'byhand22'",
        (
            "INSERT INTO absence_cover (pid, office_id, covered_id, covering_id, from_on, until_on,"
            " reason, made_by_id, created_at, version) VALUES (:pid,"
            " (SELECT min(unit_id) FROM account WHERE role = 'officer'),"
            " (SELECT min(id) FROM account WHERE role = 'officer'),"
            " (SELECT max(id) FROM account WHERE role = 'officer'),"
            " '2026-11-20', '2026-11-25', '-',"
            " (SELECT min(id) FROM account WHERE role = 'officer'), '2026-11-20 00:00:00', 1)"
        ),
        {"absence_cover_log"},
    ),
]


def test_tables_are_held_against_their_events_when_the_log_is_verified(
    old_engine: Engine, alembic: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_folds, "N_EXAMPLES", 1000)
    command.upgrade(alembic, "head")
    # The old rows are a part of a district: its log, and some of its people, are not all there.
    # That a whole district breaks no rule is shown where the demo is seeded.
    before = {check.name: set(check.examples) for check in audit_folds.run()}
    broken = set()
    for finding, change, names in BY_HAND:
        with old_engine.begin() as connection:
            pids = connection.scalars(text(f"{finding} ORDER BY 1")).all()
            fit = [p for p in pids if not any(p in bad for bad in before.values())]
            fit = fit or [p for p in pids if not any(p in before[name] for name in names)]
            assert fit, finding
            pid = fit[0]
            assert connection.execute(text(change), {"pid": pid}).rowcount
        after = {check.name: set(check.examples) for check in audit_folds.run()}
        assert names == {n for n in after if pid in after[n] - before[n]}, change
        broken, before = broken | names, after
    assert broken == set(before), "a check that nothing here breaks"


def test_whoever_left_before_the_first_day_did_not_take_part_when_upgraded(
    old_engine: Engine, alembic: Config
) -> None:
    command.upgrade(alembic, "0012")
    left = (
        "SELECT e.pid, e.session_id, v.at FROM enrolment e JOIN enrolment_event v"
        " ON v.enrolment_id = e.id AND v.name = 'drop_out' WHERE e.state = 'dropped_out'"
    )

    def found_when_begun(days_after: int) -> list[tuple[str, int]]:
        """Upgrade with the first day so long after the leaving; return state and steps."""
        with old_engine.begin() as connection:
            day = local_date(datetime.fromisoformat(str(at)).replace(tzinfo=UTC))
            first = day + timedelta(days=days_after)
            connection.execute(
                text("UPDATE course_session SET starts_on = :day, ends_on = :day WHERE id = :id"),
                {"day": first.isoformat(), "id": session_id},
            )
        command.upgrade(alembic, "head")
        with old_engine.begin() as connection:
            rows = connection.execute(
                text(
                    "SELECT state, (SELECT count(*) FROM enrolment_event v"
                    " WHERE v.enrolment_id = e.id AND v.name = 'decline')"
                    " FROM enrolment e WHERE pid = :pid"
                ),
                {"pid": pid},
            ).all()
        command.downgrade(alembic, "0012")
        return [tuple(row) for row in rows]

    with old_engine.connect() as connection:
        pid, session_id, at = connection.execute(text(left)).one()
    assert found_when_begun(0) == [("dropped_out", 0)]
    assert found_when_begun(1) == [("declined", 1)]
    assert found_when_begun(1) == [("declined", 1)]  # once
    command.upgrade(alembic, "head")
    assert audit.verify().is_intact
    held = {check.name: check.examples for check in audit_folds.run()}
    assert pid not in {*held["enrolment_state"], *held["enrolment_log"]}


def test_whoever_headed_an_office_is_on_record_when_upgraded(
    old_engine: Engine, alembic: Config
) -> None:
    command.upgrade(alembic, "0014")

    def fault() -> set[str]:
        return {pid for check in audit_folds.run() for pid in check.examples if pid in pids}

    with old_engine.begin() as connection:
        officers = text("SELECT pid FROM account WHERE role = 'officer' ORDER BY id LIMIT 2")
        pids = connection.scalars(officers).all()
        to_head = text("UPDATE account SET is_office_head = :yes WHERE pid = :pid")
        connection.execute(to_head, {"yes": True, "pid": pids[0]})
    assert fault() == {pids[0]}
    command.upgrade(alembic, "head")
    assert (fault(), audit.verify().is_intact) == (set(), True)
    command.downgrade(alembic, "0014")
    command.upgrade(alembic, "head")
    with old_engine.begin() as connection:
        entries = "SELECT count(*) FROM audit_entry WHERE verb = 'account.confirm_head'"
        assert connection.scalar(text(entries)) == 1  # stated once
        connection.execute(to_head, {"yes": True, "pid": pids[1]})
    assert fault() == {pids[1]}  # by hand, afterwards
