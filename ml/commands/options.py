"""What commands share: option types, inputs and models by name, progress and warnings."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from ml import cells, store
from ml.baseline import ExpertBaseline, Model
from ml.learning.model import LearnedModel
from ml.problems import InputError, Notice, Problem
from ml.schema import Vacancies
from ml.vocabulary import DEFAULT_DIRECTORY, Vocabulary, load_vocabulary

EPILOG = (
    "ml/FORMAT.md describes the files, what a blank cell means, and what is refused. "
    "Exit status: 0 when written, 2 on bad input, and then nothing is written."
)

Commands = argparse._SubParsersAction  # argparse gives its type no public name
Item = TypeVar("Item")


def add_command(
    commands: Commands[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], None],
    purpose: str,
) -> argparse.ArgumentParser:
    """Add a command to the parser and return what takes its options."""
    command = commands.add_parser(name, help=purpose, description=purpose, epilog=EPILOG)
    command.set_defaults(command=run)
    return command


def add_file(command: argparse.ArgumentParser, name: str, content: str) -> None:
    """Add a required option ``--name`` that takes a path."""
    command.add_argument(f"--{name}", type=Path, required=True, help=content)


def add_model(command: argparse.ArgumentParser) -> None:
    """Add ``--model``."""
    command.add_argument(
        "--model", default=ExpertBaseline.name, help="expert (default), or a directory train wrote"
    )


def add_seed(command: argparse.ArgumentParser) -> None:
    """Add ``--seed``."""
    command.add_argument("--seed", type=seed, default=0, help="of everything drawn (0)")


def add_as_of(command: argparse.ArgumentParser) -> None:
    """Add ``--as-of``."""
    command.add_argument("--as-of", type=day, required=True, help="the present day, YYYY-MM-DD")


def add_excluded(command: argparse.ArgumentParser) -> None:
    """Add ``--excluded``."""
    command.add_argument("--excluded", type=Path, help="client_id, vacancy_id never to propose")


def add_reference(command: argparse.ArgumentParser) -> None:
    """Add ``--reference``."""
    command.add_argument(
        "--reference",
        type=Path,
        default=DEFAULT_DIRECTORY,
        help="directory of occupations.csv and skills.csv",
    )


def day(text: str) -> int:
    """Read a day as days since 1970."""
    try:
        return cells.day(text)
    except cells.CellError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: expected {error}") from error


def count(text: str) -> int:
    """Read a whole number from 1."""
    try:
        return int(cells.whole(1, 1_000_000)(text))  # type: ignore[call-overload, no-any-return]
    except cells.CellError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: expected {error}") from error


def seed(text: str) -> int:
    """Read a whole number from 0."""
    try:
        return int(cells.whole(0, 2**31 - 1)(text))  # type: ignore[call-overload, no-any-return]
    except cells.CellError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: expected {error}") from error


def load_model(name: str) -> Model:
    """Return the expert formula, or the model of a directory.

    Raises
    ------
    InputError
        When the name is neither, or the directory holds no sound model.
    """
    if name == ExpertBaseline.name:
        return ExpertBaseline()
    if not Path(name).is_dir():
        raise InputError([Problem("--model", None, None, name, "expert or a directory")])
    return store.load_model(name)


def prepared(vacancies: Vacancies, model: Model) -> Vacancies:
    """Return the openings with what the model knows of their partners."""
    return model.prepare(vacancies) if isinstance(model, LearnedModel) else vacancies


def vocabulary_of(options: argparse.Namespace) -> Vocabulary:
    """Return the vocabulary of the reference directory chosen."""
    return load_vocabulary(options.reference)


def progress(items: Sequence[Item], what: str) -> Iterator[Item]:
    """Yield the items under a progress bar when somebody watches a terminal."""
    bar: Iterable[Item] = tqdm(items, desc=what, file=sys.stderr, disable=not sys.stderr.isatty())
    yield from bar


def notify(notices: Iterable[Notice]) -> None:
    """Write warnings to standard error."""
    for notice in notices:
        say(f"warning: {notice}")


def say(line: str) -> None:
    """Write a line to standard error."""
    sys.stderr.write(line + "\n")
