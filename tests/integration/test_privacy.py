"""What must never leave: each test is a way in that a review found or tried."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from matchboard.domain.client import ConsentScope
from matchboard.domain.errors import Conflict, NotFound
from matchboard.domain.organisation import PartnerState
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, FormDraft, Partner, Submission
from matchboard.services import legal_gate, personal_links, placements, referrals, tick
from matchboard.services.seen import shown_version
from matchboard.services.step_details import StepDetails
from matchboard.web import sessions
from tests import factories

CONTACT = ConsentScope.CARD_AND_CONTACT


def _sent(employer: Any, **attributes: Any) -> Any:
    own = db.session.scalars(select(Partner).where(Partner.unit_id == employer.unit_id)).one()
    opening = factories.VacancyFactory(partner=own, headcount=3)
    placement = factories.PlacementFactory(vacancy=opening, **{"state": "sent", **attributes})
    factories.ConsentFactory(placement=placement, scope=CONTACT)
    return placement


def test_token_of_a_personal_link_is_stored_nowhere_in_clear(client: Any, clock: Any) -> None:
    officer = factories.UserFactory(role=Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    placement = factories.PlacementFactory(client=person)
    _, token = personal_links.create_link(person, actor=officer.actor, now=clock.now)
    fields = {"reason": "too_far", "birth_date": person.birth_date.isoformat()}
    named = {f"decline-{placement.pid}-{name}": value for name, value in fields.items()}
    client.submit(f"/me/{token}", named, form=f"form[action$='/{placement.pid}/decline']")
    for table in db.metadata.sorted_tables:
        rows = db.session.execute(text(f'SELECT * FROM "{table.name}"')).all()  # noqa: S608
        assert token not in str(rows), table.name


def test_submission_key_of_somebody_else_claims_nothing(client: Any) -> None:
    first, second = client, client.another()
    for browser in (first, second):
        user = browser.sign_in(Role.OFFICER)
        person = factories.ClientFactory(office=user.unit)
        browser.post(
            f"/clients/{person.pid}/settle",
            {
                "submission_key": "the-same-key",
                "placement_type": "gig",
                "description": "送货",
                "started_on": "2026-11-20",
                "version": placements.work_version(person),
            },
            status=303,
        )
    # Two digests a form: of sender, address and key, and of what it said, too.
    assert len(set(db.session.scalars(select(Submission.key)).all())) == 4


def test_card_holds_no_words_typed_by_hand(app: Any) -> None:
    placement = factories.PlacementFactory()
    card = referrals.preview(placement, ConsentScope.CARD_AND_CONTACT)
    assert set(card.__slots__) == {
        "scope",
        "code_name",
        "skills",
        "certificates",
        "area",
        "earliest_start_on",
        "name",
        "phone",
    }


@pytest.mark.parametrize(
    ("attribute", "value"), [("state", PartnerState.SUSPENDED), ("agreement_signed_on", None)]
)
def test_view_closes_when_the_employer_is_suspended_or_unbound(
    client: Any, attribute: str, value: Any
) -> None:
    employer = client.sign_in(Role.ENTERPRISE)
    placement = _sent(employer)
    assert client.get_page(f"/partner/referrals/{placement.pid}").has_text(placement.client.name)
    setattr(placement.partner, attribute, value)
    page = client.get_page(f"/partner/referrals/{placement.pid}")
    assert not page.has_text(placement.client.name)
    seen = {"version": shown_version(placement)}
    client.post(f"/partner/referrals/{placement.pid}/refuse", seen, status=409)


def test_employer_learns_nothing_of_another_job(app: Any, clock: Any) -> None:
    employer = factories.UserFactory(role=Role.ENTERPRISE)
    placement = _sent(employer, state="offered", holds_reservation=True)
    placement.vacancy.n_reserved = 1
    factories.PlacementFactory(client=placement.client, state="started")
    with pytest.raises(Conflict) as refusal:
        placements.advance(
            placement,
            "start",
            actor=employer.actor,
            now=clock.now,
            details=StepDetails(start_on=clock.today),
        )
    assert refusal.value.code == "ask_office"


def test_miss_is_not_taken_back_by_the_employer_without_consent(client: Any, clock: Any) -> None:
    employer = client.sign_in(Role.ENTERPRISE)
    placement = _sent(employer, state="no_show", state_changed_at=clock.now)
    path, seen = f"/partner/referrals/{placement.pid}", {"version": shown_version(placement)}
    (consent,) = placement.consents
    consent.withdrawn_at = clock.now
    page = client.post(f"{path}/undo_miss", seen, status=409)
    assert not page.has_text(placement.client.name)
    consent.withdrawn_at = None
    client.post(f"{path}/undo_miss", seen, status=303)
    assert client.get_page(path).has_text(placement.client.name)


def test_offence_facts_are_never_kept_as_a_draft(client: Any, clock: Any) -> None:
    officer = client.sign_in(Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    client.stays_awake = False
    page = f"/clients/{person.pid}/restricted"
    profile = f"/clients/{person.pid}/profile/preferences"
    client.edit_session(seen_at=int(clock.now.timestamp()))
    with client.app.test_request_context():
        name = sessions._signer().dumps(officer.fs_uniquifier)
    client.browser.set_cookie(sessions.LAST_COOKIE, name)
    clock.move(hours=9)
    facts = {"records-0-kinds": "offence", "records-0-note": "案情", "version": "0"}
    # As a browser sends it, with the page it stood on; by htmx too.
    for path, headers in (
        (f"{page}/record", {"Referer": f"http://localhost{page}"}),
        (page, {"Referer": f"http://localhost{page}"}),
        (f"{page}/record", {"HX-Request": "true", "HX-Current-URL": f"http://localhost{page}"}),
        (f"{page}/record", {"Referer": f"http://localhost{profile}"}),
    ):
        refused = client.request("POST", path, data=facts, headers=headers)
        assert refused.location.startswith("/login")
        assert not db.session.scalars(select(FormDraft)).all()
    # The twin: an ordinary form sent in the same way is kept.
    headers = {"Referer": f"http://localhost{profile}"}
    client.request("POST", profile, data={"wishes": "想学缝纫"}, headers=headers)
    (draft,) = db.session.scalars(select(FormDraft)).all()
    assert (draft.path, draft.fields) == (profile, '[["wishes", "想学缝纫"]]')


def test_drafts_and_failures_are_forgotten_by_the_tick(app: Any, clock: Any) -> None:
    user = factories.UserFactory()
    db.session.add(
        FormDraft(
            token_digest="d" * 64,
            user_id=user.id,
            path="/clients/new",
            fields="[]",
            created_at=clock.now - timedelta(days=3),
        )
    )
    db.session.flush()
    assert len(db.session.scalars(select(FormDraft)).all()) == 1
    tick.run(now=clock.now)
    assert not db.session.scalars(select(FormDraft)).all()


def test_audit_tells_nothing_of_offences(app: Any, clock: Any) -> None:
    officer = factories.UserFactory(role=Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    opening = factories.VacancyFactory()
    legal_gate.decide(
        person,
        opening,
        may_proceed=True,
        grounds="已向本人核实，不属于禁止从事的岗位",
        actor=officer.actor,
        now=clock.now,
        on=clock.today,
    )
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.verb == "legal_gate.decide")
    ).one()
    assert set(entry.detail) == {"vacancy", "may_proceed", "n_rules"}


def test_link_closes_when_the_case_does(app: Any, clock: Any) -> None:
    officer = factories.UserFactory(role=Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    _, token = personal_links.create_link(person, actor=officer.actor, now=clock.now)
    assert personal_links.find_link(token, now=clock.now).client is person
    person.stage = "discharged"
    db.session.flush()
    with pytest.raises(NotFound):
        personal_links.find_link(token, now=clock.now)
