"""Openings as contiguous columns: what gates read, what scores read, and the lists behind them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

AnyArray = npt.NDArray[Any]
Rows = npt.NDArray[np.intp]

# One 64-bit word an opening carries everything a client can be unable to meet, one bit a value:
# a client is a mask of the bits that exclude, and the gate is one AND.
SHIFT_BIT = 0
EXERTION_BIT = 4
EDUCATION_BIT = 8
EMPLOYMENT_BIT = 13
FULL_BIT = 20
REMOVED_BIT = 21
LODGING_BIT = 22
OVERFLOW_BIT = 23
CERTIFICATE_BIT = 24
N_CERTIFICATE_BITS = 40

ROLLING = 65_535
FAR_CELL = 2**31


class Growing:
    """Hold a one-dimensional array that grows by amortised copying.

    Parameters
    ----------
    dtype : numpy dtype

    Examples
    --------
    >>> numbers = Growing(np.dtype(np.int32))
    >>> numbers.extend(np.arange(3)); numbers.extend(np.arange(2))
    >>> numbers.view.tolist()
    [0, 1, 2, 0, 1]
    """

    __slots__ = ("_data", "n")

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._data: AnyArray = np.empty(0, dtype=dtype)
        self.n = 0

    @property
    def view(self) -> AnyArray:
        """Return the used part, without a copy."""
        return self._data[: self.n]

    @property
    def nbytes(self) -> int:
        """Return the bytes held, the spare part included."""
        return self._data.nbytes

    def extend(self, values: AnyArray) -> None:
        """Append values, making an eighth more room than needed when there is none left."""
        total = self.n + len(values)
        if total > len(self._data):
            room = total if self.n == 0 else total + total // 8
            grown = np.empty(room, dtype=self._data.dtype)
            grown[: self.n] = self.view
            self._data = grown
        self._data[self.n : total] = values
        self.n = total

    def replace(self, values: AnyArray) -> None:
        """Put new values in the place of all, without spare room."""
        self._data = np.ascontiguousarray(values, dtype=self._data.dtype)
        self.n = len(values)


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """Hold one list of integers per item, compressed.

    Attributes
    ----------
    starts : int32, shape (n_items + 1,)
    entries : integer, shape (n_entries,)
    weights : integer, shape (n_entries,) or (0,)
    """

    starts: AnyArray
    entries: AnyArray
    weights: AnyArray

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.starts) - 1

    def item(self, number: int) -> AnyArray:
        """Return the entries of one item."""
        return self.entries[self.starts[number] : self.starts[number + 1]]

    def item_weights(self, number: int) -> AnyArray:
        """Return the weights of one item."""
        return self.weights[self.starts[number] : self.starts[number + 1]]

    def sizes(self, items: AnyArray) -> AnyArray:
        """Return the length of each item's list."""
        found: AnyArray = self.starts[items + 1] - self.starts[items]
        return found

    def spread(self, items: AnyArray) -> tuple[Rows, AnyArray]:
        """Return positions of all entries of the items, and each item's end in that sequence."""
        sizes = self.sizes(items).astype(np.intp)
        ends = np.cumsum(sizes)
        total = int(ends[-1]) if len(ends) else 0
        first = self.starts[items] - (ends - sizes)
        return np.repeat(first, sizes) + np.arange(total, dtype=np.intp), ends

    def sums(self, items: AnyArray, table: AnyArray, *, weighted: bool = False) -> AnyArray:
        """Add up ``table[entry]`` (times the entry's weight) over each item's list.

        Parameters
        ----------
        items : integer, shape (n,)
        table : integer, shape (max entry + 1,)
            Integers, so that the sum is exact in any order.

        Returns
        -------
        int64, shape (n,)
        """
        whole = len(self) <= 2 * len(items)
        if whole:
            values, ends = table[self.entries], self.starts[1:]
            weights = self.weights
        else:
            where, ends = self.spread(items)
            values = table.take(self.entries.take(where))
            weights = self.weights.take(where) if weighted else self.weights
        if weighted:
            values = values * weights.astype(np.int64)
        running = np.zeros(len(values) + 1, dtype=np.int64)
        values.cumsum(dtype=np.int64, out=running[1:])
        if whole:
            by_item = running[ends] - running[self.starts[:-1]]
            picked: AnyArray = by_item[items]
            return picked
        found: AnyArray = running[ends]
        found[1:] -= found[:-1].copy()
        return found


