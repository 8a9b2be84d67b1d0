"""Migrations lead from nothing to the models and back, on both databases."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Engine, MetaData, Table, create_engine, inspect, text

from matchboard import crypto
from matchboard.domain.identity import name_pinyin, other_readings
from matchboard.domain.pids import new_code_name
from matchboard.domain.text import search_text
from matchboard.extensions import db, migrate
from tests.factories import ClientFactory

VERSIONS = Path(__file__).resolve().parents[2] / "matchboard/migrations/versions"
Schema = dict[str, dict[str, Any]]
#: Made under the tests' keys when the migrations that read such values were written.
GOLDEN_TOKEN = (
    "gAAAAABrDbJlHtEiuvD2_DeJv6M9LwKgfOE-__FDO9vC-VGWFf1XaETOmyVfV7O79Dq-h9J6OmUe3QwBtsruO_50_naZI5A7"
    "Aw=="
)
GOLDEN_DIGEST = "e8e3dc1110ff34f69e43b232c8ef9285c426f5cd3b76c03052582fb43449bcf4"
GOLDEN_NAME = "[BCDFGHJKMNPQRSTVWXYZ]{4}"


def schema_of(engine: Engine) -> Schema:
    """Return everything the database knows of its tables, in an order that means nothing."""
    found = inspect(engine)
    return {
        table: {
            "columns": {
                c["name"]: (str(c["type"]), c["nullable"], c["default"])
                for c in found.get_columns(table)
            },
            "primary key": found.get_pk_constraint(table),
            "foreign keys": _sorted(found.get_foreign_keys(table)),
            "unique": _sorted(found.get_unique_constraints(table)),
            "checks": _sorted(found.get_check_constraints(table)),
            "indexes": _sorted(found.get_indexes(table)),
        }
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def _sorted(constraints: Any) -> list[str]:
    return sorted(json.dumps(c, sort_keys=True, default=str) for c in constraints)


def triggers_of(engine: Engine) -> list[str]:
    query = {
        "sqlite": "SELECT name || ' ' || sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    }[engine.dialect.name]
    with engine.connect() as connection:
        return sorted(" ".join(row[0].split()) for row in connection.execute(text(query)))


def test_upgrade_makes_what_the_models_say_when_begun_from_nothing(
    app: Flask, empty_url: str, alembic: Config
) -> None:
    wanted_engine = create_engine(app.config["SQLALCHEMY_DATABASE_URI"])
    wanted, wanted_triggers = schema_of(wanted_engine), triggers_of(wanted_engine)
    wanted_engine.dispose()
    command.upgrade(alembic, "head")
    engine = create_engine(empty_url)
    migrated, migrated_triggers = schema_of(engine), triggers_of(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, db.metadata)
    engine.dispose()
    assert differences == []
    assert migrated == wanted
    assert migrated_triggers == wanted_triggers
    assert migrated_triggers != []


def test_downgrade_leaves_nothing_and_upgrade_works_again_when_run(
    empty_url: str, alembic: Config
) -> None:
    engine = create_engine(empty_url)
    command.upgrade(alembic, "head")
    first = schema_of(engine)
    command.downgrade(alembic, "base")
    assert schema_of(engine) == {}
    assert triggers_of(engine) == []
    command.upgrade(alembic, "head")
    assert schema_of(engine) == first
    engine.dispose()


def test_migration_leaves_nothing_behind_when_it_fails_half_way(
    empty_url: str, alembic: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = ScriptDirectory.run_env

    class Failing(dict[str, tuple[str, ...]]):
        def __getitem__(self, _dialect: str) -> tuple[str, ...]:
            raise RuntimeError("half way")

    def run(self: ScriptDirectory) -> None:
        # The statements the first migration ends with; by then every table is there.
        self.get_revision("0001").module.APPEND_ONLY = Failing()
        load(self)

    monkeypatch.setattr(ScriptDirectory, "run_env", run)
    with pytest.raises(RuntimeError, match="half way"):
        command.upgrade(alembic, "head")
    engine = create_engine(empty_url)
    assert schema_of(engine) == {}
    engine.dispose()


@pytest.mark.usefixtures("on_one_database", "app")
def test_migrations_have_one_head_when_listed() -> None:
    scripts = ScriptDirectory.from_config(migrate.get_config())
    assert len(scripts.get_heads()) == 1


#: A migration that landed is what somebody's database went through: it is never changed, a later
#: one mends it. Each gets its line here when it lands.
FROZEN = {
    "0001_initial.py": "4d55f6f10339b2e942fb9137c4c43b7c851bb43a2aaa58fe0d8c5f62ea9f53fc",
    "0002_occupation_from.py": "ec7a4fb109a2ff696c08e501deeaf0a0339394f540236ce2bb1915f7f398db39",
    "0003_publication_day.py": "d2ebece9d6fc1cffefa3b15365b3a2873c1ef3920cd6067b352cc2917be981c0",
    "0004_sealed_records.py": "2067b29effa8d1c249ac94c9e98aac7da8a00c1008ebb7d741de70c73d5a48f6",
    "0005_task_arguments.py": "cc38437506a3d1789fdde7290927a05cffc2851164750f7373e5e26a67a8de08",
    "0006_audit_seal.py": "696fbc7d1eda00f703ff19168a47206c5fa93de6d0d5b04c7898c957b2e26d8b",
    "0007_setup_code.py": "7787d4482123ce68f1229695385ed240c5b0bbc57b7392adf5b74799668658b7",
    "0008_account_sessions.py": "d6ba6072d04a5d99c8c938213e29111a9cfc715be71456d0f40e3321d8369e6c",
    "0009_code_names.py": "493cd73595a925236940a2f3034b6b60d763d37afee7324418831d526c89fcb3",
    "0010_key_proof.py": "d6b2f87f4d43f95e769abc4dcfb0bddade9c6472839d31a282ff387027396840",
    "0011_course_consents.py": "09dd486c00391200ba7b58ec78a2c88e597bf47b1ee961cf711e44b70f9a0155",
    "0012_record_covers.py": "479f59cba5a129b91f9068dcab135c95b0cff15e0a75397d1cdd4b240a878ecc",
    "0013_left_before_start.py": "e74753a0bea7e22b2fb31bb81eb7c770f70b7efa89e53aa00dd3fadce4d598c2",
    "0014_search_text.py": "8dd3622c25ec5a92e83f47994b21209cc48028560b201a759a3d0bd31def9f5d",
    "0015_heads_on_record.py": "d1badb1ba8f3bf36bbdcb1f459f48c7ba5d05ff4de183bdcaf15e9fb30decd9b",
}


def test_every_migration_is_frozen_when_it_lands() -> None:
    found = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in VERSIONS.glob("*.py")}
    lines = [f'"{name}": "{found[name]}",' for name in sorted(found.keys() - FROZEN.keys())]
    assert set(FROZEN) == set(found), (
        "add to FROZEN of tests/contract/test_migrations.py when it lands: " + " ".join(lines)
    )


#: What migrations lean on beside themselves, and must not change either.
LEANED_ON = {
    "log.py": "f118092f56f340d590bd65cf7a9ea38b07cb405de780512319ed1797b06dedae",
    "rebuilding.py": "17ccc94d122009cbbfe4dea882cf9cc8f08254a1d48f3786fb2e07962c4b38c7",
}
#: What they take from the site as it is today; `test_migration_finds_what_it_was_written_for` holds
#: what each did on the day it was written.
FROM_THE_SITE = {
    "matchboard.crypto": {"WrongKey", "decrypt", "encrypt", "lookup_digest"},
    "matchboard.domain.identity": {"name_pinyin", "other_readings"},
    "matchboard.domain.pids": {"new_code_name"},
    "matchboard.domain.text": {"search_text"},
    "matchboard.migrations.log": {"ENTRY", "append", "seal"},
    "matchboard.migrations.rebuilding": {"altered"},
}


@pytest.mark.parametrize("name", LEANED_ON)
def test_helper_of_migrations_is_what_it_was(name: str) -> None:
    source = (VERSIONS.parent / name).read_bytes()
    assert hashlib.sha256(source).hexdigest() == LEANED_ON[name]


def test_migrations_lean_on_nothing_whose_behaviour_is_not_held() -> None:
    found: dict[str, set[str]] = {}
    for path in VERSIONS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("matchboard"):
                found.setdefault(str(node.module), set()).update(n.name for n in node.names)
            assert not (isinstance(node, ast.Import) and "matchboard" in ast.unparse(node))
    assert found == FROM_THE_SITE


@pytest.mark.usefixtures("app", "on_one_database")
def test_migration_finds_what_it_was_written_for() -> None:
    """Golden values: a frozen migration must not do something else because the site changed."""
    # 0004, 0010: what was encrypted and looked up on that day is read and found for ever.
    assert crypto.decrypt(GOLDEN_TOKEN) == "金色 golden"
    assert crypto.decrypt(crypto.encrypt("金色 golden")) == "金色 golden"
    assert crypto.encrypt("x").startswith("gAAAA")
    assert crypto.lookup_digest("id_number", "110101199003070011") == GOLDEN_DIGEST
    assert issubclass(crypto.WrongKey, Exception)
    # 0009: four letters, no vowels and none that are taken for others.
    assert all(re.fullmatch(GOLDEN_NAME, new_code_name()) for _ in range(50))
    # 0014: what names are found by.
    assert search_text("劉　海（急）", None, "Văn Đức") == "刘海急 vanduc"
    assert name_pinyin("薄小冰").syllables == ("bo", "xiao", "bing")
    assert other_readings("薄小冰") == ["baoxiaobing"]


@pytest.mark.parametrize("name", FROZEN)
def test_migration_is_what_it_was_when_it_landed(name: str) -> None:
    source = (VERSIONS / name).read_bytes()
    assert hashlib.sha256(source).hexdigest() == FROZEN[name]


def a_vacancy(**changes: Any) -> dict[str, Any]:
    """Return the cells of an advertisement as the first release kept it."""
    return {
        "source": "external",
        "state": "open",
        "visibility": "officers",
        **dict.fromkeys(("state_reason", "title", "duties", "conditions", "address"), ""),
        "deposit_free": False,
        "headcount": 1,
        "n_reserved": 0,
        "n_filled": 0,
        "created_at": datetime.combine(date(2026, 11, 1), time()),  # as the database keeps it
        "updated_at": datetime.combine(date(2026, 11, 1), time()),
        "version": 3,
        **changes,
    }


def test_occupation_stays_a_guess_when_who_says_it_replaces_that_it_is_one(
    empty_url: str, alembic: Config
) -> None:
    command.upgrade(alembic, "0001")
    engine = create_engine(empty_url)
    rows = [
        a_vacancy(pid="guessed1", occupation_code="6-18-02-04", occupation_suggested=True),
        a_vacancy(pid="known222", occupation_code="6-18-02-04", occupation_suggested=False),
        a_vacancy(pid="unknown3", occupation_code=None, occupation_suggested=False),
    ]
    with engine.begin() as connection:
        connection.execute(Table("vacancy", MetaData(), autoload_with=connection).insert(), rows)
    first = schema_of(engine)

    def found(column: str) -> list[tuple[Any, ...]]:
        query = f"SELECT pid, occupation_code, version, {column} FROM vacancy ORDER BY id"  # noqa: S608 - our own words
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    command.upgrade(alembic, "0002")
    assert found("occupation_from") == [
        ("guessed1", "6-18-02-04", 3, "title"),
        ("known222", "6-18-02-04", 3, None),
        ("unknown3", None, 3, None),
    ]
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE vacancy SET occupation_from = 'person' WHERE pid <> 'guessed1'")
        )
    command.downgrade(alembic, "0001")
    assert found("occupation_suggested") == [
        ("guessed1", "6-18-02-04", 3, True),
        ("known222", "6-18-02-04", 3, False),
        ("unknown3", None, 3, False),
    ]
    assert schema_of(engine) == first
    engine.dispose()


REBUILD = '''
"""Rebuild a table that has children."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade():
    with op.batch_alter_table("client") as table:  # SQLite cannot add a constraint in place
        table.add_column(sa.Column("extra", sa.Integer()))
        table.create_check_constraint("extra", "extra > 0")
    if {is_orphaning}:
        op.execute("DELETE FROM client")
