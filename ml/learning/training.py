"""Train: choose by validation how far outcomes may move the expert weights, and calibrate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from ml.baseline import EXPERT_INTERCEPTS, EXPERT_WEIGHTS
from ml.evaluation.metrics import auc
from ml.features import FEATURES
from ml.learning.head import Head, linear_log_odds, pooled_factor
from ml.learning.logistic import Cases, Linear, Prior, fit_map
from ml.learning.model import STAND_INS, LearnedModel
from ml.learning.outcomes import N_INTERVALS, UNKNOWN
from ml.learning.rows import Progress, TrainingRows, training_rows
from ml.learning.trees import Trees, fit_trees
from ml.schema import Clients, Placements, Vacancies
from ml.vocabulary import Vocabulary

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Five hundred proposals hold about four hundred known answers, two thousand about sixteen hundred.
MAP_FROM, BLEND_FROM = 400, 1_600
SCALES = (0.05, 0.1, 0.2, 0.35, 0.6)
HALF_LIVES: tuple[float | None, ...] = (None, 730.0, 365.0, 183.0)
TREE_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
N_FOLDS = 5
ORIGINS = (0.5, 0.65, 0.8, 1.0)
MIN_GAIN = 0.002
"""A choice must lower the log-loss by this share to leave the simpler one."""
UNBELIEVED = 0.5
"""Features the expert says nothing of are held to nothing this much more tightly."""
MIN_TREE_CASES = 200
NOT_LEARNED = frozenset(
    {"partner_n", "season_cos", "season_sin", "partner_hire", "partner_retained"}
)
"""Number of outcomes and season differ between the days of training and the day of use, not between
openings of one day; the records are learned from in their `*_odds` form."""
RECORDS = frozenset({"partner_hire_odds", "partner_retained_odds"})
PROMISE_BOUNDS = (0.2, 5.0)
PROBABILITY_FLOOR = 1e-4


def train(
    clients: Clients,
    vacancies: Vacancies,
    placements: Placements,
    *,
    vocabulary: Vocabulary,
    as_of_day: int,
    seed: int = 0,
    progress: Progress | None = None,
) -> LearnedModel:
    """Return the model that the outcomes known on a day support.

    Parameters
    ----------
    clients, vacancies : Clients, Vacancies
        Hold every id the placements name.
    placements : Placements
    vocabulary : Vocabulary
    as_of_day : int
        Days since 1970; what happened later does not exist.
    seed : int, default 0
        Of the folds and the trees.
    progress : callable, optional
        From a sequence and a label to the items, shown as they are worked on.
    """
    rows = training_rows(
        clients,
        vacancies,
        placements,
        vocabulary=vocabulary,
        as_of_day=as_of_day,
        progress=progress,
    )
    return train_rows(rows, seed=seed)


def train_rows(rows: TrainingRows, *, seed: int = 0) -> LearnedModel:
    """Return the model that training rows support."""
    n_matured = int(rows.weights_of_hire.sum())
    if n_matured < MAP_FROM or not _both(rows.outcomes.hired):
        return LearnedModel("expert", n_matured, rows.records(None))
    rows = with_promise(rows)
    memory = choose_memory(rows)
    remembered = rows.with_records(memory.records)
    weight = memory.weight(remembered)
    with_trees = n_matured >= BLEND_FROM
    hire = fit_head(hire_task(remembered, weight), seed=seed, with_trees=with_trees)
    retained = fit_head(retained_task(remembered, weight), seed=seed, with_trees=with_trees)
    return LearnedModel(
        stage="blend" if with_trees else "map",
        n_matured=n_matured,
        partners=rows.records(memory.records),
        hire=hire,
        retained=retained,
        ahead=figures_ahead(remembered, memory),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """Hold one thing to learn.

    Attributes
    ----------
    cases : Cases
        What the linear part is fitted to.
    prior : Prior
    group : int64, shape (n,)
        Client of each case.
    whole : Cases
        One case a pair: the flag that is predicted in the end.
    whole_group : int64, shape (n_whole,)
    """

    cases: Cases
    prior: Prior
    group: Ints
    whole: Cases
    whole_group: Ints


def hire_task(rows: TrainingRows, weight: Floats) -> Task:
    """Return hire given proposal."""
    known = np.flatnonzero(rows.outcomes.hired != UNKNOWN)
    cases = _flags(rows.X, rows.outcomes.hired, weight, known)
    expert = Linear(_expert("hire"), np.array(EXPERT_INTERCEPTS[:1]))
    return Task(cases, _prior(expert, "hire"), rows.client[known], cases, rows.client[known])


def retained_task(rows: TrainingRows, weight: Floats) -> Task:
    """Return retention given hire: intervals as cases, six months as the flag."""
    found = rows.outcomes
    row, interval = np.nonzero(found.at_risk > 0)
    cases = Cases(
        X=rows.X[row],
        y=found.survived[row, interval].astype(np.float64),
        weight=weight[row] * found.at_risk[row, interval],
        interval=interval.astype(np.int64),
    )
    known = np.flatnonzero(found.retained != UNKNOWN)
    start = np.full(N_INTERVALS, 1.6)
    factor = pooled_factor(Linear(np.zeros(0), start))
    expert = Linear(_expert("retained") / factor, start)
    whole = _flags(rows.X, found.retained, weight, known)
    return Task(cases, _prior(expert, "retained"), rows.client[row], whole, rows.client[known])


def fit_head(task: Task, *, seed: int, with_trees: bool) -> Head:
    """Fit the linear part, the trees that correct it, and the calibration, each on other folds."""
    folds = _folds(task.group, task.whole_group, seed)
    scale, plain = choose_scale(task, folds)
    linear = fit_map(task.cases, replace(task.prior, scale=scale))
    share, blended, trees = 0.0, plain, None
    if with_trees and _enough(task.whole.y):
        share, blended = _choose_share(task, folds, plain, seed)
        trees = _trees(task, linear, slice(None), seed) if share > 0 else None
    slope, shift = calibration(blended, task.whole.y, task.whole.weight)
    return Head(linear, trees, share, slope, shift)


def with_promise(rows: TrainingRows) -> TrainingRows:
    """Return the rows with what each pair promised, whoever the partner is.

    A partner who was sent the best is not better for it: its record counts successes against those
    promised (indirect standardisation), not against the number sent.
    """
    even = np.ones(len(rows))
    promise = [
        _promised(task, rows.X) for task in (hire_task(rows, even), retained_task(rows, even))
    ]
    return replace(rows, promise=np.array(promise))


def _promised(task: Task, X: npt.NDArray[Any]) -> Floats:
    if not _both(task.whole.y):
        return np.ones(len(X))
    used = task.prior.used & ~np.array([f.name in RECORDS for f in FEATURES])
    linear = fit_map(task.cases, replace(task.prior, used=used, scale=SCALES[2]))
    usual = float(task.whole.y.mean())
    found: Floats = np.clip(expit(linear_log_odds(linear, X)) / usual, *PROMISE_BOUNDS)
    return found


Fold = tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]


def _folds(group: Ints, whole_group: Ints, seed: int) -> list[Fold]:
    """Return, by fold, which cases and which pairs are held out: whole clients."""
    clients = np.unique(np.concatenate([group, whole_group]))
    fold = np.random.default_rng(seed).permutation(len(clients)) % N_FOLDS
    of_case = fold[np.searchsorted(clients, group)]
    of_pair = fold[np.searchsorted(clients, whole_group)]
    return [(of_case == number, of_pair == number) for number in range(N_FOLDS)]


def choose_scale(task: Task, folds: list[Fold]) -> tuple[float, Floats]:
    """Return the prior scale of least log-loss on held-out clients, and its log-odds there."""
    best, chosen, kept = np.inf, SCALES[0], np.zeros(len(task.whole.y))
    for scale in SCALES:
        prior = replace(task.prior, scale=scale)
        found = np.zeros(len(task.whole.y))
        for case_out, pair_out in folds:
            linear = fit_map(task.cases.part(~case_out), prior)
            found[pair_out] = linear_log_odds(linear, task.whole.X[pair_out])
        loss = log_loss(found, task.whole.y, task.whole.weight)
        if loss < best:
            best, chosen, kept = loss, scale, found
    return chosen, kept


def _choose_share(task: Task, folds: list[Fold], plain: Floats, seed: int) -> tuple[float, Floats]:
    grown = np.zeros(len(plain))
    for _, pair_out in folds:
        kept = ~pair_out
        X = np.column_stack([_usable(task.whole.X), plain])
        trees = fit_trees(
            X[kept], task.whole.y[kept], task.whole.weight[kept], _signs(task), seed=seed
        )
        grown[pair_out] = trees.log_odds(X[pair_out])
    best, share = np.inf, 0.0
    for candidate in TREE_SHARES:
        blend = (1.0 - candidate) * plain + candidate * grown
        loss = log_loss(blend, task.whole.y, task.whole.weight)
        if loss < best * (1.0 - MIN_GAIN):
            best, share = loss, candidate
    return share, (1.0 - share) * plain + share * grown


def _trees(task: Task, linear: Linear, kept: slice, seed: int) -> Trees:
    plain = linear_log_odds(linear, task.whole.X)
    X = np.column_stack([_usable(task.whole.X), plain])
    return fit_trees(X[kept], task.whole.y, task.whole.weight, _signs(task), seed=seed)


def _usable(X: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the features with those not learned from made constant: trees cannot split them."""
    found = X.copy()
    found[:, [i for i, feature in enumerate(FEATURES) if feature.name in NOT_LEARNED]] = 0.0
    return found


