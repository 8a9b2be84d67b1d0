"""Encryption of sensitive columns, keyed look-up of identity numbers, the audit log's keys.

Keys come from settings; `ENCRYPTION_KEY` and `AUDIT_KEY` may hold several, newest first, separated
by commas.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app
from flask_security import utils as passwords


class WrongKey(RuntimeError):
    """A key of the environment is not the one the records were written with."""


@lru_cache(maxsize=4)
def _fernet(keys: str) -> MultiFernet:
    return MultiFernet([Fernet(key.strip()) for key in keys.split(",")])


def encrypt(text: str) -> str:
    """Return `text` encrypted under the newest key."""
    return _fernet(current_app.config["ENCRYPTION_KEY"]).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Return the text of `token`; raises `cryptography.fernet.InvalidToken` if it was altered."""
    return _fernet(current_app.config["ENCRYPTION_KEY"]).decrypt(token.encode()).decode()


def lookup_digest(kind: str, value: str) -> str:
    """Return a keyed digest under which `value` can be found but not guessed."""
    key = current_app.config["LOOKUP_KEY"].encode()
    return hmac.new(key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class AuditKey:
    """A key of the audit log's chain; `key_id` names it in an entry and tells nothing of it."""

    key_id: str
    secret: bytes

    def sign(self, text: str) -> str:
        """Return `<key id>:<HMAC-SHA-256 of text>`: nobody without the key can make one."""
        digest = hmac.digest(self.secret, text.encode(), "sha256")
        return f"{self.key_id}:{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def audit_keys() -> tuple[AuditKey, ...]:
    """Return the keys of the audit log: entries are written under the first, read under any.

    They are derived from `AUDIT_KEY`, the last of all from `LOOKUP_KEY`, which never changes: an
    installation that sets no audit key has one that is not in its database all the same.
    """
    config = current_app.config
    return _audit_keys(config["AUDIT_KEY"], config["LOOKUP_KEY"])


@lru_cache(maxsize=4)
def _audit_keys(given: str, lookup_key: str) -> tuple[AuditKey, ...]:
    sources = [part.strip() for part in given.split(",") if part.strip()]
    return tuple(_audit_key(source) for source in [*sources, lookup_key])


def _audit_key(source: str) -> AuditKey:
    derived = HKDF(hashes.SHA256(), length=36, salt=None, info=b"matchboard audit chain")
    material = derived.derive(source.encode())
    return AuditKey(key_id=material[32:].hex(), secret=material[:32])


def token_digest(token: str) -> str:
    """Return the stored form of a high-entropy random token."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_password(password: str) -> str:
    """Return the stored form of a password (argon2 over a keyed digest, by Flask-Security)."""
    hashed: str = passwords.hash_password(password)
    return hashed


def is_password(password: str, stored: str) -> bool:
    """Return whether `password` is the one stored."""
    return bool(passwords.verify_password(password, stored))


@lru_cache(maxsize=1)
def unusable_password() -> str:
    """Return a stored password nobody knows: checking against it costs what a real check costs."""
    return hash_password(secrets.token_urlsafe(32))
