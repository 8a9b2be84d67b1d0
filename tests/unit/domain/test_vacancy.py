"""What an opening becomes, in every state its owner may have left it in."""

from __future__ import annotations

import pytest

from matchboard.domain.vacancy import UNDECIDED, VACANCY_STEPS, VacancyState, is_held_back

S = VacancyState


@pytest.mark.parametrize("state", list(S))
def test_opening_is_held_back_only_when_paused_before_what_came_about_by_itself(state: S) -> None:
    for later in ([], [S.IN_REVIEW], [S.FILLED], [S.FILLED, S.IN_REVIEW, S.IN_REVIEW]):
        is_last = state not in UNDECIDED
        before = [] if is_last else [S.PAUSED]
        wanted = state is S.PAUSED or not is_last
        assert is_held_back([*later, state, *before]) is wanted
        assert is_held_back([*later, state, S.OPEN]) is (state is S.PAUSED)
    assert not is_held_back([])


def test_only_the_owner_lifts_a_pause() -> None:
    lifted = {
        step.name
        for step in VACANCY_STEPS.values()
        if step.target is S.OPEN and step.leads_to(is_held_back=True) is S.OPEN
    }
    assert lifted == {"resume", "refill", "reappear"}
    assert {step.leads_to(is_held_back=False) for step in VACANCY_STEPS.values()} == {
        step.target for step in VACANCY_STEPS.values()
    }
