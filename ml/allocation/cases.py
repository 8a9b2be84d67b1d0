"""Cases of several persons who go together: places are counted in persons."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, vstack

from ml.allocation.market import NOBODY
from ml.allocation.solvers import SolverError

Choice = npt.NDArray[np.int64]


def place_cases(
    value: npt.NDArray[Any],
    size: npt.NDArray[Any],
    capacity: npt.NDArray[Any],
    allowed: npt.NDArray[np.bool_] | None = None,
) -> Choice:
    """Return where each case goes so that the sum of values is greatest.

    Parameters
    ----------
    value : float, shape (n_cases, n_sites)
        Of the whole case, from 0.
    size : integer, shape (n_cases,)
        Persons; a case goes whole or not at all.
    capacity : integer, shape (n_sites,)
        Persons.
    allowed : bool, shape (n_cases, n_sites), optional
        Everything by default.

    Returns
    -------
    int64, shape (n_cases,)
        Site; `NOBODY` where the case is not placed.

    Raises
    ------
    SolverError

    Examples
    --------
    >>> place_cases(np.array([[2.0], [1.5], [1.0]]), np.array([3, 2, 1]), np.array([3])).tolist()
    [-1, 0, 0]
    """
    fits = size[:, None] <= capacity[None, :]
    case, site = np.nonzero(fits if allowed is None else fits & allowed)
    found = np.full(len(size), NOBODY, dtype=np.int64)
    if not len(case):
        return found
    pair = np.arange(len(case))
    once = coo_array((np.ones(len(case)), (case, pair)), shape=(len(size), len(case)))
    persons = coo_array((size[case], (site, pair)), shape=(len(capacity), len(case)))
    limit = np.concatenate((np.ones(len(size)), capacity))
    solved = milp(
        -value[case, site],
        integrality=np.ones(len(case), dtype=np.int64),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(vstack((once, persons)).tocsr(), -np.inf, limit),
        # The default stops within a ten-thousandth of the optimum.
        options={"mip_rel_gap": 0.0},
    )
    if solved.x is None:
        raise SolverError(solved.message)
    chosen = solved.x > 0.5
    found[case[chosen]] = site[chosen]
    return found


def first_come(
    value: npt.NDArray[Any],
    size: npt.NDArray[Any],
    capacity: npt.NDArray[Any],
    allowed: npt.NDArray[np.bool_],
) -> Choice:
    """Return where each case goes when cases choose in turn, what `place_cases` is read against.

    Each takes the most valuable allowed site with enough room, the first of equal ones.
    """
    room = capacity.copy()
    found = np.full(len(size), NOBODY, dtype=np.int64)
    for case, persons in enumerate(size.tolist()):
        open_to = np.flatnonzero(allowed[case] & (room >= persons))
        if len(open_to):
            site = int(open_to[np.argmax(value[case, open_to])])
            room[site] -= persons
            found[case] = site
    return found


def value_of(value: npt.NDArray[Any], choice: Choice) -> float:
    """Return the sum of values of a choice."""
    placed = np.flatnonzero(choice != NOBODY)
    return float(value[placed, choice[placed]].sum())
