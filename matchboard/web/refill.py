"""Put what somebody typed back into a form of a finished page, however the form was built.

Only the controls of the form sent to the given address change; hidden ones keep what the page says
(key, token), but for those named by `opening`: a form brought back is still the one opened then.
The folds around the form are opened, so that nobody has to look for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from html.parser import HTMLParser
from urllib.parse import urlsplit

Fields = Sequence[tuple[str, str]]
Attributes = dict[str, str | None]
_TEXT_LIKE = frozenset({"text", "search", "tel", "email", "url", "number", "date", "time", ""})


def refill(
    page: str,
    is_form: Callable[[str], bool],
    fields: Fields,
    *,
    path: str,
    hidden: Fields = (),
    mark: str = "",
    opening: re.Pattern[str] | None = None,
) -> str | None:
    """Return the page with `fields` in the form sent to where `is_form`; None without such a form.

    `path` is the page's own address, to which a form without one is sent; `hidden` fields are added
    to the form. With `mark`, only forms bearing that attribute count.
    """
    finder = _Finder(is_form, path, mark)
    finder.feed(page)
    if not finder.n_found:
        return None
    filler = _Filler(page, finder, fields, hidden, opening)
    filler.feed(page)
    filler.close()
    return filler.result() if filler.n_filled else None


class _Finder(HTMLParser):
    """Find the forms in question: how many, and the ids other controls name them by."""

    def __init__(self, is_form: Callable[[str], bool], path: str, mark: str) -> None:
        super().__init__(convert_charrefs=False)
        self.is_form, self.path, self.mark = is_form, path, mark
        self.n_found = 0
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "form" and self.is_wanted(dict(attrs)):
            self.n_found += 1
            self.ids.add(dict(attrs).get("id") or "")

    def is_wanted(self, attrs: Attributes) -> bool:
        if (attrs.get("method") or "").lower() != "post" or (self.mark and self.mark not in attrs):
            return False
        return self.is_form(urlsplit(attrs.get("action") or "").path or self.path)


class _Filler(HTMLParser):
    """Collect the changes by their place in the page."""

    def __init__(
        self,
        page: str,
        finder: _Finder,
        fields: Fields,
        hidden: Fields,
        opening: re.Pattern[str] | None,
    ) -> None:
        super().__init__(convert_charrefs=False)
        self.page, self.finder, self.hidden, self.opening = page, finder, hidden, opening
        self.values: dict[str, list[str]] = {}
        for name, value in fields:
            self.values.setdefault(name, []).append(value)
        self.n_filled = 0
        self._starts = [0]
        for line in page.split("\n"):  # as HTMLParser counts them
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._edits: list[tuple[int, int, str]] = []
        self._folds: list[tuple[int, int, Attributes]] = []
        self._opened: set[int] = set()
        self._is_inside = False
        self._select: str | None = None
        self._textarea: tuple[int, str] | None = None

    def result(self) -> str:
        """Return the page with the changes made."""
        parts, end = [], 0
        for start, stop, text in sorted(self._edits):
            parts += [self.page[end:start], text]
            end = stop
        return "".join([*parts, self.page[end:]])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start = self._at()
        stop = start + len(self.get_starttag_text() or "")
        given = dict(attrs)
        if tag == "details":
            self._folds.append((start, stop, given))
        elif tag == "form":
            self._is_inside = self.finder.is_wanted(given)
            if self._is_inside:
                added = "".join(
                    _tag("input", {"type": "hidden", "name": n, "value": v}) for n, v in self.hidden
                )
                self._edits.append((stop, stop, added))
                self._open_folds()
        elif tag == "option" and self._select is not None:
            is_chosen = (given.get("value") or "") in self.values[self._select]
            self._edits.append((start, stop, _tag(tag, _flag(given, "selected", is_chosen))))
        elif tag in {"input", "select", "textarea"} and self._is_ours(given):
            self._control(tag, given, start, stop)

    def handle_endtag(self, tag: str) -> None:
        if tag == "details" and self._folds:
            self._folds.pop()
        elif tag == "form":
            self._is_inside = False
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._textarea is not None:
            begin, value = self._textarea
            self._edits.append((begin, self._at(), "\n" + escape(value, quote=False)))
            self._textarea = None

    def _control(self, tag: str, given: Attributes, start: int, stop: int) -> None:
        name = given.get("name") or ""
        kind = (given.get("type") or "").lower() if tag == "input" else tag
        typed = self.values.get(name)
        if kind in {"checkbox", "radio"}:
            # An unticked box sends nothing: one that is not among the fields was unticked.
            is_chosen = (given.get("value") or "on") in (typed or ())
            self._edits.append((start, stop, _tag(tag, _flag(given, "checked", is_chosen))))
        elif not typed:
            return
        elif kind == "hidden" and self.opening is not None and self.opening.search(name):
            self._edits.append((start, stop, _tag(tag, {**given, "value": typed.pop(0)})))
            return
        elif kind == "textarea":
            self._textarea = (stop, typed.pop(0))
        elif kind == "select":
            self._select = name
        elif kind in _TEXT_LIKE:
            self._edits.append((start, stop, _tag(tag, {**given, "value": typed.pop(0)})))
        else:
            return
        self.n_filled += 1
        self._open_folds()

    def _is_ours(self, given: Attributes) -> bool:
        named = given.get("form")
        return named in self.finder.ids if named else self._is_inside

    def _open_folds(self) -> None:
        for start, stop, given in self._folds:
            if "open" not in given and start not in self._opened:
                self._opened.add(start)
                self._edits.append((start, stop, _tag("details", {**given, "open": None})))

    def _at(self) -> int:
        line, column = self.getpos()
        return self._starts[line - 1] + column


def _flag(given: Attributes, name: str, is_set: bool) -> Attributes:
    rest = {key: value for key, value in given.items() if key != name}
    return {**rest, name: None} if is_set else rest


def _tag(name: str, attrs: Attributes | dict[str, str]) -> str:
    words = "".join(
        f" {key}" if value is None else f' {key}="{escape(value)}"' for key, value in attrs.items()
    )
    return f"<{name}{words}>"
