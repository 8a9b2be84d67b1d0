"""Suggest occupations for a title: an exact alias first, then character n-gram similarity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import diags
from sklearn.feature_extraction.text import TfidfVectorizer

from ml.codebook import canonical
from ml.text import normalise, pieces
from ml.title_pieces import RANKS, title_pieces
from ml.vocabulary import Vocabulary

SURE = 0.65
MARGIN = 0.05
BATCH = 2_000

# How much a word counts by its source, and how the words of one occupation support each other.
ALIAS, PART, SKILL_WORD = 1.0, 0.97, 0.9
# A word of `trade_words` means that occupation; another one's alias of the same words gives way.
GIVING_WAY = 0.8
SUPPORT = 0.15
EXACT_BASE = 0.6
LATER_PIECE = 0.03
NEIGHBOURS = 60
JOINED_PIECES = 3
GROUP_SHARE = 0.6

_TRADE_WORDS = Path(__file__).with_name("trade_words.txt")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Hold one suggested occupation.

    Attributes
    ----------
    code : str
    score : float
        1 for an exact alias, otherwise a similarity, from 0 to 1.
    """

    code: str
    score: float


@dataclass(frozen=True, slots=True)
class Advice:
    """Hold what is said of one title.

    Attributes
    ----------
    suggestions : tuple of Suggestion
        Best first.
    sure : bool
        Whether the best may stand without asking a person.
    group : str
        The smallest group most of the suggestions share, without trailing ``-00``; empty if none.
    """

    suggestions: tuple[Suggestion, ...]
    sure: bool
    group: str


def trade_words() -> list[tuple[str, str]]:
    """Return everyday words for work and the occupations they stand for."""
    lines = _TRADE_WORDS.read_text(encoding="utf-8").splitlines()
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return [(word, code) for word, code in pairs]


