"""Clients who come week by week while the places stay: give now, keep for those still to come."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ml.allocation.market import Ints, Market, Mask
from ml.allocation.solve import solve

N_SAMPLES = 16


@dataclass(frozen=True, slots=True)
class Forecast:
    """Hold what is expected of the weeks to come.

    Attributes
    ----------
    n_to_come : int
        Clients still expected before the openings close.
    n_samples : int
        Futures drawn; more are steadier and slower.
    seed : int
    """

    n_to_come: int
    n_samples: int = N_SAMPLES
    seed: int = 0


def expected_prices(week: Market, past: Market, forecast: Forecast) -> Ints:
    """Return what a place is worth, given this week's clients and those likely to come.

    Parameters
    ----------
    week : Market
        This week's clients with the places left.
    past : Market
        Clients seen so far with the same openings: the population futures are drawn from.
    forecast : Forecast

    Returns
    -------
    int64, shape (n_openings,)
        Billionths: the mean, over futures drawn, of what one place less would lose.
    """
    rng = np.random.default_rng(forecast.seed)
    total = np.zeros(week.n_openings)
    for _ in range(forecast.n_samples):
        drawn = rng.integers(0, past.n_clients, forecast.n_to_come)
        future = joined(week, picked(past, drawn))
        solution = solve(future)
        total += (solution.least + solution.greatest) / 2
    return np.rint(total / forecast.n_samples).astype(np.int64)


def serve_week(week: Market, past: Market, forecast: Forecast) -> Mask:
    """Return this week's pairs: an optimum of value less the price of the place.

    Returns
    -------
    bool, shape (n_pairs,)
        Pairs of `week`. A client whose best pair is worth less than its place waits.
    """
    if not forecast.n_to_come or not past.n_clients:
        return solve(week).taken
    price = expected_prices(week, past, forecast)
    return serve_at(week, price)


def serve_at(week: Market, price: Ints) -> Mask:
    """Return an optimum of value less the price of the place; pairs not worth it are left."""
    gain = week.value - price[week.opening]
    worth = gain > 0
    priced = replace(week.part(worth), value=gain[worth])
    taken = np.zeros(len(gain), dtype=np.bool_)
    taken[np.flatnonzero(worth)[solve(priced).taken]] = True
    return taken


def picked(market: Market, clients: npt.NDArray[np.int64]) -> Market:
    """Return a market of some clients, in that order; one may come several times."""
    sizes = np.diff(market.starts)[clients]
    starts = np.zeros(len(clients) + 1, dtype=np.int64)
    np.cumsum(sizes, out=starts[1:])
    where = np.repeat(market.starts[clients] - starts[:-1], sizes) + np.arange(starts[-1])
    return replace(market, starts=starts, opening=market.opening[where], value=market.value[where])


def joined(first: Market, second: Market) -> Market:
    """Return a market of the clients of both, with the places of the first."""
    return replace(
        first,
        starts=np.concatenate((first.starts, second.starts[1:] + first.starts[-1])),
        opening=np.concatenate((first.opening, second.opening)),
        value=np.concatenate((first.value, second.value)),
    )


def left_after(market: Market, taken: Mask) -> tuple[Ints, Ints]:
    """Return the places of openings and of partners that a choice leaves."""
    chosen = market.opening[taken]
    used = np.bincount(chosen, minlength=market.n_openings)
    by_group = np.bincount(market.group[chosen], minlength=len(market.group_places))
    return market.places - used, market.group_places - by_group
