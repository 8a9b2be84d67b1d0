"""The allocation problem in numbers: who could take which opening, its value, and the places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# Values are whole billionths: sums, prices and the proof of optimality are then exact.
UNIT = 1_000_000_000
UNLIMITED = 2**31 - 1
NOBODY = -1


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """Hold pairs client by client, and how often each opening and each partner may be chosen.

    Attributes
    ----------
    starts : int64, shape (n_clients + 1,)
        Client `i` has the pairs from ``starts[i]`` to ``starts[i + 1]``.
    opening : int64, shape (n_pairs,)
        Each opening at most once for a client.
    value : int64, shape (n_pairs,)
        Billionths gained by the pair, from 0; a client without a pair gains 0.
    places : int64, shape (n_openings,)
    group : int64, shape (n_openings,)
        Partner of each opening.
    group_places : int64, shape (n_groups,)
        Most clients of each partner; `UNLIMITED` without a cap.
    """

    starts: Ints
    opening: Ints
    value: Ints
    places: Ints
    group: Ints
    group_places: Ints

    @property
    def n_clients(self) -> int:
        """Return the number of clients."""
        return len(self.starts) - 1

    @property
    def n_openings(self) -> int:
        """Return the number of openings."""
        return len(self.places)

    @property
    def client(self) -> Ints:
        """Return the client of each pair."""
        return np.repeat(np.arange(self.n_clients), np.diff(self.starts))

    @property
    def is_capped(self) -> bool:
        """Tell whether some partner has a cap."""
        return bool((self.group_places < UNLIMITED).any())

    def part(self, keep: Mask) -> Market:
        """Return the market with only the pairs kept; clients and openings stay."""
        running = np.zeros(len(keep) + 1, dtype=np.int64)
        np.cumsum(keep, out=running[1:])
        return Market(
            running[self.starts],
            self.opening[keep],
            self.value[keep],
            self.places,
            self.group,
            self.group_places,
        )


def market_of(
    starts: npt.NDArray[Any],
    opening: npt.NDArray[Any],
    value: npt.NDArray[Any],
    places: npt.NDArray[Any],
    partner: npt.NDArray[Any] | None = None,
    per_partner: int | None = None,
) -> Market:
    """Return a market from values in utility.

    Parameters
    ----------
    starts : integer, shape (n_clients + 1,)
    opening : integer, shape (n_pairs,)
    value : float, shape (n_pairs,)
        In utility, from 0; rounded to billionths.
    places : integer, shape (n_openings,)
    partner : integer, shape (n_openings,), optional
    per_partner : int, optional
        No cap by default.
    """
    group = np.zeros(len(places), dtype=np.int64) if partner is None else partner.astype(np.int64)
    n_groups = int(group.max(initial=0)) + 1
    cap = UNLIMITED if partner is None or per_partner is None else per_partner
    return Market(
        starts.astype(np.int64),
        opening.astype(np.int64),
        np.rint(np.asarray(value, dtype=np.float64) * UNIT).astype(np.int64),
        places.astype(np.int64),
        group,
        np.full(n_groups, cap, dtype=np.int64),
    )


def chosen_openings(market: Market, taken: Mask) -> Ints:
    """Return each client's opening, `NOBODY` without one.

    Parameters
    ----------
    market : Market
    taken : bool, shape (n_pairs,)
        At most one pair a client.
    """
    found = np.full(market.n_clients, NOBODY, dtype=np.int64)
    found[market.client[taken]] = market.opening[taken]
    return found


def segment_max(values: Ints, starts: Ints, least: int) -> Ints:
    """Return the greatest value of each segment, at least `least`.

    Examples
    --------
    >>> segment_max(np.array([3, 9, 1]), np.array([0, 2, 2, 3]), 2).tolist()
    [9, 2, 2]
    """
    found = np.full(len(starts) - 1, least, dtype=np.int64)
    filled = np.flatnonzero(np.diff(starts))
    if len(filled):
        best = np.maximum.reduceat(values, starts[filled])
        found[filled] = np.maximum(best, least)
    return found
