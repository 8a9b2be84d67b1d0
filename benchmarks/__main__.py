"""Run every benchmark: ``python -m benchmarks``. Read the ratios; the times are this machine's."""

from __future__ import annotations

import importlib

BENCHMARKS = (
    "benchmarks.ml_index",
    "benchmarks.allocation",
    "benchmarks.jobs_page",
)


def main() -> None:
    """Run the benchmarks one after the other, each in its default sizes."""
    for name in BENCHMARKS:
        importlib.import_module(name).main([])


if __name__ == "__main__":
    main()
