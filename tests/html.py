"""Parse HTML as browsers do and name what is wrong with it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import html5lib
from bs4 import BeautifulSoup, Comment, Tag
from bs4.builder._html5lib import HTML5TreeBuilder
from html5lib.constants import E as MESSAGES

if TYPE_CHECKING:
    from tests.client import Page

_NOT_LABELLED = {"hidden", "submit", "button", "reset", "image"}
_HANDLER = re.compile(r"^on[a-z]+$")
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
#: Attributes whose words are ids of the page.
_REFERENCES = ("for", "aria-describedby", "aria-labelledby", "aria-controls", "form", "list")
_NONCE = re.compile(r"script-src[^;]*'nonce-([^']+)'")


class _Builder(HTML5TreeBuilder):
    """Beautiful Soup's html5lib builder, which keeps the parse errors."""

    errors: tuple[Any, ...] = ()

    def feed(self, markup: Any) -> None:
        parser = html5lib.HTMLParser(tree=self.create_treebuilder)
        assert self.underlying_builder is not None
        self.underlying_builder.parser = parser
        document: Any = parser.parse(markup)
        document.original_encoding = None
        self.errors = tuple(parser.errors)
        self.underlying_builder.parser = None


def parse(text: str, *, is_fragment: bool = False) -> tuple[BeautifulSoup, list[str]]:
    """Return the document and its parse errors; a fragment's elements become the top level."""
    markup = _wrapped(text) if is_fragment else text
    builder = _Builder()
    document = BeautifulSoup(markup, builder=builder)
    errors = [
        f"not valid HTML at {position}: {MESSAGES.get(code, code)} {details or ''}"
        for position, code, details in builder.errors
    ]
    if is_fragment:
        holder = document.select_one("#fragment-holder")
        assert holder is not None
        inner = BeautifulSoup("", "html.parser")
        for child in list(holder.children):
            inner.append(child.extract())
        document = inner
    return document, errors


def _wrapped(text: str) -> str:
    """Put a fragment where it may stand: rows belong in a table."""
    start, end = (
        "<!doctype html><html lang='zh'><head><title>-</title></head><body>",
        "</body></html>",
    )
    name = re.match(r"\s*(?:<!--.*?-->\s*)*<(\w+)", text, re.DOTALL)
    kind = name.group(1).lower() if name else ""
    if kind == "tr":
        return f"{start}<table><tbody id='fragment-holder'>{text}</tbody></table>{end}"
    if kind in {"tbody", "thead"}:
        return f"{start}<table id='fragment-holder'>{text}</table>{end}"
    if kind == "option":
        return f"{start}<select id='fragment-holder'>{text}</select>{end}"
    holder = "ul" if kind == "li" else "div"
    return f"{start}<{holder} id='fragment-holder'>{text}</{holder}>{end}"


def problems_of_page(page: Page) -> list[str]:
    """Return what is wrong with a whole page, worst first."""
    document = page.document
    found = list(page.errors)
    headings = document.find_all("h1")
    if len(headings) != 1:
        found.append(f"{len(headings)} h1 elements instead of one")
    elif not headings[0].get_text(strip=True):
        found.append("the h1 is empty")
    titles = [t for t in document.find_all("title") if t.parent and t.parent.name == "head"]
    if len(titles) != 1 or not titles[0].get_text(strip=True):
        found.append("no title")
    html = document.find("html")
    if html is None or not html.get("lang"):
        found.append("no lang attribute on html")
    if page.status < 500 and document.find("main") is None:
        found.append("no main element")
    return found + _problems_anywhere(page)


def problems_of_fragment(page: Page) -> list[str]:
    """Return what is wrong with a fragment for htmx."""
    found = list(page.errors)
    roots = [child for child in page.document.children if isinstance(child, Tag)]
    loose = [c for c in page.document.children if not isinstance(c, (Tag, Comment))]
    stray = [text for text in loose if text.strip()]
    if len(roots) != 1 or stray:
        found.append(f"{len(roots)} root elements and {len(stray)} loose texts instead of one root")
    elif not roots[0].get("id"):
        found.append("the root element has no id")
    if page.document.find("h1"):
        found.append("a fragment brings a second h1")
    return found + _problems_anywhere(page)


