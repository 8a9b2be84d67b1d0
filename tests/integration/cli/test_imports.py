"""Files taken in by command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import func, select

from matchboard.cli import imports, progress
from matchboard.extensions import db
from matchboard.models import Vacancy
from tests.integration.cli.commands import Run, a_file, invoke

FIGURES_OF_TWO = [
    "2  New",
    "0  Updated",
    "0  Unchanged",
    "0  Not accepted",
    "0  Occupation in the file",
    "0  Occupation kept as confirmed",
    "1  Occupation guessed from the title, to be confirmed",
    "1  Occupation not known yet",
]


def count_vacancies() -> int:
    return db.session.scalar(select(func.count()).select_from(Vacancy)) or 0


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


def test_import_succeeds_when_every_row_is_good(run: Run, tmp_path: Path) -> None:
    result = run("import", "vacancies", a_file(tmp_path, "A1,前台,2,,", "A2,厨师,,,"))
    assert result.exit_code == 0, result.output
    assert [line.strip() for line in result.stdout.splitlines()] == FIGURES_OF_TWO
    assert count_vacancies() == 2


@pytest.mark.usefixtures("english")
def test_import_names_each_refused_cell_when_rows_are_wrong(run: Run, tmp_path: Path) -> None:
    path = a_file(tmp_path, "A1,司机,many,,", "A2,厨师,1,,", "A3,保洁员", "A2,厨师,0,sew.flat:9,")
    result = run("import", "vacancies", path)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "ads.csv, row 2, column headcount [many]: Not a number",
        "ads.csv, row 4 [2]: This row does not have as many columns as the first",
        "ads.csv, row 5, column skills_required [sew.flat:9]: The skill level must be 1 to 5",
        "ads.csv, row 5, column headcount [0]: Outside the allowed range",
        "ads.csv, row 5, column vacancy_id [A2]: The reference occurs twice in the file",
        "Warning: column raw_salary is not part of the format; ignored.",
    ]
    assert "     1  New" in result.stdout
    assert "     3  Not accepted" in result.stdout
    assert count_vacancies() == 1


@pytest.mark.parametrize("language", ["zh_CN.UTF-8", "C.UTF-8", ""], ids=["chinese", "c", "none"])
def test_import_speaks_chinese_when_the_terminal_does_not_ask_for_english(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, language)
    result = run("import", "vacancies", a_file(tmp_path, "A1,司机,many,,"))
    assert "第 2 行 headcount 列 [many]: 不是数字" in result.stderr
    # One run speaks one language: what is left in Latin letters are the file's own words.
    foreign = set(re.findall(r"[A-Za-z]{3,}", result.output))
    assert foreign <= {"ads", "csv", "headcount", "many", "raw", "salary"}


def test_import_names_unlisted_codes_when_it_keeps_them(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "MOST_CODES", 1)
    path = a_file(tmp_path, "A1,司机,1,own.code;own.other,", "A2,厨师,1,own.code,")
    result = run("import", "vacancies", path)
    assert result.exit_code == 0
    assert "Warning: code own.code is in no catalogue; kept, 2 times." in result.stderr
    assert "own.other" not in result.stderr
    assert "Warning: 1 more codes are in none." in result.stderr


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("content", "words"),
    [(b"title\nx\n", "vacancy_id"), (b"vacancy_id\n\xff\xfe\n", "UTF-8")],
    ids=["no-reference-column", "not-text"],
)
def test_import_takes_nothing_in_when_the_file_cannot_be_used(
    run: Run, tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "ads.csv").write_bytes(content)
    result = run("import", "vacancies", str(tmp_path / "ads.csv"))
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ads.csv: ")
    assert words in result.stderr
    assert count_vacancies() == 0


@pytest.mark.parametrize("is_terminal", [True, False], ids=["terminal", "pipe"])
def test_import_shows_its_progress_when_on_a_terminal(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_terminal: bool
) -> None:
    monkeypatch.setattr(progress, "is_terminal", lambda _stream: is_terminal)
    monkeypatch.setattr("click._termui_impl.isatty", lambda _stream: is_terminal)
    result = run("import", "vacancies", a_file(tmp_path, "A1,司机,1,,"))
    assert ("100%" in result.stderr) is is_terminal
    assert ("Reading ads.csv" in result.stderr) is is_terminal


def test_import_documents_its_exit_status_when_asked_for_help() -> None:
    shown = invoke("import", "vacancies", "--help").output
    assert "Exit status:\n    0  every row" in shown
    assert "1  some rows were refused" in shown
    assert "2  the file cannot be used" in shown
