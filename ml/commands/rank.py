"""``rank``: every client's best openings."""

from __future__ import annotations

import argparse

from ml.commands import options as shared
from ml.explain import Entry, shortlist
from ml.files import read_clients, read_excluded, read_vacancies, write_csv
from ml.index import OpeningIndex

RANKED = ("client_id", "vacancy_id", "rank", "score", "p_hire", "p_retained_6m", "reasons")


def add_to(commands: shared.Commands[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    command = shared.add_command(commands, "rank", rank, "rank openings for every client")
    shared.add_model(command)
    shared.add_file(command, "clients", "clients.csv")
    shared.add_file(command, "vacancies", "vacancies.csv")
    shared.add_as_of(command)
    shared.add_excluded(command)
    command.add_argument("--top", type=shared.count, default=20, help="openings a client (20)")
    shared.add_file(command, "out", "ranked.csv to write")
    shared.add_reference(command)


def rank(options: argparse.Namespace) -> None:
    """Write every client's best openings to ``ranked.csv``."""
    model = shared.load_model(options.model)
    vocabulary = shared.vocabulary_of(options)
    clients = read_clients(options.clients, vocabulary)
    vacancies = read_vacancies(options.vacancies, vocabulary)
    excluded = read_excluded(options.excluded, clients, vacancies) if options.excluded else {}
    shared.notify((*clients.notices, *vacancies.notices))
    index = OpeningIndex.build(shared.prepared(vacancies, model), vocabulary)
    maker = index.query_maker(options.as_of)
    rows: list[tuple[object, ...]] = []
    for i in shared.progress(range(len(clients)), "rank"):
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
