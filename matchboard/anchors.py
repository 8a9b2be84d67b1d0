"""The file beside the database that remembers how long the audit log was.

One JSON object a line, only ever appended to, readable by the site's own account alone. Where it
lies is the setting `AUDIT_ANCHORS`; on another disk, or sent away every day, it is worth more.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import current_app

Line = dict[str, Any]


def path() -> Path | None:
    """Return where the anchors are kept, None where they are not (tools, tests)."""
    where = current_app.config["AUDIT_ANCHORS"]
    return Path(where) if where else None


def append(line: Mapping[str, Any]) -> None:
    """Add one line and wait until it is on the disk; raises `OSError` if it cannot be."""
    where = path()
    if where is None:
        return
    where.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        # One write: lines of several processes do not mix.
        os.write(handle, (json.dumps(line, sort_keys=True) + "\n").encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def read() -> list[Line | None]:
    """Return every line, oldest first; None for one that is none of ours."""
    where = path()
    if where is None or not where.exists():
        return []
    return [_line(text) for text in where.read_bytes().splitlines()]


def _line(text: bytes) -> Line | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def place() -> str:
    """Return which file this is, told apart from another machine's or folder's of the same site."""
    where = path()
    if where is None:
        return ""
    return hashlib.sha256(f"{socket.gethostname()}|{where.resolve()}".encode()).hexdigest()[:12]


def is_begun() -> bool:
    """Return whether there is a file, or none is kept."""
    where = path()
    return where is None or where.exists()
