"""The description of the exchange format names what the library reads and writes."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

import ml
from ml.cells import EMPLOYMENT_TYPES, SHIFTS
from ml.commands.allocate import ALLOCATION
from ml.commands.evaluate import HEADER
from ml.commands.rank import RANKED
from ml.commands.titles import TITLES
from ml.commands.uplift import UPLIFT
from ml.evaluation.labels import LABELS
from ml.evaluation.report import SLICES, Evaluation
from ml.schema import Clients, Courses, Placements, Vacancies
from ml.simulation import simulate
from ml.simulation.files import TRUTH, describe

FORMAT = (Path(ml.__file__).parent / "FORMAT.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", FORMAT, flags=re.M | re.S))


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("clients.csv", [column.name for column in Clients.COLUMNS]),
        ("vacancies.csv", [column.name for column in Vacancies.COLUMNS]),
        ("placements.csv", [column.name for column in Placements.COLUMNS]),
        ("courses.csv", [column.name for column in Courses.COLUMNS]),
        ("excluded", ["client_id", "vacancy_id"]),
        ("locks", ["client_id", "vacancy_id"]),
        ("titles", ["title_id", "title"]),
        ("What is written", [*RANKED, *ALLOCATION, *UPLIFT, *TITLES]),
        ("What is written", [*TRUTH]),
        ("report.json", [*HEADER, *(field.name for field in dataclasses.fields(Evaluation))]),
        ("report.json", [*LABELS, *SLICES]),
        ("clients.csv", [*SHIFTS, *EMPLOYMENT_TYPES]),
    ],
    ids=[
        "clients",
        "vacancies",
        "placements",
        "courses",
        "excluded",
        "locks",
        "titles",
        "simulated",
        "written",
        "report",
        "labels",
        "words",
    ],
)
def test_format_names_every_column_when_the_schema_has_it(section: str, names: list[str]) -> None:
    missing = [name for name in names if f"`{name}`" not in SECTIONS[section]]
    assert names
    assert missing == []


def test_format_names_no_column_when_the_schema_lacks_it() -> None:
    tables = {"clients.csv": Clients, "vacancies.csv": Vacancies, "placements.csv": Placements}
    for section, table in tables.items():
        rows = re.findall(r"^\| (`.+?`) \|", SECTIONS[section], flags=re.M)
        named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
        assert named <= {column.name for column in table.COLUMNS}


def test_format_names_everything_a_world_says_of_itself() -> None:
    drawn = simulate("logit_linear", n_clients=2, n_vacancies=2, n_history=2, seed=0)
    said = describe(drawn, False)
    assert "seed" in said
    assert [key for key in said if f"`{key}`" not in SECTIONS["What is written"]] == []