class GrowingLists:
    """Hold compressed lists that grow at the end."""

    __slots__ = ("entries", "starts", "weights")

    def __init__(self, entry: np.dtype[Any], weight: np.dtype[Any]) -> None:
        self.starts = Growing(np.dtype(np.int32))
        self.starts.extend(np.zeros(1, dtype=np.int32))
        self.entries = Growing(entry)
        self.weights = Growing(weight)

    @property
    def view(self) -> Lists:
        """Return the lists without a copy."""
        return Lists(self.starts.view, self.entries.view, self.weights.view)

    @property
    def nbytes(self) -> int:
        """Return the bytes held."""
        return self.starts.nbytes + self.entries.nbytes + self.weights.nbytes

    def extend(self, lists: Lists) -> int:
        """Append lists; return the number the first of them got."""
        first = self.starts.n - 1
        self.starts.extend(lists.starts[1:] + self.entries.n)
        self.entries.extend(lists.entries)
        self.weights.extend(lists.weights)
        return first

    def keep(self, items: AnyArray) -> None:
        """Keep only the given items, in that order."""
        lists = self.view
        where, ends = lists.spread(items)
        weights = lists.weights[where] if len(lists.weights) else lists.weights
        self.starts.replace(np.concatenate(([0], ends)))
        self.entries.replace(lists.entries[where])
        self.weights.replace(weights)


@dataclass(frozen=True, slots=True, eq=False)
class OpeningColumns:
    """Hold the openings' columns, each of shape (n,), and the lists they point into.

    Attributes
    ----------
    word : uint64
        One bit a requirement, see the constants of this module.
    open_day, close_day : uint16
        Days since 1970; 0 is open already, `ROLLING` has no end.
    x, y, z : float32
        Place on the unit sphere; NaN unknown.
    lat, lon : float32
        The same in degrees.
    occupation : uint16
        Number in the code book; 0 unknown.
    titled : uint16
        Number of the occupation the title names; the coded one where it names none for sure.
    suggested : int8
        1 where the occupation was suggested from the title.
    profile, title : int32
        Item of the requirement lists and of `title_grams`.
    wage : float32
        Middle of the stated range, CNY a month; NaN unknown.
    places : uint16
        Free places, at most 65,535.
    education_min, exertion, shift, lodging, employment : int8
        As in the file; -1 unknown (exertion 0).
    employment_stated : int8
        0 where full time is assumed.
    partner_hire, partner_retained : float32
        Posterior means of the partner; NaN unknown.
    partner_n : uint16
        Outcomes behind them.
    stability, partner_hire_shift, partner_retained_shift, log_n, log_places : float32
    partner_hire_odds, partner_retained_odds : float32
        Features that depend on the opening alone, see `ml.statics`.
    skills : Lists
        Skills asked, by profile; an entry is (skill number x 6 + level) x 2, plus 1 if preferred.
    certificates : Lists
        Certificates by profile, those that are obtainable on the spot left out.
    mentions : Lists
        Skills named in the title or text of openings that state none, by profile; an entry is
        skill number x 6.
    title_grams : Lists
        Character n-grams by title, with weights.
    """

    word: AnyArray
    open_day: AnyArray
    close_day: AnyArray
    x: AnyArray
    y: AnyArray
    z: AnyArray
    lat: AnyArray
    lon: AnyArray
    occupation: AnyArray
    titled: AnyArray
    suggested: AnyArray
    profile: AnyArray
    title: AnyArray
    wage: AnyArray
    places: AnyArray
    education_min: AnyArray
    exertion: AnyArray
    shift: AnyArray
    lodging: AnyArray
    employment: AnyArray
    employment_stated: AnyArray
    partner_hire: AnyArray
    partner_retained: AnyArray
    partner_n: AnyArray
    stability: AnyArray
    partner_hire_shift: AnyArray
    partner_retained_shift: AnyArray
    log_n: AnyArray
    log_places: AnyArray
    partner_hire_odds: AnyArray
    partner_retained_odds: AnyArray
    skills: Lists
    certificates: Lists
    mentions: Lists
    title_grams: Lists

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.word)

    def skills_of(self, row: int, *, preferred: bool = False) -> AnyArray:
        """Return the required (or preferred) skills of a row, as skill number x 6 + level."""
        entries = self.skills.item(int(self.profile[row]))
        found: AnyArray = entries[(entries & 1) == preferred] >> 1
        return found

    def certificates_of(self, row: int) -> AnyArray:
        """Return the numbers of the certificates a row requires."""
        return self.certificates.item(int(self.profile[row]))


