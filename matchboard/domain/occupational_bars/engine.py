"""Evaluation of the bars for one person: a finding per rule, a verdict per opening."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from matchboard.domain.occupational_bars.facts import LIFE, Facts, OffenceRecord, Until
from matchboard.domain.occupational_bars.rules import (
    Citation,
    Effect,
    InstrumentLevel,
    Rule,
    rule_book,
)
from matchboard.domain.occupational_bars.scopes import (
    OPENING,
    OpeningScope,
    possible_rules,
    record_scope_answer,
    scope_answer,
)
from matchboard.domain.occupational_bars.ternary import (
    YES,
    Answer,
    all_of,
    any_of,
    unknown,
)
from matchboard.domain.occupational_bars.triggers import Derived, derive


class Outcome(StrEnum):
    CLEAR = "clear"
    REVIEW = "review"
    BLOCKED = "blocked"


_STRENGTH = {outcome: strength for strength, outcome in enumerate(Outcome)}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says about one person and one opening.

    `until` is the last barred day, LIFE, or None where no day can be named. `missing_facts` and
    `missing_opening` name what would have to be known to decide. An advisory rule never blocks:
    its outcome is clear and `is_note_shown` tells the officer to read the note. `rests_on_sealed`:
    the law sends the employer to ask by itself, and no answer is kept here.
    """

    rule_id: str
    outcome: Outcome
    citation: Citation
    instrument_level: InstrumentLevel
    effect: Effect
    is_note_shown: bool
    until: Until | None
    missing_facts: tuple[str, ...]
    missing_opening: tuple[str, ...]
    untyped: tuple[str, ...]
    note: str
    rests_on_sealed: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """The strongest outcome over all rules and the findings that matter, strongest first."""

    outcome: Outcome
    findings: tuple[Finding, ...]


_CLEAR = Verdict(Outcome.CLEAR, ())


@dataclass(frozen=True, slots=True)
class _RecordAnswer:
    """Trigger and duration of one rule for one record, which no opening changes."""

    record: OffenceRecord
    answer: Answer
    until: Until | None


class ClientBars:
    """One person's bars on one day, prepared once and asked for any number of openings.

    `facts` None, like absent records, is unknown: every rule an opening is in scope of gives
    review. A court's own prohibition may concern any work, so without records no opening is clear.
    """

    def __init__(self, facts: Facts | None, on_date: date) -> None:
        self._records = facts.records if facts else None
        self._on_date = on_date
        self._derived: Derived = derive(self._records or ())
        self._standing = {
            rule.id: standing for rule in rule_book().rules if (standing := self._stand(rule))
        }
        self._verdicts: dict[OpeningScope, Verdict] = {}
        self._outcomes: dict[OpeningScope, Outcome] = {}

    def verdict(self, opening: OpeningScope) -> Verdict:
        """Return the verdict for one opening; equal openings are evaluated once."""
        known = self._verdicts.get(opening)
        if known is None:
            known = self._verdicts[opening] = self._evaluate(opening)
        return known

    def outcome(self, opening: OpeningScope) -> Outcome:
        """Return only the verdict's outcome, for gating many openings before a few are shown."""
        known = self._outcomes.get(opening)
        if known is None:
            known = self._outcomes[opening] = self._strongest(opening)
        return known

    def finding(self, rule: Rule, opening: OpeningScope) -> Finding:
        """Return what one rule says, also where it says nothing against the person."""
        in_scope = YES if rule.scope.is_from_record else scope_answer(rule.scope, opening)
        return self._finding(rule, in_scope, opening)

    def _evaluate(self, opening: OpeningScope) -> Verdict:
        if not self._standing:
            return _CLEAR
        findings = [
            finding
            for rule, in_scope in possible_rules(opening)
            if rule.id in self._standing
            and _matters(finding := self._finding(rule, in_scope, opening))
        ]
        findings.sort(key=lambda finding: -_STRENGTH[finding.outcome])
        return Verdict(findings[0].outcome, tuple(findings)) if findings else _CLEAR

    def _strongest(self, opening: OpeningScope) -> Outcome:
        strongest = Outcome.CLEAR
        if not self._standing:
            return strongest
        for rule, in_scope in possible_rules(opening):
            if rule.id in self._standing:
                answer = any_of(self._per_record(rule, in_scope, opening))
                outcome = _outcome(rule.effect, answer)
                if _STRENGTH[outcome] > _STRENGTH[strongest]:
                    strongest = outcome
                if strongest is Outcome.BLOCKED:
                    break
        return strongest

    def _stand(self, rule: Rule) -> tuple[_RecordAnswer, ...]:
        """Return the records that may trigger a rule today; without records, one unknown.

        A limb on sealed records stands for everybody alike, so that it says nothing about anybody.
        """
        if rule.rests_on_sealed:
            return (_RecordAnswer(OffenceRecord(), YES, None),)
        if self._records is None:
            return (_RecordAnswer(OffenceRecord(), unknown("records"), None),)
        answers = (self._record_answer(rule, record) for record in self._records)
        return tuple(one for one in answers if one.answer.value is not False)

    def _record_answer(self, rule: Rule, record: OffenceRecord) -> _RecordAnswer:
        answer = all_of(
            (
                rule.trigger.holds(record, self._derived),
                rule.duration.runs(record, self._on_date),
            )
        )
        return _RecordAnswer(record, answer, rule.duration.until(record))

    def _finding(self, rule: Rule, in_scope: Answer, opening: OpeningScope) -> Finding:
        per_record = self._per_record(rule, in_scope, opening)
        answer = any_of(per_record)
        dated = [
            one.until
            for one, combined in zip(self._standing.get(rule.id, ()), per_record, strict=True)
            if combined.value is answer.value
        ]
        return Finding(
            rule_id=rule.id,
            outcome=_outcome(rule.effect, answer),
            citation=rule.citation,
            instrument_level=rule.instrument_level,
            effect=rule.effect,
            is_note_shown=_is_note_shown(rule, answer),
            until=None if answer.value is False else _latest(dated),
            missing_facts=tuple(
                sorted(name for name in answer.missing if not name.startswith(OPENING))
            ),
            missing_opening=tuple(
                sorted(
                    name.removeprefix(OPENING)
                    for name in answer.missing
                    if name.startswith(OPENING)
                )
            ),
            untyped=rule.untyped,
            note=rule.note,
            rests_on_sealed=rule.rests_on_sealed,
        )

    def _per_record(self, rule: Rule, in_scope: Answer, opening: OpeningScope) -> list[Answer]:
        standing = self._standing.get(rule.id, ())
        if rule.scope.is_from_record and self._records is not None:
            return [
                all_of((one.answer, record_scope_answer(one.record, opening))) for one in standing
            ]
        return [all_of((one.answer, in_scope)) for one in standing]


