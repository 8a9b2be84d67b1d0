"""Free text: skills with slips and synonyms, denials, experience, and what openings say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from ml.experience_words import ExperienceReader
from ml.features import INDEX
from ml.phrases import MOST_PIECE, WordScanner, core, is_negated, months, parts, statements
from ml.skill_words import SkillMatcher, skill_matcher
from ml.spelling import alike
from ml.text import custody_words
from ml.vocabulary import load_vocabulary
from tests.unit.ml.worlds import COOK, WELDER, index_of, query_of

MATCHER = skill_matcher(load_vocabulary())
STATEMENTS = (
    "会电焊",
    "不会开车",
    "做过厨师",
    "在工地两年",
    "想学氩弧焊",
    "没做过保安",
    "",
    "炒才",
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("电汗", "weld.arc"),
        ("氩胡焊", "weld.tig"),
        ("插车", "ware.forklift"),
        ("叉车司机", "ware.forklift"),
        ("会开铲车", "plant.loader"),
        ("會開鏟車", "plant.loader"),
        ("二保焊", "weld.mag"),
        ("ＣＯ2焊", "weld.mag"),
        ("缝纫工3年", "sew.flat"),
        ("踩缝任机", "sew.flat"),
        ("挖掘", "plant.excavator"),
        ("保洁和保安", "prop.order"),
        ("在饭店干过两年帮厨", "cook.porter"),
        ("我以前在工地上扎钢筋", "build.rebar"),
    ],
)
def test_skill_is_mentioned_when_words_vary(text: str, code: str) -> None:
    assert code in MATCHER.find(text)


@pytest.mark.parametrize(
    "text", ["不会电焊", "没做过厨师", "没有电焊证", "未从事过氩弧焊", "不会踩缝任机", "不会扎钢筋"]
)
def test_skill_is_not_found_when_it_is_denied(text: str) -> None:
    assert MATCHER.match(text) == []
    said = text.removeprefix("不").removeprefix("没").removeprefix("有").removeprefix("未从事过")
    assert MATCHER.match(said) != []


@pytest.mark.parametrize("text", ["", "!!", "焊", "天文", "打零工", "a" * 200])
def test_nothing_is_found_when_text_names_no_skill(text: str) -> None:
    assert MATCHER.match(text) == []
    assert MATCHER.match(f"{text} 电焊") != []


def test_officer_is_asked_when_words_are_only_near() -> None:
    matcher = SkillMatcher([("吊塔车", "crane"), ("送货司机", "van"), ("", "none")])
    (found,) = matcher.match("会叉塔车")
    assert (found.code, found.sure) == ("crane", False)
    assert matcher.find("送货员") == []


def test_best_match_of_a_code_stands_when_a_text_names_it_twice() -> None:
    first, *rest = MATCHER.match("电汗，电焊，电汗")
    assert (first.code, first.similarity, first.words, first.alias) == (
        "weld.arc",
        1.0,
        *["电焊"] * 2,
    )
    assert rest == []


def test_memory_of_near_words_is_emptied_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ml.skill_words.REMEMBERED", 1)
    matcher = SkillMatcher([("电焊", "arc")])
    assert [matcher.find(text) for text in ("电汗", "点焊", "电汗")] == [["arc"]] * 3


@given(st.lists(st.sampled_from(STATEMENTS), max_size=4), st.sampled_from(STATEMENTS))
def test_more_text_never_takes_a_skill_away(texts: list[str], more: str) -> None:
    assert set(MATCHER.find("，".join(texts))) <= set(MATCHER.find("，".join([*texts, more])))


@given(st.text(max_size=50))
def test_any_text_can_be_read_when_it_is_typed(text: str) -> None:
    assert set(MATCHER.named(text)) <= set(MATCHER.find(text))
    assert all(len(one) <= MOST_PIECE for one in statements(text))


@given(st.text("电焊汗炒菜叉车机", max_size=4), st.text("电焊汗炒菜叉车机", max_size=4))
def test_likeness_is_symmetric_and_bounded(first: str, second: str) -> None:
    assert alike(first, second) == alike(second, first)
    assert 0 <= alike(first, second) <= 1
    assert alike(first, first) == (1 if first else 0)


@pytest.mark.parametrize(
    ("text", "size"),
    [("十年", 120), ("二十五个月", 25), ("半年", 6), ("一年半", 18), ("1.5年", 18), ("两个月", 2)],
)
def test_months_are_read_when_numbers_are_words(text: str, size: float) -> None:
    assert months(text) == size


def test_phrases_are_empty_when_text_is() -> None:
    assert (statements(""), parts(""), core(""), is_negated("")) == ([], [], "", False)
    assert WordScanner(["a"]).scan("aaa") == []
    assert (statements("会电焊"), is_negated("不会")) == (["会电焊"], True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("在饭店干过两年帮厨", [(COOK, 24.0)]),
        ("做过帮厨，帮厨3年", [(COOK, 36.0)]),
        ("想学帮厨", []),
        ("没做过帮厨", []),
        ("经理", []),
        ("帮厨999年", [(COOK, 600.0)]),
        ("", []),
    ],
)
def test_experience_is_read_when_work_is_named(text: str, found: list[tuple[str, float]]) -> None:
    assert ExperienceReader({"帮厨": COOK, "经理": WELDER}).read(text) == found


def test_written_experience_counts_half_when_none_is_stated() -> None:
    index = index_of({})
    stated = query_of(index, experience=f"{WELDER}:24", text="")
    written = query_of(index, experience=None, text="做过两年电焊工")
    assert written.experience.tolist() == pytest.approx((stated.experience / 2).tolist())
    assert written.sector.tolist() == pytest.approx((stated.sector / 2).tolist())
    assert "experience" in written.assumed
    assert "experience" not in stated.assumed


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(STATEMENTS), max_size=3),
    st.sampled_from((*STATEMENTS, "电焊工两年", "炒菜师傅", "干过切割工")),
)
def test_more_text_never_lowers_a_score(texts: list[str], more: str) -> None:
    index = index_of({}, {"title": "厨师", "occupation": COOK}, {"skills_required": None})
    rows = np.arange(3)
    before, after = (
        index.score(query_of(index, experience=None, text="，".join(words)), rows).score
        for words in (texts, [*texts, more])
    )
    assert (after >= before - 1e-12).all()


@pytest.mark.parametrize("word", custody_words()[:8])
def test_written_experience_stays_when_custody_words_stand_beside_it(word: str) -> None:
    index = index_of({})
    plain, marked = (
        query_of(index, experience=None, text=text) for text in ("电焊工", f"{word}，电焊工")
    )
    assert plain.experience.tolist() == marked.experience.tolist()
    assert plain.credit.tolist() == marked.credit.tolist()


def test_opening_is_compared_by_the_skills_it_names_when_it_requires_none() -> None:
    index = index_of(
        {"title": "氩弧焊工", "skills_required": None, "skills_preferred": None},
        {"title": "氩弧焊工", "skills_required": None, "skills_preferred": "weld.tig:3"},
        {"title": "氩弧焊工", "skills_preferred": None},
    )
    able, unable = (query_of(index, skills=skills, text="") for skills in ("weld.tig", "gen.5s"))
    rows = np.array(index.rows_of(["V1", "V2", "V3"]))
    place = INDEX["mentioned_coverage"]
    named, other = (index.feature_matrix(query, rows)[:, place] for query in (able, unable))
    assert (named > other).tolist() == [True, True, False]
    assert len(index.feasible(unable)[0]) == 3
