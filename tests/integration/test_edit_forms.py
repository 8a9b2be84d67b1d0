"""A form writes what it carries: every edit form saved unchanged, and with one field changed.

The whole database is compared, every table and column, as the bytes stored.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from matchboard.extensions import db
from matchboard.web.codebooks import DIVISIONS, OCCUPATIONS, Codebook
from tests.client import Form, Page, QualityClient
from tests.conftest import Clock
from tests.integration.edit_forms import EDIT_FORMS, Change, EditForm

pytestmark = pytest.mark.usefixtures("on_one_database", "app")
#: What any form sends about itself, and what every request may write.
OWN_FIELDS = {
    "csrf_token", "submission_key", "version", "opened", "draft_token", "purpose", "note"
}  # fmt: skip
OWN_TABLES = {
    "account_session", "alembic_version", "form_draft", "sqlite_sequence", "submission"
}  # fmt: skip
Rows = dict[str, dict[Any, dict[str, Any]]]


class Stored:
    """The database as bytes, compared and put back."""

    def __init__(self, app: Flask) -> None:
        address = app.config["SQLALCHEMY_DATABASE_URI"]
        self.file = sqlite3.connect(address.removeprefix("sqlite:///"))
        self.file.row_factory = sqlite3.Row
        self.kept = sqlite3.connect(":memory:")
        self.before: Rows = {}

    def keep(self) -> None:
        """Remember how it is now."""
        db.session.commit()
        db.session.remove()
        self.file.backup(self.kept)
        self.before = self.rows()

    def put_back(self) -> None:
        """Make it what `keep` remembered."""
        db.session.remove()
        self.kept.backup(self.file)

    def changes(self) -> Counter[str]:
        """Return what differs: `table.column` per changed cell, `table.+`, `table.-` per row."""
        found: Counter[str] = Counter()
        after = self.rows()
        for table, old in self.before.items():
            new = after[table]
            found[f"{table}.+"] += len(new.keys() - old.keys())
            found[f"{table}.-"] += len(old.keys() - new.keys())
            for key in old.keys() & new.keys():
                for column, value in old[key].items():
                    found[f"{table}.{column}"] += value != new[key][column]
        return +found

    def rows(self) -> Rows:
        tables = self.file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        found: Rows = {}
        for (table,) in tables:
            if table in OWN_TABLES:
                continue
            rows = self.file.execute(f"SELECT rowid AS row_key, * FROM {table}")  # noqa: S608
            found[table] = {row["row_key"]: dict(row) for row in rows}
        return found


@pytest.fixture
def stored(app: Flask) -> Iterator[Stored]:
    found = Stored(app)
    yield found
    found.file.close()
    found.kept.close()


def opened(one: EditForm, variant: str, client: QualityClient, stored: Stored) -> Form:
    page = one.make(client, one.variants[variant])
    stored.keep()
    return one.find(page)


def save(client: QualityClient, one: EditForm, form: Form, typed: dict[str, Any]) -> Page:
    page = client.send(form, {**typed, **one.button}, follow=False, status=303)
    client.edit_session(_flashes=None)
    return page


VARIANTS = [
    pytest.param(one, variant, id=f"{one.id}: {variant}")
    for one in EDIT_FORMS
    for variant in one.variants
]


@pytest.mark.parametrize(("one", "variant"), VARIANTS)
def test_nothing_is_written_when_a_form_is_saved_unchanged(
    one: EditForm, variant: str, client: QualityClient, clock: Clock, stored: Stored
) -> None:
    form = opened(one, variant, client, stored)
    clock.move(minutes=5)
    save(client, one, form, {})
    assert stored.changes() == {}


@pytest.mark.parametrize("one", EDIT_FORMS, ids=lambda one: one.id)
def test_one_column_is_written_when_one_field_is_changed(
    one: EditForm, client: QualityClient, clock: Clock, stored: Stored
) -> None:
    form = opened(one, one.base, client, stored)
    clock.move(days=1)
    wrong: dict[str, Any] = {}
    for change in one.changes:
        try:
            save(client, one, form, dict(change.typed))
        except AssertionError as refusal:
            wrong[change.id] = str(refusal)
            continue
        expected = change.columns | one.stamps | one.log
        found = stored.changes()
        if set(found) != expected:
            missing, too_many = expected - set(found), set(found) - expected
            wrong[change.id] = f"not written: {missing}; written besides: {too_many}"
        stored.put_back()
        client.stay_awake_anew()
    assert wrong == {}


def pairs(one: EditForm) -> Iterator[tuple[Change, Change]]:
    """Every change with its neighbour, where the two have no field, column or row in common."""
    for theirs, mine in zip(one.changes, one.changes[1:] + one.changes[:1], strict=True):
        rows = ({n.rpartition("-")[0] or n for n in one.typed} for one in (theirs, mine))
        is_apart = not (set.intersection(*rows) or theirs.columns & mine.columns)
        # A row taken away moves those behind it: then the whole list is asked about.
        if is_apart and not any(column.endswith(".-") for column in theirs.columns):
            yield theirs, mine


@pytest.mark.parametrize("one", [o for o in EDIT_FORMS if any(pairs(o))], ids=lambda one: one.id)
def test_what_others_saved_stays_when_a_stale_form_is_sent_again(
    one: EditForm, client: QualityClient, clock: Clock, stored: Stored
) -> None:
    """Two tabs change a field each: the second is told, and sending again writes its own alone."""
    form = opened(one, one.base, client, stored)
    clock.move(days=1)
    wrong: dict[str, Any] = {}
    for theirs, mine in pairs(one):
        name = f"{theirs.id}, then {mine.id}"
        save(client, one, form, {**theirs.typed, "submission_key": "of-another-tab"})
        answer = client.post_form(form, {**mine.typed, **one.button})
        if answer.status == 409:
            answer = client.post_form(one.find(answer), one.button)
        client.edit_session(_flashes=None)
        expected = theirs.columns | mine.columns | one.stamps | one.log
        found = set(stored.changes())
        if answer.status != 303 or found != expected:
            wrong[name] = answer.status, expected - found, found - expected
        stored.put_back()
        client.stay_awake_anew()
    assert wrong == {}


@pytest.mark.parametrize(
    "one", [o for o in EDIT_FORMS if o.name != "advertisement"], ids=lambda one: one.id
)
def test_first_result_is_led_to_when_a_form_is_sent_twice(
    one: EditForm, client: QualityClient, clock: Clock, stored: Stored
) -> None:
    """A double click is nobody else's change; something else typed is a change to judge."""
    form = opened(one, one.base, client, stored)
    clock.move(days=1)
    first, other = one.changes[:2]
    answers, written = [], []
    for typed in (first.typed, first.typed, other.typed):
        answer = client.post_form(form, {**typed, **one.button})
        client.edit_session(_flashes=None)
        answers.append((answer.status, answer.location))
        written.append(stored.changes())
    assert answers[0] == answers[1]
    assert answers[0][0] == 303
    assert written[0] == written[1]
    assert answers[2][0] == 409
    audit = {"audit_entry.+"}  # the restricted record is opened, on record, to be compared
    assert {n for n in written[2] if written[2][n] != written[0][n]} <= audit


