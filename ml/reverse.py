"""One opening against all clients: the same gates and scores, read the other way round."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.baseline import ExpertBaseline, Model, Scores
from ml.columns import OVERFLOW_BIT, OpeningColumns, Rows
from ml.explain import Entry, entries_of
from ml.features import LearnedFit, PairFit, PairSide, assemble, fused
from ml.gates import within_reach
from ml.geo import chord_km
from ml.index import OpeningIndex, sort_value, top_positions
from ml.query import ClientQuery, lacks_certificates
from ml.schema import Clients


@dataclass(frozen=True, slots=True)
class Candidate:
    """Hold one client of an opening's list.

    Attributes
    ----------
    client_id : str
    entry : Entry
        The opening as seen from this client; its rank is the client's place in the list.
    """

    client_id: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Candidates:
    """Hold an opening's best clients and how many pass its gates."""

    entries: tuple[Candidate, ...]
    n_feasible: int


class ClientPool:
    """Hold many clients ready to be compared with one opening at a time.

    Parameters
    ----------
    index : OpeningIndex
    queries : sequence of ClientQuery
        All made from this index at its present version.
    """

    def __init__(self, index: OpeningIndex, queries: Sequence[ClientQuery]) -> None:
        self.index = index
        self.queries = list(queries)
        self.client_ids = tuple(query.client_id for query in self.queries)
        self._forbidden = self._gather("forbidden", np.uint64)
        self._ready = self._gather("ready_day", np.int64)
        points = np.array([query.point for query in self.queries]).reshape(-1, 3)
        self._points = np.ascontiguousarray(points.T)
        self._side = PairSide(
            max_commute_km=self._gather("max_commute_km", np.float64),
            lodging=self._gather("lodging", np.int8),
            education=self._gather("education", np.int8),
            exertion_max=self._gather("exertion_max", np.int8),
            shifts_ok=self._gather("shifts_ok", np.int8),
            wage_expected=self._gather("wage_expected", np.float32),
            has_wishes=np.array([query.desired is not None for query in self.queries], dtype=float),
            training_recency=self._gather("training_recency", np.float64),
            skills_known=self._gather("skills_known", np.float64),
            experience_known=self._gather("experience_known", np.float64),
            employment_ok=self._gather("employment_ok", np.int8),
            commute_assumed=np.array(
                ["max_commute_km" in query.assumed for query in self.queries], dtype=float
            ),
        )

    @classmethod
    def build(cls, index: OpeningIndex, clients: Clients, as_of_day: int) -> ClientPool:
        """Prepare all clients of a table."""
        maker = index.query_maker(as_of_day)
        return cls(index, [maker.make(clients, i) for i in range(len(clients))])

    def __len__(self) -> int:
        """Return the number of clients."""
        return len(self.queries)

    def feasible(self, row: int, excluded: Collection[str] = ()) -> Rows:
        """Return the positions of the clients who pass every gate of the opening in a row."""
        columns = self.index.columns
        passes = (self._forbidden & columns.word[row]) == 0
        passes &= self._ready >= columns.open_day[row]
        passes &= self._ready <= columns.close_day[row]
        has_bed = np.full(len(self), columns.lodging[row] == 1) & (self._side.lodging != 0)
        passes &= within_reach(
            self._distance(row), self._side.max_commute_km, has_bed, self.index.policy
        )
        return np.array(
            [
                position
                for position in np.flatnonzero(passes).tolist()
                if self._passes_lists(self.queries[position], row)
                and self.client_ids[position] not in excluded
            ],
            dtype=np.intp,
        )

    def rank(
        self,
        vacancy_id: str,
        top: int = 20,
        *,
        excluded: Collection[str] = (),
        model: Model | None = None,
    ) -> Candidates:
        """Return an opening's best clients with reasons.

        Parameters
        ----------
        vacancy_id : str
        top : int, default 20
        excluded : collection of str
            Client ids that must not be proposed to this opening.
        model : Model, optional

        Raises
        ------
        KeyError
            When the opening is not in the index.

        Notes
        -----
        Order: known distance before unknown, then higher score, then smaller client id.
        """
        row = self.index.ids.row(vacancy_id)
        if row is None:
            raise KeyError(vacancy_id)
        chosen = model or ExpertBaseline()
        clients = self.feasible(row, excluded)
        distance = self._distance(row)[clients]
        scores = self._score(clients, distance, row, chosen)
        value = sort_value(scores, distance)
        keep = top_positions(value, top).tolist()
        keep.sort(key=lambda place: (-value[place], self.client_ids[clients[place]]))
        entries = [
            self._candidate(rank, int(clients[place]), place, row, distance, scores, chosen)
            for rank, place in enumerate(keep[:top], start=1)
        ]
        return Candidates(tuple(entries), len(clients))

    def scores(self, vacancy_id: str, model: Model | None = None) -> dict[str, float]:
        """Return the score of every feasible client of an opening, by client id."""
        row = self.index.ids.row(vacancy_id)
        if row is None:
            raise KeyError(vacancy_id)
        clients = self.feasible(row)
        found = self._score(clients, self._distance(row)[clients], row, model or ExpertBaseline())
        return {
            self.client_ids[place]: float(score)
            for place, score in zip(clients.tolist(), found.score, strict=True)
        }

    def _score(
        self, clients: Rows, distance: npt.NDArray[np.float64], row: int, model: Model
    ) -> Scores:
        columns = self.index.columns
        queries = [self.queries[position] for position in clients.tolist()]
        rows = np.full(len(clients), row, dtype=np.intp)
        fit = _fit_of_opening(queries, columns, row, distance)
        X = assemble(_part(self._side, clients), fit, columns, rows, self._as_of_day())
        return model.predict(X)

    def _as_of_day(self) -> int:
        return self.queries[0].as_of_day if self.queries else 0

    def _candidate(
        self,
        rank: int,
        client: int,
        place: int,
        row: int,
        distance: npt.NDArray[np.float64],
        scores: Scores,
        model: Model,
    ) -> Candidate:
        span = slice(place, place + 1)
        rows = np.array([row], dtype=np.intp)
        (entry,) = entries_of(
            self.index,
            self.queries[client],
            rows,
            distance[span],
            scores.part(span),
            model=model,
            first_rank=rank,
        )
        return Candidate(self.client_ids[client], entry)

    def _distance(self, row: int) -> npt.NDArray[np.float64]:
        columns = self.index.columns
        place = np.array([columns.x[row], columns.y[row], columns.z[row]])
        return chord_km(place, *self._points)

    def _passes_lists(self, query: ClientQuery, row: int) -> bool:
        columns = self.index.columns
        if query.barred is not None and query.barred[columns.occupation[row]]:
            return False
        if not int(columns.word[row]) >> OVERFLOW_BIT & 1:
            return True
        return not lacks_certificates(query, columns.certificates_of(row))

    def _gather(self, name: str, kind: type[Any]) -> npt.NDArray[Any]:
        return np.array([getattr(query, name) for query in self.queries], dtype=kind)


