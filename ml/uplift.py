"""What a course would open: gates and scores again with its skills and certificates added."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from ml.columns import Rows
from ml.index import OpeningIndex
from ml.query import FULL_CREDIT, ClientQuery, QueryMaker, unpack_credit
from ml.schema import Courses

COVERAGE_FLOOR = 0.5


@dataclass(frozen=True, slots=True)
class CourseEffect:
    """Hold what one course would open for one client; it says "opens", never "causes".

    Attributes
    ----------
    client_id, course_id : str
    n_openings_before, n_openings_after : int
        Openings within the client's constraints whose essential skills the client covers by at
        least half, or that state none.
    n_places_opened : int
        Free places of the openings that are there only afterwards.
    """

    client_id: str
    course_id: str
    n_openings_before: int
    n_openings_after: int
    n_places_opened: int


def course_effects(
    index: OpeningIndex,
    maker: QueryMaker,
    query: ClientQuery,
    courses: Courses,
    *,
    excluded: Collection[str] = (),
    coverage_floor: float = COVERAGE_FLOOR,
) -> tuple[CourseEffect, ...]:
    """Return the effect of every course of a table for one client, in the table's order.

    Parameters
    ----------
    index : OpeningIndex
    maker : QueryMaker
        The one that made the query.
    query : ClientQuery
    courses : Courses
    excluded : collection of str
        Vacancy ids that must not be proposed to this client.
    coverage_floor : float, default 0.5
        Least share of the essential skills, from 0 to 1.
    """
    rows, _ = index.feasible(query, excluded)
    before = _reachable(index, query, rows, coverage_floor)
    places = index.columns.places
    found = []
    for number, course_id in enumerate(courses.course_id):
        certificates = [code for code, _ in courses.certificates.row(number)]
        trained = maker.with_course(query, courses.skills.row(number), certificates)
        widened = rows if trained.held == query.held else index.feasible(trained, excluded)[0]
        after = _reachable(index, trained, widened, coverage_floor)
        opened = np.setdiff1d(after, before, assume_unique=True)
        found.append(
            CourseEffect(
                client_id=query.client_id,
                course_id=course_id,
                n_openings_before=len(before),
                n_openings_after=len(after),
                n_places_opened=int(places[opened].sum(dtype=np.int64)),
            )
        )
    return tuple(found)


def effects_for_many(
    index: OpeningIndex,
    maker: QueryMaker,
    queries: Collection[ClientQuery],
    courses: Courses,
) -> Iterator[CourseEffect]:
    """Yield the effects of every course for every client, client by client."""
    for query in queries:
        yield from course_effects(index, maker, query, courses)


def _reachable(index: OpeningIndex, query: ClientQuery, rows: Rows, floor: float) -> Rows:
    columns = index.columns
    covered, asked, _, _ = unpack_credit(columns.skills.sums(columns.profile[rows], query.packed))
    reachable: Rows = rows[covered >= floor * FULL_CREDIT * asked]
    return reachable
