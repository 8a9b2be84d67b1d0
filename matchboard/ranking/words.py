"""What words that people type may mean: skills, occupations, and how certain that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache

from ml.skill_words import SkillMatch, SkillMatcher, skill_matcher
from ml.titles import Advice, TitleSuggester
from ml.vocabulary import load_vocabulary

#: Occupations less similar to a title than this are not worth a person's look.
ASK_TITLE = 0.4
MOST_ASKED = 5


class Certainty(Enum):
    """Whether what words may mean stands, is asked about, or is not known at all."""

    SURE = auto()
    ASK = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Reading:
    """What words may mean: codes, most likely first, none if unknown; a sure one comes first."""

    certainty: Certainty
    codes: tuple[str, ...] = ()


def read_skill(text: str) -> Reading:
    """Return which skill, never a certificate, the words name."""
    return decide_skill(_skills().match(text))


def read_title(title: str) -> Reading:
    """Return which occupation a title names."""
    return decide_title(_titles().advise(title, MOST_ASKED))


def sure_occupations(titles: Sequence[str]) -> list[str]:
    """Return the occupation of each title, empty where a person should be asked."""
    return _titles().sure_codes(titles)


def decide_skill(matches: Sequence[SkillMatch]) -> Reading:
    """Return what to make of the skills found: one sure skill stands, several are asked about."""
    sure = [match.code for match in matches if match.sure]
    if len(sure) == 1:
        return Reading(Certainty.SURE, (sure[0],))
    codes = tuple(match.code for match in matches[:MOST_ASKED])
    return Reading(Certainty.ASK, codes) if codes else Reading(Certainty.UNKNOWN)


def decide_title(advice: Advice) -> Reading:
    """Return what to make of the occupations suggested; far-fetched ones are not even asked."""
    codes = tuple(found.code for found in advice.suggestions if found.score >= ASK_TITLE)
    if not codes:
        return Reading(Certainty.UNKNOWN)
    return Reading(Certainty.SURE if advice.sure else Certainty.ASK, codes)


def near_skills(text: str) -> tuple[str, ...]:
    """Return codes of skills, never certificates, that the words may mean; most likely first."""
    return tuple(match.code for match in _skills().match(text))


def near_occupations(text: str, *, limit: int) -> tuple[str, ...]:
    """Return codes of occupations that the words may mean; most likely first."""
    return tuple(found.code for found in _titles().suggest(text, limit))


@cache
def _skills() -> SkillMatcher:
    return skill_matcher(load_vocabulary())


@cache
def _titles() -> TitleSuggester:
    return TitleSuggester(load_vocabulary())
