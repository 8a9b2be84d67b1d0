"""Where a command under test works: the test's database, or an empty instance folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from matchboard import config, create_app
from matchboard.cli import application, main
from matchboard.extensions import db
from tests.integration.cli.commands import KEYS, Run


@pytest.fixture
def run(app: Flask, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command against the test's database, in an application of its own, in English."""
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    monkeypatch.setattr(application, "create_app", lambda **_: create_app(settings))

    def invoke(*arguments: str) -> Result:
        db.session.commit()
        result = CliRunner().invoke(main, list(arguments))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        db.session.expire_all()
        return result

    return invoke


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty instance folder; what a command sets in the environment is undone."""
    folder = tmp_path / "instance"
    monkeypatch.setattr(config, "INSTANCE", folder)
    names = (
        "DEMO",
        "INSECURE_HTTP",
        "QUEUE_FILE",
        "AUDIT_ANCHORS",
        "AUDIT_KEY",
        *(n.removeprefix("MATCHBOARD_") for n in KEYS),
    )
    for name in ("DATABASE_URL", *(f"MATCHBOARD_{n}" for n in names)):
        monkeypatch.setenv(name, "")
    return folder
