"""Chinese titles and sentences as people type them: synonyms, misspellings, no fixed order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")

_TITLE_FRONT = ("", "", "", "急招", "招", "诚聘", "长期招", "本地厂招")
_TITLE_BACK = ("", "", "", "（包住）", "若干名", "，有经验优先", "(可带徒)", "，工资月结")
_WORKED = (
    "以前做过{months}{job}",
    "干{job}干了{months}",
    "{months}{job}的活都做过",
    "原来在厂里当{job}，做了{months}",
    "跟师傅学{job}，前后{months}",
)
_CAN = ("会{skills}", "{skills}都能上手", "手上有{skills}的活", "懂一点{skills}", "{skills}没问题")
_DUTIES = ("主要做{job}", "岗位：{job}", "负责{job}相关的活", "车间要{job}")
_ASKS = ("要求会{skills}", "需要{skills}", "{skills}熟练的优先", "要能做{skills}")
_FILLER = ("服从安排", "试用期一个月", "早八点上班", "有社保", "管一顿午饭", "离公交站不远")
_JOIN = ("、", "，", "和", " ")
# Characters that sound or look alike and are mixed up in typing.
_ALIKE = dict(
    zip(
        "焊叉缝厨械装修驾库料电工车床维护员养殖包员货",
        "汗岔逢橱戒妆休架裤科店公东庄唯户园样直饱元活",
        strict=True,
    )
)


class Writer:
    """Write titles and sentences from one stream of random numbers.

    Parameters
    ----------
    rng : numpy.random.Generator
    typo : float
        Share of the words that are misspelt.
    """

    def __init__(self, rng: np.random.Generator, typo: float) -> None:
        self._rng = rng
        self._typo = typo

    def title(self, names: Sequence[str]) -> str:
        """Return the title of an opening."""
        front, back = self._pick(_TITLE_FRONT), self._pick(_TITLE_BACK)
        return f"{front}{self._spelt(self._pick(names))}{back}"

    def history(self, names: Sequence[str], months: int) -> str:
        """Return a sentence about work done."""
        job = self._spelt(self._pick(names))
        return self._pick(_WORKED).format(job=job, months=_duration(months))

    def abilities(self, skills: Sequence[Sequence[str]]) -> str:
        """Return a sentence that names skills, each by one of its words."""
        return self._pick(_CAN).format(skills=self._listed(skills))

    def duties(self, names: Sequence[str], skills: Sequence[Sequence[str]]) -> str:
        """Return the description of an opening; skills are asked for where there are any."""
        parts = [self._pick(_DUTIES).format(job=self._pick(names))]
        if skills:
            parts.append(self._pick(_ASKS).format(skills=self._listed(skills)))
        parts.append(self._pick(_FILLER))
        return "，".join(parts) + "。"

    def _listed(self, skills: Sequence[Sequence[str]]) -> str:
        joint = self._pick(_JOIN)
        return joint.join(self._spelt(self._pick(words)) for words in skills)

    def _spelt(self, word: str) -> str:
        """Return the word, now and then with one slip: a twin, a swap or a gap."""
        if len(word) < 3 or self._rng.random() >= self._typo:
            return word
        place = int(self._rng.random() * (len(word) - 1))
        kind = int(self._rng.random() * 3)
        if kind == 0:
            twins = [i for i, character in enumerate(word) if character in _ALIKE]
            place = twins[place % len(twins)] if twins else place
            return word[:place] + _ALIKE.get(word[place], "") + word[place + 1 :]
        if kind == 1:
            return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        return word[:place] + word[place + 1 :]

    def _pick(self, items: Sequence[Item]) -> Item:
        return items[int(self._rng.random() * len(items))]


def _duration(months: int) -> str:
    """Return months as people say them.

    Examples
    --------
    >>> _duration(7), _duration(29)
    ('7个月', '2年多')
    """
    years, rest = divmod(months, 12)
    if not years:
        return f"{months}个月"
    return f"{years}年多" if rest > 2 else f"{years}年"
