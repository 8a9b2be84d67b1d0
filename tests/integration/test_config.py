"""Settings: what must be given, what a proxy may say, what stays out of the log."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from matchboard import config, create_app
from matchboard.config import MissingSetting
from matchboard.extensions import db
from tests.conftest import SETTINGS

KEYS = {f"MATCHBOARD_{name}": str(SETTINGS[name]) for name in config.REQUIRED}
SITE = {**KEYS, "MATCHBOARD_BASE_URL": "https://jobs.example.org"}


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        pytest.param({}, [*config.REQUIRED, "BASE_URL"], id="nothing"),
        pytest.param(KEYS, ["BASE_URL"], id="no-address"),
        pytest.param(
            {**KEYS, "MATCHBOARD_BASE_URL": "http://jobs.example.org"},
            ["BASE_URL"],
            id="plain-http",
        ),
        pytest.param(
            {**SITE, "MATCHBOARD_ENCRYPTION_KEY": "no-such-key"}, ["ENCRYPTION_KEY"], id="no-key"
        ),
        pytest.param(
            {"MATCHBOARD_INSECURE_HTTP": "1"}, list(config.REQUIRED), id="insecure-without-keys"
        ),
    ],
)
def test_settings_are_refused_when_one_is_missing(
    given: dict[str, str], missing: list[str]
) -> None:
    with pytest.raises(MissingSetting) as refused:
        config.from_environment(given)
    assert refused.value.names == missing
    assert all(f"MATCHBOARD_{name}" in str(refused.value) for name in missing)


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
        db.session.remove()
        db.engine.dispose()
