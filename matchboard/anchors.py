"""The file beside the database that remembers how long the audit log was.

One JSON object a line, only ever appended to, readable by the site's own account alone. Where it
lies is the setting `AUDIT_ANCHORS`; on another disk, or sent away every day, it is worth more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import current_app

Line = dict[str, Any]


def path() -> Path | None:
    """Return where the anchors are kept, None where they are not (tools, tests)."""
    place = current_app.config["AUDIT_ANCHORS"]
    return Path(place) if place else None


def append(line: Mapping[str, Any]) -> None:
    """Add one line and wait until it is on the disk; raises `OSError` if it cannot be."""
    place = path()
    if place is None:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        # One write: lines of several processes do not mix.
        os.write(handle, (json.dumps(line, sort_keys=True) + "\n").encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def read() -> list[Line | None]:
    """Return every line, oldest first; None for one that is none of ours."""
    place = path()
    if place is None or not place.exists():
        return []
    return [_line(text) for text in place.read_bytes().splitlines()]


def _line(text: bytes) -> Line | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def is_begun() -> bool:
    """Return whether there is a file, or none is kept."""
    place = path()
    return place is None or place.exists()
