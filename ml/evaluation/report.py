"""Put an evaluation together: one challenger against one incumbent, everything as plain data."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.baseline import Model
from ml.cells import EPOCH
from ml.evaluation.bootstrap import Interval, client_interval
from ml.evaluation.calibration import CalibrationPoint, calibration_curve
from ml.evaluation.calibration_error import CalibrationError, calibration_error, n_bins_for
from ml.evaluation.evidence import EvidencePoint, evidence_curve
from ml.evaluation.fairness import AttributeAudit, audit_attribute
from ml.evaluation.forecasts import Forecasts, Progress, quietly
from ml.evaluation.history import History
from ml.evaluation.labels import (
    HORIZONS,
    LABELS,
    PROBABLE,
    LabelFigures,
    Labelled,
    figures_of,
    labelled,
    probability_of,
)
from ml.evaluation.metrics import Floats, log_losses, mean
from ml.evaluation.promotion import Measured, PromotionGate, may_promote, promotion_gates
from ml.evaluation.split import Fold
from ml.evaluation.survival import Retained, kaplan_meier
from ml.evaluation.trial import Contender, Settings, Trial
from ml.evaluation.value import choices, conduct_of, outcome_values
from ml.schema import FloatArray
from ml.vocabulary import Vocabulary

FORMAT = 1
SLICES = ("all", "new_partner", "cold_client", "present_stage")
"""`present_stage`: what a challenger of the stage it has now forecast. At early origins there was
less to learn from, and a formula's probabilities say nothing of the model to be promoted."""
DIGITS = 6


@dataclass(frozen=True, slots=True)
class FoldNote:
    """Say what one origin trained on and was judged on."""

    origin_day: int
    n_train: int
    n_test: int
    model: str
    stage: str


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """Count what is known of a label among all placements."""

    n: int
    n_positive: int
    n_open: int


