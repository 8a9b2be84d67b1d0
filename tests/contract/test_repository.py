"""What may and may not be in the repository."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from jinja2 import Environment, nodes
from packaging.requirements import Requirement

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED_DATA = REPOSITORY.parent / "shared" / "data"

TOP_LEVEL = {
    "matchboard", "ml", "seeds", "tests", "benchmarks", "requirements", "docs", ".ci",
    "pyproject.toml", "Makefile", "README.md", "README.zh-CN.md", "CHANGELOG.md", "LICENSE",
    "CONTRIBUTING.md", "SECURITY.md",
    ".gitignore", ".gitattributes", ".editorconfig",
}  # fmt: skip
THIRD_PARTY = ("matchboard/static/vendor/",)

#: Test inputs that stay beside the repository, by name; `/` ends a folder.
TEST_INPUT_ONLY = (
    "real_vacancies",
    "title_to_occupation_silver",
    "refugee_fy17/",
    "demo_notice_list",
)

# Each is written so that it does not match itself.
REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.(?:npmjs|yarnpkg)|deb\.debian\.org|proxy\.golang"
    r"|(?:index-url|find-links)[\s=]+\S*/"
)
MACHINE_PATHS = re.compile(r"(?<![\w.~-])/(?:root|home|Users|work/(?:main|shared)|mnt)/\w")
UNFINISHED = re.compile(r"\b(?:TO[D]O|FIXM[E]|XX[X])\b")

CJK = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
TRANSLATORS = {"_", "gettext", "ngettext", "pgettext", "npgettext"}

REQUIREMENT = re.compile(r"^([a-z0-9][a-z0-9-]*)==(\S+)", re.M)


@cache
def tracked() -> tuple[str, ...]:
    """Return the repository's files; without git, every file that is not a build product."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        return tuple(name for name in listed.stdout.split("\0") if (REPOSITORY / name).is_file())
    built = {".git", ".venv", "instance", "build", "__pycache__"}
    return tuple(
        (Path(folder) / name).relative_to(REPOSITORY).as_posix()
        for folder, _, names in os.walk(REPOSITORY)
        for name in names
        if not built & set(Path(folder).relative_to(REPOSITORY).parts)
    )


@cache
def own_texts() -> tuple[tuple[str, str], ...]:
    """Return (name, text) of every file we wrote ourselves."""
    found = []
    for name in tracked():
        if not name.startswith(THIRD_PARTY):
            content = (REPOSITORY / name).read_bytes()
            if b"\0" not in content:
                found.append((name, content.decode("utf-8")))
    return tuple(found)


@cache
def lines_matching(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in own_texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def untranslated(source: str) -> Iterator[str]:
    """Yield the Chinese words of a template that no translator would see."""
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(source)
    translated = {
        id(constant)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in TRANSLATORS
        for constant in call.find_all(nodes.Const)
    }
    for data in tree.find_all(nodes.TemplateData):
        yield from (line.strip() for line in data.data.splitlines() if CJK.search(line))
    for constant in tree.find_all(nodes.Const):
        is_chinese = isinstance(constant.value, str) and CJK.search(constant.value)
        if is_chinese and id(constant) not in translated:
            yield constant.value


def locked(name: str) -> dict[str, set[str]]:
    """Return the versions of each package in requirements/`name`.txt."""
    found: dict[str, set[str]] = {}
    text = (REPOSITORY / "requirements" / f"{name}.txt").read_text("utf-8")
    for package, version in REQUIREMENT.findall(text):
        found.setdefault(package, set()).add(version)
    return found


def wanted(name: str) -> set[str]:
    """Return the package names of requirements/`name`.in."""
    rows = (REPOSITORY / "requirements" / f"{name}.in").read_text("utf-8").splitlines()
    names = {re.split(r"[\[<>=!~; #]", row)[0] for row in rows if row and row[0] not in "#-"}
    return {re.sub(r"[-_.]+", "-", package).lower() for package in names}


def test_repository_has_the_agreed_top_level_when_listed() -> None:
    assert {name.split("/")[0] for name in tracked()} <= TOP_LEVEL


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        pytest.param(REGISTRIES, "see https://py" + "pi.org/simple", id="index"),
        pytest.param(REGISTRIES, '"resolved": "https://registry' + '.npmjs.org/x"', id="npm"),
        pytest.param(MACHINE_PATHS, "open('/ro" + "ot/x')", id="root"),
        pytest.param(MACHINE_PATHS, "cd /ho" + "me/someone", id="home"),
        pytest.param(UNFINISHED, "# TO" + "DO: later", id="mark"),
    ],
)
def test_repository_texts_are_free_of_it_when_searched(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line)
    assert lines_matching(pattern) == []