def _signs(task: Task) -> list[int]:
    return [*task.prior.sign.tolist(), 1]


def calibration(log_odds: Floats, y: Floats, weight: Floats) -> tuple[float, float]:
    """Return slope and shift that make held-out log-odds honest; the slope from 0.5 to 1.5."""
    if not _both(y):
        return 1.0, 0.0
    cases = Cases(log_odds[:, None], y, weight, np.zeros(len(y), dtype=np.int64))
    one = np.ones(1, dtype=np.int64)
    found = fit_map(cases, Prior(np.ones(1), np.zeros(1), one, one > 0, 0.3))
    return min(max(float(found.coefficients[0]), 0.5), 1.5), float(found.intercepts[0])


@dataclass(frozen=True, slots=True)
class Memory:
    """Hold how fast the past is forgotten, as half-lives in days; None is never."""

    records: float | None
    cases: float | None

    def weight(self, rows: TrainingRows) -> Floats:
        """Return the weight of each proposal by its age, shape (n,)."""
        if self.cases is None:
            return np.ones(len(rows))
        found: Floats = np.exp2(-(rows.as_of_day - rows.day) / self.cases)
        return found


def choose_memory(rows: TrainingRows) -> Memory:
    """Return the half-lives of least log-loss of hire on proposals later than those trained on."""
    chosen, best = Memory(None, None), _loss_ahead(rows.with_records(None), Memory(None, None))
    for records in HALF_LIVES[1:]:
        memory = Memory(records, None)
        loss = _loss_ahead(rows.with_records(records), memory)
        if loss < best * (1.0 - MIN_GAIN):
            chosen, best = memory, loss
    remembered = rows.with_records(chosen.records)
    for cases in HALF_LIVES[1:]:
        memory = Memory(chosen.records, cases)
        loss = _loss_ahead(remembered, memory)
        if loss < best * (1.0 - MIN_GAIN):
            chosen, best = memory, loss
    return chosen