GATE_COLUMNS = ("word", "open_day", "close_day", "x", "y", "z", "occupation")
COLUMN_TYPES: dict[str, np.dtype[Any]] = {
    name: np.dtype(kind)
    for name, kind in (
        ("word", np.uint64),
        ("open_day", np.uint16),
        ("close_day", np.uint16),
        ("x", np.float32),
        ("y", np.float32),
        ("z", np.float32),
        ("lat", np.float32),
        ("lon", np.float32),
        ("occupation", np.uint16),
        ("titled", np.uint16),
        ("suggested", np.int8),
        ("profile", np.int32),
        ("title", np.int32),
        ("wage", np.float32),
        ("places", np.uint16),
        ("education_min", np.int8),
        ("exertion", np.int8),
        ("shift", np.int8),
        ("lodging", np.int8),
        ("employment", np.int8),
        ("employment_stated", np.int8),
        ("partner_hire", np.float32),
        ("partner_retained", np.float32),
        ("partner_n", np.uint16),
        ("stability", np.float32),
        ("partner_hire_shift", np.float32),
        ("partner_retained_shift", np.float32),
        ("log_n", np.float32),
        ("log_places", np.float32),
        ("partner_hire_odds", np.float32),
        ("partner_retained_odds", np.float32),
    )
}
LIST_TYPES: dict[str, tuple[np.dtype[Any], np.dtype[Any]]] = {
    "skills": (np.dtype(np.int32), np.dtype(np.uint8)),
    "certificates": (np.dtype(np.int32), np.dtype(np.uint8)),
    "mentions": (np.dtype(np.int32), np.dtype(np.uint8)),
    "title_grams": (np.dtype(np.uint16), np.dtype(np.uint16)),
}
PROFILE_LISTS = ("skills", "certificates", "mentions")


class ColumnStore:
    """Own the growing columns and hand out a view of them.

    Rows are only appended, marked removed, or put in a new order; a view taken before keeps
    showing a consistent state only until the next change, so readers and writers take turns.
    """

    def __init__(self) -> None:
        self.columns = {name: Growing(kind) for name, kind in COLUMN_TYPES.items()}
        self.lists = {name: GrowingLists(*kinds) for name, kinds in LIST_TYPES.items()}
        self._view: OpeningColumns | None = None

    @property
    def view(self) -> OpeningColumns:
        """Return all columns without a copy."""
        if self._view is None:
            parts: dict[str, Any] = {name: column.view for name, column in self.columns.items()}
            parts.update({name: lists.view for name, lists in self.lists.items()})
            self._view = OpeningColumns(**parts)
        return self._view

    @property
    def nbytes(self) -> int:
        """Return the bytes of all columns and lists."""
        columns = sum(column.nbytes for column in self.columns.values())
        return columns + sum(lists.nbytes for lists in self.lists.values())

    def append(self, batch: OpeningColumns) -> int:
        """Append a batch; return the row its first opening got."""
        first = self.columns["word"].n
        moved = {name: self.lists[name].extend(getattr(batch, name)) for name in LIST_TYPES}
        shifts = {"profile": moved["skills"], "title": moved["title_grams"]}
        for name, column in self.columns.items():
            values = getattr(batch, name)
            column.extend(values + shifts[name] if name in shifts else values)
        self._view = None
        return first

    def reorder(self, order: Rows) -> None:
        """Keep the rows of `order`, in that order, and drop lists nobody points at."""
        for column in self.columns.values():
            column.replace(column.view[order])
        for pointer, names in (("profile", PROFILE_LISTS), ("title", ("title_grams",))):
            used, numbers = np.unique(self.columns[pointer].view, return_inverse=True)
            self.columns[pointer].replace(numbers.astype(np.int32))
            for name in names:
                self.lists[name].keep(used)
        self._view = None


def gate_bytes(columns: OpeningColumns) -> list[npt.NDArray[np.uint64]]:
    """Return the gate columns as contiguous 64-bit words, for the streaming reference.

    Examples
    --------
    >>> from ml.columns import ColumnStore
    >>> [len(part) for part in gate_bytes(ColumnStore().view)]
    [0, 0, 0, 0, 0, 0, 0]
    """
    views = []
    for name in GATE_COLUMNS:
        column = getattr(columns, name)
        n = len(column) * column.itemsize // 8 * 8 // column.itemsize
        views.append(column[:n].view(np.uint64))
    return views


assert {field.name for field in fields(OpeningColumns)} == {*COLUMN_TYPES, *LIST_TYPES}  # noqa: S101 - two lists of one truth
