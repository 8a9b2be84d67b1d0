"""Answers written down: what stands against drawn openings, and what the statutes say."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from matchboard.domain import (
    posting_wording,
)
from matchboard.domain.catalogues import minimum_wage
from matchboard.domain.client import EmploymentType
from matchboard.domain.occupational_bars import (
    FactKind,
    MalformedFacts,
    OpeningScope,
    dump_facts,
    evaluate,
    fact_schema,
    outcomes,
    parse_facts,
    rules,
    scope_values,
)
from matchboard.domain.occupational_bars.facts import BASES
from matchboard.domain.posting_checks import LONGEST_WEEK, Posting, check_posting
from matchboard.domain.posting_record_words import record_condition
from tests.golden import Line, figure

TODAY = date(2026, 11, 24)
_EMPLOYED = (EmploymentType.FULL_TIME, EmploymentType.PART_TIME, EmploymentType.GIG)


def of_openings() -> Iterator[Line]:
    """Yield what stands against drawn openings, and against words."""
    draw = random.Random(26)
    cited: dict[str, set[str]] = {}
    wage = minimum_wage("510114", on=TODAY)
    words = (
        "",
        "有经验优先",
        "男女不限",
        "限男性",
        "无犯罪记录",
        "无故意犯罪记录",
        "政审",
        "18-35岁",
    )
    money = (None, 500, 1800, 2330, 3000, 5000)
    for number in range(160):
        posting = Posting(
            employer=draw.choice(("新都机械厂", "新都机械厂", " ")),
            title=draw.choice(("焊工", "焊工", "")),
            headcount=draw.choice((None, 0, 1, 5)),
            duties=draw.choice(("焊接", "焊接", "")),
            conditions=draw.choice(words) or "无",
            division_code=draw.choice(("510114", "510114", None)),
            employment_type=draw.choice((None, *_EMPLOYED)),
            wage_min_cny_month=draw.choice(money),
            wage_max_cny_month=draw.choice(money),
            wage_hourly_cny=draw.choice((None, None, 12, Decimal("24.5"))),
            hours_per_day=draw.choice((None, 4, 4.5, 11, 11.5)),
            hours_per_week=draw.choice((None, 0, 24, 25, 48, LONGEST_WEEK, 49, 77, 78)),
            contract_months=draw.choice((None, 0, 2, 3, 11, 12, 35, 36)),
            is_single_task=draw.random() < 0.2,
            probation_months=draw.choice((None, 0, 1, 2, 3, 6, 7)),
            probation_wage_cny_month=draw.choice(money),
            deposit_free=draw.choice((None, True, False)),
            open_on=draw.choice((None, TODAY, TODAY + timedelta(days=2))),
            close_on=draw.choice((None, *(TODAY + timedelta(days=n) for n in (-1, 0, 1, 90, 91)))),
            confirmed_on=draw.choice((None, TODAY - timedelta(days=1))),
            employer_verified_on=draw.choice((None, date(2026, 5, 23), date(2026, 5, 24))),
            scope=draw.choice((None, OpeningScope.of("4-07-05-01"), _known("6-18-02-04"))),
        )
        on = draw.choice((TODAY, date(2026, 10, 31)))
        found = check_posting(posting, minimum_wage=draw.choice((wage, wage, None)), on=on)
        for problem in found:
            laws = " ".join(f"{one.source}{one.article}" for one in problem.citations)
            cited.setdefault(f"{problem.code} {problem.severity}", set()).add(laws)
        told = [f"{p.code}:{p.field}:{p.excerpt}" for p in found]
        yield f"posting {number}", " ".join(told)
    for code, several in sorted(cited.items()):
        yield f"law of {code}", " or ".join(sorted(several))
    for text in (
        "限女性",
        "女浴室服务员限女",
        "已婚已育优先",
        "汉族",
        "无宗教信仰",
        "本地户口优先",
        "残疾人勿扰",
        "入职交押金200元",
        "免押金",
        "扣押身份证",
        "无纹身",
        "不在黑名单",
        "16-60岁",
        "15岁以上",
        "18-35周岁",
        "18-60岁",
        "18-50岁",
        "女18-50岁",
        "年龄不限",
        "45岁以下",
        "50岁以下",
        "60岁以下",
        "59岁以下",
        "17岁以上",
        "19岁以上",
        "30岁左右",
        "90后",
        "身体健康",
        "应届毕业生",
        "985/211优先",
        "男55岁女50岁以下",
    ):
        hits = [f"{one.code} {one.severity}" for one in posting_wording.wording_hits(text)]
        yield f"words {text}", figure(hits)
    for text in (
        "身体健康",
        "无犯罪记录",
        "无故意犯罪记录",
        "背景调查",
        "有案底也可",
        "开具无犯罪记录证明",
        "刑满释放人员勿扰",
    ):
        yield f"record words {text}", figure(record_condition(text))


def _known(occupation: str) -> OpeningScope:
    return OpeningScope.of(occupation, posts=(), employer_kinds=(), licences=(), certificates=())


def of_bars() -> Iterator[Line]:
    """Yield what the statutes say of drawn records and openings, and which facts are refused."""
    draw = random.Random(62)
    values = scope_values()
    codes = sorted({code for rule in rules() for code in rule.scope.occupations})
    for number in range(160):
        facts = _drawn_facts(draw, codes)
        scope = OpeningScope.of(
            draw.choice((None, "", "6-18-02-04", "4-02", *draw.sample(codes, 12))),
            posts=_some(draw, values.posts),
            employer_kinds=_some(draw, values.employer_kinds),
            licences=_some(draw, values.licences),
            certificates=_some(draw, ("cert.drive.a1", "cert.guard", "cert.drive.c1")),
        )
        verdict = evaluate(facts, scope, TODAY)
        told = [
            f"{f.rule_id}={f.outcome.name}/{f.until}/{'+'.join(f.missing_facts)}"
            f"/{'+'.join(f.missing_opening)}/{f.is_note_shown:d}"
            for f in verdict.findings
        ]
        together = figure(outcomes(facts, [scope], TODAY))
        yield f"bars {number}", f"{verdict.outcome.name} {together} {figure(told)}"
    for fact in fact_schema():
        yield f"fact {fact.key}", f"{fact.kind} {figure(fact.choices)}"
        taken = []
        for value in (
            None,
            "x",
            1,
            True,
            [],
            ["x"],
            ["6-18-02-04"],
            "2026-11-24",
            "20261124",
            "life",
        ):
            record = {"records": [{"basis": "administrative_penalty", fact.key: value}]}
            told = _fact(record)
            taken.append(told.removeprefix("[").removesuffix("]") if told[0] == "[" else "taken")
        yield (
            f"fact {fact.key} as one of ten values",
            " ".join(taken),
        )
    for name, given in {
        "none": None,
        "empty": {},
        "a list": [],
        "another key": {"x": 1},
        "records by name": {"records": {}},
        "a number among records": {"records": [1]},
        "no record": {"records": []},
    }.items():
        yield f"facts {name}", _fact(given)


def _fact(given: object) -> str:
    try:
        return figure(str(dump_facts(parse_facts(given))))
    except MalformedFacts as error:
        return figure([f"{p.path}:{p.code}" for p in error.problems])


def _some(draw: random.Random, values: Sequence[str]) -> list[str] | None:
    return draw.choice((None, [], draw.sample(list(values), 1), draw.sample(list(values), 2)))


def _drawn_facts(draw: random.Random, codes: Sequence[str]) -> Any:
    if draw.random() < 0.05:
        return None
    records: list[dict[str, Any]] = []
    if draw.random() < 0.15:
        guard = {"basis": "licence_revocation", "licence": "security_guard"}
        records = [guard, guard | {"licence": draw.choice((None, "security_guard", "driving"))}]
    for _ in range(draw.randint(0, 2)):
        record: dict[str, Any] = {"basis": draw.choice(("criminal_penalty", *BASES))}
        for fact in fact_schema()[1:]:
            if draw.random() < 0.75:
                record[fact.key] = _drawn_fact(draw, fact, codes)
        if record["basis"] == "administrative_penalty":
            record |= {"kinds": [draw.choice(("food_safety", "traffic", "other"))]}
            record |= {"kinds_doubtful": []}
        records.append(record)
    return parse_facts({"records": records})


def _drawn_fact(draw: random.Random, fact: Any, codes: Sequence[str]) -> Any:
    years = draw.choice((1, 3, 5, 9, 11))
    day = TODAY.replace(year=TODAY.year - years) + timedelta(days=draw.choice((-1, 0, 1, 400)))
    match fact.kind:
        case FactKind.CHOICE:
            return draw.choice(fact.choices)
        case FactKind.CHOICES:
            return draw.sample(fact.choices, draw.randint(0, 2))
        case FactKind.BOOLEAN:
            return draw.random() < 0.5
        case FactKind.OCCUPATIONS:
            return draw.sample(list(codes), draw.randint(0, 2))
        case FactKind.DATE_OR_LIFE:
            return draw.choice(("life", day.isoformat(), "2027-01-01"))
    return day.isoformat()
