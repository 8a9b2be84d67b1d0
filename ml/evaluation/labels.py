"""The outcomes a model is judged by, and its figures on each with intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.baseline import Scores
from ml.evaluation.bootstrap import Interval, client_interval
from ml.evaluation.calibration import expected_calibration_error, recalibrate
from ml.evaluation.history import UNKNOWN, History
from ml.evaluation.metrics import (
    Floats,
    Integers,
    auc_of_places,
    brier,
    log_loss,
    mean,
    ndcg_by_group,
)
from ml.evaluation.survival import censoring_weights, retained_at

HIRE = "hire"
HORIZONS = {"retained_1m": 30, "retained_3m": 90, "retained_6m": 180, "retained_12m": 365}
FORECAST_HORIZON = "retained_6m"
LABELS = (HIRE, *HORIZONS)
PROBABLE = (HIRE, FORECAST_HORIZON)
"""Labels a model gives a probability of; at the other horizons only the order is judged."""
NDCG_AT = 10


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Hold the forecasts whose outcome is known.

    Attributes
    ----------
    positions : intp, shape (n,)
        Among the forecasts.
    y : float64, shape (n,)
        0 or 1.
    weight : float64, shape (n,)
        Inverse probability of having been watched long enough; 1 for hire.
    n_open : int
        Forecasts the label applies to whose outcome is not known.
    """

    positions: npt.NDArray[np.intp]
    y: Floats
    weight: Floats
    n_open: int

    def part(self, keep: npt.NDArray[np.bool_]) -> Labelled:
        """Return those whose forecast is kept; `keep` has an entry a forecast."""
        inside = keep[self.positions]
        return Labelled(self.positions[inside], self.y[inside], self.weight[inside], self.n_open)


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """Hold a model's figures on one label; None where the label has no probability of its own.

    Attributes
    ----------
    n, n_clients : int
    rate : Interval
        Share of 1.
    auc, ndcg_10 : Interval
        NDCG at 10 over clients with proposals of both outcomes.
    log_loss, brier, ece, slope, intercept : Interval or None
    """

    n: int
    n_clients: int
    rate: Interval
    auc: Interval
    ndcg_10: Interval
    log_loss: Interval | None
    brier: Interval | None
    ece: Interval | None
    slope: Interval | None
    intercept: Interval | None


def labelled(history: History, rows: npt.NDArray[np.intp], label: str) -> Labelled:
    """Return which of some placements have a known outcome, and the outcome.

    Parameters
    ----------
    history : History
    rows : intp, shape (n,)
    label : str
        One of `LABELS`. Retention is of those who started; where nobody who is still watched has
        reached the horizon, only failures could be known, and none of them is counted.
    """
    if label == HIRE:
        hired = history.hired[rows]
        known = np.flatnonzero(hired != UNKNOWN)
        y = hired[known].astype(np.float64)
        return Labelled(known, y, np.ones(len(known)), len(rows) - len(known))
    started = np.flatnonzero(history.started[rows])
    duration, ended = history.duration[rows][started], history.ended[rows][started]
    found = retained_at(duration, ended, HORIZONS[label])
    if (found == UNKNOWN).any() and not (found == 1).any():
        found[:] = UNKNOWN
    weight = censoring_weights(duration, ended, HORIZONS[label])
    known = np.flatnonzero(found != UNKNOWN)
    return Labelled(
        started[known],
        found[known].astype(np.float64),
        weight[known],
        len(started) - len(known),
    )


def probability_of(scores: Scores, label: str) -> Floats:
    """Return what a model says of a label: at every horizon that of six months."""
    return scores.p_hire if label == HIRE else scores.p_retained_6m


def figures_of(
    found: Labelled,
    probability: Floats,
    person: Integers,
    label: str,
    *,
    seed: int,
    n_resamples: int,
) -> LabelFigures:
    """Return a model's figures on one label with intervals over clients.

    Parameters
    ----------
    found : Labelled
    probability : float64, shape (n_forecasts,)
    person : int64, shape (n_forecasts,)
        Client of each forecast.
    label : str
    seed, n_resamples : int
    """
    y, p, who = found.y, probability[found.positions], person[found.positions]
    _, place = np.unique(p, return_inverse=True)

    def interval(statistic: Callable[[Floats], float]) -> Interval:
        return client_interval(
            lambda weight: statistic(weight * found.weight),
            who,
            seed=seed,
            n_resamples=n_resamples,
        )

    def if_probable(statistic: Callable[[Floats], float]) -> Interval | None:
        return interval(statistic) if label in PROBABLE else None

    return LabelFigures(
        n=len(y),
        n_clients=len(np.unique(who)),
        rate=interval(lambda weight: mean(y, weight)),
        auc=interval(lambda weight: auc_of_places(y, place, weight)),
        ndcg_10=_ndcg(y, p, who, seed=seed, n_resamples=n_resamples),
        log_loss=if_probable(lambda weight: log_loss(y, p, weight)),
        brier=if_probable(lambda weight: brier(y, p, weight)),
        ece=if_probable(lambda weight: expected_calibration_error(y, p, weight)),
        slope=if_probable(lambda weight: recalibrate(y, p, weight).slope),
        intercept=if_probable(lambda weight: recalibrate(y, p, weight).intercept),
    )


def _ndcg(y: Floats, p: Floats, who: Integers, *, seed: int, n_resamples: int) -> Interval:
    """Return the mean over clients for whom an order matters: without weights, a client is one."""
    people, group = np.unique(who, return_inverse=True)
    value = ndcg_by_group(y, p, group.astype(np.int64), NDCG_AT)
    defined = ~np.isnan(value)
    return client_interval(
        lambda weight: mean(value[defined], weight),
        people[defined],
        seed=seed,
        n_resamples=n_resamples,
    )
