"""``titles``: suggested occupations for titles."""

from __future__ import annotations

import argparse

from ml.commands import options as shared
from ml.files import read_titles, write_csv
from ml.titles import TitleSuggester

TITLES = ("title_id", "code", "rank")


def add_to(commands: shared.Commands[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    command = shared.add_command(commands, "titles", titles, "suggest occupations for titles")
    shared.add_file(command, "titles", "title_id, title")
    command.add_argument("--top", type=shared.count, default=5, help="suggestions a title (5)")
    shared.add_file(command, "out", "titles.csv to write")
    shared.add_reference(command)


def titles(options: argparse.Namespace) -> None:
    """Write suggested occupations for titles."""
    suggester = TitleSuggester(shared.vocabulary_of(options))
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
