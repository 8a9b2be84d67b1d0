"""Write a world to a directory: what the commands read, and the truth they never read."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.files import write_csv
from ml.schema import Clients, Placements, Vacancies
from ml.simulation.records import Row, day_text
from ml.simulation.run import Simulated

PLACEMENTS = tuple(column.name for column in Placements.COLUMNS)
TRUTH = ("client_id", "vacancy_id", "p_hire", "p_retained_6m")
CLIENTS = (*(column.name for column in Clients.COLUMNS), "audit_group")
VACANCIES = tuple(column.name for column in Vacancies.COLUMNS if column.name not in Vacancies.EXTRA)
MAX_TRUTH_CELLS = 4_000_000

Blocks = Callable[[Sequence[npt.NDArray[np.intp]], str], Iterable[npt.NDArray[np.intp]]]


def write_world(
    simulated: Simulated,
    directory: Path,
    *,
    with_truth: bool | None = None,
    progress: Blocks = lambda blocks, what: blocks,
) -> None:
    """Write the files of a world, each whole; a directory that is not there is made.

    Parameters
    ----------
    simulated : Simulated
    directory : path
        Files of the same name are replaced.
    with_truth : bool, optional
        Whether to write ``truth.csv``, a row a feasible pair; by default where clients times
        openings are at most 4 million.
    progress : callable
        Wraps the groups of clients the truth is written for.

    Raises
    ------
    OSError
        When the directory cannot be written; nothing of the world is there then.
    """
    n_cells = len(simulated.people) * len(simulated.openings)
    keeps_truth = n_cells <= MAX_TRUTH_CELLS if with_truth is None else with_truth
    directory.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(dir=directory.parent, prefix=f".{directory.name}."))
    try:
        _fill(simulated, building, keeps_truth, progress)
        names = [path.relative_to(building) for path in sorted(building.rglob("*.*"))]
        (directory / "history").mkdir(parents=True, exist_ok=True)
        if not keeps_truth:
            (directory / "truth.csv").unlink(missing_ok=True)
        for name in names:
            os.replace(building / name, directory / name)
    finally:
        shutil.rmtree(building)


def describe(simulated: Simulated, has_truth: bool) -> dict[str, Any]:
    """Return what ``world.json`` says of a world."""
    hires = [proposal.hired for proposal in simulated.proposals if proposal.hired >= 0]
    return {
        "name": simulated.world.name,
        "seed": simulated.seed,
        "as_of": day_text(simulated.as_of),
        "n_clients": len(simulated.people),
        "n_vacancies": len(simulated.openings),
        "n_places": int(simulated.openings.headcount.sum()),
        "n_history_clients": len(simulated.history_clients),
        "n_history_vacancies": len(simulated.history_vacancies),
        "n_placements": len(simulated.proposals),
        "n_matured": sum(proposal.is_matured for proposal in simulated.proposals),
        "hire_rate": round(float(np.mean(hires)), 4) if hires else None,
        "has_truth": has_truth,
    }


def _fill(simulated: Simulated, directory: Path, keeps_truth: bool, progress: Blocks) -> None:
    past = directory / "history"
    past.mkdir()
    _write(past / "clients.csv", CLIENTS, simulated.past.record.rows)
    _write(past / "vacancies.csv", VACANCIES, simulated.history_openings_rows)
    _write(past / "placements.csv", PLACEMENTS, simulated.placement_rows())
    _write(directory / "clients.csv", CLIENTS, simulated.people_record.rows)
    _write(directory / "vacancies.csv", VACANCIES, simulated.openings_record.rows)
    if keeps_truth:
        write_csv(directory / "truth.csv", TRUTH, _truth(simulated, progress))
    content = json.dumps(describe(simulated, keeps_truth), indent=2) + "\n"
    (directory / "world.json").write_text(content, encoding="utf-8")


def _write(path: Path, header: Sequence[str], rows: Iterable[Row]) -> None:
    write_csv(path, header, ([row[name] for name in header] for row in rows))


def _truth(simulated: Simulated, progress: Blocks) -> Iterator[tuple[str, str, str, str]]:
    clients, vacancies = simulated.clients.ids, simulated.vacancies.ids
    for rows in progress(list(simulated.blocks()), "truth"):
        feasible, truth = simulated.feasible(rows), simulated.truth(rows)
        for i, j in zip(*np.nonzero(feasible), strict=True):
            yield (
                clients[rows[i]],
                vacancies[j],
                f"{truth.p_hire[i, j]:.6f}",
                f"{truth.p_retained_6m[i, j]:.6f}",
            )
