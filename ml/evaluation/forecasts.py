"""Scores of past placements by models that could not have seen them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from ml.baseline import ExpertBaseline, Model, Scores
from ml.evaluation.history import History, known_by, take
from ml.evaluation.split import Fold, Rows
from ml.evaluation.survival import Flags
from ml.features import FEATURES
from ml.index import OpeningIndex
from ml.schema import Clients, Placements, Vacancies
from ml.vocabulary import Vocabulary

Progress = Callable[[Sequence[int], str], Iterable[int]]


def quietly(items: Sequence[int], what: str) -> Iterable[int]:
    """Show nothing."""
    return items


@runtime_checkable
class Preparing(Protocol):
    """Describe a model that knows partners' records."""

    def prepare(self, vacancies: Vacancies) -> Vacancies:
        """Return the openings with the records filled in."""
        ...


class Trainer(Protocol):
    """Describe what makes a model from what was known on a day."""

    def __call__(
        self,
        clients: Clients,
        vacancies: Vacancies,
        placements: Placements,
        *,
        vocabulary: Vocabulary,
        as_of_day: int,
        seed: int,
    ) -> Model:
        """Return the model."""
        ...


def expert_trainer(
    clients: Clients,
    vacancies: Vacancies,
    placements: Placements,
    *,
    vocabulary: Vocabulary,
    as_of_day: int,
    seed: int,
) -> Model:
    """Return the expert formula, whatever happened."""
    return ExpertBaseline()


def always(model: Model) -> Trainer:
    """Return a trainer that learns nothing more: the model as it is."""

    def given(
        clients: Clients,
        vacancies: Vacancies,
        placements: Placements,
        *,
        vocabulary: Vocabulary,
        as_of_day: int,
        seed: int,
    ) -> Model:
        return model

    return given


@dataclass(frozen=True, slots=True, eq=False)
class Forecasts:
    """Hold what models of several origins said of the placements proposed after each.

    Attributes
    ----------
    rows : intp, shape (n,)
        Rows of the history, fold by fold.
    fold : int64, shape (n,)
    n_train : tuple of int
        Training rows of each fold.
    models : tuple of Model
        Of each fold.
    scores : Scores
        Arrays of shape (n,).
    X : float32, shape (n, n_features)
    new_partner, cold_client : bool, shape (n,)
    """

    rows: Rows
    fold: npt.NDArray[np.int64]
    n_train: tuple[int, ...]
    models: tuple[Model, ...]
    scores: Scores
    X: npt.NDArray[np.float32]
    new_partner: Flags
    cold_client: Flags


def forecast(
    history: History,
    folds: Sequence[Fold],
    trainer: Trainer,
    *,
    vocabulary: Vocabulary,
    seed: int,
    progress: Progress = quietly,
) -> Forecasts:
    """Train at each origin on what was known there, and score what was proposed after it.

    Parameters
    ----------
    history : History
    folds : sequence of Fold
        At least one.
    trainer : Trainer
    vocabulary : Vocabulary
    seed : int
    progress : callable
        From the folds' numbers and a label to the numbers.
    """
    models, matrices, scores = [], [], []
    for number in progress(range(len(folds)), "origins"):
        fold = folds[number]
        model = train_at(history, fold, fold.train, trainer, vocabulary=vocabulary, seed=seed)
        X = features_of(history, fold.test, model, vocabulary)
        models.append(model)
        matrices.append(X)
        scores.append(model.predict(X))
    return Forecasts(
        rows=np.concatenate([fold.test for fold in folds]),
        fold=np.repeat(np.arange(len(folds)), [len(fold.test) for fold in folds]),
        n_train=tuple(len(fold.train) for fold in folds),
        models=tuple(models),
        scores=_joined(scores),
        X=np.concatenate(matrices),
        new_partner=np.concatenate([fold.new_partner for fold in folds]),
        cold_client=np.concatenate([fold.cold_client for fold in folds]),
    )


def train_at(
    history: History,
    fold: Fold,
    rows: Rows,
    trainer: Trainer,
    *,
    vocabulary: Vocabulary,
    seed: int,
) -> Model:
    """Return the model of some training rows of a fold, ignorant of its origin and later."""
    placements = known_by(take(history.placements, rows), fold.origin_day - 1)
    return trainer(
        history.clients,
        history.vacancies,
        placements,
        vocabulary=vocabulary,
        as_of_day=fold.origin_day - 1,
        seed=seed,
    )


def prepared(model: Model, vacancies: Vacancies) -> Vacancies:
    """Return openings with partners' records where the model has any."""
    return model.prepare(vacancies) if isinstance(model, Preparing) else vacancies


def features_of(
    history: History,
    rows: Rows,
    model: Model,
    vocabulary: Vocabulary,
    clients: Clients | None = None,
) -> npt.NDArray[np.float32]:
    """Return the features of placements on the day each was proposed.

    Parameters
    ----------
    history : History
    rows : intp, shape (n,)
    model : Model
        Partners' records are those it learned, whatever happened between its day and the proposal.
    vocabulary : Vocabulary
    clients : Clients, optional
        In place of the history's, in the same order.

    Returns
    -------
    float32, shape (n, n_features)
    """
    people = clients or history.clients
    index = OpeningIndex.build(prepared(model, history.vacancies), vocabulary)
    place = np.array(index.rows_of(history.vacancies.ids), dtype=np.intp)
    own_rows: dict[tuple[int, int], list[int]] = {}
    for position, row in enumerate(rows.tolist()):
        own_rows.setdefault((int(history.day[row]), int(history.client[row])), []).append(position)
    found = np.zeros((len(rows), len(FEATURES)), dtype=np.float32)
    for (day, i), positions in sorted(own_rows.items()):
        openings = place[history.vacancy[rows[positions]]]
        found[positions] = index.feature_matrix(index.query(people, i, day), openings)
    return found


def _joined(parts: Sequence[Scores]) -> Scores:
    return Scores(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("p_hire", "p_retained_6m", "utility", "score")
        )
    )
