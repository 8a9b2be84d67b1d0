"""What each writing request answers, says and writes, in lines that are the same on every run.

The register `requests` holds them for every request of `writing_requests`: status and address, what
is said on the next page, what the form carried by itself, each row made, changed or deleted, and
whose rows are locked. A wrong default, a field left out, another address, a missing entry of the
log changes a line.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from matchboard.extensions import db
from tests.client import Page
from tests.integration.whole_rows import rows_written
from tests.integration.writing_requests import Ready

Rows = dict[str, list[Any]]
#: Drawn anew for every request; of a name, how it is searched for; what a made-up number says.
_DRAWN = frozenset(
    (
        *("hash", "previous_hash", "fs_uniquifier", "password", "key", "key_digest"),
        *("request_key", "token_digest", "code_name", "name_pinyin", "name_initials", "sex"),
        "search_text",
        *("csrf_token", "submission_key", "seen", "location"),
    )
)
_PID = re.compile(r"\b[0-9a-z]{8}\b")
#: What tells one made-up name, number or letter from the next.
_COUNTED = (
    (re.compile(r"(?<=:00)\.0{6}|(?<=[\w@]:)[0-9a-f]{8}(?= |$)"), ""),
    (re.compile(r"\b1[3-9]\d{9}\b"), "<phone>"),
    (re.compile(r"\b\d{17}[\dX]\b"), "<identity number>"),
    (re.compile(r"91330402M\w+"), "<credit code>"),
    (re.compile(r"\b(?=\w*[a-f])[0-9a-f]{8,}\b|\b\d{7,}\b(?!-)|[\w=-]{30,}"), "…"),
    (re.compile(r"(?<=[a-z])[\d.]+(?=@)"), "#"),
    (re.compile(r"(?<=[\u4e00-\u9fff])(?:[零一二三四五六七八九]+|\d+)(?![\u4e00-\u9fff])"), "#"),
    (re.compile(r"(?<=[A-Za-z] )\d+$|(?<=求职者 )[A-Z]{4}"), "#"),
    (re.compile(r"(?<=map-\d{8}-)\d+"), "#"),
    (re.compile(r"(?<=\"n_entries\": )\d+"), "#"),
    (re.compile(r"\s*\n\s*"), " ⏎ "),
)
#: What tells of the rows other requests have left: a log to be checked, outcomes to learn from.
_OF_OTHERS = {
    "admin.verify_log": re.compile(r"^says .*"),
    "ranking.train": re.compile(r"result=\{.*?\}, error=\w+, "),
    "tasks.again": re.compile(r"worker=\w+, "),
}


def without_counters(text: str, pids: dict[str, str]) -> str:
    """Return a text without what tells one made-up record from the next."""
    text = _PID.sub(lambda found: pids.get(found[0], found[0]), text)
    for pattern, words in _COUNTED:
        text = pattern.sub(words, text)
    return text


class Wording:
    """Words for values: ids by their table, what was sent by its field."""

    def __init__(self, ready: Ready, *states: Rows) -> None:
        self.pids: dict[str, str] = {}
        for rows in states:
            for name, several in rows.items():
                columns = [c.name for c in db.metadata.tables[name].columns]
                if "pid" in columns:
                    at = columns.index("pid")
                    self.pids |= {str(row[at]): f"<{name}>" for row in several}
        sent = {
            n: v for n, v in ready.values.items() if not n.endswith(("version", "_key", "seen"))
        }
        self.sent: dict[str, str] = {}
        for name, value in sent.items():
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str) and len(one) > 1:
                    self.sent.setdefault(one, f"={self.plain(name)}")

    def plain(self, text: str) -> str:
        """Return a text without what differs from run to run."""
        return without_counters(text, self.pids)

    def of(self, text: str) -> str:
        """Return a stored text in words."""
        return self.sent.get(text) or self.plain(text)


def outcome_of(
    name: str, ready: Ready, done: Page, before: Rows, after: Rows, locks: Collection[str]
) -> list[str]:
    """Return the lines of a request that succeeded."""
    wording = Wording(ready, before, after)
    lines = [f"{done.status} {wording.plain(done.headers.get('Location', ''))}".rstrip()]
    lines += [
        f"{header}: {wording.plain(value)}"
        for header, value in sorted(done.headers.items())
        if header.startswith("HX-") or header in {"Content-Type", "Content-Disposition"}
    ]
    for cookie in done.headers.getlist("Set-Cookie"):
        name, *flags = [part.strip() for part in cookie.split(";")]
        kept = sorted(flag for flag in flags if not flag.startswith("Expires"))
        lines.append(f"cookie {name.partition('=')[0]}: {'; '.join(kept)}")
    with ready.client.browser.session_transaction() as session:
        said = session.get("_flashes", [])
    lines += [wording.plain(f"says {category}: {words}") for category, words in said]
    for field, value in sorted(ready.values.items()):
        several = value if isinstance(value, list) else [value]
        words = [_sent(field, str(one), wording) for one in several]
        lines.append(f"sent {wording.plain(field)}: {' | '.join(words)}".rstrip())
    lines += rows_written(before, after, locks, say=wording.of, drawn=_DRAWN)
    of_others = _OF_OTHERS.get(name)
    lines = [of_others.sub("", line) if of_others else line for line in lines]
    return [line for line in lines if line]


def _sent(name: str, value: str, wording: Wording) -> str:
    return "…" if value and name.rpartition("-")[2] in _DRAWN else wording.plain(value)
