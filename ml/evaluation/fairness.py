"""Groups compared: proposals, exposure, calibration, gates, and what features give away."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ml.evaluation.bootstrap import Interval, client_interval
from ml.evaluation.metrics import Floats, Integers, auc, mean
from ml.gates import Gate

MIN_N = 30
LEAK_ALARM = 0.60
N_SPLITS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Conduct:
    """Hold what a model did to clients and how its probabilities of hire turned out.

    Attributes
    ----------
    proposed : float64, shape (n_clients,)
        Share of the days present on which a place was handed out; NaN for who was never there.
    exposure : float64, shape (n_clients,)
    gate_hits : float64, shape (n_clients, n_gates)
        Share of the openings that each gate closes, in the order of `ml.gates.Gate`.
    client : int64, shape (n_rows,)
        Client of each placement whose answer is known.
    hired, p_hire : float64, shape (n_rows,)
    X : float32, shape (n_rows, n_features)
    """

    proposed: Floats
    exposure: Floats
    gate_hits: Floats
    client: Integers
    hired: Floats
    p_hire: Floats
    X: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """Hold one group's figures; all but `n_clients` are None below 30 clients ("insufficient n").

    Attributes
    ----------
    group : str
    n_clients : int
        Of those who were there to be proposed to.
    n_placements : int
    proposal_rate, exposure : Interval or None
    calibration_gap : Interval or None
        Share hired less mean probability of hire; None also below 30 placements.
    gate_hits : dict of str to float, or None
        Mean share of openings closed, by gate.
    """

    group: str
    n_clients: int
    n_placements: int
    proposal_rate: Interval | None
    exposure: Interval | None
    calibration_gap: Interval | None
    gate_hits: dict[str, float] | None


@dataclass(frozen=True, slots=True)
class AttributeAudit:
    """Hold the audit of one protected attribute.

    Attributes
    ----------
    attribute : str
    groups : tuple of GroupFigures
        By name; clients whose value is blank belong to none.
    n_blank : int
    impact_ratio : Interval
        Lowest proposal rate over the highest; NaN with fewer than two groups of 30 clients, or
        where nobody was proposed. Noise lowers it: read it with its interval.
    leak_auc : Interval
        Of telling groups apart by the features, the most telling group against the rest.
    alarm : bool
        `leak_auc` is above 0.60.
    """

    attribute: str
    groups: tuple[GroupFigures, ...]
    n_blank: int
    impact_ratio: Interval
    leak_auc: Interval
    alarm: bool


def audit_attribute(
    attribute: str, values: Sequence[str], conduct: Conduct, *, seed: int, n_resamples: int
) -> AttributeAudit:
    """Compare the groups of one attribute.

    Parameters
    ----------
    attribute : str
    values : sequence of str
        One a client, blank unknown.
    conduct : Conduct
    seed, n_resamples : int
        Of the bootstrap over clients.
    """
    labels = np.array(values, dtype=np.str_)
    names = [name for name in np.unique(labels).tolist() if name]
    figures = [
        _figures(name, labels == name, conduct, seed=seed, n_resamples=n_resamples)
        for name in names
    ]
    judged = [labels == f.group for f in figures if f.proposal_rate is not None]
    leak = leak_of(labels, conduct, seed=seed, n_resamples=n_resamples)
    return AttributeAudit(
        attribute=attribute,
        groups=tuple(figures),
        n_blank=int(np.count_nonzero(labels == "")),
        impact_ratio=_impact(judged, conduct, seed=seed, n_resamples=n_resamples),
        leak_auc=leak,
        alarm=leak.value > LEAK_ALARM,
    )


def impact_ratio(rates: Sequence[float]) -> float:
    """Return the lowest rate over the highest; NaN for fewer than two, or where all are 0.

    Examples
    --------
    >>> impact_ratio([0.5, 0.4]), impact_ratio([0.5])
    (0.8, nan)
    """
    if len(rates) < 2 or max(rates) <= 0:
        return math.nan
    return min(rates) / max(rates)


def _impact(
    members: Sequence[npt.NDArray[np.bool_]], conduct: Conduct, *, seed: int, n_resamples: int
) -> Interval:
    present = np.flatnonzero(~np.isnan(conduct.proposed))
    proposed = conduct.proposed[present]
    inside = [member[present].astype(np.float64) for member in members]
    return client_interval(
        lambda weight: impact_ratio([mean(proposed, weight * one) for one in inside]),
        present,
        seed=seed,
        n_resamples=n_resamples,
    )


def leak_of(
    labels: npt.NDArray[np.str_], conduct: Conduct, *, seed: int, n_resamples: int
) -> Interval:
    """Return how well features tell groups apart, cross-validated with clients kept whole.

    Parameters
    ----------
    labels : str, shape (n_clients,)
    conduct : Conduct
    seed, n_resamples : int

    Returns
    -------
    Interval
        AUC over clients of the mean of their rows' predictions, by a linear model or by boosting,
        whichever tells more; the highest of the groups with 30 clients inside and outside. NaN
        where there are none. 0.5: the features tell nothing.
    """
    known = labels[conduct.client] != ""
    X, client = conduct.X[known], conduct.client[known]
    worst = Interval(math.nan, math.nan, math.nan)
    for name in np.unique(labels[client]).tolist():
        inside = labels[client] == name
        n_inside = len(np.unique(client[inside]))
        if min(n_inside, len(np.unique(client[~inside]))) < MIN_N:
            continue
        found = _leak(X, inside.astype(np.float64), client, seed, n_resamples)
        if not found.value <= worst.value:
            worst = found
    return worst


def _leak(
    X: npt.NDArray[np.float32], y: Floats, client: Integers, seed: int, n_resamples: int
) -> Interval:
    makers: tuple[Callable[[], Any], ...] = (
        lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)),
        lambda: HistGradientBoostingClassifier(max_iter=40, max_leaf_nodes=8, random_state=seed),
    )
    clients, place = np.unique(client, return_inverse=True)
    n_rows = np.bincount(place)
    own = np.bincount(place, weights=y) / n_rows
    best = Interval(math.nan, math.nan, math.nan)
    for make in makers:
        found = np.zeros(len(y))
        folds = StratifiedGroupKFold(N_SPLITS, shuffle=True, random_state=seed)
        for train, test in folds.split(X, y, client):
            model: Any = make()
            found[test] = model.fit(X[train], y[train]).predict_proba(X[test])[:, 1]
        told = np.bincount(place, weights=found) / n_rows
        tried = client_interval(
            lambda weight, told=told: auc(own, told, weight),  # type: ignore[misc]  # bound now
            clients,
            seed=seed,
            n_resamples=n_resamples,
        )
        if not tried.value <= best.value:
            best = tried
    return best


def _figures(
    name: str, member: npt.NDArray[np.bool_], conduct: Conduct, *, seed: int, n_resamples: int
) -> GroupFigures:
    rows, treated = member[conduct.client], member & ~np.isnan(conduct.proposed)
    n_clients, n_rows = int(np.count_nonzero(treated)), int(np.count_nonzero(rows))
    if n_clients < MIN_N:
        return GroupFigures(name, n_clients, n_rows, None, None, None, None)

    def interval(values: Floats, client: Integers) -> Interval:
        return client_interval(
            lambda weight: mean(values, weight), client, seed=seed, n_resamples=n_resamples
        )

    numbers = np.flatnonzero(treated)
    gap = (conduct.hired - conduct.p_hire)[rows]
    hits = conduct.gate_hits[treated].mean(axis=0).tolist()
    return GroupFigures(
        group=name,
        n_clients=n_clients,
        n_placements=n_rows,
        proposal_rate=interval(conduct.proposed[treated], numbers),
        exposure=interval(conduct.exposure[treated], numbers),
        calibration_gap=interval(gap, conduct.client[rows]) if n_rows >= MIN_N else None,
        gate_hits={str(g.name).lower(): hit for g, hit in zip(Gate, hits, strict=True)},
    )
