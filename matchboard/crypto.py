"""Encryption of sensitive columns and keyed look-up of identity numbers.

Keys come from settings; `ENCRYPTION_KEY` may hold several, newest first, separated by commas.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from flask import current_app
from flask_security import utils as passwords


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
