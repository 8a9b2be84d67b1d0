"""The policies that are compared: each gives every feasible pair a score, and may then allocate."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_matrix
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from ml.allocation.objective import JobsKept
from ml.baseline import ExpertBaseline, Model
from ml.index import OpeningIndex
from ml.learning import train
from ml.learning.rows import training_rows
from ml.schema import Clients, Placements, Vacancies
from ml.simulation import Simulated
from ml.simulation.oracle import FeasibleOracle
from ml.vocabulary import Vocabulary

NOWHERE = -1e9
NEVER = 10**6
GREEDY, ALLOCATED = "greedy", "allocated"


@dataclass(frozen=True)
class Policy:
    """Name a policy, how it scores and how it gives places away."""

    name: str
    score: Callable[[Case], np.ndarray]
    way: str


class Case:
    """Hold one drawn world and what several policies need of it, each made once."""

    def __init__(self, simulated: Simulated, vocabulary: Vocabulary, seed: int) -> None:
        self.simulated = simulated
        self.vocabulary = vocabulary
        self.rng = np.random.default_rng([seed, 5])
        rows = np.arange(len(simulated.people))
        self.feasible = simulated.feasible(rows)
        self.truth = simulated.truth(rows).value
        self.places = simulated.openings.headcount

    @cached_property
    def oracle(self) -> np.ndarray:
        return FeasibleOracle(self.simulated).value(np.arange(len(self.simulated.people)))

    @cached_property
    def km(self) -> np.ndarray:
        s = self.simulated
        return s.constraints.km(np.arange(len(s.people)), np.arange(len(s.openings)))

    @cached_property
    def documents(self) -> tuple[list[str], list[str]]:
        return (
            _documents_of_clients(self.simulated.clients, self.vocabulary),
            _documents_of_vacancies(self.simulated.vacancies, self.vocabulary),
        )

    @cached_property
    def past(self) -> Past:
        return Past.of(self.simulated, self.vocabulary)

    @cached_property
    def learned(self) -> Model:
        """Return what `train` learns from the past."""
        s = self.simulated
        return train(
            s.history_clients,
            s.history_vacancies,
            self.past.placements,
            vocabulary=self.vocabulary,
            as_of_day=s.as_of,
            seed=s.seed,
        )

    def matrix_of(self, model: Model) -> np.ndarray:
        """Score the feasible pairs with a model of the library, by what is measured: jobs kept."""
        prepare = getattr(model, "prepare", None)
        vacancies = self.simulated.vacancies
        return self._scored(
            prepare(vacancies) if prepare else vacancies, lambda X: JobsKept(model).predict(X).score
        )

    def matrix_by(self, predict: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Score the feasible pairs with a function of the features."""
        vacancies = self.simulated.vacancies
        return self._scored(self.past.prepare(vacancies), predict)

    def _scored(
        self, vacancies: Vacancies, predict: Callable[[np.ndarray], np.ndarray]
    ) -> np.ndarray:
        s = self.simulated
        index = OpeningIndex.build(vacancies, self.vocabulary)
        order = np.argsort(index.names_of(np.arange(len(vacancies))))
        maker = index.query_maker(s.as_of)
        found = np.full(self.feasible.shape, NOWHERE)
        for i in range(len(s.people)):
            columns = np.flatnonzero(self.feasible[i])
            if len(columns):
                query = maker.make(s.clients, i)
                found[i, columns] = predict(index.feature_matrix(query, order[columns]))
        return found


@dataclass(frozen=True)
class Past:
    """Hold the matured past as features and labels: 0 not hired, 1 hired, 2 retained."""

    X: np.ndarray
    label: np.ndarray
    client: np.ndarray
    placements: Placements
    prepare: Callable[[Vacancies], Vacancies]

    @classmethod
    def of(cls, simulated: Simulated, vocabulary: Vocabulary) -> Past:
        """Take the very rows the library learns from, employers' records included."""
        proposals = simulated.proposals
        placements = Placements.from_rows(simulated.placement_rows())
        rows = training_rows(
            simulated.history_clients,
            simulated.history_vacancies,
            placements,
            vocabulary=vocabulary,
            as_of_day=simulated.as_of,
        ).with_records(None)
        kept = [n for n, place in enumerate(rows.placement) if proposals[place].is_matured]
        label = np.array([_label(proposals[rows.placement[n]]) for n in kept])
        return cls(rows.X[kept], label, rows.client[kept], placements, rows.records(None).fill)


