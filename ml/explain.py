"""Shortlists with reasons, near misses, contrasts, the change worth making: codes and numbers."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from ml.baseline import ExpertBaseline, Model, Scores
from ml.columns import Rows
from ml.details import PairFacts, describe
from ml.effects import choose, pair_effects
from ml.geo import Distances
from ml.index import OpeningIndex
from ml.query import ClientQuery
from ml.reasons import Band, Reason

BAND_FLOORS = ((Band.STRONG, 0.30), (Band.GOOD, 0.15))


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one opening of a shortlist, in Python values.

    Attributes
    ----------
    vacancy_id : str
    rank : int
        1 is the best.
    score, p_hire, p_retained_6m, utility : float
    band : Band
    distance_km : float or None
        None unknown.
    reasons : tuple of Reason
        At most four, at least one against.
    missing : tuple of str
        Fields of the opening whose value would sharpen the result.
    assumed : tuple of str
        Fields of the opening where policy stands in.
    """

    vacancy_id: str
    rank: int
    score: float
    p_hire: float
    p_retained_6m: float
    utility: float
    band: Band
    distance_km: float | None
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    assumed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shortlist:
    """Hold a client's best openings.

    Attributes
    ----------
    entries : tuple of Entry
    n_feasible : int
    n_place_unknown : int
        Feasible openings with unknown distance; they rank last.
    missing, assumed : tuple of str
        Fields of the client, as in `Entry`.
    model : str
        Name of the model that scored.
    """

    entries: tuple[Entry, ...]
    n_feasible: int
    n_place_unknown: int
    missing: tuple[str, ...]
    assumed: tuple[str, ...]
    model: str


def band_of(score: float) -> Band:
    """Return the band of a score.

    Examples
    --------
    >>> band_of(0.4).value, band_of(0.05).value
    ('strong', 'fair')
    """
    return next((band for band, floor in BAND_FLOORS if score >= floor), Band.FAIR)


def shortlist(
    index: OpeningIndex,
    query: ClientQuery,
    top: int = 20,
    *,
    excluded: Collection[str] = (),
    model: Model | None = None,
) -> Shortlist:
    """Return a client's best openings with reasons.

    Parameters
    ----------
    index : OpeningIndex
    query : ClientQuery
        From this index at its present version.
    top : int, default 20
    excluded : collection of str
        Vacancy ids that must not be proposed to this client.
    model : Model, optional
    """
    chosen = model or ExpertBaseline()
    ranking = index.rank(query, top, excluded=excluded, model=chosen)
    entries = entries_of(
        index, query, ranking.rows, ranking.distance_km, ranking.scores, model=chosen
    )
    return Shortlist(
        entries=entries,
        n_feasible=ranking.n_feasible,
        n_place_unknown=ranking.n_place_unknown,
        missing=query.missing,
        assumed=query.assumed,
        model=chosen.name,
    )


def entries_for(
    index: OpeningIndex,
    query: ClientQuery,
    vacancy_ids: Iterable[str],
    *,
    model: Model | None = None,
) -> tuple[Entry, ...]:
    """Return the named openings as entries in the given order, whether feasible or not.

    Ids that are not in the index are left out; the rank is the position in this list.
    """
    chosen = model or ExpertBaseline()
    rows = np.array(index.rows_of(vacancy_ids), dtype=np.intp)
    distance = index.distances(query, rows)
    scores = index.score(query, rows, distance, model=chosen)
    return entries_of(index, query, rows, distance, scores, model=chosen)


def entries_of(
    index: OpeningIndex,
    query: ClientQuery,
    rows: Rows,
    distance: Distances,
    scores: Scores,
    *,
    model: Model,
    first_rank: int = 1,
) -> tuple[Entry, ...]:
    """Return ranked rows as entries, numbered from `first_rank`."""
    X = index.feature_matrix(query, rows, distance)
    effects = pair_effects(X, scores, model)
    found = []
    for position, row in enumerate(rows.tolist()):
        facts = facts_of(index, query, row, float(distance[position]))
        picked = choose(effects.effect[position], effects.shortfall[position])
        side = effects.side[position].tolist()
        score = float(scores.score[position])
        found.append(
            Entry(
                vacancy_id=index.ids.name(row),
                rank=position + first_rank,
                score=score,
                p_hire=float(scores.p_hire[position]),
                p_retained_6m=float(scores.p_retained_6m[position]),
                utility=float(scores.utility[position]),
                band=band_of(score),
                distance_km=known(facts.distance_km),
                reasons=tuple(describe(facts, *family, side[family[0]]) for family in picked),
                missing=_missing(index, row),
                assumed=_assumed(index, row),
            )
        )
    return tuple(found)


def _missing(index: OpeningIndex, row: int) -> tuple[str, ...]:
    columns = index.columns
    unknown = {
        "occupation": not columns.occupation[row],
        "lat": bool(np.isnan(columns.lat[row])),
        "wage_min_cny_month": bool(np.isnan(columns.wage[row])),
        "education_min": columns.education_min[row] < 0,
        "exertion": columns.exertion[row] == 0,
        "skills_required": not len(columns.skills_of(row)),
        "shift": columns.shift[row] < 0,
        "lodging_provided": columns.lodging[row] < 0,
    }
    return tuple(name for name, is_unknown in unknown.items() if is_unknown)


def _assumed(index: OpeningIndex, row: int) -> tuple[str, ...]:
    columns = index.columns
    found = ["occupation"] if columns.suggested[row] else []
    found += [] if columns.employment_stated[row] else ["employment_type"]
    return tuple(found)


def facts_of(index: OpeningIndex, query: ClientQuery, row: int, distance: float) -> PairFacts:
    """Return what the words of a pair's reasons may need."""
    return PairFacts(query, index.columns, row, distance, index.book.skills)


def known(value: float) -> float | None:
    """Return a number, None for NaN."""
    return None if math.isnan(value) else value
