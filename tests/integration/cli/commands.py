"""How tests call the command, and a file to give it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result

from matchboard.cli import main
from tests.conftest import SETTINGS

Run = Callable[..., Result]
KEYS = {
    f"MATCHBOARD_{name}": str(SETTINGS[name])
    for name in ("SECRET_KEY", "SECURITY_PASSWORD_SALT", "ENCRYPTION_KEY", "LOOKUP_KEY")
}
HEADER = "vacancy_id,title,headcount,skills_required,raw_salary"


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def a_file(folder: Path, *rows: str, header: str = HEADER) -> str:
    path = folder / "ads.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return str(path)
