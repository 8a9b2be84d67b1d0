"""No dead ends: whatever happens to a form, what was typed in it comes back, once, at a page.

Tried on every writing request of the site (writing_requests.py): the session is over when it is
sent, the language is changed, the address is opened again, it is sent twice and from two tabs.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from bs4 import Tag
from flask import Flask
from sqlalchemy import func, select

import matchboard
from matchboard.crypto import hash_password
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import FormDraft
from matchboard.web import drafts, sessions
from tests import factories
from tests.client import Page, QualityClient
from tests.conftest import Clock
from tests.factories import PASSWORD
from tests.integration.writing_requests import WRITINGS, Ready, Writing

#: What a form says about itself; the rest was typed or chosen.
OWN = ("csrf_token", "submission_key", "version", "draft_token")
FILLED_IN = "What you had typed is filled in again"
#: Choosing a language needs no session, and the style guide's examples save nothing.
KEPT = [w for w in WRITINGS if w.is_repeatable and not w.endpoint.startswith(("account.", "style"))]
#: Of offence facts, passwords and what a personal link's visitor proves who they are with.
NEVER = [w for w in WRITINGS if not w.is_repeatable]


def typed_in(ready: Ready) -> dict[str, list[str]]:
    """Return the fields a person filled in or could have: those shown on the form's page."""
    page = ready.client.get_page(ready.page)
    return {
        name: [value] if isinstance(value, str) else list(value)
        for name, value in ready.values.items()
        if name in shown_controls(page, ready.path)
        and not (ready.path.startswith("/me/") and name.endswith("birth_date"))
    }


def shown_controls(page: Page, action: str) -> dict[str, list[str]]:
    """Return control → values of the form sent to an address, without what is hidden."""
    found: dict[str, list[str]] = {}
    for tag in page.all("form[method=post]"):
        if str(tag.get("action") or page.path).split("?")[0].split("#")[0] != action.split("?")[0]:
            continue
        elsewhere = page.all(f"[form='{tag['id']}']") if tag.get("id") else []
        for control in [*tag.select("input, select, textarea"), *elsewhere]:
            kind = control.get("type")
            if not control.get("name") or kind in {"hidden", "submit", "button", "password"}:
                continue
            found.setdefault(str(control["name"]), []).extend(values_of(control))
    return found


def values_of(control: Tag) -> list[str]:
    if control.name == "select":
        chosen = control.select("option[selected]") or control.select("option")[:1]
        return [str(option.get("value", "")) for option in chosen]
    if control.name == "textarea":
        return [control.get_text().removeprefix("\n")]
    if control.get("type") in {"checkbox", "radio"}:
        return [str(control.get("value", "on"))] if control.has_attr("checked") else []
    return [str(control.get("value", ""))]


def lost(page: Page, ready: Ready, typed: dict[str, list[str]]) -> dict[str, Any]:
    """Return the fields whose values are no longer on the page, with what stands there."""
    there = shown_controls(page, ready.path)
    # A code is shown as the words of the page's language.
    coded = {str(tag["name"]) for tag in page.all("[data-picker], [data-skill-row] input")}
    found = {}
    for name, values in typed.items():
        wanted, shown = ([v for v in some if v] for some in (values, there.get(name, [])))
        if (len(wanted) != len(shown)) if name in coded else (wanted != shown):
            found[name] = (values, shown)
    return found


#: What a form says about the record it was opened on.
OPENING = re.compile(r"(^|-)(version|opened|seen)$")


def opening_of(page: Page, action: str, name: str) -> str:
    """Return what the form sent to an address says of the record it was opened on."""
    for form in page.all("form[method=post]"):
        if str(form.get("action") or page.path).split("?")[0].split("#")[0] == action:
            control = form.select_one(f"input[name='{name}']")
            if control is not None:
                return str(control.get("value"))
    return ""


def end_session(client: QualityClient) -> None:
    """End the session as idling does: the browser still knows which one it had."""
    assert client.user is not None
    with client.app.test_request_context():
        name = sessions._signer().dumps(client.user.fs_uniquifier)
    client.browser.set_cookie(sessions.LAST_COOKIE, name)
    client.edit_session(_user_id=None, _fresh=None)


def n_drafts() -> int:
    return db.session.scalar(select(func.count()).select_from(FormDraft)) or 0


@pytest.mark.parametrize("writing", KEPT, ids=str)
def test_form_is_filled_in_again_when_the_language_changes_or_the_session_was_over(
    writing: Writing, shared_app: Flask
) -> None:
    ready = writing.prepare(shared_app)
    client = ready.client
    typed = typed_in(ready)
    data = {"language": "en", "next": ready.page, "typed_form": ready.path}
    then = [name for name in ready.values if OPENING.search(name)]
    words = [[name, v] for name, values in typed.items() for v in values]
    data["typed"] = json.dumps([*words, *([name, "999"] for name in then)])
    in_english = client.post("/language", data, follow=True)
    assert in_english.status == 200
    assert lost(in_english, ready, typed) == {}
    if words:  # what was typed was typed on the record as it was then, not as it is now
        opened_on = {name: opening_of(in_english, ready.path, name) for name in then}
        assert opened_on == dict.fromkeys(then, "999")
    user = client.user
    if user is None:  # a personal link: no session it could need
        return
    user.password = hash_password(PASSWORD)
    end_session(client)
    refused = ready.send()
    assert refused.location.startswith("/login")
    signing_in = {"email": user.email, "password": PASSWORD}
    back = client.submit(refused.location, signing_in, form="#sign-in")
    assert back.status == 200
    assert lost(back, ready, typed) == {}
    if any(v for values in typed.values() for v in values):
        assert back.has_text(FILLED_IN)


