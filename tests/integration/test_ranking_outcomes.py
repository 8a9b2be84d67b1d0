"""What the ranking learns from a proposal: how long it was watched, whose it was; blindness."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from matchboard.domain.calendar import BEIJING
from matchboard.domain.client import ClientKind, Sex, Tier
from matchboard.domain.placement import PlacementState
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import db
from matchboard.ranking import tables
from matchboard.ranking.opening_index import LiveIndex
from matchboard.ranking.outcomes import placement_cells, read_outcomes
from matchboard.ranking.shortlist import day_number
from tests import factories
from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("app")
S = PlacementState
TODAY = factories.TODAY
START, SEEN, END = date(2026, 6, 1), date(2026, 8, 30), date(2026, 9, 15)
#: Half past midnight in Beijing; in UTC the day before.
CHANGED = datetime(2026, 10, 10, 0, 30, tzinfo=BEIJING)
AHEAD = datetime(2026, 12, 1, 0, 30, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("state", "attributes", "seen_working_on", "expected"),
    [
        (S.PROPOSED, {}, None, None),
        (S.WITHDRAWN, {}, None, None),
        (S.DECLINED_BY_EMPLOYER, {}, None, CHANGED.date()),
        (S.EXPIRED, {}, None, CHANGED.date()),
        (S.NO_SHOW, {"state_changed_at": AHEAD}, None, TODAY),
        (S.STARTED, {"started_on": START}, None, START),
        (S.STARTED, {"started_on": START}, SEEN, SEEN),
        (S.STARTED, {"started_on": SEEN}, START, SEEN),
        (S.STARTED, {"started_on": None}, None, None),
        (S.ENDED, {"started_on": START, "ended_on": END}, SEEN, END),
        (S.COMPLETED, {"started_on": START}, SEEN, CHANGED.date()),
    ],
)
def test_proposal_is_watched_until_nobody_knows_more(
    state: S,
    attributes: dict[str, Any],
    seen_working_on: date | None,
    expected: date | None,
    clock: Clock,
) -> None:
    given = {"state_changed_at": CHANGED, **attributes}
    placement = factories.PlacementFactory(
        state=state, propensity=0.25, wage_cny_month=4800, **given
    )
    cells = placement_cells(placement, seen_working_on, today=TODAY)
    assert cells["observed_until"] == expected
    assert (cells["placement_id"], cells["proposed_on"]) == (placement.pid, placement.proposed_on)
    assert (cells["propensity"], cells["wage_cny_month"]) == (0.25, 4800)
    assert (cells["started_on"], cells["ended_on"]) == (placement.started_on, placement.ended_on)


@pytest.mark.parametrize("state", [S.INTERVIEW, S.DECLINED_BY_EMPLOYER, S.STARTED], ids=str)
def test_interview_is_known_when_there_was_an_appointment(state: S, clock: Clock) -> None:
    placement = factories.PlacementFactory(state=state, interview_at=CHANGED)
    assert placement_cells(placement, None, today=TODAY)["interviewed"] == 1


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([{"still_employed": True, "same_employer": True}], SEEN),
        ([{"still_employed": True, "same_employer": None}], SEEN),
        ([{"still_employed": True, "same_employer": False}], START),
        ([{"still_employed": False, "same_employer": None}], START),
        ([{"still_employed": None, "done_on": None}], START),
    ],
    ids=["here", "not-asked-where", "elsewhere", "not-at-work", "not-done"],
)
def test_job_is_seen_by_the_last_check_that_found_the_person_in_it(
    answers: list[dict[str, Any]], expected: date, clock: Clock
) -> None:
    other = factories.PlacementFactory(state=S.STARTED, started_on=START, proposed_on=START)
    placement = factories.PlacementFactory(state=S.STARTED, started_on=START, proposed_on=START)
    for day, values in zip((30, 90), answers, strict=False):
        factories.OutcomeCheckFactory(
            placement_id=placement.id,
            day=day,
            due_on=SEEN - timedelta(days=5),
            **{"done_on": SEEN, **values},
        )
    watched = read_outcomes(today=TODAY).placements.observed_until
    assert [int(day) for day in watched] == [day_number(START), day_number(expected)]
    assert other.id < placement.id


def test_each_proposal_has_its_own_person_and_opening(clock: Clock) -> None:
    factories.ClientFactory()  # never proposed: teaches nothing
    factories.VacancyFactory()
    people = [factories.ClientFactory() for _ in range(3)]
    openings = [factories.VacancyFactory(state=VacancyState.CLOSED) for _ in range(2)]
    pairs = [(2, 0), (0, 1), (2, 1), (1, 0)]
    for person, opening in pairs:
        factories.PlacementFactory(
            client=people[person], vacancy=openings[opening], state=S.DECLINED_BY_EMPLOYER
        )
    factories.PlacementFactory(client=people[0], vacancy=None, partner=None, state=S.STARTED)
    found = read_outcomes(today=TODAY)
    client_ids, vacancy_ids = found.clients.client_id, found.vacancies.vacancy_id
    assert list(client_ids) == [person.pid for person in people]
    assert list(vacancy_ids) == [opening.pid for opening in openings]
    of_placements = zip(found.placements.client_id, found.placements.vacancy_id, strict=True)
    expected = [(people[person].pid, openings[opening].pid) for person, opening in pairs]
    assert list(of_placements) == expected


@pytest.mark.parametrize(
    ("born", "group"),
    [
        (date(1991, 11, 25), "under_35"),
        (date(1991, 11, 24), "35_to_49"),
        (date(1976, 11, 25), "35_to_49"),
        (date(1976, 11, 24), "50_up"),
        (date(1976, 12, 1), "35_to_49"),
        (date(1991, 10, 30), "35_to_49"),
    ],
)
def test_groups_are_of_the_attributes_and_the_age_today(
    born: date, group: str, clock: Clock
) -> None:
    kind = list(ClientKind)[-1]
    person = factories.ClientFactory(birth_date=born, sex=Sex.FEMALE, tier=Tier.KEY, kind=kind)
    unknown = factories.ClientFactory(sex=None)
    for one in (person, unknown):
        factories.PlacementFactory(client=one)
    assert {name: codes[0] for name, codes in read_outcomes(today=TODAY).groups.items()} == {
        "sex": Sex.FEMALE.value,
        "age": group,
        "kind": kind.value,
        "tier": Tier.KEY.value,
    }
    assert read_outcomes(today=TODAY).groups["sex"] == (Sex.FEMALE.value, "")


@pytest.mark.parametrize(
    ("attribute", "values"),
    [
        ("sex", [Sex.MALE, Sex.FEMALE, None]),
        ("tier", list(Tier)),
        ("kind", list(ClientKind)),
        ("birth_date", [date(1985, 5, 20), date(1990, 2, 28), date(1988, 2, 29)]),
    ],
)
def test_row_that_tells_one_protected_attribute_is_found_whatever_its_value(
    attribute: str, values: list[Any], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = factories.ClientFactory()
    factories.PlacementFactory(client=person)
    plain = tables.client_cells

    def telling(client: Any, **options: Any) -> dict[str, object]:
        return {**plain(client, **options), "text": str(getattr(client, attribute))}

    for value in values:
        setattr(person, attribute, value)
        db.session.flush()
        assert read_outcomes(today=TODAY).is_blind
        with monkeypatch.context() as patch:
            patch.setattr(tables, "client_cells", telling)
            assert not read_outcomes(today=TODAY).is_blind


def test_legal_scopes_are_those_of_the_openings_that_are_open(clock: Clock) -> None:
    one, two = (factories.VacancyFactory(posts=["post.a"]) for _ in range(2))
    other = factories.VacancyFactory(posts=["post.b"])
    live = LiveIndex()

    def scopes() -> list[set[str]]:
        live.refresh(now=clock.move(minutes=1))
        return sorted((set(pids) for _, pids in live.scopes()), key=sorted)

    def put(vacancy: Any, **values: Any) -> None:
        for name, value in {**values, "updated_at": clock.now}.items():
            setattr(vacancy, name, value)
        db.session.flush()

    def expected(*pids: set[str]) -> list[set[str]]:
        return sorted(pids, key=sorted)

    assert scopes() == expected({one.pid, two.pid}, {other.pid})
    put(one, state=VacancyState.PAUSED)
    assert scopes() == expected({two.pid}, {other.pid})
    put(other, posts=["post.a"])
    assert scopes() == [{two.pid, other.pid}]
    put(two, state=VacancyState.CLOSED)
    put(other, state=VacancyState.PAUSED)
    assert scopes() == []
    put(one, state=VacancyState.OPEN)
    assert scopes() == [{one.pid}]
    assert live.scope_of(one.pid)
