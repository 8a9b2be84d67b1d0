"""Secrets the site says once and keeps nowhere: first passwords, personal links.

The page that says one must survive a reload and the other language. So it stays with the browser
that made it, encrypted in its session, for a quarter of an hour or until somebody signs in or out;
whoever takes the cookie reads nothing in it, and no other browser and no other account is told.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from flask import session

from matchboard.crypto import decrypt, encrypt
from matchboard.web.context import actor, now

#: How long a secret can be read again in the browser that made it.
SHOWN_FOR = timedelta(minutes=15)
#: In the session: what a secret is about → the secret, encrypted.
_KEY = "shown_once"
#: A cookie has room for a few; the oldest makes room.
_MOST = 4


def keep(about: str, secret: Any) -> None:
    """Keep a secret (JSON) for this browser; `about` names its page or record."""
    kept = {
        "about": about,
        "for": actor().user_id,
        "until": (now() + SHOWN_FOR).timestamp(),
        "secret": secret,
    }
    others = {name: one for name, one in session.get(_KEY, {}).items() if name != about}
    session[_KEY] = dict([*others.items(), (about, encrypt(json.dumps(kept)))][-_MOST:])


def kept(about: str) -> Any:
    """Return the secret about something; None for other browsers and accounts, and afterwards."""
    try:
        found = json.loads(decrypt(session.get(_KEY, {})[about]))
    except (KeyError, InvalidToken):
        return None
    is_ours = (found["about"], found["for"]) == (about, actor().user_id)
    return found["secret"] if is_ours and now().timestamp() < found["until"] else None
