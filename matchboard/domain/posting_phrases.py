"""What the wording checks are made of: a topic, its patterns, what denies a find.

Patterns are compared with half-width text without blanks. A find counts only where nothing before
it in its clause denies it (不以任何名义收取押金), nothing after it does (押金全免), no one else
bears it (公司承担体检费) and the sentence does not warn of it (收押金的都是骗子).
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from matchboard.domain.occupational_bars import Citation


class Severity(StrEnum):
    REFUSE = "refuse"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class WordingHit:
    """A rule's code, how grave it is, the articles and the words that were found."""

    code: str
    severity: Severity
    citations: tuple[Citation, ...]
    excerpt: str


EQUAL_TREATMENT: Final = Citation("就业促进法", "26")
NOTICE_CONTENT: Final = Citation("就业服务与就业管理规定", "20")

UNASKED: Final = (
    "(?:不限|无要求|没要求|不作要求|不做要求|无限制|没限制|均可|皆可|都可|不拘|不影响|无所谓)"
)
UNWANTED: Final = (
    "(?:[,，]?(?:请|一律|统统|一概|概|均|都|谢谢|者|就)*"
    "(?:勿扰|勿投|勿应聘|勿来|勿联系|勿试|勿报|勿进|勿入|勿面|勿选|免谈|免进|免投|除外|止步|谢绝|"
    "不招|不要|不收|不考虑|不予|不录|不聘|不接受|不接收|不欢迎|不合适|不符合|不能|不得|"
    "不可以?(?!限)|"
    "绕道|绕行|绕路|走开|闪开|拒绝|禁止|莫扰|莫入|别来|别投|别扰|不行|pass))"
)
#: Whoever says so denies what follows.
NEVER: Final = "不会|不得|杜绝|严禁|禁止|绝不"
HAN_FIGURES: Final = "一二两三四五六七八九十百千万半壹贰叁肆伍陆柒捌玖拾佰仟"
NUMBER: Final = f"(?:\\d+|[{HAN_FIGURES}]+)"
_CLAUSE_ENDS: Final = ",;。!?|"
_SENTENCE_ENDS: Final = ";。!?|"


def compile_any(*patterns: str) -> re.Pattern[str]:
    """Return one pattern that finds any of several."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


#: No figure is that long; the rest is cut, as patterns that begin with a figure try each digit.
_LONG_FIGURE: Final = re.compile(rf"([\d,.]{{16}})[\d,.]+|([{HAN_FIGURES}]{{16}})[{HAN_FIGURES}]+")


def compact(text: str) -> str:
    """Write text half-width and without blanks and invisible characters; a line ends a clause."""
    lines = unicodedata.normalize("NFKC", text).casefold().splitlines()
    shown = ("".join(c for c in line if unicodedata.category(c) != "Cf") for line in lines)
    found = "。".join(words for line in shown if (words := "".join(line.split())))
    return _LONG_FIGURE.sub(lambda long: long[1] or long[2], found)


@dataclass(frozen=True, slots=True)
class Denial:
    """What makes a find of a topic no condition.

    `before` ends where the find begins, in the same clause; `after` begins where it ends; `clause`
    and `sentence` may stand anywhere in them.
    """

    before: re.Pattern[str]
    after: re.Pattern[str] | None = None
    clause: re.Pattern[str] | None = None
    sentence: re.Pattern[str] | None = None

    def holds(self, text: str, found: re.Match[str]) -> bool:
        """Return whether the find is denied by the words around it."""
        low, high = _stretch(text, found, _CLAUSE_ENDS)
        if self.before.search(text[low : found.start()]):
            return True
        if self.after and self.after.match(text[found.end() : high]):
            return True
        if self.clause and self.clause.search(text[low:high]):
            return True
        first, last = _stretch(text, found, _SENTENCE_ENDS)
        return self.sentence is not None and self.sentence.search(text[first:last]) is not None


def _stretch(text: str, found: re.Match[str], ends: str) -> tuple[int, int]:
    low = max(text.rfind(end, 0, found.start()) for end in ends) + 1
    after = [spot for end in ends if (spot := text.find(end, found.end())) != -1]
    return low, min(after, default=len(text))


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing an advertisement may ask, and the words that only sound like it."""

    code: str
    severity: Severity
    citations: tuple[Citation, ...]
    asked: re.Pattern[str]
    neutral: re.Pattern[str] | None = None
    denial: Denial | None = None
    lawful_where: re.Pattern[str] | None = None

    def find(self, text: str) -> WordingHit | None:
        """Return the first words of compact text that ask for it."""
        # A full stop keeps the words around a removed phrase from growing together.
        read = self.neutral.sub("。", text) if self.neutral else text
        for found in self.asked.finditer(read):
            if self.denial is not None and self.denial.holds(read, found):
                continue
            is_lawful = self.lawful_where is not None and self.lawful_where.search(text)
            severity = Severity.REVIEW if is_lawful else self.severity
            return WordingHit(self.code, severity, self.citations, found[0])
        return None
