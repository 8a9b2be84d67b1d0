"""What a consent opens: the widest of those in force, in whatever order they were given."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from matchboard.domain.client import ConsentScope
from matchboard.domain.consent import fields_of, is_open_to_employer, widest
from matchboard.domain.placement import EMPLOYER_VIEW_DAYS, PlacementState
from tests.factories import NOW

CARD, CONTACT = ConsentScope.CARD, ConsentScope.CARD_AND_CONTACT


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        ((), None),
        ((CARD,), CARD),
        ((CONTACT,), CONTACT),
        ((CARD, CARD), CARD),
        ((CARD, CARD, CONTACT), CONTACT),
    ],
    ids=["none", "card", "contact", "card-twice", "widened"],
)
def test_widest_scope_counts_in_whatever_order_it_was_given(
    scopes: tuple[ConsentScope, ...], expected: ConsentScope | None
) -> None:
    for order in permutations(scopes):
        assert widest(list(order)) is expected


def test_name_and_phone_are_opened_by_the_wider_scope_alone() -> None:
    assert set(fields_of(CONTACT)) - set(fields_of(CARD)) == {"name", "phone"}


@pytest.mark.parametrize("state", list(PlacementState), ids=str)
def test_view_is_open_by_state_time_and_consent(state: PlacementState) -> None:
    running = {"sent", "interview", "offered", "started"}
    closes_later = {"ended", "completed"}
    last = timedelta(days=EMPLOYER_VIEW_DAYS)
    moments = (timedelta(0), last - timedelta(seconds=1), last)
    seen = [
        is_open_to_employer(state, changed_at=NOW, now=NOW + after, has_consent=True)
        for after in moments
    ]
    if state.value in running:
        assert seen == [True, True, True]
    elif state.value in closes_later:
        assert seen == [True, True, False]
    else:
        assert seen == [False, False, False]
    assert not is_open_to_employer(state, changed_at=NOW, now=NOW, has_consent=False)
