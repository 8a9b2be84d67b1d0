"""Hard constraints: what excludes a pair, each with a code; unknown never excludes.

This module is the readable definition. The index answers the same question with one AND per
opening; a property test holds the two together.
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.columns import FULL_BIT, REMOVED_BIT, OpeningColumns, Rows
from ml.encode import N_LEVEL_CODES
from ml.geo import chord_km
from ml.policy import GatePolicy
from ml.query import ClientQuery

Failures = npt.NDArray[np.uint16]


class Gate(enum.IntFlag):
    """Name each hard constraint; a pair's failures are their union."""

    COMMUTE_OR_LODGING = 1
    """Farther than the person travels, and no lodging within reach that the person accepts."""
    SHIFT = 2
    """A shift the person does not work."""
    EXERTION = 4
    """Heavier work than the person may do."""
    EDUCATION = 8
    """More schooling asked than the person has."""
    CERTIFICATE = 16
    """A certificate asked that the person does not hold, nor one that includes it."""
    EMPLOYMENT_TYPE = 32
    """A contract the person does not take."""
    DATES = 64
    """Not open on the day the person is ready."""
    HEADCOUNT = 128
    """No place left."""
    BARRED = 256
    """An occupation excluded for this person."""
    EXCLUDED = 512
    """This pair is excluded, for a reason the library is not told."""


CHANGEABLE = (
    Gate.COMMUTE_OR_LODGING
    | Gate.SHIFT
    | Gate.EXERTION
    | Gate.EDUCATION
    | Gate.CERTIFICATE
    | Gate.EMPLOYMENT_TYPE
    | Gate.DATES
)


def within_reach(
    distance: npt.NDArray[Any],
    max_commute_km: npt.ArrayLike,
    has_bed: npt.NDArray[np.bool_],
    policy: GatePolicy,
) -> npt.NDArray[np.bool_]:
    """Tell which distances are feasible: commutable, or lodged near enough, or unknown.

    Parameters
    ----------
    distance : float, shape (n,)
        Kilometres, NaN unknown.
    max_commute_km : float or float array of shape (n,)
    has_bed : bool, shape (n,)
        The opening provides lodging and the person accepts it.
    """
    limit = np.where(has_bed, np.maximum(max_commute_km, policy.lodging_km), max_commute_km)
    found: npt.NDArray[np.bool_] = ~(distance > limit)
    return found


def failures(
    query: ClientQuery,
    columns: OpeningColumns,
    *,
    policy: GatePolicy,
    excluded: Collection[int] = (),
) -> Failures:
    """Return, for every opening, the union of the gates the client fails.

    Parameters
    ----------
    query : ClientQuery
    columns : OpeningColumns
    policy : GatePolicy
    excluded : collection of int
        Rows excluded for this client.

    Returns
    -------
    uint16, shape (n,)
        0 is feasible. Rows removed from an index fail `Gate.EXCLUDED`.
    """
    distance = chord_km(query.point, columns.x, columns.y, columns.z)
    bed = (columns.lodging == 1) & query.accepts_lodging
    failed: dict[Gate, npt.NDArray[np.bool_]] = {
        Gate.COMMUTE_OR_LODGING: ~within_reach(distance, query.max_commute_km, bed, policy),
        Gate.SHIFT: _not_in(columns.shift, query.shifts_ok),
        Gate.EXERTION: (query.exertion_max > 0) & (columns.exertion > query.exertion_max),
        Gate.EDUCATION: (query.education >= 0) & (columns.education_min > query.education),
        Gate.CERTIFICATE: _certificates(query, columns),
        Gate.EMPLOYMENT_TYPE: _not_in(columns.employment, query.employment_ok),
        Gate.DATES: (columns.open_day > query.ready_day) | (columns.close_day < query.ready_day),
        Gate.HEADCOUNT: _has_bit(columns, FULL_BIT),
        Gate.EXCLUDED: _has_bit(columns, REMOVED_BIT),
    }
    if query.barred is not None:
        failed[Gate.BARRED] = query.barred[columns.occupation]
    found = np.zeros(len(columns), dtype=np.uint16)
    for gate, flags in failed.items():
        found |= flags.astype(np.uint16) * np.uint16(gate)
    if excluded:
        found[np.fromiter(excluded, dtype=np.intp)] |= np.uint16(Gate.EXCLUDED)
    return found


def one_step_away(failed: Failures) -> Rows:
    """Return the rows that fail exactly one gate that someone could change.

    Examples
    --------
    >>> one_step_away(np.array([0, 2, 3, 256, 16], dtype=np.uint16)).tolist()
    [1, 4]
    """
    single = (failed > 0) & ((failed & (failed - 1)) == 0)
    return np.flatnonzero(single & ((failed & np.uint16(CHANGEABLE)) > 0))


def gates_in(failed: int) -> tuple[Gate, ...]:
    """Return the gates of a union.

    Examples
    --------
    >>> [gate.name for gate in gates_in(3)]
    ['COMMUTE_OR_LODGING', 'SHIFT']
    """
    return tuple(gate for gate in Gate if failed & gate)


def _not_in(values: npt.NDArray[Any], mask: int) -> npt.NDArray[np.bool_]:
    stated = values >= 0
    bits = np.left_shift(1, np.where(stated, values, 0).astype(np.int64))
    found: npt.NDArray[np.bool_] = stated & (mask > 0) & ((bits & mask) == 0)
    return found


def _has_bit(columns: OpeningColumns, bit: int) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = (columns.word & np.uint64(1 << bit)) != 0
    return found


def _certificates(query: ClientQuery, columns: OpeningColumns) -> npt.NDArray[np.bool_]:
    if query.certificates is None:
        return np.zeros(len(columns), dtype=np.bool_)
    lacking = np.ones(len(query.credit) // N_LEVEL_CODES, dtype=np.int64)
    lacking[list(query.held)] = 0
    found: npt.NDArray[np.bool_] = columns.certificates.sums(columns.profile, lacking) > 0
    return found
