"""Compare policies over worlds and sizes of the past: who is still working at six months.

    python -m benchmarks.matching [--clients 600] [--vacancies 360] [--seeds 5] ...

Every figure is an expectation under the world's own truth, with a 95 % t-interval over seeds; the
policies of one world and seed meet the same persons, openings and past. `of oracle` is the ratio to
the feasible oracle, which knows the law of the world but nothing that is hidden.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

import numpy as np
from scipy.stats import t as student

from benchmarks.matching_policies import Case, assign, ndcg, policies
from ml.simulation import WORLDS, simulate
from ml.vocabulary import load_vocabulary

ORACLE = "feasible oracle"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run every world and size asked for; print a table each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", nargs="+", choices=sorted(WORLDS), default=list(WORLDS))
    parser.add_argument("--clients", type=int, default=600)
    parser.add_argument("--vacancies", type=int, default=360)
    parser.add_argument("--history", type=int, nargs="+", default=[500, 2000])
    parser.add_argument("--scarcity", type=float, nargs="+", default=[1.0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", nargs="+", help="names of policies; the oracle always runs")
    options = parser.parse_args(arguments)
    for world in options.worlds:
        for scarcity in options.scarcity:
            for n_history in options.history:
                _compare(world, scarcity, n_history, options)


def _compare(world: str, scarcity: float, n_history: int, options: argparse.Namespace) -> None:
    started = time.perf_counter()
    chosen = [p for p in policies() if not options.only or p.name in (ORACLE, *options.only)]
    runs = [
        _run(world, scarcity, n_history, seed, chosen, options) for seed in range(options.seeds)
    ]
    figures = np.array(runs)
    reference = figures[:, [p.name for p in chosen].index(ORACLE), :1]
    taken = time.perf_counter() - started
    print(
        f"\n{world}, {n_history} matured outcomes, {scarcity:g} places a person, "
        f"{options.clients} persons, {options.vacancies} openings, {options.seeds} seeds "
        f"({taken:.0f} s)"
    )
    print(f"{'policy':<34} {'retained':>16} {'of oracle %':>16} {'NDCG@10':>16} {'seconds':>8}")
    for place, policy in enumerate(chosen):
        retained, gain, seconds = figures[:, place].T
        share = 100 * retained / reference[:, 0]
        print(
            f"{policy.name:<34} {_interval(retained, 1)} {_interval(share, 1)} "
            f"{_interval(gain, 3)} {seconds.mean():>8.2f}"
        )
    sys.stdout.flush()


def _run(
    world: str,
    scarcity: float,
    n_history: int,
    seed: int,
    chosen: Sequence[object],
    options: argparse.Namespace,
) -> list[tuple[float, float, float]]:
    vocabulary = load_vocabulary()
    drawn = simulate(
        world,
        n_clients=options.clients,
        n_vacancies=options.vacancies,
        n_history=n_history,
        seed=seed,
        scarcity=scarcity,
        vocabulary=vocabulary,
    )
    case = Case(drawn, vocabulary, seed)
    found = []
    for policy in chosen:
        started = time.perf_counter()
        score = policy.score(case)
        given = assign(score, case.feasible, case.places, policy.way)
        seconds = time.perf_counter() - started
        rows = np.flatnonzero(given >= 0)
        assert case.feasible[rows, given[rows]].all()
        assert (np.bincount(given[rows], minlength=len(case.places)) <= case.places).all()
        found.append((case.truth[rows, given[rows]].sum(), ndcg(score, case), seconds))
    return found


def _interval(values: np.ndarray, digits: int) -> str:
    """Return the mean and half the width of its 95 % interval over seeds."""
    n = len(values)
    half = student.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n) if n > 1 else float("nan")
    return f"{values.mean():>8.{digits}f} ± {half:<5.{digits}f}"


if __name__ == "__main__":
    main()
