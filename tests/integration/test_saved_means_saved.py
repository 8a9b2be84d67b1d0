"""Saved means saved: success is said after the commit, a failure once, with what was typed."""

from __future__ import annotations

import ast
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from wtforms import PasswordField
from wtforms.fields.core import UnboundField

import matchboard
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import AuditEntry
from matchboard.web.drafts import is_secret
from matchboard.web.forms import account as account_forms
from matchboard.web.forms.base import BaseForm
from tests import registers
from tests.client import Page, words
from tests.integration import outcomes
from tests.integration.edit_forms import EDIT_FORMS
from tests.integration.test_nothing_typed_is_lost import end_session
from tests.integration.whole_rows import rows_of
from tests.integration.writing_requests import ON_EMPTY, WRITINGS, Ready, Writing
from tests.sql import watch_locks

#: Requests that change a record somebody else may have changed meanwhile.
EDITS = {one.endpoint for one in EDIT_FORMS}
FAULTS = ("database or disk is full", "database is locked")
#: What the frame and the guard note in a session whatever becomes of the request.
HOUSEKEEPING = {"csrf_token", "seen_at", "_fresh"}


#: What every answer says to the browser besides itself, whatever became of the request.
STANDING_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'nonce-…'; style-src 'self' 'nonce-…'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
}


def standing_headers(page: Page) -> dict[str, str]:
    """Return what an answer's headers say that must be the same of every answer."""
    said = {name: page.headers.get(name, "") for name in STANDING_HEADERS}
    policy = "Content-Security-Policy"
    said[policy] = re.sub(r"(?<='nonce-)[\w-]{22}(?=')", "…", said[policy])
    return said


@contextmanager
def commits_fail(message: str) -> Iterator[None]:
    """Let the database refuse every commit, also of transactions apart from the request's."""

    def refuse(_connection: Any) -> None:
        raise sqlite3.OperationalError(message)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db.engine.dialect, "do_commit", refuse)
        yield


def session_of(ready: Ready) -> dict[str, Any]:
    with ready.client.browser.session_transaction() as session:
        return {name: value for name, value in session.items() if name not in HOUSEKEEPING}


def is_done(page: Page, writing: Writing) -> bool:
    """Return whether the answer says that the request did what it was for."""
    if writing.variant == "wrong password":
        return page.status == 422 and page.has_text("邮箱或密码不正确")
    return page.status in {200, 204, 303}


@pytest.mark.parametrize("writing", WRITINGS, ids=str)
def test_nothing_is_lost_or_claimed_when_the_commit_fails(
    writing: Writing, shared_app: Flask
) -> None:
    _try_with_failing_commits(writing, shared_app)


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("writing", ON_EMPTY, ids=str)
def test_nothing_is_lost_or_claimed_when_the_first_commit_fails(
    writing: Writing, app: Flask
) -> None:
    _try_with_failing_commits(writing, app)


def _try_with_failing_commits(writing: Writing, app: Flask) -> None:
    ready = writing.prepare(app)
    rows, session = rows_of(app), session_of(ready)
    refused = []
    for fault in FAULTS:
        with commits_fail(fault):
            refused.append(ready.send())
        assert rows_of(app) == rows
        if refused[-1].status == 503:
            assert session_of(ready) == session, "the session says what was not saved"
    with commits_fail(FAULTS[0]):
        swapped = ready.send(htmx=True)
    if not writing.changes_rows and refused[0].status != 503:
        assert is_done(refused[0], writing)  # it asks the database for nothing
        return
    for page in refused:
        _judge(page, ready, writing)
    # htmx leaves the form as it is; the message comes beside it.
    assert (swapped.status, swapped.headers["HX-Reswap"]) == (503, "none")
    told = json.loads(swapped.headers["HX-Trigger"])["matchboard:refused"]
    assert "没有保存" in told
    assert refused[0].has_text(told)
    who = None if ready.client.user is None else ready.client.user.pid
    n_entries = db.session.query(AuditEntry).count()
    db.session.rollback()
    # The positive twin: without the fault the same request succeeds, sent by the page's own button.
    again = refused[-1].all(".error-page form")
    assert len(again) == writing.is_repeatable
    with watch_locks() as locks:
        if writing.is_repeatable:
            form = refused[-1].form(".error-page form")
            assert form.action == ready.path.partition("#")[0]
            headers = _from(ready)
            done = ready.client.request("POST", form.action, data=form.values(), headers=headers)
        else:
            done = ready.send()
    assert is_done(done, writing), done.text[:3000]
    for page in (*refused, swapped, done):
        assert standing_headers(page) == STANDING_HEADERS
    saved = rows_of(app)
    assert (saved != rows) is writing.changes_rows
    outcome = outcomes.outcome_of(str(writing), ready, done, rows, saved, locks)
    registers.hold("requests", {str(writing): outcome})
    if writing.changes_rows:
        entries = db.session.query(AuditEntry).order_by(AuditEntry.id).offset(n_entries)
        actors = {entry.actor_pid or entry.actor_role for entry in entries}
        db.session.rollback()
        # Whoever signs in was a visitor before, and is somebody in the entry.
        known = who or (None if writing.role is Role.VISITOR else writing.role.value)
        assert known in actors if known else actors, "no entry says who did it"


