"""Who opens a restricted record: role × lead × head × cover."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from matchboard.domain.errors import InvalidFields
from matchboard.domain.record_access import (
    COVER_AHEAD_DAYS,
    COVER_DAYS_MAX,
    Cover,
    CoverState,
    Ground,
    check_period,
    heads_of,
    may_state_cover,
    record_access,
)
from matchboard.domain.roles import ACCOUNT_ROLES, Actor, Role

OFFICE, OTHER_OFFICE = 7, 8
ME, LEAD, HEAD, SOMEBODY = 1, 2, 3, 4
DAY = date(2026, 11, 24)


def cover(**changes: Any) -> Cover:
    given: dict[str, Any] = {
        "pid": "cover",
        "office_id": OFFICE,
        "covered_id": LEAD,
        "covering_id": ME,
        "from_on": DAY - timedelta(days=1),
        "until_on": DAY + timedelta(days=1),
    }
    return Cover(**{**given, **changes})


IN_FORCE = cover()
G = Ground


@pytest.mark.parametrize(
    ("unit_id", "lead_id", "heads", "covers", "ground"),
    [
        pytest.param(OFFICE, ME, {HEAD}, [], G.LEAD, id="lead"),
        pytest.param(OFFICE, ME, {ME}, [], G.LEAD, id="lead-and-head"),
        pytest.param(OFFICE, LEAD, {ME}, [], G.HEAD, id="head"),
        pytest.param(OFFICE, LEAD, {ME}, [IN_FORCE], G.HEAD, id="head-with-cover"),
        pytest.param(OFFICE, LEAD, {HEAD}, [], None, id="other-officer"),
        pytest.param(OFFICE, LEAD, set(), [], None, id="other-officer-without-head"),
        pytest.param(OFFICE, None, {ME}, [], G.HEAD, id="no-lead-head"),
        pytest.param(OFFICE, None, {HEAD}, [], None, id="no-lead-other-officer"),
        pytest.param(OFFICE, None, {HEAD}, [IN_FORCE], None, id="no-lead-cover-of-somebody"),
        pytest.param(OFFICE, None, set(), [], G.OFFICE, id="no-lead-no-head"),
        pytest.param(OFFICE, LEAD, {HEAD}, [IN_FORCE], G.COVER, id="cover"),
        pytest.param(OFFICE, LEAD, {HEAD}, [cover(from_on=DAY)], G.COVER, id="first-day"),
        pytest.param(OFFICE, LEAD, {HEAD}, [cover(until_on=DAY)], G.COVER, id="last-day"),
        pytest.param(
            OFFICE, LEAD, {HEAD}, [cover(from_on=DAY + timedelta(days=1))], None, id="not-begun"
        ),
        pytest.param(
            OFFICE, LEAD, {HEAD}, [cover(until_on=DAY - timedelta(days=1))], None, id="expired"
        ),
        pytest.param(OFFICE, LEAD, {HEAD}, [cover(is_ended=True)], None, id="ended"),
        pytest.param(OFFICE, LEAD, {HEAD}, [cover(covered_id=SOMEBODY)], None, id="other-lead"),
        pytest.param(OFFICE, LEAD, {HEAD}, [cover(covering_id=SOMEBODY)], None, id="by-other"),
        pytest.param(
            OFFICE, LEAD, {HEAD}, [cover(office_id=OTHER_OFFICE)], None, id="cover-elsewhere"
        ),
        pytest.param(
            OFFICE, LEAD, {HEAD}, [cover(is_ended=True), IN_FORCE], G.COVER, id="ended-and-new"
        ),
        pytest.param(OTHER_OFFICE, LEAD, {HEAD}, [IN_FORCE], None, id="left-the-office"),
        pytest.param(OTHER_OFFICE, ME, {HEAD}, [], None, id="lead-left-the-office"),
        pytest.param(OTHER_OFFICE, None, set(), [], None, id="other-office-no-lead"),
        pytest.param(OTHER_OFFICE, LEAD, {ME}, [], None, id="other-office-head"),
    ],
)
def test_record_opens_for_an_officer_when_lead_head_or_under_cover(
    unit_id: int, lead_id: int | None, heads: set[int], covers: list[Cover], ground: Ground | None
) -> None:
    officer = Actor(Role.OFFICER, user_id=ME, unit_id=unit_id)
    found = record_access(
        officer, office_id=OFFICE, lead_id=lead_id, head_ids=heads, covers=covers, on=DAY
    )
    assert (found and found.ground) == ground
    if found is not None:
        assert (found.cover is not None) is (ground is Ground.COVER)
        assert found.may_hand_over is (ground is not Ground.COVER)


@pytest.mark.parametrize("role", [Role.CLIENT, Role.VISITOR, Role.SYSTEM, *ACCOUNT_ROLES])
def test_record_opens_by_role_when_all_else_would_open_it(role: Role) -> None:
    actor = Actor(role, user_id=ME, unit_id=OFFICE)
    for lead_id, heads in ((ME, {ME}), (LEAD, {ME}), (LEAD, {HEAD}), (None, set())):
        found = record_access(
            actor, office_id=OFFICE, lead_id=lead_id, head_ids=heads, covers=[IN_FORCE], on=DAY
        )
        assert (found is not None) is (role in {Role.OFFICER, Role.DISTRICT})
        assert may_state_cover(actor, covered_id=ME, head_ids=heads) is (found is not None)


def test_record_stays_closed_to_an_officer_without_account() -> None:
    nobody = Actor(Role.OFFICER, unit_id=OFFICE)
    assert record_access(
        Actor(Role.OFFICER, user_id=ME, unit_id=OFFICE),
        office_id=OFFICE, lead_id=None, head_ids=(), covers=(), on=DAY,
    )  # fmt: skip
    assert not record_access(nobody, office_id=OFFICE, lead_id=None, head_ids=(), covers=(), on=DAY)


@pytest.mark.parametrize(
    ("officers", "heads"),
    [
        ([], set()),
        ([(ME, False)], {ME}),
        ([(ME, True)], {ME}),
        ([(ME, False), (HEAD, True)], {HEAD}),
        ([(ME, False), (LEAD, False)], set()),
    ],
    ids=["nobody", "only-officer", "only-and-named", "named", "several-none-named"],
)
def test_head_is_who_is_named_or_the_only_officer(
    officers: list[tuple[int, bool]], heads: set[int]
) -> None:
    assert heads_of(officers) == heads


@pytest.mark.parametrize(
    ("user_id", "covered_id", "heads", "may"),
    [
        (ME, ME, {HEAD}, True),
        (ME, LEAD, {HEAD}, False),
        (HEAD, LEAD, {HEAD}, True),
        (ME, LEAD, set(), False),
    ],
    ids=["own-absence", "colleague", "head", "no-head"],
)
def test_cover_is_stated_by_the_absent_officer_or_the_head(
    user_id: int, covered_id: int, heads: set[int], may: bool
) -> None:
    actor = Actor(Role.OFFICER, user_id=user_id, unit_id=OFFICE)
    assert may_state_cover(actor, covered_id=covered_id, head_ids=heads) is may


@pytest.mark.parametrize(
    ("start", "n_days", "problems"),
    [
        (0, 1, set()),
        (0, COVER_DAYS_MAX, set()),
        (COVER_AHEAD_DAYS, 2, set()),
        (0, COVER_DAYS_MAX + 1, {("cover_too_long", "until_on")}),
        (0, 0, {("cover_ends_before", "until_on")}),
        (-1, 5, {("date_in_past", "from_on")}),
        (COVER_AHEAD_DAYS + 1, 1, {("cover_too_far", "from_on")}),
        (-1, 99, {("date_in_past", "from_on"), ("cover_too_long", "until_on")}),
    ],
)
def test_period_is_refused_when_it_lies_back_or_ahead_or_is_long(
    start: int, n_days: int, problems: set[tuple[str, str]]
) -> None:
    from_on = DAY + timedelta(days=start)
    found = set()
    try:
        check_period(from_on, from_on + timedelta(days=n_days - 1), on=DAY)
    except InvalidFields as refused:
        found = {(p.code, p.field) for p in refused.problems}
    assert found == problems


def test_period_tells_of_each_day_when_one_is_missing() -> None:
    found = []
    for days in [(None, None), (DAY - timedelta(days=1), None), (None, DAY)]:
        with pytest.raises(InvalidFields) as refused:
            check_period(*days, on=DAY)
        found.append([(p.code, p.field) for p in refused.value.problems])
    missing = ("required", "until_on")
    assert found == [
        [("required", "from_on"), missing],
        [("date_in_past", "from_on"), missing],
        [("required", "from_on")],
    ]


def test_cover_stands_where_its_days_say() -> None:
    days = {cover().state(DAY + timedelta(days=n)) for n in (-1, 0, 1)}
    assert days == {CoverState.IN_FORCE}
    assert cover().state(DAY - timedelta(days=2)) is CoverState.COMING
    assert cover().state(DAY + timedelta(days=2)) is CoverState.EXPIRED
    assert cover(is_ended=True).state(DAY) is CoverState.ENDED
