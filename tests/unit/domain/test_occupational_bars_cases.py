"""The table of cases that belongs to the rule file, and the examples inside it."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from matchboard.domain.catalogues.reading import read_text
from matchboard.domain.occupational_bars import (
    OpeningScope,
    evaluate_rule,
    parse_facts,
    rule,
    rules,
)

CASES = Path(__file__).parents[2] / "data" / "occupational_bars.cases.csv"


def _cases():
    with CASES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield pytest.param(row, id=f"{row['case_id']}-{row['rule_id']}")


def _known(cell):
    return None if cell == "?" else [part for part in cell.split(";") if part]


def _opening(row):
    return OpeningScope.of(
        None if row["occupation"] == "?" else row["occupation"],
        posts=_known(row["posts"]),
        employer_kinds=_known(row["employer_kinds"]),
        licences=_known(row["licences"]),
        certificates=_known(row["certificates"]),
    )


@pytest.mark.parametrize("row", list(_cases()))
def test_rule_gives_the_expected_outcome_when_evaluated_alone(row):
    finding = evaluate_rule(
        rule(row["rule_id"]),
        parse_facts(json.loads(row["facts"])),
        _opening(row),
        date.fromisoformat(row["on_date"]),
    )
    assert (finding.outcome, finding.is_note_shown) == (row["expected"], row["note_shown"] == "1")


def _examples():
    document = json.loads(read_text("occupational_bars.typed.json"))
    for entry in document["rules"]:
        for name in ("example_blocked", "example_clear"):
            yield pytest.param(
                entry["effect"], entry["id"], entry[name], name, id=entry["id"] + name
            )


@pytest.mark.parametrize(("effect", "rule_id", "example", "name"), list(_examples()))
def test_rule_agrees_with_its_own_example_when_evaluated(effect, rule_id, example, name):
    opening = example["opening"]
    finding = evaluate_rule(
        rule(rule_id),
        parse_facts(example["facts"]),
        OpeningScope.of(
            opening.get("occupation", ""),
            **{
                key: opening.get(key, [])
                for key in ("posts", "employer_kinds", "licences", "certificates")
            },
        ),
        date.fromisoformat(example["on_date"]),
    )
    shown = {"block": "blocked", "review": "review", "advisory": "clear"}[effect]
    assert finding.outcome == (shown if name == "example_blocked" else "clear")


def test_every_rule_has_cases_when_the_table_is_read():
    with CASES.open(encoding="utf-8", newline="") as file:
        tested = {row["rule_id"] for row in csv.DictReader(file)}
    assert tested == {one.id for one in rules()}
