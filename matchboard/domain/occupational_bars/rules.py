"""The rules as read from the packaged file: trigger, duration, scope and citation."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Final

from matchboard.domain.catalogues.occupations import occupations
from matchboard.domain.catalogues.reading import read_text
from matchboard.domain.occupational_bars.facts import (
    LIFE,
    OFFENCE_KINDS,
    OffenceRecord,
    Until,
    fact_schema,
)
from matchboard.domain.occupational_bars.ternary import YES, Answer, decided, unknown
from matchboard.domain.occupational_bars.triggers import (
    Condition,
    Sealed,
    TriggerError,
    compile_trigger,
)


class RuleFileError(ValueError):
    """The rule file says something the engine cannot honour; nothing is evaluated then."""


class Effect(StrEnum):
    BLOCK = "block"
    REVIEW = "review"
    ADVISORY = "advisory"


class InstrumentLevel(StrEnum):
    LAW = "law"
    ADMIN_REG = "admin_reg"
    DEPT_RULE = "dept_rule"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Citation:
    """The source and the article; both are names, not words of this product."""

    source: str
    article: str


class DurationKind(StrEnum):
    LIFE = "life"
    YEARS = "years"
    WHILE = "while"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Duration:
    """How long a bar runs, counted for one record."""

    kind: DurationKind
    years: int = 0
    fact: str = ""

    def until(self, record: OffenceRecord) -> Until | None:
        """Return the last barred day, LIFE, or None where a fact is missing."""
        if self.kind is DurationKind.LIFE:
            return LIFE
        if self.kind is DurationKind.UNKNOWN:
            return None
        start: Until | None = getattr(record, self.fact)
        if not isinstance(start, date) or self.kind is DurationKind.WHILE:
            return start
        return add_years(start, self.years)

    def runs(self, record: OffenceRecord, on_date: date) -> Answer:
        """Answer whether the bar still runs on a day; a date still ahead counts as running."""
        last = self.until(record)
        if last is None:
            return unknown(*([self.fact] if self.fact else []))
        return decided(on_date <= last) if isinstance(last, date) else YES


def add_years(day: date, years: int) -> date:
    """Return the same date years later; 29 February becomes 28 in a common year."""
    year = day.year + years
    if year > date.max.year:  # 9999-12-31, written where no end is known
        return date.max
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which openings a rule covers; an empty dimension asks nothing."""

    needs_all: bool
    occupations: frozenset[str]
    posts: frozenset[str]
    employer_kinds: frozenset[str]
    licences: frozenset[str]
    certificates: frozenset[str]
    is_from_record: bool


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    parent_id: str
    occupation_zh: str
    citation: Citation
    instrument_level: InstrumentLevel
    is_text_verified: bool
    effect: Effect
    trigger: Condition
    duration: Duration
    scope: Scope
    untyped: tuple[str, ...]
    not_covered: tuple[str, ...]
    note: str

    @property
    def rests_on_sealed(self) -> bool:
        """Whether only sealed records could answer it; then it is a notice about the opening."""
        return isinstance(self.trigger, Sealed)


@dataclass(frozen=True, slots=True)
class ScopeValues:
    """The values an opening's dimensions may take where a rule asks for them."""

    posts: tuple[str, ...]
    employer_kinds: tuple[str, ...]
    licences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleBook:
    rules: tuple[Rule, ...]
    implied_posts: Mapping[str, frozenset[str]]
    scope_values: ScopeValues
    as_of: str


_BLOCKING_LEVELS: Final = (InstrumentLevel.LAW, InstrumentLevel.ADMIN_REG)
_FACT_KINDS: Final = {field.key: field.kind for field in fact_schema()}


@cache
def rule_book() -> RuleBook:
    """Return the packaged rules, read once per process."""
    return parse_rules(json.loads(read_text("occupational_bars.typed.json")))


def rules() -> tuple[Rule, ...]:
    """Return all rules in the order of the file."""
    return rule_book().rules


def rule(rule_id: str) -> Rule:
    """Return one rule; raises KeyError for an unknown id."""
    for one in rules():
        if one.id == rule_id:
            return one
    raise KeyError(rule_id)


def scope_values() -> ScopeValues:
    """Return the posts, employer kinds and licences that rules ask for."""
    return rule_book().scope_values


