"""What each page says and offers to each role, in lines that are the same on every run.

`outlines.txt` beside the other registers holds them for every page of a district in which
everything stands in every state (`whole_district`): words, addresses, what may be sent, and with
which values. A condition the wrong way round, a link to elsewhere, a field left out changes a line.
Before each line stands who meets it: o(fficer), d(istrict), e(mployer), c(oordinator), v(isitor);
then how often, if more than once. After a change that is meant:

    MATCHBOARD_WRITE_REGISTERS=1 pytest tests/integration/test_properties_districts.py

writes the register anew; the difference is read before it is committed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from bs4 import BeautifulSoup, NavigableString, Tag

from matchboard.extensions import db
from tests.integration.outcomes import without_counters

REGISTER = Path(__file__).resolve().parents[1] / "contract" / "outlines.txt"
#: What is told of an element besides its words.
_TOLD = (
    *("href", "action", "name", "type", "value", "max", "min", "maxlength", "hx-get", "hx-post"),
    *("hx-target", "aria-current", "aria-label", "aria-invalid", "datetime", "for"),
)
_FLAGS = ("checked", "selected", "required", "disabled", "open", "hidden", "multiple", "readonly")
_DRAWN = {"csrf_token", "submission_key", "seen", "opened"}
_NOT_READ = {"script", "style", "svg", "template"}


def outline_of(text: str) -> list[str]:
    """Return the lines of a page's main part, of all of it where it has none."""
    document = BeautifulSoup(text, "html.parser")
    part = document.find("main") or document
    return [line for line in _lines(part) if line]


def _lines(element: Tag) -> Iterator[str]:
    for child in element.children:
        if isinstance(child, Tag):
            if child.name not in _NOT_READ:
                yield _told(child)
                yield from _lines(child)
        elif type(child) is NavigableString:
            yield " ".join(child.split())


def _told(element: Tag) -> str:
    words = [f"{name}={element.attrs[name]}" for name in _TOLD if element.attrs.get(name)]
    words += [name for name in _FLAGS if name in element.attrs]
    if str(element.attrs.get("name", "")).rpartition("-")[2] in _DRAWN:
        words = [word for word in words if not word.startswith("value=")]
    return f"<{element.name} {' '.join(words)}>" if words else ""


def pids() -> dict[str, str]:
    """Return the table of every record's public id."""
    found: dict[str, str] = {}
    for table in db.metadata.sorted_tables:
        if "pid" in table.columns:
            found |= {
                pid: f"<{table.name}>" for (pid,) in db.session.execute(db.select(table.c.pid))
            }
    return found


def merged(pages: Iterable[tuple[str, str, str]]) -> dict[str, list[str]]:
    """Return the register's lines by address, of (letter of the role, address, text) of pages."""
    known = pids()
    met: dict[str, dict[str, str]] = {}
    for letter, address, text in pages:
        lines = Counter(without_counters(line, known) for line in outline_of(text))
        lines[f"answers {text[:3]}"] += 1
        of_page = met.setdefault(without_counters(address, known), {})
        for line, n in lines.items():
            shown = f"{n}× {line}" if n > 1 else line
            of_page[shown] = of_page.get(shown, "") + letter
    return {
        address: [f"{who} {line}" for line, who in lines.items()]
        for address, lines in sorted(met.items())
    }


def read_register() -> dict[str, list[str]]:
    """Return the lines of each page by its address."""
    found: dict[str, list[str]] = {}
    text = REGISTER.read_text(encoding="utf-8") if REGISTER.exists() else ""
    for line in text.splitlines():
        if line.startswith("["):
            lines = found.setdefault(line[1:-1], [])
        elif line:
            lines.append(line)
    return found


def write(register: dict[str, list[str]]) -> None:
    """Write the register."""
    text = "\n\n".join("\n".join([f"[{name}]", *lines]) for name, lines in register.items())
    REGISTER.write_text(text + "\n", encoding="utf-8")
