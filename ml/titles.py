"""Suggest occupations for a title: an exact alias first, then character n-gram similarity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from ml.text import AliasTable, mask_custody, normalise
from ml.vocabulary import Vocabulary

SURE = 0.55
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Hold one suggested occupation.

    Attributes
    ----------
    code : str
    score : float
        1 for an exact alias, otherwise the cosine similarity, from 0 to 1.
    """

    code: str
    score: float


class TitleSuggester:
    """Suggest detailed occupations from words.

    Parameters
    ----------
    vocabulary : Vocabulary
        Names and aliases of level-4 occupations, and the words of the skills that point to them.
    sure : float, default 0.55
        Below this score of the best suggestion a person should be asked.

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

    def __init__(self, vocabulary: Vocabulary, *, sure: float = SURE) -> None:
        self.sure = sure
        detailed = [entry for entry in vocabulary.occupations if entry.level == 4]
        listed = {entry.code for entry in detailed}
        names = [(name, entry.code) for entry in detailed for name in (entry.name, *entry.aliases)]
        skilled = [
            (word, skill.occupations[0])
            for skill in vocabulary.skills
            if skill.kind == "skill" and skill.occupations and skill.occupations[0] in listed
            for word in (skill.name, *skill.aliases)
        ]
        self._aliases = AliasTable(names)
        documents = [(normalise(name), code) for name, code in (*names, *skilled)] or [("工", "")]
        self._codes = [code for _, code in documents]
        self._vectorizer = TfidfVectorizer(
            analyzer="char", ngram_range=(1, 3), lowercase=False, sublinear_tf=True
        )
        self._matrix = self._vectorizer.fit_transform([name for name, _ in documents]).T.tocsr()

    def suggest(self, title: str, top: int = 5) -> list[Suggestion]:
        """Return at most `top` occupations for a title, best first, none below zero similarity."""
        return self.suggest_many([title], top)[0]

    def suggest_many(self, titles: Sequence[str], top: int = 5) -> list[list[Suggestion]]:
        """Return at most `top` occupations for each title."""
        found: list[list[Suggestion]] = []
        for start in range(0, len(titles), BATCH):
            masked = [mask_custody(title) for title in titles[start : start + BATCH]]
            similarity = (self._vectorizer.transform(masked) @ self._matrix).tocsr()
            for position, title in enumerate(masked):
                span = slice(similarity.indptr[position], similarity.indptr[position + 1])
                columns, values = similarity.indices[span], similarity.data[span]
                found.append(self._best(title, columns, values, top))
        return found

    def sure_codes(self, titles: Sequence[str]) -> list[str]:
        """Return the best occupation of each title, empty where a person should be asked."""
        distinct = list(dict.fromkeys(titles))
        best = dict(zip(distinct, self.suggest_many(distinct, 1), strict=True))
        return [
            best[title][0].code if best[title] and best[title][0].score >= self.sure else ""
            for title in titles
        ]

    def _best(
        self, title: str, columns: np.ndarray, values: np.ndarray, top: int
    ) -> list[Suggestion]:
        scores: dict[str, float] = {}
        exact = self._aliases.exact(title)
        if exact is not None:
            scores[exact] = 1.0
        strongest = np.argsort(-values, kind="stable")[: 20 * top]
        for place in strongest.tolist():
            code, value = self._codes[int(columns[place])], min(float(values[place]), 0.999)
            if value > scores.get(code, 0.0):
                scores[code] = round(value, 6)
        ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:top]
        return [Suggestion(code, score) for code, score in ranked if code]
