"""The package installed elsewhere: whole, in both languages, writing nothing beside itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.cli.commands import KEYS

REPOSITORY = Path(__file__).resolve().parents[2]
ASK = """
from matchboard import config, create_app
app = create_app()
for language, words in (("zh", "岗位"), ("en", "Jobs")):
    page = app.test_client().get("/jobs", headers={"Accept-Language": language})
    assert page.status_code == 200, page.status
    assert words in page.text, language
assert app.test_client().get("/static/css/site.css").status_code == 200
print(config.__file__, config.INSTANCE)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a wheel as for a release and unpack it into a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    tracked = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=REPOSITORY, check=True, capture_output=True, text=True,
    ).stdout.split("\0")  # fmt: skip
    # A clean copy: nothing left over from a build, no compiled catalogue.
    for name in filter(None, tracked):
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((REPOSITORY / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    options = ["--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "wheel", *options, "--wheel-dir", folder, source], check=True)
    (wheel,) = folder.glob("*.whl")
    place = folder / "site-packages"
    subprocess.run([*pip, "install", *options, "--target", place, wheel], check=True)
    return place


def test_wheel_serves_both_languages_when_installed_elsewhere(
    installed: Path, tmp_path: Path
) -> None:
    # -P and the path: this folder first, and never the checkout.
    environment = {
        **os.environ,
        **KEYS,
        "PYTHONPATH": str(installed),
        "MATCHBOARD_INSECURE_HTTP": "1",
    }
    for name in ("DATABASE_URL", "MATCHBOARD_INSTANCE"):
        environment.pop(name, None)

    def run(*arguments: str) -> str:
        result = subprocess.run(
            [sys.executable, "-P", *arguments],
            cwd=tmp_path, env=environment, check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
        return result.stdout

    run("-m", "matchboard.cli", "upgrade")
    where, instance = run("-c", ASK).split()
    assert Path(where).is_relative_to(installed)
    assert Path(instance) == tmp_path / "instance"
    assert (tmp_path / "instance/matchboard.sqlite3").exists()
    assert not list(installed.rglob("*.sqlite3"))
