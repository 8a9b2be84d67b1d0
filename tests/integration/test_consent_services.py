"""Consent to one referral: give, widen, withdraw, and what the employer sees by it."""

from __future__ import annotations

import pytest

from matchboard.domain.client import CONSENT_TEXT_VERSION, ConsentMethod, ConsentScope
from matchboard.domain.consent import CARD_FIELDS, CONTACT_FIELDS
from matchboard.domain.errors import Conflict, NotAllowed
from matchboard.domain.placement import PlacementReason, PlacementState
from matchboard.domain.roles import Role
from matchboard.services import consents, referrals
from matchboard.services.placement_rules import consent_in_force
from matchboard.web.template_setup import localtime
from tests.client import QualityClient
from tests.conftest import Clock
from tests.integration.placement_paths import (
    a_case,
    audit_verbs,
    brought_to,
    event_names,
    folded_state,
    last_event,
    places,
    propose,
    take,
)
from tests.sql import watch_sql

pytestmark = pytest.mark.usefixtures("app")
S = PlacementState
CARD, BOTH = ConsentScope.CARD, ConsentScope.CARD_AND_CONTACT


@pytest.mark.parametrize(
    ("role", "method"),
    [
        (Role.OFFICER, ConsentMethod.SIGNED_AT_DESK),
        (Role.CLIENT, ConsentMethod.PERSONAL_LINK),
    ],
)
@pytest.mark.parametrize(
    ("scope", "fields"), [(CARD, CARD_FIELDS), (BOTH, CARD_FIELDS + CONTACT_FIELDS)]
)
def test_consent_names_fields_text_and_method_when_given(
    role: Role, method: ConsentMethod, scope: ConsentScope, fields: tuple[str, ...], clock: Clock
) -> None:
    case = a_case()
    placement = propose(case, clock)
    consents.give(placement, scope, actor=case.actors[role], now=clock.now)
    (row,) = placement.consents
    assert (row.scope, row.method, row.text_version) == (scope, method, CONSENT_TEXT_VERSION)
    assert tuple(row.fields) == fields
    assert (row.partner_id, row.client_id) == (case.vacancy.partner_id, case.person.id)
    assert row.created_at == clock.now
    assert placement.state is S.CONSENTED


def sent_with_card(clock: Clock):  # type: ignore[no-untyped-def]
    case = a_case()
    placement = propose(case, clock)
    consents.give(placement, CARD, actor=case.officer.actor, now=clock.now)
    take(placement, "send", case, clock)
    return case, placement


def test_employer_sees_name_and_phone_when_consent_is_widened(clock: Clock) -> None:
    case, placement = sent_with_card(clock)
    employer = case.employer.actor
    before = referrals.read_referral(placement.pid, actor=employer, now=clock.now).card
    consents.give(placement, BOTH, actor=case.officer.actor, now=clock.now)
    after = referrals.read_referral(placement.pid, actor=employer, now=clock.now).card
    assert before is not None
    assert after is not None
    assert (before.name, before.phone) == (None, None)
    assert (after.name, after.phone) == (case.person.name, case.person.phone)
    assert placement.state is S.SENT
    assert last_event(placement).detail == {"scope": "card_and_contact"}
    assert folded_state(placement) == "sent"


@pytest.mark.parametrize("step", ["invite", "offer"])
def test_step_is_possible_when_consent_was_widened(step: str, clock: Clock) -> None:
    case, placement = sent_with_card(clock)
    consents.give(placement, BOTH, actor=case.actors[Role.CLIENT], now=clock.now)
    take(placement, step, case, clock)


@pytest.mark.parametrize(("first", "second"), [(CARD, CARD), (BOTH, BOTH), (BOTH, CARD)])
def test_consent_is_refused_when_it_opens_nothing_new(
    first: ConsentScope, second: ConsentScope, clock: Clock
) -> None:
    case = a_case()
    placement = propose(case, clock)
    consents.give(placement, first, actor=case.officer.actor, now=clock.now)
    with pytest.raises(Conflict, match="scope_already_open"):
        consents.give(placement, second, actor=case.officer.actor, now=clock.now)


@pytest.mark.parametrize("state", [S.STARTED, S.ENDED, S.DECLINED_BY_CLIENT, S.EXPIRED])
def test_consent_cannot_be_widened_when_the_proposal_is_over(state: S, clock: Clock) -> None:
    case = a_case()
    placement = brought_to(state, case, clock)
    with pytest.raises(Conflict, match="wrong_state"):
        consents.give(placement, BOTH, actor=case.officer.actor, now=clock.now)