def policies() -> list[Policy]:
    """Return the policies whose parts are installed, in the order of the table."""
    found = [
        Policy("random", _random, GREEDY),
        Policy("nearest first", _nearest, GREEDY),
        Policy("skill only", _skill_only, GREEDY),
        Policy("sector + radius + closing date", _filtered, GREEDY),
        Policy("TF-IDF cosine", _cosine, GREEDY),
        Policy("BM25", _bm25, GREEDY),
        Policy("expert greedy", _expert, GREEDY),
        Policy("expert + allocation", _expert, ALLOCATED),
        Policy("HistGradientBoosting + allocation", _boosting, ALLOCATED),
    ]
    if importlib.util.find_spec("lightgbm"):
        found.append(Policy("LightGBM LambdaRank + allocation", _lambdarank, ALLOCATED))
    found.append(Policy("learned + allocation", _learned, ALLOCATED))
    found.append(Policy("feasible oracle", lambda case: case.oracle, ALLOCATED))
    found.append(Policy("full oracle", lambda case: case.truth, ALLOCATED))
    return found


def assign(score: np.ndarray, feasible: np.ndarray, places: np.ndarray, way: str) -> np.ndarray:
    """Return each client's opening, -1 none, no opening more often than it has places."""
    if way == GREEDY:
        return _first_come(score, feasible, places)
    columns = np.repeat(np.arange(len(places)), places)
    worth = np.where(feasible, np.maximum(score, 0.0), 0.0)[:, columns]
    rows, chosen = linear_sum_assignment(worth, maximize=True)
    found = np.full(len(score), -1)
    found[rows] = columns[chosen]
    empty = (found >= 0) & ~feasible[np.arange(len(score)), found]
    found[empty] = -1
    return found


def ndcg(score: np.ndarray, case: Case, top: int = 10) -> float:
    """Return the mean NDCG over clients with at least two openings; the gain is the truth."""
    discount = 1.0 / np.log2(np.arange(2, top + 2))
    found = []
    for i in np.flatnonzero(case.feasible.sum(axis=1) >= 2).tolist():
        columns = np.flatnonzero(case.feasible[i])
        gains = case.truth[i, columns]
        order = np.argsort(-score[i, columns], kind="stable")[:top]
        best = np.sort(gains)[::-1][:top]
        weights = discount[: len(best)]
        found.append(float(gains[order] @ weights / (best @ weights)))
    return float(np.mean(found))


def _first_come(score: np.ndarray, feasible: np.ndarray, places: np.ndarray) -> np.ndarray:
    left = places.copy()
    found = np.full(len(score), -1)
    for i in range(len(score)):
        open_to = np.where(feasible[i] & (left > 0), score[i], -np.inf)
        best = int(np.argmax(open_to))
        if open_to[best] > -np.inf:
            found[i] = best
            left[best] -= 1
    return found


def _random(case: Case) -> np.ndarray:
    return case.rng.random(case.feasible.shape)


def _nearest(case: Case) -> np.ndarray:
    return -np.where(np.isnan(case.km), 1e6, case.km)


def _skill_only(case: Case) -> np.ndarray:
    """Share of the coded required skills the client has coded; ties fall as they will."""
    clients, vacancies = case.simulated.clients.skills, case.simulated.vacancies.skills_required
    codes = {
        code: n for n, code in enumerate(dict.fromkeys((*clients.lexicon, *vacancies.lexicon)))
    }
    has, asks = (_incidence(lists, codes) for lists in (clients, vacancies))
    asked = np.asarray(asks.sum(axis=1)).ravel()
    share = (has @ asks.T).toarray() / np.maximum(asked, 1.0)
    return share + 1e-3 * case.rng.random(share.shape)


def _filtered(case: Case) -> np.ndarray:
    """The sector of the person's work or wish, within the radius; the soonest to close first."""
    clients, vacancies = case.simulated.clients, case.simulated.vacancies
    sectors = [code[:4] for code in vacancies.occupation]
    closing = np.where(vacancies.close_on < 0, NEVER, vacancies.close_on).astype(float)
    found = np.tile(-closing / NEVER, (len(clients), 1))
    for i in range(len(clients)):
        lists = (clients.experience.row(i), clients.desired_occupations.row(i))
        own = {code[:4] for entries in lists for code, _ in entries}
        found[i] += [2.0 * (sector in own) for sector in sectors]
    return found + (case.km <= case.simulated.constraints.km_limit[:, None])


