"""Placements: what the file may say, what it may not, and the command that learns from it."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from typing import Any

import pytest

from ml.__main__ import main
from ml.cells import day_text
from ml.files import read_clients, read_placements, read_vacancies
from ml.problems import InputError
from ml.store import load_metadata
from tests.unit.ml.learned import AS_OF, Past, past_of

ROW = {
    "placement_id": "P1",
    "client_id": "C1",
    "vacancy_id": "V1",
    "proposed_on": "2026-01-05",
    "hired": "1",
    "started_on": "2026-01-10",
    "ended_on": "2026-02-10",
    "observed_until": "2026-03-01",
}


def _write(path: Path, rows: list[dict[str, Any]]) -> Path:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names)
        writer.writeheader()
        writer.writerows(rows)
    return path


def _read(directory: Path, rows: list[dict[str, Any]]) -> Any:
    clients = read_clients(_write(directory / "c.csv", [{"client_id": "C1"}]))
    vacancies = read_vacancies(_write(directory / "v.csv", [{"vacancy_id": "V1"}]))
    return read_placements(_write(directory / "p.csv", rows), clients, vacancies)


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [
        ({"client_id": "C9"}, "client_id", "C9"),
        ({"vacancy_id": "V9"}, "vacancy_id", "V9"),
        ({"client_id": ""}, "client_id", ""),
        ({"placement_id": ""}, "placement_id", ""),
        ({"proposed_on": ""}, "proposed_on", ""),
        ({"proposed_on": "2026-13-01"}, "proposed_on", "2026-13-01"),
        ({"started_on": "2026-01-04"}, "started_on", "2026-01-04"),
        ({"ended_on": "2026-01-09"}, "ended_on", "2026-01-09"),
        ({"observed_until": "2026-01-20"}, "observed_until", "2026-01-20"),
        ({"ended_on": "", "observed_until": "2026-01-06"}, "observed_until", "2026-01-06"),
        ({"hired": "0"}, "hired", "0"),
        ({"hired": "0", "started_on": ""}, "hired", "0"),
        ({"hired": "yes"}, "hired", "yes"),
        ({"propensity": "1.5"}, "propensity", "1.5"),
        ({"wage_cny_month": "-1"}, "wage_cny_month", "-1"),
    ],
)
def test_placements_are_refused_by_cell_when_one_is_wrong(
    tmp_path: Path, changes: dict[str, Any], column: str, value: str
) -> None:
    with pytest.raises(InputError) as caught:
        _read(tmp_path, [ROW | changes])
    named = {(p.file, p.row, p.column, p.value) for p in caught.value.problems}
    assert ("p.csv", 2, column, value) in named


def test_placements_are_refused_when_an_id_comes_twice(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not used before"):
        _read(tmp_path, [ROW, ROW])


def test_placements_are_refused_when_a_required_column_is_absent(tmp_path: Path) -> None:
    bare = {name: value for name, value in ROW.items() if name != "proposed_on"}
    with pytest.raises(InputError, match="a column proposed_on"):
        _read(tmp_path, [bare])


def test_placements_keep_what_is_blank_as_unknown(tmp_path: Path) -> None:
    bare = {
        "placement_id": "P1",
        "client_id": "C1",
        "vacancy_id": "V1",
        "proposed_on": "2026-01-05",
    }
    found = _read(tmp_path, [bare | {"hired": ""}])
    assert (int(found.hired[0]), int(found.started_on[0])) == (-1, -1)


def _train(directory: Path, past: Past, out: str, *more: str) -> int:
    names = {"clients": past.clients, "vacancies": past.vacancies, "placements": past.placements}
    parts = []
    for name, rows in names.items():
        parts += [f"--{name}", str(_write(directory / f"{name}.csv", rows))]
    day = day_text(AS_OF)
    return main(["train", "--as-of", day, "--out", str(directory / out), *parts, *more])


def test_train_writes_a_model_that_rank_reads(tmp_path: Path) -> None:
    past = past_of(900)
    assert _train(tmp_path, past, "m", "--seed", "4") == 0
    head = load_metadata(tmp_path / "m")
    assert head["seed"] == 4
    assert head["metrics"]["hire_ahead"]["n"] > 0
    assert head["data_sha256"] == {
        f"{name}.csv": hashlib.sha256((tmp_path / f"{name}.csv").read_bytes()).hexdigest()
        for name in ("clients", "vacancies", "placements")
    }
    files = [f"--clients={tmp_path / 'clients.csv'}", f"--vacancies={tmp_path / 'vacancies.csv'}"]
    options = [*files, "--as-of", day_text(AS_OF), f"--out={tmp_path / 'r.csv'}", "--top", "2"]
    assert main(["rank", "--model", str(tmp_path / "m"), *options]) == 0
    assert len((tmp_path / "r.csv").read_text().splitlines()) > len(past.clients)


def test_train_writes_nothing_when_a_cell_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    past = past_of(300)
    wrong = [past.placements[0] | {"client_id": "nobody"}, *past.placements[1:]]
    assert _train(tmp_path, Past(past.clients, past.vacancies, wrong), "m") == 2
    assert "row 2, column client_id: 'nobody'" in capsys.readouterr().err
    assert not (tmp_path / "m").exists()


def test_train_refuses_a_seed_when_it_is_no_number(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        _train(tmp_path, past_of(300), "m", "--seed", "x")
    assert caught.value.code == 2
