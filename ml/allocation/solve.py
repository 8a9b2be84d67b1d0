"""Solve a market to its optimum over all pairs, looking hard only at the pairs that matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.allocation.market import UNIT, UNLIMITED, Ints, Market, Mask, segment_max
from ml.allocation.prices import auction_prices, greatest_prices, least_prices
from ml.allocation.solvers import HAS_FLOW, fits_dense, solve_dense, solve_flow, solve_linear

N_FIRST = 8


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Hold an optimum and the prices that prove it.

    Attributes
    ----------
    taken : bool, shape (n_pairs,)
        At most one pair a client, an opening at most as often as it has places, a partner at most
        as often as its cap.
    least, greatest : int64, shape (n_openings,)
        Billionths: what one place more would gain, what one place less would lose.
    """

    taken: Mask
    least: Ints
    greatest: Ints

    def total(self, market: Market) -> float:
        """Return the value of the optimum, in utility."""
        return int(market.value[self.taken].sum()) / UNIT


def solve(market: Market) -> Solution:
    """Return an optimum over all pairs of a market.

    Notes
    -----
    Large markets: an auction gives rough prices; each client's `N_FIRST` best pairs at these prices
    are solved exactly; pairs that some client would prefer at the optimum's prices join, until
    there are none. Then the prices prove the optimum over all pairs.
    """
    if fits_dense(market):
        taken = solve_dense(market)
        least = least_prices(market, taken)
    else:
        taken, least = _sift(market)
    return Solution(taken, least, greatest_prices(market, taken))


def _sift(market: Market) -> tuple[Mask, Ints]:
    exact = solve_flow if HAS_FLOW else solve_linear
    active = _best_pairs(market, auction_prices(market), N_FIRST)
    client = market.client
    while True:
        small = market.part(active)
        chosen = exact(small)
        price = least_prices(small, chosen)
        taken = np.zeros(len(market.value), dtype=np.bool_)
        taken[np.flatnonzero(active)[chosen]] = True
        kept = np.zeros(market.n_clients, dtype=np.int64)
        kept[client[taken]] = market.value[taken] - price[market.opening[taken]]
        better = market.value - price[market.opening] > kept[client]
        better &= ~active
        if not better.any():
            return taken, price
        active |= better


def _best_pairs(market: Market, price: Ints, n_best: int) -> Mask:
    """Mark each client's best pairs by value less price, and what ties with them."""
    left = market.value - price[market.opening]
    client = market.client
    found = np.zeros(len(left), dtype=np.bool_)
    lowest = -4 * UNLIMITED
    for _ in range(n_best):
        best = segment_max(left, market.starts, lowest)
        found |= left == best[client]
        left[found] = lowest
    return found
