"""Training rows: the features of each proposal on the day it was made, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ml.features import INDEX, Matrix, assemble, client_side, fit_of_client
from ml.index import OpeningIndex
from ml.learning.outcomes import UNKNOWN, Outcomes, outcomes_of
from ml.learning.partners import (
    Events,
    Numbering,
    PartnerTable,
    Posterior,
    counts_before,
    posterior,
)
from ml.schema import Clients, Placements, Vacancies
from ml.statics import BASE_HIRE, BASE_RETAINED, partner_odds, partner_shift
from ml.vocabulary import Vocabulary
from ml.work import recency

Ints = npt.NDArray[np.int64]
Progress = Callable[[Sequence[int], str], Iterable[int]]


@dataclass(frozen=True, slots=True, eq=False)
class TrainingRows:
    """Hold past proposals, sorted by day and placement id, so that input order does not matter.

    Attributes
    ----------
    X : float32, shape (n, n_features)
        Features on the day of the proposal; partners' records as known the day before.
    outcomes : Outcomes
    client : int64, shape (n,)
        Number of the client, the group of grouped validation.
    partner, sector : int64, shape (n,)
        Numbers, -1 none.
    day : int64, shape (n,)
        Of the proposal, days since 1970.
    placement : int64, shape (n,)
        Row of the placements table.
    numbering : Numbering
        Of partners and sectors.
    as_of_day : int
    promise : float64, shape (2, n)
        How much hire, and retention once hired, each pair promised without its partner's record,
        as multiples of the usual: partners are judged by what they made of whom they were sent.
    """

    X: Matrix
    outcomes: Outcomes
    client: Ints
    partner: Ints
    sector: Ints
    day: Ints
    placement: Ints
    numbering: Numbering
    as_of_day: int
    promise: npt.NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of proposals."""
        return len(self.X)

    @property
    def weights_of_hire(self) -> npt.NDArray[np.float64]:
        """Return 1 where the answer is known, 0 where not."""
        known: npt.NDArray[np.float64] = (self.outcomes.hired != UNKNOWN).astype(np.float64)
        return known

    def with_records(self, half_life: float | None) -> TrainingRows:
        """Return the rows with partners' records of one half-life in days."""
        X = self.X.copy(order="F")
        hire, retained = (self._posterior(kind, self.day, half_life) for kind in _KINDS)
        X[:, INDEX["partner_hire"]] = partner_shift(hire.mean, hire.n, BASE_HIRE)
        X[:, INDEX["partner_retained"]] = partner_shift(retained.mean, hire.n, BASE_RETAINED)
        X[:, INDEX["partner_n"]] = np.log1p(np.minimum(hire.n, 65_535))
        X[:, INDEX["partner_hire_odds"]] = partner_odds(hire.mean, BASE_HIRE)
        X[:, INDEX["partner_retained_odds"]] = partner_odds(retained.mean, BASE_RETAINED)
        return replace(self, X=X)

    def records(self, half_life: float | None) -> PartnerTable:
        """Return partners' records on the as-of day."""
        n_partners, n_sectors = len(self.numbering.partners), len(self.numbering.sectors)
        counts = {}
        for kind in _KINDS:
            events, _ = self._events(kind, self.partner)
            day = np.full(n_partners, self.as_of_day + 1)
            counts[kind] = counts_before(events, np.arange(n_partners), day, half_life)
        branches = np.append(np.arange(n_sectors), -1)
        sectors = [self._branch(kind, branches, half_life) for kind in _KINDS]
        hire, retained = counts["hired"], counts["retained"]
        return PartnerTable(
            numbering=self.numbering,
            hire=np.column_stack(hire[:2]),
            retained=np.column_stack(retained[:2]),
            sector_hire=sectors[0],
            sector_retained=sectors[1],
            n=hire[2],
        )

    def _branch(self, kind: str, sector: Ints, half_life: float | None) -> npt.NDArray[np.float64]:
        nobody = np.full(len(sector), -1, dtype=np.int64)
        day = np.full(len(sector), self.as_of_day + 1, dtype=np.int64)
        return self._of(kind, nobody, sector, day, half_life).sector

    def _posterior(self, kind: str, day: Ints, half_life: float | None) -> Posterior:
        return self._of(kind, self.partner, self.sector, day, half_life)

    def _of(
        self, kind: str, partner: Ints, sector: Ints, day: Ints, half_life: float | None
    ) -> Posterior:
        own, base = self._events(kind, self.partner)
        branch, _ = self._events(kind, self.sector)
        everybody, _ = self._events(kind, np.zeros(len(self), dtype=np.int64))
        return posterior(
            counts_before(own, partner, day, half_life),
            counts_before(branch, sector, day, half_life),
            counts_before(everybody, np.zeros(len(day), dtype=np.int64), day, half_life),
            base,
        )

    def _events(self, kind: str, group: Ints) -> tuple[Events, float]:
        found = self.outcomes
        value, day, base = (
            (found.hired, found.hire_known_on, BASE_HIRE)
            if kind == "hired"
            else (found.retained, found.retained_known_on, BASE_RETAINED)
        )
        known = value != UNKNOWN
        size = self.promise[_KINDS.index(kind)]
        return Events(group[known], day[known], value[known].astype(np.float64), size[known]), base


