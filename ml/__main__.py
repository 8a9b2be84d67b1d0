"""The commands: ``python -m ml rank`` and ``python -m ml titles`` on exchange files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from ml import cells
from ml.baseline import ExpertBaseline, Model
from ml.explain import Entry, shortlist
from ml.files import (
    read_clients,
    read_excluded,
    read_titles,
    read_vacancies,
    write_csv,
)
from ml.index import OpeningIndex
from ml.problems import InputError, Notice, Problem
from ml.titles import TitleSuggester
from ml.vocabulary import DEFAULT_DIRECTORY, Vocabulary, load_vocabulary

BAD_INPUT = 2
EPILOG = (
    "ml/FORMAT.md describes the files, what a blank cell means, and what is refused. "
    "Exit status: 0 when written, 2 on bad input, and then nothing is written."
)
RANKED = ("client_id", "vacancy_id", "rank", "score", "p_hire", "p_retained_6m", "reasons")
TITLES = ("title_id", "code", "rank")

Item = TypeVar("Item")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 2 on bad input with every problem on standard error."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], None] = options.command
    try:
        command(options)
    except InputError as error:
        _say(str(error))
        return BAD_INPUT
    except OSError as error:
        _say(f"{error.filename or ''}: {error.strerror or error}")
        return BAD_INPUT
    return 0


def rank(options: argparse.Namespace) -> None:
    """Write every client's best openings to ``ranked.csv``."""
    model = load_model(options.model)
    vocabulary = _vocabulary(options.reference)
    clients = read_clients(options.clients, vocabulary)
    vacancies = read_vacancies(options.vacancies, vocabulary)
    excluded = read_excluded(options.excluded, clients, vacancies) if options.excluded else {}
    _notify((*clients.notices, *vacancies.notices))
    index = OpeningIndex.build(vacancies, vocabulary)
    maker = index.query_maker(options.as_of)
    rows: list[tuple[object, ...]] = []
    for i in _progress(range(len(clients)), "rank"):
        query = maker.make(clients, i)
        listed = shortlist(
            index,
            query,
            options.top,
            excluded=excluded.get(query.client_id, ()),
            model=model,
        )
        rows.extend(_ranked(query.client_id, entry) for entry in listed.entries)
    write_csv(options.out, RANKED, rows)


def titles(options: argparse.Namespace) -> None:
    """Write suggested occupations for titles."""
    suggester = TitleSuggester(_vocabulary(options.reference))
    pairs = read_titles(options.titles)
    found = suggester.suggest_many([title for _, title in pairs], options.top)
    write_csv(
        options.out,
        TITLES,
        (
            (title_id, suggestion.code, position)
            for (title_id, _), suggestions in zip(pairs, found, strict=True)
            for position, suggestion in enumerate(suggestions, start=1)
        ),
    )


def load_model(name: str) -> Model:
    """Return the model of a name.

    Raises
    ------
    InputError
        When the name is not known.
    """
    if name == ExpertBaseline.name:
        return ExpertBaseline()
    raise InputError([Problem("--model", None, None, name, "the name expert")])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ml", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_rank(commands)
    _add_titles(commands)
    return parser


def _add_rank(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("rank", help="rank openings for every client", epilog=EPILOG)
    command.set_defaults(command=rank)
    _add_pair_options(command)
    command.add_argument("--top", type=_count, default=20, help="openings a client (20)")
    command.add_argument("--out", type=Path, required=True, help="ranked.csv to write")


def _add_titles(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("titles", help="suggest occupations for titles", epilog=EPILOG)
    command.set_defaults(command=titles)
    command.add_argument("--titles", type=Path, required=True, help="title_id, title")
    command.add_argument("--top", type=_count, default=5, help="suggestions a title (5)")
    command.add_argument("--out", type=Path, required=True, help="titles.csv to write")
    _add_reference(command)


def _add_pair_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", default="expert", help="expert")
    command.add_argument("--clients", type=Path, required=True, help="clients.csv")
    command.add_argument("--vacancies", type=Path, required=True, help="vacancies.csv")
    command.add_argument(
        "--as-of", type=_day, required=True, help="the day to rank for, YYYY-MM-DD"
    )
    command.add_argument("--excluded", type=Path, help="pairs never to propose")
    _add_reference(command)


def _add_reference(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--reference",
        type=Path,
        default=DEFAULT_DIRECTORY,
        help="directory of occupations.csv and skills.csv",
    )


def _day(text: str) -> int:
    try:
        return cells.day(text)
    except cells.CellError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: expected {error}") from error


def _count(text: str) -> int:
    try:
        return int(cells.whole(1, 1_000_000)(text))  # type: ignore[call-overload, no-any-return]
    except cells.CellError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: expected {error}") from error


def _vocabulary(directory: Path) -> Vocabulary:
    return load_vocabulary(directory)


def _ranked(client_id: str, entry: Entry) -> tuple[object, ...]:
    return (
        client_id,
        entry.vacancy_id,
        entry.rank,
        f"{entry.score:.6f}",
        f"{entry.p_hire:.6f}",
        f"{entry.p_retained_6m:.6f}",
        ";".join(str(reason) for reason in entry.reasons),
    )


def _progress(items: Sequence[Item], what: str) -> Iterator[Item]:
    bar: Iterable[Item] = tqdm(items, desc=what, file=sys.stderr, disable=not sys.stderr.isatty())
    yield from bar


def _notify(notices: Iterable[Notice]) -> None:
    for notice in notices:
        _say(f"warning: {notice}")


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
