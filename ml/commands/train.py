"""``train``: a model from past proposals and what became of them."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

from ml.cells import day_text
from ml.commands import options as shared
from ml.files import read_clients, read_placements, read_vacancies
from ml.learning.training import train as learn
from ml.store import save_model


def add_to(commands: shared.Commands[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    command = shared.add_command(commands, "train", train, "learn from past proposals")
    shared.add_file(command, "clients", "clients.csv")
    shared.add_file(command, "vacancies", "vacancies.csv")
    shared.add_file(command, "placements", "placements.csv")
    shared.add_as_of(command)
    shared.add_file(command, "out", "directory of the model to write")
    shared.add_seed(command)
    shared.add_reference(command)


def train(options: argparse.Namespace) -> None:
    """Write a model to a directory."""
    vocabulary = shared.vocabulary_of(options)
    clients = read_clients(options.clients, vocabulary)
    vacancies = read_vacancies(options.vacancies, vocabulary)
    placements = read_placements(options.placements, clients, vacancies, vocabulary)
    shared.notify((*clients.notices, *vacancies.notices, *placements.notices))
    model = learn(
        clients,
        vacancies,
        placements,
        vocabulary=vocabulary,
        as_of_day=options.as_of,
        seed=options.seed,
        progress=shared.progress,
    )
    files = (options.clients, options.vacancies, options.placements)
    metadata = {
        "as_of": day_text(options.as_of),
        "seed": options.seed,
        "data_sha256": {path.name: _digest(path) for path in files},
        "n_placements": len(placements),
    }
    save_model(model, options.out, metadata=metadata)
    shared.say(f"stage {model.stage}, {model.n_matured} known answers")
    if model.ahead:
        figures = ", ".join(f"{name} {value:.3g}" for name, value in model.ahead.items())
        shared.say(f"hire on later proposals: {figures}")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
