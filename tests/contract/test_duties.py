"""Whoever is given a duty may do it: kinds, roles and the register of addresses say the same."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

import pytest
from flask import Flask, g

from matchboard.domain.duties import NEEDS, Duty, DutyKind, is_own
from matchboard.domain.roles import ACCOUNT_ROLES, Actor, Permission, Role, is_granted
from matchboard.web import today
from tests.contract.test_access import read_register

K = DutyKind
#: Kind → the request that does it.
DOES = {
    K.REGISTER: "client_profile.save",
    K.ASK_CONSENT: "placements.step",
    K.SEND_REFERRAL: "placements.step",
    K.ASK_CONTACT_CONSENT: "placements.widen_consent",
    K.CHASE_EMPLOYER: "placements.remind",
    K.INTERVIEW_RESULT: "placements.step",
    K.CONFIRM_START: "placements.step",
    K.OUTCOME_CHECK: "placements.check",
    K.CORRECTION: "today.settle_correction",
    K.RENEW_LINK: "clients.create_link",
    K.NEXT_PROPOSAL: "placements.propose",
    K.HAND_OVER: "handovers.hand_over",
    K.NAME_HEAD: "admin.name_head",
    K.OPEN_ACCOUNT: "admin.enable_account",
    K.COVER_AGAIN: "covers.state",
    K.OPENING_HELD: "placements.step",
}
READERS = [role for role in ACCOUNT_ROLES if is_granted(role, Permission.TODAY_READ)]


@pytest.mark.parametrize("kind", K, ids=str)
def test_duty_needs_what_the_request_that_does_it_needs(kind: K) -> None:
    (row,) = [r for r in read_register() if r.key == (DOES[kind], "POST")]
    assert NEEDS[kind].value == row.permission


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("role", READERS, ids=str)
@pytest.mark.parametrize("kind", K, ids=str)
def test_duty_leads_its_doer_to_where_it_is_done_and_says_whose_it_is_to_others(
    kind: K, role: Role, app: Flask
) -> None:
    duty = Duty(
        kind,
        date(2026, 11, 25),
        "clientpid",
        "王某",
        "placedpid",
        check_day=30 if kind is K.OUTCOME_CHECK else None,
        correction_pid="correctpid" if kind is K.CORRECTION else None,
        lead_pid="leadpid" if kind in {K.HAND_OVER, K.NAME_HEAD, K.COVER_AGAIN} else "",
        office_pid="officepid",
    )
    cells = {r.key: r.cells for r in read_register()}
    with app.test_request_context():
        g.actor = Actor(role)
        row = today._row(duty, {"clientpid": "南桥司法所"})
    may = cells[DOES[kind], "POST"][role.value] == "yes"
    assert is_own(kind, role) is may
    if not may:
        assert row.post_fields is None
        assert row.done_by.startswith("由")
        return
    method = "GET" if row.post_fields is None else "POST"
    endpoint, _ = app.url_map.bind("localhost").match(urlsplit(row.url).path, method=method)
    assert cells[str(endpoint), method][role.value] == "yes"
    assert row.done_by == ""
