"""Every page is of good quality, for everybody who may see it, in both languages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from matchboard.domain.roles import ACCOUNT_ROLES, Role, is_granted
from matchboard.web.guard import permission_of
from tests.client import Page, QualityClient
from tests.contract.test_translations import CJK, OWN_NAMES
from tests.html import problems_of_fragment, problems_of_page

ROLES = (Role.VISITOR, *ACCOUNT_ROLES)
#: Gone once there is a district; tests/integration/test_installation.py opens it.
FIRST_START = "/setup"
#: Parts of a page that are ours alone, without names and texts people typed.
OWN_WORDS = "h1, title, label, th, legend, button, summary, nav a, .help"
PAGE = (
    "<!doctype html><html lang=zh><head><title>题</title></head>"
    "<body><main><h1>题</h1>{}</main></body></html>"
)


def addresses(app: Flask, role: Role) -> list[str]:
    """Return the pages without ids in their address that the role may open."""
    found = set()
    for rule in app.url_map.iter_rules():
        permission = permission_of(app, rule.endpoint)
        is_page = "GET" in (rule.methods or ()) and not rule.arguments and rule.rule != FIRST_START
        if is_page and permission is not None and is_granted(role, permission):
            found.add(rule.rule)
    return sorted(found)


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", ROLES, ids=[r.value for r in ROLES])
def test_pages_are_well_made_when_opened_by_a_role(
    app: Flask, client: QualityClient, role: Role, language: str
) -> None:
    if role is not Role.VISITOR:
        client.sign_in(role, display_name="Tester")
    client.set_language(language)
    opened, wrong = addresses(app, role), []
    assert {"/", "/jobs", "/courses"} < set(opened)
    for address in opened:
        try:
            page = client.follow(client.request("GET", address, judge_markup=False))
            is_whole = "<html" in page.text[:600]
            headers = None if is_whole else {"HX-Request": "true"}
            page = client.follow(client.request("GET", page.path, headers=headers))
        except AssertionError as error:
            wrong.append(str(error))
            continue
        if page.status != 200:
            wrong.append(f"{address}: {page.status}")
        if language == "en" and page.is_html:
            wrong += [f"{address}: not English: {text}" for text in chinese_words(page)]
    assert wrong == [], "\n".join(wrong)


def chinese_words(page: Page) -> list[str]:
    """Return our own words that stayed Chinese on an English page."""
    texts = {" ".join(e.get_text(" ").split()) for e in page.all(OWN_WORDS) if not _is_own(e)}
    return sorted(text for text in texts if CJK.search(text))


def _is_own(element: Any) -> bool:
    """Return whether the words are meant to stay (a language's name, a person's)."""
    marked = element.find_parent(lang="zh-CN") if element.get("lang") != "zh-CN" else element
    has_own_language = marked is not None and marked.name != "html"
    return has_own_language or element.get_text(strip=True) in OWN_NAMES


# --- The checks themselves ----------------------------------------------------------------------


def page_of(html: str, *, status: int = 200, is_fragment: bool = False) -> Page:
    headers = {"Content-Security-Policy": "script-src 'self' 'nonce-abc'"}
    made = Response(html, status, headers, mimetype="text/html")
    answer = TestResponse(
        made.response,
        made.status,
        made.headers,
        request=None,
        history=(),  # type: ignore[arg-type]
    )
    return Page(answer, "/x", is_fragment=is_fragment)


GOOD = (
    '<form method="post"><label for="a">甲</label><input id="a" name="a" aria-describedby="h">'
    '<p id="h">助</p><label>乙 <select name="b"><option>1</option></select></label>'
    '<input type="hidden" name="c"><button>好</button></form><a href="#a">到甲</a>'
    '<script nonce="abc" src="/s.js"></script><a href="/" aria-label="首页"></a>'
)


def test_page_passes_when_well_made() -> None:
    assert problems_of_page(page_of(PAGE.format(GOOD))) == []
    assert problems_of_page(page_of(PAGE.format(GOOD + "<h1>又一</h1>"))) != []


@pytest.mark.parametrize(
    ("html", "words"),
    [
        (PAGE.format("<p>开<div>块</div></p>"), "not valid HTML"),
        (PAGE.format("<table><div>x</div></table>"), "not valid HTML"),
        (PAGE.format("<h1>又一</h1>"), "2 h1"),
        (PAGE.format("").replace("<h1>题</h1>", ""), "0 h1"),
        (PAGE.format("").replace("<h1>题</h1>", "<h1> </h1>"), "h1 is empty"),
        (PAGE.format("").replace("<title>题</title>", "<title> </title>"), "no title"),
        (PAGE.format("").replace("html lang=zh", "html"), "no lang"),
        (PAGE.format("").replace("main>", "div>"), "no main"),
        (PAGE.format('<p id="x">1</p><p id="x">2</p>'), "id 'x' occurs 2"),
        (PAGE.format("<script>1</script>"), "nonce"),
        (PAGE.format('<script nonce="other"></script>'), "nonce"),
        (PAGE.format('<p style="color:red">x</p>'), "inline 'style'"),
        (PAGE.format('<button onclick="x()">x</button>'), "inline 'onclick'"),
        (PAGE.format('<button hx-on:click="x()">x</button>'), "inline 'hx-on"),
        (PAGE.format('<a href="javascript:x()">x</a>'), "javascript:"),
        (PAGE.format('<input name="a">'), "no label"),
        (PAGE.format('<label for="a"></label><input id="a" name="a">'), "no label"),
        (PAGE.format('<textarea name="a"></textarea>'), "no label"),
        (PAGE.format("<button></button>"), "no name"),
        (PAGE.format('<a href="/"><svg></svg></a>'), "no name"),
        (PAGE.format("<p>undefined</p>"), "not meant to be read"),
        (PAGE.format("<td>None</td>").replace("td", "p"), "not meant to be read"),
        (PAGE.format("<p>共 %(n)s 人</p>"), "placeholder"),
        (PAGE.format('<label for="b">x</label>'), "for='b' names no element"),
        (PAGE.format('<a href="#b">x</a>'), "#b"),
    ],
)
def test_page_is_refused_when_badly_made(html: str, words: str) -> None:
    found = problems_of_page(page_of(html))
    assert re.search(re.escape(words), "\n".join(found)), found


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ('<div id="a"></div><div id="b"></div>', "2 root elements"),
        ('散 <div id="a"></div>', "loose texts"),
        ("<div></div>", "no id"),
        ('<div id="a"><h1>x</h1></div>', "second h1"),
        ('<div id="a"><p id="a"></p></div>', "occurs 2"),
        ('<div id="a"><p>开</div>', None),
        ('<tr id="a"><td>1</td></tr>', None),
        ('<!-- 注 --><li id="a">1</li>', None),
    ],
)
def test_fragment_is_judged_when_swapped_in(html: str, words: str | None) -> None:
    found = problems_of_fragment(page_of(html, is_fragment=True))
    assert (found == []) if words is None else re.search(re.escape(words), "\n".join(found)), found
