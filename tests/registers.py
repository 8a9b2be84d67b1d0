"""Answers written down: how they are kept, compared and written anew, all in one way.

    python -m tests.registers                    # all of them anew; then read the difference
    python -m tests.registers requests pages     # some of them

Each register is a text file in `tests/written/`: `[of what]`, then its lines. The tests named
beside it hold it: they say what they found, and `hold` compares. The command runs the same tests,
lets them write instead, and puts the files in place only if every test passed.
"""

from __future__ import annotations

import difflib
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from pathlib import Path

FOLDER = Path(__file__).with_name("written")
#: Names the folder that is written into; without it the registers are compared.
VARIABLE = "MATCHBOARD_WRITE_REGISTERS"
Parts = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Register:
    """A file, the tests that hold it, and whether its figures are a machine's arithmetic."""

    name: str
    tests: str
    is_arithmetic: bool = False


REGISTERS = {
    one.name: one
    for one in (
        Register("constants", "tests/contract/test_constants.py"),
        Register("rules", "tests/unit/domain/test_golden.py", is_arithmetic=True),
        Register("library", "tests/unit/ml/test_golden.py", is_arithmetic=True),
        Register("ranking", "tests/integration/test_ranking_whole.py", is_arithmetic=True),
        Register("requests", "tests/integration/test_saved_means_saved.py -k commit_fails"),
        Register("steps", "tests/integration/test_whole_rows.py"),
        Register("pages", "tests/integration/test_properties_districts.py"),
    )
}


def read(name: str, folder: Path | None = None) -> dict[str, list[str]]:
    """Return the lines of each part of a register."""
    found: dict[str, list[str]] = {}
    path = (folder or FOLDER) / f"{name}.txt"
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        if line.startswith("["):
            lines = found.setdefault(line[1:-1], [])
        elif line:
            lines.append(line.removeprefix("\\"))
    return found


def hold(name: str, found: Parts) -> None:
    """Compare parts of a register with what was found; write them, if that is asked for."""
    found = {part: [line.rstrip() for line in lines] for part, lines in found.items()}
    if folder := os.environ.get(VARIABLE):
        _write(name, {**read(name, Path(folder)), **found}, Path(folder))
        return
    told = read(name)
    lines = differences(found, {part: told.get(part, []) for part in found}, REGISTERS[name])
    if lines:
        raise AssertionError("\n".join([f"meant? python -m tests.registers {name}", *lines]))


def hold_parts(name: str, parts: Sequence[str]) -> None:
    """Compare the names of a register's parts with those it should have."""
    if VARIABLE not in os.environ:
        told = list(read(name))
        assert sorted(parts) == sorted(told), f"meant? python -m tests.registers {name}"


def differences(found: Parts, told: Parts, register: Register) -> list[str]:
    """Return the lines that are gone (-) and those that are new (+), each after its part."""
    lines: list[str] = []
    for part in {**told, **found}:
        theirs, ours = list(told.get(part, ())), list(found.get(part, ()))
        if register.is_arithmetic:
            ours = _settled(ours, theirs)
        if ours != theirs:
            _, _, *compared = difflib.unified_diff(theirs, ours, lineterm="", n=0)
            lines += [f"[{part}]", *(one for one in compared if not one.startswith("@@"))]
    return lines


def is_moved(found: str, told: str) -> bool:
    """Return whether a line differs by more than arithmetic may from machine to machine."""
    if found == told:
        return False
    ours, theirs = found.split(" "), told.split(" ")
    return len(ours) != len(theirs) or not all(map(_is_near, ours, theirs))


def _settled(found: list[str], told: list[str]) -> list[str]:
    """Return the lines found, those told instead where nothing has moved."""
    by_name = {line.partition(": ")[0]: line for line in told}
    known = ((line, by_name.get(line.partition(": ")[0], "")) for line in found)
    return [line if is_moved(line, other) else other for line, other in known]


def _is_near(one: str, other: str) -> bool:
    if one == other:
        return True
    try:
        return isclose(float(one.strip("[]")), float(other.strip("[]")), rel_tol=1e-4, abs_tol=1e-5)
    except ValueError:
        return False


def _write(name: str, parts: Parts, folder: Path) -> None:
    #: A line that looks like the head of a part is marked.
    blocks = (
        "\n".join([f"[{part}]", *("\\" * line.startswith(("[", "\\")) + line for line in lines)])
        for part, lines in parts.items()
    )
    (folder / f"{name}.txt").write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


def main(names: Sequence[str]) -> int:
    """Write registers anew; return what pytest answered if a test failed."""
    chosen = [REGISTERS[name] for name in names or REGISTERS]
    for register in chosen:
        with tempfile.TemporaryDirectory(prefix="registers-") as directory:
            known = {"MATCHBOARD_TEST_DATABASES": "sqlite", VARIABLE: directory}
            command = [sys.executable, "-m", "pytest", "-q", *register.tests.split()]
            answer = subprocess.run(command, env={**os.environ, **known}, check=False).returncode
            if answer:
                return answer
            for path in Path(directory).iterdir():
                (FOLDER / path.name).write_bytes(path.read_bytes())
    return subprocess.run(["git", "diff", "--stat", "--", str(FOLDER)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
