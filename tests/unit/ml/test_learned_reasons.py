"""Reasons of learned models: what only they read is named, truly, with its field and sign."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from ml.effects import WORTH_SAYING, choose, pair_effects
from ml.explain import shortlist
from ml.families import FAMILIES
from ml.index import OpeningIndex
from ml.misses import contrast
from ml.reasons import ReasonCode
from ml.schema import Clients
from tests.unit.ml.drawn_models import drawn_model, reading
from tests.unit.ml.reason_rule import assert_keeps_rule
from tests.unit.ml.worlds import (
    AS_OF,
    CLIENT_ROWS,
    COOK,
    CUTTER,
    VACANCY_LISTS,
    VOCABULARY,
    WELDER,
    drawn,
    index_of,
    query_of,
)

SEEDS = st.integers(0, 2**32 - 1)
SHARES = st.sampled_from((0.0, 0.5))


@given(CLIENT_ROWS, VACANCY_LISTS, SEEDS, SHARES)
@settings(max_examples=60, deadline=None)
def test_reasons_of_a_learned_model_keep_the_rule(
    row: dict[str, Any], rows: list[dict[str, Any]], seed: int, share: float
) -> None:
    index, model = OpeningIndex.build(drawn(rows), VOCABULARY), drawn_model(seed, share)
    query = index.query(Clients.from_rows([row]), 0, AS_OF)
    ranking = index.rank(query, 20, model=model)
    X = index.feature_matrix(query, ranking.rows, ranking.distance_km)
    effects = pair_effects(X, ranking.scores, model).effect
    listed = shortlist(index, query, model=model)
    for entry, effect in zip(listed.entries, effects, strict=True):
        assert_keeps_rule(entry)
        if effect.min() < -WORTH_SAYING:
            worst = min(reason.weight for reason in entry.reasons)
            assert worst == pytest.approx(effect.min(), abs=1e-4)


def test_reasons_are_the_same_to_the_byte_when_the_seed_is() -> None:
    changes = ({}, {"occupation": COOK}, {"lat": 30.9}, {"shift": None})

    def listed() -> bytes:
        index = index_of(*changes)
        found = shortlist(index, query_of(index, barred_occupations=""), model=drawn_model(7, 0.5))
        return repr(found.entries).encode()

    assert listed() == listed()


NOTHING_TOLD = {"skills": "", "text": ""}
MENTIONING = {"skills_required": "", "title": "焊工", "text": "要会电弧焊"}
SILENT = {"shifts_ok": "", "exertion_max": None, "education": None, "employment_types_ok": ""}
LIVES_THERE = {"lat": 31.4, "lodging_provided": 1}
C = ReasonCode
TRUE: list[tuple[str, dict[str, float], dict[str, Any], dict[str, Any], str, str, str]] = [
    (
        "mentioned",
        {"mentioned_coverage": 3},
        {},
        MENTIONING,
        "+mentioned_covered",
        "skills",
        "text",
    ),
    (
        "not-mentioned",
        {"mentioned_coverage": 3},
        NOTHING_TOLD,
        MENTIONING,
        "-mentioned_missing",
        "skills",
        "text",
    ),
    ("trade", {"skill_trade": 2}, {}, {}, "+trade_matches", "skills", "occupation"),
    (
        "no-trade",
        {"occupation_known": 2},
        {},
        {"occupation": "", "title": ""},
        "-occupation_unknown",
        "",
        "occupation",
    ),
    (
        "no-skills",
        {"skills_known": 2},
        NOTHING_TOLD,
        {},
        "-ability_untold",
        "skills",
        "skills_required",
    ),
    ("able", {"believed_coverage": 2}, {}, {}, "+ability_likely", "skills", "skills_required"),
    (
        "doubtful",
        {"believed_coverage": 2},
        {},
        {"skills_required": "cook.wok"},
        "-ability_doubtful",
        "skills",
        "skills_required",
    ),
    (
        "weakest",
        {"weakest_skill": 2},
        {},
        {"skills_required": "weld.arc;cook.wok"},
        "-ability_doubtful",
        "skills",
        "skills_required",
    ),
    (
        "able-by-words",
        {"believed_coverage": 2},
        {"skills": "weld.arc:5"},
        MENTIONING,
        "+ability_likely",
        "skills",
        "text",
    ),
    ("practice", {"practice": 2}, {}, {}, "+experience_matches", "experience", "occupation"),
    (
        "told",
        {"practice": 2},
        {"experience": "", "text": "做过五年焊工"},
        {},
        "+experience_told",
        "text",
        "occupation",
    ),
    (
        "short",
        {"practice": 2},
        {"experience": f"{WELDER}:0", "text": ""},
        {},
        "-experience_short",
        "experience",
        "occupation",
    ),
    (
        "elsewhere",
        {"practice": 2},
        {"experience": f"{COOK}:60", "text": ""},
        {},
        "-experience_elsewhere",
        "experience",
        "occupation",
    ),
    (
        "skilled",
        {"skilled_practice": 2},
        {"experience": f"{WELDER}:60"},
        {},
        "+practice_skilled",
        "experience",
        "skills_required",
    ),
    (
        "unskilled",
        {"weakest_practice": 4},
        {},
        {"skills_required": "cook.wok"},
        "-practice_unskilled",
        "experience",
        "skills_required",
    ),
    (
        "near-wish",
        {"wish_nearness": 2},
        {"desired_occupations": CUTTER},
        {},
        "+wish_near",
        "desired_occupations",
        "occupation",
    ),
    ("way", {"daily_way": -2}, {}, {}, "+commute_short", "max_commute_km", "lat"),
    (
        "lodged",
        {"daily_way": -2, "lodging_fit": 0.1, "commute_km": 0.0},
        {"max_commute_km": 5},
        {"lat": 30.80},
        "+commute_lodged",
        "max_commute_km",
        "lat",
    ),
    (
        "underpaid",
        {"underpaid_way": -9},
        {"wage_expected_cny_month": 9000},
        {"lat": 30.85},
        "-way_underpaid",
        "wage_expected_cny_month",
        "wage_min_cny_month",
    ),
    ("stated", {"unverified": -2}, {}, {}, "+terms_fit", "shifts_ok", "shift"),
    (
        "person-silent",
        {"unverified": -2},
        SILENT,
        {"shift": "night"},
        "-terms_unstated",
        "shifts_ok",
        "",
    ),
    (
        "opening-silent",
        {"unverified": -2},
        {"shifts_ok": "night"},
        {"shift": None},
        "-terms_unstated",
        "",
        "shift",
    ),
    ("flag-against", {"essential_stated": 2}, {}, MENTIONING, "-skills_not_stated", "", ""),
    ("flag-for", {"essential_stated": -2}, {}, MENTIONING, "+skills_not_stated", "", ""),
    (
        "pay-turned-round",
        {"wage_gap": -4},
        {"wage_expected_cny_month": 2500},
        {},
        "-wage_above=5000",
        "wage_expected_cny_month",
        "wage_min_cny_month",
    ),
    (
        "schooling-turned-round",
        {"education_margin": -2},
        {"education": 5},
        {},
        "-education_above=5",
        "education",
        "education_min",
    ),
    (
        "trade-of-partner",
        {"partner_hire_odds": 2},
        {},
        {"partner_hire": 0.8, "partner_n": 0},
        "+partner_trade_reliable=0.8",
        "",
        "partner_id",
    ),
    ("place", {"place_unknown": 2}, {}, {"lat": None}, "-place_unknown", "", "lat"),
]


@pytest.mark.parametrize(
    ("reads", "person", "opening", "expected", "client_field", "vacancy_field"),
    [pytest.param(*case[1:], id=case[0]) for case in TRUE],
)
def test_reason_names_what_only_the_learned_model_reads(
    reads: dict[str, float],
    person: dict[str, Any],
    opening: dict[str, Any],
    expected: str,
    client_field: str,
    vacancy_field: str,
) -> None:
    index = index_of(opening)
    (entry,) = shortlist(index, query_of(index, **person), model=reading(**reads)).entries
    found = [reason for reason in entry.reasons if str(reason).startswith(expected)]
    assert found, [str(reason) for reason in entry.reasons]
    assert abs(found[0].weight) > WORTH_SAYING
    if client_field or vacancy_field:
        assert (found[0].client_field, found[0].vacancy_field) == (client_field, vacancy_field)


@pytest.mark.parametrize(
    ("reads", "person", "opening", "codes"),
    [
        ("believed_coverage", {}, {"skills_required": "weld.arc;cook.wok"}, ("cook.wok",)),
        ("mentioned_coverage", NOTHING_TOLD, MENTIONING, ("weld.arc",)),
        ("unverified", SILENT, {"shift": "night"}, ("shifts_ok", "exertion_max")),
        ("unverified", {"max_commute_km": None, "needs_lodging": 0}, {"lat": None}, ("lat",)),
    ],
    ids=["doubtful", "mentioned", "blank", "place"],
)
def test_reason_against_names_the_skills_or_the_blank_fields(
    reads: str, person: dict[str, Any], opening: dict[str, Any], codes: tuple[str, ...]
) -> None:
    index = index_of(opening)
    sign = -3.0 if reads == "unverified" else 3.0
    (entry,) = shortlist(index, query_of(index, **person), model=reading(**{reads: sign})).entries
    assert next(reason.codes for reason in entry.reasons if reason.codes) == codes


def test_weakest_point_does_not_speak_for_the_pair() -> None:
    effect, shortfall = np.array([0.5, 0.4, 0.3, 0.2, 0.0]), np.array([0.0, 0.0, 0.0, 9.0, 0.1])
    assert choose(effect, shortfall)[-1] == (4, -1, -0.1)


@given(SEEDS, SHARES)
@settings(max_examples=20, deadline=None)
def test_contrast_is_the_difference_of_the_same_families(seed: int, share: float) -> None:
    index, model = (
        index_of({}, {"skills_required": "cook.wok", "lat": 30.85}),
        drawn_model(seed, share),
    )
    query = query_of(index)
    found = contrast(index, query, "V1", "V2", model=model, top=99)
    X = index.feature_matrix(query, np.array([0, 1]))
    scores, parts = model.predict(X), model.parts(X)
    gap = (parts.hire[0] - parts.hire[1]) * (1 - scores.p_hire.mean())
    gap += (parts.retained[0] - parts.retained[1]) * (1 - scores.p_retained_6m.mean())
    named = {family.positive: place for place, family in enumerate(FAMILIES)}
    named |= {family.negative: place for place, family in enumerate(FAMILIES)}
    assert len({named[difference.code] for difference in found}) == len(found)
    for difference in found:
        assert difference.weight == pytest.approx(gap[named[difference.code]], abs=1e-3)
    assert {named[d.code] for d in found} >= set(np.flatnonzero(np.abs(gap) > 0.001).tolist())


def test_contrast_says_which_pays_more_when_outcomes_turn_the_wage_round() -> None:
    index = index_of({"wage_max_cny_month": 9000}, {})
    model = reading(wage_gap=-9.0)
    (only,) = contrast(index, query_of(index), "V1", "V2", model=model)
    assert (only.code, only.amount) == (C.WAGE_ABOVE, 1500.0)
    assert only.weight < 0
