"""Measure allocation: solvers, candidate lists, the whole command, weekly arrivals, real cases.

Run as ``python -m benchmarks.allocation [n_clients n_openings]``. Times are of the processor, on
one thread, so that a busy machine does not count; read the ratios.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import numpy as np

from benchmarks.exchange import write_table
from benchmarks.ml_index import AS_OF_DAY, CROWDED
from benchmarks.ml_openings import make_clients, make_vacancies
from benchmarks.refugee_cases import DIRECTORY, read_cases
from benchmarks.table import Row, print_table
from ml.allocation.arrivals import (
    Forecast,
    left_after,
    picked,
    serve_at,
    serve_week,
)
from ml.allocation.candidates import (
    SAMPLE_ROUNDS,
    LazyQueries,
    Openings,
    Scorer,
    candidate_lists,
    sampled_prices,
)
from ml.allocation.cases import first_come, place_cases, value_of
from ml.allocation.market import UNIT, Ints, Market, Mask, market_of, segment_max
from ml.allocation.prices import auction_prices
from ml.allocation.rules import AllocationRules
from ml.allocation.solve import Solution, solve
from ml.allocation.solvers import (
    HAS_FLOW,
    solve_dense,
    solve_flow,
    solve_linear,
)
from ml.baseline import ExpertBaseline
from ml.index import OpeningIndex
from ml.schema import NO_DAY, Clients, Vacancies
from ml.simulation import WORLDS, simulate
from ml.vocabulary import load_vocabulary

Policy = Callable[[Market, Market, int], Mask]
SIZES = (20_000, 5_000)
N_LISTED = 50
N_WIDE = 600
N_WEEKS = 12
N_BEFORE = 600
AS_OF = "2026-11-19"


def solvers(n_clients: int, n_openings: int) -> list[Row]:
    """Time the solvers on drawn markets, each beside a plain use of the library it calls."""
    dense = drawn_market(1_000, 300, 300, seed=1)
    own, solution = cpu_s(lambda: solve(dense), 3)
    plain, _ = cpu_s(lambda: solve_dense(dense), 3)
    rows = [
        Row(1_000, "1 k x 300 dense, optimum and prices", own, "s", "<= 0.2"),
        Row(1_000, "the assignment alone", plain, "s", "reference"),
        Row(1_000, "gap between value and prices", gap(dense, solution), "", "0"),
    ]
    lists = drawn_market(n_clients, n_openings, N_LISTED, seed=2)
    own, solution = cpu_s(lambda: solve(lists), 3)
    n = n_clients
    rows += [
        Row(n, f"x {n_openings} x {N_LISTED} lists, optimum and prices", own, "s", "<= 1"),
        Row(n, "gap between value and prices", gap(lists, solution), "", "0"),
    ]
    if HAS_FLOW:
        plain, _ = cpu_s(lambda: solve_flow(lists), 1)
        rows.append(Row(n, "one min-cost flow over all pairs / the same", plain / own, "x", "> 1"))
    small = drawn_market(n_clients // 10, n_openings // 10, N_LISTED, seed=3)
    own, _ = cpu_s(lambda: solve(small), 3)
    plain, _ = cpu_s(lambda: solve_linear(small), 1)
    rows.append(Row(n // 10, "one linear programme / optimum and prices", plain / own, "x", "> 1"))
    return rows


def candidates(n_clients: int, n_openings: int) -> list[Row]:
    """Compare lists in one crowded prefecture: how much of the value each keeps."""
    vacancies, clients = crowded(n_clients, n_openings)
    index = OpeningIndex.build(vacancies, load_vocabulary())
    openings = Openings.of(index, {})
    queries = LazyQueries(index.query_maker(AS_OF_DAY), clients)
    scorer = Scorer(index, queries, ExpertBaseline(), {}, openings)
    everybody = np.arange(n_clients)
    price = sampled_prices(scorer, everybody)
    lists = candidate_lists(scorer, everybody, limit=n_openings)
    whole = market_of(lists.starts, lists.opening, lists.utility, openings.places)
    total = solve(whole).total(whole)
    wide = listed(whole, N_WIDE, None)
    at_wide = solve(wide).total(wide)
    rows = [
        Row(n_clients, "feasible openings per client (mean)", lists.n_feasible.mean(), "", ""),
        Row(n_clients, f"plain top {N_WIDE}: lost of all pairs", 1 - at_wide / total, "", ""),
    ]
    for limit in (N_LISTED, AllocationRules().n_candidates):
        for name, by in (("plain", None), ("priced", price)):
            market = listed(whole, limit, by)
            lost = 1 - solve(market).total(market) / at_wide
            goal = "<= 0.03" if by is not None else "reference"
            rows.append(Row(n_clients, f"{name} top {limit}: lost of top {N_WIDE}", lost, "", goal))
    return rows


def starved(n_clients: int = 4_000, n_openings: int = 1_000) -> list[Row]:
    """Compare lists where everybody wants the same openings, so that plain lists starve."""
    rng = np.random.default_rng(4)
    worth = rng.normal(0, 1, n_openings)
    value = 1 / (1 + np.exp(1.5 - worth - rng.normal(0, 0.3, (n_clients, n_openings))))
    opening = np.tile(np.arange(n_openings), n_clients)
    starts = np.arange(n_clients + 1) * n_openings
    places = rng.integers(1, 5, n_openings)
    whole = market_of(starts, opening, value.ravel(), places)
    some = picked(whole, np.arange(0, n_clients, 4))
    price = auction_prices(some, SAMPLE_ROUNDS, 4.0) / UNIT
    wide = listed(whole, N_WIDE, None)
    at_wide = solve(wide).total(wide)
    rows = []
    for name, by in (("plain", None), ("priced", price)):
        market = listed(whole, N_LISTED, by)
        lost = 1 - solve(market).total(market) / at_wide
        goal = "<= 0.03" if by is not None else "reference"
        rows.append(Row(n_clients, f"{name} top {N_LISTED}: lost of top {N_WIDE}", lost, "", goal))
    return rows


def command(n_clients: int, n_openings: int) -> list[Row]:
    """Run the whole command from files and measure the child's time and memory."""
    vacancies, clients = crowded(n_clients, n_openings)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write_table(directory / "clients.csv", clients)
        write_table(directory / "vacancies.csv", vacancies)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        line = [sys.executable, "-m", "ml", "allocate", "--as-of", AS_OF]
        for option in ("clients", "vacancies"):
            line += [f"--{option}", str(directory / f"{option}.csv")]
        subprocess.run(
            [*line, "--out", str(directory / "a.csv")], check=True, stderr=subprocess.DEVNULL
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        n_given = (directory / "a.csv").read_text(encoding="utf-8").count("\n") - 1
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [
        Row(n_clients, f"x {n_openings} from files, whole command", spent, "s", "<= 60"),
        Row(n_clients, "peak memory", after.ru_maxrss / 2**20, "GB", "<= 4"),
        Row(n_clients, "clients with an opening", n_given, "", ""),
    ]


def arrivals() -> list[Row]:
    """Serve populations in weeks under three policies; divide by serving all at once.

    Drawn markets first; then the simulator's worlds, by jobs kept in truth, with a place a person
    and with 0.6, where those who came in the year before are known.
    """
    policies: dict[str, tuple[Policy, str]] = {
        "each week by itself": (lambda week, past, left: solve(week).taken, "reference"),
        "prices of the clients seen": (_resolved, "reference"),
        "prices of futures drawn": (_foreseen, ">= 0.93"),
    }
    rows = []
    for name, (policy, goal) in policies.items():
        shares = [
            _by_weeks(market, policy) / solve(market).total(market)
            for n_openings in (80, 120, 160)
            for market in [drawn_market(600, n_openings, n_openings // 2, seed=n_openings)]
        ]
        rows.append(Row(600, f"{name} / hindsight", float(np.mean(shares)), "", goal))
    for world, scarcity in product(WORLDS, (1.0, 0.6)):
        markets = [simulated_market(world, scarcity, seed) for seed in range(3)]
        for name, (policy, goal) in policies.items():
            shares = [
                _by_weeks(market, policy, N_BEFORE) / solve(newcomers).total(newcomers)
                for market in markets
                for newcomers in [picked(market, np.arange(N_BEFORE, market.n_clients))]
            ]
            figure = f"{world}, {scarcity:g} places a person: {name} / hindsight"
            rows.append(Row(600, figure, float(np.mean(shares)), "", goal))
    return rows


def simulated_market(world: str, scarcity: float, seed: int, n_clients: int = 600) -> Market:
    """Return the feasible pairs of a simulated world, those of the year before first.

    Values are those of the truth; places are `scarcity` for each of the `n_clients` newcomers.
    """
    n_all = N_BEFORE + n_clients
    drawn = simulate(
        world,
        n_clients=n_all,
        n_vacancies=n_clients // 4,
        n_history=300,
        seed=seed,
        scarcity=scarcity * n_clients / n_all,
    )
    everybody = np.arange(n_all)
    client, opening = np.nonzero(drawn.feasible(everybody))
    starts = np.searchsorted(client, np.arange(n_all + 1))
    value = drawn.truth(everybody).value[client, opening]
    return market_of(starts, opening, value, drawn.openings.headcount)


def cases() -> list[Row]:
    """Solve the real cases at both capacities beside first come, first served."""
    if not DIRECTORY.exists():
        return []
    given, rows = read_cases(), []
    for name, goal in (("stated", "208.998"), ("actual", "193.092")):
        capacity = getattr(given, name)
        spent, best = cpu_s(
            lambda c=capacity: place_cases(given.value, given.size, c, given.allowed), 1
        )
        turn = first_come(given.value, given.size, capacity, given.allowed)
        at_best, at_turn = value_of(given.value, best), value_of(given.value, turn)
        n = len(given.size)
        rows += [
            Row(n, f"{name} capacity, optimum", at_best, "", goal),
            Row(n, f"{name} capacity, first come", at_turn, "", "reference"),
            Row(n, f"{name} capacity, optimum / first come", at_best / at_turn, "x", ""),
            Row(n, f"{name} capacity, time", spent, "s", ""),
        ]
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the size asked for, 20 k clients and 5 k openings by default."""
    sizes = [int(text) for text in (sys.argv[1:] if arguments is None else arguments)] or SIZES
    # First: a child counts the memory of the process that starts it as its own.
    print_table("Allocation: the whole command in one prefecture", command(*sizes))
    print_table("Allocation: solvers", solvers(*sizes))
    print_table("Allocation: candidate lists in one prefecture", candidates(*sizes))
    print_table("Allocation: candidate lists when all want the same", starved())
    print_table(f"Allocation: arrivals over {N_WEEKS} weeks", arrivals())
    print_table("Allocation: real cases of several persons", cases())


def drawn_market(n_clients: int, n_openings: int, n_listed: int, *, seed: int) -> Market:
    """Return a market where openings differ in worth to all and to each."""
    rng = np.random.default_rng(seed)
    worth, kind = rng.normal(0, 0.6, n_openings), rng.normal(0, 0.5, (n_openings, 4))
    opening = np.concatenate(
        [
            np.sort(rng.choice(n_openings, n_listed, replace=False, shuffle=False))
            for _ in range(n_clients)
        ]
    )
    client = np.repeat(np.arange(n_clients), n_listed)
    taste = rng.normal(0, 1, (n_clients, 4))
    fit = worth[opening] + (taste[client] * kind[opening]).sum(1)
    value = 1 / (1 + np.exp(1.5 - fit - rng.normal(0, 0.4, len(opening))))
    starts = np.arange(n_clients + 1) * n_listed
    return market_of(starts, opening, value, rng.integers(1, 6, n_openings))


def crowded(n_clients: int, n_openings: int) -> tuple[Vacancies, Clients]:
    """Return openings and clients of one prefecture."""
    vocabulary = load_vocabulary()
    vacancies = make_vacancies(n_openings, vocabulary, seed=7, region=CROWDED)
    early = vacancies.close_on < vacancies.open_on
    vacancies = replace(vacancies, close_on=np.where(early, NO_DAY, vacancies.close_on))
    return vacancies, make_clients(n_clients, vocabulary, seed=8, region=CROWDED)


def listed(market: Market, limit: int, price: np.ndarray | None) -> Market:
    """Return the market of each client's best pairs by value, less price if there is one."""
    left = market.value.astype(float)
    if price is not None:
        left -= price[market.opening] * UNIT
    keep = np.zeros(len(left), dtype=bool)
    for first, last in pairwise(market.starts.tolist()):
        order = np.argsort(-left[first:last], kind="stable")[:limit]
        keep[first + order] = True
    return market.part(keep)


def gap(market: Market, solution: Solution) -> float:
    """Return how far the value is below what the prices allow at most; 0 proves the optimum."""
    price = solution.greatest
    kept = segment_max(market.value - price[market.opening], market.starts, 0)
    bound = int(kept.sum()) + int((price * market.places).sum())
    return bound / UNIT - solution.total(market)


def cpu_s(work: Callable[[], object], repeats: int) -> tuple[float, object]:
    """Return the least processor time of several runs in seconds, and what the last returned."""
    times, found = [], None
    for _ in range(repeats):
        started = time.process_time()
        found = work()
        times.append(time.process_time() - started)
    return min(times), found


def _by_weeks(market: Market, policy: Policy, n_before: int = 0) -> float:
    """Return what is reached when those after the first `n_before` come in weeks."""
    cuts = np.linspace(n_before, market.n_clients, N_WEEKS + 1).astype(int)
    places: Ints = market.places
    total = 0
    for first, last in pairwise(cuts):
        week = replace(picked(market, np.arange(first, last)), places=places)
        taken = policy(week, picked(market, np.arange(last)), int(market.n_clients - last))
        total += int(week.value[taken].sum())
        places, _ = left_after(week, taken)
    return total / UNIT


def _resolved(week: Market, past: Market, left: int) -> Mask:
    """Price places by the clients seen so far, at their share of the places."""
    if not left:
        return solve(week).taken
    share = past.n_clients / (past.n_clients + left)
    scaled = replace(past, places=np.maximum(1, np.rint(past.places * share).astype(np.int64)))
    return serve_at(week, solve(scaled).greatest)


def _foreseen(week: Market, past: Market, left: int) -> Mask:
    return serve_week(week, past, Forecast(left, seed=left))


if __name__ == "__main__":
    main()
