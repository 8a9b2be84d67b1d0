"""``allocate``: who gets which opening, so that all together get most."""

from __future__ import annotations

import argparse
from pathlib import Path

from ml.allocation.allocate import Allocation, allocate as allocate_all
from ml.allocation.candidates import LazyQueries
from ml.allocation.locks import LockError
from ml.allocation.objective import KEPT, OBJECTIVES, valued_by
from ml.allocation.rules import AllocationRules
from ml.commands import options as shared
from ml.files import read_clients, read_excluded, read_pairs, read_vacancies, write_csv
from ml.index import OpeningIndex
from ml.problems import InputError, Problem
from ml.schema import Clients, Vacancies

ALLOCATION = ("client_id", "vacancy_id", "utility")
HIGHEST = 1_000.0


def add_to(commands: shared.Commands[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    purpose = "give each client at most one opening, best for all together"
    command = shared.add_command(commands, "allocate", allocate, purpose)
    shared.add_model(command)
    shared.add_file(command, "clients", "clients.csv")
    shared.add_file(command, "vacancies", "vacancies.csv")
    shared.add_as_of(command)
    shared.add_excluded(command)
    default = AllocationRules()
    add_objective(command)
    command.add_argument("--locks", type=Path, help="client_id, vacancy_id to keep as they are")
    command.add_argument(
        "--floor",
        type=shared.number(0, HIGHEST),
        default=default.floor,
        help="least utility of a pair (0)",
    )
    command.add_argument(
        "--per-partner", type=shared.count, help="most clients of one employer (no limit)"
    )
    command.add_argument(
        "--waiting-bonus",
        type=shared.number(0, HIGHEST),
        default=default.waiting_bonus,
        help="utility added per 30 days waited, to 360 days (0)",
    )
    shared.add_file(command, "out", "allocation.csv to write")
    shared.add_reference(command)


def add_objective(command: argparse.ArgumentParser) -> None:
    """Add ``--objective``."""
    command.add_argument(
        "--objective",
        choices=OBJECTIVES,
        default=KEPT,
        help="what is added up: jobs kept six months (default), or the scores of rankings",
    )


def allocate(options: argparse.Namespace) -> None:
    """Write who gets which opening to ``allocation.csv``."""
    model = shared.load_model(options.model)
    vocabulary = shared.vocabulary_of(options)
    clients = read_clients(options.clients, vocabulary)
    vacancies = read_vacancies(options.vacancies, vocabulary)
    excluded = read_excluded(options.excluded, clients, vacancies) if options.excluded else {}
    locks = read_pairs(options.locks, clients, vacancies) if options.locks else []
    shared.notify((*clients.notices, *vacancies.notices))
    index = OpeningIndex.build(shared.prepared(vacancies, model), vocabulary)
    try:
        found = allocate_all(
            index,
            LazyQueries(index.query_maker(options.as_of), clients),
            model=valued_by(options.objective, model),
            waiting_days=clients.waiting_days,
            excluded=excluded,
            rules=AllocationRules(
                floor=options.floor,
                per_partner=options.per_partner,
                waiting_bonus=options.waiting_bonus,
            ),
            locks=[(client_id, vacancy_id) for _, client_id, vacancy_id in locks],
            partner_of=partners_of(vacancies),
            progress=shared.progress,
        )
    except LockError as error:
        row = locks[error.position][0]
        problem = Problem(options.locks.name, row, error.column, error.value, error.expected)
        raise InputError([problem]) from error
    write_csv(options.out, ALLOCATION, _rows(found, clients, index))
    shared.say(f"{len(found.clients)} of {len(clients)} clients have an opening")


def partners_of(vacancies: Vacancies) -> dict[str, str]:
    """Return the partner id of each opening that has one, by vacancy id."""
    pairs = zip(vacancies.ids, vacancies.partner_id, strict=True)
    return {vacancy_id: partner_id for vacancy_id, partner_id in pairs if partner_id}


def _rows(found: Allocation, clients: Clients, index: OpeningIndex) -> list[tuple[str, str, str]]:
    names = index.names_of(found.rows.astype("intp"))
    rows = zip(found.clients.tolist(), names, found.utility.tolist(), strict=True)
    return sorted((clients.ids[i], name, f"{utility:.6f}") for i, name, utility in rows)
