"""``simulate``: a world with a known truth, to try the other commands on."""

from __future__ import annotations

import argparse
import math

from ml.commands import options as shared
from ml.problems import InputError, Problem
from ml.simulation.files import write_world
from ml.simulation.run import ARRIVALS, ScarcityError, simulate as draw
from ml.simulation.worlds import WORLDS

TRUTH_CHOICES: dict[str, bool | None] = {"auto": None, "yes": True, "no": False}
MAX_SCARCITY = 100.0


def add_to(commands: shared.Commands[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    command = shared.add_command(
        commands, "simulate", simulate, "draw a world of clients, openings and a past"
    )
    command.add_argument("--world", choices=sorted(WORLDS), required=True, help="which world")
    command.add_argument("--clients", type=shared.count, required=True, help="of the present day")
    command.add_argument("--vacancies", type=shared.count, required=True, help="of the same day")
    command.add_argument(
        "--history", type=shared.count, required=True, help="matured outcomes of the past, about"
    )
    command.add_argument(
        "--scarcity", type=_scarcity, help="places a person (as the openings happen to have)"
    )
    command.add_argument(
        "--arrivals", choices=ARRIVALS, default="once", help="of clients and openings (once)"
    )
    command.add_argument("--seed", type=shared.seed, required=True, help="whole number from 0")
    command.add_argument(
        "--truth",
        choices=sorted(TRUTH_CHOICES),
        default="auto",
        help="whether to write truth.csv (auto: up to 4 million pairs)",
    )
    shared.add_file(command, "out", "directory to write")
    shared.add_reference(command)


def simulate(options: argparse.Namespace) -> None:
    """Write the files of a world to a directory."""
    try:
        drawn = draw(
            options.world,
            n_clients=options.clients,
            n_vacancies=options.vacancies,
            n_history=options.history,
            seed=options.seed,
            scarcity=options.scarcity,
            arrivals=options.arrivals,
            vocabulary=shared.vocabulary_of(options),
            progress=shared.progress,
        )
    except ScarcityError as error:
        expected = f"a place for each opening at least ({error})"
        raise InputError(
            [Problem("--scarcity", None, None, f"{options.scarcity:g}", expected)]
        ) from error
    write_world(
        drawn, options.out, with_truth=TRUTH_CHOICES[options.truth], progress=shared.progress
    )


def _scarcity(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 < found <= MAX_SCARCITY:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number above 0, at most 100")
    return found
