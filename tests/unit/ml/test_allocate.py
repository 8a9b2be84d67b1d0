"""Allocation from an index: rules kept, locks kept or refused, reasons given."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from ml.allocation import candidates
from ml.allocation.allocate import Allocation, Unserved, allocate
from ml.allocation.candidates import LazyQueries, Openings, Scorer, candidate_lists, sampled_prices
from ml.allocation.locks import LockError
from ml.allocation.rules import AllocationRules
from ml.baseline import ExpertBaseline
from ml.index import OpeningIndex
from ml.schema import Clients
from tests.unit.ml.worlds import (
    AS_OF,
    CLIENT_ROWS,
    COOK,
    FULL_CLIENT,
    VACANCY_LISTS,
    VOCABULARY,
    drawn,
    index_of,
)

PARTNERS = {"V1": "E1", "V2": "E1", "V3": "E2"}


def clients_of(*changes: dict[str, Any]) -> Clients:
    rows = [FULL_CLIENT | {"client_id": f"C{n}"} | some for n, some in enumerate(changes, 1)]
    return Clients.from_rows(rows, vocabulary=VOCABULARY)


def run(index: OpeningIndex, clients: Clients, **more: Any) -> Allocation:
    queries = LazyQueries(index.query_maker(AS_OF), clients)
    given: dict[str, Any] = {"model": ExpertBaseline(), "waiting_days": clients.waiting_days}
    return allocate(index, queries, **(given | more))


def pairs_of(found: Allocation, index: OpeningIndex, clients: Clients) -> set[tuple[str, str]]:
    names = index.names_of(found.rows)
    return {(clients.ids[i], name) for i, name in zip(found.clients.tolist(), names, strict=True)}


def test_allocate_serves_both_when_one_could_take_either() -> None:
    index = index_of({"headcount": 1}, {"headcount": 1, "wage_min_cny_month": 3000})
    clients = clients_of({}, {"wage_expected_cny_month": 9000})
    found = run(index, clients)
    assert len(found.clients) == 2
    assert found.unserved == {}
    assert not found.locked.any()


def test_allocate_says_why_somebody_has_nothing() -> None:
    index = index_of({"headcount": 1})
    clients = clients_of({}, {"skills": ""}, {"shifts_ok": "night"}, {"text": "", "experience": ""})
    best = run(index, clients).utility[0]
    found = run(index, clients, rules=AllocationRules(floor=float(best) - 1e-6))
    assert found.clients.tolist() == [0]
    assert found.unserved == {
        1: Unserved.BELOW_FLOOR,
        2: Unserved.NONE_FEASIBLE,
        3: Unserved.BELOW_FLOOR,
    }
    assert run(index, clients).unserved[1] is Unserved.NO_PLACE_LEFT


def test_waiting_bonus_decides_who_is_served_when_places_are_short() -> None:
    index = index_of({"headcount": 1})
    clients = clients_of({"waiting_days": 0}, {"waiting_days": 300, "skills": "gen.5s"})
    plain = run(index, clients)
    waited = run(index, clients, rules=AllocationRules(waiting_bonus=0.2))
    assert (plain.clients.tolist(), waited.clients.tolist()) == ([0], [1])
    assert waited.utility[0] < plain.utility[0]
    assert run(index, clients, waiting_days=None).clients.tolist() == [0]


def test_partner_gets_no_more_than_its_cap_with_locked_pairs() -> None:
    index = index_of({"headcount": 3}, {"headcount": 3}, {"headcount": 1, "skills_required": "x"})
    clients = clients_of({}, {}, {}, {})
    found = run(
        index,
        clients,
        rules=AllocationRules(per_partner=2),
        partner_of=PARTNERS,
        locks=[("C3", "V2")],
    )
    given = pairs_of(found, index, clients)
    assert Counter(PARTNERS[name] for _, name in given) == {"E1": 2, "E2": 1}
    assert ("C3", "V2") in given
    assert found.locked.sum() == 1


def test_opening_without_partner_is_one_of_its_own() -> None:
    index = index_of({"headcount": 3}, {"headcount": 3})
    found = run(index, clients_of({}, {}, {}), rules=AllocationRules(per_partner=1))
    assert len(found.clients) == 2


@pytest.mark.parametrize(
    ("locks", "message"),
    [
        ([("C9", "V1")], "lock 0, client_id 'C9': expected a client"),
        ([("C1", "V9")], "lock 0, vacancy_id 'V9': expected an opening of the batch"),
        ([("C1", "V1"), ("C1", "V2")], "lock 1, client_id 'C1': expected one lock a client"),
        ([("C1", "V1"), ("C2", "V1")], "lock 1, vacancy_id 'V1': expected no more locks than pl"),
        ([("C1", "V1"), ("C2", "V2")], "lock 1, vacancy_id 'V2': expected no more locks than the"),
        ([("C1", "V3")], "lock 0, vacancy_id 'V3': expected an opening that passes"),
        ([("C2", "V2")], "lock 0, vacancy_id 'V2': expected an opening that passes"),
    ],
    ids=["client", "opening", "twice", "places", "partner", "barred", "excluded"],
)
def test_lock_is_refused_when_it_breaks_a_rule(locks: list[tuple[str, str]], message: str) -> None:
    index = index_of({"headcount": 1}, {}, {"occupation": COOK})
    with pytest.raises(LockError, match=message):
        run(
            index,
            clients_of({}, {}),
            locks=locks,
            excluded={"C2": {"V2"}} if len(locks) == 1 else {},
            rules=AllocationRules(per_partner=1),
            partner_of=PARTNERS,
        )


def test_removed_opening_is_never_given() -> None:
    index = index_of({}, {})
    index.remove(["V1"])
    clients = clients_of({}, {}, {})
    found = run(index, clients)
    assert {name for _, name in pairs_of(found, index, clients)} == {"V2"}
    assert len(found.prices) == len(index.columns)


def test_price_is_what_the_last_place_is_worth() -> None:
    index = index_of({"headcount": 1})
    clients = clients_of({}, {"skills": "gen.5s"})
    found = run(index, clients)
    loser = index.score(index.query(clients, 1, AS_OF), np.array([0])).score[0]
    assert found.prices[0] == pytest.approx(found.utility[0], abs=1e-8)
    assert found.least_prices[0] == pytest.approx(loser, abs=1e-8)


def test_lists_follow_prices_when_everybody_wants_the_same() -> None:
    index = index_of(*({"headcount": 1, "wage_min_cny_month": 4000 + 10 * n} for n in range(12)))
    clients = clients_of(*({} for _ in range(12)))
    queries = LazyQueries(index.query_maker(AS_OF), clients)
    scorer = Scorer(index, queries, ExpertBaseline(), {}, Openings.of(index, {}))
    everybody = np.arange(12)
    prices = sampled_prices(scorer, everybody)
    plain = candidate_lists(scorer, everybody, limit=4)
    priced = candidate_lists(scorer, everybody, limit=4, prices=prices)
    assert prices.max() > 0
    assert set(plain.opening.tolist()) != set(priced.opening.tolist())
    assert np.diff(priced.starts).tolist() == [4] * 12
    assert len(run(index, clients, rules=AllocationRules(n_candidates=4)).clients) >= 4


def test_scores_do_not_depend_on_how_many_pairs_are_predicted_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = index_of({}, {"wage_min_cny_month": 3000}, {"headcount": 1})
    clients = clients_of({}, {"skills": ""}, {"text": ""})
    at_once = run(index, clients).utility.tolist()
    monkeypatch.setattr(candidates, "BATCH_PAIRS", 2)
    assert run(index, clients).utility.tolist() == at_once


def test_nobody_is_left_to_allocate_when_all_are_locked() -> None:
    index = index_of({}, {})
    found = run(index, clients_of({}), locks=[("C1", "V2")], rules=AllocationRules(n_candidates=1))
    assert (found.clients.tolist(), found.locked.tolist(), found.unserved) == ([0], [True], {})
    assert found.prices.tolist() == [0, 0]


CLIENT_LISTS = st.lists(CLIENT_ROWS, min_size=1, max_size=5)


@settings(max_examples=40, deadline=None)
@given(
    client_rows=CLIENT_LISTS,
    vacancy_rows=VACANCY_LISTS,
    per_partner=st.none() | st.integers(1, 2),
    floor=st.sampled_from((0.0, 0.1)),
    data=st.data(),
)
def test_allocation_never_breaks_a_rule(
    client_rows: list[dict[str, Any]],
    vacancy_rows: list[dict[str, Any]],
    per_partner: int | None,
    floor: float,
    data: st.DataObject,
) -> None:
    rows = [row | {"client_id": f"C{n}"} for n, row in enumerate(client_rows)]
    clients = Clients.from_rows(rows, vocabulary=VOCABULARY)
    index = OpeningIndex.build(drawn(vacancy_rows), VOCABULARY)
    names = [f"V{n:03d}" for n in range(len(vacancy_rows))]
    partner_of = {name: f"E{n % 2}" for n, name in enumerate(names)}
    excluded = {
        name: data.draw(st.sets(st.sampled_from(names), max_size=3)) for name in clients.ids
    }
    rules = AllocationRules(
        floor=floor,
        per_partner=per_partner,
        waiting_bonus=0.1,
        n_candidates=data.draw(st.sampled_from((2, 300))),
    )
    found = run(index, clients, rules=rules, partner_of=partner_of, excluded=excluded)
    assert len(set(found.clients.tolist())) == len(found.clients)
    assert set(found.clients.tolist()) | set(found.unserved) == set(range(len(clients)))
    used = Counter(found.rows.tolist())
    assert all(count <= index.columns.places[row] for row, count in used.items())
    pairs = pairs_of(found, index, clients)
    if per_partner is not None:
        by_partner = Counter(partner_of[name] for _, name in pairs)
        assert max(by_partner.values(), default=0) <= per_partner
    for i, row, utility in zip(found.clients, found.rows, found.utility, strict=True):
        query = index.query(clients, int(i), AS_OF)
        feasible, _ = index.feasible(query, excluded[query.client_id])
        assert row in feasible
        assert utility >= floor
        assert utility == index.score(query, np.array([row])).score[0]