def evaluate_rule(rule: Rule, facts: Facts | None, opening: OpeningScope, on_date: date) -> Finding:
    """Evaluate one rule; another rule may still bar the person."""
    return ClientBars(facts, on_date).finding(rule, opening)


def evaluate(facts: Facts | None, opening: OpeningScope, on_date: date) -> Verdict:
    """Evaluate all rules for one person and one opening."""
    return ClientBars(facts, on_date).verdict(opening)


def evaluate_many(
    facts: Facts | None, openings: Iterable[OpeningScope], on_date: date
) -> list[Verdict]:
    """Evaluate many openings for one person, in their order; equal ones share a verdict."""
    bars = ClientBars(facts, on_date)
    return [bars.verdict(opening) for opening in openings]


def employer_queries(opening: OpeningScope) -> tuple[Finding, ...]:
    """Return the limbs on sealed records that an opening is in scope of, whoever applies."""
    bars = ClientBars(Facts(()), date.min)
    return tuple(f for f in bars.verdict(opening).findings if f.rests_on_sealed)


def outcomes(facts: Facts | None, openings: Iterable[OpeningScope], on_date: date) -> list[Outcome]:
    """Return only the outcomes of many openings for one person, in their order."""
    bars = ClientBars(facts, on_date)
    return [bars.outcome(opening) for opening in openings]


def _outcome(effect: Effect, answer: Answer) -> Outcome:
    if effect is Effect.ADVISORY or answer.value is False:
        return Outcome.CLEAR
    if answer.value is True and effect is Effect.BLOCK:
        return Outcome.BLOCKED
    return Outcome.REVIEW


def _is_note_shown(rule: Rule, answer: Answer) -> bool:
    """Return whether an advisory rule has something to say; a sealed limb only where it applies."""
    if rule.effect is not Effect.ADVISORY:
        return False
    return answer.value is True if rule.rests_on_sealed else answer.value is not False


def _matters(finding: Finding) -> bool:
    return finding.outcome is not Outcome.CLEAR or finding.is_note_shown


def _latest(ends: list[Until | None]) -> Until | None:
    """Return the day after which nothing bars any more; one open end leaves none to name."""
    if LIFE in ends:
        return LIFE
    if not ends or None in ends:
        return None
    return max(end for end in ends if isinstance(end, date))
