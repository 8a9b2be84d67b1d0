"""What is not on the shortlist and why, what one change would do, how two openings differ."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.baseline import ExpertBaseline, Model, Scores
from ml.cells import EMPLOYMENT_TYPES, EPOCH, SHIFTS
from ml.columns import ROLLING, Rows
from ml.details import missing_skills
from ml.effects import better, pair_effects
from ml.explain import facts_of, known
from ml.families import FAMILIES
from ml.gates import Gate, failures, gates_in, one_step_away
from ml.geo import Distances
from ml.index import OpeningIndex
from ml.query import ClientQuery, QueryMaker
from ml.reasons import ReasonCode


@dataclass(frozen=True, slots=True)
class Miss:
    """Hold an opening that fails exactly one gate, with what would change it.

    Attributes
    ----------
    vacancy_id : str
    gate : Gate
    side : str
        ``client`` or ``vacancy``: whose field would have to change.
    field : str
        Column of the exchange format.
    have, need : float or None
        Numbers, where the field is one.
    codes : tuple of str
        Certificates, shift, contract type or date needed, where it is not.
    distance_km : float or None
    score : float
        As if the gate were open.
    """

    vacancy_id: str
    gate: Gate
    side: str
    field: str
    have: float | None
    need: float | None
    codes: tuple[str, ...]
    distance_km: float | None
    score: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Hold one reason why one opening ranks above another.

    Attributes
    ----------
    code : ReasonCode
        The family, by its positive code where the first opening is better in it: by its measure
        if it has one, else by the weight.
    weight : float
        How much it moves the logarithm of the score towards the first opening; may be negative.
    amount : float or None
        First minus second: commute in minutes, wage in CNY a month, days, places.
    """

    code: ReasonCode
    weight: float
    amount: float | None


@dataclass(frozen=True, slots=True)
class SkillStep:
    """Hold the one missing skill that would raise a pair's score most."""

    skill: str
    gain: float


def nearest_misses(
    index: OpeningIndex,
    query: ClientQuery,
    top: int = 20,
    *,
    excluded: Collection[str] = (),
    model: Model | None = None,
) -> tuple[Miss, ...]:
    """Return the best openings that fail exactly one changeable gate, best first.

    Parameters
    ----------
    index : OpeningIndex
    query : ClientQuery
    top : int, default 20
        At most so many of each gate.
    excluded : collection of str
        Never among the misses.
    model : Model, optional
    """
    failed = failures(query, index.columns, policy=index.policy, excluded=index.rows_of(excluded))
    rows = one_step_away(failed)
    distance = index.distances(query, rows)
    scores = index.score(query, rows, distance, model=model)
    found: list[Miss] = []
    for gate in Gate:
        places = np.flatnonzero(failed[rows] == np.uint16(gate))
        if gate is Gate.COMMUTE_OR_LODGING:
            places = places[np.argsort(distance[places], kind="stable")[: 10 * top]]
        order = index.best(rows[places], distance[places], scores.part(places), top)
        for place in places[order].tolist():
            row, away = int(rows[place]), float(distance[place])
            found.append(_miss(index, query, row, gate, away, float(scores.score[place])))
    return tuple(sorted(found, key=lambda miss: (-miss.score, miss.vacancy_id)))


def why_not(
    index: OpeningIndex, query: ClientQuery, vacancy_id: str, excluded: Collection[str] = ()
) -> tuple[Miss, ...] | None:
    """Return every gate an opening fails for a client, empty when feasible, None when not here."""
    row = index.ids.row(vacancy_id)
    if row is None:
        return None
    rows = np.array([row], dtype=np.intp)
    failed = failures(query, index.columns, policy=index.policy, excluded=index.rows_of(excluded))
    distance = index.distances(query, rows)
    score = float(index.score(query, rows, distance).score[0])
    return tuple(
        _miss(index, query, row, gate, float(distance[0]), score)
        for gate in gates_in(int(failed[row]))
    )


def contrast(
    index: OpeningIndex,
    query: ClientQuery,
    first_id: str,
    second_id: str,
    *,
    top: int = 3,
    model: Model | None = None,
) -> tuple[Difference, ...]:
    """Return what sets one opening apart from another for a client, largest first.

    Raises
    ------
    KeyError
        When an opening is not in the index.
    """
    chosen = model or ExpertBaseline()
    numbers = []
    for vacancy_id in (first_id, second_id):
        row = index.ids.row(vacancy_id)
        if row is None:
            raise KeyError(vacancy_id)
        numbers.append(row)
    rows = np.array(numbers, dtype=np.intp)
    distance = index.distances(query, rows)
    X = index.feature_matrix(query, rows, distance)
    effect = pair_effects(X, _between(chosen.predict(X)), chosen).effect
    gaps = effect[0] - effect[1]
    amounts = _amounts(index, rows, distance)
    order = np.argsort(-np.abs(gaps), kind="stable")[:top].tolist()
    return tuple(
        Difference(
            _code(X, place, float(gaps[place])),
            round(float(gaps[place]), 4),
            amounts.get(FAMILIES[place].key),
        )
        for place in order
        if gaps[place]
    )


