"""By which code, fields and numbers to name a reason, so that its words are true of the pair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.columns import OpeningColumns
from ml.encode import N_LEVEL_CODES
from ml.families import FAMILIES, Family
from ml.features import client_side
from ml.query import FULL_CREDIT, ClientQuery
from ml.reasons import Reason, ReasonCode
from ml.unverified import chances, out_of_reach

LIKELY = 0.5
"""From so much of a requirement on, a skill is not named as doubtful."""
NEAR_WORK = 0.7
"""From so near on, work counts as the same (`CodeBook.affinity`)."""
MAX_FIELDS = 2


@dataclass(frozen=True, slots=True, eq=False)
class PairFacts:
    """Hold what the words of a reason may need about one pair."""

    query: ClientQuery
    columns: OpeningColumns
    row: int
    distance_km: float
    skill_names: list[str]


def describe(facts: PairFacts, position: int, sign: int, weight: float, side: int = 0) -> Reason:
    """Return one chosen family as a reason with its code and numbers.

    Parameters
    ----------
    facts : PairFacts
    position : int
        Of the family.
    sign : int
        1 speaks for, -1 against.
    weight : float
    side : int, default 0
        Which of the family's codes is true, see `PairEffects.side`.
    """
    family = FAMILIES[position]
    plain = Reason(
        family.positive if (side or sign) > 0 else family.negative,
        sign,
        round(weight, 4),
        family.client_field,
        family.vacancy_field,
    )
    detail = _DETAILS.get(family.key)
    return plain if detail is None else detail(facts, family, plain)


def missing_skills(facts: PairFacts) -> tuple[str, ...]:
    """Return the required skills the client gets no credit for."""
    return _without_credit(facts, facts.columns.skills_of(facts.row))


def _without_credit(facts: PairFacts, entries: npt.NDArray[Any]) -> tuple[str, ...]:
    return tuple(
        facts.skill_names[entry // N_LEVEL_CODES]
        for entry in entries.tolist()
        if not facts.query.credit[entry]
    )


def _mentions(facts: PairFacts) -> npt.NDArray[Any]:
    """Return the skills that the opening's words name, where it requires none."""
    return facts.columns.mentions.item(int(facts.columns.profile[facts.row]))


def _covered(facts: PairFacts, entries: npt.NDArray[Any]) -> tuple[float, float]:
    covered = float(facts.query.credit[entries].sum()) / FULL_CREDIT
    return round(covered, 2), float(len(entries))


