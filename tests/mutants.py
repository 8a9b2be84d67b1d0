"""Small wrong changes, put in one at a time: which of them do the subject's own tests see?

    python -m tests.mutants                        # all of them: a nightly job
    python -m tests.mutants --sample 20 --seed 1   # a few, drawn
    python -m tests.mutants --goal 90              # exit 1 below 90 % seen

Each change is made to a temporary copy of the sources, and the tests named beside it run there on
SQLite. A change whose old text is no longer found exactly once is reported and counts as not seen:
the list is kept as the sources are. `mutants.csv` is the list: floor, file, old text, new text,
tests, and the words that select among them (pytest's -k).
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = Path(__file__).with_name("mutants.csv")
FLOORS = ("domain", "services", "permissions", "web", "ranking", "ml")
LIMIT_S = 300
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "node_modules", "instance", "__pycache__")
#: What pytest answers when a test has failed; any other answer but 0 is a fault of the list.
_A_TEST_FAILED = 1


@dataclass(frozen=True)
class Mutant:
    """One wrong change and the tests that should see it."""

    floor: str
    file: str
    old: str
    new: str
    tests: str
    words: str

    @property
    def name(self) -> str:
        """The change in one line."""
        return f"{self.file}: {self.old!r} -> {self.new!r}"

    def is_found(self, root: Path) -> bool:
        """Return whether the old text stands in the file exactly once."""
        path = root / self.file
        return path.is_file() and path.read_text(encoding="utf-8").count(self.old) == 1


def read_mutants() -> list[Mutant]:
    """Return the list, in its order."""
    with LIST.open(encoding="utf-8", newline="") as file:
        return [Mutant(**row) for row in csv.DictReader(file)]


def judge(mutant: Mutant, root: Path) -> str:
    """Return `seen`, `survived`, `stale` (old text not found) or `broken` (tests did not run)."""
    if not mutant.is_found(root):
        return "stale"
    path = root / mutant.file
    source = path.read_text(encoding="utf-8")
    path.write_text(source.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        return _run(mutant, root)
    finally:
        path.write_text(source, encoding="utf-8")


def _run(mutant: Mutant, root: Path) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    command += mutant.tests.split()
    if mutant.words:
        command += ["-k", mutant.words]
    environment = {
        **os.environ,
        "PYTHONPATH": str(root),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MATCHBOARD_TEST_DATABASES": "sqlite",
    }
    try:
        done = subprocess.run(
            command,
            cwd=root,
            env=environment,
            timeout=LIMIT_S,
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return "seen"
    if done.returncode == 0:
        return "survived"
    return "seen" if done.returncode == _A_TEST_FAILED else "broken"


def report(found: Sequence[tuple[Mutant, str]]) -> float:
    """Print the share seen of each floor and of all; return the latter in per cent."""
    by_floor: dict[str, list[str]] = defaultdict(list)
    for mutant, verdict in found:
        by_floor[mutant.floor].append(verdict)
    for floor in FLOORS:
        verdicts = by_floor[floor]
        if verdicts:
            n_seen = verdicts.count("seen")
            share = 100 * n_seen / len(verdicts)
            _say(f"{floor:12} {n_seen:4} of {len(verdicts):4} {share:6.1f} %")
    n_seen = sum(verdict == "seen" for _, verdict in found)
    share = 100 * n_seen / len(found) if found else 100.0
    _say(f"{'all':12} {n_seen:4} of {len(found):4} {share:6.1f} %")
    return share


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the list or a sample of it; return 1 below the goal."""
    parser = argparse.ArgumentParser(description="Put in small wrong changes; count those seen.")
    parser.add_argument("--sample", type=int, help="how many, drawn at random; default all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--goal", type=float, default=0.0, help="per cent that must be seen")
    options = parser.parse_args(arguments)
    chosen = read_mutants()
    if options.sample is not None and options.sample < len(chosen):
        chosen = random.Random(options.seed).sample(chosen, options.sample)
    found = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as directory:
        root = Path(directory) / "copy"
        shutil.copytree(ROOT, root, ignore=_LEFT_OUT)
        for mutant in chosen:
            verdict = judge(mutant, root)
            found.append((mutant, verdict))
            _say(f"{verdict:9} {mutant.name}")
    return 0 if report(found) >= options.goal else 1


if __name__ == "__main__":
    sys.exit(main())
