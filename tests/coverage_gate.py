"""Fail where a package on which people's rights rest is tested too little.

    python -m tests.coverage_gate build/coverage.json

Branches count alone, not averaged with lines: an untested `else` is where a rule goes wrong.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

GATES = {"matchboard/domain": 95.0, "matchboard/services": 95.0, "ml": 95.0}


def main(report: Path) -> int:
    """Print a row per gated package; return 1 if one is below its gate or was not measured."""
    measured = json.loads(report.read_text(encoding="utf-8"))
    if not measured["meta"]["branch_coverage"]:
        sys.exit("No branch was measured: the tests ran nothing of the product.")
    files = measured["files"]
    is_short = False
    for package, gate in GATES.items():
        sums = [entry["summary"] for path, entry in files.items() if path.startswith(package + "/")]
        lines = share(sums, "covered_lines", "num_statements")
        branches = share(sums, "covered_branches", "num_branches")
        short = not sums or min(lines, branches) < gate
        is_short |= short
        row = f"{package:<20} lines {lines:6.2f} %   branches {branches:6.2f} %   gate {gate} %"
        print(row, "  TOO LITTLE" if short else "  ok")  # noqa: T201 - a program that prints
    return int(is_short)


def share(sums: list[dict[str, int]], part: str, whole: str) -> float:
    """Return 100 × part / whole over all files; nothing to cover is covered."""
    total = sum(entry[whole] for entry in sums)
    return 100.0 if total == 0 else 100 * sum(entry[part] for entry in sums) / total


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
