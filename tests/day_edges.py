"""Every number of days and every edge of time in the rules, and the test that stands on it.

    python -m tests.day_edges                      # each moved by one, one at a time: a nightly job
    python -m tests.day_edges --only services/tick

What is found in domain, services, ranking and permissions: numbers in `timedelta(…)`, in names that
speak of days, hours, months or years (`ANSWER_DAYS`, `registration_days`), dates written out, and
comparisons by order whose sides speak of time. Each number is moved by one both ways and each
comparison made strict or not; `day_edges.csv` names for every edge the tests that must see it.
tests/contract/test_day_edges.py keeps list and sources equal: a new limit without a row is refused.
"""

from __future__ import annotations

import argparse
import ast
import csv
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests import mutants

ROOT = Path(__file__).resolve().parent.parent
LIST = Path(__file__).with_name("day_edges.csv")
FLOORS = ("domain", "services", "ranking", "permissions.py")

_FLIPPED = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">"}
_UNIT = r"(^|_|\b)(day|week|hour|minute|month|year|age)s?($|_|\b)"
_NUMBER = re.compile(_UNIT, re.IGNORECASE)
#: No time of the office's: money a month, a length, a place in a text, the process's own clock.
_OTHER = re.compile(r"cny|wage|WAGE|^len\(|\.find\(|monotonic\(")
_TIME = re.compile(
    _UNIT + r"|_(on|at|date|from|until)\b"
    r"|\b(today|now|on|at|until|since|born|latest|longest|birth|first_result|term_end)\b"
    r"|\b(timedelta|add_months|years_between|WINDOW|KEEP|SILENCE|LONGEST|FURTHEST)\b|settled"
)


@dataclass(frozen=True, slots=True)
class Change:
    """One edge moved: where it stands, what was there, what is put in its place."""

    file: str
    place: str
    old: str
    new: str
    span: tuple[int, int]

    @property
    def edge(self) -> tuple[str, str, str]:
        """What names the edge, whatever moves around it."""
        return self.file, self.place, self.old

    def made(self, source: str) -> str:
        """Return the module's text with the change in it."""
        start, end = self.span
        return f"{source[:start]}({self.new}){source[end:]}"


def changes(root: Path = ROOT) -> list[Change]:
    """Return every change of an edge of time, in the order of the sources."""
    found = []
    for floor in FLOORS:
        base = root / "matchboard" / floor
        for path in [base] if base.is_file() else sorted(base.rglob("*.py")):
            found += changes_of(path.read_text(encoding="utf-8"), str(path.relative_to(root)))
    return found


def changes_of(source: str, file: str) -> list[Change]:
    """Return the changes of one module; those that read alike in one place are numbered."""
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))

    def offset(line: int, column: int) -> int:
        text = lines[line - 1].encode()[:column].decode()
        return starts[line - 1] + len(text)

    found: list[Change] = []
    seen: dict[tuple[str, str, str], int] = {}
    for node, place, is_rule in _walk(ast.parse(source), ()):
        for old, new, part in _changes_at(node, is_rule=is_rule):
            same = (place, old, new)
            seen[same] = seen.get(same, 0) + 1
            name = place if seen[same] == 1 else f"{place} #{seen[same]}"
            assert part.end_lineno is not None
            assert part.end_col_offset is not None
            span = (
                offset(part.lineno, part.col_offset),
                offset(part.end_lineno, part.end_col_offset),
            )
            found.append(Change(file, name, old, new, span))
    return found


def _walk(
    node: ast.AST, names: tuple[str, ...], *, is_rule: bool = True
) -> Iterator[tuple[ast.AST, str, bool]]:
    """Yield every node, the function or class it stands in, and whether it is of no function."""
    for child in ast.iter_child_nodes(node):
        is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        is_named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        inside = (*names, child.name) if is_named else names  # type: ignore[attr-defined]
        yield child, ".".join(inside), is_rule and not is_function
        yield from _walk(child, inside, is_rule=is_rule and not is_function)


