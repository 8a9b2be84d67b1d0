"""A browser for tests that refuses a page of poor quality, whatever the test is about.

Each HTML answer must parse without error, have one h1, a title, a language, unique ids, names for
its controls, nonces on its scripts and no inline style or handler; a GET must write nothing (but to
the two append-only logs) and no request may leave its session unsaved. Fragments for htmx must have
one root element with an id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import Context
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask, request_finished
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import update
from werkzeug.test import TestResponse

from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import AccountSession, User
from matchboard.services import sign_in
from tests.html import parse, problems_of_fragment, problems_of_page
from tests.quick import unmeasured
from tests.sql import tables_written, watch_sql

#: Append-only logs a GET may add to, through their own transaction.
LOGS = {"audit_entry", "shown_list"}
#: A raw token; the pages and `post` sign it as Flask-WTF does.
CSRF_TOKEN = "0" * 40
Values = Mapping[str, Any]


class Page:
    """An answer: status, headers and, if it is HTML, its parsed document."""

    def __init__(self, response: TestResponse, path: str, *, is_fragment: bool = False) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.path = path
        self.data = response.get_data()
        has_page = bool(self.data.strip()) and not 300 <= self.status < 400
        self.is_html = has_page and response.mimetype == "text/html"
        self.text = self.data.decode("utf-8", errors="strict" if self.is_html else "replace")
        self.is_fragment = is_fragment
        self.errors: list[str] = []
        self.document = BeautifulSoup("", "html.parser")
        if self.is_html:
            with unmeasured():
                self.document, self.errors = parse(self.text, is_fragment=is_fragment)

    @property
    def location(self) -> str:
        """Where a redirect leads: its path and query."""
        target = self.headers.get("Location") or self.headers.get("HX-Redirect") or ""
        parts = urlsplit(urljoin(self.path, target))
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def h1(self) -> str:
        """The page's heading."""
        return words(self.one("h1"))

    @property
    def title(self) -> str:
        """The page's title."""
        return words(self.one("title"))

    def all(self, selector: str) -> list[Tag]:
        """Return the elements a CSS selector finds."""
        return list(self.document.select(selector))

    def one(self, selector: str) -> Tag:
        """Return the only element a CSS selector finds."""
        found = self.all(selector)
        assert len(found) == 1, f"{len(found)} elements match {selector!r} on {self.path}"
        return found[0]

    def by_id(self, identifier: str) -> Tag:
        """Return the element with an id."""
        return self.one(f"[id='{identifier}']")

    def by_role(self, role: str, name: str = "") -> list[Tag]:
        """Return elements by ARIA role (link, button, table, alert, …) and accessible name."""
        selector = _ROLES.get(role, f"[role='{role}']")
        return [e for e in self.all(selector) if name in _name_of(self, e)]

    def by_label(self, label: str) -> Tag:
        """Return the control whose label contains the words."""
        found = []
        for element in self.all("label"):
            if label in words(element):
                target = element.get("for")
                inner = element.select("input, select, textarea")
                found += [self.by_id(str(target))] if target else inner
        assert len(found) == 1, f"{len(found)} controls labelled {label!r} on {self.path}"
        return found[0]

    def has_text(self, text: str) -> bool:
        """Return whether a person can read `text` on the page (white space does not count)."""
        for hidden in self.document.select("script, style, template"):
            hidden.extract()
        return " ".join(text.split()) in words(self.document)

    def links(self) -> list[str]:
        """Return the addresses the page links to."""
        return [str(a["href"]) for a in self.all("a[href]")]

    def field_errors(self) -> dict[str, str]:
        """Return control name → the message shown with it (aria-describedby of an invalid one)."""
        shown = {}
        for control in self.all("[aria-invalid='true']"):
            ids = str(control.get("aria-describedby", "")).split()
            parts = [words(self.by_id(i)) for i in ids if "error" in i]
            shown[str(control.get("name", control.get("id", "")))] = " ".join(parts)
        return shown

    def form(self, selector: str = "", *, fields: Values | None = None) -> Form:
        """Return the only form of the selector, or the only POST form having all `fields`."""
        forms = [Form(self, tag) for tag in self.all(selector or "main form, form")]
        forms = list({id(f.tag): f for f in forms}.values())
        if not selector:
            forms = [f for f in forms if f.method == "post" and f.has_all(fields or {})]
            inside = [f for f in forms if f.tag.find_parent("main") is not None]
            forms = inside or forms
        assert len(forms) == 1, (
            f"{len(forms)} forms on {self.path} fit {selector or sorted(fields or {})!r}"
        )
        return forms[0]


