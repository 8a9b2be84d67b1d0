"""What can be wrong with an input, and what is only worth a word."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_PROBLEMS = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """Name one wrong cell (or one wrong file, when row and column are empty).

    Attributes
    ----------
    file : str
        Name of the file or table.
    row : int or None
        1-based, the header being row 1, as a spreadsheet counts. None: the whole file.
    column : str or None
        Name of the column. None: the whole row.
    value : str
        The cell as it stood.
    expected : str
        What the cell should have held.

    Examples
    --------
    >>> str(Problem("clients.csv", 3, "lat", "95", "a number from -90 to 90"))
    "clients.csv: row 3, column lat: '95': expected a number from -90 to 90"
    """

    file: str
    row: int | None
    column: str | None
    value: str
    expected: str

    def __str__(self) -> str:
        """Return the line a person reads."""
        place = [f"row {self.row}"] if self.row is not None else []
        place += [f"column {self.column}"] if self.column is not None else []
        shown = self.value if len(self.value) <= 60 else self.value[:57] + "..."
        parts = [self.file, ", ".join(place), repr(shown) if self.value or place else ""]
        return ": ".join([*(part for part in parts if part), f"expected {self.expected}"])


@dataclass(frozen=True, slots=True)
class Notice:
    """Say something harmless that the reader may want to know, with a count.

    Attributes
    ----------
    file : str
        Name of the file or table.
    code : str
        ``extra_columns``, ``missing_columns``, ``unlisted_occupations`` or ``unlisted_skills``.
    count : int
        How many cells or columns it concerns.
    examples : tuple of str
        The first few of them, sorted.
    """

    file: str
    code: str
    count: int
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the line a person reads."""
        names = ", ".join(self.examples)
        return f"{self.file}: {self.count} {self.code.replace('_', ' ')} ({names})"


class InputError(ValueError):
    """Report every problem found in an input; nothing has been written.

    Parameters
    ----------
    problems : list of Problem
        At least one, in file order, at most `MAX_PROBLEMS`.
    n_more : int
        How many further problems were not kept.
    """

    def __init__(self, problems: list[Problem], n_more: int = 0) -> None:
        self.problems = tuple(problems)
        self.n_more = n_more
        lines = [str(problem) for problem in problems]
        if n_more:
            lines.append(f"... and {n_more} more")
        super().__init__("\n".join(lines))


@dataclass(slots=True)
class ProblemLog:
    """Collect problems up to a cap, so that a broken file does not fill the screen.

    Examples
    --------
    >>> log = ProblemLog("clients.csv")
    >>> log.add(2, "lat", "x", "a number")
    >>> log.raise_if_any()
    Traceback (most recent call last):
    ml.problems.InputError: clients.csv: row 2, column lat: 'x': expected a number
    """

    file: str
    cap: int = MAX_PROBLEMS
    problems: list[Problem] = field(default_factory=list)
    n_more: int = 0

    def add(self, row: int | None, column: str | None, value: object, expected: str) -> None:
        """Keep one problem, or only count it past the cap."""
        if len(self.problems) >= self.cap:
            self.n_more += 1
            return
        text = "" if value is None else str(value)
        self.problems.append(Problem(self.file, row, column, text, expected))

    def raise_if_any(self) -> None:
        """Raise `InputError` when something was added."""
        if self.problems:
            raise InputError(self.problems, self.n_more)
