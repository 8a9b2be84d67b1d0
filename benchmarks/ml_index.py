"""Time the opening index against a streaming pass, all pairs, and one boosting predict.

Run as ``python -m benchmarks.ml_index [n_openings ...]``. Every figure is the least of several
repetitions in this run on one thread; read the ratios, the milliseconds are this machine's.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from benchmarks.ml_openings import make_clients, make_vacancies
from benchmarks.table import Row, best_ms, growth, print_table
from ml.columns import gate_bytes
from ml.explain import shortlist
from ml.features import FEATURES
from ml.gates import failures
from ml.index import OpeningIndex, sort_value
from ml.query import ClientQuery
from ml.schema import Clients
from ml.vocabulary import load_vocabulary

AS_OF_DAY = 20_776
N_CLIENTS = 40
SIZES = (100_000, 1_000_000)
CROWDED = "5101"


def measure(n: int, *, region: str = "", seed: int = 7) -> list[Row]:
    """Build an index of `n` openings in the towns of a region and measure it."""
    vocabulary = load_vocabulary()
    vacancies = make_vacancies(n, vocabulary, seed=seed, region=region)
    clients = make_clients(N_CLIENTS, vocabulary, seed=seed + 1, region=region)
    started = time.perf_counter()
    index = OpeningIndex.build(vacancies, vocabulary)
    built = time.perf_counter() - started
    queries = [index.query(clients, i, AS_OF_DAY) for i in range(N_CLIENTS)]

    parts = gate_bytes(index.columns)
    stream = best_ms(lambda: [part.sum() for part in parts], 9)
    top = _median(best_ms(lambda q=query: index.rank(q, 200), 5) for query in queries)
    pairs = _median(best_ms(lambda q=query: _every_pair(index, q), 3) for query in queries[:5])
    same = all(_every_pair(index, query) == index.rank(query, 20).vacancy_ids for query in queries)
    listed = _median(
        best_ms(lambda i=i: _shortlist(index, clients, i), 5) for i in range(N_CLIENTS)
    )
    boost = _boosting_ms()
    feasible = np.median([index.rank(query, 1).n_feasible for query in queries])
    update = _update_ms(index, seed)
    return [
        Row(n, "feasible openings per client (median)", float(feasible), "", ""),
        Row(n, "build", built, "s", ""),
        Row(n, "index memory per opening", index.nbytes / n, "bytes", "<= 400"),
        Row(n, "replace 20 openings, per opening", update / 20, "ms", ""),
        Row(n, "streaming pass over the gate columns", stream, "ms", "reference"),
        Row(n, "gate + top-200", top, "ms", ""),
        Row(n, "gate + top-200 / streaming pass", top / stream, "x", "<= 20"),
        Row(n, "scoring every pair", pairs, "ms", "reference"),
        Row(n, "scoring every pair / gate + top-200", pairs / top, "x", ">= 50"),
        Row(n, "identical top 20 for every client", float(same), "", "1"),
        Row(n, "one boosting predict of 200 pairs", boost, "ms", "reference"),
        Row(n, "shortlist of 20 with reasons", listed, "ms", ""),
        Row(n, "shortlist / (gate + top-200 + predict)", listed / (top + boost), "x", "<= 3"),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the sizes asked for, 100 k and 1 M by default, then one crowded prefecture."""
    sizes = [int(text) for text in (sys.argv[1:] if arguments is None else arguments)]
    rows = [row for n in sizes or SIZES for row in measure(n)]
    print_table("Opening index, openings over the whole country", [*rows, *growth(rows)])
    # Here the cells of the index leave nothing out: the worst case, without goals of its own.
    crowded = [replace(row, goal="") for row in measure(min(sizes or SIZES), region=CROWDED)]
    print_table(f"Opening index, all openings in one prefecture ({CROWDED}00)", crowded)


def _every_pair(index: OpeningIndex, query: ClientQuery) -> tuple[str, ...]:
    """Score all openings, gate all openings, sort: what the index must equal."""
    rows = np.arange(len(index.columns))
    scores = index.score(query, rows)
    failed = failures(query, index.columns, policy=index.policy)
    value = sort_value(scores, index.distances(query, rows))
    value[failed != 0] = -np.inf
    order = np.argpartition(-value, 40)[:40]
    names = index.names_of(order)
    ranked = sorted(zip((-value[order]).tolist(), names, strict=True))
    return tuple(name for worth, name in ranked[:20] if worth < np.inf)


def _shortlist(index: OpeningIndex, clients: Clients, i: int) -> object:
    return shortlist(index, index.query(clients, i, AS_OF_DAY), top=20)


def _update_ms(index: OpeningIndex, seed: int) -> float:
    twenty = make_vacancies(20, index.vocabulary, seed=seed + 2)
    return best_ms(lambda: index.upsert(twenty), 5)


def _boosting_ms() -> float:
    rng = np.random.default_rng(3)
    features = rng.random((3000, len(FEATURES)), dtype=np.float32)
    outcome = (features[:, 0] + rng.random(3000) > 1).astype(int)
    model = HistGradientBoostingClassifier(max_iter=100).fit(features, outcome)
    return best_ms(lambda: model.predict_proba(features[:200]), 30)


def _median(values: object) -> float:
    return float(np.median(list(values)))  # type: ignore[call-overload]


if __name__ == "__main__":
    main()
