"""Words: one spelling, custody words gone, titles to occupations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from ml.codebook import CodeBook
from ml.ids import IdMap
from ml.text import FULL_WEIGHT, AliasTable, TextModel, custody_words, mask_custody, normalise
from ml.titles import TitleSuggester
from ml.vocabulary import Vocabulary, load_vocabulary
from tests.unit.ml.worlds import COOK, DRIVER, VOCABULARY, WELDER, index_of, query_of


@pytest.mark.parametrize("word", custody_words())
def test_custody_word_is_masked_wherever_it_stands(word: str) -> None:
    for text in (f"会电焊,{word},肯干", f"{word} 电焊", f"三年{word}两年零三个月"):
        masked = mask_custody(text)
        assert word not in masked
        assert "年" not in masked
    assert "电焊" in mask_custody(f"会电焊,{word},肯干")


@pytest.mark.parametrize(
    "text", ["服 刑期间学电焊", "服·刑", "监　狱", "Ｐrison", "PRISON", "刑\n满释放"]
)
def test_custody_word_is_masked_when_it_is_disguised(text: str) -> None:
    masked = mask_custody(text)
    assert not any(word in masked.replace(" ", "") for word in ("服刑", "监狱", "prison", "刑满"))
    assert "焊工" in mask_custody(f"{text}，焊工")


def test_text_without_custody_words_is_only_normalised() -> None:
    assert mask_custody("  做过ＣＮＣ 操作，3年 ") == "做过cnc 操作,3年"


@pytest.mark.parametrize("word", ["监狱里学的", "出狱后", "刑满释放人员，"])
def test_custody_words_change_no_score(word: str) -> None:
    index = index_of({"title": "监狱电焊工"}, {"title": "出狱人员帮扶岗 电焊"})
    rows = np.arange(2)
    first, second = (
        index.score(query_of(index, text=text), rows).score for text in ("电焊工", word + "电焊工")
    )
    assert first.tolist() == second.tolist()


@given(st.text(max_size=20))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("电焊、炒菜", ["cook", "arc"]),
        ("会氩弧焊接活", ["tig"]),
        ("学电焊的", []),
        ("氩弧焊", ["tig"]),
        ("", []),
    ],
)
def test_aliases_count_as_a_piece_or_when_they_are_long(text: str, codes: list[str]) -> None:
    table = AliasTable([("电焊", "arc"), ("氩弧焊", "tig"), ("炒菜", "cook"), (" ", "none")])
    assert table.find(text) == sorted(codes)


def test_aliases_of_an_empty_table_find_nothing() -> None:
    assert AliasTable([]).find("电焊") == []
    assert AliasTable([("电焊", "arc")]).find("电焊") == ["arc"]


def test_title_weights_sum_to_the_whole() -> None:
    model = TextModel(VOCABULARY)
    ids, weights = model.title_grams("电焊工")
    assert len(ids) == len(weights) == 6
    assert int(weights.sum()) == pytest.approx(FULL_WEIGHT, abs=6)
    assert len(model.title_grams("!!")[0]) == 0
    assert TextModel(Vocabulary()).n_grams == 1


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("焊工", WELDER),
        ("急招 气焊工 数名", WELDER),
        ("中餐炒菜师傅", COOK),
        ("大货车司机（B2）", DRIVER),
    ],
)
def test_title_suggests_its_occupation_first(title: str, code: str) -> None:
    found = TitleSuggester(VOCABULARY).suggest(title, 3)
    assert found[0].code == code
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)
    assert len({s.code for s in found}) == len(found)


def test_exact_alias_scores_one() -> None:
    (found,) = TitleSuggester(VOCABULARY).suggest("炒菜师傅", 1)
    assert (found.code, found.score) == (COOK, 1.0)


def test_person_is_asked_when_nothing_is_near() -> None:
    suggester = TitleSuggester(VOCABULARY)
    assert suggester.suggest("qwerty") == []
    assert suggester.sure_codes(["qwerty", "厨师", "", "厨师"]) == ["", COOK, "", COOK]
    assert TitleSuggester(Vocabulary()).suggest("工人") == []


def test_product_vocabulary_is_complete() -> None:
    vocabulary = load_vocabulary()
    assert len(vocabulary.occupations) > 2000
    assert len(vocabulary.skills) == 350
    assert vocabulary.lists("occupation", "6-18")
    assert TextModel(vocabulary).n_grams < 2**16
    suggester = TitleSuggester(vocabulary)
    titles = {"叉车司机": "6-30-05-01", "电焊工": WELDER, "缝纫工": "6-05-01-03"}
    assert dict(zip(titles, suggester.sure_codes(list(titles)), strict=True)) == titles


def test_code_book_keeps_numbers_when_it_grows() -> None:
    book = CodeBook(VOCABULARY)
    before = book.occupation_id(WELDER)
    short = book.affinity(WELDER)
    book.occupation_id("6-18-02-99")
    assert book.occupation_id(WELDER) == before
    assert len(book.affinity(WELDER)) == len(short) + 1
    assert book.affinity(WELDER)[-1] == pytest.approx(0.7)
    assert book.known_skill_id("nobody") is None


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from(["seed", "a", "中", ""])), max_size=12),
    st.booleans(),
)
def test_id_map_answers_like_a_dictionary(steps: list[tuple[bool, str]], rebuild: bool) -> None:
    ids, plain = IdMap(), {}
    ids.append(["seed"])
    ids.rebuild()
    plain["seed"] = 0
    for is_added, name in steps:
        if is_added:
            ids.forget(name)
            plain[name] = len(ids)
            ids.append([name])
        else:
            ids.forget(name)
            plain.pop(name, None)
    if rebuild:
        order = np.array(sorted(plain.values()), dtype=np.intp)
        plain = {ids.name(row): place for place, row in enumerate(order.tolist())}
        ids.reorder(order)
    for name in {name for _, name in steps} | {"seed"}:
        assert ids.row(name) == plain.get(name)
    rows = np.array(list(plain.values()), dtype=np.intp)
    assert ids.names(rows) == tuple(plain)


def test_id_map_tells_names_apart_when_their_hashes_collide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ml.ids.hash", lambda name: 7, raising=False)
    ids = IdMap()
    ids.append(["a", "b", "c"])
    ids.rebuild()
    assert [ids.row(name) for name in ("a", "b", "c", "d")] == [0, 1, 2, None]
