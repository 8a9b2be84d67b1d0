"""What a page says changed since a step was opened: which facts of the record it compares."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, g

from matchboard.domain.client import ConsentScope
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Actor, Role
from matchboard.extensions import db
from matchboard.labels import label
from matchboard.services.account_lists import row_of
from matchboard.web.seen_facts import facts_of
from tests.factories import NOW, ConsentFactory, PlacementFactory, UserFactory

pytestmark = pytest.mark.usefixtures("on_one_database")
S = PlacementState


def said(app: Flask, subject: Any, role: Role = Role.OFFICER) -> dict[str, str]:
    with app.test_request_context():
        g.actor = Actor(role)
        return dict(facts_of(subject))


@pytest.mark.parametrize("role", [Role.OFFICER, Role.DISTRICT, Role.ENTERPRISE], ids=str)
@pytest.mark.parametrize(
    ("state", "is_about_the_opening"),
    [(S.PROPOSED, True), (S.CONSENTED, True), (S.SENT, False), (S.STARTED, False)],
    ids=str,
)
def test_opening_is_among_a_placements_facts_while_it_is_decided_on(
    app: Flask, state: S, is_about_the_opening: bool, role: Role
) -> None:
    facts = said(app, PlacementFactory(state=state), role)
    assert any(name.startswith("岗位：") for name in facts) is is_about_the_opening
    # Staff are told of what they alone fill in, too.
    is_staff_told = "岗位：涉及的职务" in facts
    assert is_staff_told is (is_about_the_opening and role is not Role.ENTERPRISE)


def test_wage_and_consents_in_force_are_facts_when_there_are_any(app: Flask) -> None:
    one = PlacementFactory(state=S.OFFERED)
    before = said(app, one)
    assert (before["本人的同意"], "工资" in before) == ("", False)
    for scope, withdrawn_at in ((ConsentScope.CARD, NOW), (ConsentScope.CARD_AND_CONTACT, None)):
        ConsentFactory(placement=one, scope=scope, withdrawn_at=withdrawn_at)
    one.wage_cny_month = 0
    one.interview_at = NOW + timedelta(hours=3)
    db.session.flush()
    db.session.expire(one, ["consents"])
    after = said(app, one)
    with app.test_request_context():
        assert after["本人的同意"] == str(label(ConsentScope.CARD_AND_CONTACT))
    assert "工资" in after
    assert after["面试"] == "2026-11-24 09:30"


@pytest.mark.parametrize(
    ("is_head", "awaits", "words"),
    [
        (False, False, ""),
        (True, False, "就是此人"),
        (False, True, "就是此人，待安全管理员确认"),
    ],
    ids=["no", "head", "named"],
)
def test_account_says_whether_it_heads_the_office(
    app: Flask, is_head: bool, awaits: bool, words: str
) -> None:
    user = UserFactory(is_office_head=is_head, head_awaits_confirmation=awaits)
    facts = said(app, row_of(user, None), Role.SYSTEM_ADMIN)
    assert facts["本所所长"] == words
    assert facts["密码"] == ""
    user.must_change_password = True
    assert said(app, row_of(user, None), Role.SYSTEM_ADMIN)["密码"] == "一次性密码，尚未更换"
