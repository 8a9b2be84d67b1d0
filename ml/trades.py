"""Which trades a person's skills belong to: evidence where codes are noisy or nothing is stated."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ml.codebook import CodeBook, canonical
from ml.vocabulary import Vocabulary

FULL_SKILLS = 3
"""So many skills of a trade count as knowing it."""
NEARBY = 0.6
"""What knowing a trade counts for another of the same small group."""
GROUP_DEPTH = 3


class Trades:
    """Know which skills the vocabulary gives to which occupations.

    Parameters
    ----------
    vocabulary : Vocabulary

    Examples
    --------
    >>> from ml.vocabulary import Occupation, Skill
    >>> words = Vocabulary((Occupation("6-18-02-04", 4, "焊工"),),
    ...     (Skill("weld.arc", "电焊", "skill", (), ("6-18-02-04",)),))
    >>> Trades(words).known(np.array([1.0]), CodeBook(words)).tolist()
    [0.0, 1.0]
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        listed = {occupation.code for occupation in vocabulary.occupations}
        self._pairs = [
            (skill.code, occupation)
            for skill in vocabulary.skills
            for occupation in skill.occupations
            if occupation in listed
        ]
        self._size = -1
        self._skills = self._occupations = self._groups = np.zeros(0, dtype=np.intp)
        self._asked = np.zeros(0)

    def known(self, credit: npt.NDArray[Any], book: CodeBook) -> npt.NDArray[np.float32]:
        """Return how well each occupation is known by its skills, from 0 to 1.

        Parameters
        ----------
        credit : float array, shape (n_skills,)
            From 0 to 1. More credit never lowers the result.
        book : CodeBook

        Returns
        -------
        float32, shape (n_occupations,)
            0 for the unknown occupation.
        """
        self._number(book)
        n = len(book.occupations)
        held = np.bincount(self._occupations, weights=credit[self._skills], minlength=n)
        own = np.minimum(held / self._asked, 1.0)
        best = np.zeros(int(self._groups.max()) + 1)
        np.maximum.at(best, self._groups, own)
        found = np.maximum(own, NEARBY * best[self._groups])
        found[0] = 0.0
        typed: npt.NDArray[np.float32] = found.astype(np.float32)
        return typed

    def _number(self, book: CodeBook) -> None:
        n = len(book.occupations)
        if n == self._size:
            return
        self._size = n
        pairs = [(book.skill_id(skill), book.occupation_id(code)) for skill, code in self._pairs]
        numbers = np.array(pairs, dtype=np.intp).reshape(-1, 2)
        self._skills, self._occupations = numbers[:, 0], numbers[:, 1]
        count = np.bincount(self._occupations, minlength=n)
        self._asked = np.clip(count, 1, FULL_SKILLS).astype(np.float64)
        groups: dict[tuple[str, ...], int] = {}
        keys = [tuple(canonical(code).split("-")[:GROUP_DEPTH]) for code in book.occupations]
        self._groups = np.array([groups.setdefault(k, len(groups)) for k in keys], dtype=np.intp)