def best_skill_step(
    index: OpeningIndex, maker: QueryMaker, query: ClientQuery, vacancy_id: str
) -> SkillStep | None:
    """Return the missing required skill that would raise a pair's score most, None without one."""
    row = index.ids.row(vacancy_id)
    if row is None:
        return None
    rows = np.array([row], dtype=np.intp)
    facts = facts_of(index, query, row, math.nan)
    before = float(index.score(query, rows).score[0])
    steps = [
        SkillStep(
            code,
            float(index.score(maker.with_course(query, [(code, 0.0)], ()), rows).score[0]) - before,
        )
        for code in missing_skills(facts)
    ]
    return max(steps, key=lambda step: (step.gain, step.skill), default=None)


def _code(X: npt.NDArray[Any], place: int, gap: float) -> ReasonCode:
    """Return the family's code that is true of the first opening, whoever it helps."""
    measured = better(X, place)
    first = float(measured[0] - measured[1]) or gap
    return FAMILIES[place].positive if first > 0 else FAMILIES[place].negative


def _between(scores: Scores) -> Scores:
    """Put both pairs at their middle, so that what is equal in both makes no difference."""
    middle = (
        np.full(len(values), values.mean())
        for values in (scores.p_hire, scores.p_retained_6m, scores.utility, scores.score)
    )
    return Scores(*middle)


def _date(days: int) -> str:
    return (EPOCH + dt.timedelta(days=days)).isoformat()


def _amounts(index: OpeningIndex, rows: Rows, distance: Distances) -> dict[str, float]:
    columns = index.columns
    minutes = distance / index.policy.commute_km_h * 60.0
    opened = columns.open_day[rows].astype(np.float64)
    pairs = {
        "commute": np.round(minutes),
        "wage": columns.wage[rows].astype(np.float64),
        "places": columns.places[rows].astype(np.float64),
        "age": np.where(opened > 0, -opened, np.nan),
    }
    gaps = {key: float(values[0] - values[1]) for key, values in pairs.items()}
    return {key: gap for key, gap in gaps.items() if not math.isnan(gap)}


def _miss(
    index: OpeningIndex, query: ClientQuery, row: int, gate: Gate, distance: float, score: float
) -> Miss:
    side, field, have, need, codes = _change(index, query, row, gate, distance)
    return Miss(index.ids.name(row), gate, side, field, have, need, codes, known(distance), score)


_Change = tuple[str, str, float | None, float | None, tuple[str, ...]]


def _change(
    index: OpeningIndex, query: ClientQuery, row: int, gate: Gate, distance: float
) -> _Change:
    columns = index.columns
    if gate is Gate.COMMUTE_OR_LODGING:
        near = distance <= index.policy.lodging_km
        if near and columns.lodging[row] == 1:
            return "client", "needs_lodging", 0.0, 1.0, ()
        return "client", "max_commute_km", query.max_commute_km, round(distance, 1), ()
    if gate is Gate.SHIFT:
        return "client", "shifts_ok", None, None, (SHIFTS[columns.shift[row]],)
    if gate is Gate.EXERTION:
        return "client", "exertion_max", query.exertion_max, float(columns.exertion[row]), ()
    if gate is Gate.EDUCATION:
        return "client", "education", query.education, float(columns.education_min[row]), ()
    if gate is Gate.CERTIFICATE:
        required = columns.certificates_of(row).tolist()
        lacking = tuple(index.book.skills[n] for n in required if n not in query.held)
        return "client", "certificates", None, None, lacking
    if gate is Gate.EMPLOYMENT_TYPE:
        kind = EMPLOYMENT_TYPES[columns.employment[row]]
        return "client", "employment_types_ok", None, None, (kind,)
    return _change_of_opening(index, query, row, gate)


def _change_of_opening(index: OpeningIndex, query: ClientQuery, row: int, gate: Gate) -> _Change:
    columns = index.columns
    if gate is Gate.DATES and columns.open_day[row] > query.ready_day:
        return "vacancy", "open_on", None, None, (_date(int(columns.open_day[row])),)
    if gate is Gate.DATES and columns.close_day[row] < ROLLING:
        return "vacancy", "close_on", None, None, (_date(int(columns.close_day[row])),)
    if gate is Gate.HEADCOUNT:
        return "vacancy", "headcount", float(columns.places[row]), 1.0, ()
    if gate is Gate.BARRED:
        return "client", "barred_occupations", None, None, ()
    return "", "", None, None, ()