def _part(side: PairSide, clients: Rows) -> PairSide:
    names = PairSide.__dataclass_fields__
    return PairSide(**{name: getattr(side, name)[clients] for name in names})


def _fit_of_opening(
    queries: Sequence[ClientQuery],
    columns: OpeningColumns,
    row: int,
    distance: npt.NDArray[np.float64],
) -> PairFit:
    occupation, titled = int(columns.occupation[row]), int(columns.titled[row])
    required, preferred = columns.skills_of(row), columns.skills_of(row, preferred=True)
    mentioned = columns.mentions.item(int(columns.profile[row]))
    grams = columns.title_grams.item(int(columns.title[row]))
    weights = columns.title_grams.item_weights(int(columns.title[row])).astype(np.int64)
    n = len(queries)

    def each(values: Iterable[Any], kind: type[Any]) -> npt.NDArray[Any]:
        return np.fromiter(values, dtype=kind, count=n)

    return PairFit(
        distance=distance,
        essential=each((q.credit[required].sum() for q in queries), np.int64),
        optional=each((q.credit[preferred].sum() for q in queries), np.int64),
        n_essential=np.full(n, len(required)),
        n_optional=np.full(n, len(preferred)),
        n_certificates=np.full(n, len(columns.certificates_of(row))),
        lacks_certificate=np.zeros(n, dtype=np.bool_),
        experience=each((q.experience[occupation] for q in queries), np.float32),
        sector=each((q.sector[occupation] for q in queries), np.float32),
        desired=each((q.desired is not None and q.desired[occupation] for q in queries), np.bool_),
        text=each(
            ((q.grams[grams] * weights).sum() if len(q.grams) else 0 for q in queries), np.int64
        ),
        learned=LearnedFit(
            mentioned=each((q.credit[mentioned].sum() for q in queries), np.int64),
            n_mentioned=np.full(n, len(mentioned)),
            trade=each((q.trade[occupation] for q in queries), np.float32),
            wish=each((q.wish[occupation] for q in queries), np.float32),
            believed=each((q.belief.packed[2 * required].sum() for q in queries), np.int64),
            believed_mentioned=each(
                (q.belief.mentioned[mentioned].sum() for q in queries), np.int64
            ),
            typical=each((q.belief.typical[titled] for q in queries), np.float32),
            practice=fused(
                each((q.practice[occupation] for q in queries), np.float32),
                each((q.practice[titled] for q in queries), np.float32),
            ),
        ),
    )
