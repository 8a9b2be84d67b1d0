"""The demo district: made once, served, made anew, and worked on."""

from __future__ import annotations

import os
import re
import sqlite3
import sys
import types
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from matchboard import supervisor
from matchboard.cli import demo_district
from matchboard.cli.application import application
from matchboard.crypto import token_digest
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.services import accounts
from tests import old_database
from tests.factories import ClientFactory, PlacementFactory, UserFactory
from tests.integration.cli.commands import KEYS, a_file, invoke


@pytest.fixture
def demo(instance: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Replace the long seeding and the servers; count how often each is called."""
    calls: dict[str, Any] = {"seeded": 0, "served": []}

    def seed_demo(*, now: Any, on_progress: Callable[[int, int], None]) -> None:
        calls["seeded"] += 1
        on_progress(1, 1)
        UserFactory(role=Role.OFFICER, email=f"officer{accounts.DEMO_DOMAIN}", created_at=now)
        if calls.get("with_people"):
            ClientFactory()
            PlacementFactory(created_at=now)

    module = types.ModuleType("seeds.demo")
    module.seed_demo = seed_demo  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "seeds.demo", module)
    monkeypatch.setattr(demo_district, "find_spec", lambda _name: True)

    def serve(programs: dict[str, list[str]]) -> None:
        calls["served"].append(programs)
        sys.exit(0)

    monkeypatch.setattr(supervisor, "replace_process", serve)
    monkeypatch.setattr(supervisor, "why_not", lambda _host, _port: calls.get("why_not", ""))
    return calls


def test_demo_seeds_once_and_serves_when_run_twice(instance: Path, demo: dict[str, Any]) -> None:
    first = invoke("demo", "--port", "8123")
    keys = (instance / "demo.env").read_text()
    second = invoke("demo", "--port", "8123")
    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    assert demo["seeded"] == 1
    assert (instance / "demo.env").read_text() == keys
    assert (instance / "demo.env").stat().st_mode & 0o777 == 0o600
    for result in (first, second):
        assert "http://127.0.0.1:8123/" in result.output
        assert f"officer{accounts.DEMO_DOMAIN}" in result.output
        assert accounts.DEMO_PASSWORD in result.output
    assert [set(programs) for programs in demo["served"]] == [{"server", "worker"}] * 2


def make_yesterdays(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put yesterday's demo district into the folder, under the keys it was written with."""
    instance.mkdir()
    (instance / "demo.env").write_text("".join(f"{k}={v}\n" for k, v in KEYS.items()))
    for name, value in {
        **KEYS,
        "MATCHBOARD_INSECURE_HTTP": "1",
        "DATABASE_URL": f"sqlite:///{instance / 'demo.sqlite3'}",
    }.items():
        monkeypatch.setenv(name, value)
    with application() as app:
        config = app.extensions["migrate"].migrate.get_config()
        old_database.make(db.engine, config)


def test_demo_keeps_its_data_when_the_folder_is_yesterdays(
    instance: Path, demo: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_yesterdays(instance, monkeypatch)
    result = invoke("demo", "--port", "8123")
    assert result.exit_code == 0, result.output
    assert demo == {"seeded": 0, "served": [demo["served"][0]]}
    with closing(sqlite3.connect(instance / "demo.sqlite3")) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM client")}
    assert names == {row["name"] for row in old_database.rows()["client"]}


def test_upgrade_refuses_in_one_line_when_the_schema_is_not_its_revisions(
    instance: Path, demo: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_yesterdays(instance, monkeypatch)
    with closing(sqlite3.connect(instance / "demo.sqlite3")) as connection:
        connection.execute("ALTER TABLE placement DROP COLUMN shown_position")
        connection.commit()
    result = invoke("demo", "--port", "8123")
    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith(
        "Error: The database was made by an unreleased version: it lacks placement.shown_position."
    )
    with closing(sqlite3.connect(instance / "demo.sqlite3")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    assert "of a later version (revision 9999)" in invoke("--demo", "upgrade").output
    assert demo["served"] == []


def test_demo_is_readable_by_its_account_alone_when_made_and_when_yesterdays_was_not(
    instance: Path, demo: dict[str, Any]
) -> None:
    invoke("demo", "--port", "8123")
    files = [instance, *instance.iterdir()]
    assert {path.name for path in files} >= {"demo.env", "demo.sqlite3"}
    assert {path.name: oct(path.stat().st_mode & 0o077) for path in files if path.is_file()} == (
        {path.name: "0o0" for path in files if path.is_file()}
    )
    assert instance.stat().st_mode & 0o077 == 0
    instance.chmod(0o755)
    (instance / "demo.sqlite3").chmod(0o644)
    invoke("--demo", "tick")
    assert instance.stat().st_mode & 0o777 == 0o700
    assert (instance / "demo.sqlite3").stat().st_mode & 0o777 == 0o600


def test_demo_starts_anew_when_reset(instance: Path, demo: dict[str, Any]) -> None:
    invoke("demo")
    keys = (instance / "demo.env").read_text()
    assert invoke("reset-demo").exit_code == 0
    assert demo["seeded"] == 2
    assert len(demo["served"]) == 1
    assert (instance / "demo.env").read_text() == keys


def test_demo_touches_nothing_when_the_port_is_in_use(instance: Path, demo: dict[str, Any]) -> None:
    demo["why_not"] = "Port 8123 is in use."
    result = invoke("demo", "--port", "8123")
    assert result.exit_code == 1
    assert result.output == "Error: Port 8123 is in use.\n"
    assert demo["seeded"] == 0
    assert not (instance / "demo.sqlite3").exists()


def test_demo_prints_the_same_personal_link_when_run_again(
    instance: Path, demo: dict[str, Any]
) -> None:
    demo["with_people"] = True
    first, second = invoke("demo", "--port", "8123"), invoke("demo", "--port", "8123")
    door = re.compile(r"http://127\.0\.0\.1:8123/me/(\S+) +born (\S+)")
    found, again = door.findall(first.output), door.findall(second.output)
    assert found == again
    ((token, born),) = found
    with closing(sqlite3.connect(instance / "demo.sqlite3")) as connection:
        rows = connection.execute(
            "SELECT token_digest, birth_date, placement.state FROM personal_link"
            " JOIN client ON client.id = personal_link.client_id"
            " LEFT JOIN placement ON placement.client_id = client.id"
        ).fetchall()
    assert rows == [(token_digest(token), born, "proposed")]


def test_command_works_on_the_demo_when_asked_to(instance: Path, demo: dict[str, Any]) -> None:
    invoke("demo")
    for name in KEYS:
        os.environ[name] = ""
    assert invoke("tick").exit_code == 1
    path = a_file(instance, "A1,司机,1,,")
    for arguments in (("import", "vacancies", path), ("tick",), ("audit", "verify")):
        result = invoke("--demo", *arguments)
        assert result.exit_code == 0, result.output
    with closing(sqlite3.connect(instance / "demo.sqlite3")) as connection:
        assert connection.execute("SELECT external_ref FROM vacancy").fetchall() == [("A1",)]


def test_command_makes_no_demo_when_there_is_none_to_work_on(instance: Path) -> None:
    result = invoke("--demo", "tick")
    assert result.exit_code == 1
    assert "matchboard demo" in result.output
    assert not instance.exists()
