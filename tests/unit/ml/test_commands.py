"""The commands: what they write, what they refuse, and that nothing is half written."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
from pathlib import Path

import pytest

from ml.__main__ import main

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
ADS = SHARED / "real_vacancies.csv"
CLIENTS = """\
client_id,lat,lon,max_commute_km,wage_expected_cny_month,education,skills,certificates,experience,\
desired_occupations,shifts_ok,needs_lodging,text,audit_sex,audit_tier
C1,30.65,104.06,25,5000,3,sale.field:3;sale.guide,,4-01-02-01:24,4-01,day,1,做过两年销售,男,key
C2,31.23,121.47,,6000,4,,cert.drive.c1,,4-02,,0,开过货车,女,general
C3,,,,,,,,,,,,,男,
C4,23.13,113.27,60,4000,2,auto.repair,,,,day;night,,"修过车, 会电焊",女,general
"""
VACANCIES = """\
vacancy_id,occupation,title,lat,lon,wage_min_cny_month,skills_required,shift
V1,4-01-02-01,销售代表,30.66,104.05,4000,sale.field,day
V2,,叉车司机,30.70,104.10,,,
V3,4-02-02-02,货车司机,31.20,121.40,7000,,night
V4,4-01-02-01,销售,,,5000,,
"""


def _write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    return {
        "clients": _write(tmp_path / "clients.csv", CLIENTS),
        "vacancies": _write(tmp_path / "vacancies.csv", VACANCIES),
        "out": tmp_path / "ranked.csv",
    }


def run_rank(files: dict[str, Path], *more: str, as_of: str = "2026-11-24") -> int:
    named = [part for name, path in files.items() for part in (f"--{name}", str(path))]
    return main(["rank", "--model", "expert", "--as-of", as_of, *named, *more])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_rank_writes_ranks_from_one_for_every_client(files: dict[str, Path]) -> None:
    assert run_rank(files, "--top", "3") == 0
    rows = rows_of(files["out"])
    assert list(rows[0]) == [
        "client_id",
        "vacancy_id",
        "rank",
        "score",
        "p_hire",
        "p_retained_6m",
        "reasons",
    ]
    for client_id in ("C1", "C2", "C3", "C4"):
        own = [row for row in rows if row["client_id"] == client_id]
        assert [int(row["rank"]) for row in own] == list(range(1, len(own) + 1))
        assert len(own) <= 3
    assert [row["vacancy_id"] for row in rows if row["client_id"] == "C1"] == ["V1", "V2", "V4"]
    for row in rows:
        ratio = float(row["score"]) / (float(row["p_hire"]) * float(row["p_retained_6m"]))
        assert 0.49 < ratio < 1.51
        assert any(reason.startswith("-") for reason in row["reasons"].split(";"))


def test_rank_writes_the_same_bytes_when_run_twice(files: dict[str, Path]) -> None:
    run_rank(files)
    first = files["out"].read_bytes()
    run_rank(files)
    assert files["out"].read_bytes() == first


def test_rank_writes_the_same_bytes_when_audit_columns_are_shuffled(
    files: dict[str, Path], tmp_path: Path
) -> None:
    run_rank(files)
    rows = rows_of(files["clients"])
    rng = random.Random(3)
    for name in ("audit_sex", "audit_tier"):
        values = [row[name] for row in rows]
        rng.shuffle(values)
        for row, value in zip(rows, values, strict=True):
            row[name] = value[::-1] + "?"
    with (tmp_path / "shuffled.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    other = files | {"clients": tmp_path / "shuffled.csv", "out": tmp_path / "other.csv"}
    run_rank(other)
    assert other["out"].read_bytes() == files["out"].read_bytes()


def test_rank_does_not_depend_on_the_order_of_rows(files: dict[str, Path], tmp_path: Path) -> None:
    run_rank(files)
    header, *lines = VACANCIES.splitlines()
    backwards = _write(tmp_path / "back.csv", "\n".join([header, *reversed(lines)]) + "\n")
    other = files | {"vacancies": backwards, "out": tmp_path / "other.csv"}
    run_rank(other)
    assert other["out"].read_bytes() == files["out"].read_bytes()


def test_rank_leaves_out_excluded_pairs(files: dict[str, Path], tmp_path: Path) -> None:
    excluded = _write(tmp_path / "x.csv", "client_id,vacancy_id\nC1,V1\n")
    assert run_rank(files, "--excluded", str(excluded)) == 0
    pairs = {(row["client_id"], row["vacancy_id"]) for row in rows_of(files["out"])}
    assert ("C1", "V1") not in pairs
    assert ("C1", "V2") in pairs


def test_rank_shows_no_bar_and_warns_when_not_on_a_terminal(
    files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    run_rank(files)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "warning: clients.csv: 6 missing columns" in shown.err
    assert "%" not in shown.err


def test_rank_draws_a_bar_when_on_a_terminal(
    files: dict[str, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    run_rank(files)
    assert "rank: 100%" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("clients", "client_id,lat\nC1,95\n", "clients.csv: row 2, column lat: '95': expected"),
        ("vacancies", "vacancy_id\nV1\nV1\n", "vacancies.csv: row 3, column vacancy_id: 'V1'"),
        (
            "excluded",
            "client_id,vacancy_id\nC1,V9\n",
            "excluded.csv: row 2, column vacancy_id: 'V9'",
        ),
    ],
)
def test_rank_writes_nothing_when_a_cell_is_wrong(
    files: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: str,
    message: str,
) -> None:
    files[name] = _write(tmp_path / f"{name}.csv", content)
    assert run_rank(files) == 2
    assert message in capsys.readouterr().err
    assert not files["out"].exists()


@pytest.mark.parametrize(
    "more",
    [["--top", "0"], ["--as-of", "yesterday"], ["--top", "x"], ["--model"]],
    ids=["top", "as-of", "text", "nothing"],
)
def test_rank_refuses_options_when_they_are_wrong(files: dict[str, Path], more: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run_rank(files, *more)
    assert caught.value.code == 2


def test_rank_refuses_a_model_when_it_is_unknown(
    files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_rank(files, "--model", "oracle") == 2
    assert "expected expert or a directory" in capsys.readouterr().err


def test_rank_refuses_a_directory_when_it_is_missing(
    files: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_rank(files | {"out": tmp_path / "no" / "r.csv"}) == 2
    assert run_rank(files, "--reference", str(tmp_path)) == 2
    assert capsys.readouterr().err.count("No such file") == 2


def test_titles_writes_suggestions_best_first(tmp_path: Path) -> None:
    titles = _write(tmp_path / "t.csv", "title_id,title\na,叉车司机\nb,\nc,电焊工\n")
    assert (
        main(["titles", "--titles", str(titles), "--top", "2", "--out", str(tmp_path / "o")]) == 0
    )
    rows = rows_of(tmp_path / "o")
    assert {row["title_id"] for row in rows} == {"a", "c"}
    assert rows[0] == {"title_id": "a", "code": "6-30-05-01", "rank": "1"}


def test_command_is_started_by_name_and_explains_itself() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "ml", "rank", "--help"], capture_output=True, text=True, check=True
    )
    for option in ("--clients", "--vacancies", "--as-of", "--excluded", "--top", "--out"):
        assert option in shown.stdout


@pytest.mark.shared
@pytest.mark.skipif(not ADS.exists(), reason="../shared/data/real_vacancies.csv is not there")
def test_rank_copes_with_real_advertisements(files: dict[str, Path]) -> None:
    assert run_rank(files | {"vacancies": ADS}, "--top", "20", as_of="2023-09-15") == 0
    rows = rows_of(files["out"])
    by_client = {name: [r for r in rows if r["client_id"] == name] for name in ("C1", "C2", "C3")}
    assert [len(found) for found in by_client.values()] == [20] * 3
    with ADS.open(encoding="utf-8", newline="") as handle:
        ads = {row["vacancy_id"]: row for row in csv.DictReader(handle)}
    sales = [ads[row["vacancy_id"]]["occupation"] for row in by_client["C1"][:5]]
    assert all(code.startswith("4-01") for code in sales)
    near = [float(ads[row["vacancy_id"]]["lon"] or 121) for row in by_client["C2"]]
    assert all(119 < lon < 123 for lon in near)