@dataclass(frozen=True, slots=True)
class PropensityCount:
    """Count the placements whose propensity is known, and those of them chance had a part in."""

    n: int
    n_below_1: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold one contender's figures by slice and label, and what its choices were worth."""

    name: str
    folds: tuple[FoldNote, ...]
    slices: dict[str, dict[str, LabelFigures]]
    assigned_value: Interval


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Hold a whole evaluation.

    Attributes
    ----------
    settings : Settings
    as_of_day : int
    outcomes : dict of str to OutcomeCount
    propensity : PropensityCount
        Counted only; no figure is weighted by it.
    retention : tuple of Retained
        Kaplan-Meier over all who started.
    challenger, incumbent : Standing
    log_loss_gain, value_gain : Interval
        Of the challenger over the incumbent; see `ml.evaluation.promotion.Measured`.
    evidence : tuple of EvidencePoint
    calibration : dict of str to tuple of CalibrationPoint
    groups : tuple of AttributeAudit
    invariant : bool or None
    gates : tuple of PromotionGate
    may_promote : bool
    """

    settings: Settings
    as_of_day: int
    outcomes: dict[str, OutcomeCount]
    propensity: PropensityCount
    retention: tuple[Retained, ...]
    challenger: Standing
    incumbent: Standing
    log_loss_gain: Interval
    value_gain: Interval
    evidence: tuple[EvidencePoint, ...]
    calibration: dict[str, tuple[CalibrationPoint, ...]]
    groups: tuple[AttributeAudit, ...]
    invariant: bool | None
    gates: tuple[PromotionGate, ...]
    may_promote: bool


def judge_trial(
    trial: Trial,
    challenger: Contender,
    incumbent: Contender,
    settings: Settings,
    *,
    vocabulary: Vocabulary,
    protected: dict[str, tuple[str, ...]],
    invariant: bool | None,
    progress: Progress = quietly,
) -> Evaluation:
    """Turn forecasts into figures, intervals and verdicts.

    Parameters
    ----------
    trial : Trial
    challenger, incumbent : Contender
    settings : Settings
    vocabulary : Vocabulary
    protected : dict of str to tuple of str
        Values by attribute, a value a client in the order of their table.
    invariant : bool or None
    progress : callable
    """
    history = trial.history
    standings = [
        _standing(trial, contender.name, found, settings, progress)
        for contender, found in ((challenger, trial.challenger), (incumbent, trial.incumbent))
    ]
    gains = _gains(trial, settings)
    conduct = conduct_of(history, trial.challenger, trial.treated)
    names = sorted(protected)
    groups = tuple(
        audit_attribute(
            names[number],
            protected[names[number]],
            conduct,
            seed=settings.seed,
            n_resamples=settings.n_resamples,
        )
        for number in progress(range(len(names)), "groups")
    )
    present = standings[0].slices["present_stage"]
    gates = promotion_gates(
        Measured(
            log_loss_gain=gains[0],
            value_gain=gains[1],
            ece={label: _error(trial, label) for label in PROBABLE},
            slope={label: present[label].slope for label in PROBABLE},
            impact_ratio={audit.attribute: audit.impact_ratio.value for audit in groups},
            invariant=invariant,
        )
    )
    return Evaluation(
        settings=settings,
        as_of_day=history.as_of_day,
        outcomes={label: _count(history, label) for label in LABELS},
        propensity=_propensities(history.placements.propensity),
        retention=kaplan_meier(
            history.duration[history.started],
            history.ended[history.started],
            tuple(HORIZONS.values()),
        ),
        challenger=standings[0],
        incumbent=standings[1],
        log_loss_gain=gains[0],
        value_gain=gains[1],
        evidence=evidence_curve(
            history,
            trial.folds[-1],
            challenger.trainer,
            vocabulary=vocabulary,
            seed=settings.seed,
            n_resamples=settings.n_resamples,
            learns=challenger.learns,
            progress=progress,
        ),
        calibration={label: _curve(trial, label) for label in PROBABLE},
        groups=groups,
        invariant=invariant,
        gates=gates,
        may_promote=may_promote(gates),
    )


def fields_of(found: Evaluation) -> dict[str, object]:
    """Return the parts of an evaluation by name, as JSON takes them."""
    return {f.name: _field(f.name, getattr(found, f.name)) for f in dataclasses.fields(found)}


def plain(value: object) -> object:
    """Return a value as JSON takes it: figures rounded, what is not finite as null.

    Examples
    --------
    >>> plain(Interval(0.12345678, float("nan"), 1.0))
    {'value': 0.123457, 'low': None, 'high': 1.0}
    """
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _field(f.name, getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        # Adding 0 turns the -0.0 that rounding leaves into 0.0.
        return round(value, DIGITS) + 0.0 if math.isfinite(value) else None
    return value


def _field(name: str, value: object) -> object:
    if name.endswith("_day") and isinstance(value, int):
        return (EPOCH + dt.timedelta(days=value)).isoformat()
    return plain(value)


def _standing(
    trial: Trial, name: str, found: Forecasts, settings: Settings, progress: Progress
) -> Standing:
    everybody = np.ones(len(found.rows), dtype=np.bool_)
    masks = (everybody, found.new_partner, found.cold_client, _present_stage(trial))
    slices = dict(zip(SLICES, masks, strict=True))
    person = trial.history.person[found.rows]
    figures: dict[str, dict[str, LabelFigures]] = {key: {} for key in slices}
    tasks = [(key, label) for key in slices for label in LABELS]
    for number in progress(range(len(tasks)), f"figures of {name}"):
        key, label = tasks[number]
        figures[key][label] = figures_of(
            labelled(trial.history, found.rows, label).part(slices[key]),
            probability_of(found.scores, label),
            person,
            label,
            seed=settings.seed,
            n_resamples=settings.n_resamples,
        )
    return Standing(name, _notes(trial.folds, found), figures, _worth(trial, found, settings))


def _present_stage(trial: Trial) -> npt.NDArray[np.bool_]:
    """Return which forecasts come from folds where the challenger had the stage of the last."""
    stages = np.array([stage_of(model) for model in trial.challenger.models])
    is_present: npt.NDArray[np.bool_] = (stages == stages[-1])[trial.challenger.fold]
    return is_present


def _notes(folds: Sequence[Fold], found: Forecasts) -> tuple[FoldNote, ...]:
    return tuple(
        FoldNote(
            origin_day=fold.origin_day,
            n_train=len(fold.train),
            n_test=len(fold.test),
            model=model.name,
            stage=stage_of(model),
        )
        for fold, model in zip(folds, found.models, strict=True)
    )


def stage_of(model: Model) -> str:
    """Return the stage a model has reached; a model without stages is its own."""
    return str(getattr(model, "stage", model.name))


def _worth(trial: Trial, found: Forecasts, settings: Settings) -> Interval:
    value = outcome_values(trial.history, found)
    chosen = choices(trial.history, found, found.scores)
    return client_interval(
        lambda weight: mean(value[chosen], weight),
        trial.history.person[found.rows][chosen],
        seed=settings.seed,
        n_resamples=settings.n_resamples,
    )


def _gains(trial: Trial, settings: Settings) -> tuple[Interval, Interval]:
    new, old = trial.challenger, trial.incumbent
    person = trial.history.person[new.rows]
    hire = labelled(trial.history, new.rows, "hire")
    gained = log_losses(hire.y, old.scores.p_hire[hire.positions])
    gained -= log_losses(hire.y, new.scores.p_hire[hire.positions])
    value = np.nan_to_num(outcome_values(trial.history, new))
    ours, theirs = (
        choices(trial.history, found, found.scores).astype(np.float64) for found in (new, old)
    )

    def value_gain(weight: npt.NDArray[np.float64]) -> float:
        # Where no job is known to have been kept, equal values of 0 would say nothing.
        if not weight @ value > 0:
            return math.nan
        return mean(value, weight * ours) - mean(value, weight * theirs)

    return (
        client_interval(
            lambda weight: mean(gained, weight),
            person[hire.positions],
            seed=settings.seed,
            n_resamples=settings.n_resamples,
        ),
        client_interval(value_gain, person, seed=settings.seed, n_resamples=settings.n_resamples),
    )


def _curve(trial: Trial, label: str) -> tuple[CalibrationPoint, ...]:
    found, probability = _present(trial, label)
    n_bins = n_bins_for(int(np.count_nonzero(found.weight)))
    return calibration_curve(found.y, probability, found.weight, n_bins)


def _error(trial: Trial, label: str) -> CalibrationError:
    found, probability = _present(trial, label)
    client = trial.history.person[trial.challenger.rows][found.positions]
    return calibration_error(found.y, probability, client, found.weight)


def _present(trial: Trial, label: str) -> tuple[Labelled, Floats]:
    """Return what is known of a label at the challenger's present stage, and its forecasts."""
    found = labelled(trial.history, trial.challenger.rows, label).part(_present_stage(trial))
    return found, probability_of(trial.challenger.scores, label)[found.positions]


def _count(history: History, label: str) -> OutcomeCount:
    found = labelled(history, np.arange(len(history)), label)
    return OutcomeCount(len(found.y), int(found.y.sum()), found.n_open)


def _propensities(known: FloatArray) -> PropensityCount:
    """Count what is known; a comparison with NaN, the unknown, is false."""
    return PropensityCount(int((known <= 1.0).sum()), int((known < 1.0).sum()))
