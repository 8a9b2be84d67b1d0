"""Randomised tie-breaks: in a few lists, openings of nearly the same score change places.

Which of two near-equals stands first would otherwise hang on nothing but the formula, and nobody
could find out whether its order means anything. The chance of every place is known exactly and kept
with the list and the proposal.
"""

from __future__ import annotations

import hmac
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

#: A score this much below the best of its group, as a share of it, is still a near-tie.
NEAR_TIE = 0.01


@dataclass(frozen=True, slots=True)
class Standing:
    """One opening of a list in the order of scores; it never changes places across a `stratum`."""

    pid: str
    score: float
    stratum: Hashable = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """Where an opening is shown (1 is first), where its score alone puts it, and by what chance.

    `propensity` is the chance, over all draws, with which this opening stands at this `rank`.
    """

    pid: str
    rank: int
    rank_by_score: int
    propensity: float


def break_ties(standings: Sequence[Standing], *, seed: str, percent: int) -> tuple[Drawn, ...]:
    """Return the openings, best first, in the order in which they are shown.

    In `percent` of all lists, by `seed`, every group of near-ties is put into random order; each
    order of a group is equally likely. In the other lists everything stays. Each opening draws a
    number of its own from the seed, so that one more opening leaves the order of the others alone.

    Of a group of m openings one stands at the place of its score with the chance 1 - e + e/m and at
    each other place of the group with e/m, where e is `percent` of 1.

    >>> near = [Standing("a", 0.400), Standing("b", 0.399), Standing("c", 0.2)]
    >>> [(d.pid, d.rank, d.propensity) for d in break_ties(near, seed="any", percent=0)]
    [('a', 1, 1.0), ('b', 2, 1.0), ('c', 3, 1.0)]
    >>> [d.propensity for d in break_ties(near, seed="any", percent=100)]
    [0.5, 0.5, 1.0]

    Raises
    ------
    ValueError
        If `percent` is not from 0 to 100.
    """
    if not 0 <= percent <= 100:
        raise ValueError(percent)
    is_random = _number(seed, "") * 100 < percent * 2**256
    share = Fraction(percent, 100)
    found: list[Drawn] = []
    for group in near_ties(standings):
        by_score = list(enumerate(group, len(found) + 1))
        shown = list(by_score)
        if is_random:
            shown.sort(key=lambda own: _number(seed, own[1].pid))
        elsewhere = share / len(group)
        in_place = 1 - share + elsewhere
        for (rank, _), (rank_by_score, standing) in zip(by_score, shown, strict=True):
            chance = in_place if rank == rank_by_score else elsewhere
            found.append(Drawn(standing.pid, rank, rank_by_score, float(chance)))
    return tuple(found)


def near_ties(standings: Sequence[Standing]) -> Iterator[list[Standing]]:
    """Yield the groups within which openings may change places, best first.

    A group is measured against its best opening, not from neighbour to neighbour: a long row of
    small steps is a clear difference.

    >>> row = [Standing("a", 1.0), Standing("b", 0.992), Standing("c", 0.985), Standing("d", 0.984)]
    >>> [[s.pid for s in group] for group in near_ties(row)]
    [['a', 'b'], ['c', 'd']]
    """
    group: list[Standing] = []
    for standing in standings:
        if group and not _is_near(group[0], standing):
            yield group
            group = []
        group.append(standing)
    if group:
        yield group


def _is_near(best: Standing, other: Standing) -> bool:
    return other.stratum == best.stratum and other.score >= best.score * (1 - NEAR_TIE)


def _number(seed: str, name: str) -> int:
    """Return 256 bits that nobody can tell from random ones without the seed."""
    return int.from_bytes(hmac.digest(seed.encode(), name.encode(), "sha256"))
