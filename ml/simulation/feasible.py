"""The constraints of the exchange format, read a second time and independently of the gates."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ml.ragged import Ragged
from ml.schema import NO_DAY, Clients, Vacancies
from ml.simulation.stage import great_circle_km

Block = npt.NDArray[np.bool_]

COMMUTE_KM = 30.0
LODGING_KM = 150.0
FULL_TIME = 0
HEALTH = "cert.health"
# A licence on the left permits what those on its right permit.
LOWER = {
    "cert.drive.a1": "cert.drive.a3 cert.drive.b1 cert.drive.b2",
    "cert.drive.a2": "cert.drive.b1 cert.drive.b2",
    "cert.drive.a3": "cert.drive.c1",
    "cert.drive.b1": "cert.drive.c1",
    "cert.drive.b2": "cert.drive.c1",
    "cert.drive.c1": "cert.drive.c2 cert.drive.c3",
    "cert.drive.c3": "cert.drive.c4",
    **{f"cert.level.{n}": f"cert.level.{n + 1}" for n in range(1, 5)},
}


class Constraints:
    """Answer which pairs of two tables the exchange format allows.

    Parameters
    ----------
    clients : Clients
    vacancies : Vacancies
        With the columns a file has: an opening's places are its headcount.
    """

    def __init__(self, clients: Clients, vacancies: Vacancies) -> None:
        self.clients = clients
        self.vacancies = vacancies
        self.km_limit = np.where(
            np.isnan(clients.max_commute_km), COMMUTE_KM, clients.max_commute_km
        )
        contract = vacancies.employment_type.astype(np.int64)
        self._contract = np.where(contract < 0, FULL_TIME, contract)
        self._opened = vacancies.open_on.astype(np.int64)
        closed = vacancies.close_on.astype(np.int64)
        self._closed = np.where(closed == NO_DAY, np.iinfo(np.int64).max, closed)
        self._held, self._asked = _certificates(clients, vacancies)
        self._barred = _barred(clients, vacancies)

    def km(self, rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp]) -> Any:
        """Return recorded distances of a block in kilometres, NaN unknown."""
        c, v = self.clients, self.vacancies
        i, j = rows[:, None], columns[None, :]
        lat, lon = c.lat.astype(np.float64), c.lon.astype(np.float64)
        other_lat, other_lon = v.lat.astype(np.float64), v.lon.astype(np.float64)
        return great_circle_km(lat[i], lon[i], other_lat[j], other_lon[j])

    def block(
        self,
        rows: npt.NDArray[np.intp],
        columns: npt.NDArray[np.intp],
        day: int,
        km: Any | None = None,
    ) -> Block:
        """Return which pairs are feasible on a day.

        Parameters
        ----------
        rows, columns : intp, shape (n,) and (m,)
        day : int
            The present day, as days since 1970.
        km : float64, shape (n, m), optional
            What `km` returned.

        Returns
        -------
        bool, shape (n, m)
        """
        c, v = self.clients, self.vacancies
        i, j = rows[:, None], columns[None, :]
        distance = self.km(rows, columns) if km is None else km
        lodged = (v.lodging_provided[j] == 1) & (c.needs_lodging[i] != 0)
        limit = self.km_limit[i]
        fails = distance > np.where(lodged, np.maximum(limit, LODGING_KM), limit)
        fails |= _outside(c.shifts_ok[i], v.shift[j])
        fails |= _outside(c.employment_types_ok[i], self._contract[j])
        fails |= (c.exertion_max[i] > 0) & (v.exertion[j] > c.exertion_max[i])
        fails |= (c.education[i] >= 0) & (v.education_min[j] > c.education[i])
        ready = np.maximum(c.available_on[i].astype(np.int64), day)
        fails |= (self._opened[j] > ready) | (self._closed[j] < ready)
        lacking = (~self._held[rows]).astype(np.float32) @ self._asked[columns].T
        fails |= (lacking > 0) & c.certificates.known[i]
        for client, excluded in self._barred.items():
            for place in np.flatnonzero(rows == client).tolist():
                fails[place] |= excluded[columns]
        allowed: Block = ~fails
        return allowed


def _outside(mask: Any, value: Any) -> Any:
    bit = np.int64(1) << np.maximum(value, 0).astype(np.int64)
    return (mask != 0) & (value >= 0) & (mask.astype(np.int64) & bit == 0)


def _certificates(clients: Clients, vacancies: Vacancies) -> tuple[Block, Any]:
    """Return who holds what is asked anywhere, and who asks it."""
    lists = vacancies.certificates_required
    names = [code for code in lists.lexicon if code != HEALTH]
    places = {code: number for number, code in enumerate(names)}
    asked = np.zeros((len(vacancies), len(names)), dtype=np.float32)
    _mark(asked, lists, places)
    held = np.zeros((len(clients), len(names)), dtype=np.bool_)
    for i in range(len(clients)):
        for code, _ in clients.certificates.row(i):
            for permitted in _permitted(code):
                if permitted in places:
                    held[i, places[permitted]] = True
    return held, asked


def _mark(matrix: Any, lists: Ragged, places: dict[str, int]) -> None:
    rows = np.repeat(np.arange(len(matrix)), np.diff(lists.offsets))
    numbers = np.array([places.get(code, -1) for code in lists.lexicon], dtype=np.int64)
    columns = numbers[lists.codes] if len(lists.codes) else np.zeros(0, dtype=np.int64)
    matrix[rows[columns >= 0], columns[columns >= 0]] = 1.0


def _permitted(code: str) -> set[str]:
    found = {code}
    for lower in LOWER.get(code, "").split():
        found |= _permitted(lower)
    return found


def _barred(clients: Clients, vacancies: Vacancies) -> dict[int, Block]:
    """Return the openings of excluded occupations, by client who has some."""
    found: dict[int, Block] = {}
    codes = [f"{_trimmed(code)}-" for code in vacancies.occupation]
    for i in range(len(clients)):
        entries = clients.barred_occupations.row(i)
        if entries:
            heads = tuple(f"{_trimmed(code)}-" for code, _ in entries)
            found[i] = np.array([code.startswith(heads) for code in codes], dtype=np.bool_)
    return found


def _trimmed(code: str) -> str:
    while code.endswith("-00"):
        code = code.removesuffix("-00")
    return code
