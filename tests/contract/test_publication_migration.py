"""Openings an older version took off the board are published again by the upgrade."""

from __future__ import annotations

from datetime import date, datetime

from alembic import command
from alembic.config import Config
from sqlalchemy import DateTime, Engine, bindparam, text

from matchboard.extensions import db
from matchboard.services import vacancy_board
from tests import old_database

#: Openings that an employer's edit left open without a day, and the day of their approval.
HURT = {"swdsr53m": date(2026, 9, 8), "vdgpjc22": date(2026, 9, 23)}
#: What the upgrade must also find: public id → (state, close_on, events, the day expected).
OTHERS = {
    # Approved at one in the morning in Beijing, five in the evening of the day before in UTC.
    "paused22": (
        "paused",
        None,
        ["approve 2026-10-01 17:00", "pause 2026-10-03 03:00"],
        "2026-10-02",
    ),
    "again222": (
        "in_review",
        None,
        ["approve 2026-10-02 03:00", "recheck 2026-10-05 03:00"],
        "2026-10-02",
    ),
    "renewed2": (
        "in_review",
        None,
        ["approve 2026-08-01 03:00", "expire 2026-10-01 03:00", "renew 2026-10-05 03:00"],
        None,
    ),
    "resumed2": ("open", None, ["resume 2026-10-09 03:00", "edit 2026-10-11 03:00"], "2026-10-09"),
    "silent22": ("open", None, [], "2026-09-02"),
    "closing2": ("filled", "2026-09-30", ["approve 2026-10-02 03:00"], "2026-09-30"),
    "draft222": ("draft", None, ["approve 2026-08-01 03:00", "renew 2026-10-05 03:00"], None),
}


EVENT = text(
    "INSERT INTO vacancy_event (vacancy_id, at, actor_role, name, to_state, detail) "
    "VALUES (:id, :at, 'system', :name, 'x', '{}')"
).bindparams(bindparam("at", type_=DateTime))


def test_upgrade_gives_hurt_openings_their_day_when_an_edit_had_erased_it(
    old_engine: Engine, alembic: Config
) -> None:
    with old_engine.begin() as connection:
        for number, (pid, (state, close_on, events, _)) in enumerate(OTHERS.items(), 9000):
            connection.execute(
                text(
                    "INSERT INTO vacancy (id, pid, source, partner_id, state, state_reason, "
                    "visibility, title, occupation_suggested, duties, conditions, address, "
                    "deposit_free, headcount, n_reserved, n_filled, close_on, confirmed_on, "
                    "created_at, updated_at, version) SELECT :id, :pid, source, partner_id, "
                    ":state, '', visibility, title, occupation_suggested, '', '', '', "
                    "deposit_free, 1, 0, 0, :close_on, '2026-09-02', created_at, updated_at, 1 "
                    "FROM vacancy WHERE pid = 'swdsr53m'"
                ),
                {
                    "id": number,
                    "pid": pid,
                    "state": state,
                    "close_on": close_on and date.fromisoformat(close_on),
                },
            )
            for event in events:
                name, at = event.split(" ", 1)
                connection.execute(
                    EVENT, {"id": number, "name": name, "at": datetime.fromisoformat(at)}
                )
    before = days(old_engine)
    command.upgrade(alembic, "head")
    after = days(old_engine)
    expected = {
        **HURT,
        **{p: day and date.fromisoformat(day) for p, (*_, day) in OTHERS.items()},
    }
    assert {pid: after[pid] for pid in expected} == expected
    # Everything else is as it was: an advertisement from outside needs no day.
    assert {p: d for p, d in before.items() if p not in expected} == {
        p: d for p, d in after.items() if p not in expected
    }
    shown = {pid for pid, _ in vacancy_board.public_pids(today=date(2026, 11, 30))}
    assert set(HURT) <= shown
    db.session.rollback()
    command.downgrade(alembic, old_database.REVISION)
    assert days(old_engine) == after


def days(engine: Engine) -> dict[str, date | None]:
    """Return public id → day of publication."""
    with engine.connect() as connection:
        found = connection.execute(text("SELECT pid, open_on FROM vacancy")).all()
    return {pid: date.fromisoformat(day) if isinstance(day, str) else day for pid, day in found}
