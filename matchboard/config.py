"""Settings from the environment; a default exists only where it is safe in production."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet


class WrongSettings(RuntimeError):
    """Settings are absent or cannot be used; the process must not start. All are named at once."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        missing = [name for name, why in problems.items() if not why]
        wrong = [f"{name} ({why})" for name, why in problems.items() if why]
        parts = [
            f"{title}: {', '.join(names)}"
            for title, names in (("missing settings", missing), ("wrong settings", wrong))
            if names
        ]
        super().__init__("; ".join(parts))
        self.problems = dict(problems)


REPOSITORY = Path(__file__).resolve().parent.parent


def _instance(env: Mapping[str, str]) -> Path:
    """Return the folder of what the site writes.

    A checkout has its own. An installed package never writes beside itself, where the next
    installation would delete it: there it is `instance` in the folder it is started from.
    """
    if env.get("MATCHBOARD_INSTANCE"):
        return Path(env["MATCHBOARD_INSTANCE"]).absolute()
    is_checkout = (REPOSITORY / "pyproject.toml").exists()
    return (REPOSITORY if is_checkout else Path.cwd()) / "instance"


INSTANCE = _instance(os.environ)

#: Shorter ones are guessed by trying; salts and keys of digests serve beside something unknown.
SECRET_LENGTH = 32
SALT_LENGTH = 16

#: Settings without which nothing may start: a guessed secret is worse than none.
REQUIRED = ("SECRET_KEY", "SECURITY_PASSWORD_SALT", "ENCRYPTION_KEY", "LOOKUP_KEY")


def from_environment(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return Flask settings read from `environ` (default: the process environment).

    Raises
    ------
    WrongSettings
        Naming every setting that is absent, malformed or too short (a wrong key found out when the
        first person is saved would be found too late), and the site's own address if it is not a
        secure one: a personal link must never be handed out as plain HTTP.
    """
    env = os.environ if environ is None else environ
    read = _Reader(env)
    # Plain HTTP (the demo on a laptop) cannot carry a Secure cookie; everyone else keeps it.
    secure = env.get("MATCHBOARD_INSECURE_HTTP") != "1"
    settings: dict[str, Any] = {
        "SECRET_KEY": read.secret("SECRET_KEY", SECRET_LENGTH),
        "SECURITY_PASSWORD_SALT": read.secret("SECURITY_PASSWORD_SALT", SALT_LENGTH),
        "ENCRYPTION_KEY": read.fernet_keys("ENCRYPTION_KEY"),
        "LOOKUP_KEY": read.secret("LOOKUP_KEY", SALT_LENGTH),
        "AUDIT_KEY": read.secrets("AUDIT_KEY", SECRET_LENGTH),
        "BASE_URL": read.address("BASE_URL", secure=secure),
        "SQLALCHEMY_DATABASE_URI": read.database(),
        "HUEY_URL": read.redis("QUEUE_URL"),
        "RATELIMIT_STORAGE_URI": read.redis("LIMITS_URL") or "memory://",
        "QUEUE_FILE": env.get("MATCHBOARD_QUEUE_FILE") or str(INSTANCE / "queue.sqlite3"),
        "IDLE_MINUTES": read.number("IDLE_MINUTES", 30, lowest=1, highest=480),
        "TRUSTED_PROXIES": read.number("TRUSTED_PROXIES", 0, lowest=0, highest=10),
        "LOG_FORMAT": read.choice("LOG_FORMAT", ("text", "json")),
        "ACCESS_LOG": env.get("MATCHBOARD_ACCESS_LOG") == "1",
        "DEMO": env.get("MATCHBOARD_DEMO") == "1",
        "SESSION_COOKIE_SECURE": secure,
        "REMEMBER_COOKIE_SECURE": secure,
        "HSTS": secure,
    }
    if read.problems:
        raise WrongSettings(read.problems)
    settings["AUDIT_ANCHORS"] = env.get("MATCHBOARD_AUDIT_ANCHORS") or str(
        _anchors_of(settings["SQLALCHEMY_DATABASE_URI"])
    )
    return settings


class _Reader:
    """Reads settings one by one and notes all that is wrong with them."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env
        self.problems: dict[str, str] = {}

    def _text(self, name: str) -> str:
        return self.env.get(f"MATCHBOARD_{name}", "").strip()

    def _note(self, name: str, why: str) -> None:
        self.problems[f"MATCHBOARD_{name}"] = why

    def secret(self, name: str, length: int) -> str:
        text = self._text(name)
        if not text:
            self._note(name, "")
        elif len(text) < length:
            self._note(name, f"{length} characters or more")
        return text

    def secrets(self, name: str, length: int) -> str:
        """Read a list of secrets, newest first; there may be none."""
        text = self._text(name)
        if text and any(len(part.strip()) < length for part in text.split(",")):
            self._note(name, f"{length} characters or more each, separated by commas")
        return text

    def fernet_keys(self, name: str) -> str:
        text = self._text(name)
        try:
            for key in text.split(",") if text else ():
                Fernet(key.strip())
        except ValueError:
            self._note(name, "Fernet keys, separated by commas, the newest first")
        if not text:
            self._note(name, "")
        return text

    def address(self, name: str, *, secure: bool) -> str:
        text = self._text(name).rstrip("/")
        if secure and not text:
            self._note(name, "")
        elif secure and not text.startswith("https://"):
            self._note(name, "begins with https://")
        return text

    def number(self, name: str, default: int, *, lowest: int, highest: int) -> int:
        text = self._text(name)
        if not text:
            return default
        value = int(text) if text.isascii() and text.isdigit() else -1
        if not lowest <= value <= highest:
            self._note(name, f"a whole number from {lowest} to {highest}")
        return value

    def choice(self, name: str, values: tuple[str, ...]) -> str:
        text = self._text(name) or values[0]
        if text not in values:
            self._note(name, " or ".join(values))
        return text

    def redis(self, name: str) -> str:
        text = self._text(name)
        if not text:
            return ""
        if not text.startswith(("redis://", "rediss://", "unix://")):
            self._note(name, "begins with redis://")
        elif find_spec("redis") is None:
            self._note(name, "needs the extra `scale`: pip install 'matchboard[scale]'")
        return text

    def database(self) -> str:
        url = database_url(self.env)
        if not url.startswith(DATABASES):
            self.problems["DATABASE_URL"] = "begins with postgresql:// or sqlite:///"
        return url


#: What a database's address may begin with, as SQLAlchemy wants it.
DATABASES = ("postgresql+psycopg://", "sqlite:///")


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
    "LOG_FORMAT": "text",
    "ACCESS_LOG": False,
    "PAGE_SIZE": 20,
}
