"""Settings from the environment; a default exists only where it is safe in production."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet


class MissingSetting(RuntimeError):
    """Required settings are absent or cannot be used; the process must not start."""

    def __init__(self, names: list[str]) -> None:
        words = [f"MATCHBOARD_{name}{_FORMS.get(name, '')}" for name in names]
        super().__init__("missing settings: " + ", ".join(words))
        self.names = names


#: What a setting has to look like, where a wrong one counts as none.
_FORMS = {
    "AUDIT_KEY": " (32 characters or more each, separated by commas)",
    "BASE_URL": " (begins with https://)",
    "ENCRYPTION_KEY": " (Fernet keys, separated by commas)",
}

REPOSITORY = Path(__file__).resolve().parent.parent
INSTANCE = Path(os.environ.get("MATCHBOARD_INSTANCE", REPOSITORY / "instance"))

#: Settings without which nothing may start: a guessed secret is worse than none.
REQUIRED = ("SECRET_KEY", "SECURITY_PASSWORD_SALT", "ENCRYPTION_KEY", "LOOKUP_KEY")


def from_environment(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return Flask settings read from `environ` (default: the process environment).

    Raises
    ------
    MissingSetting
        If a secret of `REQUIRED` is absent, the encryption key is none (found out when the first
        person is saved, it would be too late), or the site's own address is not a secure one: a
        personal link must never be handed out as plain HTTP.
    """
    env = os.environ if environ is None else environ
    missing = [name for name in REQUIRED if not env.get(f"MATCHBOARD_{name}")]
    if "ENCRYPTION_KEY" not in missing and not _are_keys(env["MATCHBOARD_ENCRYPTION_KEY"]):
        missing.append("ENCRYPTION_KEY")
    audit_key = env.get("MATCHBOARD_AUDIT_KEY", "")
    if audit_key and any(len(part.strip()) < 32 for part in audit_key.split(",")):
        missing.append("AUDIT_KEY")
    # Plain HTTP (the demo on a laptop) cannot carry a Secure cookie; everyone else keeps it.
    secure = env.get("MATCHBOARD_INSECURE_HTTP") != "1"
    base_url = env.get("MATCHBOARD_BASE_URL", "")
    if secure and not base_url.startswith("https://"):
        missing.append("BASE_URL")
    if missing:
        raise MissingSetting(missing)
    settings: dict[str, Any] = {name: env[f"MATCHBOARD_{name}"] for name in REQUIRED}
    settings["SQLALCHEMY_DATABASE_URI"] = database_url(env)
    settings["AUDIT_KEY"] = audit_key
    settings["AUDIT_ANCHORS"] = env.get("MATCHBOARD_AUDIT_ANCHORS") or str(
        _anchors_of(settings["SQLALCHEMY_DATABASE_URI"])
    )
    settings["HUEY_URL"] = env.get("MATCHBOARD_QUEUE_URL", "")
    settings["QUEUE_FILE"] = env.get("MATCHBOARD_QUEUE_FILE", str(INSTANCE / "queue.sqlite3"))
    settings["RATELIMIT_STORAGE_URI"] = env.get("MATCHBOARD_LIMITS_URL", "memory://")
    settings["DEMO"] = env.get("MATCHBOARD_DEMO") == "1"
    settings["SESSION_COOKIE_SECURE"] = secure
    settings["REMEMBER_COOKIE_SECURE"] = secure
    settings["HSTS"] = secure
    settings["IDLE_MINUTES"] = int(env.get("MATCHBOARD_IDLE_MINUTES", "30"))
    settings["BASE_URL"] = base_url
    settings["TRUSTED_PROXIES"] = int(env.get("MATCHBOARD_TRUSTED_PROXIES", "0"))
    return settings


def _are_keys(text: str) -> bool:
    try:
        for key in text.split(","):
            Fernet(key.strip())
    except ValueError:
        return False
    return True


def database_url(env: Mapping[str, str]) -> str:
    """Return the SQLAlchemy URL: `DATABASE_URL`, or the embedded SQLite file."""
    url = env.get("DATABASE_URL", "")
    if not url:
        return f"sqlite:///{INSTANCE / 'matchboard.sqlite3'}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _anchors_of(url: str) -> Path:
    """Return the file of the audit log's anchors: beside an embedded database, else `INSTANCE`."""
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        return path.with_name(f"{path.stem}-audit-anchors.jsonl")
    return INSTANCE / "audit-anchors.jsonl"


#: What never varies between installations.
FIXED: dict[str, Any] = {
    "AUDIT_KEY": "",  # none of its own: derived from `LOOKUP_KEY`
    "AUDIT_ANCHORS": "",  # no file (tests, tools)
    "LANGUAGES": {"zh": "中文", "en": "English"},
    "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
    "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "SESSION_COOKIE_NAME": "matchboard",
    "SESSION_REFRESH_EACH_REQUEST": False,  # `web.sessions` notes who is there
    # The longest idle time that may be set; `web.sessions` ends a session at the one that is.
    "PERMANENT_SESSION_LIFETIME": timedelta(hours=8),
    "MAX_CONTENT_LENGTH": 16 * 1024 * 1024,
    "WTF_CSRF_TIME_LIMIT": None,  # as long as the session; a slow form must not fail
    "RATELIMIT_HEADERS_ENABLED": False,
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_REGISTERABLE": False,
    "SECURITY_RECOVERABLE": False,
    "SECURITY_CHANGEABLE": False,
    "SECURITY_CONFIRMABLE": False,
    "SECURITY_JOIN_USER_ROLES": False,  # `User.role` is a column, there is nothing to join
    "SECURITY_TRACKABLE": True,
    "SECURITY_DEFAULT_REMEMBER_ME": False,
    "LOCKOUT_FAILURES": 5,
    "LOCKOUT_MINUTES": 15,
    "IDLE_MINUTES": 30,
    "TRUSTED_PROXIES": 0,
    "PAGE_SIZE": 20,
}