class TitleSuggester:
    """Suggest detailed occupations from words.

    A title is reduced to the pieces that may name the work (`title_pieces`). Each is compared with
    every name and alias; characters the vocabulary has never seen lower the similarity, the other
    words of an occupation raise it a little.

    Parameters
    ----------
    vocabulary : Vocabulary
        Names and aliases of level-4 occupations, and the words of the skills that point to them.
    sure, margin : float
        A person should be asked below this score of the best suggestion, or if the second is
        nearer to it than the margin.

    Examples
    --------
    >>> from ml.vocabulary import Occupation
    >>> welder = Occupation("6-18-02-04", 4, "焊工", ("电焊工",))
    >>> cook = Occupation("4-03-02-01", 4, "中式烹调师", ("厨师",))
    >>> suggester = TitleSuggester(Vocabulary((welder, cook)))
    >>> [found.code for found in suggester.suggest("急招电焊工！", 1)]
    ['6-18-02-04']
    >>> suggester.sure_codes(["厨师", "合伙人"])
    ['4-03-02-01', '']
    """

    def __init__(
        self, vocabulary: Vocabulary, *, sure: float = SURE, margin: float = MARGIN
    ) -> None:
        self.sure = sure
        self.margin = margin
        weights = _weighted_words(vocabulary) or {("工", ""): ALIAS}
        self._exact: dict[str, dict[str, float]] = {}
        for (word, code), weight in weights.items():
            self._exact.setdefault(word, {})[code] = weight
        self._unambiguous = self._words_of_one()
        self._codes = [code for _, code in weights]
        self._vectorizer = TfidfVectorizer(
            analyzer="char", ngram_range=(1, 2), lowercase=False, sublinear_tf=True
        )
        matrix = self._vectorizer.fit_transform([word for word, _ in weights])
        self._matrix = (diags(list(weights.values())) @ matrix).T.tocsr()
        self._known = frozenset(self._vectorizer.vocabulary_)

    def suggest(self, title: str, top: int = 5) -> list[Suggestion]:
        """Return at most `top` occupations for a title, best first, none below zero similarity."""
        return self.suggest_many([title], top)[0]

    def suggest_many(self, titles: Sequence[str], top: int = 5) -> list[list[Suggestion]]:
        """Return at most `top` occupations for each title."""
        found: list[list[Suggestion]] = []
        for start in range(0, len(titles), BATCH):
            scores = self._scores([title_pieces(title) for title in titles[start : start + BATCH]])
            found += [_best(of_title, top) for of_title in scores]
        return found

    def advise(self, title: str, top: int = 5) -> Advice:
        """Return suggestions for one title, whether they are sure, and a group to fall back to."""
        found = tuple(self.suggest(title, max(top, 2)))
        return Advice(found[:top], self.is_sure(found), common_group(found))

    def sure_codes(self, titles: Sequence[str]) -> list[str]:
        """Return the best occupation of each title, empty where a person should be asked."""
        codes = {title: self._named(title) for title in dict.fromkeys(titles)}
        open_ones = [title for title, code in codes.items() if not code]
        for title, found in zip(open_ones, self.suggest_many(open_ones, 2), strict=True):
            codes[title] = found[0].code if self.is_sure(found) else ""
        return [codes[title] for title in titles]

    def is_sure(self, found: Sequence[Suggestion]) -> bool:
        """Return whether the first of these suggestions, best first, may stand without asking."""
        if not found or found[0].score < self.sure:
            return False
        # Scores have six digits; the difference of two such numbers has rounding errors.
        return len(found) < 2 or round(found[0].score - found[1].score, 6) >= self.margin

    def unambiguous(self) -> dict[str, str]:
        """Return the normalised words that name one occupation, and which."""
        return dict(self._unambiguous)

    def _words_of_one(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for word, codes in self._exact.items():
            ranked = sorted(codes, key=lambda code: -codes[code])
            if len(ranked) == 1 or codes[ranked[1]] <= GIVING_WAY * codes[ranked[0]]:
                found[word] = ranked[0]
        return found

    def _named(self, title: str) -> str:
        """Return the occupation a title names and nothing else: no comparison is needed then."""
        parts = title_pieces(title)
        return self._unambiguous.get(parts[0], "") if len(parts) == 1 else ""

    def _scores(self, split: Sequence[Sequence[str]]) -> list[dict[str, float]]:
        scores: list[dict[str, float]] = [{} for _ in split]
        wanted = list(_wanted(split))
        if not wanted:
            return scores
        vectors = self._vectorizer.transform([piece for _, piece, _ in wanted])
        similarity = (vectors @ self._matrix).tocsr()
        for position, (title, piece, weight) in enumerate(wanted):
            span = slice(similarity.indptr[position], similarity.indptr[position + 1])
            near = self._near(piece, similarity.indices[span], similarity.data[span])
            share = weight * self._coverage(piece) ** 0.5
            of_title = scores[title]
            for code, value in near.items():
                of_title[code] = max(of_title.get(code, 0.0), value * share)
        return scores

    def _near(
        self, piece: str, columns: npt.NDArray[Any], values: npt.NDArray[Any]
    ) -> dict[str, float]:
        near: dict[str, float] = {}
        if len(values) > NEIGHBOURS:
            keep = np.sort(np.argpartition(-values, NEIGHBOURS)[:NEIGHBOURS])
            columns, values = columns[keep], values[keep]
        for place in np.argsort(-values, kind="stable").tolist():
            code, value = self._codes[int(columns[place])], min(float(values[place]), 0.999)
            before = near.get(code)
            near[code] = value if before is None else before + SUPPORT * value * (1 - before)
        exact = self._exact.get(piece, {})
        if piece in RANKS and len(exact) > 1:
            return near
        for code, weight in exact.items():
            near[code] = max(near.get(code, 0.0), EXACT_BASE + (1 - EXACT_BASE) * weight)
        return near

    def _coverage(self, piece: str) -> float:
        """Return the share of the piece's characters and pairs that the vocabulary knows."""
        pairs = {piece[i : i + 2] for i in range(len(piece) - 1)} or {piece}
        single = set(piece)
        known_pairs = sum(pair in self._known for pair in pairs) / len(pairs)
        return (known_pairs + sum(one in self._known for one in single) / len(single)) / 2


def common_group(found: Sequence[Suggestion]) -> str:
    """Return the smallest group that holds most of the suggestions' weight, or an empty text.

    Examples
    --------
    >>> common_group([Suggestion("6-18-02-04", 0.6), Suggestion("6-18-02-05", 0.5)])
    '6-18-02'
    >>> common_group([Suggestion("6-18-02-04", 0.6), Suggestion("4-03-02-01", 0.6)])
    ''
    """
    total = sum(one.score**2 for one in found)
    for depth in (3, 2):
        weights: dict[str, float] = {}
        for one in found:
            group = "-".join(canonical(one.code).split("-")[:depth])
            weights[group] = weights.get(group, 0.0) + one.score**2
        heaviest = max(weights, key=lambda group: (weights[group], group), default="")
        if heaviest and weights[heaviest] > GROUP_SHARE * total:
            return heaviest
    return ""


def _wanted(split: Sequence[Sequence[str]]) -> Iterator[tuple[int, str, float]]:
    """Yield title number, piece and weight of everything to be compared."""
    for title, parts in enumerate(split):
        several = len(parts) > 1
        for place, piece in enumerate(parts):
            if not (several and piece in RANKS):
                yield title, piece, 1.0 - LATER_PIECE * min(place, 4)
        if several:
            yield title, "".join(parts[:JOINED_PIECES]), 1.0


def _best(scores: dict[str, float], top: int) -> list[Suggestion]:
    ranked = sorted((-round(value, 6), code) for code, value in scores.items() if code)
    return [Suggestion(code, -value) for value, code in ranked[:top] if value < 0]


def _weighted_words(vocabulary: Vocabulary) -> dict[tuple[str, str], float]:
    """Return the weight of every word and occupation; an alias's parts count a little less."""
    detailed = [entry for entry in vocabulary.occupations if entry.level == 4]
    listed = {entry.code for entry in detailed}
    entries = [
        (name, entry.code, ALIAS) for entry in detailed for name in (entry.name, *entry.aliases)
    ]
    everyday = [(word, code) for word, code in trade_words() if code in listed]
    entries += [(word, code, ALIAS) for word, code in everyday]
    entries += [
        (word, skill.occupations[0], SKILL_WORD)
        for skill in vocabulary.skills
        if skill.kind == "skill" and skill.occupations and skill.occupations[0] in listed
        for word in (skill.name, *skill.aliases)
    ]
    found: dict[tuple[str, str], float] = {}
    for word, code, weight in entries:
        whole = normalise(word)
        parts = {part: PART * weight for part in pieces(whole) if len(part) > 1}
        parts = {part: size for part, size in parts.items() if part not in RANKS}
        for part, size in (parts | {whole: weight}).items():
            found[part, code] = max(found.get((part, code), 0.0), size)
    meant = dict(everyday)
    return {
        (word, code): weight * (GIVING_WAY if meant.get(word, code) != code else 1.0)
        for (word, code), weight in found.items()
    }