def _cosine(case: Case) -> np.ndarray:
    model = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    clients, vacancies = case.documents
    matrix = model.fit_transform(vacancies)
    return (model.transform(clients) @ matrix.T).toarray()


def _bm25(case: Case, k1: float = 1.2, b: float = 0.75) -> np.ndarray:
    """Okapi BM25 over character pairs (Robertson and Zaragoza 2009)."""
    model = CountVectorizer(analyzer="char", ngram_range=(2, 2))
    clients, vacancies = case.documents
    counts = csr_matrix(model.fit_transform(vacancies), dtype=float)
    n, sizes = counts.shape[0], np.asarray(counts.sum(axis=1)).ravel()
    in_documents = np.asarray((counts > 0).sum(axis=0)).ravel()
    rarity = np.log(1.0 + (n - in_documents + 0.5) / (in_documents + 0.5))
    row = np.repeat(np.arange(n), np.diff(counts.indptr))
    length = k1 * (1.0 - b + b * sizes[row] / max(sizes.mean(), 1.0))
    counts.data = rarity[counts.indices] * counts.data * (k1 + 1.0) / (counts.data + length)
    asked = (csr_matrix(model.transform(clients)) > 0).astype(float)
    return (asked @ counts.T).toarray()


def _expert(case: Case) -> np.ndarray:
    return case.matrix_of(ExpertBaseline())


def _learned(case: Case) -> np.ndarray:
    return case.matrix_of(case.learned)


def _boosting(case: Case) -> np.ndarray:
    """Plain boosting of the outcome that counts, without any prior knowledge."""
    model = HistGradientBoostingClassifier(random_state=0)
    model.fit(case.past.X, case.past.label == 2)
    return case.matrix_by(lambda X: model.predict_proba(X)[:, 1])


def _lambdarank(case: Case) -> np.ndarray:
    """LightGBM LambdaRank, a client's proposals being a group; moved to be positive."""
    import lightgbm

    order = np.argsort(case.past.client, kind="stable")
    _, sizes = np.unique(case.past.client[order], return_counts=True)
    model = lightgbm.LGBMRanker(
        n_estimators=100, random_state=0, n_jobs=1, verbose=-1, deterministic=True
    )
    model.fit(case.past.X[order], case.past.label[order], group=sizes)
    score = case.matrix_by(lambda X: model.booster_.predict(X))
    least = score[case.feasible].min()
    return np.where(case.feasible, score - least + 1e-6, NOWHERE)


def _label(proposal: object) -> int:
    if proposal.hired == 0:
        return 0
    stayed = proposal.ended < 0 or proposal.ended - proposal.started >= 180
    return 2 if stayed else 1


def _incidence(lists: object, codes: dict[str, int]) -> csr_matrix:
    numbers = np.array([codes[code] for code in lists.lexicon], dtype=np.int64)
    columns = numbers[lists.codes] if len(lists.codes) else np.zeros(0, dtype=np.int64)
    shape = (len(lists.offsets) - 1, len(codes))
    return csr_matrix((np.ones(len(columns)), columns, lists.offsets), shape=shape)


def _documents_of_clients(clients: Clients, vocabulary: Vocabulary) -> list[str]:
    names = _names(vocabulary)
    return [
        " ".join(
            [
                clients.text[i],
                *(names.get(code, "") for code, _ in clients.skills.row(i)),
                *(names.get(code, "") for code, _ in clients.experience.row(i)),
                *(names.get(code, "") for code, _ in clients.desired_occupations.row(i)),
            ]
        )
        for i in range(len(clients))
    ]


def _documents_of_vacancies(vacancies: Vacancies, vocabulary: Vocabulary) -> list[str]:
    names = _names(vocabulary)
    return [
        " ".join(
            [
                vacancies.title[j],
                vacancies.text[j],
                names.get(vacancies.occupation[j], ""),
                *(names.get(code, "") for code, _ in vacancies.skills_required.row(j)),
            ]
        )
        for j in range(len(vacancies))
    ]


def _names(vocabulary: Vocabulary) -> dict[str, str]:
    found = {occupation.code: occupation.name for occupation in vocabulary.occupations}
    return found | {skill.code: skill.name for skill in vocabulary.skills}