def _loss_ahead(rows: TrainingRows, memory: Memory) -> float:
    """Return the log-loss of hire, rolling the origin over the last half of the proposals."""
    log_odds, y = _ahead(rows, memory)
    return log_loss(log_odds, y, np.ones(len(y))) if len(y) else np.inf


def figures_ahead(rows: TrainingRows, memory: Memory) -> dict[str, float]:
    """Return ``n``, ``log_loss`` and ``auc`` of hire on later proposals; empty without any."""
    log_odds, y = _ahead(rows, memory)
    if not len(y):
        return {}
    found = {"n": len(y), "log_loss": log_loss(log_odds, y, np.ones(len(y)))}
    return found | ({"auc": auc(y, log_odds)} if _both(y) else {})


def _ahead(rows: TrainingRows, memory: Memory) -> tuple[Floats, Floats]:
    """Return log-odds and outcome of the later proposals of every origin."""
    task = hire_task(rows, np.ones(len(rows)))
    day = rows.day[rows.outcomes.hired != UNKNOWN]
    known = rows.outcomes.hire_known_on[rows.outcomes.hired != UNKNOWN]
    age = 0.0 if memory.cases is None else 1.0 / memory.cases
    made, came = [np.zeros(0)], [np.zeros(0)]
    edges = np.quantile(day, ORIGINS)
    for begin, end in pairwise(edges.tolist()):
        before, after = known < begin, (day >= begin) & ((day < end) | (end == edges[-1]))
        fresh = task.cases.scaled(np.exp2((np.minimum(day, begin) - begin) * age))
        if not _both(task.cases.y[before]) or not after.any():
            continue
        linear = fit_map(fresh.part(before), replace(task.prior, scale=SCALES[2]))
        made.append(linear_log_odds(linear, task.cases.X[after]))
        came.append(task.cases.y[after])
    return np.concatenate(made), np.concatenate(came)


def log_loss(log_odds: Floats, y: Floats, weight: Floats) -> float:
    """Return the weighted mean of minus the log-likelihood; 0 without cases."""
    total = float(weight.sum())
    if not total:
        return 0.0
    bounded = np.clip(log_odds, logit(PROBABILITY_FLOOR), -logit(PROBABILITY_FLOOR))
    return float(weight @ (np.logaddexp(0.0, bounded) - y * bounded)) / total


def _flags(X: npt.NDArray[Any], flags: npt.NDArray[Any], weight: Floats, known: Ints) -> Cases:
    return Cases(
        X[known],
        flags[known].astype(np.float64),
        weight[known],
        np.zeros(len(known), dtype=np.int64),
    )


def _expert(kind: str) -> Floats:
    """Return the expert's weights; what is said of records goes to the form that is learned."""
    found = {name: getattr(weight, kind) for name, weight in EXPERT_WEIGHTS.items()}
    found |= {name: getattr(weight, kind) for name, weight in STAND_INS.items()}
    return np.array([found.get(feature.name, 0.0) for feature in FEATURES])


def _prior(expert: Linear, kind: str) -> Prior:
    return Prior(
        coefficients=expert.coefficients,
        intercepts=expert.intercepts,
        sign=np.array([getattr(feature, kind) for feature in FEATURES], dtype=np.int64),
        used=np.array([feature.name not in NOT_LEARNED for feature in FEATURES]),
        scale=SCALES[0],
        slack=np.where(expert.coefficients == 0.0, UNBELIEVED, 1.0),
    )


def _both(flags: npt.NDArray[Any]) -> bool:
    return bool((flags == 1).any() and (flags == 0).any())


def _enough(y: Floats) -> bool:
    return (
        min(float(y.sum()), float((1 - y).sum())) >= MIN_TREE_CASES / 4 and len(y) >= MIN_TREE_CASES
    )
