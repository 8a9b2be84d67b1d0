"""A form sent twice makes one record."""

from __future__ import annotations

import secrets
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import func, select

from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import Partner, Placement, Submission, Unit, User
from matchboard.services import submissions, transaction
from tests.client import QualityClient
from tests.conftest import Clock
from tests.factories import NOW, ClientFactory, DistrictFactory, UserFactory, credit_code
from tests.integration.concurrency import run_at_once
from tests.integration.placement_paths import a_case

N_PROCESSES = 16


def claim_once(key: str, number: int) -> str:
    """Claim as a request does: act, remember where it led, commit."""
    earlier = submissions.claim(key, now=NOW)
    if earlier is not None:
        return f"sent to {earlier}"
    submissions.remember(key, f"/things/{number}", now=NOW)
    transaction.commit()
    return "claimed"


def test_submission_is_claimed_once_when_sent_by_many_at_once(
    app: Flask, settings: dict[str, Any]
) -> None:
    arguments = [("the-key", number) for number in range(N_PROCESSES)]
    outcomes = run_at_once(claim_once, arguments, settings=settings)
    counts = Counter(o.value or o.error for o in outcomes)
    assert counts.pop("claimed") == 1
    location = db.session.scalars(select(Submission.location)).one()
    # Those who came second are sent to the first one's result, or lost the race for the key.
    assert set(counts) <= {f"sent to {location}", "IntegrityError"}
    assert counts.total() == N_PROCESSES - 1


def test_submission_leads_to_the_first_result_when_claimed_again(app: Flask, clock: Clock) -> None:
    assert submissions.claim("key", now=clock.now) is None
    submissions.remember("key", "/clients/abc", now=clock.now)
    transaction.commit()
    assert submissions.claim("key", now=clock.now) == "/clients/abc"
    assert submissions.claim("another", now=clock.now) is None


def test_submission_is_claimed_anew_when_its_claim_was_rolled_back(
    app: Flask, clock: Clock
) -> None:
    assert submissions.claim("key", now=clock.now) is None
    transaction.rollback()
    submissions.remember("key", "/placements/running", now=clock.now)
    transaction.commit()
    assert submissions.claim("key", now=clock.now) == "/placements/running"


@pytest.mark.usefixtures("on_one_database")
def test_key_leads_to_its_own_pages_result_when_another_page_sends_it(
    client: QualityClient,
) -> None:
    """A key is drawn by chance; whoever copies one is not led to what another form made."""
    officer = client.sign_in(Role.OFFICER)
    people = [ClientFactory(office=officer.unit) for _ in range(2)]
    typed = {"placement_type": "gig", "description": "送快递", "started_on": "2026-11-20"}
    forms = [client.get_page(f"/clients/{one.pid}/settle").form(fields=typed) for one in people]
    sent = {**typed, "submission_key": "the-same"}
    answers = [
        client.send(form, sent, status=303, follow=False).location for form in (*forms, *forms)
    ]
    assert answers[0] != answers[1]
    assert answers[2:] == answers[:2]
    assert db.session.scalar(select(func.count()).select_from(Placement)) == 2


@pytest.mark.usefixtures("on_one_database")
def test_key_leads_to_ones_own_result_when_a_colleague_sends_it(client: QualityClient) -> None:
    DistrictFactory()
    typed = {
        "kind": "justice_office",
        "name_en": "Justice Office",
        "address": "南湖路9号",
        "phone": "0573-1234567",
    }
    for name in ("南湖司法所", "东湖司法所"):
        colleague = client.another()
        colleague.sign_in(Role.SYSTEM_ADMIN)
        form = colleague.get_page("/admin/units/new").form(fields={**typed, "name": ""})
        sent = {**typed, "name": name, "submission_key": "the-same"}
        answers = {colleague.send(form, sent, status=303, follow=False).location for _ in range(2)}
        assert len(answers) == 1
        assert db.session.scalars(select(Unit).where(Unit.name == name)).one()
    # Two digests a form: of sender, address and key, and of what it said, too.
    assert len(set(db.session.scalars(select(Submission.key)).all())) == 4