def _problems_anywhere(page: Page) -> list[str]:
    # Walked once: a CSS selector asks every element of the page, and there are twenty questions.
    elements: list[Tag] = list(page.document.find_all(True))
    return [
        *_repeated_ids(elements),
        *_inline_code(page, elements),
        *_unlabelled(elements),
        *_nameless(elements),
        *_undefined(page),
        *_dangling(page, elements),
    ]


def _repeated_ids(elements: list[Tag]) -> list[str]:
    counts = Counter(str(e.attrs["id"]) for e in elements if "id" in e.attrs)
    return [f"the id {i!r} occurs {n} times" for i, n in counts.items() if n > 1]


def _inline_code(page: Page, elements: list[Tag]) -> list[str]:
    policy = _NONCE.search(page.headers.get("Content-Security-Policy", ""))
    nonce = policy.group(1) if policy else None
    found = []
    for element in elements:
        is_code = element.name in {"script", "style"}
        if is_code and (nonce is None or element.get("nonce") != nonce):
            found.append(f"<{element.name}> without the answer's nonce: {str(element)[:120]}")
        for name in element.attrs:
            if name == "style" or _HANDLER.match(name) or name.startswith("hx-on"):
                found.append(f"inline {name!r} on <{element.name}>")
        if str(element.attrs.get("href", "")).strip().lower().startswith("javascript:"):
            found.append("a javascript: address")
    return found


def _unlabelled(elements: list[Tag]) -> list[str]:
    labelled = {
        str(e.attrs["for"])
        for e in elements
        if e.name == "label" and "for" in e.attrs and e.get_text(strip=True)
    }
    found = []
    for control in elements:
        if control.name not in {"input", "select", "textarea"}:
            continue
        if str(control.get("type", "")).lower() in _NOT_LABELLED:
            continue
        parent = control.find_parent("label")
        if not (
            control.get("id") in labelled
            or control.get("aria-label")
            or control.get("aria-labelledby")
            or (parent is not None and parent.get_text(strip=True))
        ):
            found.append(f"no label for {str(control)[:120]}")
    return found


def _nameless(elements: list[Tag]) -> list[str]:
    """Return links and buttons that a screen reader could not announce."""
    return [
        f"no name: {str(e)[:120]}"
        for e in elements
        if (e.name == "button" or (e.name == "a" and "href" in e.attrs))
        and not (
            e.get_text(strip=True)
            or e.get("aria-label")
            or e.get("aria-labelledby")
            or e.select("img[alt]:not([alt='']), svg title, svg[role='img'][aria-label]")
        )
    ]


def _undefined(page: Page) -> list[str]:
    """Return traces of values that were not there or not turned into words."""
    found = []
    for node in page.document.find_all(string=True):
        text = node.strip()
        if not text or isinstance(node, Comment):
            continue
        if node.parent is not None and node.parent.name in {"script", "style"}:
            continue
        if text == "None" or "undefined" in text.lower() or "<LazyString" in text:
            found.append(f"not meant to be read: {text[:80]!r}")
        elif _PLACEHOLDER.search(text):
            found.append(f"a placeholder is left: {text[:80]!r}")
    return found


def _dangling(page: Page, elements: list[Tag]) -> list[str]:
    """Return references to ids that are not on the page (a fragment's may lie outside)."""
    if page.is_fragment:
        return []
    ids = {str(e.attrs["id"]) for e in elements if "id" in e.attrs}
    found = []
    for element in elements:
        for name in _REFERENCES:
            if name in element.attrs:
                named = str(element.attrs[name]).split()
                found += [f"{name}={i!r} names no element" for i in named if i not in ids]
        target = str(element.attrs.get("href", "")) if element.name == "a" else ""
        if target.startswith("#") and target != "#" and target[1:] not in ids:
            found.append(f"a link to {target}, which is not on the page")
    return found
