"""People who write over HTTP, and remember what they were told was saved."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit

from werkzeug.wrappers import Response

from tests import factories
from tests.client import Page

if TYPE_CHECKING:
    from tests.crashing.site import Site

Values = dict[str, str]
#: A proposal's way to a reserved place: step, what is typed.
STEPS: tuple[tuple[str, Values], ...] = (
    ("consent", {"scope": "card_and_contact", "signed": "y"}),
    ("send", {}),
    (
        "offer",
        {
            "start_on": (date.today() + timedelta(days=1)).isoformat(),  # noqa: DTZ011 - as typed
            "wage_cny_month": "4800",
            "note": "王经理来电答应",
        },
    ),
)


#: Language → the page's title and what it says of a write refused.
NOT_SAVED = {
    "zh": ("系统正忙", "这次操作没有保存"),
    "en": ("The system is busy", "Nothing was saved"),
}


@dataclass(frozen=True)
class Saved:
    """What the site said it had saved: a person, a proposal's step, a task."""

    kind: str
    key: str
    step: str = ""


@dataclass
class Writer:
    """One officer with a browser; every connection is new, as after a crash."""

    site: Site
    number: int
    acknowledged: list[Saved] = field(default_factory=list)
    #: Tries whose answer never came, or said that nothing was saved.
    unanswered: Counter[str] = field(default_factory=Counter)
    n_refused: int = 0
    _cookies: Values = field(default_factory=dict)
    speaks_english: bool = False
    #: What was last sent to be registered, and the answer.
    typed: str = ""
    answer: Page | None = None
    _n_people: int = 0
    _n_names: int = 0

    @property
    def email(self) -> str:
        """The address the writer signs in with."""
        return self.site.desks[self.number].email

    def sign_in(self) -> None:
        """Sign in once; the session outlives every crash."""
        page = self._page("/login")
        values = {"email": self.email, "password": factories.PASSWORD}
        status = self._send(page, "", values).status
        assert status == 303, f"signing in: {status}"

    def work(self, stop: threading.Event) -> None:
        """Write until asked to stop."""
        while not stop.is_set():
            for one in (self.register, self.place):
                try:
                    one()
                except (OSError, http.client.HTTPException, AssertionError) as error:
                    # The page or the answer never came.
                    self.unanswered[type(error).__name__] += 1
                    stop.wait(0.3)

    def register(self) -> int:
        """Register a person under a name of their own; return the answer's status."""
        self._n_names += 1
        name = f"赵{_letters(self.number)}{_letters(self._n_names)}"
        try:
            page = self._page("/clients/new")
            values = {
                "name": name,
                "identity_number": self._identity_number(),
                "kind": "released_person",
                "stage": "in_support",
                "released_on": "2026-11-10",
                "registered_on": "2026-11-20",
                "residence_division": "浙江省嘉兴市南湖区",
            }
        except AssertionError:
            return 0  # the form did not come
        self.typed, self.answer = name, self._send(page, "", values)
        return self._note(self.answer.status, Saved("person", name))

    def problems_of_refusal(self) -> list[str]:
        """Return what is wrong with the page that last said it had not saved."""
        page = self.answer
        if page is None:
            return ["no answer"]
        language = "en" if self.speaks_english else "zh"
        title, words = NOT_SAVED[language]
        found = {
            f"not in {language}": str(page.one("html")["lang"]).startswith(language),
            "another title": page.h1 == title,
            "not said that nothing was saved": page.text.count(words) == 1,
            "a second message": not page.by_id("messages").get_text(strip=True),
            "without what was typed": page.has_text(self.typed),
            "not in the site's frame": bool(page.all("header a[href='/']")),
            "nothing to send it again with": len(page.all(".error-page form")) == 1,
        }
        return [problem for problem, is_well in found.items() if not is_well]

    def speak_english(self) -> None:
        """Choose English."""
        page = self._page("/clients")
        answer = self._send(page, "form[action='/language']", {"language": "en"})
        assert answer.status == 303, f"choosing English: {answer.status}"
        self.speaks_english = True

    def place(self) -> None:
        """Take the next person from the proposal to a reserved place."""
        desk = self.site.desks[self.number]
        if self._n_people >= len(desk.people):
            return
        person = desk.people[self._n_people]
        page = self._page(f"/clients/{person}/propose/{desk.vacancy}")
        self._n_people += 1
        answer = self._send(page, "#propose", {})
        self._note(answer.status, Saved("placement", person, "propose"))
        path = urlsplit(answer.location).path
        for step, values in STEPS:
            page = self._page(path)
            answer = self._send(page, f"form[action='{path}/{step}']", values)
            self._note(answer.status, Saved("placement", person, step))

    def _identity_number(self) -> str:
        """Return a number nobody else has: each writer's people have birthdays of their own."""
        born = date(1960, 1, 1) + timedelta(days=100 * self.number + self._n_names // 900)
        return factories.identity_number(self._n_names % 900, born=born)

    def _note(self, status: int, saved: Saved) -> int:
        if 200 <= status < 400:
            self.acknowledged.append(saved)
        else:
            self.n_refused += 1
        return status

    # --- The browser ------------------------------------------------------------------------------

    def _page(self, path: str) -> Page:
        page = self.fetch("GET", path)
        assert page.status == 200, f"{path}: {page.status}"
        return page

    def _send(self, page: Page, selector: str, values: Values) -> Page:
        form = page.form(selector, fields=values)
        filled = {**form.values(), **{name: [value] for name, value in values.items()}}
        return self.fetch("POST", form.action, urlencode(filled, doseq=True))

    def fetch(self, method: str, path: str, body: str | None = None) -> Page:
        """Ask for a page and keep the cookies."""
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=100)
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "Referer": urljoin(f"http://127.0.0.1:{self.site.port}", path),
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        response = Response(data, answer.status, list(answer.headers.items()))
        return Page(response, path)


class Trainer(Writer):
    """The district, who asks for a training every second: work done in the background."""

    @property
    def email(self) -> str:
        """The district's address."""
        return self.site.district

    def work(self, stop: threading.Event) -> None:
        """Ask until asked to stop."""
        while not stop.wait(1.0):
            try:
                page = self._page("/dashboard/ranking")
                if page.all("form[action$='/train']"):
                    answer = self._send(page, "form[action$='/train']", {})
                    path = urlsplit(answer.location).path
                    self._note(answer.status, Saved("task", path.removeprefix("/tasks/")))
            except (OSError, http.client.HTTPException, AssertionError):
                self.unanswered["district"] += 1


class Editor(Writer):
    """An officer who changes the opening that the others propose."""

    def work(self, stop: threading.Event) -> None:
        """Edit until asked to stop."""
        path = f"/vacancies/{self.site.desks[self.number].vacancy}/edit"
        while not stop.wait(2.0):
            try:
                page = self._page(path)
                self._n_names += 1
                status = self._send(
                    page, "", {"duties": f"操作平缝机，{_letters(self._n_names)}组。"}
                ).status
                self.n_refused += status >= 400
            except (OSError, http.client.HTTPException, AssertionError):
                self.unanswered["editor"] += 1


def read_page(writer: Writer, path: str) -> int:
    """Return the status of a page read by a writer; 0 if none came."""
    try:
        return writer.fetch("GET", path).status
    except (OSError, http.client.HTTPException):
        return 0


def _letters(number: int) -> str:
    """Return a number in characters a name may have."""
    return "".join("甲乙丙丁戊己庚辛壬癸"[int(digit)] for digit in str(number))
