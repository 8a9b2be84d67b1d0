"""Candidate lists: each client's best openings by score less price, in memory linear in pairs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.allocation.market import UNIT, market_of
from ml.allocation.prices import auction_prices
from ml.baseline import Model
from ml.columns import REMOVED_BIT
from ml.index import OpeningIndex
from ml.query import ClientQuery, QueryMaker
from ml.schema import Clients

# A model that predicts in bulk pays its overhead once for so many pairs.
BATCH_PAIRS = 20_000
SAMPLE = 1_000
SAMPLE_ROUNDS = 40

Numbers = npt.NDArray[np.float64]
Numbered = npt.NDArray[np.int32]
Excluded = Mapping[str, Collection[str]]
Progress = Callable[[Sequence[int], str], Iterator[int]]


class LazyQueries(Sequence[ClientQuery]):
    """Make each client's query when it is asked for and forget it: a query is 100 KB.

    Parameters
    ----------
    maker : QueryMaker
    clients : Clients
    """

    def __init__(self, maker: QueryMaker, clients: Clients) -> None:
        self.maker = maker
        self.clients = clients

    def __len__(self) -> int:
        """Return the number of clients."""
        return len(self.clients)

    def __getitem__(self, i: Any) -> Any:
        """Return the query of client `i`."""
        return self.maker.make(self.clients, i)


def ids_of(queries: Sequence[ClientQuery]) -> tuple[str, ...]:
    """Return the clients' ids, without making queries that are not made."""
    if isinstance(queries, LazyQueries):
        return queries.clients.ids
    return tuple(query.client_id for query in queries)


@dataclass(frozen=True, slots=True, eq=False)
class Openings:
    """Number an index's openings by id, so that nothing depends on the order of a file.

    Attributes
    ----------
    row : int64, shape (n_openings,)
        Row of the index by number.
    number : int32, shape (n_rows,)
        Number by row of the index; -1 of a removed row.
    places : int64, shape (n_openings,)
    partner : int64, shape (n_openings,)
    """

    row: npt.NDArray[np.int64]
    number: npt.NDArray[np.int32]
    places: npt.NDArray[np.int64]
    partner: npt.NDArray[np.int64]

    @classmethod
    def of(cls, index: OpeningIndex, partner_of: Mapping[str, str]) -> Openings:
        """Return the openings of an index; one without a partner id is a partner of its own."""
        columns = index.columns
        alive = np.flatnonzero((columns.word & np.uint64(1 << REMOVED_BIT)) == 0)
        names = index.names_of(alive)
        order = sorted(range(len(names)), key=names.__getitem__)
        row = alive[order].astype(np.int64)
        number = np.full(len(columns), -1, dtype=np.int32)
        number[row] = np.arange(len(row))
        seen: dict[tuple[str, str], int] = {}
        partner = []
        for k in order:
            known = partner_of.get(names[k], "")
            key = (known, "") if known else ("", names[k])
            partner.append(seen.setdefault(key, len(seen)))
        return cls(row, number, columns.places[row].astype(np.int64), np.array(partner, np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class CandidateLists:
    """Hold each client's candidates.

    Attributes
    ----------
    starts : int64, shape (n_clients + 1,)
    opening : int32, shape (n_pairs,)
        Numbers in `Openings`, ascending for each client.
    utility : float64, shape (n_pairs,)
        The model's score.
    n_feasible : int64, shape (n_clients,)
        Openings that pass the gates.
    """

    starts: npt.NDArray[np.int64]
    opening: npt.NDArray[np.int32]
    utility: Numbers
    n_feasible: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    """Gate and score clients against an index, many pairs a prediction.

    Attributes
    ----------
    index : OpeningIndex
    queries : sequence of ClientQuery
    model : Model
    excluded : mapping of str to collection of str
        Vacancy ids by client id.
    openings : Openings
    """

    index: OpeningIndex
    queries: Sequence[ClientQuery]
    model: Model
    excluded: Excluded
    openings: Openings

    def scored(self, clients: Iterable[int]) -> Iterator[tuple[Numbered, Numbers]]:
        """Yield each client's feasible openings, ascending, with their utility."""
        waiting: list[tuple[Numbered, npt.NDArray[np.float32]]] = []
        size = 0
        for i in clients:
            query = self.queries[i]
            rows, distance = self.index.feasible(query, self.excluded.get(query.client_id, ()))
            number = self.openings.number[rows]
            order = np.argsort(number)
            X = self.index.feature_matrix(query, rows[order], distance[order])
            waiting.append((number[order], X))
            size += len(rows)
            if size >= BATCH_PAIRS:
                yield from self._predicted(waiting)
                waiting, size = [], 0
        yield from self._predicted(waiting)

    def _predicted(
        self, waiting: list[tuple[Numbered, npt.NDArray[np.float32]]]
    ) -> Iterator[tuple[Numbered, Numbers]]:
        if not waiting:
            return
        score = self.model.predict(np.concatenate([X for _, X in waiting])).score
        first = 0
        for number, _ in waiting:
            yield number, score[first : first + len(number)]
            first += len(number)


def candidate_lists(
    scorer: Scorer,
    clients: npt.NDArray[Any],
    *,
    limit: int,
    floor: float = 0.0,
    prices: Numbers | None = None,
    progress: Progress | None = None,
) -> CandidateLists:
    """Return the lists of some clients.

    Parameters
    ----------
    scorer : Scorer
    clients : integer, shape (n,)
        Positions in the scorer's queries.
    limit : int
        Longest list.
    floor : float, default 0
        Least utility of a pair.
    prices : float64, shape (n_openings,), optional
        In utility; none by default: the best by utility alone.
    progress : callable, optional

    Notes
    -----
    Holds the pairs kept and one batch of features. Ties at the cut go to the smaller vacancy id.
    """
    order = clients.tolist()
    positions = order if progress is None else progress(order, "candidates")
    kept: list[tuple[Numbered, Numbers]] = []
    n_feasible = []
    for opening, utility in scorer.scored(positions):
        n_feasible.append(len(opening))
        good = np.flatnonzero(utility >= floor)
        if len(good) > limit:
            left = utility[good] if prices is None else utility[good] - prices[opening[good]]
            good = np.sort(good[np.argsort(-left, kind="stable")[:limit]])
        kept.append((opening[good], utility[good]))
    starts = np.zeros(len(kept) + 1, dtype=np.int64)
    np.cumsum([len(opening) for opening, _ in kept], out=starts[1:])
    return CandidateLists(
        starts,
        np.concatenate([np.zeros(0, np.int32), *(opening for opening, _ in kept)]),
        np.concatenate([np.zeros(0), *(utility for _, utility in kept)]),
        np.array(n_feasible, dtype=np.int64),
    )


def sampled_prices(scorer: Scorer, clients: npt.NDArray[Any], *, floor: float = 0.0) -> Numbers:
    """Return rough prices of all openings, from every feasible pair of some of the clients.

    Returns
    -------
    float64, shape (n_openings,)
        In utility.
    """
    some = clients[:: max(1, len(clients) // SAMPLE)]
    places = scorer.openings.places
    lists = candidate_lists(scorer, some, limit=len(places), floor=floor)
    market = market_of(lists.starts, lists.opening, lists.utility, places)
    weight = len(clients) / max(1, len(some))
    found: Numbers = auction_prices(market, SAMPLE_ROUNDS, weight) / UNIT
    return found
