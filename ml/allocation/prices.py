"""Prices of openings: a cheap auction to choose candidates by, and exact duals of an optimum."""

from __future__ import annotations

import numpy as np

from ml.allocation.market import NOBODY, UNIT, Ints, Market, Mask, chosen_openings, segment_max

AUCTION_STEP = UNIT // 20


class NotOptimalError(ValueError):
    """Say that no prices support the given choice: it is not an optimum."""


def auction_prices(market: Market, rounds: int = 15, weight: float = 1.0) -> Ints:
    """Return rough prices: raised where more clients ask than places are, lowered elsewhere.

    Parameters
    ----------
    market : Market
    rounds : int, default 15
    weight : float, default 1
        How many clients each one stands for, when they are a sample.

    Returns
    -------
    int64, shape (n_openings,)
        Billionths, from 0; partner caps are not looked at.
    """
    price = np.zeros(market.n_openings)
    filled = np.flatnonzero(np.diff(market.starts))
    if not len(filled):
        return price.astype(np.int64)
    starts, client = market.starts[filled], market.client
    room = np.maximum(market.places, 1)
    for turn in range(rounds):
        left = market.value - price[market.opening]
        best = np.zeros(market.n_clients)
        best[filled] = np.maximum.reduceat(left, starts)
        asked = (left >= best[client]) & (left > 0)
        demand = np.bincount(market.opening[asked], minlength=market.n_openings)
        step = (
            AUCTION_STEP
            / (1 + turn / 10)
            * np.clip((weight * demand - market.places) / room, -1, 20)
        )
        price = np.maximum(0, price + step)
    return price.astype(np.int64)


def least_prices(market: Market, taken: Mask) -> Ints:
    """Return the lowest prices that support an optimum: what one place more would gain.

    Parameters
    ----------
    market : Market
    taken : bool, shape (n_pairs,)
        Pairs of an optimum.

    Returns
    -------
    int64, shape (n_openings,)
        Billionths. With price ``p`` nobody would rather have another opening or none.

    Raises
    ------
    NotOptimalError
    """
    book = _Book(market, taken)
    own = market.value[taken]
    others = np.flatnonzero(~taken)
    order = others[np.argsort(market.opening[others], kind="stable")]
    client, value = market.client[order], market.value[order]
    ends = np.zeros(market.n_openings + 1, dtype=np.int64)
    np.cumsum(np.bincount(market.opening[order], minlength=market.n_openings), out=ends[1:])
    price = np.zeros(market.n_openings, dtype=np.int64)
    kept = np.zeros(market.n_clients, dtype=np.int64)
    for _ in range(book.n_turns):
        kept[book.served] = own - price[book.opening_of_served]
        asked = segment_max(value - kept[client], ends, 0)
        raised = np.maximum(price, asked)
        shared = np.zeros(len(market.group_places), dtype=np.int64)
        np.maximum.at(shared, market.group[book.has_room], raised[book.has_room])
        raised = np.maximum(raised, shared[market.group])
        if np.array_equal(raised, price):
            return price
        price = raised
    raise NotOptimalError


def greatest_prices(market: Market, taken: Mask) -> Ints:
    """Return the highest prices that support an optimum: what one place less would lose.

    An opening without a place and without anybody has no highest price; it gets more than any
    value. Otherwise as `least_prices`.
    """
    book = _Book(market, taken)
    own = market.value[taken]
    beyond = int(market.value.max(initial=0)) + 1
    price = np.full(market.n_openings, beyond, dtype=np.int64)
    shared = np.where(book.group_has_room, 0, beyond)
    for _ in range(book.n_turns):
        left = market.value - price[market.opening]
        left[taken] = 0
        instead = segment_max(left, market.starts, 0)[book.served]
        lowered = price.copy()
        np.minimum.at(lowered, book.opening_of_served, own - instead)
        np.minimum.at(shared, market.group, lowered)
        room = book.has_room
        lowered[room] = np.minimum(lowered[room], shared[market.group[room]])
        if np.array_equal(lowered, price):
            return price
        price = lowered
    raise NotOptimalError


class _Book:
    """Hold who is served where, and what has room."""

    def __init__(self, market: Market, taken: Mask) -> None:
        chosen = chosen_openings(market, taken)
        self.served = np.flatnonzero(chosen != NOBODY)
        self.opening_of_served = chosen[self.served]
        used = np.bincount(self.opening_of_served, minlength=market.n_openings)
        by_group = np.bincount(
            market.group[self.opening_of_served], minlength=len(market.group_places)
        )
        self.has_room = used < market.places
        self.group_has_room = by_group < market.group_places
        self.n_turns = 2 * (market.n_openings + len(market.group_places)) + 3
