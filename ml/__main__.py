"""The commands on exchange files: ``python -m ml COMMAND --help``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from ml.commands import allocate, evaluate, rank, simulate, titles, train, uplift
from ml.commands.options import say
from ml.problems import InputError

BAD_INPUT = 2
COMMANDS = (train, rank, allocate, uplift, evaluate, titles, simulate)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 2 on bad input with every problem on standard error."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], None] = options.command
    try:
        command(options)
    except InputError as error:
        say(str(error))
        return BAD_INPUT
    except OSError as error:
        say(f"{error.filename or ''}: {error.strerror or error}")
        return BAD_INPUT
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ml", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
