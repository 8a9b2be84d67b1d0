"""Statutory employment bars (从业禁止): which openings a person may not take, and by which law.

The rules are data, `seeds/reference/occupational_bars.typed.json`; its `evaluation` text defines
the language this package implements. A bar is `blocked` only by a law or administrative regulation
whose text was read; what is unknown or could not be typed with certainty is `review`, never
`clear`.
"""

from matchboard.domain.occupational_bars.engine import (
    ClientBars,
    Finding,
    Outcome,
    Verdict,
    employer_queries,
    evaluate,
    evaluate_many,
    evaluate_rule,
    outcomes,
)
from matchboard.domain.occupational_bars.facts import (
    LIFE,
    FactField,
    FactKind,
    FactProblem,
    Facts,
    MalformedFacts,
    OffenceRecord,
    dump_facts,
    fact_schema,
    parse_facts,
)
from matchboard.domain.occupational_bars.rules import (
    Citation,
    Effect,
    InstrumentLevel,
    Rule,
    RuleFileError,
    ScopeValues,
    parse_rules,
    rule,
    rules,
    scope_values,
)
from matchboard.domain.occupational_bars.scopes import OpeningScope

__all__ = [
    "LIFE",
    "Citation",
    "ClientBars",
    "Effect",
    "FactField",
    "FactKind",
    "FactProblem",
    "Facts",
    "Finding",
    "InstrumentLevel",
    "MalformedFacts",
    "OffenceRecord",
    "OpeningScope",
    "Outcome",
    "Rule",
    "RuleFileError",
    "ScopeValues",
    "Verdict",
    "dump_facts",
    "employer_queries",
    "evaluate",
    "evaluate_many",
    "evaluate_rule",
    "fact_schema",
    "outcomes",
    "parse_facts",
    "parse_rules",
    "rule",
    "rules",
    "scope_values",
]
