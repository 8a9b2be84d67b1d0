"""The legal gate in front of a proposal: clear, blocked, review with a written decision."""

from __future__ import annotations

from typing import Any

import pytest

from matchboard.domain.errors import Conflict, InvalidInput
from matchboard.domain.occupational_bars import Outcome
from matchboard.domain.placement import PlacementState
from matchboard.extensions import db
from matchboard.models import AuditEntry, Placement
from matchboard.services import legal_gate
from tests.client import words
from tests.conftest import Clock
from tests.factories import VacancyFactory
from tests.integration.placement_paths import (
    AUDIT_POST,
    GROUNDS,
    NO_RECORDS,
    PENALTY,
    POLICE_POST,
    Case,
    a_case,
    audit_verbs,
    propose,
    with_facts,
)

pytestmark = pytest.mark.usefixtures("app")


def decide(case: Case, clock: Clock, **changes: Any) -> Any:
    values = {"may_proceed": True, "grounds": GROUNDS, **changes}
    return legal_gate.decide(
        case.person,
        case.vacancy,
        actor=case.officer.actor,
        now=clock.now,
        on=clock.today,
        **values,
    )


@pytest.mark.parametrize(
    ("post", "facts", "outcome"),
    [
        pytest.param({}, NO_RECORDS, Outcome.CLEAR, id="no-records"),
        pytest.param(POLICE_POST, NO_RECORDS, Outcome.CLEAR, id="no-records-guarded-post"),
        pytest.param(POLICE_POST, PENALTY, Outcome.BLOCKED, id="penalty-guarded-post"),
        pytest.param(AUDIT_POST, PENALTY, Outcome.REVIEW, id="start-of-term-unknown"),
        pytest.param({}, None, Outcome.REVIEW, id="nobody-has-looked"),
    ],
)
def test_gate_answers_by_post_and_facts(
    post: dict[str, Any], facts: str | None, outcome: Outcome, clock: Clock
) -> None:
    case = with_facts(a_case(**post), facts)
    found = legal_gate.verdict(case.person, case.vacancy, on=clock.today)
    assert found.outcome is outcome


def test_proposal_is_refused_with_the_citation_when_blocked(clock: Clock) -> None:
    case = with_facts(a_case(**POLICE_POST), PENALTY)
    for grounds in ("", GROUNDS):
        with pytest.raises(Conflict, match="legally_blocked") as refusal:
            propose(case, clock, grounds=grounds)
        assert refusal.value.details["source"]
        assert refusal.value.details["article"]
    assert db.session.scalar(db.select(db.func.count()).select_from(Placement)) == 0


def test_decision_is_asked_for_when_the_gate_says_review(clock: Clock) -> None:
    case = with_facts(a_case(**AUDIT_POST), PENALTY)
    with pytest.raises(InvalidInput) as refusal:
        propose(case, clock)
    assert (refusal.value.code, refusal.value.field) == ("decision_required", "grounds")


def test_proposal_passes_when_the_decision_is_written_with_it(clock: Clock) -> None:
    case = with_facts(a_case(**AUDIT_POST), PENALTY)
    placement = propose(case, clock, grounds=GROUNDS)
    decision = legal_gate.decision_for(case.person, case.vacancy)
    assert decision is not None
    assert (decision.grounds, decision.may_proceed) == (GROUNDS, True)
    assert decision.decided_by_id == case.officer.id
    assert decision.rule_ids
    assert placement.state is PlacementState.PROPOSED
    assert audit_verbs() == ["legal_gate.decide", "placement.propose"]
    entry = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id)).first()
    assert entry is not None
    assert GROUNDS not in str(entry.detail)


def test_proposal_passes_when_somebody_decided_before(clock: Clock) -> None:
    case = with_facts(a_case(**AUDIT_POST), PENALTY)
    decide(case, clock)
    assert propose(case, clock).state is PlacementState.PROPOSED


def test_proposal_is_refused_when_the_decision_was_against(clock: Clock) -> None:
    case = with_facts(a_case(**AUDIT_POST), PENALTY)
    decide(case, clock, may_proceed=False)
    with pytest.raises(Conflict, match="decided_against"):
        propose(case, clock)


def test_latest_decision_counts_when_there_are_several(clock: Clock) -> None:
    case = with_facts(a_case(**AUDIT_POST), PENALTY)
    decide(case, clock, may_proceed=False)
    decide(case, clock, may_proceed=True)
    assert propose(case, clock).state is PlacementState.PROPOSED


def test_decision_is_asked_for_again_when_another_rule_came_up(clock: Clock) -> None:
    case = with_facts(a_case(**AUDIT_POST), PENALTY)
    decision = decide(case, clock)
    decision.rule_ids = decision.rule_ids[1:]
    with pytest.raises(InvalidInput, match="decision_required"):
        propose(case, clock)


def test_decision_is_of_one_opening_only(clock: Clock) -> None:
    case = with_facts(a_case(**AUDIT_POST), PENALTY)
    decide(case, clock)
    with pytest.raises(InvalidInput, match="decision_required"):
        propose(case, clock, vacancy=VacancyFactory(**AUDIT_POST))


@pytest.mark.parametrize(
    ("facts", "post"), [(NO_RECORDS, {}), (PENALTY, POLICE_POST)], ids=["clear", "blocked"]
)
def test_decision_is_refused_when_there_is_nothing_to_decide(
    facts: str, post: dict[str, Any], clock: Clock
) -> None:
    case = with_facts(a_case(**post), facts)
    with pytest.raises(Conflict, match="no_review_needed"):
        decide(case, clock)


@pytest.mark.parametrize(
    ("grounds", "is_enough"), [("九个字的依据不够的", False), ("十" * 10, True)]
)
def test_decision_needs_ten_characters_of_grounds(
    grounds: str, is_enough: bool, clock: Clock
) -> None:
    case = with_facts(a_case(**AUDIT_POST), PENALTY)
    if is_enough:
        assert decide(case, clock, grounds=f" {grounds} ").grounds == grounds
        return
    with pytest.raises(InvalidInput) as refusal:
        decide(case, clock, grounds=f"   {grounds}   ")
    assert (refusal.value.code, refusal.value.field) == ("grounds_too_short", "grounds")


def test_employer_is_told_to_ask_by_itself_when_the_law_rests_on_sealed_records(
    client: Any,
) -> None:
    """Staff read it before they propose, the employer on its opening; nobody's facts say it."""
    case = a_case(occupation_code="4-09-08-01")
    case.vacancy.partner.employer_kinds = ["kindergarten"]
    client.sign_in(case.employer)
    own = client.get_page(f"/partner/vacancies/{case.vacancy.pid}")
    assert "学前教育法" in words(own.by_id("employer-queries"))
    client.sign_in(case.officer)
    page = client.get_page(f"/clients/{case.person.pid}/propose/{case.vacancy.pid}")
    assert page.has_text("法律要求用人单位或发证机关自己查询的")
    assert page.has_text("按登记的情况，法律没有限制从事这份工作。")
    case.vacancy.partner.employer_kinds = ["manufacturer"]
    client.sign_in(case.employer)
    assert not client.get_page(f"/partner/vacancies/{case.vacancy.pid}").all("#employer-queries")
