"""The end of the audit log written down outside the database, and compared with it.

A chain does not show that its end was cut off, nor that it was emptied. So its head (number, hash,
count) goes to a file beside the database, into the log stream and into every exported file; one
copy that the intruder did not reach is enough.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from matchboard import anchors
from matchboard.services import audit_chain
from matchboard.services.audit_chain import ACCEPTED, Head, Walk

_LOG = logging.getLogger("matchboard.audit")
_LOG.setLevel(logging.INFO)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head as it was written down, and when."""

    at: str
    head: Head


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An anchor that the log does not bear out.

    Faults: `cut` (the log ends before the anchored number), `rewritten` (another entry, or none,
    has that number), `fewer` (entries before it are missing), `unreadable` (a line of the file is
    no anchor; `number` is the line's), `missing` (the file that entry `number` began, or its
    beginning, is gone).
    """

    fault: str
    number: int
    at: str = ""


def write_down(occasion: str, *, now: datetime) -> Head | None:
    """Write the committed head into the log stream and the file; return it."""
    head = audit_chain.head()
    if head is not None:
        append(head, occasion, now=now)
    return head


def append(head: Head, occasion: str, *, now: datetime, **more: str) -> None:
    """Write a head into the log stream and the file.

    What cannot be written is said in the log stream and stops nobody: the act is done already.
    """
    _LOG.info("audit head %d %s of %d entries (%s)", *_parts(head), occasion)
    try:
        anchors.append({"at": now.isoformat(), "on": occasion, **asdict(head), **more})
    except OSError:
        _LOG.exception("audit head %d could not be written to its file", head.number)


def read() -> list[Anchor | Mismatch]:
    """Return what each line of the file is: an anchor, or nothing that can be read."""
    return [_anchor(number, line) for number, line in enumerate(anchors.read(), start=1)]


def _anchor(number: int, line: anchors.Line | None) -> Anchor | Mismatch:
    if line is None:
        return Mismatch("unreadable", number)
    try:
        head = Head(int(line["number"]), str(line["hash"]), int(line["n_entries"]))
        return Anchor(str(line["at"]), head)
    except (KeyError, ValueError, TypeError):
        return Mismatch("unreadable", number)


def compare(written: Sequence[Anchor | Mismatch], walk: Walk) -> Mismatch | None:
    """Return the first anchor the log does not bear out; what lies past a broken place is left.

    What somebody accepted, with the key and in the log, counts no more: the comparison begins with
    that line. A file that the log says was begun here and that is not here is missing; another
    machine's or folder's is compared there.
    """
    lines: dict[str, int] = {}
    for i, line in enumerate(written):
        if isinstance(line, Anchor):
            lines.setdefault(line.head.hash, i)
    first, own = 0, anchors.place()
    missing: Mismatch | None = None
    for mark in walk.marks:
        is_kept = mark.hash in lines
        if mark.verb == ACCEPTED and is_kept:
            first, missing = lines[mark.hash], None
        elif own and mark.place == own and not is_kept and missing is None:
            missing = Mismatch("missing", mark.number)
    compared = (_compare(line, walk) for line in written[first:])
    return missing or next(filter(None, compared), None)


def _compare(line: Anchor | Mismatch, walk: Walk) -> Mismatch | None:
    if isinstance(line, Mismatch):
        return line
    number = line.head.number
    end = walk.head.number if walk.head else 0
    if number > end:
        return Mismatch("cut", number, line.at) if walk.broken_at is None else None
    found = walk.places.get(number)
    if found is None or found.hash != line.head.hash:
        return Mismatch("rewritten", number, line.at)
    if found.n_entries < line.head.n_entries:
        return Mismatch("fewer", number, line.at)
    return None


def _parts(head: Head) -> tuple[int, str, int]:
    return head.number, head.hash, head.n_entries
