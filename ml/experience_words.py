"""Read occupations and months of experience from free text."""

from __future__ import annotations

from collections.abc import Mapping

from ml.phrases import WordScanner, is_negated, is_wish, months, statements
from ml.text import mask_custody
from ml.title_pieces import RANKS

# Work that is named without a period counts as half a year.
ASSUMED_MONTHS = 6.0
MOST_MONTHS = 600.0


class ExperienceReader:
    """Read experience from a person's own words.

    Parameters
    ----------
    words : mapping of str to str
        Normalised words that name exactly one occupation, and its code.

    Examples
    --------
    >>> reader = ExperienceReader({"帮厨": "4-03-02-01", "焊工": "6-18-02-04"})
    >>> reader.read("在饭店干过两年帮厨，想当焊工，没做过焊工")
    [('4-03-02-01', 24.0)]
    """

    def __init__(self, words: Mapping[str, str]) -> None:
        self._codes = {word: code for word, code in words.items() if word not in RANKS}
        self._scanner = WordScanner(self._codes)

    def read(self, text: str) -> list[tuple[str, float]]:
        """Return codes and months, one entry a code, sorted; the longest period of a code wins.

        Denied work and mere wishes are left out; custody words are masked before.
        """
        found: dict[str, float] = {}
        undated: list[str] = []
        for statement in statements(mask_custody(text)):
            period = months(statement)
            codes = self._codes_of(statement)
            named = codes or (undated if period is not None else [])
            size = min(max(period or ASSUMED_MONTHS, 0.0 if codes else ASSUMED_MONTHS), MOST_MONTHS)
            for code in named:
                found[code] = max(found.get(code, 0.0), size)
            undated = codes if period is None else []
        return sorted(found.items())

    def _codes_of(self, statement: str) -> list[str]:
        """Return the occupations one statement names, neither denied nor only wished for."""
        spans = [(span, statement[: span.start]) for span in self._scanner.scan(statement)]
        return [
            self._codes[span.word]
            for span, before in spans
            if not is_negated(before) and not is_wish(before)
        ]