def test_templates_have_no_untranslated_chinese_when_parsed() -> None:
    found = [
        f"{name}: {words}"
        for name, text in own_texts()
        if "/templates/" in name and name.endswith((".html", ".txt", ".xml"))
        for words in untranslated(text)
    ]
    assert sum("/templates/" in name for name, _ in own_texts()) > 50
    assert found == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        pytest.param("<p>今天</p>", ["<p>今天</p>"], id="text"),
        pytest.param("{{ field(label='姓名') }}", ["姓名"], id="argument"),
        pytest.param("{{ 'a' if x else '无' }}", ["无"], id="expression"),
        pytest.param("{{ _('今天') }}{# 说明 #}", [], id="translated"),
        pytest.param("{{ _('共 %(n)s 人', n=n) }}", [], id="placeholder"),
        pytest.param("{{ field(label=_('姓名')) }}", [], id="translated-argument"),
        pytest.param("{% trans %}今天{% endtrans %}", [], id="trans-block"),
    ],
)
def test_untranslated_chinese_is_found_when_in_a_template(source: str, words: list[str]) -> None:
    assert list(untranslated(source)) == words


def test_repository_has_no_test_input_when_searched_by_name() -> None:
    assert "pyproject.toml" in tracked()
    assert [
        name for name in tracked() if any(f"/{inner}" in f"/{name}" for inner in TEST_INPUT_ONLY)
    ] == []


@pytest.mark.shared
def test_repository_has_no_test_input_when_searched_by_content() -> None:
    if not SHARED_DATA.is_dir():
        pytest.skip("no shared data beside the repository")
    inputs = {
        hashlib.sha256(path.read_bytes()).hexdigest(): path.name
        for path in SHARED_DATA.rglob("*")
        if path.is_file() and path.relative_to(SHARED_DATA).as_posix().startswith(TEST_INPUT_ONLY)
    }
    assert inputs
    copies = {
        name: inputs.get(hashlib.sha256((REPOSITORY / name).read_bytes()).hexdigest())
        for name in tracked()
    }
    assert {name for name, source in copies.items() if source} == set()


@pytest.mark.parametrize("name", ["build", "base", "dev", "scale"])
def test_requirements_are_pinned_by_hash_when_locked(name: str) -> None:
    text = (REPOSITORY / "requirements" / f"{name}.txt").read_text("utf-8")
    rows = re.sub(r"\\\n", " ", text).splitlines()
    assert rows
    assert [row for row in rows if not re.search(r"==\S+ .*--hash=sha256:[0-9a-f]{64}", row)] == []


@pytest.mark.parametrize("name", ["build", "base", "dev", "scale"])
def test_requirements_lock_holds_every_wanted_package_when_compared(name: str) -> None:
    assert wanted(name)
    assert wanted(name) - locked(name).keys() == set()


@pytest.mark.parametrize("name", ["dev", "scale"])
def test_requirements_locks_agree_when_installed_together(name: str) -> None:
    base, other = locked("base"), locked(name)
    both = base.keys() & other.keys()
    assert both
    assert {package for package in both if base[package] != other[package]} == set()


def test_redis_lock_suits_the_limiter_when_installed_together() -> None:
    wanted_by_limits = [
        one
        for one in map(Requirement, metadata.requires("limits") or [])
        if one.name == "redis" and one.marker and one.marker.evaluate({"extra": "redis"})
    ]
    assert wanted_by_limits
    assert [v for v in locked("scale")["redis"] if v not in wanted_by_limits[0].specifier] == []


def test_extra_names_what_is_locked_when_declared() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    rows = (REPOSITORY / "requirements" / "scale.in").read_text("utf-8").splitlines()
    named = {row for row in rows if row and not row.startswith(("#", "-c"))}
    assert named == set(settings["project"]["optional-dependencies"]["scale"])


def test_build_requirement_is_locked_when_declared() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    names = {re.split(r"[<>=!~ ]", row)[0] for row in settings["build-system"]["requires"]}
    assert names <= locked("build").keys()


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_readme_names_only_real_commands_when_it_says_make(name: str) -> None:
    makefile = (REPOSITORY / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):(?!=)", makefile, re.M))
    readme = (REPOSITORY / name).read_text("utf-8")
    named = set(re.findall(r"(?:^|`|\$ )make ([a-z][a-z-]*)", readme, re.M))
    assert {"demo", "test"} <= named <= targets