@pytest.mark.parametrize("writing", NEVER, ids=str)
def test_secret_is_never_kept_when_the_session_was_over(
    writing: Writing, shared_app: Flask
) -> None:
    """Offence facts and passwords; the tests above keep all other forms sent in the same way."""
    ready = writing.prepare(shared_app)
    if ready.client.user is not None:
        end_session(ready.client)
    before = n_drafts()
    refused = ready.send(csrf_token="of another session")
    assert refused.status in {303, 400}
    assert not ready.client.browser.get_cookie(drafts.COOKIE)
    assert n_drafts() == before
    data = {"language": "en", "next": ready.page, "typed_form": ready.path}
    data["typed"] = json.dumps([[n, v] for n, v in ready.values.items() if isinstance(v, str)])
    ready.client.post("/language", data)
    assert n_drafts() == before


@pytest.mark.parametrize("writing", WRITINGS, ids=str)
def test_form_address_is_a_page_and_a_second_sending_changes_nothing(
    writing: Writing, shared_app: Flask
) -> None:
    """Opened again, sent twice, from a second tab: a page, one record, never an error of ours."""
    ready = writing.prepare(shared_app)
    opened = ready.client.request("GET", ready.path)
    assert opened.status in {200, 302, 303}
    assert ready.client.follow(opened).status == 200
    assert ready.send().status < 500
    after_one = counts()
    again = ready.send()
    assert again.status not in {405, 500, 503}
    assert ready.client.follow(again).status not in {405, 500, 503}
    assert counts() == after_one
    other_tab = ready.send(submission_key=None)
    assert other_tab.status not in {405, 500, 503}
    assert ready.client.follow(other_tab).status not in {405, 500, 503}


def counts() -> dict[str, int]:
    """Return table → number of rows, without what the site notes about its own work."""
    # Tasks are done at once in tests; a second training is then another one.
    own = {
        "audit_entry",
        "background_task",
        "submission",
        "sign_in_failure",
        "shown_list",
        "form_draft",
    }
    return {
        table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in db.metadata.sorted_tables
        if table.name not in own
    }


#: Kind of request → values that are refused, and the words that must come through.
REFUSED = {
    "partner.answer:invite": {"invite-interview_on": "2020-01-01", "invite-note": "带上焊工证"},
    "partner.answer:refuse": {"refuse-reason": "", "refuse-note": "暂时只要熟手"},
    "trainees.enrol_walk_in": {"birth_date": "不记得了"},
    "trainees.take_step:drop out": {"reason": "", "note": "搬家了，路太远"},
    "client_training.decline": {"reason": "", "note": "先照顾老人"},
    "clients.register": {"birth_date": "不是日期"},
    "placements.step:miss": {"reason": "", "note": "打了两次电话"},
    "own_page.act:decline": {"reason": "", "note": "离家太远"},
    "own_page.request_correction": {"birth_date": ""},
}


@pytest.mark.parametrize("writing", [w for w in WRITINGS if str(w) in REFUSED], ids=str)
def test_refused_form_keeps_its_words_when_the_language_is_changed(
    writing: Writing, shared_app: Flask
) -> None:
    """Without scripts too: the refused page's language switch carries what was typed."""
    ready = writing.prepare(shared_app)
    for name, value in REFUSED[str(writing)].items():
        (full,) = [n for n in ready.values if n == name or n.endswith(f"-{name}")]
        ready.values[full] = value
    typed = typed_in(ready)
    refused = ready.send()
    assert refused.status == 422
    assert lost(refused, ready, typed) == {}
    client = ready.client
    page = client.submit("", {}, page=refused, form=".language-switch", button="language=en")
    assert page.document.html is not None
    assert page.document.html["lang"] == "en"
    assert lost(page, ready, typed) == {}
    assert lost(client.get_page(page.path), ready, typed) == {}  # and reloaded there


#: Rows of a list are drawn as they were sent only by their own page.
SWITCHED = [w for w in KEPT if not w.endpoint.startswith(("account.", "admin.export"))]


@pytest.mark.parametrize("writing", SWITCHED, ids=str)
def test_form_in_hand_comes_back_in_the_other_language_without_scripts(
    writing: Writing, shared_app: Flask
) -> None:
    """Never sent, so only its own button can take it along; what it would save is not saved."""
    ready = writing.prepare(shared_app)
    typed = typed_in(ready)
    if not typed or ready.is_swap or not offers_switch(ready):
        return
    before = counts()
    switched = ready.send(**{drafts.SWITCH: "en"})
    assert switched.status == 303
    page = ready.client.get_page(switched.location)
    assert page.document.html is not None
    assert page.document.html["lang"] == "en"
    assert lost(page, ready, typed) == {}
    assert counts() == before


