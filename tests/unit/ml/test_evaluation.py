"""Held-out comparison of models: what each may know, what the report says, and that it repeats."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from itertools import pairwise, zip_longest
from pathlib import Path

import numpy as np
import pytest

from ml.__main__ import main
from ml.baseline import ExpertBaseline, Model, Scores
from ml.cells import day, day_text
from ml.evaluation.evidence import evidence_curve, sizes_up_to
from ml.evaluation.forecasts import always, expert_trainer, features_of, forecast
from ml.evaluation.history import History, history_of, known_by, last_day
from ml.evaluation.labels import figures_of, labelled
from ml.evaluation.report import fields_of, judge_trial, plain
from ml.evaluation.split import rolling_origin
from ml.evaluation.summary import summary_of
from ml.evaluation.trial import Contender, Settings, TooShortError, run_trial
from ml.evaluation.value import choices, outcome_values
from ml.features import FEATURES, INDEX
from ml.files import read_clients, write_csv
from ml.schema import NO_DAY, Clients, Placements, Vacancies
from tests.unit.ml.worlds import FULL_CLIENT, FULL_VACANCY, VOCABULARY

START = day("2024-01-01")
END = START + 900
SETTINGS = Settings(seed=3, n_resamples=20, n_folds=2)
Row = dict[str, object]


def rows(n_clients: int = 70, n_placements: int = 260) -> tuple[list[Row], list[Row], list[Row]]:
    """Return clients, openings and placements; a welding opening hires whoever welds."""
    rng = random.Random(7)
    clients: list[Row] = [
        FULL_CLIENT
        | {
            "client_id": f"C{i}",
            "lat": 30.6 + rng.random() / 5,
            "skills": "weld.arc:4" if i % 2 else "gen.5s",
            "barred_occupations": "",
            "available_on": "",
            "trained_on": "2024-06-01",
            "text": "",
        }
        for i in range(n_clients)
    ]
    vacancies: list[Row] = [
        FULL_VACANCY
        | {
            "vacancy_id": f"V{i}",
            "partner_id": f"E{i % 5}" if i % 7 else "",
            "lat": 30.6 + rng.random() / 5,
            "headcount": 3,
            "open_on": "2024-01-01",
            "close_on": "",
        }
        for i in range(24)
    ]
    return clients, vacancies, [_placement(rng, i, n_clients) for i in range(n_placements)]


def _placement(rng: random.Random, i: int, n_clients: int) -> Row:
    client, proposed = rng.randrange(n_clients), START + rng.randrange(870)
    hired = rng.random() < (0.75 if client % 2 else 0.15)
    row: Row = {
        "placement_id": f"P{i}",
        "client_id": f"C{client}",
        "vacancy_id": f"V{rng.randrange(24)}",
        "proposed_on": day_text(proposed),
        "observed_until": day_text(END),
        "hired": "" if rng.random() < 0.05 else int(hired),
    }
    started, stayed = proposed + 10, rng.choice([20, 60, 150, 250, 700])
    if row["hired"] == 1:
        row["started_on"] = day_text(started)
        if started + stayed <= END:
            row["ended_on"] = day_text(started + stayed)
    return row


@pytest.fixture(scope="module")
def history() -> History:
    clients, vacancies, placements = rows()
    return history_of(
        Clients.from_rows(clients, vocabulary=VOCABULARY),
        Vacancies.from_rows(vacancies, vocabulary=VOCABULARY),
        Placements.from_rows(placements),
    )


def test_history_is_the_same_when_the_file_is_in_another_order(history: History) -> None:
    clients, vacancies, placements = rows()
    random.Random(1).shuffle(placements)
    other = history_of(
        Clients.from_rows(clients), Vacancies.from_rows(vacancies), Placements.from_rows(placements)
    )
    assert other.placements.placement_id == history.placements.placement_id
    assert (other.duration == history.duration).all()
    assert (np.diff(history.day) >= 0).all()
    assert len(history) == 260


def test_history_ends_on_the_last_day_of_the_table_when_none_is_given(history: History) -> None:
    assert history.as_of_day == END
    assert last_day(Placements.from_rows([])) == 0


def _one(**cells: object) -> Placements:
    story: Row = {
        "placement_id": "P1",
        "client_id": "C1",
        "vacancy_id": "V1",
        "proposed_on": "2024-01-01",
        "hired": 1,
        "started_on": "2024-02-01",
        "ended_on": "2024-06-01",
        "observed_until": "2024-12-31",
        "wage_cny_month": 4000,
    }
    return Placements.from_rows([story | cells])


KNOWN = {
    "before the proposal": ("2023-12-31", None),
    "before the start": ("2024-01-20", (-1, False, False)),
    "while it ran": ("2024-05-01", (1, True, False)),
    "after the end": ("2024-07-01", (1, True, True)),
}


@pytest.mark.parametrize(("on", "expected"), KNOWN.values(), ids=list(KNOWN))
def test_placement_tells_only_what_was_known_on_the_day(
    on: str, expected: tuple[int, bool, bool] | None
) -> None:
    table = known_by(_one(), day(on))
    assert len(table) == (expected is not None)
    if expected is not None:
        started, ended = table.started_on[0] != NO_DAY, table.ended_on[0] != NO_DAY
        assert (int(table.hired[0]), started, ended) == expected
        assert table.observed_until[0] == day(on)
        assert math.isnan(table.wage_cny_month[0]) is not expected[1]


def test_history_counts_days_to_the_end_or_the_last_look() -> None:
    clients, vacancies, _ = rows(2, 0)
    tables = Clients.from_rows(clients), Vacancies.from_rows(vacancies)
    ended = history_of(*tables, _one())
    running = history_of(*tables, _one(ended_on=""))
    unwatched = history_of(*tables, _one(ended_on="", observed_until=""), day("2024-03-02"))
    refused = history_of(*tables, _one(hired=0, started_on="", ended_on=""))
    assert [int(h.duration[0]) for h in (ended, running, unwatched, refused)] == [121, 334, 30, 0]
    assert [bool(h.ended[0]) for h in (ended, running, unwatched, refused)] == [True] + [False] * 3
    assert history_of(*tables, _one(hired="")).hired[0] == 1


class Spy:
    """Keep what a trainer is told."""

    def __init__(self) -> None:
        self.told: list[tuple[int, Placements]] = []

    def __call__(
        self, clients: Clients, vacancies: Vacancies, placements: Placements, **rest: object
    ) -> Model:
        self.told.append((int(str(rest["as_of_day"])), placements))
        return ExpertBaseline()


def test_training_is_told_nothing_of_the_origin_or_later(history: History) -> None:
    spy = Spy()
    folds = rolling_origin(history.day, history.person, history.partner, [START + 400, START + 700])
    forecast(history, folds, spy, vocabulary=VOCABULARY, seed=0)
    assert len(spy.told) == 2
    for fold, (as_of, placements) in zip(folds, spy.told, strict=True):
        assert as_of == fold.origin_day - 1
        assert len(placements) > 0
        assert last_day(placements) < fold.origin_day
        assert (placements.proposed_on <= fold.origin_day - 183).all()
        tested = {history.placements.client_id[row] for row in fold.test.tolist()}
        assert not tested & set(placements.client_id)


class Knowing(ExpertBaseline):
    """Know one partner's record."""

    def prepare(self, vacancies: Vacancies) -> Vacancies:
        n = len(vacancies)
        hire = np.full(n, 0.9, dtype=np.float32)
        return replace(vacancies, partner_hire=hire, partner_n=np.full(n, 50, dtype=np.int32))


