"""``allocate`` and ``uplift`` on files: what they write, what they refuse."""

from __future__ import annotations

import csv
import random
from collections import Counter
from pathlib import Path

import pytest

from ml.__main__ import main
from tests.unit.ml.test_commands import CLIENTS, VACANCIES

COURSES = "course_id,skills,certificates\nsale,sale.field:5;sale.guide:5,\ndrive,,cert.drive.b2\n"


def _write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    return {
        "clients": _write(tmp_path / "clients.csv", CLIENTS),
        "vacancies": _write(tmp_path / "vacancies.csv", VACANCIES),
        "out": tmp_path / "out.csv",
    }


def run(command: str, files: dict[str, Path], *more: str) -> int:
    named = [part for name, path in files.items() for part in (f"--{name}", str(path))]
    return main([command, "--model", "expert", "--as-of", "2026-11-24", *named, *more])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def pairs_of(path: Path) -> list[tuple[str, str]]:
    return [(row["client_id"], row["vacancy_id"]) for row in rows_of(path)]


def test_allocate_gives_every_client_one_opening(
    files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("allocate", files) == 0
    rows = rows_of(files["out"])
    assert list(rows[0]) == ["client_id", "vacancy_id", "utility"]
    for column in ("client_id", "vacancy_id"):
        assert max(Counter(row[column] for row in rows).values()) == 1
    assert all(0 < float(row["utility"]) <= 1.5 for row in rows)
    assert "clients have an opening" in capsys.readouterr().err


def test_allocation_is_the_same_when_rows_and_audit_columns_are_shuffled(
    files: dict[str, Path], tmp_path: Path
) -> None:
    run("allocate", files)
    rows = rows_of(files["clients"])
    rng = random.Random(3)
    rng.shuffle(rows)
    for row in rows:
        row["audit_sex"], row["audit_tier"] = str(rng.random()), "?"
    with (tmp_path / "shuffled.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    header, *lines = VACANCIES.splitlines()
    other = {
        "clients": tmp_path / "shuffled.csv",
        "vacancies": _write(tmp_path / "back.csv", "\n".join([header, *reversed(lines)]) + "\n"),
        "out": tmp_path / "other.csv",
    }
    run("allocate", other)
    assert other["out"].read_bytes() == files["out"].read_bytes()


def test_allocate_keeps_locks_and_leaves_out_exclusions(
    files: dict[str, Path], tmp_path: Path
) -> None:
    run("allocate", files)
    excluded = _write(tmp_path / "x.csv", "client_id,vacancy_id\n" + "C1,V1\nC1,V4\nC2,V3\n")
    locks = _write(tmp_path / "locks.csv", "client_id,vacancy_id\nC1,V2\n")
    assert run("allocate", files, "--excluded", str(excluded), "--locks", str(locks)) == 0
    pairs = pairs_of(files["out"])
    assert ("C1", "V2") in pairs
    assert ("C2", "V3") not in pairs


def test_allocate_gives_nothing_when_the_floor_is_out_of_reach(files: dict[str, Path]) -> None:
    assert run("allocate", files, "--floor", "1.6") == 0
    assert files["out"].read_text(encoding="utf-8") == "client_id,vacancy_id,utility\n"


def test_allocate_keeps_the_cap_of_a_partner(files: dict[str, Path], tmp_path: Path) -> None:
    header, *lines = VACANCIES.splitlines()
    owned = [f"{header},partner_id", *(f"{line},E1" for line in lines)]
    files["vacancies"] = _write(tmp_path / "owned.csv", "\n".join(owned) + "\n")
    run("allocate", files)
    assert len(pairs_of(files["out"])) > 1
    assert run("allocate", files, "--per-partner", "1", "--waiting-bonus", "0.1") == 0
    assert len(pairs_of(files["out"])) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("client_id,vacancy_id\nC1,V9\n", "locks.csv: row 2, column vacancy_id: 'V9'"),
        ("client_id,vacancy_id\nC1,V1\nC3,V1\n", "locks.csv: row 3, column vacancy_id: 'V1'"),
        ("client_id\nC1\n", "locks.csv: row 1"),
    ],
    ids=["unknown", "places", "header"],
)
def test_allocate_writes_nothing_when_a_lock_is_wrong(
    files: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: str,
    message: str,
) -> None:
    locks = _write(tmp_path / "locks.csv", content)
    assert run("allocate", files, "--locks", str(locks)) == 2
    assert message in capsys.readouterr().err
    assert not files["out"].exists()


@pytest.mark.parametrize(
    "more",
    [["--floor", "-1"], ["--floor", "x"], ["--per-partner", "0"], ["--waiting-bonus", "nan"]],
    ids=["negative", "text", "cap", "nan"],
)
def test_allocate_refuses_options_when_they_are_wrong(
    files: dict[str, Path], more: list[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        run("allocate", files, *more)
    assert caught.value.code == 2


@pytest.mark.parametrize("objective", ["kept", "score"])
def test_utility_is_what_the_objective_says_when_compared_with_the_ranking(
    files: dict[str, Path], tmp_path: Path, objective: str
) -> None:
    assert run("allocate", files, "--objective", objective) == 0
    allocated = {(r["client_id"], r["vacancy_id"]): r["utility"] for r in rows_of(files["out"])}
    files["out"] = tmp_path / "ranked.csv"
    assert run("rank", files) == 0
    ranked = {(r["client_id"], r["vacancy_id"]): r for r in rows_of(files["out"])}
    assert allocated
    for pair, utility in allocated.items():
        row = ranked[pair]
        kept = float(row["p_hire"]) * float(row["p_retained_6m"])
        expected = kept if objective == "kept" else float(row["score"])
        assert float(utility) == pytest.approx(expected, abs=2e-6)


def test_uplift_says_what_each_course_opens_for_each_client(
    files: dict[str, Path], tmp_path: Path
) -> None:
    files["courses"] = _write(tmp_path / "courses.csv", COURSES)
    assert run("uplift", files, "--objective", "score") == 0
    rows = rows_of(files["out"])
    assert list(rows[0]) == [
        "client_id",
        "course_id",
        "n_openings_before",
        "n_openings_after",
        "n_places_opened",
        "delta_value",
    ]
    assert [(row["client_id"], row["course_id"]) for row in rows] == [
        (client_id, course)
        for client_id in ("C1", "C2", "C3", "C4")
        for course in ("sale", "drive")
    ]
    assert all(float(row["delta_value"]) >= 0 for row in rows)
    assert any(float(row["delta_value"]) > 0 for row in rows)
    assert all(int(row["n_openings_after"]) >= int(row["n_openings_before"]) for row in rows)


def test_uplift_counts_no_excluded_opening_and_refuses_a_wrong_course(
    files: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files["courses"] = _write(tmp_path / "courses.csv", COURSES)
    excluded = _write(tmp_path / "x.csv", "client_id,vacancy_id\nC1,V1\nC1,V2\nC1,V4\n")
    run("uplift", files, "--excluded", str(excluded))
    first = rows_of(files["out"])[0]
    assert (first["client_id"], first["n_openings_after"]) == ("C1", "0")
    files["courses"].write_text("course_id\na\na\n", encoding="utf-8")
    assert run("uplift", files) == 2
    assert "courses.csv: row 3, column course_id: 'a'" in capsys.readouterr().err
