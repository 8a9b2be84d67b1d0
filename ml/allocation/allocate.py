"""Allocate end to end: lists, an exact optimum, prices, and why somebody has nothing."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.allocation.candidates import (
    CandidateLists,
    Excluded,
    Openings,
    Progress,
    Scorer,
    candidate_lists,
    ids_of,
    sampled_prices,
)
from ml.allocation.locks import Fixed, fixed_pairs
from ml.allocation.market import NOBODY, UNIT, Market, chosen_openings, market_of
from ml.allocation.rules import AllocationRules
from ml.allocation.solve import solve
from ml.baseline import Model
from ml.index import OpeningIndex
from ml.query import ClientQuery

Positions = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]


class Unserved(enum.StrEnum):
    """Say why a client has no opening."""

    NONE_FEASIBLE = "none_feasible"
    """No opening passes the gates."""
    BELOW_FLOOR = "below_floor"
    """Openings pass the gates, none reaches the floor."""
    NO_PLACE_LEFT = "no_place_left"
    """Others make more of the places, or the partner's cap is reached."""


@dataclass(frozen=True, slots=True, eq=False)
class Allocation:
    """Hold who gets which opening.

    Attributes
    ----------
    clients : int64, shape (n_pairs,)
        Positions in the queries, ascending; each at most once.
    rows : int64, shape (n_pairs,)
        Row of the index; each at most as often as the opening has places.
    utility : float64, shape (n_pairs,)
        The model's score of each pair, without the waiting bonus.
    locked : bool, shape (n_pairs,)
    prices : float64, shape (n_rows,)
        What is lost elsewhere when one place of the opening is taken away.
    least_prices : float64, shape (n_rows,)
        What one place more of the opening would gain.
    unserved : dict of int to Unserved
        By position in the queries.
    """

    clients: Positions
    rows: Positions
    utility: Numbers
    locked: npt.NDArray[np.bool_]
    prices: Numbers
    least_prices: Numbers
    unserved: dict[int, Unserved]


def allocate(
    index: OpeningIndex,
    queries: Sequence[ClientQuery],
    *,
    model: Model,
    waiting_days: npt.NDArray[np.int32] | None = None,
    excluded: Excluded | None = None,
    rules: AllocationRules | None = None,
    locks: Sequence[tuple[str, str]] = (),
    partner_of: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Allocation:
    """Give each client at most one opening so that the sum of utilities is greatest.

    Parameters
    ----------
    index : OpeningIndex
    queries : sequence of ClientQuery
        Made from this index at its present version; `LazyQueries` for many.
    model : Model
    waiting_days : int32, shape (n_clients,), optional
    excluded : mapping of str to collection of str, optional
        Vacancy ids that must not be proposed, by client id.
    rules : AllocationRules, optional
    locks : sequence of (client id, vacancy id)
        Pairs an officer fixed. They take their places first and are not subject to the floor.
    partner_of : mapping of str to str, optional
        Partner id by vacancy id; an opening without one is a partner of its own.
    progress : callable, optional

    Raises
    ------
    LockError
        For a lock that names an unknown id, does not pass the gates, is excluded, or asks for more
        places than there are.

    Notes
    -----
    The result does not depend on the order of clients or openings, ties apart in the lists' cut.
    """
    rules = rules or AllocationRules()
    openings = Openings.of(index, partner_of or {})
    scorer = Scorer(index, queries, model, excluded or {}, openings)
    client_ids = ids_of(queries)
    fixed = fixed_pairs(scorer, client_ids, locks, rules.per_partner)
    free = _free_clients(client_ids, fixed)
    lists = _lists(scorer, free, rules, progress)
    waited = np.zeros(len(queries)) if waiting_days is None else np.asarray(waiting_days)
    market = _market(lists, openings, fixed, rules, rules.bonus(waited[free]))
    solution = solve(market)
    client = market.client
    clients = np.concatenate((fixed.clients, free[client[solution.taken]]))
    chosen = np.concatenate((fixed.openings, market.opening[solution.taken]))
    utility = np.concatenate((fixed.utility, lists.utility[solution.taken]))
    order = np.argsort(clients)
    return Allocation(
        clients=clients[order],
        rows=openings.row[chosen[order]],
        utility=utility[order],
        locked=order < len(fixed.clients),
        prices=_by_row(openings, solution.greatest),
        least_prices=_by_row(openings, solution.least),
        unserved=_unserved(free, lists, chosen_openings(market, solution.taken)),
    )


def _free_clients(client_ids: Sequence[str], fixed: Fixed) -> Positions:
    """Return the clients who are not locked, by id."""
    held = set(fixed.clients.tolist())
    order = sorted(range(len(client_ids)), key=client_ids.__getitem__)
    return np.array([i for i in order if i not in held], dtype=np.int64)


def _lists(
    scorer: Scorer, free: Positions, rules: AllocationRules, progress: Progress | None
) -> CandidateLists:
    limit, floor = rules.n_candidates, rules.floor
    # A list that holds every opening leaves nothing to choose by price.
    cut = len(scorer.openings.row) > limit
    prices = sampled_prices(scorer, free, floor=floor) if cut else None
    return candidate_lists(scorer, free, limit=limit, floor=floor, prices=prices, progress=progress)


def _market(
    lists: CandidateLists,
    openings: Openings,
    fixed: Fixed,
    rules: AllocationRules,
    bonus: Numbers,
) -> Market:
    used = np.bincount(fixed.openings, minlength=len(openings.row))
    market = market_of(
        lists.starts,
        lists.opening,
        lists.utility + np.repeat(bonus, np.diff(lists.starts)),
        openings.places - used,
        openings.partner,
        rules.per_partner,
    )
    if market.is_capped:
        np.subtract.at(market.group_places, openings.partner[fixed.openings], 1)
    return market


def _by_row(openings: Openings, price: npt.NDArray[np.int64]) -> Numbers:
    found = np.zeros(len(openings.number))
    found[openings.row] = price / UNIT
    return found


def _unserved(
    free: Positions, lists: CandidateLists, chosen: npt.NDArray[np.int64]
) -> dict[int, Unserved]:
    listed = np.diff(lists.starts) > 0
    found = {}
    for k in np.flatnonzero(chosen == NOBODY).tolist():
        if listed[k]:
            reason = Unserved.NO_PLACE_LEFT
        else:
            reason = Unserved.BELOW_FLOOR if lists.n_feasible[k] else Unserved.NONE_FEASIBLE
        found[int(free[k])] = reason
    return found
