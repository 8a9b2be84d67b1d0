"""What each page says and offers to each role, in lines that are the same on every run.

The register `pages` holds them for every page of a district in which everything stands in every
state (`whole_district`): words, addresses, what may be sent, and with which values. A condition the
wrong way round, a link to elsewhere, a field left out changes a line. Before each line stands who
meets it: o(fficer), d(istrict), e(mployer), c(oordinator), v(isitor), s(ystem or security
administrator); in which states of the record or views of the list, `o(sent, offered)`, or in all
but which, `o(but draft)`; then how often, if more than once. Of a choice its number is told and
what is chosen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from bs4 import BeautifulSoup, NavigableString, Tag

from matchboard.extensions import db
from tests.integration.outcomes import without_counters

#: What is told of an element besides its words.
_TOLD = (
    *("href", "action", "name", "type", "value", "max", "min", "maxlength", "hx-get", "hx-post"),
    *("hx-target", "aria-current", "aria-label", "aria-invalid", "datetime", "for"),
)
_FLAGS = ("checked", "selected", "required", "disabled", "open", "hidden", "multiple", "readonly")
_DRAWN = {"csrf_token", "submission_key", "seen", "opened"}
_NOT_READ = {"script", "style", "svg", "template"}
_FIELDS = ["input", "select", "textarea"]
#: What is read as one: its words stand in its own line, as a label's do in its field's.
_WHOLE = {*("a", "button", "label", "legend", "summary", "th", "dt"), *("h1", "h2", "h3", "h4")}


def outline_of(text: str) -> list[str]:
    """Return the lines of a page's main part, of all of it where it has none."""
    document = BeautifulSoup(text, "html.parser")
    part = document.find("main") or document
    ids = {str(one["id"]) for one in part.find_all(_FIELDS, id=True)}
    labels = {str(one["for"]): one for one in part.find_all("label") if one.get("for") in ids}
    return [line for line in _lines(part, labels) if line]


def _lines(element: Tag, labels: dict[str, Tag]) -> Iterator[str]:
    for child in element.children:
        if type(child) is NavigableString:
            yield " ".join(child.split())
        if not isinstance(child, Tag) or child.name in _NOT_READ:
            continue
        if labels.get(str(child.get("for"))) is child:
            continue
        is_whole = child.name in _WHOLE and not child.find([*_FIELDS, "button"])
        words = child if is_whole else labels.get(str(child.get("id")))
        yield " ".join([_told(child), *(words.get_text(" ").split() if words else ())]).strip()
        if not is_whole and child.name != "select":
            yield from _lines(child, labels)


def _told(element: Tag) -> str:
    words = [f"{name}={element.attrs[name]}" for name in _TOLD if element.attrs.get(name)]
    words += [name for name in _FLAGS if name in element.attrs]
    if element.name == "select":
        chosen = [" ".join(one.get_text().split()) for one in element.select("option[selected]")]
        words.append(f"of {len(element.select('option'))}: {', '.join(chosen)}")
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


def merged(pages: Iterable[tuple[str, str, str, str]]) -> dict[str, list[str]]:
    """Return the register's lines by address.

    Of each page: letter of the role, address, state of what it shows, text.
    """
    known = pids()
    met: dict[str, dict[str, dict[str, list[str]]]] = {}
    views: dict[str, dict[str, list[str]]] = {}
    for letter, address, state, text in pages:
        lines = Counter(without_counters(line, known) for line in outline_of(text))
        lines[f"answers {text[:3]}"] += 1
        path, _, query = without_counters(address, known).partition("?")
        view = state or query or "-"
        views.setdefault(path, {}).setdefault(letter, []).append(view)
        for line, n in lines.items():
            shown = f"{n}× {line}" if n > 1 else line
            who = met.setdefault(path, {}).setdefault(shown, {})
            who.setdefault(letter, []).append(view)
    return {
        path: [f"{_whom(who, views[path])} {line}" for line, who in lines.items()]
        for path, lines in sorted(met.items())
    }


def _whom(who: dict[str, list[str]], all_views: dict[str, list[str]]) -> str:
    """Return the letters of those who meet a line, each with the views in which they do."""
    by_views: dict[str, str] = {}
    for letter, views in who.items():
        others = [view for view in all_views[letter] if view not in views]
        but = f"but {', '.join(others)}" if len(others) < len(views) else ", ".join(views)
        when = f"({but})" if others else ""
        by_views[when] = by_views.get(when, "") + letter
    return " ".join(letters + when for when, letters in by_views.items())
