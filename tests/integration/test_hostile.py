"""Requests no browser sends: refused in words, never an error of ours (`make hostile` sends more).

What longer runs have found has a test of its own here.
"""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from matchboard.domain.roles import ACCOUNT_ROLES, Role
from tests import factories
from tests.client import QualityClient
from tests.hostility.verdict import run
from tests.quick import unmeasured

ROLES = (Role.VISITOR, Role.CLIENT, *ACCOUNT_ROLES)
N_REQUESTS = 50
#: What requests come to when they reach the views, and not only the guard.
REACHED = {200, 303, 400, 404}


@pytest.mark.parametrize("role", ROLES, ids=[r.value for r in ROLES])
def test_hostile_requests_are_no_error_of_ours_when_sent_by_a_role(app: Flask, role: Role) -> None:
    with unmeasured():
        report = run(app, role, N_REQUESTS, seed=5, share=0.25)
    assert report.faults == {}
    assert set(report.statuses) >= REACHED


FORM = "application/x-www-form-urlencoded"
#: More is said to come than comes.
LONGER = {"CONTENT_LENGTH": "99"}
#: A field longer than all fields of a form may be together.
PART = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n' + b"x" * 600_000
#: A file where words are asked for.
FILE = PART.replace(b'"name"\r\n', b'"name"; filename="x"\r\n')[:200] + b"\r\n--b--\r\n"
HERE = {"Referer": "http://localhost/clients/new"}


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": b"name=" + b"x" * 17_000_000, "content_type": FORM}, 413),
        ({"data": PART, "content_type": "multipart/form-data; boundary=b"}, 413),
        ({"data": FILE, "content_type": "multipart/form-data; boundary=b"}, 422),
        ({"data": b"name=x", "content_type": FORM, "environ_overrides": LONGER}, 400),
        ({"data": b"[" * 50_000, "content_type": "application/json"}, 422),
        ({"data": b'{"name": 5, "phone": {"a": []}}', "content_type": "application/json"}, 422),
    ],
    ids=["too-large", "large-part", "file", "torn", "deep-json", "json"],
)
def test_body_is_refused_in_the_frame_when_it_is_no_form(
    client: QualityClient, sent: dict[str, Any], status: int
) -> None:
    client.sign_in(Role.OFFICER)
    token = {"X-CSRFToken": client.csrf_token(), **HERE}
    page = client.request("POST", "/clients/new", headers=token, **sent)
    assert (page.status, bool(page.h1)) == (status, True)
    form = {"data": {"name": "赵样"}, "content_type": FORM}
    assert client.request("POST", "/clients/new", headers=token, **form).status == 422


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("header", ["Referer", "HX-Current-URL"])
@pytest.mark.parametrize("address", ["http://[", "//["])
def test_refusal_is_answered_when_the_page_it_came_from_is_no_address(
    client: QualityClient, header: str, address: str
) -> None:
    client.sign_in(Role.OFFICER)
    headers = {header: address}
    path = "/clients/zzzzzzzz/link"
    assert client.request("POST", path, data={}, headers=headers).status == 400  # no token
    sent = {"csrf_token": client.csrf_token()}
    assert client.request("POST", path, data=sent, headers=headers).status == 404
    assert client.request("GET", "/clients", headers=headers).status == 200
    client.sign_out()
    assert client.request("POST", path, data=sent, headers=headers).location.startswith("/login")


@pytest.mark.usefixtures("on_one_database")
def test_pages_of_a_person_come_when_htmx_asks_for_them(client: QualityClient) -> None:
    """Whole pages come as such: a page that leaves its head out for htmx must be a part."""
    officer = client.sign_in(Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    for part in (
        "",
        "/profile",
        "/profile/basics",
        "/matches",
        "/placements",
        "/training",
        "/link",
    ):
        address, headers = f"/clients/{person.pid}{part}", {"HX-Request": "true"}
        assert client.request("GET", address, headers=headers, judge_markup=False).status == 200
