"""Identifiers of a million rows without a million Python objects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ml.columns import Growing, Rows


class IdMap:
    """Map identifiers to rows and back.

    Sorted hashes answer for the bulk, a small dictionary for what came since the last `rebuild`.

    Examples
    --------
    >>> ids = IdMap()
    >>> ids.append(["V1", "V2"]); ids.rebuild(); ids.append(["V3"])
    >>> ids.row("V2"), ids.row("V3"), ids.row("V9"), ids.name(0)
    (1, 2, None, 'V1')
    """

    def __init__(self) -> None:
        self._bytes = Growing(np.dtype(np.uint8))
        self._ends = Growing(np.dtype(np.uint32))
        self._hashes: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._rows: npt.NDArray[np.int32] = np.empty(0, dtype=np.int32)
        self._recent: dict[str, int] = {}
        self._gone: set[str] = set()

    def __len__(self) -> int:
        """Return the number of rows, the forgotten ones included."""
        return self._ends.n

    @property
    def nbytes(self) -> int:
        """Return the bytes held; a recent identifier is counted as 200."""
        arrays = self._bytes.nbytes + self._ends.nbytes + self._hashes.nbytes + self._rows.nbytes
        return arrays + 200 * (len(self._recent) + len(self._gone))

    def append(self, names: Sequence[str]) -> None:
        """Give the next rows to the identifiers; an identifier's latest row counts."""
        first = len(self)
        self._extend([name.encode() for name in names])
        for offset, name in enumerate(names):
            self._recent[name] = first + offset
            self._gone.discard(name)

    def forget(self, name: str) -> None:
        """Make an identifier unknown; its row keeps its name."""
        self._recent.pop(name, None)
        self._gone.add(name)

    def row(self, name: str) -> int | None:
        """Return the row of an identifier, None when there is none."""
        found = self._recent.get(name)
        if found is not None or name in self._gone:
            return found
        wanted = hash(name)
        place = int(np.searchsorted(self._hashes, wanted))
        while place < len(self._hashes) and self._hashes[place] == wanted:
            row = int(self._rows[place])
            if self.name(row) == name:
                return row
            place += 1
        return None

    def name(self, row: int) -> str:
        """Return the identifier of a row."""
        ends = self._ends.view
        start = int(ends[row - 1]) if row else 0
        return self._bytes.view[start : int(ends[row])].tobytes().decode()

    def names(self, rows: Rows) -> tuple[str, ...]:
        """Return the identifiers of rows."""
        ends = self._ends.view
        last = ends[rows].tolist()
        first = np.where(rows > 0, ends[rows - 1], 0).tolist() if len(rows) else []
        held = self._bytes.view.data
        return tuple(str(held[a:b], "utf-8") for a, b in zip(first, last, strict=True))

    def reorder(self, order: Rows) -> None:
        """Keep the rows of `order`, in that order, then rebuild."""
        names = [name.encode() for name in self.names(order)]
        self._bytes.replace(np.empty(0, dtype=np.uint8))
        self._ends.replace(np.empty(0, dtype=np.uint32))
        self._extend(names)
        self.rebuild()

    def rebuild(self) -> None:
        """Sort the hashes of all rows; every row's identifier is then known once more."""
        names = self.names(np.arange(len(self), dtype=np.intp))
        hashes = np.fromiter((hash(name) for name in names), dtype=np.int64, count=len(names))
        order = np.argsort(hashes, kind="stable")
        self._hashes, self._rows = hashes[order], order.astype(np.int32)
        self._recent, self._gone = {}, set()

    def _extend(self, names: Sequence[bytes]) -> None:
        sizes = np.fromiter((len(name) for name in names), dtype=np.int64, count=len(names))
        self._ends.extend((np.cumsum(sizes) + self._bytes.n).astype(np.uint32))
        self._bytes.extend(np.frombuffer(b"".join(names), dtype=np.uint8))
