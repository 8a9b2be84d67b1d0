"""The arrows of the house: which module may import which (contracts in pyproject.toml)."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

#: A miniature of the house in which every contract holds.
HOUSE = {
    "matchboard/__init__.py": "import matchboard.web",
    "matchboard/config.py": "",
    "matchboard/crypto.py": "",
    "matchboard/extensions.py": "import flask_sqlalchemy",
    "matchboard/domain/__init__.py": "",
    "matchboard/models/__init__.py": "import sqlalchemy, matchboard.domain, matchboard.extensions",
    "matchboard/permissions.py": "import sqlalchemy, matchboard.models",
    "matchboard/services/__init__.py": "import sqlalchemy, matchboard.permissions",
    "matchboard/labels.py": "import matchboard.domain",
    "matchboard/ranking/__init__.py": "import ml, matchboard.services",
    "matchboard/documents.py": "import matchboard.ranking, matchboard.labels",
    "matchboard/tasks.py": "import matchboard.ranking",
    "matchboard/cli/__init__.py": "import matchboard, seeds, matchboard.tasks",
    "matchboard/web/__init__.py": "import flask, matchboard.documents, matchboard.ranking",
    "ml/__init__.py": "import numpy",
    "seeds/__init__.py": "import ml, matchboard.services",
}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Build the miniature under the real contracts."""
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    for name, text in HOUSE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    return tmp_path


def test_imports_follow_the_arrows_when_checked() -> None:
    done = lint_imports(REPOSITORY)
    assert done.returncode == 0, done.stdout + done.stderr


def test_modules_have_a_layer_when_they_exist() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    (layers,) = [
        contract
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract["id"] == "layers"
    ]
    listed = {
        name.strip(" ()") for row in layers["layers"] for name in row.replace("|", ":").split(":")
    }
    package = REPOSITORY / "matchboard"
    modules = {path.stem for path in package.glob("*.py")} - {"__init__"}
    modules |= {path.parent.name for path in package.glob("*/__init__.py")}
    assert modules <= listed | {"migrations"}


def test_contracts_pass_when_the_miniature_obeys(house: Path) -> None:
    done = lint_imports(house)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("importer", "imported", "contract"),
    [
        pytest.param("matchboard.services", "matchboard.ranking", "Lower layers", id="upward"),
        pytest.param("matchboard.models", "matchboard", "Lower layers", id="factory"),
        pytest.param("matchboard.labels", "matchboard.ranking", "Lower layers", id="siblings"),
        pytest.param("matchboard.extensions", "matchboard.domain", "Lower layers", id="floor"),
        pytest.param("matchboard.misc", "os", "Lower layers", id="unlisted"),
        pytest.param("ml", "matchboard.domain", "The library knows", id="ml-site"),
        pytest.param("ml", "sqlalchemy", "The library knows", id="ml-database"),
        pytest.param("matchboard.web", "ml", "Only the ranking layer", id="ml-door"),
        pytest.param("matchboard.ranking", "numpy", "The site does no", id="arithmetic"),
        pytest.param("matchboard.services", "flask_login", "Use cases", id="http-in-service"),
        pytest.param("matchboard.permissions", "flask", "Use cases", id="http-in-permissions"),
        pytest.param("matchboard.domain", "sqlalchemy", "The rules know", id="sql-in-domain"),
        pytest.param("matchboard.web", "sqlalchemy", "Views reach", id="sql-in-web"),
        pytest.param("matchboard.web", "matchboard.models", "Views reach", id="models-in-web"),
    ],
)
def test_contracts_fail_when_an_arrow_is_reversed(
    house: Path, importer: str, imported: str, contract: str
) -> None:
    package = house / importer.replace(".", "/")
    module = package / "__init__.py" if package.is_dir() else package.with_suffix(".py")
    with module.open("a") as file:
        file.write(f"import {imported}\n")
    done = lint_imports(house)
    assert done.returncode == 1
    broken = [row for row in done.stdout.splitlines() if row.endswith("BROKEN")]
    assert any(row.startswith(contract) for row in broken), done.stdout + done.stderr
