"""What a course would open: gates and scores again with its skills and certificates added."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.allocation.allocate import Allocation
from ml.baseline import Model
from ml.columns import Rows
from ml.geo import Distances
from ml.index import OpeningIndex
from ml.query import FULL_CREDIT, ClientQuery, QueryMaker, unpack_credit
from ml.schema import Courses

COVERAGE_FLOOR = 0.5

Sums = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]


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
    delta_value : float or None
        What the course adds to the sum an allocation reaches, in utility, from 0: an upper bound
        from the allocation's prices, exact for whoever has no opening in it; None without prices.
    """

    client_id: str
    course_id: str
    n_openings_before: int
    n_openings_after: int
    n_places_opened: int
    delta_value: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PlaceValues:
    """Hold what places are worth to others, so that one client can be looked at alone.

    Attributes
    ----------
    model : Model
        The one of the allocation.
    prices : float64, shape (2, n_rows)
        Least and greatest prices of an allocation; each of them bounds the gain.
    floor : float
        Least utility of a pair.
    """

    model: Model
    prices: Numbers
    floor: float = 0.0

    @classmethod
    def of(cls, allocation: Allocation, model: Model, floor: float = 0.0) -> PlaceValues:
        """Return the values an allocation proves."""
        return cls(model, np.stack((allocation.least_prices, allocation.prices)), floor)

    def best(
        self, index: OpeningIndex, query: ClientQuery, rows: Rows, distance: Distances
    ) -> Numbers:
        """Return the client's best utility less price over some rows, at least 0, shape (2,)."""
        utility = index.score(query, rows, distance, model=self.model).score
        left = utility - self.prices[:, rows]
        found: Numbers = np.max(left[:, utility >= self.floor], axis=1, initial=0.0)
        return found


def course_effects(
    index: OpeningIndex,
    maker: QueryMaker,
    query: ClientQuery,
    courses: Courses,
    *,
    excluded: Collection[str] = (),
    coverage_floor: float = COVERAGE_FLOOR,
    values: PlaceValues | None = None,
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
    values : PlaceValues, optional
        From an allocation over this index at its present version; `delta_value` needs it.
    """
    rows, distance = index.feasible(query, excluded)
    before = _reachable(rows, _sums(index, query, rows), coverage_floor)
    kept = None if values is None else values.best(index, query, rows, distance)
    places = index.columns.places
    found = []
    for number, course_id in enumerate(courses.course_id):
        certificates = [code for code, _ in courses.certificates.row(number)]
        trained = maker.with_course(query, courses.skills.row(number), certificates)
        wider, far = rows, distance
        if trained.held != query.held:
            wider, far = index.feasible(trained, excluded)
        sums = _sums(index, trained, wider)
        after = _reachable(wider, sums, coverage_floor)
        opened = np.setdiff1d(after, before, assume_unique=True)
        delta = None
        if values is not None and kept is not None:
            changed = sums != _sums(index, query, wider)
            changed |= ~np.isin(wider, rows, assume_unique=True)
            best = values.best(index, trained, wider[changed], far[changed])
            delta = float(np.maximum(best - kept, 0.0).min())
        found.append(
            CourseEffect(
                client_id=query.client_id,
                course_id=course_id,
                n_openings_before=len(before),
                n_openings_after=len(after),
                n_places_opened=int(places[opened].sum(dtype=np.int64)),
                delta_value=delta,
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


def _sums(index: OpeningIndex, query: ClientQuery, rows: Rows) -> Sums:
    """Return the packed credit of each row: what the client brings of the skills asked."""
    columns = index.columns
    found: Sums = columns.skills.sums(columns.profile[rows], query.packed)
    return found


def _reachable(rows: Rows, sums: npt.NDArray[Any], floor: float) -> Rows:
    covered, asked, _, _ = unpack_credit(sums)
    reachable: Rows = rows[covered >= floor * FULL_CREDIT * asked]
    return reachable
