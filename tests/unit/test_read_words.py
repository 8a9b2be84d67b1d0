"""When words that people type stand, when a person is asked, and when nothing is near."""

from __future__ import annotations

import pytest

from matchboard.ranking.words import (
    ASK_TITLE,
    Certainty,
    Reading,
    decide_skill,
    decide_title,
    read_skill,
    read_title,
    sure_occupations,
)
from ml.skill_words import SkillMatch
from ml.titles import Advice, Suggestion

A, B, C = "6-18-02-04", "4-03-02-01", "6-05-01-03"
SURE, ASK, UNKNOWN = Certainty


def skill(code: str, *, sure: bool) -> SkillMatch:
    return SkillMatch(code, 0.7, "typed", "alias", sure)


@pytest.mark.parametrize(
    ("scores", "is_sure", "wanted"),
    [
        pytest.param([], False, Reading(UNKNOWN), id="nothing"),
        pytest.param([ASK_TITLE - 0.000001], False, Reading(UNKNOWN), id="just-too-far"),
        pytest.param([ASK_TITLE], False, Reading(ASK, (A,)), id="just-near-enough"),
        pytest.param([0.9, 0.88, 0.3], False, Reading(ASK, (A, B)), id="two-alike"),
        pytest.param([0.9, 0.5], True, Reading(SURE, (A, B)), id="sure"),
        pytest.param([1.0, 0.1], True, Reading(SURE, (A,)), id="sure-and-alone"),
    ],
)
def test_title_is_asked_about_unless_it_is_sure(
    scores: list[float], is_sure: bool, wanted: Reading
) -> None:
    found = tuple(Suggestion(code, score) for code, score in zip((A, B, C), scores, strict=False))
    assert decide_title(Advice(found, is_sure, "")) == wanted


@pytest.mark.parametrize(
    ("matches", "wanted"),
    [
        pytest.param([], Reading(UNKNOWN), id="nothing"),
        pytest.param([skill("a", sure=True)], Reading(SURE, ("a",)), id="one-sure"),
        pytest.param(
            [skill("a", sure=True), skill("b", sure=False)],
            Reading(SURE, ("a",)),
            id="one-sure-before-another",
        ),
        pytest.param([skill("a", sure=False)], Reading(ASK, ("a",)), id="one-unsure"),
        pytest.param(
            [skill("a", sure=True), skill("b", sure=True)], Reading(ASK, ("a", "b")), id="two-sure"
        ),
        pytest.param(
            [skill(code, sure=False) for code in "abcdef"],
            Reading(ASK, tuple("abcde")),
            id="no-more-than-a-person-reads",
        ),
    ],
)
def test_skill_is_asked_about_unless_one_is_sure(
    matches: list[SkillMatch], wanted: Reading
) -> None:
    assert decide_skill(matches) == wanted


@pytest.mark.parametrize(
    ("text", "certainty"),
    [
        ("會電焊", SURE),
        ("ＣＮＣ", SURE),
        ("电汗", SURE),
        ("缝仞", ASK),
        ("电焊和叉车", ASK),
        ("不会电焊", UNKNOWN),
        ("宇航", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_skill_words_are_read_as_certain_as_they_are(text: str, certainty: Certainty) -> None:
    assert read_skill(text).certainty is certainty


@pytest.mark.parametrize(
    ("title", "certainty"),
    [("急招電焊工！", SURE), ("前台", ASK), ("焊接", ASK), ("还没想好", UNKNOWN), ("", UNKNOWN)],
)
def test_titles_are_read_as_certain_as_they_are(title: str, certainty: Certainty) -> None:
    assert read_title(title).certainty is certainty


def test_only_sure_titles_have_an_occupation_when_many_are_read() -> None:
    titles = ["电焊工", "前台", "", "还没想好"]
    assert sure_occupations(titles) == [read_title("电焊工").codes[0], "", "", ""]
