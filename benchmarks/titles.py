"""Measure the title suggester against labelled titles.

Run as ``python -m benchmarks.titles FILE`` with columns ``job_name, code``. Machine-made labels are
noisy: read the figures as a comparison of two versions of the suggester, not as its error rate.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.table import Row, print_table
from ml.codebook import canonical, covers
from ml.titles import Suggestion, TitleSuggester, common_group
from ml.vocabulary import load_vocabulary

TOP = 5
LEVELS = (4, 3, 2, 1)


def read_labelled(path: Path) -> list[tuple[str, str]]:
    """Return title and code of every row."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return [(row["job_name"], row["code"]) for row in csv.DictReader(handle)]


def measure(pairs: Sequence[tuple[str, str]]) -> list[Row]:
    """Return hits by level, the share asked, and the precision of what is not asked."""
    suggester = TitleSuggester(load_vocabulary())
    titles = [title for title, _ in pairs]
    started = time.perf_counter()
    found = suggester.suggest_many(titles, TOP)
    seconds = time.perf_counter() - started
    sure = suggester.sure_codes(titles)
    rows = []
    for level in LEVELS:
        cases = [
            (_prefix(code, level), guesses, certain)
            for (_, code), guesses, certain in zip(pairs, found, sure, strict=True)
            if _depth(code) >= level
        ]
        n, name = len(cases), f"level {level}"
        first = sum(_hit(code, guesses[:1]) for code, guesses, _ in cases)
        among = sum(_hit(code, guesses) for code, guesses, _ in cases)
        told = [(code, certain) for code, _, certain in cases if certain]
        right = sum(covers(code, certain) for code, certain in told)
        rows += [
            Row(n, f"{name}: first suggestion right", 100 * first / max(n, 1), "%", ""),
            Row(n, f"{name}: among {TOP} suggestions", 100 * among / max(n, 1), "%", ""),
            Row(len(told), f"{name}: right when sure", 100 * right / max(len(told), 1), "%", ""),
        ]
    n = len(pairs)
    asked = [i for i, code in enumerate(sure) if not code]
    groups = [
        (pairs[i][1], group)
        for i in asked
        if (group := common_group(found[i])) and _depth(pairs[i][1]) >= _depth(group)
    ]
    inside = sum(covers(group, code) for code, group in groups)
    return [
        *rows,
        Row(n, "asked: below the threshold", 100 * len(asked) / n, "%", ""),
        Row(
            len(groups),
            "asked: right when a group is offered",
            100 * inside / max(len(groups), 1),
            "%",
            "",
        ),
        Row(n, "titles a minute, one thread", 60 * n / seconds, "", ""),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the file named on the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.titles", description=__doc__)
    parser.add_argument("titles", type=Path, help="CSV file with job_name and code")
    options = parser.parse_args(arguments)
    print_table("Title to occupation", measure(read_labelled(options.titles)))


def _depth(code: str) -> int:
    return len(canonical(code).split("-"))


def _prefix(code: str, level: int) -> str:
    return "-".join(canonical(code).split("-")[:level])


def _hit(code: str, guesses: Sequence[Suggestion]) -> bool:
    return any(covers(code, guess.code) for guess in guesses)


if __name__ == "__main__":
    main()