@pytest.mark.parametrize("role", [Role.ENTERPRISE, Role.SYSTEM])
def test_consent_is_nobody_elses_to_give_or_withdraw(role: Role, clock: Clock) -> None:
    case, placement = sent_with_card(clock)
    with pytest.raises(NotAllowed):
        consents.give(placement, BOTH, actor=case.actors[role], now=clock.now)
    with pytest.raises(NotAllowed):
        consents.withdraw(placement, actor=case.actors[role], now=clock.now)
    fresh = propose(a_case(), clock)
    with pytest.raises(NotAllowed):
        consents.give(fresh, CARD, actor=case.actors[role], now=clock.now)
    consents.give(placement, BOTH, actor=case.actors[Role.CLIENT], now=clock.now)
    assert consent_in_force(placement.id) is BOTH


@pytest.mark.parametrize("role", [Role.OFFICER, Role.CLIENT])
@pytest.mark.parametrize("state", [S.CONSENTED, S.SENT, S.INTERVIEW, S.OFFERED])
def test_placement_is_withdrawn_when_consent_is_before_the_start(
    state: S, role: Role, clock: Clock
) -> None:
    case = a_case()
    placement = brought_to(state, case, clock)
    consents.withdraw(placement, actor=case.actors[role], now=clock.now)
    assert placement.state is S.WITHDRAWN
    assert event_names(placement)[-2:] == ["withdraw_consent", "withdraw"]
    assert last_event(placement).reason is PlacementReason.CONSENT_WITHDRAWN
    assert audit_verbs(placement)[-2:] == ["placement.withdraw_consent", "placement.withdraw"]
    assert places(case.vacancy) == (0, 0)
    assert all(c.withdrawn_at == clock.now for c in placement.consents)


@pytest.mark.parametrize("state", [S.SENT, S.INTERVIEW, S.OFFERED, S.STARTED, S.ENDED])
def test_view_closes_at_once_when_consent_is_withdrawn(state: S, clock: Clock) -> None:
    case = a_case()
    placement = brought_to(state, case, clock)
    employer = case.employer.actor
    assert referrals.read_referral(placement.pid, actor=employer, now=clock.now).card is not None
    consents.withdraw(placement, actor=case.officer.actor, now=clock.now)
    assert referrals.read_referral(placement.pid, actor=employer, now=clock.now).card is None


def test_job_goes_on_when_consent_is_withdrawn_after_the_start(clock: Clock) -> None:
    case = a_case()
    placement = brought_to(S.STARTED, case, clock)
    consents.withdraw(placement, actor=case.officer.actor, now=clock.now)
    assert placement.state is S.STARTED
    assert places(case.vacancy) == (0, 1)


def test_withdrawal_is_refused_when_there_is_no_consent(clock: Clock) -> None:
    case = a_case()
    placement = propose(case, clock)
    with pytest.raises(Conflict, match="consent_missing"):
        consents.withdraw(placement, actor=case.officer.actor, now=clock.now)


def test_widening_is_refused_when_consent_was_withdrawn(clock: Clock) -> None:
    case, placement = sent_with_card(clock)
    for row in placement.consents:
        row.withdrawn_at = clock.now
    with pytest.raises(Conflict, match="consent_missing"):
        consents.give(placement, BOTH, actor=case.officer.actor, now=clock.now)
    with pytest.raises(Conflict, match="consent_missing"):
        take(placement, "invite", case, clock)


def test_every_consent_is_listed_for_the_person_when_widened_and_withdrawn(
    client: QualityClient, clock: Clock
) -> None:
    case, placement = sent_with_card(clock)
    a_case()  # somebody else's
    given = localtime(clock.now)
    clock.move(days=1)
    consents.give(placement, BOTH, actor=case.actors[Role.CLIENT], now=clock.now)
    widened = localtime(clock.now)
    clock.move(days=1)
    consents.withdraw(placement, actor=case.officer.actor, now=clock.now)
    withdrawn = localtime(clock.now)
    name, pid, person = case.vacancy.partner.name, placement.pid, case.person.pid
    client.sign_in(case.officer)
    with watch_sql() as seen:
        page = client.get_page(f"/clients/{person}/placements")
    assert sum("FROM consent" in str(statement) for statement in seen) == 1
    rows = [row.get_text("|", strip=True) for row in page.all("#consents tbody tr")]
    assert rows == [
        f"{name}|推荐卡和联系方式|{widened}|本人通过专属链接|{withdrawn}",
        f"{name}|匿名推荐卡|{given}|当面签字|{withdrawn}",
    ]
    links = {link["href"] for link in page.all("#consents a")}
    assert links == {f"/placements/{pid}"}
