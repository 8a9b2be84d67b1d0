"""``evaluate``: how good, how certain, how fair, and whether the model may be promoted."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

from ml.baseline import ExpertBaseline
from ml.commands import options as shared
from ml.evaluation.forecasts import always, expert_trainer, features_of
from ml.evaluation.history import history_of
from ml.evaluation.protected import is_invariant, read_protected
from ml.evaluation.report import FORMAT, fields_of, judge_trial
from ml.evaluation.summary import summary_of
from ml.evaluation.trial import Contender, Settings, TooShortError, Trial, run_trial
from ml.files import read_clients, read_placements, read_vacancies, write_json, write_text
from ml.learning.training import train
from ml.problems import InputError, Problem
from ml.schema import Clients
from ml.store import library_versions, load_metadata
from ml.vocabulary import Vocabulary

EXPERT = ExpertBaseline.name
HEADER = ("format", "as_given", "data_sha256", "libraries")
INPUTS = ("clients", "vacancies", "placements")


def add_to(commands: shared.Commands[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    command = shared.add_command(commands, "evaluate", evaluate, "judge a model on past placements")
    shared.add_model(command)
    for name in INPUTS:
        shared.add_file(command, name, f"{name}.csv")
    command.add_argument("--incumbent", default=EXPERT, help="model in use (expert)")
    command.add_argument("--as-of", type=shared.day, help="the present day (last day on record)")
    command.add_argument(
        "--as-given",
        action="store_true",
        help="judge the models as they are, on what was proposed after they were trained",
    )
    command.add_argument("--folds", type=shared.count, default=3, help="origins (3)")
    command.add_argument("--resamples", type=shared.count, default=300, help="for intervals (300)")
    shared.add_seed(command)
    shared.add_file(command, "out", "report.json to write")
    command.add_argument("--summary", type=Path, help="the same as tables in Markdown, to write")
    shared.add_reference(command)


def evaluate(options: argparse.Namespace) -> None:
    """Write the report of one model against the incumbent."""
    names = (options.model, options.incumbent)
    challenger, incumbent = (contender(name, as_given=options.as_given) for name in names)
    vocabulary = shared.vocabulary_of(options)
    clients = read_clients(options.clients, vocabulary)
    vacancies = read_vacancies(options.vacancies, vocabulary)
    placements = read_placements(options.placements, clients, vacancies, vocabulary)
    shared.notify((*clients.notices, *vacancies.notices, *placements.notices))
    settings = Settings(seed=options.seed, n_resamples=options.resamples, n_folds=options.folds)
    try:
        trial = run_trial(
            history_of(clients, vacancies, placements, options.as_of),
            challenger,
            incumbent,
            settings,
            vocabulary=vocabulary,
            origin_day=_first_unseen_day(names) if options.as_given else None,
            progress=shared.progress,
        )
    except TooShortError as error:
        name = options.placements.name
        raise InputError([Problem(name, None, "proposed_on", "", str(error))]) from error
    found = judge_trial(
        trial,
        challenger,
        incumbent,
        settings,
        vocabulary=vocabulary,
        protected=read_protected(options.clients, clients.ids).values,
        invariant=is_invariant(
            options.clients, lambda people: _scores(trial, people, vocabulary), seed=options.seed
        ),
        progress=shared.progress,
    )
    digests = {name: _digest(getattr(options, name)) for name in INPUTS}
    header = (FORMAT, options.as_given, digests, library_versions())
    write_json(options.out, {**dict(zip(HEADER, header, strict=True)), **fields_of(found)})
    if options.summary:
        write_text(options.summary, summary_of(found))


def contender(name: str, *, as_given: bool) -> Contender:
    """Return what stands for a model: itself, or the training that made it.

    Raises
    ------
    InputError
        When the name is neither ``expert`` nor a readable model.
    """
    model = shared.load_model(name)
    if name == EXPERT:
        return Contender(model.name, expert_trainer)
    return (
        Contender(model.name, always(model))
        if as_given
        else Contender(model.name, train, learns=True)
    )


def _first_unseen_day(names: tuple[str, ...]) -> int | None:
    """Return the day after the last that any of the models had seen; None for formulas only."""
    seen = [
        shared.day(str(load_metadata(name).get("as_of", ""))) for name in names if name != EXPERT
    ]
    return max(seen) + 1 if seen else None


def _scores(trial: Trial, clients: Clients, vocabulary: Vocabulary) -> bytes:
    """Return every byte of the last model's scores of the last fold, with features made anew."""
    model = trial.challenger.models[-1]
    X = features_of(trial.history, trial.folds[-1].test, model, vocabulary, clients)
    found = model.predict(X)
    return b"".join(
        part.tobytes() for part in (X, found.p_hire, found.p_retained_6m, found.utility)
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
