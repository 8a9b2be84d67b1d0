"""Reasons, near misses, contrasts: codes and numbers that name their fields."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from ml.baseline import ExpertBaseline, Weight
from ml.effects import pair_effects
from ml.explain import band_of, entries_for, shortlist
from ml.gates import Gate
from ml.index import OpeningIndex
from ml.misses import best_skill_step, contrast, nearest_misses, why_not
from ml.reasons import Band, Reason, ReasonCode
from ml.schema import Clients
from tests.unit.ml.reason_rule import assert_keeps_rule
from tests.unit.ml.worlds import (
    AS_OF,
    CLIENT_ROWS,
    COOK,
    VACANCY_LISTS,
    VOCABULARY,
    drawn,
    index_of,
    query_of,
)


@given(CLIENT_ROWS, VACANCY_LISTS)
@settings(max_examples=60, deadline=None)
def test_every_entry_has_at_most_four_reasons_and_one_against(
    row: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    index = OpeningIndex.build(drawn(rows), VOCABULARY)
    listed = shortlist(index, index.query(Clients.from_rows([row]), 0, AS_OF))
    for entry in listed.entries:
        assert_keeps_rule(entry)


BLANK: dict[str, Any] = {
    "skills": "",
    "certificates": None,
    "experience": "",
    "desired_occupations": "",
    "wage_expected_cny_month": None,
    "shifts_ok": "",
    "needs_lodging": None,
    "exertion_max": None,
    "education": None,
    "trained_on": None,
    "text": "",
    "max_commute_km": None,
}
BARE: dict[str, Any] = {
    "title": "",
    "occupation": "",
    "skills_required": "",
    "skills_preferred": "",
    "certificates_required": "",
    "wage_min_cny_month": None,
    "wage_max_cny_month": None,
    "education_min": None,
    "exertion": None,
    "shift": None,
    "lodging_provided": None,
    "headcount": None,
    "open_on": None,
}
C = ReasonCode
REASONS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    (
        "skills-covered",
        {"skills": "weld.arc:5"},
        {"skills_required": "weld.arc:2"},
        "+skills_covered=1",
    ),
    ("skills-missing", {}, {"skills_required": "cook.wok;weld.tig"}, "-skills_missing=0"),
    ("preferred", {"skills": "weld.arc"}, {"skills_preferred": "weld.arc"}, "+preferred_covered=1"),
    ("certificate", {}, {"certificates_required": "cert.guard"}, "+certificate_held"),
    (
        "experience",
        {"experience": "6-18-02-04:60"},
        {"occupation": "6-18-02-04"},
        "+experience_matches",
    ),
    (
        "elsewhere",
        {"experience": "4-03-02-01:60"},
        {"occupation": "6-18-02-04"},
        "-experience_elsewhere=0",
    ),
    ("wish", {"desired_occupations": "6"}, {"occupation": "6-18-02-04"}, "+wish_met"),
    ("other-wish", {"desired_occupations": "4"}, {"occupation": "6-18-02-04"}, "-wish_elsewhere"),
    ("near", {}, {}, "+commute_short=5.1"),
    ("far", {"max_commute_km": 100}, {"lat": 31.3}, "-commute_long=70.2"),
    ("nowhere", {}, {"lat": None}, "-place_unknown"),
    ("bed", {"needs_lodging": 1}, {"lodging_provided": 1}, "+lodging_provided"),
    (
        "pays",
        {"wage_expected_cny_month": 3000},
        {"wage_min_cny_month": 4000, "wage_max_cny_month": 6000},
        "+wage_above=5000",
    ),
    (
        "pays-less",
        {"wage_expected_cny_month": 6000},
        {"wage_max_cny_month": 4000},
        "-wage_below=4000",
    ),
    ("short-term", {}, {"employment_type": "seasonal"}, "-contract_short"),
    ("trained", {"trained_on": "2026-11-01"}, {}, "+trained_recently"),
    ("shift", {"shifts_ok": "night"}, {"shift": "night"}, "+shift_fits"),
    ("light", {"exertion_max": 4}, {"exertion": 1}, "+exertion_light=1"),
    ("schooled", {"education": 5}, {"education_min": 1}, "+education_above=5"),
    ("old", {}, {"open_on": "2026-01-01"}, "-opening_old=327"),
    ("many", {}, {"headcount": 40}, "+places_many=40"),
    ("partner", {}, {"partner_hire": 0.8, "partner_n": 30}, "+partner_reliable=0.8"),
    ("bad-partner", {}, {"partner_retained": 0.1, "partner_n": 30}, "-partner_rarely"),
    ("own-words", {"text": "做电焊工"}, {"title": "电焊工"}, "+text_matches"),
]


@pytest.mark.parametrize(
    ("person", "opening", "expected"), [pytest.param(*case[1:], id=case[0]) for case in REASONS]
)
def test_reason_is_given_when_one_thing_stands_out(
    person: dict[str, Any], opening: dict[str, Any], expected: str
) -> None:
    index = index_of(BARE | opening)
    query = query_of(index, **(BLANK | {"employment_types_ok": ""} | person))
    (entry,) = shortlist(index, query).entries
    assert any(str(reason).startswith(expected) for reason in entry.reasons), entry.reasons


AGAINST: list[tuple[str, dict[str, Any], ReasonCode]] = [
    ("essential", {}, C.SKILLS_NOT_STATED),
    ("experience", {}, C.EXPERIENCE_NONE),
    ("wish", {}, C.WISH_UNKNOWN),
    ("wage", {}, C.WAGE_UNKNOWN),
    ("partner", {}, C.PARTNER_UNTRIED),
    ("exertion", {}, C.EXERTION_AT_LIMIT),
    ("education", {}, C.EDUCATION_AT_LIMIT),
    ("age", {}, C.OPENING_OLD),
    ("certificate", {}, C.CERTIFICATE_NOT_ASKED),
]


@pytest.mark.parametrize(("family", "person", "code"), [pytest.param(*a, id=a[0]) for a in AGAINST])
def test_unknown_is_named_when_it_is_the_weakest_point(
    family: str, person: dict[str, Any], code: ReasonCode
) -> None:
    from ml.details import describe
    from ml.explain import facts_of
    from ml.families import FAMILIES

    index = index_of(BARE)
    query = query_of(index, **(BLANK | person))
    position = [each.key for each in FAMILIES].index(family)
    assert describe(facts_of(index, query, 0, 3.0), position, -1, -0.2).code is code


def test_unknown_place_names_the_side_that_misses_it() -> None:
    index = index_of({"lat": None}, {})
    here, nowhere = query_of(index), query_of(index, lat=None)

    def place(query: Any, vacancy_id: str) -> Reason:
        entries = {entry.vacancy_id: entry for entry in shortlist(index, query).entries}
        reasons = entries[vacancy_id].reasons
        return next(r for r in reasons if r.code is C.PLACE_UNKNOWN)

    assert place(here, "V1").vacancy_field == "lat"
    assert place(nowhere, "V2").client_field == "lat"


def test_named_openings_become_entries_whether_feasible_or_not() -> None:
    index = index_of({"shift": "night"}, {}, {})
    query = query_of(index)
    found = entries_for(index, query, ["V3", "V1", "V9"])
    assert [(entry.vacancy_id, entry.rank) for entry in found] == [("V3", 1), ("V1", 2)]
    listed = {entry.vacancy_id: entry for entry in shortlist(index, query).entries}
    assert found[0].score == listed["V3"].score
    assert entries_for(index, query, []) == ()


def test_missing_data_and_assumptions_are_listed() -> None:
    index = index_of(BARE | {"title": "电焊工", "employment_type": None, "lat": None})
    listed = shortlist(index, query_of(index, **BLANK, lat=None))
    (entry,) = listed.entries
    assert listed.assumed == ("max_commute_km", "needs_lodging")
    assert {"lat", "skills", "certificates", "education", "shifts_ok"} <= set(listed.missing)
    assert entry.assumed == ("occupation", "employment_type")
    assert {"lat", "wage_min_cny_month", "skills_required", "shift"} <= set(entry.missing)
    assert "occupation" not in entry.missing
    assert entry.distance_km is None
    assert (listed.n_feasible, listed.n_place_unknown, listed.model) == (1, 1, "expert")


@pytest.mark.parametrize(
    ("score", "band"),
    [(1.2, Band.STRONG), (0.30, Band.STRONG), (0.15, Band.GOOD), (0.1, Band.FAIR)],
)
def test_band_follows_the_score(score: float, band: Band) -> None:
    assert band_of(score) is band


def test_effects_of_unweighted_features_are_nothing() -> None:
    index = index_of({})
    X = index.feature_matrix(query_of(index), np.array([0]))
    model = ExpertBaseline({"commute_km": Weight(-0.1, 0.0, 0.0, 0.0)})
    found = pair_effects(X, model.predict(X), model)
    assert np.count_nonzero(found.effect) == 1


MISSES: list[tuple[str, dict[str, Any], dict[str, Any], tuple[Any, ...]]] = [
    (
        "commute",
        {},
        {"lat": 31.57, "lodging_provided": 0},
        (Gate.COMMUTE_OR_LODGING, "client", "max_commute_km", 30.0, 100.1, ()),
    ),
    (
        "bed",
        {"needs_lodging": 0},
        {"lat": 31.57},
        (Gate.COMMUTE_OR_LODGING, "client", "needs_lodging", 0.0, 1.0, ()),
    ),
    ("shift", {}, {"shift": "night"}, (Gate.SHIFT, "client", "shifts_ok", None, None, ("night",))),
    ("exertion", {}, {"exertion": 4}, (Gate.EXERTION, "client", "exertion_max", 3, 4.0, ())),
    ("education", {}, {"education_min": 5}, (Gate.EDUCATION, "client", "education", 3, 5.0, ())),
    (
        "certificate",
        {},
        {"certificates_required": "cert.guard;cert.drive.c1"},
        (Gate.CERTIFICATE, "client", "certificates", None, None, ("cert.guard",)),
    ),
    (
        "contract",
        {},
        {"employment_type": "gig"},
        (Gate.EMPLOYMENT_TYPE, "client", "employment_types_ok", None, None, ("gig",)),
    ),
    (
        "not-open",
        {},
        {"open_on": "2026-12-05"},
        (Gate.DATES, "vacancy", "open_on", None, None, ("2026-12-05",)),
    ),
    (
        "closed",
        {},
        {"close_on": "2026-11-26"},
        (Gate.DATES, "vacancy", "close_on", None, None, ("2026-11-26",)),
    ),
]


@pytest.mark.parametrize(
    ("person", "opening", "expected"), [pytest.param(*case[1:], id=case[0]) for case in MISSES]
)
def test_near_miss_says_what_would_change_it(
    person: dict[str, Any], opening: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    index = index_of(opening, {})
    (miss,) = nearest_misses(index, query_of(index, **person))
    assert miss.vacancy_id == "V1"
    found = (miss.gate, miss.side, miss.field, miss.have, miss.need, miss.codes)
    assert found == expected
    assert miss.score > 0


@pytest.mark.parametrize(
    "opening",
    [{"places_left": 0}, {"occupation": COOK}, {"shift": "night", "exertion": 4}],
    ids=["full", "barred", "two-gates"],
)
def test_nothing_is_one_step_away_when_nobody_could_take_the_step(opening: dict[str, Any]) -> None:
    index = index_of(opening)
    assert nearest_misses(index, query_of(index)) == ()
    near = index_of({"shift": "night"})  # one step, and somebody can take it
    assert len(nearest_misses(near, query_of(near))) == 1


def test_near_misses_leave_out_excluded_pairs_and_keep_the_best() -> None:
    rows = [{"shift": "night", "skills_required": s} for s in ("cook.wok", "weld.arc", "weld.arc")]
    index = index_of(*rows)
    found = nearest_misses(index, query_of(index), 1, excluded=["V2"])
    assert [miss.vacancy_id for miss in found] == ["V3"]


def test_why_not_names_every_gate() -> None:
    index = index_of({"shift": "night", "places_left": 0, "occupation": COOK}, {})
    query = query_of(index)
    found = why_not(index, query, "V1")
    assert found is not None
    assert [(m.gate, m.field, m.have) for m in found] == [
        (Gate.SHIFT, "shifts_ok", None),
        (Gate.HEADCOUNT, "headcount", 0.0),
        (Gate.BARRED, "barred_occupations", None),
    ]
    assert why_not(index, query, "V2") == ()
    assert why_not(index, query, "V9") is None
    excluded = why_not(index, query, "V2", excluded=["V2"])
    assert excluded is not None
    assert [(m.gate, m.field) for m in excluded] == [(Gate.EXCLUDED, "")]


def test_contrast_names_the_difference_with_its_amount() -> None:
    index = index_of({"lat": 30.68, "lon": 104.06}, {"lat": 30.85, "lon": 104.06})
    (only,) = contrast(index, query_of(index), "V1", "V2")
    assert only.code is C.COMMUTE_SHORT
    assert only.weight > 0
    assert only.amount == pytest.approx(-45, abs=1)
    (back,) = contrast(index, query_of(index), "V2", "V1")
    assert (back.code, back.amount) == (C.COMMUTE_LONG, -only.amount)


def test_contrast_orders_differences_by_size() -> None:
    index = index_of(
        {"wage_max_cny_month": 9000, "open_on": None},
        {"skills_required": "cook.wok;x;y", "headcount": 1},
    )
    found = contrast(index, query_of(index), "V1", "V2", top=9)
    assert found[0].code is C.SKILLS_COVERED
    assert {d.code for d in found} == {C.SKILLS_COVERED, C.WAGE_ABOVE, C.OPENING_NEW, C.PLACES_MANY}
    amounts = {d.code: d.amount for d in found}
    assert amounts[C.WAGE_ABOVE] == 1500.0
    assert amounts[C.OPENING_NEW] is None
    with pytest.raises(KeyError, match="V9"):
        contrast(index, query_of(index), "V1", "V9")


def test_best_skill_step_is_the_skill_with_the_largest_gain() -> None:
    index = index_of({"skills_required": "weld.arc:2;cook.wok"}, {})
    maker, query = index.query_maker(AS_OF), query_of(index)
    step = best_skill_step(index, maker, query, "V1")
    assert step is not None
    assert step.skill == "cook.wok"
    assert step.gain > 0
    assert best_skill_step(index, maker, query, "V2") is None
    assert best_skill_step(index, maker, query, "V9") is None
