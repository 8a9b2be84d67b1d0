"""Past placements with their outcomes, and what had been known of them on an earlier day."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.evaluation.metrics import Integers
from ml.evaluation.survival import Flags
from ml.schema import NO_DAY, Clients, Placements, Vacancies

UNKNOWN = -1


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Hold placements sorted by day and id, so that the order of a file does not matter.

    Attributes
    ----------
    clients, vacancies : Clients, Vacancies
    placements : Placements
        Sorted; proposed by the as-of day; nothing after it is known.
    as_of_day : int
        Days since 1970.
    client, vacancy : int64, shape (n,)
        Row of each placement's client and vacancy in their tables.
    person : int64, shape (n,)
        Number of the client by sorted id, for what is drawn at random.
    partner : int64, shape (n,)
        Number of the partner by sorted id, -1 unnamed.
    day : int64, shape (n,)
        Of the proposal, days since 1970.
    hired : int8, shape (n,)
        1, 0, or -1 unknown.
    started : bool, shape (n,)
        Work is known to have begun.
    duration : int64, shape (n,)
        Days from the start to the end or to the last look; 0 where not started.
    ended : bool, shape (n,)
    """

    clients: Clients
    vacancies: Vacancies
    placements: Placements
    as_of_day: int
    client: Integers
    vacancy: Integers
    person: Integers
    partner: Integers
    day: Integers
    hired: npt.NDArray[np.int8]
    started: Flags
    duration: Integers
    ended: Flags

    def __len__(self) -> int:
        """Return the number of placements."""
        return len(self.day)


def last_day(placements: Placements) -> int:
    """Return the latest day of a table, which stands in for the present day; 0 without rows."""
    if not len(placements):
        return 0
    columns = ("proposed_on", "started_on", "ended_on", "observed_until")
    return max(int(getattr(placements, name).max()) for name in columns)


def history_of(
    clients: Clients, vacancies: Vacancies, placements: Placements, as_of_day: int | None = None
) -> History:
    """Return the placements up to a day with their outcomes as known on it.

    Parameters
    ----------
    clients, vacancies : Clients, Vacancies
        Hold every id the placements name.
    placements : Placements
    as_of_day : int, optional
        Days since 1970; the latest day of the table by default.
    """
    present = last_day(placements) if as_of_day is None else as_of_day
    names = placements.placement_id
    days = placements.proposed_on.tolist()
    order = sorted(range(len(names)), key=lambda row: (days[row], names[row]))
    table = known_by(take(placements, np.array(order, dtype=np.intp)), present)
    started_on = table.started_on.astype(np.int64)
    started = started_on != NO_DAY
    ended = started & (table.ended_on != NO_DAY)
    watched = np.where(table.observed_until == NO_DAY, present, table.observed_until)
    last = np.where(ended, table.ended_on, watched)
    vacancy = _rows_of(vacancies.ids, table.vacancy_id)
    return History(
        clients=clients,
        vacancies=vacancies,
        placements=table,
        as_of_day=present,
        client=_rows_of(clients.ids, table.client_id),
        vacancy=vacancy,
        person=numbered(table.client_id),
        partner=numbered([vacancies.partner_id[row] for row in vacancy.tolist()]),
        day=table.proposed_on.astype(np.int64),
        hired=np.where(started, 1, table.hired).astype(np.int8),
        started=started,
        duration=np.where(started, np.maximum(last - started_on, 0), 0).astype(np.int64),
        ended=ended,
    )


def take(placements: Placements, rows: npt.NDArray[np.intp]) -> Placements:
    """Return some rows of a table, in the order given."""
    positions = rows.tolist()
    columns = {
        column.name: _part(getattr(placements, column.name), rows, positions)
        for column in placements.COLUMNS
    }
    return dataclasses.replace(placements, **columns)  # type: ignore[arg-type]  # by name


def known_by(placements: Placements, day: int) -> Placements:
    """Return the placements proposed by a day as a reader of that day would have found them.

    Notes
    -----
    A start after the day makes the answer unknown, an end after it leaves the job running. The day
    a refusal was given is not on record: a caller leaves out the youngest proposals, which the
    embargo does.
    """
    table = take(placements, np.flatnonzero(placements.proposed_on <= day))
    started_later = table.started_on > day
    watched = table.observed_until
    return dataclasses.replace(
        table,
        hired=np.where(started_later, UNKNOWN, table.hired).astype(np.int8),
        started_on=_until(table.started_on, day),
        ended_on=_until(table.ended_on, day),
        observed_until=np.where(watched == NO_DAY, NO_DAY, np.minimum(watched, day)).astype(
            np.int32
        ),
        wage_cny_month=np.where(started_later, np.nan, table.wage_cny_month).astype(np.float32),
    )


def numbered(names: Sequence[str]) -> Integers:
    """Return each name's place among the sorted distinct names, -1 for an empty one.

    Examples
    --------
    >>> numbered(["b", "", "a", "b"]).tolist()
    [1, -1, 0, 1]
    """
    numbers = {name: number for number, name in enumerate(sorted(set(names) - {""}))}
    return np.array([numbers.get(name, -1) for name in names], dtype=np.int64)


def _until(days: npt.NDArray[np.int32], day: int) -> npt.NDArray[np.int32]:
    return np.where(days > day, NO_DAY, days).astype(np.int32)


def _rows_of(ids: Sequence[str], wanted: Sequence[str]) -> Integers:
    rows = {name: row for row, name in enumerate(ids)}
    return np.array([rows[name] for name in wanted], dtype=np.int64)


def _part(column: object, rows: npt.NDArray[np.intp], positions: list[int]) -> object:
    if isinstance(column, tuple):
        return tuple(column[position] for position in positions)
    return column[rows] if isinstance(column, np.ndarray) else column
