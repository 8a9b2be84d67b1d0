"""The vendored front end is what its lock says, licensed, and asks nothing of other hosts."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
VENDOR = REPOSITORY / "matchboard" / "static" / "vendor"
TEMPLATES = REPOSITORY / "matchboard" / "templates"
ROWS = json.loads((VENDOR / "vendor.lock.json").read_text("utf-8"))

#: What a browser would fetch from elsewhere: a style's url() or @import, a script's map.
FETCHES = re.compile(r"url\(\s*[\"']?(?:https?:)?//|@import\s|sourceMappingURL=")
LITERAL_ICON = re.compile(r"\bicon\(\s*[\"']([a-z0-9-]+)[\"']")
LITERAL_FILE = re.compile(r"[\"']vendor/([^\"']+)[\"']")


def row_id(row: dict[str, str]) -> str:
    return row["file"]


def texts_of_templates() -> Iterable[tuple[Path, str]]:
    for path in sorted(TEMPLATES.rglob("*.html")):
        yield path.relative_to(TEMPLATES), path.read_text("utf-8")


def test_vendor_lock_lists_every_file_when_compared_with_the_folder() -> None:
    there = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert sorted(row["file"] for row in ROWS) == sorted(there - {"vendor.lock.json"})


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_vendor_file_matches_its_hash_when_read(row: dict[str, str]) -> None:
    assert hashlib.sha256((VENDOR / row["file"]).read_bytes()).hexdigest() == row["sha256"]


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_vendor_file_has_name_version_and_licence_when_listed(row: dict[str, str]) -> None:
    assert row["name"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", row["version"])
    assert row["licence"] in {"MIT", "0BSD", "Apache-2.0", "BSD-3-Clause"}
    assert (VENDOR / row["licence_file"]).stat().st_size > 500


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["file"].endswith((".js", ".css"))], ids=row_id
)
def test_vendor_file_fetches_nothing_elsewhere_when_loaded(row: dict[str, str]) -> None:
    text = (VENDOR / row["file"]).read_text("utf-8")
    assert not FETCHES.search(text)
    assert FETCHES.search(f"{text}\n@import 'a.css'")


def drawn_icons() -> set[str]:
    text = (TEMPLATES / "components/icons.html").read_text("utf-8")
    return set(re.findall(r'^  "([a-z0-9-]+)":', text, re.M))


def icons_named_in(path: Path) -> set[str]:
    """Return the icons a module names: in a table of icons, as `icon=`, under "icon"."""
    named: list[ast.expr] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(ast.unparse(target).endswith("ICONS") for target in targets):
                named += node.value.values
        elif isinstance(node, ast.keyword) and node.arg == "icon":
            named.append(node.value)
        elif isinstance(node, ast.Dict):
            keys = [k.value if isinstance(k, ast.Constant) else None for k in node.keys]
            named += [v for k, v in zip(keys, node.values, strict=True) if k == "icon"]
    return {
        one.value
        for value in named
        for one in ast.walk(value)
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }


def test_modules_name_only_drawn_icons_when_they_hand_one_to_a_page() -> None:
    paths = sorted((TEMPLATES.parent / "web").rglob("*.py"))
    used = {(path.name, name) for path in paths for name in icons_named_in(path)}
    assert len({file for file, _ in used}) >= 5
    assert {name for _, name in used} <= drawn_icons(), used


def test_templates_name_only_drawn_icons_when_they_call_the_macro() -> None:
    drawn = drawn_icons()
    used = {
        (str(path), name)
        for path, text in texts_of_templates()
        for name in LITERAL_ICON.findall(text)
    }
    assert drawn
    assert {use for use in used if use[1] not in drawn} == set()


def test_templates_name_only_vendored_files_when_they_link_them() -> None:
    there = {row["file"] for row in ROWS}
    used = {
        (str(path), name)
        for path, text in texts_of_templates()
        for name in LITERAL_FILE.findall(text)
    }
    assert used
    assert {use for use in used if use[1] not in there} == set()