class Form:
    """A form of a page with the values a browser would send."""

    def __init__(self, page: Page, tag: Tag) -> None:
        self.page = page
        self.tag = tag
        self.method = str(tag.get("method", "get")).lower()
        parts = urlsplit(urljoin(page.path, str(tag.get("action") or page.path)))
        self.action = parts.path + (f"?{parts.query}" if parts.query else "")

    def controls(self) -> list[Tag]:
        """Return its controls, also those bound by the `form` attribute."""
        found = self.tag.select("input, select, textarea, button")
        if self.tag.get("id"):
            found += self.page.all(f"[form='{self.tag['id']}']")
        return [c for c in found if c.get("name") and not c.has_attr("disabled")]

    def has_all(self, fields: Values) -> bool:
        """Return whether it has a control for each name."""
        return set(fields) <= {str(c["name"]) for c in self.controls()}

    def values(self) -> dict[str, list[str]]:
        """Return what a browser would send if nothing were typed."""
        found: dict[str, list[str]] = {}
        for control in self.controls():
            for value in _values_of(control):
                found.setdefault(str(control["name"]), []).append(value)
        return found


class QualityClient:
    """See the module's docstring. Roles sign in without a password; `/login` has its own tests."""

    def __init__(self, app: Flask, *, language: str = "zh") -> None:
        self.app = app
        self.browser = app.test_client()
        self.user: User | None = None
        #: Whether moving the clock leaves the person signed in; False to test the idle time-out.
        self.stays_awake = True
        self._seen_at = app.config["CLOCK"]()
        self.set_language(language)

    def another(self) -> QualityClient:
        """Return a second browser of the same application."""
        return QualityClient(self.app)

    def sign_in(self, who: Role | str | User, **attributes: Any) -> User:
        """Sign in as `who`, or as a new account of that role; return the account."""
        from tests.factories import UserFactory

        user = who if isinstance(who, User) else UserFactory(role=Role(who), **attributes)
        key = sign_in.begin_session(user, now=self.app.config["CLOCK"]())
        db.session.commit()
        self.edit_session(
            _user_id=user.fs_uniquifier,
            _fresh=True,
            fs_cc="clear",
            fs_paa=2**31,
            _permanent=True,
            key=key,
        )
        self.user, self._user_id = user, user.id
        return user

    def sign_out(self) -> None:
        """Forget the account."""
        self.edit_session(_user_id=None, _fresh=None, fs_paa=None, key=None)
        self.user = None

    def set_language(self, language: str) -> None:
        """Choose `zh` or `en`."""
        self.edit_session(language=language, csrf_token=CSRF_TOKEN)

    def edit_session(self, **values: Any) -> None:
        """Set values of the browser's session cookie; None removes one."""

        def edit() -> None:
            with self.browser.session_transaction() as session:
                for name, value in values.items():
                    if value is None:
                        session.pop(name, None)
                    else:
                        session[name] = value

        Context().run(edit)

    # --- Requests -------------------------------------------------------------------------

    def get_page(self, path: str, status: int = 200, *, follow: bool = False) -> Page:
        """Fetch a page as a person does, and check its quality."""
        page = self.request("GET", path)
        if follow:
            page = self.follow(page)
        assert page.status == status, self._explain(page, status)
        return page

    def get_fragment(self, path: str, status: int = 200, *, target: str = "") -> Page:
        """Fetch what htmx would swap in, and check it has one root with an id."""
        page = self.request("GET", path, headers=_htmx(target))
        assert page.status == status, self._explain(page, status)
        return page

    def submit(
        self,
        path: str,
        values: Values | None = None,
        *,
        form: str = "",
        page: Page | None = None,
        button: str = "",
        status: int = 200,
        follow: bool = True,
        htmx: bool = False,
    ) -> Page:
        """Open `path`, fill in its form, send it, and return where that led.

        `form` is a CSS selector where a page has several; `button` is `name=value` of the button
        pressed. A value of None leaves a field out (an unticked box), a list sends several. Names
        the form lacks are a fault: nobody could have typed them. `page` reuses a page already open.
        """
        opened = page or self.get_page(path)
        names = dict(values or {})
        pressed = dict([button.split("=", 1)]) if button else {}
        found = opened.form(form, fields={**names, **pressed})
        missing = set(names) - {str(c["name"]) for c in found.controls()}
        assert not missing, f"the form on {opened.path} has no field {sorted(missing)}"
        return self.send(found, {**names, **pressed}, status=status, follow=follow, htmx=htmx)

    def send(
        self,
        form: Form,
        values: Values | None = None,
        *,
        status: int = 200,
        follow: bool = True,
        htmx: bool = False,
    ) -> Page:
        """Send a form with changed values."""
        data = _filled(form, values)
        headers = _htmx("") if htmx else None
        if form.method == "get":
            pairs = [(n, v) for n, several in data.items() for v in several]
            answer = self.request("GET", f"{form.action.split('?')[0]}?{urlencode(pairs)}")
        else:
            answer = self.request("POST", form.action, data=data, headers=headers)
        if follow:
            answer = self.follow(answer)
        assert answer.status == status, self._explain(answer, status)
        return answer

    def post(
        self,
        path: str,
        values: Values | None = None,
        *,
        status: int | None = None,
        follow: bool = False,
        htmx: bool = False,
        csrf: bool = True,
    ) -> Page:
        """Post without opening a form first: foreign ids, replays, what no form offers."""
        data = dict(values or {})
        if csrf:
            data.setdefault("csrf_token", self.csrf_token())
        answer = self.request("POST", path, data=data, headers=_htmx("") if htmx else None)
        if follow:
            answer = self.follow(answer)
        if status is not None:
            assert answer.status == status, self._explain(answer, status)
        if status == 409 and "version" not in data:
            # Whoever has seen nothing is refused before any rule is asked.
            assert not answer.all("#stale-step"), f"{path}: stale, send the version that was seen"
        return answer

    def csrf_token(self) -> str:
        """Return the token a form of this browser would carry."""
        signer = URLSafeTimedSerializer(self.app.secret_key, salt="wtf-csrf-token")
        token = signer.dumps(CSRF_TOKEN)
        return token if isinstance(token, str) else token.decode()

    def follow(self, page: Page) -> Page:
        """Follow redirects (also htmx's) to the page a person ends on."""
        for _ in range(5):
            if not (300 <= page.status < 400 or page.headers.get("HX-Redirect")):
                return page
            page = self.request("GET", page.location)
        raise AssertionError(f"redirects without end at {page.path}")

    def request(
        self,
        method: str,
        path: str,
        *,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        judge_markup: bool = True,
        **kwargs: Any,
    ) -> Page:
        """Send any request and check its answer; the status is the caller's to judge."""
        # What the test has written must be there for the request, and must hold no lock.
        db.session.commit()
        self._stay_awake()
        unsaved: list[str] = []

        def note(_app: Flask, **_: Any) -> None:
            pending = [*db.session.new, *db.session.deleted]
            pending += [o for o in db.session.dirty if db.session.is_modified(o)]
            unsaved.extend(type(o).__name__ for o in pending)

        def send() -> TestResponse:
            with request_finished.connected_to(note, self.app):
                return self.browser.open(path, method=method, data=data, headers=headers, **kwargs)

        with watch_sql() as statements:
            # An empty context: the request pushes its own application context, as in production.
            response = Context().run(send)
        is_fragment = bool(headers and headers.get("HX-Request")) and response.status_code != 204
        page = Page(response, path, is_fragment=is_fragment)
        db.session.expire_all()
        assert not unsaved, f"{method} {path} left unsaved: {unsaved}"
        if method in {"GET", "HEAD"}:
            written = tables_written(statements) - LOGS
            assert not written, f"GET {path} wrote to {sorted(written)}"
        if page.is_html and judge_markup:
            if is_fragment and "<html" in page.text[:500]:
                page = Page(response, path)  # a whole page (an error's) answered the swap
            judge = problems_of_fragment if page.is_fragment else problems_of_page
            with unmeasured():
                found = judge(page)
            assert not found, f"{method} {path} ({page.status}):\n" + "\n".join(found)
        return page

    def post_form(self, form: Form, values: Values | None = None) -> Page:
        """Send a form whatever the answer is, and do not follow it."""
        return self.request("POST", form.action, data=_filled(form, values))

    def stay_awake_anew(self) -> None:
        """Note at the next request that the person is there: the database was put back."""
        self._seen_at = None

    def _stay_awake(self) -> None:
        """Pretend the person clicked all along: tests move the clock by days."""
        instant = self.app.config["CLOCK"]()
        if self.stays_awake and self.user is not None and instant != self._seen_at:
            self.edit_session(seen_at=int(instant.timestamp()))
            db.session.execute(
                update(AccountSession)
                .where(AccountSession.user_id == self._user_id)
                .values(begun_at=instant)
            )
            db.session.commit()
        self._seen_at = instant

    def _explain(self, page: Page, wanted: int) -> str:
        shown = words(page.document)[:600] if page.is_html else page.text[:300]
        errors = page.field_errors() if page.is_html else {}
        return (
            f"{page.path}: {page.status}, not {wanted}; to {page.location!r}; "
            f"field errors {errors}; text: {shown}"
        )


