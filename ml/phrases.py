"""Cut free text into short statements, and find known words in them, longest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ml.spelling import simplified
from ml.text import normalise, pieces

MOST_PIECE = 60

_NUMBER = r"(?:[0-9]+(?:\.[0-9]+)?|[零一二两三四五六七八九十半]+)"
_PERIOD = re.compile(
    rf"(?:干|做)?(?:了|过)?(?:有)?({_NUMBER})(?:多|余|来)?(?:个)?(半)?(年|月)半?(?:多)?"
)
_JOINT = re.compile(rf"以及|还有|[和及与或]|(?:干|做|当|学|搞|从事)[过了]|{_PERIOD.pattern}")
_LEAD = re.compile(
    r"^(?:本人|我|以前|之前|曾经|曾|一直|现在|还|也|都|就|又|和|及|与|或|在|有|是|的|"
    r"很|比较|基本|略|精通|熟练|熟悉|擅长|善于|了解|懂得?|会|能够?|可以|"
    r"从事过?|做过?|干过?|当过?|开过?|学过?|学了|搞过?|打过?|想学?|希望|愿意|用过?)+"
)
_TAIL = re.compile(
    r"(?:工作|工种|经验|技术|手艺|技能|操作|作业|岗位?|师傅|司机|人员|熟练|熟手|精通|的活|活儿?|的|了|过|工|员|等|方面)+$"
)
_WISH = re.compile(r"(?:想|希望|愿意?|打算|准备|计划)(?:去|要|学|做|干|当|开|找|从事|会|一份|个)*$")
_NEGATION = re.compile(
    r"(?:不|没|未|无|别)(?:太|怎么)?(?:会|能|懂|想|愿意?|是|有|做|干|学|开|用|过|了|接触|从事|当|打|要|得|喜欢|熟悉|了解|擅长)*$"
)
_DIGITS = dict(zip("零一二两三四五六七八九", (0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))


def statements(text: str) -> list[str]:
    """Return the pieces of a text in one spelling, over-long ones cut.

    Examples
    --------
    >>> statements("會電焊、 做過ＣＮＣ 3年。")
    ['会电焊', '做过cnc', '3年']
    """
    return [piece[:MOST_PIECE] for piece in pieces(simplified(normalise(text)))]


def core(statement: str) -> str:
    """Return what remains of a statement without periods, verbs before and fillers after it.

    Examples
    --------
    >>> core("会开铲车"), core("缝纫工3年"), core("干了两年电焊工作")
    ('铲车', '缝纫', '电焊')
    """
    return _TAIL.sub("", _LEAD.sub("", _PERIOD.sub("", statement)))


def parts(statement: str) -> list[tuple[int, str]]:
    """Cut a statement at joining words, "have done" and periods; return starts and words.

    Examples
    --------
    >>> parts("保洁和保安"), parts("在饭店干过两年帮厨")
    ([(0, '保洁'), (3, '保安')], [(0, '在饭店'), (7, '帮厨')])
    """
    found, start = [], 0
    for joint in _JOINT.finditer(statement):
        found.append((start, statement[start : joint.start()]))
        start = joint.end()
    found.append((start, statement[start:]))
    return [(place, words) for place, words in found if words]


def months(statement: str) -> float | None:
    """Return the period a statement names, in months; None without one.

    Examples
    --------
    >>> months("缝纫工3年"), months("干过两年半帮厨"), months("6个月"), months("会电焊")
    (36.0, 30.0, 6.0, None)
    """
    found = _PERIOD.search(statement)
    if found is None:
        return None
    size = _number(found[1]) + (0.5 if found[0].endswith("半") or found[2] else 0.0)
    return size * (12 if found[3] == "年" else 1)


def is_negated(before: str) -> bool:
    """Tell whether the words right before something deny it.

    Examples
    --------
    >>> is_negated("我不会"), is_negated("没有做过"), is_negated("不怕苦会")
    (True, True, False)
    """
    return _NEGATION.search(before) is not None


def is_negation(character: str) -> bool:
    """Tell whether a statement that begins with the character denies something."""
    return character in "不没未无别"


def is_wish(before: str) -> bool:
    """Tell whether the words right before something only wish for it.

    Examples
    --------
    >>> is_wish("想学"), is_wish("学过")
    (True, False)
    """
    return _WISH.search(before) is not None


@dataclass(frozen=True, slots=True)
class Span:
    """Hold a known word and where it stands in a statement."""

    word: str
    start: int
    end: int


class WordScanner:
    """Find known words in statements; longer ones take their characters first.

    Parameters
    ----------
    words : iterable of str
        Of at least two characters; shorter ones are left out.

    Examples
    --------
    >>> [span.word for span in WordScanner(["焊", "氩弧焊", "弧焊"]).scan("会氩弧焊接")]
    ['氩弧焊']
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(word for word in words if len(word) > 1)
        sizes: dict[str, set[int]] = {}
        for word in self._words:
            sizes.setdefault(word[:2], set()).add(len(word))
        self._sizes = {head: tuple(sorted(found, reverse=True)) for head, found in sizes.items()}

    def scan(self, statement: str) -> list[Span]:
        """Return the words of one statement in their order, without overlaps."""
        found = sorted(self._all(statement), key=lambda span: (span.start - span.end, span.start))
        if len(found) < 2:
            return found
        taken: set[int] = set()
        kept = []
        for span in found:
            places = range(span.start, span.end)
            if taken.isdisjoint(places):
                taken.update(places)
                kept.append(span)
        return sorted(kept, key=lambda span: span.start)

    def _all(self, statement: str) -> Iterator[Span]:
        for start in range(len(statement) - 1):
            for size in self._sizes.get(statement[start : start + 2], ()):
                word = statement[start : start + size]
                if word in self._words:
                    yield Span(word, start, start + size)


def _number(text: str) -> float:
    if text[0].isdigit():
        return float(text)
    if text == "半":
        return 0.5
    half = 0.5 if text.endswith("半") else 0.0
    tens, ten, ones = text.rstrip("半").rpartition("十")
    return half + (10 * _DIGITS.get(tens[-1:], 1) if ten else 0) + _DIGITS.get(ones[-1:], 0)
