"""Settings: what must be given, what a proxy may say, what stays out of the log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from matchboard import config, create_app
from matchboard.config import WrongSettings
from matchboard.extensions import db
from tests.conftest import SETTINGS

KEYS = {f"MATCHBOARD_{name}": str(SETTINGS[name]) for name in config.REQUIRED}
SITE = {**KEYS, "MATCHBOARD_BASE_URL": "https://jobs.example.org"}


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        pytest.param({}, dict.fromkeys([*config.REQUIRED, "BASE_URL"], ""), id="nothing"),
        pytest.param(KEYS, {"BASE_URL": ""}, id="no-address"),
        pytest.param(
            {**KEYS, "MATCHBOARD_BASE_URL": "http://jobs.example.org"},
            {"BASE_URL": "begins with https://"},
            id="plain-http",
        ),
        pytest.param(
            {"MATCHBOARD_INSECURE_HTTP": "1"},
            dict.fromkeys(config.REQUIRED, ""),
            id="insecure-without-keys",
        ),
        pytest.param(
            {
                **SITE,
                "MATCHBOARD_SECRET_KEY": "x" * 31,
                "MATCHBOARD_SECURITY_PASSWORD_SALT": "y" * 15,
                "MATCHBOARD_ENCRYPTION_KEY": "no-such-key",
                "MATCHBOARD_LOOKUP_KEY": "z",
                "MATCHBOARD_AUDIT_KEY": "w" * 31,
            },
            {
                "SECRET_KEY": "32 characters or more",
                "SECURITY_PASSWORD_SALT": "16 characters or more",
                "ENCRYPTION_KEY": "Fernet keys, separated by commas, the newest first",
                "LOOKUP_KEY": "16 characters or more",
                "AUDIT_KEY": "32 characters or more each, separated by commas",
            },
            id="keys-too-short-or-malformed-are-not-called-missing",
        ),
        pytest.param(
            {
                **SITE,
                "MATCHBOARD_TRUSTED_PROXIES": "one",
                "MATCHBOARD_IDLE_MINUTES": "481",
                "MATCHBOARD_LOG_FORMAT": "xml",
                "MATCHBOARD_QUEUE_URL": "amqp://queue",
                "DATABASE_URL": "mysql://db/matchboard",
            },
            {
                "TRUSTED_PROXIES": "a whole number from 0 to 10",
                "IDLE_MINUTES": "a whole number from 1 to 480",
                "LOG_FORMAT": "text or json",
                "QUEUE_URL": "begins with redis://",
                "DATABASE_URL": "begins with postgresql:// or sqlite:///",
            },
            id="all-faults-at-once",
        ),
    ],
)
def test_settings_are_refused_in_one_line_when_they_cannot_be_used(
    given: dict[str, str], problems: dict[str, str]
) -> None:
    with pytest.raises(WrongSettings) as refused:
        config.from_environment(given)
    named = {name.removeprefix("MATCHBOARD_"): why for name, why in refused.value.problems.items()}
    assert named == problems
    line = str(refused.value)
    assert "\n" not in line
    assert all(name in line for name in problems)
    assert not any(secret in line for secret in ("no-such-key", "amqp", "x" * 31))


def test_redis_is_refused_in_words_when_its_library_is_absent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = {**SITE, "MATCHBOARD_QUEUE_URL": "redis://127.0.0.1"}
    monkeypatch.setattr(config, "find_spec", lambda _name: None)
    with pytest.raises(WrongSettings, match="needs the extra `scale`"):
        config.from_environment(given)
    monkeypatch.setattr(config, "find_spec", lambda _name: object())
    assert config.from_environment(given)["HUEY_URL"] == "redis://127.0.0.1"


def test_instance_folder_is_never_beside_an_installed_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert config._instance({}) == config.REPOSITORY / "instance"  # a checkout's own
    monkeypatch.setattr(config, "REPOSITORY", tmp_path / "site-packages")
    monkeypatch.chdir(tmp_path)
    assert config._instance({}) == tmp_path / "instance"
    assert config._instance({"MATCHBOARD_INSTANCE": "here"}) == tmp_path / "here"


@pytest.mark.parametrize(
    ("given", "base_url", "n_proxies"),
    [
        pytest.param(SITE, "https://jobs.example.org", 0, id="site"),
        pytest.param(
            {**SITE, "MATCHBOARD_TRUSTED_PROXIES": "2"}, "https://jobs.example.org", 2, id="proxies"
        ),
        pytest.param({**KEYS, "MATCHBOARD_INSECURE_HTTP": "1"}, "", 0, id="insecure"),
    ],
)
def test_settings_are_read_when_they_suffice(
    given: dict[str, str], base_url: str, n_proxies: int
) -> None:
    found = config.from_environment(given)
    assert (found["BASE_URL"], found["TRUSTED_PROXIES"]) == (base_url, n_proxies)


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("n_proxies", "scheme", "address"),
    [
        pytest.param(0, "http", "127.0.0.1", id="none"),
        pytest.param(1, "https", "203.0.113.7", id="one"),
    ],
)
def test_proxy_is_believed_when_it_is_trusted(
    settings: dict[str, Any], n_proxies: int, scheme: str, address: str
) -> None:
    app = create_app({**settings, "TRUSTED_PROXIES": n_proxies})
    seen: list[tuple[str, str | None, str]] = []

    @app.before_request
    def note() -> None:
        seen.append((request.scheme, request.remote_addr, request.host))

    headers = {
        "X-Forwarded-For": "198.51.100.1, 203.0.113.7",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "elsewhere.example.org",
    }
    app.test_client().get("/healthz", headers=headers)
    assert seen == [(scheme, address, "localhost")]


@pytest.mark.parametrize("own", [{}, {"pool_pre_ping": True}], ids=["default", "with-others"])
@pytest.mark.usefixtures("on_one_database")
def test_bound_values_stay_out_of_errors_when_a_statement_fails(
    settings: dict[str, Any], own: dict[str, Any]
) -> None:
    app: Flask = create_app({**settings, "SQLALCHEMY_ENGINE_OPTIONS": own} if own else settings)
    with app.app_context():
        with pytest.raises(OperationalError) as failed:
            db.session.execute(text("SELECT :secret FROM no_such_table"), {"secret": "13800138000"})
        assert "13800138000" not in str(failed.value)
        assert "no_such_table" in str(failed.value)
        db.session.remove()
        db.engine.dispose()
