"""Put what a command has printed into ``ml/CARD.md``, so that no figure in it is typed.

    python -m benchmarks.titles FILE | python -m benchmarks.card titles

The text goes between ``<!-- titles -->`` and ``<!-- /titles -->``; Markdown stays as it is,
anything else is set as printed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

CARD = Path(__file__).resolve().parent.parent / "ml" / "CARD.md"


def main(arguments: Sequence[str] | None = None) -> None:
    """Replace one part of the card by what is read from standard input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", help="name in the card's comments")
    parser.add_argument("--markdown", action="store_true", help="what is read is Markdown")
    parser.add_argument("--card", type=Path, default=CARD, help="another card than the project's")
    options = parser.parse_args(arguments)
    printed = sys.stdin.read().strip()
    if not printed:
        parser.error(f"nothing was printed for {options.part}")
    body = printed if options.markdown else f"```text\n{printed}\n```"
    try:
        card = with_part(options.card.read_text(encoding="utf-8"), options.part, body)
    except ValueError as problem:
        parser.error(str(problem))
    options.card.write_text(card, encoding="utf-8")


def with_part(card: str, part: str, body: str) -> str:
    """Return the card with the body of one part replaced.

    Raises
    ------
    ValueError
        If the card has no such part.
    """
    start, end = f"<!-- {part} -->", f"<!-- /{part} -->"
    if card.count(start) != 1 or card.count(end) != 1 or card.index(start) > card.index(end):
        raise ValueError(f"the card has no part {part}")
    before, rest = card.split(start)
    return f"{before}{start}\n{body}\n{end}{rest.split(end)[1]}"


if __name__ == "__main__":
    main()
