"""The simulated worlds: the files, their bytes, and that the constraints are the format's."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from ml.__main__ import main
from ml.files import read_clients, read_vacancies
from ml.gates import Gate, failures
from ml.index import OpeningIndex
from ml.policy import GatePolicy
from ml.simulation import WORLDS, simulate
from ml.vocabulary import load_vocabulary

SIZES = {"clients": "30", "vacancies": "25", "history": "40"}


def run_simulate(out: Path, *more: str, **changes: str) -> int:
    values = {"world": "interaction_heavy", "seed": "5", **SIZES, **changes}
    options = [part for name, value in values.items() for part in (f"--{name}", value)]
    return main(["simulate", *options, "--out", str(out), *more])


def files_of(directory: Path) -> dict[str, bytes]:
    found = sorted(path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): path.read_bytes() for path in found}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("simulated") / "world"
    assert run_simulate(out) == 0
    return out


def test_simulate_writes_the_same_bytes_when_the_seed_is_the_same(
    world: Path, tmp_path: Path
) -> None:
    assert run_simulate(tmp_path / "again") == 0
    assert files_of(tmp_path / "again") == files_of(world)


def test_simulate_writes_another_world_when_the_seed_differs(world: Path, tmp_path: Path) -> None:
    assert run_simulate(tmp_path / "other", seed="6") == 0
    other, first = files_of(tmp_path / "other"), files_of(world)
    assert set(first) == set(other) > {"clients.csv", "vacancies.csv"}
    assert all(other[name] != first[name] for name in first)


def test_simulate_writes_files_the_library_reads_without_a_warning(world: Path) -> None:
    vocabulary = load_vocabulary()
    for directory in (world, world / "history"):
        clients = read_clients(directory / "clients.csv", vocabulary)
        vacancies = read_vacancies(directory / "vacancies.csv", vocabulary)
        assert (len(clients) > 0, len(vacancies) > 0) == (True, True)
        assert (clients.notices, vacancies.notices) == ((), ())


def test_simulate_writes_placements_of_known_ids_in_order(world: Path) -> None:
    clients = set(read_clients(world / "history" / "clients.csv").ids)
    vacancies = set(read_vacancies(world / "history" / "vacancies.csv").ids)
    rows = rows_of(world / "history" / "placements.csv")
    assert {row["client_id"] for row in rows} <= clients
    assert {row["vacancy_id"] for row in rows} <= vacancies
    for row in rows:
        days = [row["proposed_on"], row["started_on"], row["ended_on"], row["observed_until"]]
        assert [day for day in days if day] == sorted(day for day in days if day)
        assert bool(row["started_on"]) == (row["hired"] == "1")
        assert 0 < float(row["propensity"]) <= 1


def test_simulate_writes_the_truth_of_feasible_pairs_only(world: Path) -> None:
    clients = read_clients(world / "clients.csv")
    vacancies = read_vacancies(world / "vacancies.csv")
    index = OpeningIndex.build(vacancies, load_vocabulary(), suggest_titles=False)
    as_of = simulate("logit_linear", n_clients=1, n_vacancies=1, n_history=1, seed=0).as_of
    names = index.names_of(np.arange(len(vacancies)))
    expected = set()
    for i, client_id in enumerate(clients.ids):
        failed = failures(index.query(clients, i, as_of), index.columns, policy=GatePolicy())
        expected |= {(client_id, names[j]) for j in np.flatnonzero(failed == 0).tolist()}
    rows = rows_of(world / "truth.csv")
    assert {(row["client_id"], row["vacancy_id"]) for row in rows} == expected
    assert all(0 <= float(row[name]) <= 1 for row in rows for name in ("p_hire", "p_retained_6m"))


@pytest.mark.parametrize("name", sorted(WORLDS))
@pytest.mark.parametrize("arrivals", ["once", "weekly"])
def test_constraints_agree_with_the_gates(name: str, arrivals: str) -> None:
    drawn = simulate(name, n_clients=60, n_vacancies=80, n_history=20, seed=8, arrivals=arrivals)
    index = OpeningIndex.build(drawn.vacancies, load_vocabulary(), suggest_titles=False)
    order = np.argsort(index.names_of(np.arange(len(drawn.vacancies))))
    feasible = drawn.feasible(np.arange(60))
    for i in range(60):
        query = index.query(drawn.clients, i, drawn.as_of)
        failed = failures(query, index.columns, policy=GatePolicy())
        assert (feasible[i] == (failed == Gate(0))[order]).all()


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"world": "no_such"}, "--world"),
        ({"clients": "0"}, "--clients"),
        ({"seed": "-1"}, "--seed"),
        ({"scarcity": "0"}, "--scarcity"),
        ({"scarcity": "much"}, "--scarcity"),
        ({"arrivals": "daily"}, "--arrivals"),
    ],
    ids=["world", "clients", "seed", "scarcity-zero", "scarcity-word", "arrivals"],
)
def test_simulate_leaves_with_2_when_an_option_is_wrong(
    changes: dict[str, str],
    word: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as left:
        run_simulate(tmp_path / "none", **changes)
    assert left.value.code == 2
    assert word in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_simulate_leaves_with_2_when_there_are_fewer_places_than_openings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_simulate(tmp_path / "none", scarcity="0.5") == 2
    assert "15 places for 25 openings" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_simulate_gives_out_the_places_asked_for(tmp_path: Path) -> None:
    assert run_simulate(tmp_path / "world", scarcity="1.4") == 0
    said = json.loads((tmp_path / "world" / "world.json").read_text(encoding="utf-8"))
    rows = rows_of(tmp_path / "world" / "vacancies.csv")
    assert said["n_places"] == sum(int(row["headcount"]) for row in rows) == 42


def test_simulate_takes_an_old_truth_away_when_it_writes_none(tmp_path: Path) -> None:
    out = tmp_path / "world"
    assert run_simulate(out) == 0
    assert (out / "truth.csv").exists()
    assert run_simulate(out, truth="no") == 0
    assert not (out / "truth.csv").exists()