def _changes_at(node: ast.AST, *, is_rule: bool) -> Iterator[tuple[str, str, ast.expr]]:
    """Yield what a node says, what it would say an edge further, and the expression to replace."""
    if isinstance(node, ast.Compare) and _is_of_time(node):
        yield from _flips(node)
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("timedelta"):
        yield from _moved(node)
    elif isinstance(node, ast.Call) and _is_written_date(node):
        for sign in "+-":
            text = ast.unparse(node)
            yield text, f"date.fromordinal({text}.toordinal() {sign} 1)", node
    elif is_rule and isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if not isinstance(node.value, ast.Call):
            yield from _numbers(node.value, ast.unparse(target))
    elif is_rule and isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant):
                yield from _numbers(value, str(key.value))


def _is_of_time(node: ast.Compare) -> bool:
    sides = [ast.unparse(side) for side in (node.left, *node.comparators)]
    is_ordered = any(type(op) in _FLIPPED for op in node.ops)
    is_other = any(_OTHER.search(side) for side in sides)
    return is_ordered and not is_other and any(_TIME.search(side) for side in sides)


def _is_written_date(node: ast.Call) -> bool:
    name = ast.unparse(node.func)
    parts = [a for a in node.args if isinstance(a, ast.Constant)]
    return name == "date" and len(parts) == len(node.args) == 3


def _flips(node: ast.Compare) -> Iterator[tuple[str, str, ast.expr]]:
    sides = [ast.unparse(side) for side in (node.left, *node.comparators)]
    signs = [_sign(op) for op in node.ops]
    for at, op in enumerate(node.ops):
        if type(op) in _FLIPPED:
            other = [*signs[:at], _FLIPPED[type(op)], *signs[at + 1 :]]
            yield ast.unparse(node), _joined(sides, other), node


def _sign(op: ast.cmpop) -> str:
    return ast.unparse(ast.Compare(ast.Name("a"), [op], [ast.Name("b")])).split()[1]


def _joined(sides: list[str], signs: list[str]) -> str:
    pairs = zip(signs, sides[1:], strict=True)
    return " ".join([sides[0], *(f"{sign} {side}" for sign, side in pairs)])


def _moved(node: ast.Call) -> Iterator[tuple[str, str, ast.expr]]:
    old = ast.unparse(node)
    for at, keyword in enumerate(node.keywords):
        for sign in "+-":
            parts = [f"{k.arg}={ast.unparse(k.value)}" for k in node.keywords]
            value = keyword.value
            is_number = isinstance(value, ast.Constant | ast.Name | ast.Attribute)
            text = ast.unparse(value) if is_number else f"({ast.unparse(value)})"
            parts[at] = f"{keyword.arg}={text} {sign} 1"
            yield old, f"{ast.unparse(node.func)}({', '.join(parts)})", node


def _numbers(value: ast.expr, name: str) -> Iterator[tuple[str, str, ast.expr]]:
    if _NUMBER.search(name) and not _OTHER.search(name):
        for part in ast.walk(value):
            if isinstance(part, ast.Constant) and type(part.value) is int:
                for by in (1, -1):
                    yield f"{name}: {part.value}", f"{part.value + by}", part


def read_rows() -> dict[tuple[str, str, str], tuple[str, ...]]:
    """Return the tests named for each edge."""
    with LIST.open(encoding="utf-8", newline="") as file:
        return {
            (row["file"], row["place"], row["edge"]): tuple(row["tests"].split())
            for row in csv.DictReader(file)
        }


def main(arguments: Sequence[str] | None = None) -> int:
    """Move every edge in turn; return 1 if the tests named for one do not see it."""
    parser = argparse.ArgumentParser(description="Move each edge of time by one; count those seen.")
    parser.add_argument("--only", default="", help="part of a file's name")
    options = parser.parse_args(arguments)
    tests = read_rows()
    missed = 0
    with tempfile.TemporaryDirectory(prefix="edges-") as directory:
        bench = mutants.Bench(Path(directory) / "copy")
        shutil.copytree(ROOT, bench.root, ignore=mutants.LEFT_OUT)
        for change in changes(bench.root):
            if options.only not in change.file:
                continue
            source = (bench.root / change.file).read_text(encoding="utf-8")
            verdict = bench.judge_text(change.file, change.made(source), tests[change.edge])
            missed += verdict != "seen"
            place = f"{change.file} {change.place}".strip()
            sys.stdout.write(f"{verdict:9} {place}: {change.old} -> {change.new}\n")
            sys.stdout.flush()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
