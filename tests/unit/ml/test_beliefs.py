"""What is believed of a person beyond what is recorded, and of constraints nobody has stated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ml.baseline import ExpertBaseline, Weight
from ml.beliefs import SHARES, weakest
from ml.experience_words import ExperienceReader
from ml.features import FEATURES, INDEX
from ml.reverse import ClientPool
from ml.schema import Clients
from tests.unit.ml.worlds import (
    AS_OF,
    COOK,
    CUTTER,
    FULL_CLIENT,
    WELDER,
    index_of,
    query_of,
)

BARE = {"skills": "", "experience": "", "desired_occupations": "", "text": ""}


def feature(name: str, person: dict[str, Any], opening: dict[str, Any]) -> float:
    """Return one feature of a pair that fits but for the changes."""
    index = index_of(opening)
    return float(index.feature_matrix(query_of(index, **person), np.array([0]))[0, INDEX[name]])


def coverage(opening: dict[str, Any] | None = None, **person: Any) -> float:
    asked = {"skills_required": "weld.arc:3;weld.tig:3"} | (opening or {})
    return feature("believed_coverage", BARE | person, asked)


def test_shares_rise_with_the_level_and_fall_with_the_need() -> None:
    assert (np.diff(SHARES[1:6], axis=0) >= 0).all()
    assert (np.diff(SHARES[1:, 1:], axis=1) <= 0).all()
    assert ((SHARES[1:] > 0) & (SHARES <= 1)[1:]).all()


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({}, {"text": "会电焊"}),
        ({"skills": "weld.arc:1"}, {"skills": "weld.arc:4"}),
        ({"skills": "weld.arc:4"}, {"skills": "weld.arc:4;weld.tig:1"}),
        ({}, {"experience": f"{WELDER}:24"}),
        ({"experience": f"{COOK}:24"}, {"experience": f"{CUTTER}:24"}),
        ({"experience": f"{WELDER}:24"}, {"experience": f"{WELDER}:24", "skills": "gen.5s:1"}),
        ({"text": "会电焊"}, {"text": "会电焊", "skills": "weld.arc:1"}),
    ],
    ids=["told", "level", "second", "worked", "near", "other skill", "recorded"],
)
def test_believed_coverage_never_falls_when_more_is_known(
    worse: dict[str, Any], better: dict[str, Any]
) -> None:
    assert coverage(**better) >= coverage(**worse)


def test_believed_coverage_is_above_nothing_when_only_the_work_is_known() -> None:
    worked, elsewhere = (coverage(experience=f"{code}:24") for code in (WELDER, COOK))
    assert 0.0 < elsewhere < worked < 0.5


@pytest.mark.parametrize(
    "opening",
    [{"skills_required": "", "text": "要会电弧焊"}, {"skills_required": "", "text": ""}],
    ids=["mentioned", "typical"],
)
def test_believed_coverage_reads_the_opening_when_no_skill_is_coded(
    opening: dict[str, Any],
) -> None:
    assert coverage(opening, skills="weld.arc:4") > coverage(opening, skills="cook.wok:4") + 0.2
    person = BARE | {"skills": "weld.arc:4"}  # of one belief the weakest is the whole
    weakest_one = feature("weakest_skill", person, opening)
    assert weakest_one == pytest.approx(coverage(opening, skills="weld.arc:4"), abs=1e-3)


def test_belief_is_the_works_typical_one_when_the_opening_says_nothing() -> None:
    silent = {"skills_required": "", "text": "", "title": ""}
    found = [
        feature(name, BARE | {"skills": skills}, silent)
        for skills in ("weld.arc:4", "cook.wok:4")
        for name in ("believed_coverage", "weakest_skill")
    ]
    assert found[0] == found[1] > 0.4
    assert found[2] == found[3] < 0.1


def test_weakest_is_near_the_least_share_when_shares_differ() -> None:
    shares = np.array([1.0, 1.0, 0.2])
    assert 0.2 < weakest(np.array([(shares**-2).sum()]), np.array([3]))[0] < 0.4
    assert weakest(np.array([2.0]), np.array([2]))[0] == 1.0


def test_weakest_skill_is_below_coverage_when_one_skill_lacks() -> None:
    asked = {"skills_required": "weld.arc:3;gen.5s:3"}
    person = BARE | {"skills": "weld.arc:5"}
    assert feature("weakest_skill", person, asked) < feature("believed_coverage", person, asked)


def test_practice_is_the_mean_when_codes_and_words_differ() -> None:
    person = {"experience": f"{COOK}:24", "text": "做过焊工2年"}
    both = feature("practice", BARE | person, {"title": "焊工"})
    alone = feature("practice", BARE | {"text": "做过焊工2年"}, {"title": "焊工"})
    assert 0.0 < both < alone


def test_practice_follows_the_title_when_the_code_is_another() -> None:
    person = BARE | {"experience": f"{COOK}:24"}
    wrong = {"occupation": WELDER}
    named = feature("practice", person, wrong | {"title": "厨师"})
    assert named > feature("practice", person, wrong | {"title": "焊工"})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("原来当焊工，做了2年", [(WELDER, 24.0)]),
        ("原来当焊工，后来没做，干了2年", [(WELDER, 6.0)]),
        ("当焊工1年，做了2年", [(WELDER, 12.0)]),
        ("当焊工，做了1个月", [(WELDER, 6.0)]),
    ],
    ids=["next statement", "not later ones", "own period", "never shorter"],
)
def test_experience_takes_the_period_of_the_next_statement(
    text: str, found: list[tuple[str, float]]
) -> None:
    assert ExperienceReader({"焊工": WELDER}).read(text) == found


@pytest.mark.parametrize(
    ("person", "opening"),
    [
        ({"shifts_ok": ""}, {"shift": "night"}),
        ({"shifts_ok": "day"}, {"shift": ""}),
        ({"exertion_max": ""}, {"exertion": 4}),
        ({"exertion_max": 1}, {"exertion": ""}),
        ({"education": ""}, {"education_min": 4}),
        ({"education": 1}, {"education_min": ""}),
        ({"employment_types_ok": ""}, {"employment_type": "gig"}),
        ({"lat": "", "lon": ""}, {}),
        ({"max_commute_km": ""}, {"lat": 30.80, "lodging_provided": 0}),
        ({"needs_lodging": ""}, {"lat": 31.3, "lodging_provided": 1}),
    ],
)
def test_unverified_is_above_nothing_when_a_side_is_silent(
    person: dict[str, Any], opening: dict[str, Any]
) -> None:
    full: dict[str, Any] = {"lat": 30.67, "lon": 104.06, "lodging_provided": 1}
    told = feature("unverified", {}, full)
    assert feature("unverified", person, full | opening) > told == 0.0


def test_daily_way_is_short_when_the_person_lives_at_the_work() -> None:
    away = {"lat": 31.3, "lon": 104.06, "lodging_provided": 1}
    lodged = feature("daily_way", {"needs_lodging": 1}, away)
    assert lodged < feature("daily_way", {"needs_lodging": ""}, away)
    unknown = {"lat": "", "lon": ""}
    bed = feature("daily_way", {"needs_lodging": 1} | unknown, away)
    assert bed < feature("daily_way", {"needs_lodging": 0} | unknown, away)


def test_beliefs_are_the_same_when_an_opening_looks_for_clients() -> None:
    index = index_of({}, {"skills_required": "", "text": "要会电弧焊", "shift": "night"})
    people: list[dict[str, Any]] = [
        FULL_CLIENT,
        FULL_CLIENT | {"client_id": "C2", "shifts_ok": "", "skills": "", "max_commute_km": ""},
    ]
    clients = Clients.from_rows(people)
    pool = ClientPool.build(index, clients, AS_OF)
    every = {feature.name: Weight(0.1, 0.1, 0.0, 1.0) for feature in FEATURES}
    model = ExpertBaseline(every)
    for row, name in enumerate(index.names_of(np.arange(2))):
        for client, score in pool.scores(name, model).items():
            query = index.query(clients, int(client == "C2"), AS_OF)
            assert score == index.score(query, np.array([row]), model=model).score[0]


def test_expert_scores_are_the_same_when_beliefs_are_not_filled() -> None:
    index = index_of({}, {"skills_required": "", "shift": "night"})
    query, rows = query_of(index), np.arange(2)
    full, short = (index.feature_matrix(query, rows, learned=filled) for filled in (True, False))
    expert = ExpertBaseline()
    assert index.score(query, rows).score.tolist() == expert.predict(full).score.tolist()
    assert (full != short).any()
    assert (short[:, INDEX["partner_hire_odds"] :] == 0).all()
