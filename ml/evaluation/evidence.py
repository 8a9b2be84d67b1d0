"""How a figure moves with the number of outcomes trained on, everything else the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.evaluation.bootstrap import Interval, client_interval
from ml.evaluation.forecasts import (
    Progress,
    Trainer,
    expert_trainer,
    features_of,
    quietly,
    train_at,
)
from ml.evaluation.history import UNKNOWN, History
from ml.evaluation.labels import HIRE, labelled
from ml.evaluation.metrics import auc_of_places, log_loss
from ml.evaluation.split import Fold
from ml.vocabulary import Vocabulary

SIZES = (100, 200, 500, 1000, 2000, 5000, 10_000)


@dataclass(frozen=True, slots=True)
class EvidencePoint:
    """Hold a model's figures after so many outcomes.

    Attributes
    ----------
    n_outcomes : int
        Placements with a known answer that were trained on; 0: the expert formula.
    stage : str
    log_loss, auc : Interval
        Of hire, on the placements after the last origin.
    """

    n_outcomes: int
    stage: str
    log_loss: Interval
    auc: Interval


def sizes_up_to(n: int) -> tuple[int, ...]:
    """Return the numbers of outcomes to try: round ones below `n`, and `n` itself.

    Examples
    --------
    >>> sizes_up_to(700), sizes_up_to(0)
    ((0, 100, 200, 500, 700), (0,))
    """
    return (*(size for size in (0, *SIZES) if size < n), n)


def evidence_curve(
    history: History,
    fold: Fold,
    trainer: Trainer,
    *,
    vocabulary: Vocabulary,
    seed: int,
    n_resamples: int,
    learns: bool = True,
    progress: Progress = quietly,
) -> tuple[EvidencePoint, ...]:
    """Train on ever larger parts of a fold's training rows, each holding the one before.

    Parameters
    ----------
    history : History
    fold : Fold
    trainer : Trainer
    vocabulary : Vocabulary
    seed : int
        Of the order in which rows are added, and of training.
    n_resamples : int
    learns : bool
        Without learning there is the one point 0.
    progress : callable
    """
    known = fold.train[history.hired[fold.train] != UNKNOWN]
    shuffled = np.random.default_rng(seed).permutation(known)
    sizes = sizes_up_to(len(known)) if learns else (0,)
    hire = labelled(history, fold.test, HIRE)
    person = history.person[fold.test][hire.positions]
    points = []
    for number in progress(range(len(sizes)), "evidence"):
        rows = np.sort(shuffled[: sizes[number]])
        maker = trainer if len(rows) else expert_trainer
        model = train_at(history, fold, rows, maker, vocabulary=vocabulary, seed=seed)
        X = features_of(history, fold.test[hire.positions], model, vocabulary)
        p = model.predict(X).p_hire
        _, place = np.unique(p, return_inverse=True)
        log_losses, aucs = (
            client_interval(statistic, person, seed=seed, n_resamples=n_resamples)
            for statistic in (
                lambda weight, p=p: log_loss(hire.y, p, weight),
                lambda weight, place=place: auc_of_places(hire.y, place, weight),
            )
        )
        points.append(
            EvidencePoint(
                n_outcomes=len(rows),
                stage=str(getattr(model, "stage", model.name)),
                log_loss=log_losses,
                auc=aucs,
            )
        )
    return tuple(points)
