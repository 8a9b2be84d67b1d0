"""The expert formula and its features: what may raise a score, and what may never lower it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from sklearn.base import clone

from ml.baseline import EXPERT_WEIGHTS, UTILITY_WEIGHTS, ExpertBaseline, Weight
from ml.features import FEATURES, INDEX, effective_commute_km
from ml.index import OpeningIndex
from ml.schema import Clients
from ml.statics import partner_shift
from tests.unit.ml.worlds import (
    AS_OF,
    CLIENT_ROWS,
    COOK,
    CUTTER,
    VACANCY_ROWS,
    VOCABULARY,
    WELDER,
    drawn,
    index_of,
    query_of,
)


def score_of(person: dict[str, Any], opening: dict[str, Any]) -> float:
    """Return the score of one pair, gates aside."""
    index = OpeningIndex.build(drawn([opening]), VOCABULARY)
    query = index.query(Clients.from_rows([person]), 0, AS_OF)
    return float(index.score(query, np.array([0])).score[0])


def features_of(person: dict[str, Any], opening: dict[str, Any]) -> dict[str, float]:
    """Return the named features of a pair that fits but for the changes."""
    index = index_of(opening)
    row = index.feature_matrix(query_of(index, **person), np.array([0]))[0]
    return {feature.name: float(row[INDEX[feature.name]]) for feature in FEATURES}


@given(CLIENT_ROWS, VACANCY_ROWS, st.floats(0, 3), st.floats(0, 3))
@settings(max_examples=60, deadline=None)
def test_shorter_commute_never_lowers_a_score(
    person: dict[str, Any], opening: dict[str, Any], first: float, second: float
) -> None:
    near, far = sorted((first, second))
    place = {"lat": 30.0, "lon": 104.0}
    scores = [
        score_of(person | place, opening | {"lat": 30.0 + away, "lon": 104.0})
        for away in (near, far)
    ]
    assert scores[0] >= scores[1]


@given(CLIENT_ROWS, VACANCY_ROWS, st.integers(0, 4), st.none() | st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_one_more_matching_skill_never_lowers_a_score(
    person: dict[str, Any], opening: dict[str, Any], which: int, level: int | None
) -> None:
    wanted = [*opening["skills_required"], *opening["skills_preferred"]]
    had = person["skills"] or []
    new = [code for code, _ in wanted if code not in dict(had)]
    assume(new)
    more = [*had, (new[which % len(new)], level)]
    assert score_of(person | {"skills": more}, opening) >= score_of(person, opening)


@given(CLIENT_ROWS, VACANCY_ROWS, st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_higher_level_never_lowers_a_score(
    person: dict[str, Any], opening: dict[str, Any], level: int
) -> None:
    low, high = (
        [(code, n) for code, _ in person["skills"] or [("weld.arc", 1)]] for n in (level or 1, 4)
    )
    assert score_of(person | {"skills": high}, opening) >= score_of(
        person | {"skills": low}, opening
    )


@given(CLIENT_ROWS, VACANCY_ROWS)
@settings(max_examples=60, deadline=None)
def test_scores_stay_in_their_ranges(person: dict[str, Any], opening: dict[str, Any]) -> None:
    index = OpeningIndex.build(drawn([opening]), VOCABULARY)
    query = index.query(Clients.from_rows([person]), 0, AS_OF)
    X = index.feature_matrix(query, np.array([0]))
    assert np.isfinite(X).all()
    found = ExpertBaseline().predict(X)
    assert 0 < found.p_hire[0] < 1
    assert 0 < found.p_retained_6m[0] < 1
    assert 0.5 <= found.utility[0] <= 1.5
    assert found.score[0] == found.p_hire[0] * found.p_retained_6m[0] * found.utility[0]


@given(st.lists(st.floats(0, 1, width=32), min_size=25, max_size=25), st.integers(0, 24))
def test_weights_have_the_signs_that_sense_demands(values: list[float], which: int) -> None:
    feature = FEATURES[which]
    low = np.array([values], dtype=np.float32)
    high = low.copy()
    high[0, which] += 1
    before, after = (ExpertBaseline().predict(X) for X in (low, high))
    assert feature.hire * (after.p_hire[0] - before.p_hire[0]) >= 0
    assert feature.retained * (after.p_retained_6m[0] - before.p_retained_6m[0]) >= 0


def test_features_have_one_weight_each_and_signs_agree() -> None:
    assert set(EXPERT_WEIGHTS) <= set(INDEX)
    for name, weight in EXPERT_WEIGHTS.items():
        feature = FEATURES[INDEX[name]]
        assert weight.hire * feature.hire >= 0
        assert weight.retained * feature.retained >= 0


def test_utility_is_one_when_wishes_are_unknown() -> None:
    index = index_of({})
    query = query_of(index, wage_expected_cny_month=None, desired_occupations="")
    assert index.score(query, np.array([0])).utility[0] == 1.0


def test_score_does_not_depend_on_neighbours() -> None:
    rng = np.random.default_rng(4)
    X = rng.random((300, len(FEATURES)), dtype=np.float32)
    together = ExpertBaseline().predict(X).score
    alone = [float(ExpertBaseline().predict(X[i : i + 1]).score[0]) for i in range(300)]
    assert together.tolist() == alone


def test_estimator_only_stores_what_it_is_given() -> None:
    weights = {"commute_km": Weight(-1.0, 0.0, 0.0, 0.0)}
    model = clone(ExpertBaseline(weights, intercepts=(0.0, 0.0)))
    X = np.zeros((2, len(FEATURES)), dtype=np.float32)
    X[1, INDEX["commute_km"]] = 5
    assert model.fit() is model
    found = model.predict(X)
    assert found.p_hire.tolist() == pytest.approx([0.5, 0.0067], abs=1e-4)
    assert model.get_params()["weights"] == weights


FEATURE_CASES: list[tuple[str, dict[str, Any], dict[str, Any], str, float]] = [
    ("all-essential", {}, {}, "essential_coverage", 1.0),
    ("none-stated", {}, {"skills_required": ""}, "essential_coverage", 0.5),
    ("half", {}, {"skills_required": "weld.arc;cook.wok"}, "essential_coverage", 0.5),
    ("level-lower", {}, {"skills_required": "weld.arc:5"}, "essential_coverage", 0.8),
    ("level-unknown", {}, {"skills_required": "gen.5s:5"}, "essential_coverage", 0.8),
    ("only-mentioned", {}, {"skills_required": "weld.tig"}, "essential_coverage", 0.5),
    ("missing-one", {}, {"skills_required": "cook.wok"}, "n_missing_essential", 1.0),
    ("missing-many", {}, {"skills_required": "a;b;c;d;e;f;g"}, "n_missing_essential", 5.0),
    ("stated", {}, {}, "essential_stated", 1.0),
    ("optional-mentioned", {}, {}, "optional_coverage", 0.5),
    ("optional-none-stated", {}, {"skills_preferred": ""}, "optional_coverage", 0.5),
    ("certificate", {}, {}, "certificate_match", 1.0),
    ("no-certificate", {}, {"certificates_required": "cert.health"}, "certificate_match", 0.0),
    ("wish", {}, {}, "desired_occupation", 1.0),
    ("no-wish", {"desired_occupations": ""}, {}, "desired_occupation", 0.0),
    ("other-wish", {"desired_occupations": COOK}, {}, "desired_occupation", -1.0),
    ("wish-unknown-job", {}, {"occupation": "", "title": ""}, "desired_occupation", 0.0),
    ("wage-above", {}, {}, "wage_gap", 500 / 4500),
    ("wage-one-end", {}, {"wage_min_cny_month": None}, "wage_gap", 1500 / 4500),
    ("wage-capped", {"wage_expected_cny_month": 0}, {}, "wage_gap", 0.5),
    ("wage-unknown", {"wage_expected_cny_month": None}, {}, "wage_gap", 0.0),
    ("bed-wanted", {}, {}, "lodging_fit", 1.0),
    ("bed-not-asked", {"needs_lodging": None}, {}, "lodging_fit", 0.0),
    ("shift-known", {}, {}, "shift_fit", 1.0),
    ("shift-unknown", {}, {"shift": None}, "shift_fit", 0.0),
    ("education", {}, {}, "education_margin", 0.2),
    ("exertion", {}, {"exertion": 1}, "exertion_margin", 2 / 3),
    ("contract", {}, {"employment_type": "gig"}, "contract_stability", -1.0),
    ("no-training", {"trained_on": None}, {}, "training_recency", 0.0),
    ("training-today", {"trained_on": "2026-11-24"}, {}, "training_recency", 1.0),
    ("training-later", {"trained_on": "2026-11-25"}, {}, "training_recency", 0.0),
    ("no-text", {"text": ""}, {}, "text_similarity", 0.0),
    ("text-is-title", {"text": "干过电焊工"}, {}, "text_similarity", 1.0),
    ("no-title", {}, {"title": ""}, "text_similarity", 0.0),
    ("age", {}, {"open_on": "2026-08-26"}, "opening_age", 0.5),
    ("age-unknown", {}, {"open_on": None}, "opening_age", 0.0),
    ("partner-unknown", {}, {}, "partner_hire", 0.0),
    ("place-unknown", {}, {"lat": None}, "place_unknown", 1.0),
    ("place-unknown-commute", {}, {"lat": None}, "commute_km", 30.0),
]


@pytest.mark.parametrize(
    ("person", "opening", "name", "value"), [pytest.param(*c[1:], id=c[0]) for c in FEATURE_CASES]
)
def test_feature_has_its_documented_value(
    person: dict[str, Any], opening: dict[str, Any], name: str, value: float
) -> None:
    assert features_of(person, opening)[name] == pytest.approx(value, abs=1e-3)


def test_experience_counts_by_nearness_and_months() -> None:
    def near(experience: str) -> float:
        return features_of({"experience": experience}, {})["occupation_experience"]

    assert near(f"{WELDER}:60") > near(f"{WELDER}:6") > near(f"{CUTTER}:6") > near("6-18-09-01:6")
    assert near(f"{COOK}:90") == 0.0
    assert near("6-18:60") == near(f"{WELDER}:60")


def test_sector_experience_adds_the_months_of_a_branch() -> None:
    def sector(experience: str) -> float:
        return features_of({"experience": experience}, {})["sector_experience"]

    assert sector("6-18-05-01:12;6-18-06-01:12") == sector("6-18-07-01:24") > 0
    assert sector("4-02-02-02:12") == 0


def test_partner_record_moves_more_the_more_outcomes_there_are() -> None:
    shift = partner_shift(np.array([0.9, 0.9, 0.9, 0.1]), np.array([0, 4, 40, 40]), 0.5)
    assert shift[0] == 0
    assert shift[3] < 0 < shift[1] < shift[2]


def test_commute_beyond_the_limit_counts_little() -> None:
    distance = np.array([0.0, 29.0, 31.0, 130.0])
    found = effective_commute_km(distance, 30.0)
    assert (np.diff(found) > 0).all()
    assert found[-1] < 40


def test_utility_weights_name_features() -> None:
    assert set(UTILITY_WEIGHTS) <= set(INDEX)


def test_no_protected_attribute_is_a_feature_or_a_column() -> None:
    never = (
        "sex",
        "ethnic",
        "relig",
        "health",
        "origin",
        "offen",
        "sentence",
        "custod",
        "tier",
    )
    names = [feature.name for feature in FEATURES] + [column.name for column in Clients.COLUMNS]
    assert [name for name in names for word in never if word in name] == []
    assert {"age", "gap", "tier"}.isdisjoint(names)
