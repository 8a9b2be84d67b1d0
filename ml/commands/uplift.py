"""``uplift``: what each course would open for each client, and add to the allocation of all."""

from __future__ import annotations

import argparse

from ml.allocation.allocate import allocate
from ml.allocation.candidates import LazyQueries
from ml.allocation.objective import valued_by
from ml.commands import options as shared
from ml.commands.allocate import add_objective, partners_of
from ml.files import read_clients, read_courses, read_excluded, read_vacancies, write_csv
from ml.index import OpeningIndex
from ml.uplift import CourseEffect, PlaceValues, course_effects

UPLIFT = (
    "client_id",
    "course_id",
    "n_openings_before",
    "n_openings_after",
    "n_places_opened",
    "delta_value",
)


def add_to(commands: shared.Commands[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    command = shared.add_command(commands, "uplift", uplift, "say what courses would open")
    shared.add_model(command)
    shared.add_file(command, "clients", "clients.csv")
    shared.add_file(command, "vacancies", "vacancies.csv")
    shared.add_file(command, "courses", "courses.csv")
    shared.add_as_of(command)
    shared.add_excluded(command)
    add_objective(command)
    shared.add_file(command, "out", "uplift.csv to write")
    shared.add_reference(command)


def uplift(options: argparse.Namespace) -> None:
    """Write what each course opens for each client to ``uplift.csv``."""
    model = shared.load_model(options.model)
    valued = valued_by(options.objective, model)
    vocabulary = shared.vocabulary_of(options)
    clients = read_clients(options.clients, vocabulary)
    vacancies = read_vacancies(options.vacancies, vocabulary)
    courses = read_courses(options.courses, vocabulary)
    excluded = read_excluded(options.excluded, clients, vacancies) if options.excluded else {}
    shared.notify((*clients.notices, *vacancies.notices, *courses.notices))
    index = OpeningIndex.build(shared.prepared(vacancies, model), vocabulary)
    maker = index.query_maker(options.as_of)
    queries = LazyQueries(maker, clients)
    found = allocate(
        index,
        queries,
        model=valued,
        excluded=excluded,
        partner_of=partners_of(vacancies),
        progress=shared.progress,
    )
    values = PlaceValues.of(found, valued)
    rows: list[tuple[object, ...]] = []
    for i in shared.progress(range(len(clients)), "courses"):
        query = queries[i]
        effects = course_effects(
            index,
            maker,
            query,
            courses,
            excluded=excluded.get(query.client_id, ()),
            values=values,
        )
        rows.extend(_row(effect) for effect in effects)
    write_csv(options.out, UPLIFT, rows)


def _row(effect: CourseEffect) -> tuple[object, ...]:
    return (
        effect.client_id,
        effect.course_id,
        effect.n_openings_before,
        effect.n_openings_after,
        effect.n_places_opened,
        f"{effect.delta_value or 0.0:.6f}",
    )
