"""Learning: what outcomes count for, what a model may never do, and that it is reproducible."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from ml.baseline import ExpertBaseline
from ml.cells import day, day_text
from ml.families import FAMILIES
from ml.features import FEATURES, INDEX
from ml.learning import training
from ml.learning.logistic import Cases, Prior, fit_map
from ml.learning.outcomes import outcomes_of
from ml.learning.partners import Events, counts_before, posterior
from ml.learning.training import (
    calibration,
    choose_memory,
    log_loss,
    train,
    train_rows,
    with_promise,
)
from ml.schema import Placements
from ml.store import save_model
from tests.unit.ml.learned import AS_OF, Past, draw_past, model_of, past_of, rows_of
from tests.unit.ml.worlds import VOCABULARY, WELDER, index_of, query_of, vacancies

LEARNED = pytest.mark.parametrize("n", [900, 2400], ids=["map", "blend"])


def placement(**changes: Any) -> Placements:
    row = {
        "placement_id": "P1",
        "client_id": "C1",
        "vacancy_id": "V1",
        "proposed_on": "2026-01-01",
        "hired": 1,
        "started_on": "2026-01-10",
        "observed_until": "2026-11-24",
    }
    return Placements.from_rows([row | changes])


@pytest.mark.parametrize(
    ("changes", "at_risk", "survived"),
    [
        ({"ended_on": "2026-01-30"}, [1, 0, 0, 0], [False, True, True, True]),
        ({"ended_on": "2026-03-10"}, [1, 1, 0, 0], [True, False, True, True]),
        # Whoever leaves on the day an interval begins has lived through the one before.
        ({"ended_on": "2026-01-10"}, [1, 0, 0, 0], [False, True, True, True]),
        ({"ended_on": "2026-02-08"}, [1, 0, 0, 0], [False, True, True, True]),
        ({"ended_on": "2026-02-09"}, [1, 1, 0, 0], [True, False, True, True]),
        ({"ended_on": "2026-04-10"}, [1, 1, 1, 0], [True, True, False, True]),
        ({"ended_on": "2026-07-09"}, [1, 1, 1, 1], [True, True, True, False]),
        ({"observed_until": "2026-05-10"}, [1, 1, 30 / 90, 0], [True] * 4),
        ({"started_on": ""}, [0, 0, 0, 0], [True] * 4),
        ({"hired": 0, "started_on": ""}, [0, 0, 0, 0], [True] * 4),
        ({"hired": ""}, [1, 1, 1, 138 / 185], [True] * 4),
    ],
    ids=[
        "left-first",
        "left-second",
        "left-same-day",
        "left-day-29",
        "left-day-30",
        "left-day-90",
        "left-day-180",
        "open-month-4",
        "no-start",
        "refused",
        "blank-but-started",
    ],
)
def test_outcomes_put_a_job_at_risk_when_it_has_lived_the_interval(
    changes: dict[str, Any], at_risk: list[float], survived: list[bool]
) -> None:
    found = outcomes_of(placement(**changes), AS_OF)
    assert found.at_risk[0].tolist() == pytest.approx(at_risk)
    assert found.survived[0].tolist() == survived


@pytest.mark.parametrize(
    ("changes", "as_of", "hired", "retained"),
    [
        ({}, "2026-11-24", 1, 1),
        ({"ended_on": "2026-03-01"}, "2026-11-24", 1, 0),
        ({"ended_on": "2026-03-01"}, "2026-02-20", 1, -1),
        ({"ended_on": "2026-07-09"}, "2026-11-24", 1, 1),
        ({"ended_on": "2026-07-08"}, "2026-11-24", 1, 0),
        ({"ended_on": "2026-09-30"}, "2026-11-24", 1, 1),
        ({"observed_until": "2026-05-10"}, "2026-11-24", 1, -1),
        ({"hired": ""}, "2026-11-24", -1, 1),
        ({}, "2026-01-15", -1, -1),
        ({"hired": 0, "started_on": ""}, "2026-01-20", -1, -1),
        ({"hired": 0, "started_on": ""}, "2026-03-20", 0, -1),
        ({"started_on": "2026-03-01"}, "2026-02-20", -1, -1),
        ({"observed_until": ""}, "2026-11-24", 1, 1),
    ],
    ids=[
        "stays",
        "left",
        "left-later-than-asked",
        "left-at-six-months",
        "left-a-day-before",
        "left-after-six-months",
        "open",
        "blank",
        "not-due",
        "refusal-not-due",
        "refusal-due",
        "starts-later-than-asked",
        "watched-until-now",
    ],
)
def test_outcomes_are_unknown_when_they_were_not_known_on_the_day(
    changes: dict[str, Any], as_of: str, hired: int, retained: int
) -> None:
    found = outcomes_of(placement(**changes), day(as_of))
    assert (int(found.hired[0]), int(found.retained[0])) == (hired, retained)


def test_counts_leave_out_an_outcome_when_it_is_of_the_same_day_or_group_is_nobody() -> None:
    events = Events(
        np.array([0, 0, -1]), np.array([3, 8, 1]), np.array([1.0, 1.0, 1.0]), np.ones(3)
    )
    wins, weight, n = counts_before(events, np.array([0, 0, -1]), np.array([3, 9, 9]), None)
    assert (wins.tolist(), weight.tolist(), n.tolist()) == ([0, 2, 0], [0, 2, 0], [0, 2, 0])


def test_counts_halve_an_outcome_when_a_half_life_has_passed() -> None:
    events = Events(np.array([0, 0]), np.array([100, 200]), np.array([1.0, 0.0]), np.ones(2))
    wins, weight, n = counts_before(events, np.array([0]), np.array([300]), 100.0)
    assert wins[0] == pytest.approx(0.25)
    assert weight[0] == pytest.approx(0.75)
    assert n[0] == 2


def test_rows_know_of_a_partner_only_what_was_known_before_when_proposed() -> None:
    past = past_of(900)
    later = [row | {"hired": 1, "started_on": ""} for row in past.placements]
    cut = day("2025-11-24")
    changed = [
        new if day(str(old["proposed_on"])) >= cut else old
        for old, new in zip(past.placements, later, strict=True)
    ]
    before, after = past.rows(), replace(past, placements=changed).rows()
    early = before.day < cut
    name = INDEX["partner_hire_odds"]
    first, second = before.with_records(None).X, after.with_records(None).X
    assert np.array_equal(first[early], second[early])
    assert not np.array_equal(first[~early, name], second[~early, name])


def test_rows_leave_out_proposals_when_made_after_the_day() -> None:
    rows = past_of(900).rows(day("2025-11-24"))
    assert 0 < len(rows) < 900
    assert rows.day.max() <= day("2025-11-24")


@pytest.mark.parametrize(
    ("n", "stage"), [(0, "expert"), (300, "expert"), (900, "map"), (2400, "blend")]
)
def test_stage_follows_the_number_of_known_answers(n: int, stage: str) -> None:
    assert model_of(n).stage == stage


def test_model_scores_as_the_expert_when_there_is_too_little_evidence() -> None:
    X = rows_of(300).X
    assert np.array_equal(model_of(300).predict(X).score, ExpertBaseline().predict(X).score)
    assert model_of(300).weights_in_use == ExpertBaseline().weights_in_use


def test_model_stays_expert_when_nobody_was_refused() -> None:
    rows = rows_of(900)
    sure = replace(rows.outcomes, hired=np.ones_like(rows.outcomes.hired))
    assert train_rows(replace(rows, outcomes=sure)).stage == "expert"


def test_model_trains_when_nobody_hired_has_a_start() -> None:
    past = past_of(900)
    bare = [row | {"started_on": "", "ended_on": ""} for row in past.placements]
    model = train_rows(replace(past, placements=bare).rows())
    found = model.predict(past.rows().X)
    assert model.stage == "map"
    assert ((found.p_retained_6m > 0) & (found.p_retained_6m < 1)).all()


@LEARNED
def test_model_beats_the_expert_on_log_loss_when_there_is_evidence(n: int) -> None:
    fresh = draw_past(1500, seed=9).rows()
    known = fresh.outcomes.hired >= 0
    y = fresh.outcomes.hired[known].astype(float)
    X = fresh.with_records(None).X[known]

    def loss(p: Any) -> float:
        return log_loss(np.log(p / (1 - p)), y, np.ones(len(y)))

    assert loss(model_of(n).predict(X).p_hire) < loss(ExpertBaseline().predict(X).p_hire)


@LEARNED
def test_model_is_calibrated_on_new_proposals_when_the_world_is_the_same(n: int) -> None:
    fresh = draw_past(3000, seed=11).rows()
    known = fresh.outcomes.hired >= 0
    p = model_of(n).predict(fresh.with_records(None).X[known]).p_hire
    y = fresh.outcomes.hired[known]
    order = np.argsort(p)
    gaps = [abs(p[b].mean() - y[b].mean()) for b in np.array_split(order, 10)]
    assert np.mean(gaps) <= 0.05


@LEARNED
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_score_never_falls_when_a_feature_moves_as_sense_demands(
    n: int, data: st.DataObject
) -> None:
    rows = rows_of(n)
    i = data.draw(st.integers(0, len(rows) - 1))
    step = data.draw(st.floats(0.0078125, 2.0, width=32))
    x = np.repeat(rows.X[i : i + 1], 1 + len(FEATURES), axis=0)
    for number, feature in enumerate(FEATURES):
        agreed = feature.hire if feature.hire * feature.retained >= 0 else 0
        agreed = agreed or feature.retained
        x[1 + number, number] += np.float32(agreed * step)
    found = model_of(n).predict(x)
    for number, feature in enumerate(FEATURES):
        if feature.hire:
            assert found.p_hire[1 + number] >= found.p_hire[0] - 1e-12, feature.name
        if feature.retained:
            assert found.p_retained_6m[1 + number] >= found.p_retained_6m[0] - 1e-12, feature.name


@LEARNED
@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"lat": 30.80}, {"lat": 30.71}),
        ({"skills": "gen.5s:3"}, {"skills": "gen.5s:3;weld.arc:1"}),
        ({"skills": "weld.arc:1"}, {"skills": "weld.arc:4"}),
        ({"skills": ""}, {"skills": "weld.tig"}),
    ],
    ids=["commute", "skill", "level", "preferred"],
)
def test_score_never_falls_when_the_way_is_shorter_or_a_skill_is_added(
    n: int, worse: dict[str, Any], better: dict[str, Any]
) -> None:
    index = index_of({"occupation": WELDER}, {"skills_required": "", "text": "要会电弧焊"})
    rows = np.arange(2)
    model = model_of(n)
    low = index.score(query_of(index, text="", **worse), rows, model=model).score
    high = index.score(query_of(index, text="", **better), rows, model=model).score
    assert (high >= low - 1e-12).all()


@LEARNED
def test_score_of_a_pair_is_the_same_when_its_neighbours_change(n: int) -> None:
    X = rows_of(n).X[:300]
    whole = model_of(n).predict(X).score
    single = [float(model_of(n).predict(X[i : i + 1]).score[0]) for i in range(0, 300, 37)]
    assert single == whole[::37].tolist()
    assert len(model_of(n).predict(X[:0]).score) == 0


def test_weights_in_use_have_the_signs_of_the_features() -> None:
    weights = model_of(2400).weights_in_use
    assert {f.name for f in FEATURES if f.hire and weights[f.name].hire}  # some do weigh
    assert all(weights[f.name].hire * f.hire >= 0 for f in FEATURES)
    assert all(weights[f.name].retained * f.retained >= 0 for f in FEATURES)


def test_model_reads_what_belongs_to_a_reason_family_alone() -> None:
    weights = model_of(2400).weights_in_use
    read = {name for name, weight in weights.items() if weight.hire or weight.retained}
    assert read <= {name for family in FAMILIES for name in family.features}
    assert len(read) > 20


def test_record_that_is_usual_is_everybodys_as_the_model_knows_it() -> None:
    model = model_of(900)
    found = model.weights_in_use["partner_hire_odds"].neutral
    rate = float(model.partners.sector_hire[-1])
    assert found == pytest.approx(np.log(rate / (1 - rate)) - np.log(0.35 / 0.65), abs=1e-6)
    assert found != 0.0


def test_record_is_better_when_those_sent_promised_less() -> None:
    hired = np.array([1.0, 0.0] * 2)
    events = Events(np.array([0, 0, 1, 1]), np.full(4, 3), hired, np.array([2.0, 2.0, 0.5, 0.5]))
    nobody = (np.zeros(2), np.zeros(2), np.zeros(2, dtype=np.int64))
    counts = counts_before(events, np.array([0, 1]), np.array([9, 9]), None)
    strong, weak = posterior(counts, nobody, nobody, 0.4).mean.tolist()
    assert strong < 0.4 < weak
    many = tuple(part * 100 for part in counts)
    assert posterior(many, nobody, nobody, 0.4).mean.max() <= 0.98  # type: ignore[arg-type]  # three arrays


def test_promise_rises_with_what_was_hired_and_knows_no_partner() -> None:
    rows = with_promise(rows_of(2400))
    known = rows.outcomes.hired >= 0
    promise = rows.promise[0][known]
    hired = rows.outcomes.hired[known] == 1
    assert promise[hired].mean() > promise[~hired].mean()
    other = replace(rows, X=rows.X.copy())
    other.X[:, INDEX["partner_hire_odds"]] = 3.0
    assert np.allclose(with_promise(other).promise[0], rows.promise[0], atol=1e-3)


def test_prepare_gives_an_unknown_partner_its_sector_when_there_is_no_record() -> None:
    table = vacancies(
        {"partner_id": "new", "occupation": WELDER},
        {"partner_id": "E0", "occupation": WELDER},
        {"partner_id": "", "occupation": "9-99"},
    )
    model = model_of(900)
    found = model.prepare(table)
    number = model.partners.numbering.sectors["6-18"]
    assert found.partner_hire[0] == np.float32(model.partners.sector_hire[number])
    assert found.partner_hire[2] == np.float32(model.partners.sector_hire[-1])
    assert found.partner_n.tolist()[0] == 0
    assert found.partner_n[1] > 0


def _bytes(past: Past, directory: Path) -> list[bytes]:
    model = train(*past.tables(), vocabulary=VOCABULARY, as_of_day=AS_OF, seed=3)
    save_model(model, directory, metadata={})
    return [path.read_bytes() for path in sorted(directory.iterdir())]


def test_model_is_the_same_to_the_byte_when_rows_or_audit_columns_are_shuffled(
    tmp_path: Path,
) -> None:
    past = draw_past(2000, seed=5)
    draw = random.Random(1)
    sexes = [row["audit_sex"] for row in past.clients]
    draw.shuffle(sexes)
    clients = [row | {"audit_sex": sex} for row, sex in zip(past.clients, sexes, strict=True)]
    shuffled = Past(clients, list(past.vacancies), list(past.placements))
    for rows in (shuffled.clients, shuffled.vacancies, shuffled.placements):
        draw.shuffle(rows)
    assert _bytes(past, tmp_path / "a") == _bytes(shuffled, tmp_path / "b")


def test_memory_is_short_when_partners_change() -> None:
    past = past_of(2400)
    rng = np.random.default_rng(2)
    rows = []
    for row in past.placements:
        period = int(AS_OF - day(str(row["proposed_on"])) > 500)
        partner = int(str(row["vacancy_id"])[1:]) % 7
        likes = (partner + period) % 2
        hired = int(rng.random() < (0.9 if likes else 0.05))
        rows.append(row | {"hired": hired, "started_on": "", "ended_on": ""})
    assert choose_memory(replace(past, placements=rows).rows()).records is not None


def test_memory_is_long_when_nothing_changes() -> None:
    assert choose_memory(rows_of(2400)) == training.Memory(None, None)


def test_memory_weighs_older_proposals_less_when_it_is_short() -> None:
    rows = rows_of(900)
    weight = training.Memory(None, 100.0).weight(rows)
    assert (np.diff(weight) >= 0).all()
    assert weight[-1] == pytest.approx(2 ** (-(AS_OF - rows.day[-1]) / 100.0))


def test_memory_is_long_when_all_proposals_are_of_one_day() -> None:
    rows = rows_of(300)
    assert choose_memory(replace(rows, day=np.full(len(rows), AS_OF))).cases is None
    assert training.Memory(None, 100.0).cases == 100.0  # what a short one would be


def test_calibration_changes_nothing_when_only_one_outcome_was_seen() -> None:
    assert calibration(np.zeros(3), np.ones(3), np.ones(3)) == (1.0, 0.0)


def test_calibration_flattens_when_predictions_are_too_bold() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(0, 1, 4000)
    y = (rng.random(4000) < 1 / (1 + np.exp(-truth))).astype(float)
    slope, shift = calibration(1.6 * truth + 1, y, np.ones(4000))
    assert slope == pytest.approx(1 / 1.6, abs=0.08)
    assert shift == pytest.approx(-1 / 1.6, abs=0.12)


def test_map_returns_the_prior_when_there_are_no_cases() -> None:
    none = Cases(np.zeros((0, 2)), np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.int64))
    prior = Prior(
        np.array([0.7, -0.2]),
        np.array([0.1]),
        np.array([1, -1]),
        np.array([True, True]),
        0.5,
    )
    found = fit_map(none, prior)
    assert found.coefficients == pytest.approx([0.7, -0.2])


def test_log_loss_is_zero_when_nothing_weighs() -> None:
    assert log_loss(np.zeros(2), np.ones(2), np.zeros(2)) == 0.0
    assert log_loss(np.zeros(2), np.ones(2), np.ones(2)) == pytest.approx(np.log(2))


def test_progress_sees_every_client_when_training() -> None:
    seen: list[int] = []

    def watch(items: Any, what: str) -> Any:
        assert what == "features"
        for item in items:
            seen.append(item)
            yield item

    past = past_of(300)
    train(*past.tables(), vocabulary=VOCABULARY, as_of_day=AS_OF, progress=watch)
    assert len(seen) == len({row["client_id"] for row in past.placements})


def test_day_text_is_read_back_as_the_day() -> None:
    assert day(day_text(AS_OF)) == AS_OF
