"""Catalogues as pickers use them: search while typing, words of a code, code of typed words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from flask_babel import gettext

from matchboard.domain.catalogues import (
    Division,
    Occupation,
    Skill,
    SkillKind,
    divisions,
    occupations,
    skills,
)
from matchboard.domain.catalogues.reading import fold
from matchboard.ranking.words import (
    Certainty,
    near_occupations,
    near_skills,
    read_skill,
    read_title,
)
from matchboard.web.language import current_language

MAX_RESULTS = 12
MAX_NEAR = 5
#: Longer texts than these are no words for one skill, no title of one opening.
MAX_TYPED, MAX_TITLE = 40, 120


@dataclass(frozen=True, slots=True)
class Choice:
    """One suggestion: `value` is stored, `text` read, `extra` tells like-named ones apart."""

    value: str
    text: str
    extra: str = ""


@dataclass(frozen=True, slots=True)
class Meanings:
    """What words may mean, most likely first; `likely` is the first's value if it is sure."""

    choices: tuple[Choice, ...] = ()
    likely: str = ""


class Unresolved(ValueError):
    """Typed words that name nothing for certain; the message says so to the person."""

    def __init__(self, message: str, meanings: Meanings | None = None) -> None:
        super().__init__(message)
        self.meanings = meanings or Meanings()


@dataclass(frozen=True, slots=True)
class Codebook:
    """One catalogue. `resolve` takes a code or words and raises `Unresolved`.

    `namesakes` are the codes whose words others bear, too.
    """

    lookup_url: str
    search: Callable[[str], Sequence[Choice]]
    resolve: Callable[[str], str]
    words: Callable[[str], str]
    namesakes: Callable[[], frozenset[str]] = frozenset

    def typed(self, code: str) -> str:
        """Return words that `resolve` leads back to this code and to no other."""
        words = self.words(code)
        return f"{words} ({code})" if code in self.namesakes() else words


#: The code behind the words of a namesake.
_CODE_BEHIND = re.compile(r"\(([0-9-]{4,12})\)$")


def _code_behind(text: str) -> str:
    found = _CODE_BEHIND.search(text.strip())
    return found.group(1) if found else text


def skill_words(code: str) -> str:
    """Return the skill's name in the page's language; an unknown code stands for itself."""
    skill = skills().get(code)
    return skill.name(current_language()) if skill else code


def search_skills(text: str, *, kind: SkillKind | None = None) -> list[Choice]:
    """Return skills (or certificates only) for typed text, near matches where none has it."""
    found = skills().search(text, limit=MAX_RESULTS, kind=kind)
    if not found and kind is not SkillKind.CERTIFICATE:
        near = (skills().get(code) for code in near_skills(text))
        found = tuple(one for one in near if one and kind in (None, one.kind))
    return [Choice(skill.code, skill_words(skill.code), _other_name(skill)) for skill in found]


def resolve_skill(text: str) -> str:
    """Return the code of a skill given as code, name or alias, or in words that surely mean it."""
    skill = skills().get(text) or skills().by_wording(text)
    if skill is not None:
        return skill.code
    reading = read_skill(text[:MAX_TYPED])
    if reading.certainty is Certainty.SURE:
        return reading.codes[0]
    near = tuple(Choice(code, skill_words(code)) for code in reading.codes)
    raise _unknown_skill(text, near or tuple(search_skills(text)[:MAX_NEAR]))


def _resolve_certificate(text: str) -> str:
    """Return the code of a certificate; a near one is never taken without asking."""
    skill = skills().get(text) or skills().by_wording(text)
    if skill is None:
        near = search_skills(text, kind=SkillKind.CERTIFICATE)
        raise _unknown_skill(text, tuple(near[:MAX_NEAR]))
    if skill.kind is not SkillKind.CERTIFICATE:
        raise Unresolved(gettext("“%(text)s”不是证书。", text=text[:40]))
    return skill.code


def _unknown_skill(text: str, near: tuple[Choice, ...]) -> Unresolved:
    if near:
        words = gettext("不确定“%(text)s”指什么，请在下面选；都不是就换个说法。", text=text[:40])
        return Unresolved(words, Meanings(near))
    words = gettext("不认识“%(text)s”，请换个说法，或从列表中选择。", text=text[:40])
    return Unresolved(words)


def occupation_words(code: str) -> str:
    """Return the occupation's name; an unknown code stands for itself."""
    occupation = occupations().get(code)
    return occupation.name if occupation else code


def search_occupations(text: str) -> list[Choice]:
    """Return occupations and groups of them for typed text, near matches where none has it."""
    found = occupations().search(text, limit=MAX_RESULTS)
    if not found:
        near = (occupations().get(code) for code in near_occupations(text, limit=MAX_NEAR))
        found = tuple(one for one in near if one)
    return [_occupation(one) for one in found]


