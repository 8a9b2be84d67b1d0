"""Both contenders at every origin: trained, asked, and let loose on the people present."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.evaluation.bootstrap import N_RESAMPLES
from ml.evaluation.forecasts import Forecasts, Progress, Trainer, forecast, quietly
from ml.evaluation.history import History
from ml.evaluation.split import EMBARGO_DAYS, N_FOLDS, Fold, origin_days, rolling_origin
from ml.evaluation.value import Treatment, treatment
from ml.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Contender:
    """Hold a way to make a model, by the name the report gives it.

    Attributes
    ----------
    name : str
    trainer : Trainer
    learns : bool
        What it makes depends on the outcomes it is shown.
    """

    name: str
    trainer: Trainer
    learns: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Hold the choices of an evaluation; the same seed gives the same report."""

    seed: int = 0
    n_resamples: int = N_RESAMPLES
    n_folds: int = N_FOLDS
    embargo_days: int = EMBARGO_DAYS


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """Hold what both contenders forecast, before anything is judged."""

    history: History
    folds: tuple[Fold, ...]
    challenger: Forecasts
    incumbent: Forecasts
    treated: tuple[Treatment, ...]


class TooShortError(ValueError):
    """Say that nothing can be held out."""

    def __init__(self) -> None:
        super().__init__("placements proposed on more than one day, some after the training")


def run_trial(
    history: History,
    challenger: Contender,
    incumbent: Contender,
    settings: Settings,
    *,
    vocabulary: Vocabulary,
    origin_day: int | None = None,
    progress: Progress = quietly,
) -> Trial:
    """Train and score both contenders at every origin.

    Parameters
    ----------
    history : History
    challenger, incumbent : Contender
    settings : Settings
    vocabulary : Vocabulary
    origin_day : int, optional
        The only origin; by default they are spread over the history.
    progress : callable

    Raises
    ------
    TooShortError
        When all placements were proposed on one day, there are none, or none from the origin on.
    """
    if origin_day is None:
        origins = origin_days(history.day, n_folds=settings.n_folds)
    else:
        origins = (origin_day,) if len(history) and origin_day <= history.day[-1] else ()
    if not origins:
        raise TooShortError
    folds = rolling_origin(
        history.day, history.person, history.partner, origins, embargo_days=settings.embargo_days
    )
    made = [
        forecast(
            history,
            folds,
            contender.trainer,
            vocabulary=vocabulary,
            seed=settings.seed,
            progress=progress,
        )
        for contender in (challenger, incumbent)
    ]
    return Trial(
        history=history,
        folds=folds,
        challenger=made[0],
        incumbent=made[1],
        treated=tuple(
            treatment(
                history,
                _by_id(history, np.unique(history.client[folds[number].test])),
                folds[number].origin_day,
                made[0].models[number],
                vocabulary,
            )
            for number in progress(range(len(folds)), "treatment")
        ),
    )


def _by_id(history: History, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    ids = history.clients.ids
    return np.array(sorted(rows.tolist(), key=lambda row: ids[row]), dtype=np.int64)
