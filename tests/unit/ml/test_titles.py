"""Titles: the words for the work, suggestions, when to ask, and a group to fall back to."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from benchmarks import titles as benchmark
from ml.text import custody_words
from ml.title_pieces import MOST_PIECES, title_pieces
from ml.titles import Suggestion, TitleSuggester, common_group, trade_words
from ml.vocabulary import Vocabulary, load_vocabulary
from tests.unit.ml.worlds import COOK, CUTTER, DRIVER, VOCABULARY, WELDER

REFERENCE = load_vocabulary()
SUGGESTER = TitleSuggester(REFERENCE)


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("某某饭店招聘面点师", ["面点师"]),
        ("【急招】叉车司机（包吃住，五险一金）", ["叉车司机"]),
        ("成都市焊工", ["焊工"]),
        ("高级焊工/钳工", ["焊工", "钳工"]),
        ("普工+月薪6000元+双休", ["普工"]),
        ("招聘专员", ["专员"]),
        ("（保安员）", ["保安员"]),
        ("焊工、焊工", ["焊工"]),
        ("双休", ["双休"]),
        ("", []),
    ],
)
def test_title_pieces_keep_the_work_when_a_title_says_more(title: str, found: list[str]) -> None:
    assert title_pieces(title) == found


@given(st.text(max_size=40))
def test_title_pieces_are_few_and_distinct_when_anything_is_typed(title: str) -> None:
    found = title_pieces(title)
    assert len(found) <= MOST_PIECES
    assert len(set(found)) == len(found)


@given(st.sampled_from(custody_words()), st.sampled_from(["焊工", "厨师"]))
def test_title_pieces_lose_custody_words_when_they_stand_in_a_title(word: str, job: str) -> None:
    pieces = title_pieces(f"{word}{job}")
    assert all(word not in piece for piece in pieces)
    assert any(job[-2:] in piece for piece in pieces)


def test_trade_words_name_listed_occupations_once() -> None:
    listed = {entry.code for entry in REFERENCE.occupations if entry.level == 4}
    words = [word for word, _ in trade_words()]
    assert {code for _, code in trade_words()} <= listed
    assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("某某公司诚聘注塑工（长白班）", "6-14-02-00"),
        ("帮厨 包吃住", COOK),
        ("门卫", "4-07-05-01"),
        ("送外卖", "4-10-08-01"),
        ("新都区急招叉车司机+五险", "6-30-05-01"),
    ],
)
def test_suggester_is_sure_when_the_work_is_named_in_everyday_words(title: str, code: str) -> None:
    assert SUGGESTER.sure_codes([title]) == [code]


@pytest.mark.parametrize("title", ["前台", "经理", "某某中心", "", "!!"])
def test_suggester_asks_when_a_title_is_open(title: str) -> None:
    assert SUGGESTER.sure_codes([title]) == [""]
    assert SUGGESTER.sure_codes([title, "电焊工"])[1] != ""


@pytest.mark.parametrize(
    ("scores", "is_sure"),
    [
        ([], False),
        ([0.649999], False),
        ([0.65], True),
        ([0.65, 0.600001], False),
        ([0.65, 0.60], True),
        ([0.7, 0.65], True),  # the margin exactly, which floating point makes a little less
        ([1.0, 0.96], False),
        ([1.0, 0.95], True),
    ],
)
def test_first_suggestion_stands_when_it_is_near_and_ahead(
    scores: list[float], is_sure: bool
) -> None:
    found = [Suggestion(WELDER, score) for score in scores]
    assert TitleSuggester(VOCABULARY, sure=0.65, margin=0.05).is_sure(found) is is_sure


def test_suggester_trusts_a_word_less_when_its_characters_are_unknown() -> None:
    near, far = (SUGGESTER.suggest(title, 1)[0] for title in ("焊接工", "龘靐焊工"))
    assert near.score > far.score


def test_advice_holds_a_group_when_suggestions_are_related() -> None:
    advice = TitleSuggester(VOCABULARY).advise("切割", 1)
    assert [one.code for one in advice.suggestions] == [CUTTER]
    assert advice.group == "6-18-02"


def test_advice_is_empty_when_nothing_is_near() -> None:
    advice = TitleSuggester(VOCABULARY).advise("qwerty")
    assert (advice.suggestions, advice.sure, advice.group) == ((), False, "")
    assert TitleSuggester(VOCABULARY).advise("切割").suggestions != ()


@pytest.mark.parametrize(
    ("codes", "group"),
    [
        ((WELDER, CUTTER), "6-18-02"),
        ((WELDER, "6-18-01-01"), "6-18"),
        ((WELDER, COOK, DRIVER), ""),
        ((), ""),
    ],
)
def test_common_group_is_the_smallest_when_several_hold_the_weight(
    codes: tuple[str, ...], group: str
) -> None:
    assert common_group([Suggestion(code, 0.6) for code in codes]) == group


@pytest.mark.parametrize(
    ("word", "code"),
    [("焊工", WELDER), ("注塑工", "6-14-02-00"), ("前台", None), ("天文", None)],
)
def test_word_is_unambiguous_when_it_means_one_occupation(word: str, code: str | None) -> None:
    assert SUGGESTER.unambiguous().get(word) == code


def test_suggester_answers_nothing_when_the_vocabulary_is_empty() -> None:
    assert TitleSuggester(Vocabulary()).suggest("工人") == []
    assert TitleSuggester(VOCABULARY).suggest("焊工") != []


def test_benchmark_counts_a_hit_when_a_label_is_a_group(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "titles.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(
            [("job_name", "code"), ("焊工", "6-18-02-00"), ("保安", "4-07-05-01"), ("天文", "5")]
        )
    benchmark.main([str(path)])
    lines = capsys.readouterr().out
    assert "level 3: first suggestion right" in lines
    rows = {row.what: row.value for row in benchmark.measure(benchmark.read_labelled(path))}
    assert rows["level 4: first suggestion right"] == 100
    assert rows["level 3: first suggestion right"] == 100
