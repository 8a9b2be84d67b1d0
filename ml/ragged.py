"""Lists of codes, one a row, in compressed form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Ragged:
    """Hold one list of (code, value) a row, in compressed form.

    Attributes
    ----------
    offsets : int32, shape (n + 1,)
        Row ``i`` owns entries ``offsets[i]`` to ``offsets[i + 1]``.
    codes : int32, shape (n_entries,)
        Positions in `lexicon`.
    values : float32, shape (n_entries,)
        Level 1-5 (0 unknown) or months.
    lexicon : tuple of str
        The distinct codes in order of first appearance.
    known : bool, shape (n,)
        False where the list is unknown, which is not the same as empty.

    Examples
    --------
    >>> lists = Ragged.from_lists([(("weld.arc", 3.0),), None, ()])
    >>> lists.row(0), lists.row(1), lists.known.tolist()
    ([('weld.arc', 3.0)], [], [True, False, True])
    """

    offsets: npt.NDArray[np.int32]
    codes: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]
    lexicon: tuple[str, ...]
    known: npt.NDArray[np.bool_]

    @classmethod
    def from_lists(cls, lists: Sequence[Sequence[tuple[str, float]] | None]) -> Self:
        """Compress one list (or None for unknown) a row."""
        lexicon: dict[str, int] = {}
        codes: list[int] = []
        values: list[float] = []
        ends = [0]
        for entries in lists:
            for code, value in entries or ():
                codes.append(lexicon.setdefault(code, len(lexicon)))
                values.append(value)
            ends.append(len(codes))
        return cls(
            offsets=np.array(ends, dtype=np.int32),
            codes=np.array(codes, dtype=np.int32),
            values=np.array(values, dtype=np.float32),
            lexicon=tuple(lexicon),
            known=np.array([entries is not None for entries in lists], dtype=np.bool_),
        )

    def row(self, i: int) -> list[tuple[str, float]]:
        """Return the (code, value) pairs of row `i`."""
        span = slice(self.offsets[i], self.offsets[i + 1])
        return [
            (self.lexicon[code], float(value))
            for code, value in zip(self.codes[span].tolist(), self.values[span], strict=True)
        ]
