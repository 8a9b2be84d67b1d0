"""The reference vocabularies the library works with: occupations, skills and certificates."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

DEFAULT_DIRECTORY = Path(__file__).resolve().parents[1] / "seeds" / "reference"


@dataclass(frozen=True, slots=True)
class Occupation:
    """Name one occupation; ``level`` runs from 1 (division) to 4 (the occupation itself)."""

    code: str
    level: int
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skill:
    """Name one skill or certificate with the words people use for it."""

    code: str
    name: str
    kind: str = "skill"
    aliases: tuple[str, ...] = ()
    occupations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """Hold both vocabularies; codes outside them are kept, only counted.

    Examples
    --------
    >>> words = Vocabulary((Occupation("6-18-02-04", 4, "焊工"),), (Skill("weld.arc", "电弧焊"),))
    >>> words.lists("occupation", "6-18"), words.lists("skill", "weld.tig")
    (True, False)
    """

    occupations: tuple[Occupation, ...] = ()
    skills: tuple[Skill, ...] = ()

    @cached_property
    def _listed(self) -> dict[str, frozenset[str]]:
        prefixes = {
            prefix
            for occupation in self.occupations
            for prefix in (occupation.code, *prefixes_of(occupation.code))
        }
        return {
            "occupation": frozenset(prefixes),
            "skill": frozenset(skill.code for skill in self.skills),
        }

    def lists(self, kind: str, code: str) -> bool:
        """Tell whether the ``occupation`` or ``skill`` vocabulary has the code or a part of it."""
        return code in self._listed[kind]


def prefixes_of(code: str) -> list[str]:
    """Return the shorter spellings of a code: its ancestors without trailing ``-00``.

    Examples
    --------
    >>> prefixes_of("6-18-02-04")
    ['6', '6-18', '6-18-02']
    """
    parts = code.split("-")
    return ["-".join(parts[:depth]) for depth in range(1, len(parts))]


def load_vocabulary(directory: Path | str = DEFAULT_DIRECTORY) -> Vocabulary:
    """Read ``occupations.csv`` and ``skills.csv`` of a directory.

    Parameters
    ----------
    directory : path
        By default the product's own reference data.

    Raises
    ------
    OSError
        When a file is not there.
    """
    base = Path(directory)
    occupations = tuple(
        Occupation(row["code"], int(row["level"]), row["name"], _list(row.get("aliases")))
        for row in _rows(base / "occupations.csv")
    )
    skills = tuple(
        Skill(
            row["code"],
            row["name_zh"],
            row["kind"],
            _list(row.get("aliases_zh")),
            _list(row.get("occupations")),
        )
        for row in _rows(base / "skills.csv")
    )
    return Vocabulary(occupations, skills)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def _list(cell: str | None) -> tuple[str, ...]:
    return tuple(item for part in (cell or "").split(";") if (item := part.strip()))