def _filled(form: Form, values: Values | None) -> dict[str, Any]:
    """Return what a form sends with some values changed; None leaves a field out."""
    data: dict[str, Any] = form.values()
    for name, value in (values or {}).items():
        if value is None:
            data.pop(name, None)
        else:
            data[name] = value if isinstance(value, list) else [value]
    return data


def words(tag: Tag | BeautifulSoup) -> str:
    """Return the text of an element with single spaces."""
    return " ".join(tag.get_text(" ").split())


def query_of(address: str) -> dict[str, str]:
    """Return the query of an address as a dictionary."""
    return dict(parse_qsl(urlsplit(address).query))


def assert_swap_equals_page(client: QualityClient, before: str, after: str) -> None:
    """Fail unless the page at `before` with the partial of `after` swapped in is the page `after`.

    The partial replaces the element with its id. Values fresh on every answer do not count.
    """
    document = client.get_page(before).document
    fragment = client.get_fragment(after)
    roots = [c for c in fragment.document.children if isinstance(c, Tag)]
    target = document.select_one(f"[id='{roots[0]['id']}']")
    assert target is not None, f"{before} has no element #{roots[0]['id']} to swap"
    target.replace_with(roots[0])
    assert _stable(document) == _stable(client.get_page(after).document)


def assert_fragment_is_part_of_page(client: QualityClient, path: str) -> None:
    """Fail unless what htmx swaps in for `path` is the same part of the whole page at `path`."""
    fragment = client.get_fragment(path).document
    (root,) = [c for c in fragment.children if isinstance(c, Tag)]
    part = client.get_page(path).by_id(str(root["id"]))
    _leave_out_switches(part)
    assert words(root) == words(part)
    assert [a.get("href") for a in root.select("a")] == [a.get("href") for a in part.select("a")]


