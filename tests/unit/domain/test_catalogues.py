"""The catalogues of places, occupations, skills and minimum wages."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from matchboard.domain.catalogues import (
    DivisionLevel,
    SkillKind,
    distance_km,
    divisions,
    minimum_wage,
    occupations,
    resolve_division,
    skills,
)

# --- Divisions ----------------------------------------------------------------------------------


def test_division_knows_its_place_in_the_tree_when_looked_up():
    places = divisions()
    assert places.get("510114").full_name == "四川省成都市新都区"
    assert [row.name for row in places.ancestors("510114")] == ["成都市", "四川省"]
    assert "510114" in {row.code for row in places.children("510100")}
    assert len(places.descendants("510000")) > 180
    assert (len(places), len(places.provinces())) == (3215, 34)


@pytest.mark.parametrize(
    ("code", "inside", "expected"),
    [
        pytest.param("510000", "510114", True, id="province"),
        pytest.param("510114", "510114", True, id="itself"),
        pytest.param("510114", "510100", False, id="upwards"),
        pytest.param("440000", "510114", False, id="elsewhere"),
    ],
)
def test_division_covers_what_lies_inside_when_asked(code, inside, expected):
    assert divisions().covers(code, inside) is expected


def test_division_is_absent_when_the_code_is_unknown():
    assert divisions().get("999999") is None
    assert divisions().ancestors("999999") == ()
    assert "999999" not in divisions()
    assert "510114" in divisions()


@pytest.mark.parametrize(
    ("code", "english"),
    [
        pytest.param("510114", "Xindu District, Chengdu, Sichuan", id="county"),
        pytest.param("110105", "Chaoyang District, Beijing", id="municipality"),
        pytest.param("610100", "Xi'an, Shaanxi", id="apostrophe"),
        pytest.param("150000", "Inner Mongolia", id="usage"),
        pytest.param("513400", "Liangshan Prefecture, Sichuan", id="people-left-out"),
        pytest.param("510726", "Beichuan Autonomous County, Mianyang, Sichuan", id="autonomous"),
    ],
)
def test_division_has_an_english_path_when_shown(code, english):
    assert divisions().full_name_en(code) == english


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        pytest.param("新都", "四川省成都市新都区", id="short-name"),
        pytest.param("xindu", "河北省邢台市信都区", id="pinyin"),
        pytest.param("cdxd", None, id="initials-of-a-path-are-not-read"),
        pytest.param("luohu", "广东省深圳市罗湖区", id="pinyin-whole"),
        pytest.param("成都新都", "四川省成都市新都区", id="path-without-kinds"),
        pytest.param("四川省成都市新都", "四川省成都市新都区", id="path"),
        pytest.param("北京·朝阳", "北京市朝阳区", id="separator"),
        pytest.param("郫县", "四川省成都市郫都区", id="old-name"),
        pytest.param("510114", "四川省成都市新都区", id="code"),
        pytest.param("成都", "四川省成都市", id="prefecture"),
        pytest.param("海南", "海南省", id="province-first"),
        pytest.param("ＸＩＮＤＵ", "河北省邢台市信都区", id="full-width"),
        pytest.param("  ", None, id="blank"),
        pytest.param("某某", None, id="unknown"),
    ],
)
def test_division_is_suggested_when_typed(typed, first):
    found = divisions().search(typed)
    assert (found[0].full_name if found else None) == first


def test_division_search_returns_all_when_a_bare_name_is_ambiguous():
    found = [row.full_name for row in divisions().search("鼓楼区")]
    assert found == [
        "江苏省南京市鼓楼区",
        "江苏省徐州市鼓楼区",
        "福建省福州市鼓楼区",
        "河南省开封市鼓楼区",
    ]


def test_division_search_keeps_to_limit_and_level_when_given():
    found = divisions().search("c", limit=3, level=DivisionLevel.PREFECTURE)
    assert [row.level for row in found] == [DivisionLevel.PREFECTURE] * 3


@pytest.mark.parametrize(
    ("address", "names", "remainder"),
    [
        pytest.param("成都·新都区", ["四川省成都市新都区"], "", id="advert"),
        pytest.param("四川成都新都", ["四川省成都市新都区"], "", id="no-kinds"),
        pytest.param("四川新都", ["四川省成都市新都区"], "", id="level-skipped"),
        pytest.param(
            "四川省成都市新都区大丰街道1号", ["四川省成都市新都区"], "大丰街道1号", id="street"
        ),
        pytest.param("中国 广州 越秀区", ["广东省广州市越秀区"], "", id="spaces"),
        pytest.param("成都高新区", ["四川省成都市"], "高新区", id="development-zone"),
        pytest.param("朝阳区", ["北京市朝阳区", "吉林省长春市朝阳区"], "", id="ambiguous"),
        pytest.param("北京市市辖区朝阳区", ["北京市朝阳区"], "", id="placeholder-level"),
        pytest.param("成都郫县", ["四川省成都市郫都区"], "", id="old-name"),
        pytest.param("阿坝州", ["四川省阿坝藏族羌族自治州"], "", id="customary"),
        pytest.param("510114", ["四川省成都市新都区"], "", id="code"),
        pytest.param("999999", [], "999999", id="unknown-code"),
        pytest.param("某某村", [], "某某村", id="unknown"),
        pytest.param("", [], "", id="blank"),
    ],
)
def test_address_is_resolved_when_it_begins_with_a_division(address, names, remainder):
    found = resolve_division(address)
    assert ([row.full_name for row in found.divisions], found.remainder) == (names, remainder)


@pytest.mark.parametrize(
    ("code", "name", "is_partial"),
    [
        pytest.param("510124", "郫都区", False, id="renamed"),
        pytest.param("130421", "邯山区", True, id="divided"),
    ],
)
def test_former_code_leads_to_its_successor_when_resolved(code, name, is_partial):
    found = resolve_division(code)
    assert (found.division.name, found.is_old_code, found.is_partial_change) == (
        name,
        True,
        is_partial,
    )


def test_resolution_names_no_single_division_when_several_fit():
    found = resolve_division("朝阳区")
    assert found.division is None
    assert len(found.divisions) > 1


def test_every_full_name_resolves_to_itself_when_read_back():
    strays = [
        row.full_name
        for row in divisions()
        if not row.is_placeholder and row not in resolve_division(row.full_name).divisions
    ]
    assert strays == []
    assert sum(not row.is_placeholder for row in divisions()) > 2000


# --- Distances ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "km"),
    [
        pytest.param((30, 104, 30, 104), 0, id="same-point"),
        pytest.param((0, 0, 0, 1), 111.195, id="degree-on-the-equator"),
        pytest.param((0, 0, 1, 0), 111.195, id="degree-of-latitude"),
        pytest.param((0, 0, 0, 180), 20015.115, id="antipodes"),
        pytest.param((30.8235, 104.1587, 30.6596, 104.0657), 20.3, id="xindu-chengdu"),
    ],
)
def test_distance_is_the_great_circle_when_measured(points, km):
    assert distance_km(*points) == pytest.approx(km, rel=5e-3, abs=1e-6)


# --- Occupations --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "other", "expected"),
    [
        pytest.param("6-18", "6-18-02-04", True, id="prefix"),
        pytest.param("6-18-02-04", "6-18-02-04", True, id="itself"),
        pytest.param("6-18-02-04", "6-18", False, id="upwards"),
        pytest.param("6-18-02-04", "6-18-02-05", False, id="sibling"),
        pytest.param("2-05-00-00", "2-05-01-19", True, id="level-skipped"),
        pytest.param("6-18", "9-99-99-99", False, id="unknown"),
    ],
)
def test_occupation_covers_its_descendants_when_compared(code, other, expected):
    assert occupations().covers(code, other) is expected


def test_occupation_knows_its_path_when_looked_up():
    work = occupations()
    assert work.path("6-18-02-04")[-1] == "焊工"
    assert [row.level for row in work.ancestors("6-18-02-04")] == [3, 2, 1]
    assert work.get("6-18").code == "6-18-00-00"
    assert "6-18-02-04" in {row.code for row in work.children("6-18-02")}
    assert (len(work), len(list(work)), "6-18-02-04" in work) == (2047, 2047, True)
    assert work.get("9-99-99-99") is None


@pytest.mark.parametrize(
    ("typed", "level", "first"),
    [
        pytest.param("焊工", None, "6-18-02-04", id="name"),
        pytest.param("保安", None, "4-07-05-01", id="part"),
        pytest.param("6-18-02-04", None, "6-18-02-04", id="code"),
        pytest.param("6-18", 2, "6-18-00-00", id="group"),
        pytest.param("厨师", None, "4-03-02-01", id="alias"),
        pytest.param(" ", None, None, id="blank"),
        pytest.param("无此职业", None, None, id="unknown"),
    ],
)
def test_occupation_is_suggested_when_typed(typed, level, first):
    found = occupations().search(typed, level=level)
    assert (found[0].code if found else None) == first


# --- Skills -------------------------------------------------------------------------------------


def test_skills_are_told_by_kind_and_trade_when_listed():
    known = skills()
    assert len(known) == len(list(known)) == 350
    assert len(known.certificates()) == 48
    assert {row.kind for row in known.certificates()} == {SkillKind.CERTIFICATE}
    assert "farming" in known.trades()
    assert {row.trade for row in known.of_trade("farming")} == {"farming"}
    assert known.get("weld.arc").name("en") != known.get("weld.arc").name("zh_Hans_CN")
    assert ("weld.arc" in known, known.get("weld.none")) == (True, None)


@pytest.mark.parametrize(
    ("typed", "kind", "first"),
    [
        pytest.param("锡焊", None, "electro.solder", id="name"),
        pytest.param("soldering", None, "electro.solder", id="english"),
        pytest.param("weld.arc", None, "weld.arc", id="code"),
        pytest.param("养牛", None, "agri.cattle", id="alias"),
        pytest.param("焊工", SkillKind.CERTIFICATE, "cert.voc.welder", id="certificate"),
        pytest.param("bus driving", None, "drive.bus", id="two-words"),
        pytest.param("", None, None, id="blank"),
        pytest.param("无此技能", None, None, id="unknown"),
    ],
)
def test_skill_is_suggested_when_typed(typed, kind, first):
    found = skills().search(typed, kind=kind)
    assert (found[0].code if found else None) == first


def test_skill_comes_first_when_its_whole_name_or_code_is_typed():
    known = skills()
    english = Counter(skill.name("en").casefold() for skill in known)
    for skill in known:
        names = [skill.code, skill.name("zh_Hans_CN")]
        names += [skill.name("en")] if english[skill.name("en").casefold()] == 1 else []
        for name in names:
            assert known.search(name, limit=1)[0].code == skill.code, name
        if skill.kind is not SkillKind.CERTIFICATE:
            found = known.search(skill.code, kind=SkillKind.CERTIFICATE)
            assert skill not in found


@pytest.mark.parametrize(
    ("wording", "code"),
    [
        pytest.param("养牛", "agri.cattle", id="alias"),
        pytest.param(" ＷＥＬＤ.arc ", "weld.arc", id="code-full-width"),
        pytest.param("我会养牛", None, id="not-inside-a-sentence"),
    ],
)
def test_skill_is_recognised_when_the_whole_wording_is_known(wording, code):
    found = skills().by_wording(wording)
    assert (found.code if found else None) == code


def test_reference_rows_point_at_occupations_when_read():
    named = {code for skill in skills() for code in skill.occupations}
    assert len(named) > 50
    assert {code for code in named if code not in occupations()} == set()


# --- Minimum wages ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("division", "on", "monthly"),
    [
        pytest.param("510114", date(2024, 12, 31), 2100, id="day-before-the-change"),
        pytest.param("510114", date(2025, 1, 1), 2330, id="day-of-the-change"),
        pytest.param("511000", date(2024, 6, 1), 1870, id="lowest-class-of-the-province"),
        pytest.param("440305", date(2026, 1, 1), 2520, id="prefecture-of-its-own"),
        pytest.param("510114", date(2020, 1, 1), None, id="before-the-table"),
        pytest.param("810000", date(2026, 1, 1), None, id="no-row"),
    ],
)
def test_minimum_wage_is_the_one_in_force_when_a_day_is_named(division, on, monthly):
    found = minimum_wage(division, on=on)
    assert (found.monthly_cny if found else None) == (Decimal(monthly) if monthly else None)
