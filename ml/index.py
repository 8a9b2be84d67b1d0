"""The opening index: exact and columnar; one client against all openings, gate, score, top k."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.baseline import ExpertBaseline, Model, Scores
from ml.beliefs import Believer
from ml.codebook import CodeBook
from ml.columns import (
    FULL_BIT,
    OVERFLOW_BIT,
    REMOVED_BIT,
    ColumnStore,
    OpeningColumns,
    Rows,
)
from ml.encode import Encoder
from ml.experience_words import ExperienceReader
from ml.features import LEARNED, assemble, client_side, fit_of_client
from ml.gates import within_reach
from ml.geo import Distances, chord_km
from ml.ids import IdMap
from ml.places import CellMap, cell_keys
from ml.policy import GatePolicy
from ml.query import ClientQuery, QueryMaker, lacks_certificates
from ml.schema import Clients, Vacancies
from ml.skill_words import skill_matcher
from ml.statics import log_places
from ml.text import TextModel
from ml.titles import TitleSuggester
from ml.trades import Trades
from ml.vocabulary import Vocabulary

# An opening whose distance is unknown comes after all others; a score is at most 1.5.
UNKNOWN_PLACE_PENALTY = 2.0
MIN_TAIL = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Hold a client's best openings, best first.

    Attributes
    ----------
    index : OpeningIndex
        Where the rows are; a ranking is valid until its next change.
    rows : intp, shape (k,)
    distance_km : float64, shape (k,)
        NaN unknown.
    scores : Scores
        Arrays of shape (k,).
    n_feasible : int
        How many openings passed the gates.
    n_place_unknown : int
        How many of them have an unknown distance; they rank last.
    """

    index: OpeningIndex
    rows: Rows
    distance_km: Distances
    scores: Scores
    n_feasible: int
    n_place_unknown: int

    @property
    def vacancy_ids(self) -> tuple[str, ...]:
        """Return the openings' ids, best first."""
        return self.index.names_of(self.rows)


class StaleQueryError(ValueError):
    """Say that openings brought codes the client was not compared with: make the query anew."""