def _stable(document: BeautifulSoup) -> list[str]:
    """Return the text and elements inside <main>, without tokens."""
    main = document.select_one("main")
    assert main is not None
    _leave_out_switches(main)
    for element in main.select("input[name=csrf_token], input[name=submission_key]"):
        element["value"] = ""
    lines = re.sub(r">\s*<", ">\n<", main.decode())
    return [" ".join(line.split()) for line in lines.splitlines() if line.strip()]


def _leave_out_switches(part: Tag) -> None:
    """Drop what pages offer without scripts alone: a swap is made by scripts."""
    for switch in part.select(".language-of-form.no-js-only"):
        switch.extract()


def _htmx(target: str) -> dict[str, str]:
    return {"HX-Request": "true", **({"HX-Target": target} if target else {})}


_ROLES = {
    "link": "a[href]",
    "button": "button, input[type=submit], [role=button]",
    "table": "table, [role=table]",
    "row": "tbody tr",
    "heading": "h1, h2, h3, h4",
    "list": "ul, ol",
    "listitem": "li",
    "navigation": "nav",
    "main": "main",
    "form": "form",
    "dialog": "dialog, [role=dialog]",
    "alert": "[role=alert]",
    "status": "[role=status]",
}


def _name_of(page: Page, element: Tag) -> str:
    if element.get("aria-label"):
        return str(element["aria-label"])
    if element.get("aria-labelledby"):
        ids = str(element["aria-labelledby"]).split()
        return " ".join(words(page.by_id(i)) for i in ids)
    return words(element) or str(element.get("value", ""))


def _values_of(control: Tag) -> list[str]:
    kind = str(control.get("type", "text")).lower()
    if control.name == "button" or kind in {"submit", "button", "reset", "image", "file"}:
        return []
    if control.name == "textarea":
        return [control.get_text().removeprefix("\n")]
    if control.name == "select":
        return _chosen(control)
    if kind in {"checkbox", "radio"}:
        return [str(control.get("value", "on"))] if control.has_attr("checked") else []
    return [str(control.get("value", ""))]


def _chosen(select: Tag) -> list[str]:
    options = select.select("option")
    chosen = [o for o in options if o.has_attr("selected")]
    if not chosen and options and not select.has_attr("multiple"):
        chosen = [options[0]]
    return [str(o.get("value", words(o))) for o in chosen]