def test_features_are_those_of_the_proposals_day_with_the_models_records(history: History) -> None:
    test = np.array([100, 3, 200], dtype=np.intp)
    X = features_of(history, test, ExpertBaseline(), VOCABULARY)
    known = features_of(history, test, Knowing(), VOCABULARY)
    assert X.shape == (3, len(FEATURES))
    age = np.minimum((history.day[test] - START) / 180, 1)
    assert X[:, INDEX["opening_age"]] == pytest.approx(age, abs=1e-6)
    assert (known[:, INDEX["partner_hire"]] > X[:, INDEX["partner_hire"]]).all()
    assert features_of(history, test[:0], Knowing(), VOCABULARY).shape == (0, len(FEATURES))


class Oracle(ExpertBaseline):
    """Score by whether the client welds, which is what decides here."""

    name = "oracle"

    def predict(self, X: np.ndarray) -> Scores:
        found = ExpertBaseline().predict(X)
        p_hire = np.where(X[:, INDEX["essential_coverage"]] > 0.5, 0.75, 0.15)
        return replace(found, p_hire=p_hire, score=p_hire)


def test_welders_are_hired_more_so_the_better_model_gains(history: History) -> None:
    contenders = Contender("oracle", always(Oracle())), Contender("expert", expert_trainer)
    trial = run_trial(history, *contenders, SETTINGS, vocabulary=VOCABULARY)
    attributes = {"audit_x": tuple("ab"[i % 2] for i in range(70))}
    found = judge_trial(
        trial,
        *contenders,
        SETTINGS,
        vocabulary=VOCABULARY,
        protected=attributes,
        invariant=True,
    )
    assert found.log_loss_gain.low > 0
    assert found.value_gain.value >= 0
    whole = found.challenger.slices["all"]
    assert whole["hire"].auc.value > 0.75
    assert whole["hire"].log_loss is not None
    assert whole["retained_1m"].log_loss is None
    assert found.groups[0].alarm
    verdicts = {gate.name: gate.verdict.value for gate in found.gates}
    assert verdicts["log_loss gain, lower bound"] == "passed"
    assert verdicts["invariance"] == "passed"
    assert [point.stage for point in found.evidence] == ["expert"]
    assert {note.stage for note in found.challenger.folds} == {"oracle"}
    json.dumps(fields_of(found), allow_nan=False)
    summary = summary_of(found)
    assert "| oracle | all | hire |" in summary
    assert f"| audit_x | a | {found.groups[0].groups[0].n_clients} |" in summary
    assert f"| log_loss gain, lower bound | {found.log_loss_gain.low:.3f} | 0.000 |" in summary


