"""Whether an opening lies in the scope of a rule, answered with three values."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from matchboard.domain.catalogues.occupations import occupations
from matchboard.domain.occupational_bars.facts import OffenceRecord
from matchboard.domain.occupational_bars.rules import Rule, Scope, rule_book
from matchboard.domain.occupational_bars.ternary import (
    NO,
    YES,
    Answer,
    all_of,
    any_of,
    unknown,
)

# Keeps what openings missed apart from what records missed in one set of names.
OPENING = "opening."


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningScope:
    """What of an opening the bars look at: None is unknown, empty is none of the known values."""

    occupation: str | None
    posts: frozenset[str] | None
    employer_kinds: frozenset[str] | None
    licences: frozenset[str] | None
    certificates: frozenset[str] | None

    @classmethod
    def of(
        cls,
        occupation: str | None = None,
        *,
        posts: Iterable[str] | None = None,
        employer_kinds: Iterable[str] | None = None,
        licences: Iterable[str] | None = None,
        certificates: Iterable[str] | None = None,
    ) -> Self:
        """Build a scope from any iterables; what is left out is unknown."""
        return cls(
            occupation=occupation,
            posts=None if posts is None else frozenset(posts),
            employer_kinds=None if employer_kinds is None else frozenset(employer_kinds),
            licences=None if licences is None else frozenset(licences),
            certificates=None if certificates is None else frozenset(certificates),
        )


def scope_answer(scope: Scope, opening: OpeningScope) -> Answer:
    """Answer whether an opening is in a scope that does not depend on a record."""
    combine = all_of if scope.needs_all else any_of
    return combine(_dimension_answers(scope, opening))


def record_scope_answer(record: OffenceRecord, opening: OpeningScope) -> Answer:
    """Answer a court's own prohibition: the scope is the codes the officer mapped it to.

    Without codes the judgment has not been mapped yet, so every opening has to be looked at.
    """
    codes = record.court_prohibition_occupations
    if not codes:
        return unknown("court_prohibition_occupations")
    return _occupation_answer(codes, opening.occupation)


@lru_cache(maxsize=65_536)
def possible_rules(opening: OpeningScope) -> tuple[tuple[Rule, Answer], ...]:
    """Return the rules whose scope an opening may be in, in the order of the file.

    The answer does not depend on a person, so it is kept for all of them. A rule that takes its
    scope from a record is always possible.
    """
    found = []
    for rule in rule_book().rules:
        answer = YES if rule.scope.is_from_record else scope_answer(rule.scope, opening)
        if answer.value is not False:
            found.append((rule, answer))
    return tuple(found)


def _dimension_answers(scope: Scope, opening: OpeningScope) -> Iterator[Answer]:
    if scope.occupations:
        yield _occupation_answer(scope.occupations, opening.occupation)
    if scope.posts:
        yield _posts_answer(scope.posts, opening)
    for name in ("employer_kinds", "licences", "certificates"):
        listed: frozenset[str] = getattr(scope, name)
        if listed:
            yield _set_answer(listed, getattr(opening, name), name)


@lru_cache(maxsize=262_144)
def _occupation_answer(codes: frozenset[str], occupation: str | None) -> Answer:
    if occupation == "":
        return NO
    # A code the catalogue does not know can be anything, so it is unknown rather than harmless.
    lineage = occupations().lineage(occupation) if occupation else ()
    if not lineage:
        return unknown(f"{OPENING}occupation")
    if not codes.isdisjoint(lineage):
        return YES
    # An opening coded more coarsely than the rule may or may not be the barred work.
    if occupations().children(lineage[0]) and any(
        lineage[0] in occupations().lineage(code) for code in codes
    ):
        return unknown(f"{OPENING}occupation")
    return NO


def _posts_answer(listed: frozenset[str], opening: OpeningScope) -> Answer:
    implied = rule_book().implied_posts.get(opening.occupation or "", frozenset())
    if not listed.isdisjoint(implied):
        return YES
    return _set_answer(listed, opening.posts, "posts")


def _set_answer(listed: frozenset[str], actual: frozenset[str] | None, name: str) -> Answer:
    if actual is None:
        return unknown(f"{OPENING}{name}")
    return NO if listed.isdisjoint(actual) else YES