'''


@pytest.fixture
def rebuild(alembic: Config, tmp_path: Path) -> Callable[..., None]:
    """Upgrade, add a client with a skill, and run a migration that rebuilds the client's table."""

    def run(*, is_orphaning: bool) -> None:
        command.upgrade(alembic, "head")
        ClientFactory(skills=["sew.flat"])
        db.session.commit()
        db.session.remove()
        scripts = ScriptDirectory.from_config(alembic)
        folder = tmp_path / "versions"
        folder.mkdir()
        source = REBUILD.format(head=scripts.get_current_head(), is_orphaning=is_orphaning)
        (folder / "9999_rebuild.py").write_text(source)
        alembic.set_main_option("path_separator", "os")
        alembic.set_main_option("version_locations", f"{scripts.versions}{os.pathsep}{folder}")
        command.upgrade(alembic, "head")

    return run


def test_migration_keeps_the_children_when_it_rebuilds_their_parent(
    rebuild: Callable[..., None],
) -> None:
    rebuild(is_orphaning=False)
    assert db.session.execute(text("SELECT extra FROM client")).all() == [(None,)]
    assert db.session.execute(text("SELECT skill_code FROM client_skill")).all() == [("sew.flat",)]


@pytest.mark.usefixtures("on_one_database")
def test_migration_is_undone_when_it_leaves_children_without_parents(
    rebuild: Callable[..., None],
) -> None:
    with pytest.raises(RuntimeError, match="without parents"):
        rebuild(is_orphaning=True)
    assert db.session.execute(text("SELECT count(*) FROM client")).scalar() == 1
    assert db.session.execute(text("PRAGMA foreign_keys")).scalar() == 1
