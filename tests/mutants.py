"""Small wrong changes, put in one at a time: which of them do the subject's own tests see?

    python -m tests.mutants                        # all of them: a nightly job
    python -m tests.mutants --sample 20 --seed 1   # a few, drawn
    python -m tests.mutants --floor web ml         # of some floors
    python -m tests.mutants --goal 95              # exit 1 if a floor has less than 95 % seen

Each change is made to a temporary copy of the sources, and the tests named beside it run there on
SQLite. The same tests must pass on the sources as they are, or what they see counts for nothing.
What came of each is said in one word:

seen       A test failed.
time-out   The tests did not end in time: seen as well, and counted apart.
survived   Every test passed.
stale      The old text is no longer found exactly once: the list is kept as the sources are.
broken     No test ran, or the tests fail without the change too.

Only the first two count. `mutants.csv` is the list: floor, file, old text, new text, tests, and the
words that select among them (pytest's -k).
"""

from __future__ import annotations

import argparse
import compileall
import csv
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = Path(__file__).with_name("mutants.csv")
FLOORS = ("domain", "services", "permissions", "web", "ranking", "ml")
#: What can come of a change; the first two are seen.
VERDICTS = ("seen", "time-out", "survived", "stale", "broken")
LIMIT_S = 300
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "node_modules", "instance", "__pycache__")
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

    @property
    def arguments(self) -> tuple[str, ...]:
        """What pytest is called with."""
        return (*self.tests.split(), *(("-k", self.words) if self.words else ()))

    def is_found(self, root: Path) -> bool:
        """Return whether the old text stands in the file exactly once."""
        path = root / self.file
        return path.is_file() and path.read_text(encoding="utf-8").count(self.old) == 1


def read_mutants(path: Path = LIST) -> list[Mutant]:
    """Return the list, in its order."""
    with path.open(encoding="utf-8", newline="") as file:
        return [Mutant(**row) for row in csv.DictReader(file)]


@dataclass
class Bench:
    """A copy of the sources in which one change at a time is tried."""

    root: Path
    limit_s: float = LIMIT_S
    _passing: dict[tuple[str, ...], bool] = field(default_factory=dict)

    def judge(self, mutant: Mutant) -> str:
        """Return what came of a change."""
        if not mutant.is_found(self.root):
            return "stale"
        source = (self.root / mutant.file).read_text(encoding="utf-8")
        changed = source.replace(mutant.old, mutant.new)
        return self.judge_text(mutant.file, changed, mutant.arguments)

    def judge_text(self, file: str, changed: str, arguments: tuple[str, ...]) -> str:
        """Return what the tests say to a file's changed text; it is as before afterwards."""
        path = self.root / file
        source, stat = path.read_text(encoding="utf-8"), path.stat()
        path.write_text(changed, encoding="utf-8")
        # Bytecode is taken for a source of the same second and length: say that it is another.
        os.utime(path, (stat.st_atime, stat.st_mtime + 100))
        try:
            answer = self._run(arguments, limit_s=self.limit_s)
        finally:
            path.write_text(source, encoding="utf-8")
            os.utime(path, (stat.st_atime, stat.st_mtime))
        if answer == 0:
            return "survived"
        if answer not in {None, _A_TEST_FAILED} or not self._pass_as_is(arguments):
            return "broken"
        return "time-out" if answer is None else "seen"

    def _pass_as_is(self, arguments: tuple[str, ...]) -> bool:
        if arguments not in self._passing:
            self._passing[arguments] = self._run(arguments) == 0
        return self._passing[arguments]

    def _run(self, arguments: tuple[str, ...], *, limit_s: float | None = None) -> int | None:
        """Return what pytest answers, None if it did not in time."""
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *arguments]
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.root),
            "PYTHONDONTWRITEBYTECODE": "1",
            "MATCHBOARD_TEST_DATABASES": "sqlite",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        try:
            return subprocess.run(
                command,
                cwd=self.root,
                env=environment,
                timeout=limit_s,
                check=False,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ).returncode
        except subprocess.TimeoutExpired:
            return None


def report(found: Sequence[tuple[Mutant, str]]) -> float:
    """Print the share seen of each floor and of all; return the smallest floor's in per cent."""
    shares = []
    floors = [*FLOORS, *sorted({mutant.floor for mutant, _ in found} - set(FLOORS))]
    for floor in floors:
        verdicts = [verdict for mutant, verdict in found if mutant.floor == floor]
        if verdicts:
            shares.append(_line(floor, verdicts))
    _line("all", [verdict for _, verdict in found])
    return min(shares, default=100.0)


def _line(name: str, verdicts: Sequence[str]) -> float:
    n_of = Counter(verdicts)
    n_seen = n_of["seen"] + n_of["time-out"]
    share = 100 * n_seen / len(verdicts) if verdicts else 100.0
    rest = ", ".join(f"{n_of[word]} {word}" for word in VERDICTS[1:] if n_of[word])
    _say(f"{name:12} {n_seen:4} of {len(verdicts):4} {share:6.1f} %  {rest}".rstrip())
    return share


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the list or a part of it; return 1 if a floor is below the goal."""
    parser = argparse.ArgumentParser(description="Put in small wrong changes; count those seen.")
    parser.add_argument("--sample", type=int, help="how many, drawn at random; default all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--floor", nargs="+", help="only of these floors")
    parser.add_argument("--goal", type=float, default=0.0, help="per cent each floor must reach")
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="seconds the tests may take")
    parser.add_argument("--list", type=Path, default=LIST, help="another list")
    parser.add_argument("--sources", type=Path, default=ROOT, help="other sources")
    options = parser.parse_args(arguments)
    chosen = [m for m in read_mutants(options.list) if m.floor in (options.floor or {m.floor})]
    if options.sample is not None and options.sample < len(chosen):
        chosen = random.Random(options.seed).sample(chosen, options.sample)
    found = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as directory:
        bench = Bench(Path(directory) / "copy", options.limit)
        shutil.copytree(options.sources, bench.root, ignore=LEFT_OUT)
        compileall.compile_dir(bench.root, quiet=2)
        for mutant in chosen:
            verdict = bench.judge(mutant)
            found.append((mutant, verdict))
            _say(f"{verdict:9} {mutant.name}")
    return 0 if report(found) >= options.goal else 1


if __name__ == "__main__":
    sys.exit(main())
