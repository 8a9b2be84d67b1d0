"""Constraints that only one side has stated: how many of them are probably broken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ml.cells import EMPLOYMENT_TYPES, SHIFTS

if TYPE_CHECKING:
    from ml.columns import OpeningColumns, Rows
    from ml.features import PairSide

Values = npt.NDArray[np.float64]
Fields = tuple[str, str]

# Guesses where a person has stated nothing: the share who would not do the shift or take the
# contract, may not work so hard, or lack the schooling. Daytime and full-time work is for nearly
# everybody; the last entry of the first two rows, and the first of the others, is "unstated".
REFUSED_SHIFT = np.array([0.02, 0.3, 0.5, 0.4, 0.0])
REFUSED_CONTRACT = np.array([0.02, 0.4, 0.3, 0.4, 0.5, 0.5, 0.5, 0.0])
TOO_HARD = np.array([0.0, 0.0, 0.1, 0.35, 0.75])
TOO_LEARNED = np.array([0.0, 0.0, 0.05, 0.25, 0.6, 0.9, 0.95])
# Guesses where an opening has stated nothing: how common each demand is.
SHIFT_SHARE = np.array([0.65, 0.1, 0.1, 0.15])
HARD_SHARE = np.array([0.25, 0.4, 0.25, 0.1])
LEARNED_SHARE = np.array([0.35, 0.1, 0.35, 0.15, 0.04, 0.01])
# Where a place is unknown: the share of openings out of daily reach, and of those beyond lodging's.
OUT_OF_REACH, TOO_FAR = 0.6, 0.1
WOULD_LODGE, HAS_BED = 0.5, 0.3
UNKNOWN_KM, LODGED_KM, LODGING_KM, COMMUTE_CAP_KM = 45.0, 10.0, 150.0, 60.0

assert (len(SHIFTS), len(EMPLOYMENT_TYPES)) == (len(SHIFT_SHARE), len(REFUSED_CONTRACT) - 1)  # noqa: S101 - two lists of one truth


def unverified(side: PairSide, columns: OpeningColumns, rows: Rows) -> Values:
    """Return the expected number of constraints broken unseen, shape (n,); 0 where both speak.

    Parameters
    ----------
    side : PairSide
        Scalars, or arrays of shape (n,).
    columns : OpeningColumns
    rows : intp, shape (n,)
    """
    found: Values = sum(chances(side, columns, rows).values(), np.zeros(len(rows)))
    return found


def chances(side: PairSide, columns: OpeningColumns, rows: Rows) -> dict[Fields, Values]:
    """Return the chance of each constraint being broken unseen, by the fields of both sides.

    Arguments as for `unverified`; each array has shape (n,).
    """
    shift, exertion = columns.shift[rows], columns.exertion[rows]
    education = columns.education_min[rows]
    contract = np.where(columns.employment_stated[rows] > 0, columns.employment[rows], -1)
    return {
        ("shifts_ok", "shift"): _either(
            side.shifts_ok, 0, REFUSED_SHIFT[shift], shift >= 0, _refused(side.shifts_ok)
        ),
        ("exertion_max", "exertion"): _either(
            side.exertion_max,
            0,
            TOO_HARD[exertion],
            exertion > 0,
            _above(side.exertion_max, HARD_SHARE),
        ),
        ("education", "education_min"): _either(
            side.education,
            -1,
            TOO_LEARNED[education + 1],
            education >= 0,
            _above(np.asarray(side.education) + 1, LEARNED_SHARE),
        ),
        ("employment_types_ok", "employment_type"): np.where(
            np.equal(side.employment_ok, 0), REFUSED_CONTRACT[contract], 0.0
        ),
    }


def out_of_reach(side: PairSide, distance: Values, bed: npt.NDArray[Any]) -> Values:
    """Return the chance that the way is too long in truth, shape (n,), for feasible pairs.

    Parameters
    ----------
    side : PairSide
    distance : float64, shape (n,)
        Kilometres, NaN unknown.
    bed : int8, shape (n,)
        1 provided, 0 not, -1 unknown.
    """
    lodges = np.where(np.less(side.lodging, 0), WOULD_LODGE, np.equal(side.lodging, 1))
    has_bed = np.where(bed < 0, HAS_BED, bed == 1)
    unknown = OUT_OF_REACH * (1.0 - (1.0 - TOO_FAR) * lodges * has_bed)
    known = np.where(np.isnan(distance), 0.0, distance)
    # Half of those who state no limit would not go as far as the one that policy assumes.
    shorter = 0.5 * np.asarray(side.commute_assumed) * known / np.maximum(side.max_commute_km, 1.0)
    near = np.minimum(shorter, 0.5) * (1.0 - lodges * has_bed)
    found: Values = np.where(known > side.max_commute_km, 1.0 - lodges, near)
    return np.where(np.isnan(distance), unknown, found)


def daily_way_km(side: PairSide, distance: Values, bed: npt.NDArray[Any]) -> Values:
    """Return the way of a working day, shape (n,): short where the person lives at the work.

    Arguments as for `out_of_reach`. An unknown way is taken to be long unless there is a bed.
    """
    lodges = np.where(np.less(side.lodging, 0), WOULD_LODGE, np.equal(side.lodging, 1))
    has_bed = np.where(bed < 0, HAS_BED, bed == 1)
    at_work = LODGED_KM + np.where(np.isnan(distance), LODGING_KM / 3, distance) / 20.0
    far = np.isnan(distance) | (distance > side.max_commute_km)
    away = np.minimum(np.where(np.isnan(distance), UNKNOWN_KM, distance), COMMUTE_CAP_KM)
    found: Values = np.where(far, lodges * has_bed * at_work + (1 - lodges * has_bed) * away, away)
    return found


def _either(
    stated: Any, blank: int, of_opening: Values, is_asked: npt.NDArray[np.bool_], of_person: Any
) -> Values:
    """Return the chance by the opening's demand, or the person's limit, where one is silent."""
    silent = np.equal(stated, blank)
    found: Values = np.where(silent, of_opening * is_asked, np.where(is_asked, 0.0, of_person))
    return found


def _refused(shifts_ok: Any) -> Any:
    """Return how likely an unstated shift is one the person does not work."""
    mask = np.asarray(shifts_ok, dtype=np.int64)
    return sum(
        share * ((mask >> number & 1) == 0) for number, share in enumerate(SHIFT_SHARE.tolist())
    )


def _above(limit: Any, share: Values) -> Any:
    """Return how likely an unstated demand is above a limit, the lowest demand being number 1."""
    place = np.maximum(np.asarray(limit, dtype=np.int64), 1) - 1
    return np.append(1.0 - np.cumsum(share), 0.0)[place]
