"""Whoever adds a writing endpoint is told by one test all that is missing, and where it goes.

`access.csv` names the endpoints, `writing_requests.py` has a real request of each. What their pages
show says the rest: a form that comes filled in from a record edits it, a form with fields can be
wrong in several ways, a form that names no version rests on nothing seen. Only what is unlike that
is stated, at the request; what cannot be derived (columns, faults, what others do meanwhile) has a
register of its own, and an entry where the pages call for one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from flask import Flask

from tests import registers
from tests.client import Form, Page
from tests.contract.test_access import read_register
from tests.integration.edit_forms import EDIT_FORMS
from tests.integration.one_round_forms import ROUNDS
from tests.integration.test_stale_steps import (
    MEANWHILE,
    NEVER_OTHERWISE,
    endpoint_of,
    is_version,
    version_of,
)
from tests.integration.writing_requests import ON_EMPTY, WRITINGS, Ready, reasons

HERE = "tests/integration"
#: What is wanted: the file, and an example of what goes there; ENDPOINT is its name.
REQUEST = (
    f'{HERE}/writing_requests.py: a request, @_writes("ENDPOINT", Role.OFFICER) over def _x(client)'
    ': return _form(client, "/its/page", "", {"field": "typed"})'
)
UNSEEN = (
    "its template: post_button(…, fields=record|shown), or show_on(form, record) in the view; "
    f'if it rests on nothing that was shown, unseen="why" at its request in {HERE}/'
    "writing_requests.py"
)
EDIT = (
    f'{HERE}/edit_forms.py: EDIT_FORMS.append(EditForm("ENDPOINT", Role.OFFICER, "ItsForm", make, '
    'find, {"full": {…}, "bare": {…}}, _to("table", column="typed"), stamps))'
)
ROUND = (
    f'{HERE}/one_round_forms.py: _round("ENDPOINT", forms.ItsForm, '
    '{"field": "wrong", …}), or one_fault="why" at its request in '
    f"{HERE}/writing_requests.py"
)
STEP = (
    f'{HERE}/test_stale_steps.py: MEANWHILE["ENDPOINT"] = Meanwhile(changed(Model, column="other"),'
    ' ("other",)), what somebody else does while the page is open'
)
OUTCOME = "tests/written/requests.txt: python -m tests.registers requests, its difference read"
GONE = HERE + "/{0}: its entry is of an endpoint that is gone, or of none of its kind"
UNMET = "its template: no page of any request has a form that leads to ENDPOINT"
ALL = (*WRITINGS, *ON_EMPTY)
REQUESTS = {one.endpoint for one in ALL}
#: What asks the database for nothing comes to nothing that could be told.
UNTOLD = {
    one.endpoint for one in ALL if one.changes_rows and str(one) not in registers.read("requests")
}
UNSEEN_WHY, ONE_FAULT_WHY = reasons("unseen"), reasons("one_fault")
EDITS = {one.endpoint for one in EDIT_FORMS}
SEVERAL = {one.writing.endpoint for one in ROUNDS}
STEPS = {name.partition(":")[0] for name in MEANWHILE} | NEVER_OTHERWISE
#: Filled in from what is in force, though it adds a row and changes none.
ADDS = {"policies.add"}


@dataclass
class Shown:
    """What the pages show of an endpoint's forms."""

    is_met: bool = False
    names_no_version: bool = False
    is_filled_from_a_record: bool = False
    asks_for_something: bool = False

    def note(self, form: Form) -> None:
        self.is_met = True
        self.names_no_version |= not version_of(form)
        self.note_values(form)
        own = {"hidden", "submit", "button"}
        asked = [c for c in form.controls() if c.name != "button" and c.get("type") not in own]
        self.asks_for_something |= bool(asked)

    def note_values(self, form: Form) -> None:
        opened = form.values().get("opened", [])
        self.is_filled_from_a_record |= any(opened)

    def note_request(self, ready: Ready) -> None:
        """Note what a request carries whose page answers another request."""
        if any(is_version(name) for name in ready.values) and any(ready.values.get("opened", ())):
            self.is_filled_from_a_record = True


def walk(app: Flask) -> dict[str, Shown]:
    """Return what every form on the pages of all requests shows, by its endpoint."""
    found: dict[str, Shown] = defaultdict(Shown)
    for writing in WRITINGS:
        ready = writing.prepare(app)
        found[writing.endpoint].note_request(ready)
        if not ready.page:
            continue
        page: Page = ready.client.request("GET", ready.page)
        for tag in page.all("form[method=post]"):
            form = Form(page, tag)
            endpoint, _ = endpoint_of(app, form.action)
            found[endpoint].note(form)
    return found


def lacks(endpoint: str, one: Shown) -> list[str]:
    """Return what an endpoint still wants, in words: which file, and what goes there."""
    is_edit = one.is_filled_from_a_record and endpoint not in ADDS
    wants = {
        REQUEST: endpoint not in REQUESTS,
        UNMET: not one.is_met and endpoint not in EDITS | set(UNSEEN_WHY),
        UNSEEN: one.names_no_version and endpoint not in UNSEEN_WHY,
        EDIT: is_edit and endpoint not in EDITS,
        ROUND: one.asks_for_something and endpoint not in SEVERAL | set(ONE_FAULT_WHY),
        STEP: not is_edit and endpoint not in STEPS | set(UNSEEN_WHY),
        OUTCOME: endpoint in UNTOLD or endpoint not in REQUESTS,
        GONE.format("edit_forms.py"): endpoint in EDITS and not is_edit,
        GONE.format("one_round_forms.py"): endpoint in SEVERAL and endpoint in ONE_FAULT_WHY,
        GONE.format("test_stale_steps.py"): endpoint in STEPS and endpoint in UNSEEN_WHY,
    }
    return [words.replace("ENDPOINT", endpoint) for words, is_wanted in wants.items() if is_wanted]


def missing(app: Flask) -> dict[str, list[str]]:
    """Return what every writing endpoint still wants, and entries of none."""
    written = {row.endpoint for row in read_register() if row.method != "GET"}
    shown = walk(app)
    wanted = {endpoint: lacks(endpoint, shown[endpoint]) for endpoint in sorted(written)}
    for file, names in {
        "writing_requests.py": REQUESTS,
        "edit_forms.py": EDITS,
        "one_round_forms.py": SEVERAL,
        "test_stale_steps.py": STEPS,
    }.items():
        wanted |= {name: [GONE.format(file)] for name in names - written}
    return {endpoint: words for endpoint, words in wanted.items() if words}


def test_nothing_is_missing_when_an_endpoint_is_compared_with_what_its_pages_show(
    shared_app: Flask,
) -> None:
    found = missing(shared_app)
    lines = [
        f"\n{endpoint}\n" + "\n".join(f"  - {one}" for one in words)
        for endpoint, words in found.items()
    ]
    assert not found, "".join(lines)


def test_requests_are_told_apart_when_named() -> None:
    names = [str(writing) for writing in ALL]
    assert len(set(names)) == len(names)
    gone = set(registers.read("requests")) - set(names)
    assert not gone, f"python -m tests.registers requests: {sorted(gone)} is no request"
