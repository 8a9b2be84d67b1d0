"""The trigger language: conditions over one record, compiled from the rule file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from matchboard.domain.occupational_bars.facts import OffenceRecord, fact_schema
from matchboard.domain.occupational_bars.ternary import (
    Answer,
    all_of,
    any_of,
    decided,
    negate,
    unknown,
)

Derived = Mapping[str, Answer]


class TriggerError(ValueError):
    """A trigger in the rule file is written in a form the language does not have."""


class Condition(Protocol):
    def holds(self, record: OffenceRecord, derived: Derived) -> Answer:
        """Answer the condition for one record."""


@dataclass(frozen=True, slots=True)
class FactIs:
    key: str
    value: str | bool

    def holds(self, record: OffenceRecord, derived: Derived) -> Answer:
        if self.key in derived:
            answer = derived[self.key]
            return answer if self.value is True else negate(answer)
        actual = getattr(record, self.key)
        return unknown(self.key) if actual is None else decided(actual == self.value)


@dataclass(frozen=True, slots=True)
class OffenceIn:
    kinds: frozenset[str]

    def holds(self, record: OffenceRecord, derived: Derived) -> Answer:
        if record.kinds and record.kinds & self.kinds:
            return decided(True)
        if record.kinds is None or (record.kinds_doubtful or frozenset()) & self.kinds:
            return unknown("kinds")
        return decided(False)


@dataclass(frozen=True, slots=True)
class Sealed:
    """The limb rests on records the law has sealed: no fact answers it, for nobody."""

    def holds(self, record: OffenceRecord, derived: Derived) -> Answer:
        return decided(True)


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Condition, ...]

    def holds(self, record: OffenceRecord, derived: Derived) -> Answer:
        return all_of(part.holds(record, derived) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Condition, ...]

    def holds(self, record: OffenceRecord, derived: Derived) -> Answer:
        return any_of(part.holds(record, derived) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition

    def holds(self, record: OffenceRecord, derived: Derived) -> Answer:
        return negate(self.part.holds(record, derived))


DERIVED_FACTS: Final = ("guard_licence_revoked_twice",)
_CHOICES: Final[dict[str, tuple[str | bool, ...]]] = {
    **{field.key: field.choices or (True, False) for field in fact_schema()},
    **dict.fromkeys(DERIVED_FACTS, (True, False)),
}


def derive(records: Iterable[OffenceRecord]) -> Derived:
    """Answer the facts that count records instead of looking into one."""
    known = tuple(records)
    revocation = AllOf((FactIs("basis", "licence_revocation"), FactIs("licence", "security_guard")))
    return {"guard_licence_revoked_twice": _at_least(2, revocation, known)}


def _at_least(count: int, condition: Condition, records: tuple[OffenceRecord, ...]) -> Answer:
    answers = [condition.holds(record, {}) for record in records]
    n_sure = sum(answer.value is True for answer in answers)
    n_possible = sum(answer.value is not False for answer in answers)
    if n_sure >= count or n_possible < count:
        return decided(n_sure >= count)
    return unknown(*(key for answer in answers for key in answer.missing))


def compile_trigger(node: object) -> Condition:
    """Compile one trigger of the rule file; raises TriggerError for an unknown form."""
    match node:
        case {"all": [*parts], **rest} if not rest and parts:
            return AllOf(tuple(compile_trigger(part) for part in parts))
        case {"any": [*parts], **rest} if not rest and parts:
            return AnyOf(tuple(compile_trigger(part) for part in parts))
        case {"not": part, **rest} if not rest:
            return Not(compile_trigger(part))
        case {"intent": str(value), **rest} if not rest:
            return _fact_is("intent", value)
        case {"fact": str(key), "is": str() | bool() as value, **rest} if not rest:
            return _fact_is(key, value)
        case {"offence_in": [*kinds], **rest} if not rest and kinds:
            return _offence_in(kinds)
        case {"sealed": True, **rest} if not rest:
            return Sealed()
    raise TriggerError(f"unknown trigger form: {node!r}")


def _fact_is(key: str, value: str | bool) -> FactIs:
    if value not in _CHOICES.get(key, ()):
        raise TriggerError(f"{key} is never {value!r}")
    return FactIs(key, value)


def _offence_in(kinds: list[object]) -> OffenceIn:
    strangers = [kind for kind in kinds if kind not in _CHOICES["kinds"]]
    if strangers:
        raise TriggerError(f"unknown offence kinds: {strangers!r}")
    return OffenceIn(frozenset(str(kind) for kind in kinds))
