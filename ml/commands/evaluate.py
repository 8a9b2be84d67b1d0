"""``evaluate``: how good, how certain, how fair, and whether the model may be promoted."""

from __future__ import annotations

import argparse
import hashlib
import platform
from pathlib import Path

import numpy
import scipy
import sklearn

from ml.cells import EPOCH
from ml.commands import options as shared
from ml.evaluation.forecasts import expert_trainer, features_of
from ml.evaluation.history import history_of
from ml.evaluation.protected import is_invariant, read_protected
from ml.evaluation.report import FORMAT, judge_trial, plain
from ml.evaluation.trial import Contender, Settings, TooShortError, Trial, run_trial
from ml.files import read_clients, read_placements, read_vacancies, write_json
from ml.learning import train
from ml.problems import InputError, Problem
from ml.schema import Clients
from ml.vocabulary import Vocabulary

INPUTS = ("clients", "vacancies", "placements")


def add_to(commands: shared.Commands[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    command = shared.add_command(commands, "evaluate", evaluate, "judge a model on past placements")
    shared.add_model(command)
    for name in INPUTS:
        shared.add_file(command, name, f"{name}.csv")
    command.add_argument("--incumbent", default="expert", help="model in use (expert)")
    command.add_argument("--as-of", type=shared.day, help="the present day (last day on record)")
    command.add_argument("--folds", type=shared.count, default=3, help="origins (3)")
    command.add_argument("--resamples", type=shared.count, default=300, help="for intervals (300)")
    command.add_argument("--seed", type=int, default=0, help="of everything drawn (0)")
    shared.add_file(command, "out", "report.json to write")
    shared.add_reference(command)


def evaluate(options: argparse.Namespace) -> None:
    """Write the report of one model against the incumbent."""
    challenger, incumbent = contender(options.model), contender(options.incumbent)
    vocabulary = shared.vocabulary_of(options)
    clients = read_clients(options.clients, vocabulary)
    vacancies = read_vacancies(options.vacancies, vocabulary)
    placements = read_placements(options.placements, clients, vacancies)
    shared.notify((*clients.notices, *vacancies.notices, *placements.notices))
    history = history_of(clients, vacancies, placements, options.as_of)
    settings = Settings(seed=options.seed, n_resamples=options.resamples, n_folds=options.folds)
    contenders = (challenger, incumbent)
    try:
        trial = run_trial(
            history, *contenders, settings, vocabulary=vocabulary, progress=shared.progress
        )
    except TooShortError as error:
        wanted = "placements proposed on at least two days up to the as-of day"
        name = options.placements.name
        raise InputError([Problem(name, None, "proposed_on", "", wanted)]) from error
    found = judge_trial(
        trial,
        *contenders,
        settings,
        vocabulary=vocabulary,
        protected=read_protected(options.clients, clients.ids).values,
        invariant=is_invariant(
            options.clients, lambda people: _scores(trial, people, vocabulary), seed=options.seed
        ),
        progress=shared.progress,
    )
    header = {
        "format": FORMAT,
        "epoch": EPOCH,
        "files": {name: _digest(getattr(options, name)) for name in INPUTS},
        "versions": versions(),
    }
    write_json(options.out, {**header, **_fields(found)})


def contender(name: str) -> Contender:
    """Return what stands for a model: the formula, or the training that made the artefact.

    Raises
    ------
    InputError
        When the name is neither ``expert`` nor a readable model.
    """
    if name == "expert":
        return Contender(name, expert_trainer)
    return Contender(shared.load_model(name).name, train)


def versions() -> dict[str, str]:
    """Return the versions that a figure may depend on."""
    return {
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
    }


def _scores(trial: Trial, clients: Clients, vocabulary: Vocabulary) -> bytes:
    """Return every byte of the last model's scores of the last fold, with features made anew."""
    model = trial.challenger.models[-1]
    X = features_of(trial.history, trial.folds[-1].test, model, vocabulary, clients)
    found = model.predict(X)
    return b"".join(
        part.tobytes() for part in (X, found.p_hire, found.p_retained_6m, found.utility)
    )


def _fields(found: object) -> dict[str, object]:
    shown = plain(found)
    return shown if isinstance(shown, dict) else {}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
