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
        for statement in statements(mask_custody(text)):
            spans = self._scanner.scan(statement)
            size = min(months(statement) or ASSUMED_MONTHS, MOST_MONTHS) if spans else 0.0
            for span in spans:
                before = statement[: span.start]
                if not is_negated(before) and not is_wish(before):
                    code = self._codes[span.word]
                    found[code] = max(found.get(code, 0.0), size)
        return sorted(found.items())
