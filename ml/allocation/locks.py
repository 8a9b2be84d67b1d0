"""Pairs an officer fixed: they take their places first, and are refused where they break a rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.allocation.candidates import Scorer
from ml.allocation.market import UNLIMITED


class LockError(ValueError):
    """Say which lock cannot be kept, and why.

    Parameters
    ----------
    position : int
        Place of the lock in the sequence given.
    column : str
        ``client_id`` or ``vacancy_id``, whichever is wrong.
    value : str
    expected : str
    """

    def __init__(self, position: int, column: str, value: str, expected: str) -> None:
        super().__init__(f"lock {position}, {column} {value!r}: expected {expected}")
        self.position = position
        self.column = column
        self.value = value
        self.expected = expected


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """Hold the locked pairs.

    Attributes
    ----------
    clients : int64, shape (n,)
        Positions in the queries.
    openings : int64, shape (n,)
        Numbers in `Openings`.
    utility : float64, shape (n,)
    """

    clients: npt.NDArray[np.int64]
    openings: npt.NDArray[np.int64]
    utility: npt.NDArray[np.float64]


def fixed_pairs(
    scorer: Scorer,
    client_ids: Sequence[str],
    locks: Sequence[tuple[str, str]],
    per_partner: int | None,
) -> Fixed:
    """Check locks against gates, exclusions, places and the partner's cap.

    Raises
    ------
    LockError
    """
    position_of = {client_id: i for i, client_id in enumerate(client_ids)}
    openings = scorer.openings
    left = openings.places.copy()
    cap = np.full(len(left), UNLIMITED if per_partner is None else per_partner)
    clients: list[int] = []
    numbers: list[int] = []
    utility: list[float] = []
    for k, (client_id, vacancy_id) in enumerate(locks):
        client = position_of.get(client_id)
        row = scorer.index.ids.row(vacancy_id)
        if client is None:
            raise LockError(k, "client_id", client_id, "a client of the batch")
        if client in clients:
            raise LockError(k, "client_id", client_id, "one lock a client")
        if row is None:
            raise LockError(k, "vacancy_id", vacancy_id, "an opening of the batch")
        number = int(openings.number[row])
        partner = int(openings.partner[number])
        left[number] -= 1
        cap[partner] -= 1
        if left[number] < 0:
            raise LockError(k, "vacancy_id", vacancy_id, "no more locks than places")
        if cap[partner] < 0:
            raise LockError(k, "vacancy_id", vacancy_id, "no more locks than the partner's cap")
        ((feasible, score),) = scorer.scored([client])
        found = np.flatnonzero(feasible == number)
        if not len(found):
            raise LockError(k, "vacancy_id", vacancy_id, "an opening that passes the gates")
        clients.append(client)
        numbers.append(number)
        utility.append(float(score[found[0]]))
    return Fixed(
        np.array(clients, dtype=np.int64),
        np.array(numbers, dtype=np.int64),
        np.array(utility, dtype=np.float64),
    )