def resolve_occupation(text: str) -> str:
    """Return the code of an occupation given as code, name or alias.

    Other words are asked about, however sure their meaning: the legal gate rests on the answer.
    """
    by_code = occupations().get(_code_behind(text))
    if by_code is not None:
        return by_code.code
    for one in occupations().search(text, limit=1):
        if fold(text) in map(fold, (one.name, *one.aliases)):
            return one.code
    found = occupations_of_title(text)
    if not found.choices:
        containing = occupations().search(text, limit=MAX_NEAR)
        found = Meanings(tuple(map(_occupation, containing)))
    if found.likely:
        words = gettext("职业“%(text)s”是推测的，请核对下面选中的职业。", text=text[:40])
    elif found.choices:
        words = gettext("不确定“%(text)s”是哪个职业，请选一种；都不是就换个说法。", text=text[:40])
    else:
        words = gettext("不认识职业“%(text)s”，请从列表中选择。", text=text[:40])
    raise Unresolved(words, found)


def occupations_of_title(title: str) -> Meanings:
    """Return the occupations a title may mean, by their names."""
    reading = read_title(title[:MAX_TITLE])
    found = (occupations().get(code) for code in reading.codes)
    choices = tuple(_occupation(one) for one in found if one)
    return Meanings(choices, reading.codes[0] if reading.certainty is Certainty.SURE else "")


def division_words(code: str) -> str:
    """Return the place's full name in the page's language; an unknown code stands for itself."""
    division = divisions().get(code)
    if division is None:
        return code
    english = current_language() == "en"
    return divisions().full_name_en(code) if english else division.full_name


@cache
def _namesakes_among_occupations() -> frozenset[str]:
    return _namesakes((one.code, one.name) for one in occupations())


@cache
def _namesakes_among_divisions(language: str) -> frozenset[str]:
    names = divisions().full_name_en if language == "en" else _full_name
    return _namesakes((one.code, names(one.code)) for one in divisions())


def _full_name(code: str) -> str:
    found = divisions().get(code)
    return found.full_name if found else code


def _namesakes(named: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Return the codes of names that more than one bears."""
    bearers: dict[str, list[str]] = {}
    for code, name in named:
        bearers.setdefault(fold(name), []).append(code)
    return frozenset(c for codes in bearers.values() if len(codes) > 1 for c in codes)


def search_divisions(text: str) -> list[Choice]:
    """Return provinces, cities and counties for typed text."""
    return [_place(one) for one in divisions().search(text, limit=MAX_RESULTS)]


def resolve_place(text: str) -> str:
    """Return the six-digit code of a place given as code, name, path or pinyin.

    A name that several places bear is refused with all of them named.
    """
    behind = divisions().get(_code_behind(text))
    if behind is not None:
        return behind.code
    found = divisions().resolve(text)
    candidates = () if found.remainder else found.divisions
    if len(candidates) != 1 and text.isascii() and not text.isdigit():
        english = {divisions().full_name_en(d.code).casefold(): d for d in divisions()}
        exact = english.get(text.strip().casefold())
        candidates = (exact,) if exact else divisions().search(text, limit=2)
    if len(candidates) == 1:
        return candidates[0].code
    if candidates:
        names = gettext("、").join(one.full_name for one in candidates[:4])
        raise Unresolved(
            gettext("“%(text)s”不止一处：%(names)s。请写明省市。", text=text[:40], names=names)
        )
    raise Unresolved(gettext("没有找到地区“%(text)s”，请写到省、市、县（区）。", text=text[:40]))


def _other_name(skill: Skill) -> str:
    return skill.name_zh if current_language() == "en" else gettext("、").join(skill.aliases[:3])


def _occupation(one: Occupation) -> Choice:
    return Choice(one.code, one.name, _above(one))


def _above(occupation: Occupation) -> str:
    path = occupations().path(occupation.code)
    return f"{occupation.code} · {path[-2]}" if len(path) > 1 else occupation.code


def _place(division: Division) -> Choice:
    extra = division.full_name if current_language() == "en" else division.name_en
    return Choice(division.code, division_words(division.code), extra)


SKILLS = Codebook("/lookup/skills", search_skills, resolve_skill, skill_words)
CERTIFICATES = Codebook(
    "/lookup/skills?kind=certificate",
    lambda text: search_skills(text, kind=SkillKind.CERTIFICATE),
    _resolve_certificate,
    skill_words,
)
OCCUPATIONS = Codebook(
    "/lookup/occupations",
    search_occupations,
    resolve_occupation,
    occupation_words,
    _namesakes_among_occupations,
)
DIVISIONS = Codebook(
    "/lookup/divisions",
    search_divisions,
    resolve_place,
    division_words,
    lambda: _namesakes_among_divisions(current_language()),
)
