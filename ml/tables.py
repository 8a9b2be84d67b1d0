"""What every table of the exchange format shares: columns, cells read one by one, checks, ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from ml import cells
from ml.cells import Parser
from ml.problems import Notice, ProblemLog
from ml.ragged import Ragged
from ml.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Column:
    """Describe one column of a file.

    Attributes
    ----------
    name : str
        Header of the column, and name of the table's attribute.
    parse : callable
        From a cell that is not blank to the stored value.
    kind : str
        ``id``, ``text``, ``real``, ``small``, ``int`` or ``list``.
    blank : object
        Stored for an empty cell.
    vocabulary : str
        ``occupation`` or ``skill`` when the cell holds codes of that vocabulary.
    needed : bool
        Refuse a blank cell, and a file without the column.
    """

    name: str
    parse: Parser
    kind: str
    blank: object = None
    vocabulary: str = ""
    needed: bool = False


class Table:
    """Share what tables have in common: they are built from rows, checked, and know their ids."""

    COLUMNS: ClassVar[tuple[Column, ...]]
    ID: ClassVar[str]
    FILE: ClassVar[str]

    notices: tuple[Notice, ...]

    @classmethod
    def needed(cls) -> tuple[str, ...]:
        """Return the columns a file must have."""
        return tuple(c.name for c in cls.COLUMNS if c.needed or c.name == cls.ID)

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the identifiers, in row order."""
        found: tuple[str, ...] = getattr(self, self.ID)
        return found

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.ids)

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Mapping[str, object]],
        *,
        vocabulary: Vocabulary | None = None,
        file: str | None = None,
    ) -> Self:
        """Build the table from mappings of column name to text or Python value, with every check.

        Parameters
        ----------
        rows : iterable of mapping
            A missing key or None is unknown. Lists may be text with ``;`` or sequences of codes
            or of (code, number); dates may be `datetime.date`; numbers may be numbers.
        vocabulary : Vocabulary, optional
            Unlisted codes are counted against it; none are refused.
        file : str, optional
            Name used in problems. Row numbers count the header as row 1.

        Raises
        ------
        InputError
            With every wrong cell.
        """
        log = ProblemLog(file or cls.FILE)
        builder = TableBuilder(cls.COLUMNS, cls.ID, log)
        for position, row in enumerate(rows):
            builder.add(position + 2, row)
        return cls.from_builder(builder, vocabulary)

    @classmethod
    def from_builder(cls, builder: TableBuilder, vocabulary: Vocabulary | None) -> Self:
        """Finish a table whose cells have been read."""
        cls.check(builder)
        builder.log.raise_if_any()
        arrays = builder.arrays()
        notices = builder.unlisted(vocabulary) if vocabulary is not None else ()
        return cls(**arrays, notices=notices)  # type: ignore[call-arg]  # each table is a dataclass

    @classmethod
    def check(cls, builder: TableBuilder) -> None:
        """Check rules between cells of a row; the base has none."""


class TableBuilder:
    """Gather the cells of a table column by column, and every problem on the way."""

    def __init__(self, columns: Sequence[Column], id_column: str, log: ProblemLog) -> None:
        self.columns = {column.name: column for column in columns}
        self.id_column = id_column
        self.log = log
        self.values: dict[str, list[object]] = {column.name: [] for column in columns}
        self.rows: list[int] = []
        self._seen: dict[str, int] = {}

    def add(self, row: int, cells_of_row: Mapping[str, object]) -> None:
        """Read one row; a wrong cell is logged and stands as unknown until the log is raised."""
        for name, column in self.columns.items():
            value = cells_of_row.get(name)
            self.values[name].append(self._cell(row, column, value))
        self.rows.append(row)
        self._check_id(row)

    def arrays(self) -> dict[str, object]:
        """Return each column in its stored form, by name."""
        return {name: self._array(column) for name, column in self.columns.items()}

    def unlisted(self, vocabulary: Vocabulary) -> tuple[Notice, ...]:
        """Count the codes the vocabulary does not list."""
        missing: dict[str, set[str]] = {"occupation": set(), "skill": set()}
        counts = dict.fromkeys(missing, 0)
        for name, column in self.columns.items():
            if not column.vocabulary:
                continue
            for value in self.values[name]:
                for code in _codes_in(value):
                    if not vocabulary.lists(column.vocabulary, code):
                        missing[column.vocabulary].add(code)
                        counts[column.vocabulary] += 1
        return tuple(
            Notice(self.log.file, f"unlisted_{kind}s", counts[kind], tuple(sorted(found)[:5]))
            for kind, found in missing.items()
            if found
        )

    def _cell(self, row: int, column: Column, value: object) -> object:
        if cells.is_blank(value):
            if column.kind == "list" and value is not None:
                return ()
            if column.needed or column.name == self.id_column:
                wanted = "an identifier" if column.kind == "id" else "a value, not a blank"
                self.log.add(row, column.name, value, wanted)
            return column.blank
        try:
            return column.parse(value)
        except cells.CellError as error:
            self.log.add(row, column.name, value, str(error))
            return column.blank

    def _check_id(self, row: int) -> None:
        found = self.values[self.id_column][-1]
        if not isinstance(found, str) or not found:
            return
        first = self._seen.setdefault(found, row)
        if first != row:
            self.log.add(
                row, self.id_column, found, f"an identifier not used before (see row {first})"
            )

    def _array(self, column: Column) -> object:
        values = self.values[column.name]
        if column.kind in ("id", "text"):
            return tuple(values)
        if column.kind == "list":
            return Ragged.from_lists(values)  # type: ignore[arg-type]
        dtype = {"real": np.float32, "small": np.int8, "int": np.int32}[column.kind]
        return np.array(values, dtype=dtype)


def _codes_in(value: object) -> Iterable[str]:
    if isinstance(value, str):
        return (value,) if value else ()
    return (code for code, _ in value) if isinstance(value, tuple) else ()
