"""The vocabulary of skills, knowledge and certificates."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from matchboard.domain.catalogues.reading import fold, read_rows, split_list


class SkillKind(StrEnum):
    SKILL = "skill"
    KNOWLEDGE = "knowledge"
    CERTIFICATE = "certificate"
    GENERAL = "general"


@dataclass(frozen=True, slots=True)
class Skill:
    code: str
    name_zh: str
    name_en: str
    kind: SkillKind
    trade: str
    aliases: tuple[str, ...]
    occupations: tuple[str, ...]
    notes: str

    def name(self, language: str) -> str:
        """Return the name in the reader's language; Chinese unless it is English."""
        return self.name_en if language.startswith("en") else self.name_zh


class SkillCatalogue:
    """All skills by code, trade, kind and wording."""

    def __init__(self, rows: tuple[Skill, ...]) -> None:
        self._by_code = {row.code: row for row in rows}
        self._by_wording = {
            fold(wording): row
            for row in rows
            for wording in (row.code, row.name_en, *row.aliases, row.name_zh)
        }
        self._search_rows = tuple(
            (row, fold(row.name_zh), row.name_en.casefold(), tuple(map(fold, row.aliases)))
            for row in rows
        )

    def __len__(self) -> int:
        return len(self._by_code)

    def __iter__(self) -> Iterator[Skill]:
        return iter(self._by_code.values())

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def get(self, code: str) -> Skill | None:
        return self._by_code.get(code)

    def of_kind(self, kind: SkillKind) -> tuple[Skill, ...]:
        return tuple(row for row in self if row.kind is kind)

    def certificates(self) -> tuple[Skill, ...]:
        """Return the certificates, which are codes of this vocabulary too."""
        return self.of_kind(SkillKind.CERTIFICATE)

    def of_trade(self, trade: str) -> tuple[Skill, ...]:
        return tuple(row for row in self if row.trade == trade)

    def trades(self) -> tuple[str, ...]:
        return tuple(sorted({row.trade for row in self}))

    def by_wording(self, text: str) -> Skill | None:
        """Return the skill whose code, name or alias is exactly this text.

        Only whole wordings count: short aliases (组装, 保养) match too much inside a sentence.
        """
        return self._by_wording.get(fold(text))

    def search(
        self, text: str, *, limit: int = 10, kind: SkillKind | None = None
    ) -> tuple[Skill, ...]:
        """Return the best matches by Chinese or English name, alias or code."""
        query, words = fold(text), " ".join(text.casefold().split())
        if not query:
            return ()
        hits = [
            (rank, len(row.name_zh), row.code, row)
            for row, name_zh, name_en, aliases in self._search_rows
            if (kind is None or row.kind is kind)
            and (rank := _rank(query, words, row.code, name_zh, name_en, aliases)) is not None
        ]
        hits.sort(key=lambda hit: hit[:3])
        return tuple(row for *_, row in hits[:limit])


def _rank(
    query: str, words: str, code: str, name_zh: str, name_en: str, aliases: tuple[str, ...]
) -> int | None:
    tests = (
        query in (name_zh, code) or words == name_en,
        query in aliases,
        name_zh.startswith(query) or name_en.startswith(words) or code.startswith(query),
        query in name_zh or f" {words}" in name_en,
        any(query in alias for alias in aliases),
        words in name_en or query in code,
    )
    return tests.index(True) if any(tests) else None


@cache
def skills() -> SkillCatalogue:
    """Return the catalogue of skills, read once per process."""
    return SkillCatalogue(
        tuple(
            Skill(
                code=row["code"],
                name_zh=row["name_zh"],
                name_en=row["name_en"],
                kind=SkillKind(row["kind"]),
                trade=row["trade"],
                aliases=split_list(row["aliases_zh"]),
                occupations=split_list(row["occupations"]),
                notes=row["notes"],
            )
            for row in read_rows("skills.csv")
        )
    )
