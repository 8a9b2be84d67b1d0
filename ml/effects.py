"""How much each reason family moves a pair's score, and by which code and numbers to say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.baseline import UTILITY_WEIGHTS, Scores, Weight
from ml.columns import OpeningColumns
from ml.encode import N_LEVEL_CODES
from ml.features import INDEX
from ml.query import FULL_CREDIT, ClientQuery
from ml.reasons import FAMILIES, Family, Reason, ReasonCode

Effects = npt.NDArray[np.float64]

MAX_REASONS = 4
MAX_FOR = 3
WORTH_SAYING = 0.01
_POSITIONS = {family.key: position for position, family in enumerate(FAMILIES)}


@dataclass(frozen=True, slots=True, eq=False)
class PairEffects:
    """Hold the effects of all families on pairs.

    Attributes
    ----------
    effect : float64, shape (n, n_families)
        Change of the logarithm of the score against the neutral value, first order.
    shortfall : float64, shape (n, n_families)
        What the best value would add; at least 0.
    """

    effect: Effects
    shortfall: Effects


def pair_effects(X: npt.NDArray[Any], scores: Scores, weights: Mapping[str, Weight]) -> PairEffects:
    """Split pairs' scores into the effects of the reason families.

    Parameters
    ----------
    X : float32, shape (n, n_features)
    scores : Scores
        Of the same pairs.
    weights : mapping of str to Weight
    """
    effect = np.zeros((len(X), len(FAMILIES)))
    shortfall = np.zeros_like(effect)
    for position, family in enumerate(FAMILIES):
        for name in family.features:
            weight = weights.get(name)
            if weight is None:
                continue
            slope = weight.hire * (1 - scores.p_hire)
            slope = slope + weight.retained * (1 - scores.p_retained_6m)
            slope = slope + UTILITY_WEIGHTS.get(name, 0.0) / scores.utility
            column = X[:, INDEX[name]].astype(np.float64)
            effect[:, position] += slope * (column - weight.neutral)
            shortfall[:, position] += np.maximum(slope * (weight.best - column), 0.0)
    place = _POSITIONS["commute"]
    unknown = X[:, INDEX["place_unknown"]] > 0
    effect[unknown, place] = -np.abs(effect[unknown, place])
    return PairEffects(effect, shortfall)


def choose(effect: Effects, shortfall: Effects) -> list[tuple[int, int, float]]:
    """Choose at most four families for one pair, at least one against.

    Parameters
    ----------
    effect, shortfall : float64, shape (n_families,)

    Returns
    -------
    list of (family position, sign, weight)
        Those for first, each group by size.

    Examples
    --------
    >>> choose(np.array([0.5, 0.2, 0.0]), np.array([0.1, 0.0, 0.3]))
    [(0, 1, 0.5), (1, 1, 0.2), (2, -1, -0.3)]
    """
    order = np.argsort(-effect, kind="stable").tolist()
    positive = [p for p in order if effect[p] > WORTH_SAYING][:MAX_FOR]
    negative = [p for p in reversed(order) if effect[p] < -WORTH_SAYING]
    negative = negative[: MAX_REASONS - len(positive)]
    chosen = [(p, 1, float(effect[p])) for p in positive]
    if negative:
        return [*chosen, *((p, -1, float(effect[p])) for p in negative)]
    rest = [p for p in range(len(effect)) if p not in positive]
    weakest = max(rest, key=lambda p: (shortfall[p], -p))
    return [*chosen, (weakest, -1, -float(shortfall[weakest]))]


@dataclass(frozen=True, slots=True, eq=False)
class PairFacts:
    """Hold what the words of a reason may need about one pair."""

    query: ClientQuery
    columns: OpeningColumns
    row: int
    distance_km: float
    skill_names: list[str]


def describe(facts: PairFacts, position: int, sign: int, weight: float) -> Reason:
    """Return one chosen family as a reason with its code and numbers."""
    family = FAMILIES[position]
    plain = Reason(
        family.positive if sign > 0 else family.negative,
        sign,
        round(weight, 4),
        family.client_field,
        family.vacancy_field,
    )
    detail = _DETAILS.get(family.key)
    return plain if detail is None else detail(facts, family, plain)


def missing_skills(facts: PairFacts) -> tuple[str, ...]:
    """Return the required skills the client gets no credit for."""
    entries = facts.columns.skills_of(facts.row).tolist()
    return tuple(
        facts.skill_names[entry // N_LEVEL_CODES]
        for entry in entries
        if not facts.query.credit[entry]
    )


def _covered(facts: PairFacts, entries: npt.NDArray[Any]) -> tuple[float, float]:
    covered = float(facts.query.credit[entries].sum()) / FULL_CREDIT
    return round(covered, 2), float(len(entries))


def _essential(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    entries = facts.columns.skills_of(facts.row)
    if not len(entries):
        return replace(plain, code=ReasonCode.SKILLS_NOT_STATED, sign=-1, client_field="")
    value, other = _covered(facts, entries)
    codes = missing_skills(facts) if plain.sign < 0 else ()
    return replace(plain, value=value, other=other, codes=codes)


def _optional(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    value, other = _covered(facts, facts.columns.skills_of(facts.row, preferred=True))
    return replace(plain, value=value, other=other)


def _certificate(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    required = facts.columns.certificates_of(facts.row).tolist()
    return replace(plain, codes=tuple(facts.skill_names[number] for number in required))


def _experience(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    occupation = int(facts.columns.occupation[facts.row])
    if plain.sign < 0 and "experience" in facts.query.missing:
        return replace(plain, code=ReasonCode.EXPERIENCE_NONE, vacancy_field="")
    return replace(plain, value=round(float(facts.query.experience[occupation]), 2))


def _wish(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    unknown = facts.query.desired is None or not facts.columns.occupation[facts.row]
    return replace(plain, code=ReasonCode.WISH_UNKNOWN) if unknown else plain


def _commute(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    if np.isnan(facts.distance_km):
        side = ("lat", "") if np.isnan(facts.query.lat) else ("", "lat")
        return replace(
            plain,
            code=ReasonCode.PLACE_UNKNOWN,
            sign=-1,
            client_field=side[0],
            vacancy_field=side[1],
        )
    return replace(
        plain, value=round(facts.distance_km, 1), other=round(facts.query.max_commute_km, 1)
    )


def _wage(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    offered, expected = float(facts.columns.wage[facts.row]), facts.query.wage_expected
    if np.isnan(offered) or np.isnan(expected):
        client = plain.client_field if np.isnan(expected) else ""
        vacancy = plain.vacancy_field if np.isnan(offered) else ""
        return replace(
            plain, code=ReasonCode.WAGE_UNKNOWN, client_field=client, vacancy_field=vacancy
        )
    return replace(plain, value=offered, other=expected)


def _education(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    return replace(
        plain,
        value=_stated(facts.query.education),
        other=_stated(int(facts.columns.education_min[facts.row])),
    )


def _exertion(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    return replace(
        plain,
        value=_stated(int(facts.columns.exertion[facts.row]), least=1),
        other=_stated(facts.query.exertion_max, least=1),
    )


def _partner(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    n = int(facts.columns.partner_n[facts.row])
    if not n:
        return replace(plain, code=ReasonCode.PARTNER_UNTRIED, sign=-1, other=0.0)
    hire = float(facts.columns.partner_hire[facts.row])
    return replace(plain, value=None if np.isnan(hire) else round(hire, 2), other=float(n))


def _age(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    opened = int(facts.columns.open_day[facts.row])
    return replace(plain, value=float(facts.query.as_of_day - opened) if opened else None)


def _places(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    return replace(plain, value=float(facts.columns.places[facts.row]))


def _stated(value: int, *, least: int = 0) -> float | None:
    return float(value) if value >= least else None


_DETAILS: dict[str, Callable[[PairFacts, Family, Reason], Reason]] = {
    "essential": _essential,
    "optional": _optional,
    "certificate": _certificate,
    "experience": _experience,
    "wish": _wish,
    "commute": _commute,
    "wage": _wage,
    "education": _education,
    "exertion": _exertion,
    "partner": _partner,
    "age": _age,
    "places": _places,
}