def _essential(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    entries = facts.columns.skills_of(facts.row)
    if not len(entries):
        return replace(plain, code=ReasonCode.SKILLS_NOT_STATED, client_field="")
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
    value = round(float(facts.query.experience[occupation]), 2)
    if "experience" in facts.query.missing:
        if plain.sign < 0 or not facts.query.practice.any():
            return replace(plain, code=ReasonCode.EXPERIENCE_NONE, vacancy_field="")
        return replace(plain, code=ReasonCode.EXPERIENCE_TOLD, client_field="text", value=value)
    if plain.sign < 0 and facts.query.worked[occupation] >= NEAR_WORK:
        return replace(plain, code=ReasonCode.EXPERIENCE_SHORT, value=value)
    return replace(plain, value=value)


def _wish(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    occupation = int(facts.columns.occupation[facts.row])
    if facts.query.desired is None or not occupation:
        return replace(plain, code=ReasonCode.WISH_UNKNOWN)
    if facts.query.desired[occupation]:
        return replace(plain, code=ReasonCode.WISH_MET)
    return replace(plain, code=ReasonCode.WISH_NEAR) if plain.sign > 0 else plain


def _mentioned(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    entries = _mentions(facts)
    if not len(entries):
        return replace(plain, code=ReasonCode.MENTIONED_NONE, client_field="")
    value, other = _covered(facts, entries)
    codes = _without_credit(facts, entries) if plain.sign < 0 else ()
    return replace(plain, value=value, other=other, codes=codes)


def _trade(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    if not facts.columns.occupation[facts.row]:
        return replace(plain, code=ReasonCode.OCCUPATION_UNKNOWN, client_field="")
    if not facts.query.skills_known:
        return replace(plain, code=ReasonCode.TRADE_UNTOLD, vacancy_field="")
    return plain


def _ability(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    entries, field = facts.columns.skills_of(facts.row), "skills_required"
    if not len(entries):
        entries, field = _mentions(facts), "text"
    if not len(entries):
        field = "occupation" if facts.columns.occupation[facts.row] else "title"
    if not facts.query.skills_known:
        return replace(plain, code=ReasonCode.ABILITY_UNTOLD, vacancy_field=field)
    belief = facts.query.belief
    if not len(entries):
        value = float(belief.typical[int(facts.columns.titled[facts.row])])
        return replace(plain, vacancy_field=field, value=round(value, 2))
    share = belief.share.ravel()[entries]
    doubtful = entries[share < LIKELY] if plain.sign < 0 else entries[:0]
    codes = tuple(facts.skill_names[entry // N_LEVEL_CODES] for entry in doubtful.tolist())
    return replace(plain, vacancy_field=field, value=round(float(share.mean()), 2), codes=codes)


def _unverified(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    if plain.sign > 0:
        return plain
    query, rows = facts.query, np.array([facts.row], dtype=np.intp)
    side = client_side(query)
    is_silent = {
        "shifts_ok": not query.shifts_ok,
        "exertion_max": not query.exertion_max,
        "education": query.education < 0,
        "employment_types_ok": not query.employment_ok,
    }
    blanks = [
        (float(chance[0]), *((client, "") if is_silent[client] else ("", vacancy)))
        for (client, vacancy), chance in chances(side, facts.columns, rows).items()
    ]
    away = out_of_reach(side, np.array([facts.distance_km]), facts.columns.lodging[rows])
    blanks.append((float(away[0]), *_blank_of_way(facts)))
    named = sorted(blank for blank in blanks if blank[0] > 0)[: -MAX_FIELDS - 1 : -1]
    if not named:
        return plain
    codes = tuple(client or vacancy for _, client, vacancy in named)
    return replace(plain, client_field=named[0][1], vacancy_field=named[0][2], codes=codes)


def _blank_of_way(facts: PairFacts) -> tuple[str, str]:
    """Return the field that leaves open whether the way is short enough, of client or opening."""
    if np.isnan(facts.query.lat):
        return "lat", ""
    if np.isnan(facts.distance_km):
        return "", "lat"
    far = facts.distance_km > facts.query.max_commute_km
    return ("needs_lodging" if far else "max_commute_km"), ""


def _commute(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    if np.isnan(facts.distance_km):
        side = ("lat", "") if np.isnan(facts.query.lat) else ("", "lat")
        return replace(
            plain,
            code=ReasonCode.PLACE_UNKNOWN,
            client_field=side[0],
            vacancy_field=side[1],
        )
    far = facts.distance_km > facts.query.max_commute_km
    code = ReasonCode.COMMUTE_LODGED if far and plain.sign > 0 else plain.code
    return replace(
        plain,
        code=code,
        value=round(facts.distance_km, 1),
        other=round(facts.query.max_commute_km, 1),
    )


def _wage(facts: PairFacts, _family: Family, plain: Reason) -> Reason:
    offered, expected = float(facts.columns.wage[facts.row]), facts.query.wage_expected
    if np.isnan(offered) or np.isnan(expected):
        client = plain.client_field if np.isnan(expected) else ""
        vacancy = plain.vacancy_field if np.isnan(offered) else ""
        return replace(
            plain, code=ReasonCode.WAGE_UNKNOWN, client_field=client, vacancy_field=vacancy
        )
    code = ReasonCode.WAGE_EQUAL if offered == expected else plain.code
    return replace(plain, code=code, value=offered, other=expected)


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
    hire = float(facts.columns.partner_hire[facts.row])
    value = None if np.isnan(hire) else round(hire, 2)
    if n:
        return replace(plain, value=value, other=float(n))
    if plain.sign > 0:
        code = ReasonCode.PARTNER_TRADE_RELIABLE
        return replace(plain, code=code, value=value, other=0.0)
    return replace(plain, code=ReasonCode.PARTNER_UNTRIED, other=0.0)


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
    "mentioned": _mentioned,
    "trade": _trade,
    "ability": _ability,
    "unverified": _unverified,
}
