"""Rows sorted by cells of half a degree, so that a query reads only the cells within reach."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.columns import FAR_CELL

CELLS_PER_DEGREE = 2
N_COLUMNS = 360 * CELLS_PER_DEGREE
KM_PER_DEGREE = 111.0
Keys = npt.NDArray[np.uint32]
Span = tuple[int, int]


def cell_keys(lat: npt.NDArray[Any], lon: npt.NDArray[Any]) -> Keys:
    """Return each place's cell, row by row of the globe; `FAR_CELL` where unknown.

    Examples
    --------
    >>> cell_keys(np.array([-90.0, 0.0, np.nan]), np.array([-180.0, 0.0, 0.0])).tolist()
    [0, 129960, 2147483648]
    """
    unknown = np.isnan(lat) | np.isnan(lon)
    band = np.floor((np.where(unknown, 0.0, lat) + 90.0) * CELLS_PER_DEGREE).astype(np.int64)
    place = np.floor((np.where(unknown, 0.0, lon) + 180.0) * CELLS_PER_DEGREE).astype(np.int64)
    keys = band * N_COLUMNS + np.minimum(place, N_COLUMNS - 1)
    return np.where(unknown, FAR_CELL, keys).astype(np.uint32)


class CellMap:
    """Know where each cell's rows lie among rows sorted by cell.

    Parameters
    ----------
    keys : uint32, shape (n,)
        Cells of the sorted rows.
    """

    def __init__(self, keys: Keys) -> None:
        self.n = len(keys)
        self.cells, starts = np.unique(keys, return_index=True)
        self.starts = np.append(starts, self.n).astype(np.int64)

    @property
    def nbytes(self) -> int:
        """Return the bytes held."""
        return self.cells.nbytes + self.starts.nbytes

    def spans(self, lat: float, lon: float, radius_km: float) -> list[Span]:
        """Return the row spans that may hold places within a radius, unknown places included.

        Parameters
        ----------
        lat, lon : float
            Degrees; NaN gives all rows.
        radius_km : float
        """
        dlat = radius_km / KM_PER_DEGREE + 0.01
        if math.isnan(lat) or abs(lat) + dlat >= 89.0:
            return [(0, self.n)] if self.n else []
        widest = math.radians(min(abs(lat) + dlat, 89.0))
        dlon = dlat / math.cos(widest)
        if lon - dlon < -180.0 or lon + dlon >= 180.0:
            lows, highs = -180.0, 179.99
        else:
            lows, highs = lon - dlon, lon + dlon
        first, last = (
            math.floor((edge + 90.0) * CELLS_PER_DEGREE) for edge in (lat - dlat, lat + dlat)
        )
        left, right = (math.floor((edge + 180.0) * CELLS_PER_DEGREE) for edge in (lows, highs))
        bands = np.arange(first, last + 1, dtype=np.int64) * N_COLUMNS
        begins = self.starts[np.searchsorted(self.cells, bands + left)]
        ends = self.starts[np.searchsorted(self.cells, bands + right, side="right")]
        far = int(self.starts[np.searchsorted(self.cells, FAR_CELL)])
        found = [*zip(begins.tolist(), ends.tolist(), strict=True), (far, self.n)]
        return _joined([(begin, end) for begin, end in found if begin < end])


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for begin, end in spans:
        if joined and joined[-1][1] == begin:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    return joined
