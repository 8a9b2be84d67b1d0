"""Whether a condition about criminal records rests on a statute that bars people from the work."""

from matchboard.domain.occupational_bars import (
    Citation,
    Effect,
    OffenceRecord,
    OpeningScope,
    Rule,
)
from matchboard.domain.occupational_bars.scopes import possible_rules
from matchboard.domain.occupational_bars.triggers import derive
from matchboard.domain.posting_phrases import Severity
from matchboard.domain.posting_record_words import RecordCondition


def judge_record_condition(
    condition: RecordCondition, scope: OpeningScope | None
) -> tuple[str, Severity, tuple[Citation, ...]] | None:
    """Compare what is asked with what a statute bars from this opening.

    Fully demanded by a statute: no problem. Wider than the statute, vague, or the opening not known
    well enough: review. No statute at all: refused.
    """
    possible = possible_rules(scope or OpeningScope.of())
    # A court's own prohibition says nothing about what an employer may ask of everybody.
    in_scope = [(rule, answer) for rule, answer in possible if not rule.scope.is_from_record]
    certain = [rule for rule, answer in in_scope if answer.value is True]
    if condition is not RecordCondition.VAGUE and any(_bars(rule, condition) for rule in certain):
        return None
    if certain:
        citations = tuple(dict.fromkeys(rule.citation for rule in certain))
        return "record_condition_wider_than_law", Severity.REVIEW, citations
    if in_scope:
        return "record_condition_unsupported", Severity.REVIEW, ()
    severity = Severity.REVIEW if condition is RecordCondition.VAGUE else Severity.REFUSE
    return "record_condition_unsupported", severity, ()


def _bars(rule: Rule, condition: RecordCondition) -> bool:
    """Whether a rule bars everybody whom the wording excludes, whatever the kind of offence."""
    intents = {
        RecordCondition.ANY_OFFENCE: ("intentional", "negligent"),
        RecordCondition.INTENTIONAL_OFFENCE: ("intentional",),
    }[condition]
    return rule.effect is Effect.BLOCK and all(
        rule.trigger.holds(record, derive([record])).value is True
        for record in map(_ordinary_record, intents)
    )


def _ordinary_record(intent: str) -> OffenceRecord:
    """Return a conviction with none of the aggravating facts a narrower rule asks for."""
    return OffenceRecord(
        basis="criminal_penalty",
        intent=intent,
        kinds=frozenset({"other"}),
        kinds_doubtful=frozenset(),
        fixed_term_or_more=False,
        suspended=False,
        political_rights_deprived=False,
        court_prohibition="none",
        ordered_ban="none",
        role_at_offence="other",
        major_accident=False,
        commercial_vehicle=False,
    )
