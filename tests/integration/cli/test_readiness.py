"""What a command says, in one line, where it cannot work; and that right keys are let pass."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.integration.cli.commands import KEYS, invoke

OTHER = {
    "MATCHBOARD_ENCRYPTION_KEY": Fernet.generate_key().decode(),
    "MATCHBOARD_LOOKUP_KEY": "another-lookup-key-0123456789",
}


@pytest.fixture
def site(instance: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an empty production database under the tests' keys; return its file."""
    file = instance / "site.sqlite3"
    values = {**KEYS, "MATCHBOARD_INSECURE_HTTP": "1", "DATABASE_URL": f"sqlite:///{file}"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert invoke("upgrade").exit_code == 0
    return file


def last_line(*arguments: str, exit_code: int = 1) -> str:
    result = invoke(*arguments)
    assert result.exit_code == exit_code, result.output
    assert "Traceback" not in result.output
    return result.output.strip().splitlines()[-1]


@pytest.mark.parametrize("name", OTHER)
@pytest.mark.parametrize("command", ["tick", "upgrade", "keys check"])
def test_command_refuses_keys_other_than_the_databases(
    site: Path, monkeypatch: pytest.MonkeyPatch, name: str, command: str
) -> None:
    assert last_line(*command.split(), exit_code=0)
    monkeypatch.setenv(name, OTHER[name])
    result = invoke(*command.split())
    assert result.exit_code == 1
    assert name in result.output
    other = next(one for one in OTHER if one != name)
    assert other not in result.output or "right" in result.output


def test_old_key_still_reads_behind_a_new_one(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = Fernet.generate_key().decode()
    monkeypatch.setenv("MATCHBOARD_ENCRYPTION_KEY", f"{new},{KEYS['MATCHBOARD_ENCRYPTION_KEY']}")
    assert "right" in invoke("keys", "check").output


def test_command_says_what_to_do_when_the_database_is_outdated(site: Path) -> None:
    with closing(sqlite3.connect(site)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        connection.commit()
    for command in ("tick", "serve --port 8531", "audit verify", "units"):
        assert "`matchboard upgrade`" in last_line(*command.split())


def test_command_says_that_the_database_is_away(
    instance: Path, monkeypatch: pytest.MonkeyPatch, site: Path
) -> None:
    secret = "geheim-5432"
    url = f"postgresql://nobody:{secret}@/nothing?host={instance}&connect_timeout=2"
    monkeypatch.setenv("DATABASE_URL", url)
    for command in ("tick", "upgrade", "keys check"):
        line = last_line(*command.split())
        assert line.startswith("Error: The database does not answer: postgresql")
        assert secret not in line
