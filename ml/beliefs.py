"""What is believed of a person's skills, told or not: the share of a requirement met."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.codebook import CodeBook
from ml.encode import N_LEVEL_CODES
from ml.vocabulary import Vocabulary

Shares = npt.NDArray[np.float64]

UNKNOWN_LEVEL = 6
N_LEVELS = 5
FULL_SHARE = 1000
# A recorded level may be one off; an unrecorded one is as likely as among all who have the skill.
SLIP = (0.25, 0.5, 0.25)
LEVELS = (0.15, 0.25, 0.3, 0.2, 0.1)
ASSUMED_NEEDS = (2, 3, 4)
"""Levels that an opening may mean which states none."""
# Chance of a skill nobody told of: in any trade, and how much more in the person's own. It is the
# same where other skills are told and where none is: to record a skill never lowers another.
UNTOLD, UNTOLD_OWN = 0.02, 0.2
FAMILY = 0.8
"""What having worked with one skill says of another of the same family."""
WEAKEST = 0.1
INVERSE_BITS, WEAKEST_POWER = 20, 2


def _shares() -> Shares:
    levels = np.arange(1, N_LEVELS + 1)
    needs = levels[:, None]
    met = np.minimum(levels / needs, 1.0)
    by_level = np.zeros((UNKNOWN_LEVEL + 1, N_LEVEL_CODES))
    for level in range(1, N_LEVELS + 1):
        for step, weight in zip((-1, 0, 1), SLIP, strict=True):
            by_level[level, 1:] += weight * met[:, min(max(level + step, 1), N_LEVELS) - 1]
    by_level[UNKNOWN_LEVEL, 1:] = met @ np.array(LEVELS)
    by_level[:, 0] = by_level[:, list(ASSUMED_NEEDS)].mean(axis=1)
    return by_level


SHARES = _shares()
"""Expected share of a requirement met, by recorded level (6: none recorded) and level needed."""


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """Hold what is believed of one person.

    Attributes
    ----------
    share : float64, shape (n_skills, 6)
        From 0 to 1, by skill and required level.
    packed : int64, shape (n_skills * 12,)
        For entries of `OpeningColumns.skills`: thousandths of the share and, 20 bits up, of the
        inverse square that `weakest` is made of; 0 for preferred skills.
    mentioned : int64, shape (n_skills * 6,)
        The same for entries of `OpeningColumns.mentions`.
    typical : float32, shape (n_occupations,)
        Share of what an occupation usually asks, for openings that ask nothing by name.
    """

    share: Shares
    packed: npt.NDArray[np.int64]
    mentioned: npt.NDArray[np.int64]
    typical: npt.NDArray[np.float32]


class Believer:
    """Judge what persons can do from what is told, where they have worked, and what goes together.

    Parameters
    ----------
    vocabulary : Vocabulary
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        listed = {occupation.code for occupation in vocabulary.occupations}
        self._pairs = [
            (skill.code, code)
            for skill in vocabulary.skills
            for code in skill.occupations
            if skill.kind != "certificate" and code in listed
        ]
        self._stamp = (-1, -1)
        self._skills = self._occupations = self._families = np.zeros(0, dtype=np.intp)

    def believe(
        self,
        told: Iterable[tuple[int, int]],
        worked: npt.NDArray[np.float32],
        book: CodeBook,
    ) -> Belief:
        """Return what is believed of a person.

        Parameters
        ----------
        told : iterable of (int, int)
            Number and level of each skill told, 6 for an unknown level.
        worked : float32, shape (n_occupations,)
            How near the person's work comes to each occupation, from 0 to 1.
        book : CodeBook
        """
        self._number(book)
        chance = UNTOLD + UNTOLD_OWN * self._nearness(worked, len(book.skills))
        share = chance[:, None] * SHARES[UNKNOWN_LEVEL]
        for number, level in told:
            share[number] = np.maximum(share[number], SHARES[level])
        return self.of_shares(share, worked, book)

    def of_shares(self, share: Shares, worked: npt.NDArray[np.float32], book: CodeBook) -> Belief:
        """Return the belief that shares of single skills amount to."""
        self._number(book)
        sums = _sums(share)
        packed = np.zeros((sums.size, 2), dtype=np.int64)
        packed[:, 0] = sums.ravel()
        n = len(book.occupations)
        count = np.bincount(self._occupations, minlength=n)
        total = np.bincount(self._occupations, weights=share[self._skills, 0], minlength=n)
        guess = (UNTOLD + UNTOLD_OWN * worked) * SHARES[UNKNOWN_LEVEL, 0]
        typical = np.where(count > 0, total / np.maximum(count, 1), guess)
        return Belief(share, packed.ravel(), sums.ravel(), typical.astype(np.float32))

    def _nearness(self, worked: npt.NDArray[np.float32], n_skills: int) -> Shares:
        """Return how near each skill is to the work done, shape (n_skills,)."""
        near = np.zeros(n_skills)
        np.maximum.at(near, self._skills, worked[self._occupations])
        family = np.zeros(int(self._families.max(initial=0)) + 1)
        np.maximum.at(family, self._families, near)
        found: Shares = np.maximum(near, FAMILY * family[self._families])
        return found

    def _number(self, book: CodeBook) -> None:
        stamp = (len(book.skills), len(book.occupations))
        if stamp == self._stamp:
            return
        pairs = [(book.skill_id(skill), book.occupation_id(code)) for skill, code in self._pairs]
        numbers = np.array(pairs, dtype=np.intp).reshape(-1, 2)
        self._skills, self._occupations = numbers[:, 0].copy(), numbers[:, 1].copy()
        families: dict[str, int] = {}
        heads = [code.partition(".")[0] if "." in code else f"={code}" for code in book.skills]
        self._families = np.array(
            [families.setdefault(head, len(families)) for head in heads], dtype=np.intp
        )
        self._stamp = (len(book.skills), len(book.occupations))


def unpack_belief(sums: npt.NDArray[np.int64]) -> tuple[Shares, Shares]:
    """Return sums of shares, and of their inverse squares.

    Examples
    --------
    >>> [part.tolist() for part in unpack_belief(_sums(np.array([0.5, 1.0])).sum(keepdims=True))]
    [[1.5], [5.0]]
    """
    low = (1 << INVERSE_BITS) - 1
    return (sums & low) / FULL_SHARE, (sums >> INVERSE_BITS) / FULL_SHARE


def weakest(inverse: Shares, n: npt.NDArray[np.int64]) -> Shares:
    """Return a mean of shares that the least of them dominates (a power mean), from 0.1 to 1."""
    found: Shares = np.sqrt(np.maximum(n, 1) / np.maximum(inverse, 1.0))
    return np.minimum(found, 1.0)


def _sums(share: Shares) -> npt.NDArray[np.int64]:
    whole = np.rint(share * FULL_SHARE).astype(np.int64)
    inverse = np.rint(FULL_SHARE / np.maximum(share, WEAKEST) ** WEAKEST_POWER).astype(np.int64)
    return whole + (inverse << INVERSE_BITS)
