"""The bar that shows on a terminal how far a long command has come."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import click


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Yield what moves a bar on; only a terminal shows it."""
    stream = sys.stderr
    with click.progressbar(
        length=1000, label=label, file=stream, hidden=not is_terminal(stream)
    ) as bar:

        def show(done: int, total: int) -> None:
            bar.update(max(0, done * 1000 // max(total, 1) - bar.pos))

        yield show


def is_terminal(stream: TextIO) -> bool:
    """Return whether somebody looks at the stream."""
    return stream.isatty()
