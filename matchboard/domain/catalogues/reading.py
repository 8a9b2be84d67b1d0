"""Reading of the packaged reference files and the folding of typed text."""

import csv
import io
import unicodedata
from importlib.resources import files


def read_text(name: str) -> str:
    """Return the text of one packaged reference file."""
    return (files("seeds") / "reference" / name).read_text(encoding="utf-8")


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one packaged CSV, keyed by its header."""
    return list(csv.DictReader(io.StringIO(read_text(name))))


def fold(text: str) -> str:
    """Bring typed text to the form that is searched: half width, lower case, no blanks."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def split_list(cell: str) -> tuple[str, ...]:
    """Split a `;` list cell; an empty cell has no members."""
    return tuple(part for part in cell.split(";") if part)