def test_choices_keep_clients_and_headcount_when_half_may_be_proposed(history: History) -> None:
    folds = rolling_origin(history.day, history.person, history.partner, [START + 400])
    made = forecast(history, folds, expert_trainer, vocabulary=VOCABULARY, seed=0)
    chosen = choices(history, made, made.scores)
    client, opening = (x[made.rows[chosen]] for x in (history.client, history.vacancy))
    known = ~np.isnan(outcome_values(history, made))
    assert len(set(client.tolist())) == len(client)
    assert np.bincount(opening).max() <= 3
    assert len(client) == len(set(history.client[made.rows[known]].tolist())) // 2
    assert known[chosen].all()


def test_values_are_of_jobs_kept_when_answers_are_known(history: History) -> None:
    folds = rolling_origin(history.day, history.person, history.partner, [START + 1])
    made = forecast(history, folds, expert_trainer, vocabulary=VOCABULARY, seed=0)
    value = outcome_values(history, made)
    assert np.isnan(value).tolist() == (history.hired[made.rows] < 0).tolist()
    assert (value[history.hired[made.rows] == 0] == 0).all()
    kept = history.started[made.rows] & (history.duration[made.rows] >= 180)
    assert (value[kept] >= 1).all()


def test_labels_leave_out_what_is_open(history: History) -> None:
    everything = np.arange(len(history))
    hire = labelled(history, everything, "hire")
    year = labelled(history, everything, "retained_12m")
    assert len(hire.y) + hire.n_open == len(history)
    assert len(year.y) + year.n_open == history.started.sum()
    assert year.n_open > 0
    assert year.weight.min() >= 1
    assert year.weight.sum() == pytest.approx(history.started.sum())
    assert len(hire.part(np.zeros(len(history), dtype=bool)).y) == 0


def test_labels_count_no_failure_when_nobody_could_have_succeeded(history: History) -> None:
    clients, vacancies, placements = rows()
    young = [row | {"proposed_on": day_text(END - 100)} for row in placements[:90]]
    story = {"observed_until": day_text(END), "started_on": "", "ended_on": ""}
    for row in young:
        row.update(story)
        if row["hired"] == 1:
            row["started_on"] = day_text(END - 90)
    started = [row for row in young if row["hired"] == 1]
    started[0]["ended_on"] = day_text(END - 50)
    found = history_of(
        Clients.from_rows(clients), Vacancies.from_rows(vacancies), Placements.from_rows(young)
    )
    half_year = labelled(found, np.arange(len(found)), "retained_6m")
    assert len(half_year.y) == 0
    assert half_year.n_open == len(started)
    assert len(labelled(found, np.arange(len(found)), "retained_1m").y) == len(started)


def test_figures_are_undefined_when_a_slice_is_empty(history: History) -> None:
    nobody = labelled(history, np.zeros(0, dtype=np.intp), "hire")
    found = figures_of(
        nobody, np.zeros(0), np.zeros(0, dtype=np.int64), "hire", seed=0, n_resamples=5
    )
    assert found.n == found.n_clients == 0
    assert math.isnan(found.auc.value)
    assert plain(found)["auc"] == {"value": None, "low": None, "high": None}


def test_evidence_grows_by_nested_parts_when_a_trainer_learns(history: History) -> None:
    spy = Spy()
    fold = rolling_origin(history.day, history.person, history.partner, [START + 800])[0]
    points = evidence_curve(history, fold, spy, vocabulary=VOCABULARY, seed=0, n_resamples=5)
    sizes = [point.n_outcomes for point in points]
    assert sizes[0] == 0
    parts = [set(placements.placement_id) for _, placements in spy.told]
    assert [len(part) for part in parts] == sizes[1:]
    assert all(small <= large for small, large in pairwise(parts))
    assert sizes_up_to(1000)[-2:] == (500, 1000)