@pytest.mark.usefixtures("on_one_database")
def test_nothing_is_lost_without_a_word_when_a_form_is_corrected_and_sent_again(
    client: QualityClient,
) -> None:
    client.sign_in(Role.DISTRICT)
    form = client.get_page("/partners/new").form(fields={"uscc": ""})
    first, same, other, again = (
        client.send(form, {"uscc": credit_code(4242), "name": name})
        for name in ("青禾厂", "青禾厂", "青禾公司", "青禾公司")
    )
    assert first.path == same.path == other.path
    assert again.has_text("后来改的内容没有保存")
    assert not same.has_text("后来改的内容没有保存")
    assert other.has_text("后来改的内容没有保存")
    assert db.session.scalars(select(Partner.name)).all() == ["青禾厂"]
    client.sign_out()
    officer = client.sign_in(Role.OFFICER)
    person = ClientFactory(office=officer.unit)
    # A form about a record asks the record's version: the page says what is there now.
    path = f"/clients/{person.pid}/profile/residence"
    edit = client.get_page(path).form(fields={"residence_address": ""})
    client.send(edit, {"residence_address": "幸福路 1 号"})
    again = client.send(edit, {"residence_address": "幸福路 2 号"}, status=409)
    assert again.has_text("幸福路 1 号")


# --- Proposing twice ----------------------------------------------------------------------------


def send_proposal(user_id: int, path: str, form: dict[str, Any]) -> tuple[int, str]:
    """Send the page on which this person proposes; a busy moment is tried again as it says."""
    client = QualityClient(current_app._get_current_object())  # type: ignore[attr-defined]
    client.sign_in(db.session.get_one(User, user_id))
    db.session.commit()
    values = {**form, "submission_key": secrets.token_hex(8)}
    for _ in range(10):
        page = client.post(path, values)
        if page.status != 503:
            break
    return page.status, page.location


def test_proposal_leads_to_the_running_one_when_proposed_by_many_at_once(
    app: Flask, client: QualityClient, settings: dict[str, Any]
) -> None:
    case = a_case(headcount=9)
    colleague = UserFactory(role=Role.OFFICER, unit=case.officer.unit)
    path = f"/clients/{case.person.pid}/propose/{case.vacancy.pid}"
    client.sign_in(case.officer)
    form = client.get_page(path).form("#propose").values()
    arguments = [(user.id, path, form) for user in (case.officer, colleague) for _ in range(4)]
    outcomes = run_at_once(send_proposal, arguments, settings=settings)
    pids = db.session.scalars(select(Placement.pid)).all()
    led = {o.value or (o.error, o.words) for o in outcomes}
    assert led == {(303, f"/placements/{pid}") for pid in pids}
    assert len(pids) == 1


def test_proposal_leads_to_the_running_one_when_a_second_tab_sends_it(
    client: QualityClient,
) -> None:
    case = a_case(headcount=9)
    client.sign_in(case.officer)
    path = f"/clients/{case.person.pid}/propose/{case.vacancy.pid}"
    tabs = [client.get_page(path).form("#propose") for _ in range(2)]
    first, second, again = [client.send(tab, status=200) for tab in (*tabs, tabs[1])]
    assert first.path == second.path == again.path
    assert first.has_text("已推荐。下一步")
    for page in (second, again):
        assert not page.has_text("已推荐。下一步")
    assert second.has_text("已经推荐过，正在进行中")
    assert db.session.scalar(select(func.count()).select_from(Placement)) == 1


def test_submission_keys_are_forgotten_when_nobody_can_send_them_again(
    app: Flask, clock: Clock
) -> None:
    submissions.claim("old", now=clock.now - submissions.KEEP - timedelta(seconds=1))
    submissions.claim("young", now=clock.now - submissions.KEEP)
    assert submissions.forget_old(now=clock.now) == 1
    transaction.commit()
    assert db.session.scalars(select(Submission.key)).all() == ["young"]
    assert db.session.scalar(select(func.count()).select_from(Submission)) == 1
