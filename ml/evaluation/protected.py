"""The only reader of protected attributes: for audits after scoring, never before it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ml.files import read_clients, read_rows, write_csv
from ml.schema import Clients

PREFIX = "audit_"


@dataclass(frozen=True, slots=True)
class Protected:
    """Hold protected attributes of clients.

    Attributes
    ----------
    values : dict of str to tuple of str
        By column name, sorted; one value a client in the order asked for, blank unknown.
    """

    values: dict[str, tuple[str, ...]]


def read_protected(path: Path | str, client_ids: tuple[str, ...]) -> Protected:
    """Read the ``audit_*`` columns of ``clients.csv``.

    Parameters
    ----------
    path : path
    client_ids : tuple of str
        Clients wanted, in this order; one that the file lacks is blank.

    Raises
    ------
    InputError
        When the file cannot be read or has no ``client_id``.
    """
    by_id = {row["client_id"].strip(): row for row in read_rows(path, (Clients.ID,))}
    names = sorted({name for row in by_id.values() for name in row if name.startswith(PREFIX)})
    nobody: dict[str, str] = {}
    return Protected(
        {
            name: tuple(by_id.get(key, nobody).get(name, "").strip() for key in client_ids)
            for name in names
        }
    )


def is_invariant(
    path: Path | str, scores_of: Callable[[Clients], bytes], *, seed: int
) -> bool | None:
    """Tell whether scores stay the same to the bit when protected attributes change hands.

    Parameters
    ----------
    path : path
        ``clients.csv``.
    scores_of : callable
        From clients, as read, to every byte of the scores to compare.
    seed : int
        Of the permutation.

    Returns
    -------
    bool or None
        None where the file has no ``audit_*`` column: there is nothing to try.
    """
    rows = read_rows(path, (Clients.ID,))
    names = [name for name in (rows[0] if rows else ()) if name.startswith(PREFIX)]
    if not names:
        return None
    rng = np.random.default_rng(seed)
    changed = [dict(row) for row in rows]
    for name in names:
        for row, other in zip(changed, rng.permutation(len(rows)).tolist(), strict=True):
            row[name] = f"not {rows[other][name]}"
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory) / Path(path).name
        write_csv(copy, list(rows[0]), [list(row.values()) for row in changed])
        return scores_of(read_clients(path)) == scores_of(read_clients(copy))
