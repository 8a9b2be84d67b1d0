"""Every form of the site: all its faults in one round, and marks that say what it needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import Tag
from flask import Flask

from matchboard.web.forms.base import BaseForm, DecisionForm
from tests.client import Page
from tests.integration.one_round_forms import FORMS_APART, ROUNDS, Round
from tests.integration.writing_requests import ON_EMPTY, Ready


def test_every_form_has_an_answer_when_compared_with_the_register() -> None:
    """A new form says which faults can meet in it, or why only one can."""
    shown = {one.form for one in ROUNDS if one.form is not None}
    forms, answered = set(concrete_forms()), shown | set(FORMS_APART)
    lacking = sorted(form.__name__ for form in forms - answered)
    assert forms <= answered, (
        f"{lacking}: add _round(endpoint, forms.{(lacking or ['X'])[0]}, {{field: wrong}}) to "
        "tests/integration/one_round_forms.py, or a row with the reason to its FORMS_APART"
    )


def concrete_forms(base: type[BaseForm] = BaseForm) -> Iterator[type[BaseForm]]:
    """Yield the forms of the site: the classes that forms are made of are no forms."""
    for form in base.__subclasses__():
        if form is not DecisionForm and form.__module__.startswith("matchboard.web.forms."):
            if not form.__subclasses__():
                yield form
            yield from concrete_forms(form)
        elif form is DecisionForm:
            yield from concrete_forms(form)


#: How the library of forms, not the house, says that something must be filled in.
LIBRARY_WORDS = "该字段"
FIRST_START = [one for one in ROUNDS if one.writing in ON_EMPTY]


@pytest.mark.parametrize("one", [one for one in ROUNDS if one not in FIRST_START], ids=str)
def test_form_tells_all_its_faults_at_once_and_marks_what_it_needs(
    one: Round, shared_app: Flask
) -> None:
    try_form(one, shared_app)


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("one", FIRST_START, ids=str)
def test_form_of_the_first_start_tells_all_its_faults_at_once(one: Round, app: Flask) -> None:
    try_form(one, app)


def try_form(one: Round, app: Flask) -> None:
    """Send a form with all its faults, empty, and right."""
    ready = one.writing.prepare(app)
    opened = form_of(ready.client.get_page(ready.page), ready)
    typed = one.sent(ready, one.faults)
    answer = ready.send(**typed, **one.sent(ready, one.beside))
    assert answer.status == 422
    told = faulty(form_of(answer, ready))
    assert set(typed) - told == set(), f"told of: {told}"
    assert LIBRARY_WORDS not in answer.text
    left = emptied(opened)
    empty = ready.send(**left)
    missed = faulty(form_of(empty, ready)) if empty.status == 422 else set()
    assert LIBRARY_WORDS not in empty.text
    # A question with an answer chosen cannot be left unanswered.
    wanted = {name for name in marked(opened) if not left.get(name)}
    unlike = {name.rpartition("-")[2] for name in missed ^ wanted}
    assert unlike - set(one.unlike_marks) == set(), f"missed: {missed}; marked: {wanted}"
    if empty.status == 422:
        assert ready.send().status in {200, 303}


def form_of(page: Page, ready: Ready) -> Tag:
    """Return the form that was sent."""
    path = ready.path.split("?")[0]
    found = [
        tag
        for tag in page.all("form[method=post]")
        if str(tag.get("action") or page.path).split("?")[0].split("#")[0] == path
    ]
    return max(found, key=lambda tag: len(tag.select("input, select, textarea")))


def controls(form: Tag) -> list[Tag]:
    hidden = {"hidden", "submit", "button"}
    found = form.select("input, select, textarea")
    named = [c for c in found if c.get("name") and c.get("type") not in hidden]
    return [c for c in named if not str(c["name"]).endswith("_level")]  # beside its skill


def faulty(form: Tag) -> set[str]:
    """Return the fields that are told to be wrong, each at itself."""
    shown = {
        c
        for c in controls(form)
        if c.find_parent(class_="has-error") is not None or c.get("aria-invalid") == "true"
    }
    # Of two amounts under one question the one that is wrong says so.
    silent = {
        c
        for c in shown
        if c.get("type", "text") == "text"
        and c.name == "input"
        and c.find_parent(class_="money-range") is not None
        and c.get("aria-invalid") != "true"
    }
    return {str(c["name"]) for c in shown - silent}


def marked(form: Tag) -> set[str]:
    """Return the fields marked as needed in this step; of two amounts under one mark the first."""
    found = set()
    for control in controls(form):
        if (one := control.find_parent(class_="money-range")) and control != one.select("input")[0]:
            continue
        field = control.find_parent(class_="choice-group") or control.find_parent(class_="field")
        mark = field and field.select_one("legend .required-mark, label .required-mark")
        if mark and "送审" not in mark.find_next_sibling().get_text():
            found.add(str(control["name"]))
    return found


def emptied(form: Tag) -> dict[str, Any]:
    """Return the form's fields as empty as a person can leave them."""
    found: dict[str, Any] = {}
    for control in controls(form):
        name, kind = str(control["name"]), control.get("type")
        if control.name == "select":
            if control.select_one("option[value='']") is not None:
                found[name] = ""
        elif kind == "checkbox":
            found[name] = None
        elif kind == "radio":
            chosen = form.select(f"[name='{name}'][checked]")
            found[name] = chosen[0]["value"] if chosen else None
        else:
            found[name] = ""
    return found
