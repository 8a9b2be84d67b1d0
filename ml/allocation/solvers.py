"""Exact solvers of one market: assignment of a small matrix, min-cost flow, linear programme."""

from __future__ import annotations

import importlib.util

import numpy as np
from scipy.optimize import linear_sum_assignment, linprog
from scipy.sparse import coo_array

from ml.allocation.market import UNIT, Market, Mask

HAS_FLOW = importlib.util.find_spec("ortools") is not None
MAX_DENSE_CELLS = 2_000_000


class SolverError(RuntimeError):
    """Say that a solver gave up; with sane input it never does."""


def fits_dense(market: Market) -> bool:
    """Tell whether a matrix of clients by places is small enough, and no partner has a cap."""
    columns = int(np.minimum(market.places, market.n_clients).sum())
    return not market.is_capped and market.n_clients * columns <= MAX_DENSE_CELLS


def solve_dense(market: Market) -> Mask:
    """Solve as an assignment with one column a place; caps of partners are not looked at.

    Returns
    -------
    bool, shape (n_pairs,)
        The pairs of an optimum.
    """
    repeats = np.minimum(market.places, market.n_clients)
    owner = np.repeat(np.arange(market.n_openings), repeats)
    # -1: no such pair, which is worse than any and is taken back below.
    by_opening = np.full((market.n_clients, market.n_openings), -1.0)
    client = market.client
    by_opening[client, market.opening] = market.value
    gain = np.maximum(by_opening, 0.0)[:, owner]
    rows, columns = linear_sum_assignment(gain, maximize=True)
    chosen = np.full(market.n_clients, -1, dtype=np.int64)
    chosen[rows] = owner[columns]
    found: Mask = chosen[client] == market.opening
    return found


def solve_flow(market: Market) -> Mask:
    """Solve as a min-cost flow: client, opening, partner, sink; or client straight to the sink.

    Returns
    -------
    bool, shape (n_pairs,)
    """
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    n, m, g = market.n_clients, market.n_openings, len(market.group_places)
    clients, openings = np.arange(n), n + np.arange(m)
    partners, sink = n + m + np.arange(g), n + m + g
    flow = SimpleMinCostFlow()
    pairs = flow.add_arcs_with_capacity_and_unit_cost(
        market.client, n + market.opening, np.ones(len(market.value), np.int64), -market.value
    )
    for tail, head, capacity in (
        (openings, partners[market.group], np.minimum(market.places, n)),
        (partners, np.full(g, sink), np.minimum(market.group_places, n)),
        (clients, np.full(n, sink), np.ones(n, np.int64)),
    ):
        flow.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, np.zeros_like(capacity))
    flow.set_nodes_supplies(clients, np.ones(n, np.int64))
    flow.set_node_supply(sink, -n)
    if flow.solve() != flow.OPTIMAL:
        raise SolverError("min-cost flow")
    found: Mask = flow.flows(pairs) > 0
    return found


def solve_linear(market: Market) -> Mask:
    """Solve as a linear programme; its vertices are whole because the limits are nested.

    Returns
    -------
    bool, shape (n_pairs,)
    """
    n_pairs = len(market.value)
    if not n_pairs:
        return np.zeros(0, dtype=np.bool_)
    n, m = market.n_clients, market.n_openings
    pair = np.arange(n_pairs)
    rows = [market.client, n + market.opening]
    limits = [np.ones(n), market.places.astype(np.float64)]
    if market.is_capped:
        rows.append(n + m + market.group[market.opening])
        limits.append(market.group_places.astype(np.float64))
    limit = np.concatenate(limits)
    matrix = coo_array(
        (np.ones(len(rows) * n_pairs), (np.concatenate(rows), np.tile(pair, len(rows)))),
        shape=(len(limit), n_pairs),
    ).tocsr()
    # The simplex, not interior points: it ends on a vertex, where every pair is taken or not.
    solved = linprog(  # type: ignore[call-overload]  # the stubs know only dense matrices
        -market.value / UNIT,
        A_ub=matrix,
        b_ub=limit,
        bounds=(0, 1),
        method="highs-ds",
    )
    if solved.status != 0:
        raise SolverError(solved.message)
    found: Mask = solved.x > 0.5
    return found
