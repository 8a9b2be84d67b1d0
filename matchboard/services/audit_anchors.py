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
from matchboard.services.audit_chain import Head, Walk

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
    no anchor; `number` is the line's).
    """

    fault: str
    number: int
    at: str = ""


def write_down(occasion: str, *, now: datetime) -> Head | None:
    """Write the committed head into the log stream and the file; return it.

    What cannot be written is said in the log stream and stops nobody: the act is done already.
    """
    head = audit_chain.head()
    if head is None:
        return None
    _LOG.info("audit head %d %s of %d entries (%s)", *_parts(head), occasion)
    try:
        anchors.append({"at": now.isoformat(), "on": occasion, **asdict(head)})
    except OSError:
        _LOG.exception("audit head %d could not be written to its file", head.number)
    return head


def read() -> list[Anchor] | Mismatch:
    """Return every anchor of the file, or which line is none."""
    try:
        lines = anchors.read()
    except ValueError as error:
        return Mismatch("unreadable", int(str(error)))
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            head = Head(int(line["number"]), str(line["hash"]), int(line["n_entries"]))
            found.append(Anchor(str(line["at"]), head))
        except (KeyError, ValueError, TypeError):
            return Mismatch("unreadable", number)
    return found


def compare(written: Sequence[Anchor], walk: Walk) -> Mismatch | None:
    """Return the first anchor the log does not bear out; what lies past a broken place is left."""
    end = walk.head.number if walk.head else 0
    for anchor in written:
        number = anchor.head.number
        if number > end:
            if walk.broken_at is None:
                return Mismatch("cut", number, anchor.at)
            continue
        found = walk.places.get(number)
        if found is None or found.hash != anchor.head.hash:
            return Mismatch("rewritten", number, anchor.at)
        if found.n_entries < anchor.head.n_entries:
            return Mismatch("fewer", number, anchor.at)
    return None


def _parts(head: Head) -> tuple[int, str, int]:
    return head.number, head.hash, head.n_entries