def parse_rules(document: object) -> RuleBook:
    """Read a rule document; raises RuleFileError rather than weaken a rule it cannot read."""
    try:
        return _parse(document)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, RuleFileError):
            raise
        raise RuleFileError(f"{type(error).__name__}: {error}") from error


def _parse(document: Any) -> RuleBook:
    if set(document["offence_kinds"]) != set(OFFENCE_KINDS):
        raise RuleFileError("offence kinds of the rule file and of the facts differ")
    values = ScopeValues(
        **{name: tuple(document["scope_values"][name]) for name in ScopeValues.__slots__}
    )
    parsed = tuple(_rule(entry, values) for entry in document["rules"])
    if len({one.id for one in parsed}) != len(parsed):
        raise RuleFileError("rule ids repeat")
    return RuleBook(
        rules=parsed,
        implied_posts={code: frozenset(posts) for code, posts in document["implied_posts"].items()},
        scope_values=values,
        as_of=document["as_of"],
    )


def _rule(entry: dict[str, object], values: ScopeValues) -> Rule:
    rule_id = str(entry["id"])
    level = InstrumentLevel(str(entry["instrument_level"]))
    effect = Effect(str(entry["effect"]))
    is_verified = entry["confidence"] == "verified-text"
    # Only a law or administrative regulation whose text was read may block a person.
    if effect is Effect.BLOCK and not (level in _BLOCKING_LEVELS and is_verified):
        raise RuleFileError(f"{rule_id} may not block: {level}, {entry['confidence']}")
    try:
        trigger = compile_trigger(entry["trigger"])
    except TriggerError as error:
        raise RuleFileError(f"{rule_id}: {error}") from error
    if isinstance(trigger, Sealed) and effect is not Effect.ADVISORY:
        raise RuleFileError(f"{rule_id} rests on sealed records: it may only be a notice")
    return Rule(
        id=rule_id,
        parent_id=str(entry["of"]),
        occupation_zh=str(entry["occupation_zh"]),
        citation=Citation(str(entry["source"]), str(entry["article"])),
        instrument_level=level,
        is_text_verified=is_verified,
        effect=effect,
        trigger=trigger,
        duration=_duration(rule_id, entry["duration"]),
        scope=_scope(rule_id, entry["scope"], values),
        untyped=_strings(entry["untyped"]),
        not_covered=_strings(entry["not_covered"]),
        note=str(entry["note"]),
    )


def _duration(rule_id: str, node: object) -> Duration:
    match node:
        case {"kind": "life" | "unknown" as kind}:
            return Duration(DurationKind(kind))
        case {"kind": "years", "years": int(years), "from": str(fact)} if _is_date(fact):
            return Duration(DurationKind.YEARS, years, fact)
        case {"kind": "while", "fact": str(fact)} if _is_date(fact):
            return Duration(DurationKind.WHILE, 0, fact)
    raise RuleFileError(f"{rule_id}: unknown duration {node!r}")


def _is_date(fact: str) -> bool:
    return _FACT_KINDS.get(fact, "").startswith("date")


def _scope(rule_id: str, node: object, values: ScopeValues) -> Scope:
    if not isinstance(node, dict) or node["match"] not in ("all", "any"):
        raise RuleFileError(f"{rule_id}: unknown scope {node!r}")
    if node.get("from_fact") not in (None, "court_prohibition_occupations"):
        raise RuleFileError(f"{rule_id}: unknown scope fact {node['from_fact']!r}")
    scope = Scope(
        needs_all=node["match"] == "all",
        occupations=frozenset(_strings(node["occupations"])),
        posts=frozenset(_strings(node["posts"])),
        employer_kinds=frozenset(_strings(node["employer_kinds"])),
        licences=frozenset(_strings(node["licences"])),
        certificates=frozenset(_strings(node["certificates"])),
        is_from_record="from_fact" in node,
    )
    strangers = {
        *(code for code in scope.occupations if code not in occupations()),
        *(scope.posts - set(values.posts)),
        *(scope.employer_kinds - set(values.employer_kinds)),
        *(scope.licences - set(values.licences)),
    }
    if strangers:
        raise RuleFileError(f"{rule_id}: unknown scope values {sorted(strangers)}")
    return scope


def _strings(node: object) -> tuple[str, ...]:
    if not isinstance(node, list) or not all(isinstance(one, str) for one in node):
        raise RuleFileError(f"not a list of words: {node!r}")
    return tuple(node)
