"""Find skills in free text: exact words first, then words that look or sound alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ml.phrases import Span, WordScanner, core, is_negated, is_negation, parts, statements
from ml.spelling import alike, simplified, syllables
from ml.text import normalise, pieces
from ml.vocabulary import Vocabulary

# A word that sounds the same or lacks characters is trusted earlier than one with other characters.
SURE_SOUND, SURE_OTHER, ASK = 0.65, 0.8, 0.45
INSIDE = 3
LONGEST = 8
REMEMBERED = 50_000
_PLAIN_ENDINGS = frozenset("工机员师")


@dataclass(frozen=True, slots=True)
class SkillMatch:
    """Hold one skill found in a text.

    Attributes
    ----------
    code : str
    similarity : float
        1 for an exact word, otherwise from `ASK` to 1.
    words : str
        The words of the text, in their normal spelling.
    alias : str
        The word of the vocabulary they were taken for.
    sure : bool
        Whether it counts as mentioned; otherwise a person should be asked.
    """

    code: str
    similarity: float
    words: str
    alias: str
    sure: bool


class SkillMatcher:
    """Find the skills of a vocabulary in free text.

    Each statement of the text is read by itself, so more text only ever adds skills. Exact words
    count as the whole statement, without verbs and fillers around them, or anywhere in it from
    three characters on. What is left is compared by character and syllable n-grams with the words
    that share a character or a sound with it. Words right after a negation do not count.

    Parameters
    ----------
    entries : iterable of (str, str)
        Word and code. The first code of a word wins.

    Examples
    --------
    >>> matcher = SkillMatcher([("电焊", "weld.arc"), ("铲车", "plant.loader")])
    >>> [(m.code, m.words, m.sure) for m in matcher.match("会电汗，不会开铲车")]
    [('weld.arc', '电汗', True)]
    """

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        self.codes: dict[str, str] = {}
        for alias, code in entries:
            key = "".join(pieces(simplified(normalise(alias))))
            if key:
                self.codes.setdefault(key, code)
        self._long = WordScanner(word for word in self.codes if len(word) >= INSIDE)
        self._by_key: dict[str, list[str]] = {}
        for word in self.codes:
            for key in _keys(word) if len(word) > 1 else ():
                self._by_key.setdefault(key, []).append(word)
        self._seen: dict[str, tuple[SkillMatch, ...]] = {}

    def find(self, text: str) -> list[str]:
        """Return the sorted codes that count as mentioned."""
        return sorted({match.code for match in self.match(text) if match.sure})

    def named(self, text: str) -> list[str]:
        """Return the sorted codes whose exact words stand in the text; the quick part of `find`."""
        return sorted(
            {
                match.code
                for statement in statements(text)
                for match in self._sure(statement, self._spans(statement))
            }
        )

    def match(self, text: str) -> list[SkillMatch]:
        """Return what was found, sure ones first, then the most similar, one a code."""
        best: dict[str, SkillMatch] = {}
        for statement in statements(text):
            for found in self._of_statement(statement):
                known = best.get(found.code)
                if known is None or found.similarity > known.similarity:
                    best[found.code] = found
        return sorted(best.values(), key=lambda m: (not m.sure, -m.similarity, m.code))

    def _of_statement(self, statement: str) -> list[SkillMatch]:
        spans = self._spans(statement)
        return self._sure(statement, spans) if spans else self._similar(statement)

    def _sure(self, statement: str, spans: Iterable[Span]) -> list[SkillMatch]:
        return [
            SkillMatch(self.codes[span.word], 1.0, span.word, span.word, True)
            for span in spans
            if not is_negated(statement[: span.start])
        ]

    def _spans(self, statement: str) -> list[Span]:
        spans = self._long.scan(statement)
        for start, words in parts(statement):
            whole = next((word for word in (words, core(words)) if word in self.codes), "")
            place = statement.find(whole, start)
            end = place + len(whole)
            if whole and all(end <= span.start or place >= span.end for span in spans):
                spans.append(Span(whole, place, end))
        return spans

    def _similar(self, statement: str) -> list[SkillMatch]:
        found: list[SkillMatch] = []
        for start, words in parts(statement):
            bare = core(words)
            if not 2 <= len(bare) <= LONGEST or is_negation(bare[0]):
                continue
            if not is_negated(statement[: statement.find(bare, start)]):
                found += self._nearest_cached(bare)
        return found

    def _nearest_cached(self, bare: str) -> tuple[SkillMatch, ...]:
        known = self._seen.get(bare)
        if known is None:
            if len(self._seen) >= REMEMBERED:
                self._seen.clear()
            known = self._seen[bare] = tuple(self._nearest(bare))
        return known

    def _nearest(self, bare: str) -> list[SkillMatch]:
        near = {word for key in _keys(bare) for word in self._by_key.get(key, ())}
        found: dict[str, SkillMatch] = {}
        for word in sorted(near):
            similarity = alike(bare, word)
            code = self.codes[word]
            if similarity < ASK or (code in found and found[code].similarity >= similarity):
                continue
            limit = SURE_SOUND if _is_slip(bare, word) else SURE_OTHER
            found[code] = SkillMatch(code, round(similarity, 6), bare, word, similarity >= limit)
        ranked = sorted(found.values(), key=lambda m: (not m.sure, -m.similarity, m.code))
        return ranked[:1] if ranked and ranked[0].sure else ranked[:3]


def skill_matcher(vocabulary: Vocabulary) -> SkillMatcher:
    """Return a matcher of the vocabulary's names and aliases; certificates are never read."""
    return SkillMatcher(
        (alias, skill.code)
        for skill in vocabulary.skills
        if skill.kind != "certificate"
        for alias in (skill.name, *skill.aliases)
    )


def _keys(word: str) -> set[str]:
    """Return what two similar words have in common at least one of: a pair, or its sound."""
    sounds = syllables(word)
    pairs = {word[i : i + 2] for i in range(len(word) - 1)}
    return pairs | {" ".join(sounds[i : i + 2]) for i in range(len(sounds) - 1)}


def _is_slip(typed: str, word: str) -> bool:
    """Tell whether the words sound the same, or one is the other with characters left out."""
    if syllables(typed) == syllables(word):
        return True
    short, long = sorted((typed, word), key=len)
    rest = iter(long)
    lacks = len(short) < len(long) and all(character in rest for character in short)
    return lacks and (len(short) > 2 or long[-1] in _PLAIN_ENDINGS)