#: Left out: the same form as the entry before, and the one built from the schema of the facts.
NAMED = [e for e in EDIT_FORMS if e.name != "advertisement" and e.endpoint != "restricted.save"]


@pytest.mark.parametrize("one", NAMED, ids=lambda one: one.id)
def test_registry_names_every_field_of_the_form(
    one: EditForm, client: QualityClient, stored: Stored
) -> None:
    form = opened(one, one.base, client, stored)
    typed = {name for change in one.changes for name in change.typed}
    names = set(form.values()) | {str(c["name"]) for c in form.controls() if c.name != "button"}
    rows = {n for n in names if n.split("-")[0] in {"skills", "certificates", "experience"}}
    spare = {n for n in rows if n.count("-") == 2 and int(n.split("-")[1]) > 1}
    assert names & typed
    assert names - OWN_FIELDS - typed - spare == set()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_words_of_a_code_lead_back_to_it_when_others_bear_the_name(
    language: str, app: Flask
) -> None:
    books: list[tuple[Codebook, Callable[[], frozenset[str]], set[str]]] = [
        (OCCUPATIONS, OCCUPATIONS.namesakes, {"6-11-08-25", "6-11-08-26", "6-05-01-03"}),
        (DIVISIONS, DIVISIONS.namesakes, {"110000", "110100", "330402", "510114"}),
    ]
    with app.test_request_context():
        from flask import session

        session["language"] = language
        for book, namesakes, besides in books:
            codes = namesakes() | besides
            assert {code: book.resolve(book.typed(code)) for code in codes} == {c: c for c in codes}