def test_trial_is_refused_when_nothing_can_be_held_out(history: History) -> None:
    clients, vacancies, _ = rows(2, 0)
    one = history_of(Clients.from_rows(clients), Vacancies.from_rows(vacancies), _one())
    expert = Contender("expert", expert_trainer)
    with pytest.raises(TooShortError, match="more than one day"):
        run_trial(one, expert, expert, SETTINGS, vocabulary=VOCABULARY)
    with pytest.raises(TooShortError):
        run_trial(history, expert, expert, SETTINGS, vocabulary=VOCABULARY, origin_day=END + 1)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    directory = tmp_path_factory.mktemp("history")
    clients, vacancies, placements = rows()
    tables = {
        "clients": [row | {"audit_sex": "ab"[i % 2]} for i, row in enumerate(clients)],
        "vacancies": vacancies,
        "placements": [
            dict.fromkeys(("started_on", "ended_on"), "") | row | {"propensity": chance}
            for row, chance in zip_longest(placements, ["0.025"] * 3 + ["1"] * 2, fillvalue="")
        ],
    }
    for name, table in tables.items():
        header = list(table[0])
        cells = [[row.get(column, "") for column in header] for row in table]
        write_csv(directory / f"{name}.csv", header, cells)
    return {name: directory / f"{name}.csv" for name in tables}


def run(command: str, files: dict[str, Path], *more: str) -> int:
    named = [part for name, path in files.items() for part in (f"--{name}", str(path))]
    return main([command, *named, *more])


def evaluate(files: dict[str, Path], out: Path, *more: str) -> int:
    return run("evaluate", files, "--out", str(out), "--resamples", "10", "--folds", "2", *more)


def test_report_is_the_same_to_the_byte_when_protected_columns_and_nothing_else_differ(
    files: dict[str, Path], tmp_path: Path
) -> None:
    assert evaluate(files, tmp_path / "a.json") == 0
    assert evaluate(files, tmp_path / "b.json", "--summary", str(tmp_path / "b.md")) == 0
    assert (tmp_path / "b.md").read_text(encoding="utf-8").startswith("### Figures by slice")
    first = (tmp_path / "a.json").read_bytes()
    assert first == (tmp_path / "b.json").read_bytes()
    report = json.loads(first)
    assert report["invariant"] is True
    assert report["may_promote"] is False
    assert report["groups"][0]["attribute"] == "audit_sex"
    assert report["as_of_day"] == day_text(END)
    assert report["propensity"] == {"n": 5, "n_below_1": 3}

    changed = tmp_path / "clients.csv"
    changed.write_text(
        files["clients"].read_text(encoding="utf-8").replace(",a\n", ",b\n"), encoding="utf-8"
    )
    assert evaluate(files | {"clients": changed}, tmp_path / "c.json") == 0
    other = json.loads((tmp_path / "c.json").read_bytes())
    differing = {key for key in report if report[key] != other[key]}
    assert differing == {"data_sha256", "groups", "gates"}
    assert len(read_clients(changed)) == 70


def test_report_judges_a_model_as_given_when_told(files: dict[str, Path], tmp_path: Path) -> None:
    model = str(tmp_path / "model")
    trained_on = day_text(START + 500)
    assert run("train", files, "--as-of", trained_on, "--out", model) == 0
    assert evaluate(files, tmp_path / "r.json", "--model", model, "--as-given") == 0
    report = json.loads((tmp_path / "r.json").read_bytes())
    assert [fold["origin_day"] for fold in report["challenger"]["folds"]] == [day_text(START + 501)]
    assert report["challenger"]["name"] == "learned"
    assert [point["n_outcomes"] for point in report["evidence"]] == [0]
    assert evaluate(files, tmp_path / "s.json", "--model", model) == 0
    assert len(json.loads((tmp_path / "s.json").read_bytes())["challenger"]["folds"]) == 2


BAD = {
    "no such model": (["--model", "nothing"], "--model"),
    "no such incumbent": (["--incumbent", "nothing"], "nothing"),
    "before the first placement": (["--as-of", "2020-01-01"], "proposed_on"),
    "no such file": (["--placements", "nothing.csv"], "nothing.csv"),
}


@pytest.mark.parametrize(("more", "named"), BAD.values(), ids=list(BAD))
def test_evaluate_writes_nothing_when_the_input_is_bad(
    files: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: list[str],
    named: str,
) -> None:
    assert evaluate(files, tmp_path / "r.json", *more) == 2
    assert named in capsys.readouterr().err
    assert not (tmp_path / "r.json").exists()


def test_as_given_formulas_are_judged_over_the_whole_history(
    files: dict[str, Path], tmp_path: Path
) -> None:
    assert evaluate(files, tmp_path / "r.json", "--as-given") == 0
    assert len(json.loads((tmp_path / "r.json").read_bytes())["challenger"]["folds"]) == 2