def offers_switch(ready: Ready) -> bool:
    """Return whether the form has its switch, and make sure that Enter does not press it."""
    page = ready.client.get_page(ready.page)
    for form in page.all("form[method=post]"):
        if str(form.get("action") or page.path).split("?")[0].split("#")[0] == ready.path:
            buttons = form.select("button")
            if any(b.get("name") == drafts.SWITCH for b in buttons):
                assert buttons[0].get("name") != drafts.SWITCH
                return True
            visible = "input:not([type=hidden]), select, textarea"
            assert not form.select(visible), "a form that is filled in has no switch"
    return False


def test_facts_come_back_in_the_other_language_and_are_kept_nowhere(shared_app: Flask) -> None:
    (writing,) = [w for w in NEVER if w.endpoint == "restricted.save"]
    ready = writing.prepare(shared_app)
    before, drafted = counts(), n_drafts()
    ready.values |= {"state": "listed", "records-0-probation_ended_on": "2026-11-01"}
    page = ready.send(**{drafts.SWITCH: "en"})
    assert (page.status, page.one("html")["lang"]) == (200, "en")
    assert page.one("[name='records-0-probation_ended_on']")["value"] == "2026-11-01"
    assert (counts(), n_drafts()) == (before, drafted)


def test_own_page_keeps_words_in_the_browser_until_they_are_sent(shared_app: Flask) -> None:
    """No account, so no draft on the server; neither link nor birth date is in the cookie."""
    (writing,) = [w for w in WRITINGS if str(w) == "own_page.request_correction"]
    ready = writing.prepare(shared_app)
    typed = typed_in(ready)
    before = n_drafts()
    expired = ready.send(csrf_token="of a session that is over")
    assert (expired.status, n_drafts()) == (400, before)
    cookie = ready.client.browser.get_cookie(drafts.COOKIE)
    assert cookie is not None
    assert cookie.http_only
    kept = drafts.opened(cookie.value)
    assert kept is not None
    assert ready.values["correction-words"] in str(kept)
    for secret in (ready.page, ready.values["correction-birth_date"]):
        assert secret not in str(kept)
    page = ready.client.get_page(str(expired.by_role("link", "打开填好的表")[0]["href"]))
    assert lost(page, ready, typed) == {}
    assert ready.send().status == 303
    assert ready.client.browser.get_cookie(drafts.COOKIE) is None


@pytest.mark.usefixtures("on_one_database")
def test_browser_keeps_words_for_half_an_hour(client: QualityClient, clock: Clock) -> None:
    def opened(sealed: str) -> drafts.Fields | None:
        with client.app.app_context(), client.app.test_request_context():
            found = drafts.opened(sealed)
        return found[1] if found else None

    with client.app.app_context(), client.app.test_request_context():
        sealed = drafts._sealed("/me/x", (("words", "y"), ("birth_date", "1990-01-01")))
    clock.move(minutes=30)
    assert (opened(sealed), opened(sealed[:-4])) == ((("words", "y"),), None)
    clock.move(seconds=1)
    assert opened(sealed) is None


@pytest.mark.usefixtures("on_one_database")
def test_browser_notes_no_field_that_the_server_would_not_keep(client: QualityClient) -> None:
    """One list of what is nobody's to keep: the page hands it to the script."""
    secret = re.compile(client.get_page("/jobs").one("body")["data-secret"], re.IGNORECASE)
    for name in ("password", "new_password", "otp", "csrf_token", "code"):
        assert secret.search(name)
        assert drafts.is_secret(name)
    for name in ("occupation_code", "note", "uscc"):
        assert not secret.search(name)
        assert not drafts.is_secret(name)
    script = (Path(matchboard.__file__).parent / "static/js/typed.js").read_text("utf-8")
    assert "dataset.secret" in script
    assert "password|" not in script


@pytest.mark.usefixtures("on_one_database")
def test_browser_without_scripts_may_keep_what_was_typed_but_for_who_people_are(
    client: QualityClient,
) -> None:
    """A field closed to suggestions is left empty by "back": the title of an opening was."""

    def closed(path: str) -> set[str]:
        return {str(tag["name"]) for tag in client.get_page(path).all("main [autocomplete=off]")}

    officer = client.sign_in(Role.OFFICER)
    people = {"birth_date", "identity_number", "name", "phone", "residence_address"}
    assert closed("/clients/new") == people
    person = factories.ClientFactory(office=officer.unit)
    assert closed(f"/clients/{person.pid}/profile/preferences") == set()
    client.sign_in(Role.ENTERPRISE)
    assert closed("/partner/vacancies/new") == set()
    assert client.get_page("/partner/vacancies/new").one("[name=title][data-autocomplete=off]")
    client.sign_in(Role.COORDINATOR)
    assert closed("/training/courses/new") == set()