class OpeningIndex:
    """Keep open openings ready to be ranked for any client, exactly.

    Parameters
    ----------
    vocabulary : Vocabulary
    policy : GatePolicy, optional
    suggest_titles : bool, default True
        Suggest an occupation from the title where an opening has none, read preferred skills from
        its words where it states none, and experience from what clients wrote.

    Notes
    -----
    Not safe for a writer beside readers: the caller holds a lock while it changes the index.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        policy: GatePolicy | None = None,
        *,
        suggest_titles: bool = True,
    ) -> None:
        self.vocabulary = vocabulary
        self.policy = policy or GatePolicy()
        self.book = CodeBook(vocabulary)
        suggester = TitleSuggester(vocabulary) if suggest_titles else None
        self.aliases = skill_matcher(vocabulary)
        self.experience = ExperienceReader(suggester.unambiguous() if suggester else {})
        self.encoder = Encoder(
            self.book,
            TextModel(vocabulary),
            suggester.sure_codes if suggester is not None else None,
            self.aliases.named,
        )
        self.trades = Trades(vocabulary)
        self.believer = Believer(vocabulary)
        self.store = ColumnStore()
        self.ids = IdMap()
        self.version = 0
        self._cells = CellMap(cell_keys(self.columns.lat, self.columns.lon))
        self._n_removed = 0

    @classmethod
    def build(
        cls,
        vacancies: Vacancies,
        vocabulary: Vocabulary,
        policy: GatePolicy | None = None,
        *,
        suggest_titles: bool = True,
    ) -> OpeningIndex:
        """Return an index of a whole table."""
        index = cls(vocabulary, policy, suggest_titles=suggest_titles)
        index.upsert(vacancies)
        index.compact()
        return index

    def __len__(self) -> int:
        """Return the number of openings."""
        return len(self.columns) - self._n_removed

    @property
    def columns(self) -> OpeningColumns:
        """Return the columns, removed rows included, valid until the next change."""
        return self.store.view

    @property
    def nbytes(self) -> int:
        """Return the bytes that grow with the openings: columns, lists, identifiers, cells."""
        return self.store.nbytes + self.ids.nbytes + self._cells.nbytes

    def upsert(self, vacancies: Vacancies) -> None:
        """Add openings, or replace those whose id is here already; the others are not touched."""
        self._mark_removed(vacancies.ids)
        self.store.append(self.encoder.encode(vacancies))
        self.ids.append(vacancies.ids)
        self._after_change()

    def remove(self, vacancy_ids: Iterable[str]) -> int:
        """Take openings out; return how many were here."""
        found = self._mark_removed(vacancy_ids)
        self._after_change()
        return found

    def set_places(self, places: Iterable[tuple[str, int]]) -> None:
        """Set the free places of openings by id; ids that are not here are ignored."""
        full = np.uint64(1 << FULL_BIT)
        columns = self.columns
        for vacancy_id, n_places in places:
            row = self.ids.row(vacancy_id)
            if row is None:
                continue
            columns.places[row] = min(max(n_places, 0), 65_535)
            columns.log_places[row] = log_places(columns.places[row : row + 1])[0]
            word = columns.word[row] & ~full
            columns.word[row] = word if n_places > 0 else word | full
        self.version += 1

    def compact(self) -> None:
        """Sort the rows by place and drop removed ones; done by itself when the tail grows."""
        columns = self.columns
        alive = np.flatnonzero((columns.word & np.uint64(1 << REMOVED_BIT)) == 0)
        keys = cell_keys(columns.lat[alive], columns.lon[alive])
        order = np.argsort(keys, kind="stable")
        self.store.reorder(alive[order])
        self.ids.reorder(alive[order])
        self._cells = CellMap(keys[order])
        self._n_removed = 0
        self.version += 1

    def query_maker(self, as_of_day: int) -> QueryMaker:
        """Return what prepares clients for this index; prepare anew after the index changed."""
        return QueryMaker(
            self.encoder,
            self.aliases,
            self.policy,
            as_of_day,
            self.trades,
            self.experience,
            self.believer,
        )

    def query(self, clients: Clients, i: int, as_of_day: int) -> ClientQuery:
        """Prepare client `i` of a table for this index."""
        return self.query_maker(as_of_day).make(clients, i)

    def rows_of(self, vacancy_ids: Iterable[str]) -> list[int]:
        """Return the rows of the ids that are here."""
        found = (self.ids.row(vacancy_id) for vacancy_id in vacancy_ids)
        return [row for row in found if row is not None]

    def names_of(self, rows: Rows) -> tuple[str, ...]:
        """Return the vacancy ids of rows."""
        return self.ids.names(rows)

    def distances(self, query: ClientQuery, rows: Rows) -> Distances:
        """Return a client's distances to rows in kilometres, shape (n,), NaN unknown."""
        columns = self.columns
        return chord_km(query.point, columns.x[rows], columns.y[rows], columns.z[rows])

    def feasible(
        self, query: ClientQuery, excluded: Collection[str] = ()
    ) -> tuple[Rows, Distances]:
        """Return the rows that pass every gate and their distances, in no promised order.

        Parameters
        ----------
        query : ClientQuery
        excluded : collection of str
            Vacancy ids that must not be proposed to this client.
        """
        self._check(query)
        rows = self._unforbidden(query)
        columns = self.columns
        if query.barred is not None:
            rows = rows[~query.barred[columns.occupation[rows]]]
        if excluded:
            rows = np.setdiff1d(rows, self.rows_of(excluded), assume_unique=True)
        distance = self.distances(query, rows)
        word = columns.word[rows]
        bed = (word & query.bed_mask) != 0
        passes = within_reach(distance, query.max_commute_km, bed, self.policy)
        self._check_rare_certificates(query, rows, word, passes)
        return rows[passes], distance[passes]

    def score(
        self,
        query: ClientQuery,
        rows: Rows,
        distance: Distances | None = None,
        *,
        model: Model | None = None,
    ) -> Scores:
        """Score the given rows for a client, whether feasible or not."""
        chosen = model or ExpertBaseline()
        plain = isinstance(chosen, ExpertBaseline)
        learned = not plain or not chosen.weights_in_use.keys().isdisjoint(LEARNED)
        return chosen.predict(self.feature_matrix(query, rows, distance, learned=learned))

    def feature_matrix(
        self,
        query: ClientQuery,
        rows: Rows,
        distance: Distances | None = None,
        *,
        learned: bool = True,
    ) -> npt.NDArray[np.float32]:
        """Return the features of a client with the given rows, shape (n, n_features)."""
        self._check(query)
        columns = self.columns
        if distance is None:
            distance = self.distances(query, rows)
        fit = fit_of_client(query, columns, rows, distance, learned=learned)
        side = client_side(query)
        return assemble(side, fit, columns, rows, query.as_of_day)

    def rank(
        self,
        query: ClientQuery,
        top: int,
        *,
        excluded: Collection[str] = (),
        model: Model | None = None,
    ) -> Ranking:
        """Return the client's best feasible openings, exactly: as if every pair had been scored.

        Parameters
        ----------
        query : ClientQuery
            From this index at its present version.
        top : int
        excluded : collection of str
        model : Model, optional
            The expert formula by default.

        Notes
        -----
        Order: known distance before unknown, then higher score, then smaller vacancy id.
        """
        rows, distance = self.feasible(query, excluded)
        scores = self.score(query, rows, distance, model=model)
        order = self.best(rows, distance, scores, top)
        return Ranking(
            index=self,
            rows=rows[order],
            distance_km=distance[order],
            scores=scores.part(order),
            n_feasible=len(rows),
            n_place_unknown=int(np.count_nonzero(np.isnan(distance))),
        )

    def best(self, rows: Rows, distance: Distances, scores: Scores, top: int) -> Rows:
        """Return the positions of the `top` best of scored rows, best first, ties by id."""
        value = sort_value(scores, distance)
        keep = top_positions(value, top)
        order = keep[np.argsort(-value[keep], kind="stable")]
        worth = value[order]
        if (worth[1:] < worth[:-1]).all():
            return order[:top]
        names = self.names_of(rows[order])
        ranked = sorted(zip((-worth).tolist(), names, order.tolist(), strict=True))
        return np.array([place for _, _, place in ranked[:top]], dtype=np.intp)

    def _check(self, query: ClientQuery) -> None:
        if query.stamp != self.encoder.stamp:
            raise StaleQueryError(query.client_id)

    def _unforbidden(self, query: ClientQuery) -> Rows:
        columns = self.columns
        forbidden = np.uint64(query.forbidden)
        ready = min(query.ready_day, 65_534)
        reach = query.max_commute_km
        if query.accepts_lodging:
            reach = max(reach, self.policy.lodging_km)
        spans = self._cells.spans(query.lat, query.lon, reach)
        if self._cells.n < len(columns):
            spans.append((self._cells.n, len(columns)))
        found = []
        for begin, end in spans:
            passes = (columns.word[begin:end] & forbidden) == 0
            passes &= columns.open_day[begin:end] <= ready
            passes &= columns.close_day[begin:end] >= ready
            found.append(np.flatnonzero(passes) + begin)
        return np.concatenate(found) if found else np.zeros(0, dtype=np.intp)

    def _check_rare_certificates(
        self,
        query: ClientQuery,
        rows: Rows,
        word: npt.NDArray[np.uint64],
        passes: npt.NDArray[np.bool_],
    ) -> None:
        """Clear `passes` where a certificate without a bit of its own is lacking."""
        rare = (word & np.uint64(1 << OVERFLOW_BIT)) != 0
        rare &= passes
        for position in np.flatnonzero(rare).tolist():
            required = self.columns.certificates_of(int(rows[position]))
            passes[position] = not lacks_certificates(query, required)

    def _mark_removed(self, vacancy_ids: Iterable[str]) -> int:
        rows = []
        for vacancy_id in vacancy_ids if len(self) else ():
            row = self.ids.row(vacancy_id)
            if row is not None:
                rows.append(row)
                self.ids.forget(vacancy_id)
        self.columns.word[rows] |= np.uint64(1 << REMOVED_BIT)
        self._n_removed += len(rows)
        return len(rows)

    def _after_change(self) -> None:
        tail = len(self.columns) - self._cells.n
        if max(tail, self._n_removed) > max(MIN_TAIL, len(self.columns) // 8):
            self.compact()
        self.version += 1


def sort_value(scores: Scores, distance: Distances) -> npt.NDArray[np.float64]:
    """Return what a ranking sorts by: the score, unknown distances below all known ones.

    Returns
    -------
    float64, shape (n,)
        Rounded to 12 decimals, so that a last bit never decides a tie.
    """
    value: npt.NDArray[np.float64] = np.round(scores.score, 12)
    value[np.isnan(distance)] -= UNKNOWN_PLACE_PENALTY
    return value


def top_positions(value: npt.NDArray[np.float64], top: int) -> Rows:
    """Return the positions of the `top` highest values and of all that tie with the last of them.

    Examples
    --------
    >>> top_positions(np.array([0.1, 0.9, 0.5, 0.5]), 2).tolist()
    [1, 2, 3]
    """
    if top < len(value):
        least = np.partition(value, len(value) - top)[len(value) - top] if top else np.inf
        tied: Rows = np.flatnonzero(value >= least)
        return tied
    return np.arange(len(value), dtype=np.intp)
