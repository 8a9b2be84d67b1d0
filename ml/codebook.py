"""Small integers for codes, shared by an index and the clients compared with it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ml.vocabulary import Vocabulary

N_LEVELS = 4
_DEPTH_AFFINITY = (0.0, 0.1, 0.4, 0.7, 1.0)


def canonical(code: str) -> str:
    """Strip trailing ``-00`` groups, which stand for "the whole branch".

    Examples
    --------
    >>> canonical("6-18-00-00"), canonical("6-18-02-04")
    ('6-18', '6-18-02-04')
    """
    while code.endswith("-00"):
        code = code[:-3]
    return code


def covers(broad: str, narrow: str) -> bool:
    """Tell whether a code is the other one or an ancestor of it.

    Examples
    --------
    >>> covers("6-18", "6-18-02-04"), covers("6-1", "6-18-02-04"), covers("6-18-02-04", "6-18")
    (True, False, False)
    """
    first, second = canonical(broad), canonical(narrow)
    return second == first or second.startswith(first + "-")


class CodeBook:
    """Number occupations and skills; codes nobody listed get numbers too, so that they can match.

    Occupation 0 is "unknown". Numbers only grow: adding codes never changes those given.

    Parameters
    ----------
    vocabulary : Vocabulary
        Numbered first, in its own order.

    Examples
    --------
    >>> from ml.vocabulary import Occupation
    >>> book = CodeBook(Vocabulary((Occupation("6-18-02-04", 4, "焊工"),)))
    >>> book.occupation_id("6-18-02-04"), book.occupation_id("x.own"), book.occupation_id("")
    (1, 2, 0)
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.occupations: list[str] = [""]
        self._occupation_ids: dict[str, int] = {"": 0}
        self.skills: list[str] = []
        self._skill_ids: dict[str, int] = {}
        self._affinity: dict[str, npt.NDArray[np.float32]] = {}
        self._covered: dict[str, npt.NDArray[np.bool_]] = {}
        self._groups: dict[str, int] = {}
        for occupation in vocabulary.occupations:
            self.occupation_id(occupation.code)
        for skill in vocabulary.skills:
            self.skill_id(skill.code)

    def occupation_id(self, code: str) -> int:
        """Return the number of an occupation code, giving it one if it is new."""
        found = self._occupation_ids.get(code)
        if found is None:
            found = len(self.occupations)
            self._occupation_ids[code] = found
            self.occupations.append(code)
            self._affinity.clear()
            self._covered.clear()
        return found

    def skill_id(self, code: str) -> int:
        """Return the number of a skill or certificate code, giving it one if it is new."""
        found = self._skill_ids.get(code)
        if found is None:
            found = len(self.skills)
            self._skill_ids[code] = found
            self.skills.append(code)
        return found

    def known_skill_id(self, code: str) -> int | None:
        """Return the number of a skill or certificate code, None if it has none yet."""
        return self._skill_ids.get(code)

    def covered_by(self, code: str) -> npt.NDArray[np.bool_]:
        """Return which occupations a code covers, shape (n_occupations,); never the unknown one."""
        found = self._covered.get(code)
        if found is None:
            flags = [
                number > 0 and covers(code, other) for number, other in enumerate(self.occupations)
            ]
            found = self._covered[code] = np.array(flags, dtype=np.bool_)
        return found

    def affinity(self, code: str) -> npt.NDArray[np.float32]:
        """Return how near each occupation is to a code, shape (n_occupations,), from 0 to 1.

        1 where the code covers it; otherwise 0.7, 0.4 or 0.1 for a common small group, middle group
        or division; 0 elsewhere and for the unknown occupation.
        """
        found = self._affinity.get(code)
        if found is None:
            own = canonical(code).split("-")
            depths = [_common_depth(own, canonical(other).split("-")) for other in self.occupations]
            found = np.array([_DEPTH_AFFINITY[depth] for depth in depths], dtype=np.float32)
            found[self.covered_by(code)] = 1.0
            found[0] = 0.0
            self._affinity[code] = found
        return found


def _common_depth(first: list[str], second: list[str]) -> int:
    depth = 0
    for left, right in zip(first[: N_LEVELS - 1], second[: N_LEVELS - 1], strict=False):
        if left != right:
            break
        depth += 1
    return depth
