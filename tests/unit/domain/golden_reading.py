"""Answers written down: catalogues, what a search finds, and how typed numbers are read."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from matchboard.domain import (
    job_trades,
)
from matchboard.domain.catalogues import divisions, minimum_wage, occupations, skills
from matchboard.domain.catalogues.divisions import DivisionLevel, division_prefix
from matchboard.domain.catalogues.geography import distance_km
from matchboard.domain.catalogues.skills import SkillKind
from matchboard.domain.errors import InvalidInput, problems_of
from matchboard.domain.identity import (
    mask_identity_number,
    mask_phone,
    name_pinyin,
    national_phone,
    parse_credit_code,
    parse_identity_number,
    parse_phone,
)
from tests.golden import Line, figure

TODAY = date(2026, 11, 24)


def said(of: Callable[..., Any], *given: Any, **more: Any) -> str:
    """Return an answer, or what is refused."""
    try:
        return figure(of(*given, **more))
    except InvalidInput as error:
        found = problems_of(error)
        return " ".join(f"!{p.code}:{p.field} {sorted(p.details.items())}" for p in found)


def of_places() -> Iterator[Line]:
    """Yield the names of places, and what is found by typing."""
    places = divisions()
    every = [one for province in places.provinces() for one in places.descendants(province.code)]
    apart = [one for one in every if "'" in one.name_en or "’" in one.name_en]
    for one in {one.code: one for one in (*every[::80], *apart[:12])}.values():
        names = (one.full_name, places.full_name_en(one.code), one.short, one.initials)
        yield f"place {one.code}", " / ".join(names)
    for code in ("510114", "510000", "510124", "110105", "419001", "999999"):
        for text in (code, code[:5]):
            found = places.search(text, limit=6)
            yield f"place search {text}", figure([one.code for one in found])
        settled = places.resolve(code)
        told = [one.code for one in settled.divisions]
        yield (
            f"place of {code}",
            figure([*told, settled.remainder, settled.is_old_code, settled.is_partial_change]),
        )
        yield f"place below {code}", figure([division_prefix(code), len(places.children(code))])
    for text in (
        "新都",
        "xindu",
        "xdq",
        "成都新都",
        "四川省",
        "朝阳",
        "朝阳区",
        "zhaoyang",
        "cha",
        "市辖区",
        "郫县",
        "四川省成都市郫县犀浦镇",
        "北京朝阳",
        "重庆市",
        "凉山州",
        "西",
        "xian",
        "鼓楼区",
        "海南",
        "51",
        "中国四川省成都市",
        "县",
        "·",
        "广东省深圳市罗湖区某路1号",
        "浙江",
        "吉林",
        "du",
    ):
        for level in (None, DivisionLevel.COUNTY):
            found = places.search(text, limit=8, level=level)
            yield f"place search {text} {level}", figure([one.code for one in found])
        settled = places.resolve(text)
        told = [one.code for one in settled.divisions]
        yield f"place named {text}", figure([*told[:8], len(told), settled.remainder])


def of_jobs() -> Iterator[Line]:
    """Yield the names of occupations and skills, and what is found by typing."""
    jobs = occupations()
    for text in (
        "焊工",
        "厨师",
        "6-18",
        "4-03-02-01",
        "工",
        "保洁",
        "叉车",
        "x",
        "",
        "司机",
        "6-18-02",
    ):
        for occupation_level in (None, 4):
            hits = jobs.search(text, limit=8, level=occupation_level)
            yield f"job search {text} {occupation_level}", figure([one.code for one in hits])
    for code in ("6-18", "6-18-02-04", "4-03-02-01", "9-99"):
        yield (
            f"job {code}",
            figure([*jobs.path(code), len(jobs.children(code)), jobs.covers("6-18", code)]),
        )
    for one in itertools.islice(jobs, 0, None, 23):
        yield f"trade of {one.code}", figure(job_trades.trade_of(one.code))
    yield "trade of none", figure([job_trades.trade_of(None), job_trades.trade_of("x")])


def of_skills() -> Iterator[Line]:
    """Yield the names of skills, what is found by typing, wages and ways."""
    abilities = skills()
    for one in itertools.islice(abilities, 0, None, 23):
        names = figure([one.name("zh"), one.name("en-GB"), one.kind, one.trade])
        yield f"skill {one.code}", names
    for text in (
        "焊",
        "weld",
        "电焊",
        "叉车证",
        "cook",
        "C1",
        "sale",
        "保洁",
        "drive",
        "arc",
        "证",
        "",
    ):
        for kind in (None, SkillKind.CERTIFICATE):
            named = abilities.search(text, limit=8, kind=kind)
            yield f"skill search {text} {kind}", figure([s.code for s in named])
        worded = abilities.by_wording(text)
        yield f"skill worded {text}", figure(worded and worded.code)
    for code, on in itertools.product(
        ("510114", "510100", "110105", "330400", "810000"),
        (
            date(2020, 1, 1),
            date(2024, 6, 1),
            TODAY,
        ),
    ):
        wage = minimum_wage(code, on=on)
        yield f"wage {code} {on}", figure(wage and [str(wage.monthly_cny), str(wage.hourly_cny)])
    yield "distance", figure([distance_km(30.67, 104.06, 31.2, 121.4), distance_km(1, 2, 1, 2)])


def of_numbers() -> Iterator[Line]:
    """Yield how typed numbers and names are read."""
    for text in (
        "",
        "110101199003077790",
        "11010119900307779X",
        "110101900307779",
        "1101011990030777",
        "ABC101199003077790",
        "110101189903077790",
        "110101203003077790",
        "１１０１０１-19900307 7790",
        "510124200002292010",
        "110101199002307790",
    ):
        yield f"identity {text}", said(lambda t: _read(parse_identity_number(t, on=TODAY)), text)
        yield f"identity shown {text}", mask_identity_number(text)
    for text in (
        "",
        "91510100MA61TXXX1A",
        "91350100M000100Y43",
        "91350100M000100Y44",
        "9135",
        "o" * 18,
    ):
        yield f"credit code {text}", said(parse_credit_code, text)
    for text in (
        "",
        "13800138000",
        "0086 138 0013 8000",
        "+86-28-83971234",
        "028 83971234",
        "028-83971234-12",
        "12345",
        "abc",
        "+1 650 253 0000",
        "１３８００１３８０００",
        "95588",
    ):
        told = said(parse_phone, text)
        yield f"phone {text}", told
        if told.startswith("+"):
            yield f"phone shown {text}", figure([national_phone(told), mask_phone(told)])
    yield "phone short", mask_phone("12345678") + mask_phone("1234567")
    for name in (
        "单田芳",
        "曾国",
        "欧阳修",
        "尉迟恭",
        "阿依古丽·买买提",
        "Anna Li",
        "",
        "行者",
        "张 三",
        "令狐",
    ):
        read = name_pinyin(name)
        yield f"name {name}", figure([*read.syllables, read.full, read.initials])


def _read(number: Any) -> list[object]:
    return [number.birth_date, number.area_code, *number.warnings]
