"""The placement table, cell by cell, against DOMAIN.md written out here by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from matchboard.domain.consent import is_open_to_employer
from matchboard.domain.placement import (
    BEFORE_START,
    EMPLOYER_VIEW_DAYS,
    FINAL,
    REASONS,
    TRANSITIONS,
    EmployerView,
    HeadcountEffect,
    PlacementReason,
    PlacementState,
    available,
)
from matchboard.domain.roles import Role

S, R = PlacementState, Role

#: (state, role) → the steps DOMAIN.md allows, written from the document and not from the code.
EXPECTED: dict[tuple[S, R], set[str]] = {
    (S.PROPOSED, R.CLIENT): {"consent", "decline"},
    (S.PROPOSED, R.OFFICER): {"consent", "decline", "withdraw"},
    (S.PROPOSED, R.SYSTEM): {"withdraw"},
    (S.CONSENTED, R.CLIENT): {"decline"},
    (S.CONSENTED, R.OFFICER): {"decline", "send", "withdraw"},
    (S.CONSENTED, R.SYSTEM): {"withdraw"},
    (S.SENT, R.CLIENT): {"decline"},
    (S.SENT, R.OFFICER): {"decline", "invite", "offer", "refuse", "withdraw"},
    (S.SENT, R.ENTERPRISE): {"invite", "offer", "refuse"},
    (S.SENT, R.SYSTEM): {"withdraw", "expire"},
    (S.INTERVIEW, R.CLIENT): {"decline"},
    (S.INTERVIEW, R.OFFICER): {"decline", "offer", "refuse", "miss", "withdraw"},
    (S.INTERVIEW, R.ENTERPRISE): {"offer", "refuse", "miss"},
    (S.INTERVIEW, R.SYSTEM): {"withdraw"},
    (S.OFFERED, R.CLIENT): {"decline"},
    (S.OFFERED, R.OFFICER): {"decline", "refuse", "start", "amend", "miss", "withdraw"},
    (S.OFFERED, R.ENTERPRISE): {"refuse", "start", "amend", "miss"},
    (S.OFFERED, R.SYSTEM): {"withdraw"},
    (S.STARTED, R.CLIENT): {"end"},
    (S.STARTED, R.OFFICER): {"end"},
    (S.STARTED, R.ENTERPRISE): {"end"},
    (S.STARTED, R.SYSTEM): {"complete"},
    (S.NO_SHOW, R.OFFICER): {"undo_miss"},
    (S.NO_SHOW, R.ENTERPRISE): {"undo_miss"},
}

#: State → what the employer sees in it, given consent (the document's last column).
SEES: dict[S, EmployerView] = {
    S.PROPOSED: EmployerView.NOTHING,
    S.CONSENTED: EmployerView.NOTHING,
    S.SENT: EmployerView.CONSENTED_FIELDS,
    S.INTERVIEW: EmployerView.CONSENTED_FIELDS,
    S.OFFERED: EmployerView.CONSENTED_FIELDS,
    S.STARTED: EmployerView.CONSENTED_FIELDS,
    S.COMPLETED: EmployerView.CLOSES_LATER,
    S.ENDED: EmployerView.CLOSES_LATER,
    S.DECLINED_BY_CLIENT: EmployerView.CLOSED,
    S.DECLINED_BY_EMPLOYER: EmployerView.CLOSED,
    S.NO_SHOW: EmployerView.CLOSED,
    S.WITHDRAWN: EmployerView.CLOSED,
    S.EXPIRED: EmployerView.CLOSED,
}

TARGETS = {
    "consent": S.CONSENTED,
    "decline": S.DECLINED_BY_CLIENT,
    "send": S.SENT,
    "invite": S.INTERVIEW,
    "offer": S.OFFERED,
    "refuse": S.DECLINED_BY_EMPLOYER,
    "amend": S.OFFERED,
    "start": S.STARTED,
    "miss": S.NO_SHOW,
    "undo_miss": S.INTERVIEW,
    "withdraw": S.WITHDRAWN,
    "expire": S.EXPIRED,
    "end": S.ENDED,
    "complete": S.COMPLETED,
}


@pytest.mark.parametrize("role", list(Role), ids=lambda r: r.value)
@pytest.mark.parametrize("state", list(S), ids=lambda s: s.value)
def test_steps_are_those_of_the_document_for_each_cell(state: S, role: R) -> None:
    assert {t.name for t in available(state, role)} == EXPECTED.get((state, role), set())


def test_steps_lead_where_the_document_says() -> None:
    assert {name: t.target for name, t in TRANSITIONS.items()} == TARGETS


def test_places_are_reserved_by_offer_and_filled_by_start_only() -> None:
    effects = {name: t.headcount for name, t in TRANSITIONS.items()}
    freeing = {n for n, e in effects.items() if e is HeadcountEffect.FREE}
    assert {n for n, e in effects.items() if e is HeadcountEffect.RESERVE} == {"offer"}
    assert {n for n, e in effects.items() if e is HeadcountEffect.FILL} == {"start"}
    assert freeing == {"decline", "refuse", "miss", "withdraw"}


@pytest.mark.parametrize("state", list(S), ids=lambda s: s.value)
def test_view_is_as_the_document_says_in_each_state(state: S) -> None:
    then = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    first, last, after = (
        is_open_to_employer(state, changed_at=then, now=then + late, has_consent=True)
        for late in (
            timedelta(),
            timedelta(days=EMPLOYER_VIEW_DAYS, seconds=-1),
            timedelta(days=EMPLOYER_VIEW_DAYS),
        )
    )
    stays = SEES[state] is EmployerView.CONSENTED_FIELDS
    closes_later = SEES[state] is EmployerView.CLOSES_LATER
    assert (first, last, after) == (stays or closes_later, stays or closes_later, stays)
    assert EMPLOYER_VIEW_DAYS == 30


@pytest.mark.parametrize("state", list(S), ids=lambda s: s.value)
def test_nothing_is_seen_in_any_state_when_there_is_no_consent(state: S) -> None:
    then = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    assert not is_open_to_employer(state, changed_at=then, now=then, has_consent=False)
    assert is_open_to_employer(S.SENT, changed_at=then, now=then, has_consent=True)


def test_table_names_the_view_of_the_state_a_step_leads_to() -> None:
    assert {n: t.employer for n, t in TRANSITIONS.items()} == {
        n: SEES[target] for n, target in TARGETS.items()
    }


def test_reasons_exist_for_exactly_the_steps_that_need_one() -> None:
    needing = {name for name, t in TRANSITIONS.items() if t.needs_reason}
    assert set(REASONS) == needing
    assert all(PlacementReason.OTHER in reasons for reasons in REASONS.values())


def test_every_state_is_under_way_started_or_final() -> None:
    assert BEFORE_START | {S.STARTED} | FINAL == frozenset(S)
    assert not BEFORE_START & FINAL