_KINDS = ("hired", "retained")


def training_rows(
    clients: Clients,
    vacancies: Vacancies,
    placements: Placements,
    *,
    vocabulary: Vocabulary,
    as_of_day: int,
    progress: Progress | None = None,
) -> TrainingRows:
    """Return the proposals made before a day with features and outcomes as known on it.

    Parameters
    ----------
    clients, vacancies : Clients, Vacancies
        Hold every id the placements name.
    placements : Placements
    vocabulary : Vocabulary
    as_of_day : int
        Days since 1970; later proposals are left out, later outcomes are unknown.
    progress : callable, optional
        From a sequence and a label to the items, shown as they are worked on.

    Notes
    -----
    A client's record is the present one for every proposal: the exchange format keeps no history
    of it. Days since a course and the opening's age are those of the proposal.
    """
    kept = _in_order(placements, as_of_day)
    numbers = {name: i for i, name in enumerate(clients.client_id)}
    places = {name: i for i, name in enumerate(vacancies.vacancy_id)}
    who = np.array([numbers[placements.client_id[i]] for i in kept], dtype=np.int64)
    what = np.array([places[placements.vacancy_id[i]] for i in kept], dtype=np.int64)
    day = placements.proposed_on[kept].astype(np.int64)
    index = OpeningIndex.build(vacancies, vocabulary)
    row_of = np.array(index.rows_of(vacancies.vacancy_id), dtype=np.intp)
    X = _features(index, clients, who, row_of[what], day, progress)
    numbering = Numbering.of(vacancies)
    return TrainingRows(
        X=X,
        outcomes=outcomes_of(placements, as_of_day).part(kept),
        client=_numbered([clients.client_id[i] for i in who.tolist()]),
        partner=numbering.partner([vacancies.partner_id[i] for i in what.tolist()]),
        sector=numbering.sector([vacancies.occupation[i] for i in what.tolist()]),
        day=day,
        placement=kept,
        numbering=numbering,
        as_of_day=as_of_day,
        promise=np.ones((len(_KINDS), len(kept))),
    )


def _in_order(placements: Placements, as_of_day: int) -> Ints:
    days, names = placements.proposed_on.tolist(), placements.placement_id
    kept = [i for i, day in enumerate(days) if day <= as_of_day]
    kept.sort(key=lambda i: (days[i], names[i]))
    return np.array(kept, dtype=np.int64)


def _numbered(names: Sequence[str]) -> Ints:
    numbers = {name: number for number, name in enumerate(sorted(set(names)))}
    return np.array([numbers[name] for name in names], dtype=np.int64)


def _features(
    index: OpeningIndex,
    clients: Clients,
    who: Ints,
    rows: npt.NDArray[np.intp],
    day: Ints,
    progress: Progress | None,
) -> Matrix:
    """Fill the features client by client: a query is made once, days are the proposals'."""
    X = np.zeros((len(INDEX), len(who)), dtype=np.float32)
    order = np.argsort(who, kind="stable")
    distinct, starts = np.unique(who[order], return_index=True)
    ends = np.append(starts[1:], len(order))
    maker = index.query_maker(0)
    numbers = range(len(distinct))
    for number in progress(numbers, "features") if progress else numbers:
        pairs = order[starts[number] : ends[number]]
        i = int(distinct[number])
        query = maker.make(clients, i)
        fit = fit_of_client(query, index.columns, rows[pairs], index.distances(query, rows[pairs]))
        side = client_side(query)
        side.training_recency = recency(int(clients.trained_on[i]), day[pairs])
        X[:, pairs] = assemble(side, fit, index.columns, rows[pairs], day[pairs]).T
    return X.T
