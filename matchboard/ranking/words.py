"""Near matches for words that people type: skills and occupations they may have meant."""

from __future__ import annotations

from functools import cache

from ml.skill_words import SkillMatcher, skill_matcher
from ml.titles import TitleSuggester
from ml.vocabulary import load_vocabulary


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
