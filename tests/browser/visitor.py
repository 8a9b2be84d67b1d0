"""Somebody with a browser, who looks for things by the words they read.

Words are msgids (Chinese); the visitor translates them with the catalogue of its language, so tests
hold no English of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin, urlsplit

from axe_playwright_python.sync_playwright import Axe
from babel.support import NullTranslations, Translations
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    expect,
)

from matchboard.services.accounts import DEMO_PASSWORD
from tests.conftest import HERE

CATALOGUES = HERE.parent / "matchboard" / "translations"
#: What axe finds and calls less than this is looked at by people.
GRAVE = ("serious", "critical")
#: How wide the page is, and the innermost elements that stick out to the right.
WIDTH = """() => {
  const root = document.documentElement;
  const out = (e) => e.getBoundingClientRect().right > root.clientWidth + 0.5;
  const wide = [...document.querySelectorAll("body *")].filter(out);
  const inner = wide.filter((e) => ![...e.children].some(out));
  const name = (e) => `${e.getBoundingClientRect().right | 0}: ${e.outerHTML.slice(0, 120)}`;
  return [root.scrollWidth, inner.slice(0, 8).map(name)];
}"""

expect.set_options(timeout=20_000)


@dataclass(frozen=True)
class Screen:
    """How somebody looks at the site."""

    language: str
    width: int
    has_scripts: bool = True

    def __str__(self) -> str:
        return f"{self.language}-{self.width}" + ("" if self.has_scripts else "-without-scripts")


DESK_ZH, DESK_EN = Screen("zh", 1280), Screen("en", 1280)
PHONE_ZH, PHONE_EN = Screen("zh", 360), Screen("en", 360)
PLAIN_ZH = Screen("zh", 1280, has_scripts=False)
#: What every journey is made on: both languages at both widths, and once without scripts.
SCREENS = (DESK_ZH, DESK_EN, PHONE_ZH, PHONE_EN, PLAIN_ZH)


@lru_cache(maxsize=2)
def catalogue(language: str) -> NullTranslations:
    """Return the compiled catalogue; Chinese needs none."""
    if language == "zh":
        return NullTranslations()
    found = Translations.load(CATALOGUES, [language])
    assert isinstance(found, Translations), f"compile the catalogue of {language!r}: make setup"
    return found


class Visitor:
    """One browser: cookies, language and width of its own."""

    def __init__(self, context: BrowserContext, screen: Screen, address: str) -> None:
        self.context = context
        self.screen = screen
        self.address = address
        self.page: Page = context.new_page()
        #: What must not happen on any page; the fixture fails the test for it.
        self.complaints: list[str] = []
        self.expected_statuses: set[int] = set()
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        self.page.on("response", self._on_response)
        self.page.on("request", self._on_request)

    # --- Words ---------------------------------------------------------------------------------

    def say(self, msgid: str, **values: Any) -> str:
        """Return the words of a msgid in this visitor's language."""
        words = catalogue(self.screen.language).gettext(msgid)
        assert words != msgid or self.screen.language == "zh", f"not translated: {msgid}"
        return words % values if values else words

    def count(self, msgid: str, n: int) -> str:
        """Return the words of a msgid with a number."""
        return catalogue(self.screen.language).ngettext(msgid, msgid, n) % {"num": n}

    # --- Finding ---------------------------------------------------------------------------------

    def link(self, msgid: str, within: Locator | None = None) -> Locator:
        """Return the visible link of that name."""
        return self._named("link", msgid, within)

    def button(self, msgid: str, within: Locator | None = None) -> Locator:
        """Return the visible button of that name."""
        return self._named("button", msgid, within)

    def field(self, msgid: str, within: Locator | None = None) -> Locator:
        """Return the visible control with that label; a mark for "required" does not matter."""
        label = re.compile(rf"^\s*{re.escape(self.say(msgid))}\s*(\*.*)?$", re.DOTALL)
        controls = self.page.locator("input, select, textarea")
        found = (within or self.page.get_by_role("main")).get_by_label(label)
        return found.and_(controls).filter(visible=True)

    def card(self, title: str) -> Locator:
        """Return the article of that name."""
        return self.page.get_by_role("article", name=title, exact=True)

    def row(self, text: str) -> Locator:
        """Return the row of a table (a card on a phone) that holds the text."""
        return self.page.get_by_role("row").filter(has_text=text)

    def _named(self, role: Any, msgid: str, within: Locator | None) -> Locator:
        found = (within or self.page).get_by_role(role, name=self.say(msgid), exact=True)
        return found.filter(visible=True)

    # --- Doing ------------------------------------------------------------------------------------

    def go(self, path: str) -> None:
        """Open an address of the site."""
        self.page.goto(path)

    def sign_in(self, email: str) -> None:
        """Sign in with the form."""
        self.go("/login")
        self.field("电子邮箱").fill(email)
        self.field("密码").fill(DEMO_PASSWORD)
        self.press("登录")
        expect(self.page).not_to_have_url(re.compile("/login"))

    def navigate(self, msgid: str) -> None:
        """Follow an entry of the navigation, which may carry a count or be folded on a phone."""
        self.page.wait_for_load_state()
        name = re.compile(rf"^{re.escape(self.say(msgid))}")
        bars = self.page.get_by_role("navigation")
        found = bars.get_by_role("link", name=name).filter(visible=True)
        if not found.count():
            self.unfold("更多", bars)
        self.open(found.first)

    def follow(self, msgid: str, within: Locator | None = None) -> None:
        """Follow a link."""
        self.open(self.link(msgid, within))

    def open(self, link: Locator) -> None:
        """Follow a link found otherwise; return when its page is there."""
        address = urljoin(self.page.url, link.get_attribute("href"))
        link.click()
        self.page.wait_for_url(address)

    def press(self, msgid: str, within: Locator | None = None) -> None:
        """Press a button."""
        self.button(msgid, within).click()

    def unfold(self, msgid: str, within: Locator | None = None) -> Locator:
        """Open what is folded under the words, unless it is open; return the whole."""
        name = re.compile(rf"^\s*{re.escape(self.say(msgid))}(\s+\d+)?\s*$")  # maybe with a count
        summary = self.page.locator("summary").filter(has_text=name)
        folded = (within or self.page).locator("details").filter(has=summary)
        if folded.get_attribute("open") is None:
            folded.locator(summary).click()
        return folded

    def fill(self, msgid: str, value: str, within: Locator | None = None) -> None:
        """Type into the control with that label."""
        self.field(msgid, within).fill(value)

    def choose(self, msgid: str, within: Locator | None = None) -> None:
        """Choose one of several answers."""
        (within or self.page).get_by_role("radio", name=self.say(msgid), exact=True).check()

    def leave(self) -> None:
        """Close the browser."""
        self.context.close()

    # --- Seeing -----------------------------------------------------------------------------------

    def sees(self, text: str, within: Locator | None = None) -> None:
        """Wait until the words are on the page."""
        found = (within or self.page.get_by_role("main")).get_by_text(text)
        expect(found.filter(visible=True).first).to_be_visible()

    def reads(self, msgid: str, within: Locator | None = None, **values: Any) -> None:
        """Wait until what the msgid says is on the page."""
        self.sees(self.say(msgid, **values), within)

    def misses(self, text: str) -> None:
        """Fail if the page holds the text anywhere, seen or not."""
        self.page.wait_for_load_state()
        assert text not in self.page.content(), f"{self.page.url} holds {text!r}"

    def inspect(self) -> None:
        """Fail unless the page fits its screen and axe finds nothing grave.

        Without scripts the markup is the same: the other screens have looked at it.
        """
        if not self.screen.has_scripts:
            return
        self.page.wait_for_load_state()
        path = urlsplit(self.page.url).path
        width, widest = self.page.evaluate(WIDTH)
        assert width <= self.screen.width, f"{path} is {width} px wide on {self.screen}: {widest}"
        found = Axe().run(self.page).response["violations"]
        grave = [
            f"{one['id']} ({one['impact']}): {one['help']}\n    "
            + "\n    ".join(
                f"{node['html'][:300]}: {node.get('failureSummary')}" for node in one["nodes"][:5]
            )
            for one in found
            if one["impact"] in GRAVE
        ]
        assert not grave, f"axe on {path}, {self.screen}:\n  " + "\n  ".join(grave)

    # --- What the browser reports -----------------------------------------------------------------

    def _on_console(self, message: ConsoleMessage) -> None:
        # A failed answer is reported with its address by _on_response.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"console: {message.text} ({self.page.url})")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected_statuses:
            self.complaints.append(
                f"{response.status} for {response.request.method} {response.url}"
            )

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.complaints.append(f"fetched from elsewhere: {request.url}")
