"""What a model's choice among past proposals was worth, and what it does to people at large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.baseline import Model, Scores
from ml.evaluation.assignment import SHARE, assign_greedily, exposures
from ml.evaluation.fairness import Conduct
from ml.evaluation.forecasts import Forecasts, prepared
from ml.evaluation.history import History
from ml.evaluation.labels import FORECAST_HORIZON, HIRE, labelled
from ml.evaluation.metrics import Floats, Integers
from ml.evaluation.survival import Flags
from ml.gates import Gate, failures
from ml.index import OpeningIndex
from ml.vocabulary import Vocabulary

TOP = 20


def outcome_values(history: History, forecasts: Forecasts) -> Floats:
    """Return what came of each proposal: 1 for a job kept six months, weighted for open ends.

    Returns
    -------
    float64, shape (n_forecasts,)
        0 for a refusal or an early end, at least 1 for a job kept, NaN while the answer is open.
        A job too young to tell counts 0, and those known to be kept stand in for it.
    """
    value = np.full(len(forecasts.rows), np.nan)
    hire = labelled(history, forecasts.rows, HIRE)
    value[hire.positions] = 0.0
    kept = labelled(history, forecasts.rows, FORECAST_HORIZON)
    value[kept.positions] = kept.y * kept.weight
    return value


def choices(history: History, forecasts: Forecasts, scores: Scores) -> Flags:
    """Return which of the proposals a model would have made with half as many to make.

    Within each fold by `assign_greedily`, among proposals whose answer is known: a client at most
    once, an opening up to its headcount, half the clients at most.

    Returns
    -------
    bool, shape (n_forecasts,)
    """
    known = ~np.isnan(outcome_values(history, forecasts))
    chosen = np.zeros(len(forecasts.rows), dtype=np.bool_)
    places = history.vacancies.headcount.astype(np.int64)
    for fold in np.unique(forecasts.fold).tolist():
        inside = np.flatnonzero((forecasts.fold == fold) & known)
        client = history.client[forecasts.rows[inside]]
        limit = int(len(np.unique(client)) * SHARE)
        opening = history.vacancy[forecasts.rows[inside]]
        picked = assign_greedily(client, opening, scores.score[inside], places, limit)
        chosen[inside[picked]] = True
    return chosen


@dataclass(frozen=True, slots=True, eq=False)
class Treatment:
    """Hold what a model does to the clients present on one day.

    Attributes
    ----------
    client : int64, shape (n_clients,)
        Rows of the clients table.
    proposed, exposure : float64, shape (n_clients,)
    gate_hits : float64, shape (n_clients, n_gates)
    """

    client: Integers
    proposed: Floats
    exposure: Floats
    gate_hits: Floats


def treatment(
    history: History, client: Integers, day: int, model: Model, vocabulary: Vocabulary
) -> Treatment:
    """Rank the openings of a day for some clients, and hand out places to half of them.

    Parameters
    ----------
    history : History
    client : int64, shape (n_clients,)
        Distinct rows of the clients table.
    day : int
        Days since 1970.
    model : Model
    vocabulary : Vocabulary

    Notes
    -----
    Each client's 20 best openings are the pairs; exposure and places follow from them. The gates
    are counted over the openings open on the day, by what each alone would close.
    """
    vacancies = prepared(model, history.vacancies)
    index = OpeningIndex.build(vacancies, vocabulary)
    columns = index.columns
    is_open = (columns.open_day <= day) & (columns.close_day >= day)
    who: list[Integers] = [np.zeros(0, dtype=np.int64)]
    where: list[Integers] = [np.zeros(0, dtype=np.int64)]
    score: list[Floats] = [np.zeros(0)]
    hits = np.zeros((len(client), len(Gate)))
    for position, i in enumerate(client.tolist()):
        query = index.query(history.clients, i, day)
        failed = failures(query, columns, policy=index.policy)[is_open]
        if len(failed):
            hits[position] = [np.count_nonzero(failed & gate) / len(failed) for gate in Gate]
        ranking = index.rank(query, TOP, model=model)
        who.append(np.full(len(ranking.rows), position, dtype=np.int64))
        where.append(ranking.rows.astype(np.int64))
        score.append(ranking.scores.score)
    pair_client, opening, worth = (
        np.concatenate(who),
        np.concatenate(where),
        np.concatenate(score),
    )
    places = columns.places.astype(np.int64)
    picked = assign_greedily(pair_client, opening, worth, places, int(len(client) * SHARE))
    proposed = np.bincount(pair_client[picked], minlength=len(client)).astype(np.float64)
    return Treatment(
        client=client,
        proposed=proposed,
        exposure=exposures(pair_client, opening, worth, len(client)),
        gate_hits=hits,
    )


def conduct_of(history: History, forecasts: Forecasts, treatments: Sequence[Treatment]) -> Conduct:
    """Return what the audit of groups looks at: treatment of clients, forecasts of placements.

    Every array of clients is in the order of their table: the mean over the days on which a client
    was present, NaN for who never was.
    """
    hire = labelled(history, forecasts.rows, HIRE)
    rows = forecasts.rows[hire.positions]
    n = len(history.clients)
    days = np.bincount(np.concatenate([t.client for t in treatments]), minlength=n)
    total = np.zeros((n, 2 + len(Gate)))
    for treated in treatments:
        total[treated.client] += np.column_stack(
            [treated.proposed, treated.exposure, treated.gate_hits]
        )
    mean = np.where(days[:, None] > 0, total / np.maximum(days, 1)[:, None], np.nan)
    return Conduct(
        proposed=mean[:, 0],
        exposure=mean[:, 1],
        gate_hits=mean[:, 2:],
        client=history.client[rows],
        hired=hire.y,
        p_hire=forecasts.scores.p_hire[hire.positions],
        X=forecasts.X[hire.positions],
    )
