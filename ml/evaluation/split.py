"""Rolling origin: learn from what had matured by a day, judge on what was proposed after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.evaluation.metrics import Integers
from ml.evaluation.survival import Flags

Rows = npt.NDArray[np.intp]

EMBARGO_DAYS = 183
N_FOLDS = 3
FIRST_SHARE = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """Hold one origin.

    Attributes
    ----------
    origin_day : int
        Days since 1970. Training knows nothing of this day or later.
    train : intp, shape (n_train,)
        Rows proposed at least the embargo before the origin, of clients without a test row.
    test : intp, shape (n_test,)
        Rows proposed from the origin to the next one.
    new_partner : bool, shape (n_test,)
        The partner has no row in training (or is unnamed).
    cold_client : bool, shape (n_test,)
        The client had no proposal before the origin.
    """

    origin_day: int
    train: Rows
    test: Rows
    new_partner: Flags
    cold_client: Flags


def origin_days(
    proposed_on: Integers, *, n_folds: int = N_FOLDS, first_share: float = FIRST_SHARE
) -> tuple[int, ...]:
    """Choose days that leave the first share of rows before them and cut the rest evenly.

    Parameters
    ----------
    proposed_on : int64, shape (n,)
        Days since 1970.
    n_folds : int
    first_share : float

    Returns
    -------
    tuple of int
        Rising and distinct, after the first day; fewer than `n_folds` where days coincide.

    Examples
    --------
    >>> origin_days(np.arange(10), n_folds=2)
    (4, 7)
    """
    if not len(proposed_on):
        return ()
    ordered = np.sort(proposed_on)
    shares = first_share + (1 - first_share) * np.arange(n_folds) / n_folds
    places = np.minimum((shares * len(ordered)).astype(np.intp), len(ordered) - 1)
    return tuple(sorted({int(day) for day in ordered[places]} - {int(ordered[0])}))


def rolling_origin(
    proposed_on: Integers,
    client: Integers,
    partner: Integers,
    origins: Sequence[int],
    *,
    embargo_days: int = EMBARGO_DAYS,
) -> tuple[Fold, ...]:
    """Split rows at each origin.

    Parameters
    ----------
    proposed_on : int64, shape (n,)
    client, partner : int64, shape (n,)
        Numbers; a partner of -1 is unnamed and always new.
    origins : sequence of int
        Rising.
    embargo_days : int
        How long before the origin a training row was proposed at least: its outcome at six months
        has matured, so no training label is better known for quick failures than for successes.

    Returns
    -------
    tuple of Fold
        One an origin. The training rows of an early origin may be none.

    Examples
    --------
    >>> day, one = np.array([0, 10, 200, 201]), np.array([0, 1, 1, 2])
    >>> fold, = rolling_origin(day, one, np.zeros(4, dtype=int), [200])
    >>> fold.train.tolist(), fold.test.tolist(), fold.cold_client.tolist()
    ([0], [2, 3], [False, True])
    """
    ends = [*origins[1:], np.iinfo(np.int64).max]
    folds = []
    for begin, end in zip(origins, ends, strict=False):  # without origins there is no last end
        test = np.flatnonzero((proposed_on >= begin) & (proposed_on < end))
        mature = (proposed_on + embargo_days <= begin) & ~np.isin(client, client[test])
        train = np.flatnonzero(mature)
        before = client[proposed_on < begin]
        unseen = ~np.isin(partner[test], partner[train])
        folds.append(
            Fold(
                origin_day=int(begin),
                train=train,
                test=test,
                new_partner=unseen | (partner[test] < 0),
                cold_client=~np.isin(client[test], before),
            )
        )
    return tuple(folds)
