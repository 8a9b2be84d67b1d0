"""Chinese text as the library reads it: one spelling, no words about custody, character n-grams."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer

from ml.vocabulary import Occupation, Skill, Vocabulary

GramIds = npt.NDArray[np.int32]
GramWeights = npt.NDArray[np.uint16]

FULL_WEIGHT = 60_000
_SPACE = re.compile(r"\s+")
_CJK_GAP = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_SEPARATORS = re.compile(r"[\s,，、;；。/|()（）\[\]【】<>《》:：+*&!！?？\"'“”~\-—_·]+")
_DURATION = r"(?:[0-9零一二两三四五六七八九十半]+(?:多|余)?(?:个)?(?:年|月|天|周|日)+(?:零|又)?)*"
_WORDS_FILE = Path(__file__).with_name("custody_words.txt")


def normalise(text: str) -> str:
    """Give text one spelling: NFKC, lower case, single spaces, none between Chinese characters.

    Examples
    --------
    >>> normalise("ＣＮＣ 操作 工")
    'cnc 操作工'
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    return _SPACE.sub(" ", _CJK_GAP.sub("", folded)).strip()


def custody_words() -> tuple[str, ...]:
    """Return the words that free text loses, longest first."""
    lines = _WORDS_FILE.read_text(encoding="utf-8").splitlines()
    words = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


@lru_cache(maxsize=1)
def _custody_pattern() -> re.Pattern[str]:
    chinese: list[str] = []
    latin: list[str] = []
    for word in custody_words():
        (latin if word.isascii() else chinese).append(re.escape(word))
    gapped = [r"[\s·.\-_*]*".join(word) for word in chinese]
    words = rf"(?:{'|'.join(gapped)}|(?<![a-z])(?:{'|'.join(latin)})(?![a-z]))"
    return re.compile(f"{_DURATION}(?:的)?{words}{_DURATION}")


def mask_custody(text: str) -> str:
    """Return normalised text with words about custody, and durations beside them, blanked.

    Examples
    --------
    >>> mask_custody("服刑三年期间学过电焊，2年有期徒刑")
    '期间学过电焊,'
    """
    masked = _custody_pattern().sub(" ", normalise(text))
    return _SPACE.sub(" ", masked).strip()


def pieces(text: str) -> list[str]:
    """Split normalised text at punctuation and white space.

    Examples
    --------
    >>> pieces("叉车工、焊工(二保焊)")
    ['叉车工', '焊工', '二保焊']
    """
    return [piece for piece in _SEPARATORS.split(text) if piece]


class AliasTable:
    """Find vocabulary codes in text by their exact aliases.

    A piece of the text that equals an alias counts; inside longer text only aliases of at least
    three characters do, because short ones match too much.

    Parameters
    ----------
    entries : iterable of (str, str)
        Alias and code. The first code of an alias wins.

    Examples
    --------
    >>> table = AliasTable([("电焊", "weld.arc"), ("氩弧焊", "weld.tig"), ("焊", "weld")])
    >>> table.find("会氩弧焊接, 电焊")
    ['weld.arc', 'weld.tig']
    """

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        self.codes: dict[str, str] = {}
        for alias, code in entries:
            key = normalise(alias)
            if key:
                self.codes.setdefault(key, code)
        long_ones = sorted(
            (alias for alias in self.codes if len(alias) >= 3), key=len, reverse=True
        )
        self._inside = re.compile("|".join(map(re.escape, long_ones))) if long_ones else None

    def exact(self, text: str) -> str | None:
        """Return the code whose alias is the whole text."""
        return self.codes.get(normalise(text))

    def find(self, text: str) -> list[str]:
        """Return the sorted codes named in the text; longer aliases take their characters first."""
        normal = normalise(text)
        found = {self.codes[piece] for piece in pieces(normal) if piece in self.codes}
        if self._inside is not None:
            found.update(self.codes[match] for match in self._inside.findall(normal))
        return sorted(found)


class TextModel:
    """Measure how much of a title a longer text contains, by weighted character n-grams.

    Weights are inverse document frequencies over the names and aliases of the vocabulary, so they
    do not depend on which openings happen to be indexed. Kept as integers that sum exactly, so that
    the order of additions cannot change a score.

    Parameters
    ----------
    vocabulary : Vocabulary
        Names and aliases of occupations and skills.

    Notes
    -----
    Source of the weights: `TfidfVectorizer(analyzer="char", ngram_range=(1, 3))`; the default
    tokeniser would make a Chinese title one token.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        entries: list[Occupation | Skill] = [*vocabulary.occupations, *vocabulary.skills]
        names = [normalise(name) for entry in entries for name in (entry.name, *entry.aliases)]
        self.vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), lowercase=False)
        self.vectorizer.fit(names or ["工"])
        self._ids: dict[str, int] = self.vectorizer.vocabulary_
        self._idf: npt.NDArray[np.float64] = self.vectorizer.idf_
        self.n_grams = len(self._ids)

    def gram_ids(self, text: str) -> GramIds:
        """Return the sorted distinct n-grams of a text, shape (m,)."""
        normal = normalise(text)
        grams = {
            normal[start : start + size]
            for size in (1, 2, 3)
            for start in range(len(normal) - size + 1)
        }
        known = sorted(self._ids[gram] for gram in grams if gram in self._ids)
        return np.array(known, dtype=np.int32)

    def title_grams(self, title: str) -> tuple[GramIds, GramWeights]:
        """Return a title's n-grams with integer weights of about `FULL_WEIGHT` in sum.

        Returns
        -------
        ids : int32, shape (m,)
        weights : uint16, shape (m,)
            Squared idf, scaled. Both empty when no n-gram of the title is known.
        """
        ids = self.gram_ids(title)
        squared = self._idf[ids] ** 2
        total = squared.sum()
        scaled = np.rint(squared / total * FULL_WEIGHT) if total else squared
        return ids, scaled.astype(np.uint16)
