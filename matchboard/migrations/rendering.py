"""How a migration is written."""

from __future__ import annotations

from typing import Any

from matchboard.models.types import EncryptedText, UtcDateTime


def render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write our own column types as the plain ones they are in the database.

    A migration must go on working when the classes are renamed.
    """
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime()"
    if kind == "type" and isinstance(item, EncryptedText):
        return "sa.Text()"
    return False