def _from(ready: Ready) -> dict[str, str]:
    headers = {"HX-Request": "true"} if ready.is_swap else {}
    return {**headers, "Referer": f"http://localhost{ready.page}"}


def _judge(page: Page, ready: Ready, writing: Writing) -> None:
    """The page says one thing, keeps what was typed, and names when to try again."""
    assert page.status == 503
    assert page.headers["Retry-After"]
    assert page.h1 == "系统正忙"
    assert page.has_text("没有保存")
    assert words(page.by_id("messages")) == ""
    for typed in ready.typed:
        assert (typed in page.text) is writing.is_repeatable
    if not writing.is_repeatable:
        secrets = [v for n, v in ready.values.items() if "password" in n and isinstance(v, str)]
        assert not any(secret in page.text for secret in secrets)


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("is_signed_in", [True, False], ids=["old-form", "expired-session"])
def test_what_is_kept_for_later_is_kept_or_refused_when_the_commit_fails(
    app: Flask, is_signed_in: bool
) -> None:
    """A form opened before the session ended: its draft is a write like any other."""
    (writing,) = [one for one in WRITINGS if str(one) == "client_profile.save:preferences"]
    ready = writing.prepare(app)
    if not is_signed_in:
        end_session(ready.client)
        db.session.commit()
    with commits_fail(FAULTS[0]):
        page = ready.send(csrf_token="of an earlier session")
    assert (page.status, page.h1) == (503, "系统正忙")
    assert all(typed in page.text for typed in ready.typed)
    assert ready.send(csrf_token="of an earlier session").status == (400 if is_signed_in else 303)


#: What no form sends by itself: a number in another script, which is none.
GARBAGE = "²"


@pytest.mark.parametrize("writing", WRITINGS, ids=str)
def test_request_is_no_error_of_ours_when_it_is_empty_or_garbled(
    writing: Writing, shared_app: Flask
) -> None:
    ready = writing.prepare(shared_app)
    hidden = {
        name: GARBAGE
        for name, value in ready.values.items()
        if name.endswith(
            ("version", "seen", "submission_key", "step", "next", "back", "draft_token")
        )
    }
    garbled = {name: GARBAGE for name in ready.values if not name.endswith("csrf_token")}
    answers = [
        ready.send(**garbled),
        ready.send(**dict.fromkeys(garbled, " ")),
        ready.send(**hidden),
        ready.send(**dict.fromkeys(hidden)),
        # With the token in a header, as a script sends it, the body may be empty altogether.
        ready.client.request(
            "POST", ready.path, headers={"X-CSRFToken": ready.client.csrf_token(), **_from(ready)}
        ),
    ]
    assert [page.status for page in answers if page.status >= 500] == []


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("writing", "sent"),
    [
        (writing, sent)
        for writing in WRITINGS
        if writing.endpoint in EDITS
        for sent in ({"version": None}, {"version": GARBAGE}, {"version": ""})
    ],
    ids=str,
)
def test_edit_is_stale_when_it_does_not_say_what_it_was_opened_on(
    writing: Writing, sent: dict[str, Any], app: Flask
) -> None:
    ready = writing.prepare(app)
    rows = rows_of(app)
    assert ready.send(**sent).status == 409
    after = rows_of(app)
    # The restricted record is opened once more to be compared, and that is on record.
    read = {"audit_entry"} if writing.endpoint == "restricted.save" else set()
    assert {table for table in rows if rows[table] != after[table]} <= read
    assert is_done(ready.send(), writing)


def test_nothing_is_said_past_the_commit_point_when_a_view_flashes() -> None:
    """Flask's own `flash` says at once what may never be saved; one module alone may call it."""
    sources = sorted(Path(matchboard.__file__).parent.rglob("*.py"))
    callers = {path.name for path in sources if _takes_flash_from_flask(path.read_text("utf-8"))}
    assert callers == {"notices.py"}


def _takes_flash_from_flask(source: str) -> bool:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "flask":
            if any(alias.name == "flash" for alias in node.names):
                return True
        elif isinstance(node, ast.Attribute) and node.attr == "flash":
            return True
    return False


def test_passwords_are_known_as_secrets_when_their_fields_are_named() -> None:
    fields = {
        name
        for form in vars(account_forms).values()
        if isinstance(form, type) and issubclass(form, BaseForm)
        for name, field in vars(form).items()
        if isinstance(field, UnboundField) and field.field_class is PasswordField
    }
    assert fields >= {"password", "old_password", "new_password", "repeated"}
    assert [name for name in fields if not is_secret(name)] == []
    assert not is_secret("note")
