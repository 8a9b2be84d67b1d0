"""The features of a pair, and how they are filled for one client or for one opening.

Never a feature, and not in the tables either: offence, sentence, custody, release type, tier, sex,
age, ethnicity, religion, health, origin, employment gap, skill recency before release.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.beliefs import unpack_belief, weakest
from ml.columns import OpeningColumns, Rows
from ml.query import FULL_CREDIT, ClientQuery, unpack_credit
from ml.text import FULL_WEIGHT
from ml.unverified import daily_way_km, out_of_reach, unverified

Values = npt.NDArray[Any] | float
Matrix = npt.NDArray[np.float32]
Day = int | npt.NDArray[np.int64]

COMMUTE_CAP_KM = 60.0


@dataclass(frozen=True, slots=True)
class Feature:
    """Describe one feature.

    Attributes
    ----------
    name : str
    hire, retained : int
        Sign that sense demands of the effect: 1 never lowers, -1 never raises, 0 free.
    """

    name: str
    hire: int
    retained: int


FEATURES = (
    Feature("essential_coverage", 1, 1),
    Feature("essential_stated", 0, 0),
    Feature("n_missing_essential", -1, -1),
    Feature("optional_coverage", 1, 1),
    Feature("certificate_match", 1, 1),
    Feature("occupation_experience", 1, 1),
    Feature("sector_experience", 1, 1),
    Feature("text_similarity", 1, 1),
    Feature("desired_occupation", 1, 1),
    Feature("commute_km", -1, -1),
    Feature("place_unknown", 0, 0),
    Feature("lodging_fit", 1, 1),
    Feature("wage_gap", 0, 1),
    Feature("shift_fit", 1, 1),
    Feature("education_margin", 1, 0),
    Feature("exertion_margin", 1, 1),
    Feature("contract_stability", 0, 1),
    Feature("training_recency", 1, 1),
    Feature("partner_hire", 1, 0),
    Feature("partner_retained", 0, 1),
    Feature("partner_n", 0, 0),
    Feature("opening_age", -1, 0),
    Feature("places_left", 1, 0),
    Feature("season_cos", 0, 0),
    Feature("season_sin", 0, 0),
    Feature("partner_hire_odds", 1, 0),
    Feature("partner_retained_odds", 0, 1),
    Feature("mentioned_coverage", 1, 1),
    Feature("skill_trade", 1, 1),
    Feature("wish_nearness", 1, 1),
    Feature("occupation_known", 0, 0),
    Feature("skills_known", 0, 0),
    Feature("experience_known", 0, 0),
    Feature("believed_coverage", 1, 1),
    Feature("weakest_skill", 1, 1),
    Feature("practice", 1, 1),
    Feature("skilled_practice", 1, 1),
    Feature("weakest_practice", 1, 1),
    Feature("daily_way", -1, -1),
    Feature("underpaid_way", -1, -1),
    Feature("unverified", -1, -1),
)
INDEX = {feature.name: position for position, feature in enumerate(FEATURES)}

LEARNED = tuple(feature.name for feature in FEATURES[INDEX["partner_hire_odds"] :])
"""What the expert formula never reads, the last of the features."""

_NEUTRAL_COVERAGE = np.float32(0.5)
_STATIC = (
    ("contract_stability", "stability"),
    ("partner_hire", "partner_hire_shift"),
    ("partner_retained", "partner_retained_shift"),
    ("partner_n", "log_n"),
    ("places_left", "log_places"),
)
_LEARNED_STATIC = (
    ("partner_hire_odds", "partner_hire_odds"),
    ("partner_retained_odds", "partner_retained_odds"),
)


@dataclass(slots=True, eq=False)
class PairSide:
    """Hold one client's or many clients' part of pairs; scalars spread over all openings."""

    max_commute_km: Values
    lodging: Values
    education: Values
    exertion_max: Values
    shifts_ok: Values
    wage_expected: Values
    has_wishes: Values
    training_recency: Values
    skills_known: Values
    experience_known: Values
    employment_ok: Values
    commute_assumed: Values


@dataclass(slots=True, eq=False)
class LearnedFit:
    """Hold what only the features in `LEARNED` ask of each pair, shape (n,)."""

    mentioned: npt.NDArray[Any]
    n_mentioned: npt.NDArray[Any]
    trade: npt.NDArray[Any]
    wish: npt.NDArray[Any]
    believed: npt.NDArray[np.int64]
    believed_mentioned: npt.NDArray[np.int64]
    typical: npt.NDArray[Any]
    practice: npt.NDArray[Any]


@dataclass(slots=True, eq=False)
class PairFit:
    """Hold what codes, lists and places give for each pair, shape (n,)."""

    distance: npt.NDArray[np.float64]
    essential: npt.NDArray[Any]
    optional: npt.NDArray[Any]
    n_essential: npt.NDArray[Any]
    n_optional: npt.NDArray[Any]
    n_certificates: npt.NDArray[Any]
    lacks_certificate: npt.NDArray[Any]
    experience: npt.NDArray[Any]
    sector: npt.NDArray[Any]
    desired: npt.NDArray[Any]
    text: npt.NDArray[Any]
    learned: LearnedFit | None


def client_side(query: ClientQuery) -> PairSide:
    """Return one client's numbers."""
    return PairSide(
        max_commute_km=query.max_commute_km,
        lodging=query.lodging,
        education=query.education,
        exertion_max=query.exertion_max,
        shifts_ok=query.shifts_ok,
        wage_expected=query.wage_expected,
        has_wishes=float(query.desired is not None),
        training_recency=query.training_recency,
        skills_known=query.skills_known,
        experience_known=query.experience_known,
        employment_ok=query.employment_ok,
        commute_assumed=float("max_commute_km" in query.assumed),
    )


def fit_of_client(
    query: ClientQuery,
    columns: OpeningColumns,
    rows: Rows,
    distance: npt.NDArray[np.float64],
    lacks: npt.NDArray[np.bool_] | None = None,
    *,
    learned: bool = True,
) -> PairFit:
    """Compare one client with the openings of `rows`.

    Parameters
    ----------
    query : ClientQuery
    columns : OpeningColumns
    rows : intp, shape (n,)
    distance : float64, shape (n,)
        Kilometres, NaN unknown.
    lacks : bool, shape (n,), optional
        Where a required certificate is known to be lacking; nowhere by default.
    learned : bool, default True
        Whether `LEARNED` will be asked for.
    """
    profile = columns.profile[rows]
    occupation = columns.occupation[rows]
    n = len(rows)
    text = np.zeros(n, dtype=np.int64)
    if len(query.grams):
        text = columns.title_grams.sums(columns.title[rows], query.grams, weighted=True)
    desired = np.zeros(n, dtype=np.bool_) if query.desired is None else query.desired[occupation]
    credit = unpack_credit(columns.skills.sums(profile, query.packed))
    return PairFit(
        distance=distance,
        essential=credit[0],
        optional=credit[2],
        n_essential=credit[1],
        n_optional=credit[3],
        n_certificates=columns.certificates.sizes(profile),
        lacks_certificate=np.zeros(n, dtype=np.bool_) if lacks is None else lacks,
        experience=query.experience[occupation],
        sector=query.sector[occupation],
        desired=desired,
        text=text,
        learned=_learned_fit(query, columns, rows, profile) if learned else None,
    )


def _learned_fit(
    query: ClientQuery,
    columns: OpeningColumns,
    rows: Rows,
    profile: npt.NDArray[Any],
) -> LearnedFit:
    occupation, titled = columns.occupation[rows], columns.titled[rows]
    return LearnedFit(
        mentioned=columns.mentions.sums(profile, query.credit),
        n_mentioned=columns.mentions.sizes(profile),
        trade=query.trade[occupation],
        wish=query.wish[occupation],
        believed=columns.skills.sums(profile, query.belief.packed),
        believed_mentioned=columns.mentions.sums(profile, query.belief.mentioned),
        typical=query.belief.typical[titled],
        practice=fused(query.practice[occupation], query.practice[titled]),
    )


def assemble(
    side: PairSide,
    fit: PairFit,
    columns: OpeningColumns,
    rows: Rows,
    as_of_day: Day,
) -> Matrix:
    """Fill the feature matrix of pairs.

    Parameters
    ----------
    side : PairSide
        Scalars, or arrays of shape (n,).
    fit : PairFit
    columns : OpeningColumns
    rows : intp, shape (n,)
        Opening of each pair.
    as_of_day : int, or int64 array of shape (n,)
        Days since 1970.

    Returns
    -------
    float32, shape (n, n_features)
        In the order of `FEATURES`, column-contiguous, no NaN: unknown has a neutral value. Without
        `PairFit.learned` those of `LEARNED` are 0, for models that do not read them.
    """
    block = np.empty((len(FEATURES), len(rows)), dtype=np.float32)
    _fill_fit(block, fit)
    _fill_place(block, side, fit, columns.lodging[rows] == 1)
    _fill_terms(block, side, columns, rows)
    _fill_opening(block, columns, rows, as_of_day)
    block[INDEX["training_recency"]] = side.training_recency
    block[INDEX["desired_occupation"]] = _desired(side, fit, columns.occupation[rows])
    if fit.learned is None:
        block[INDEX[LEARNED[0]] :] = 0.0
        return block.T
    for name, column in _LEARNED_STATIC:
        block[INDEX[name]] = getattr(columns, column)[rows]
    block[INDEX["skills_known"]] = side.skills_known
    block[INDEX["experience_known"]] = side.experience_known
    block[INDEX["occupation_known"]] = columns.occupation[rows] > 0
    _fill_learned(block, fit, fit.learned)
    _fill_way(block, side, fit, columns.lodging[rows])
    block[INDEX["unverified"]] += unverified(side, columns, rows)
    return block.T


def effective_commute_km(
    distance: npt.NDArray[np.float64], max_commute_km: Values
) -> npt.NDArray[np.float64]:
    """Return the commute that counts: the distance to the limit, and hardly more beyond.

    Beyond the limit only openings with lodging are feasible; every kilometre there counts a
    twentieth. Unknown distances count as the limit. Never falls as the distance grows.

    Examples
    --------
    >>> effective_commute_km(np.array([10.0, 130.0, np.nan]), 30.0).tolist()
    [10.0, 35.0, 30.0]
    """
    known = np.where(np.isnan(distance), max_commute_km, distance)
    within = np.minimum(np.minimum(known, max_commute_km), COMMUTE_CAP_KM)
    return within + np.maximum(known - max_commute_km, 0.0) / 20.0


def _fill_fit(block: Matrix, fit: PairFit) -> None:
    stated = fit.n_essential > 0
    share = fit.essential / np.maximum(fit.n_essential * FULL_CREDIT, 1)
    block[INDEX["essential_coverage"]] = np.where(stated, share, _NEUTRAL_COVERAGE)
    block[INDEX["essential_stated"]] = stated
    missing = fit.n_essential - fit.essential / FULL_CREDIT
    block[INDEX["n_missing_essential"]] = np.minimum(missing, 5.0)
    share = fit.optional / np.maximum(fit.n_optional * FULL_CREDIT, 1)
    block[INDEX["optional_coverage"]] = np.where(fit.n_optional > 0, share, _NEUTRAL_COVERAGE)
    held = (fit.n_certificates > 0).astype(np.float32)
    block[INDEX["certificate_match"]] = np.where(fit.lacks_certificate, -1.0, held)
    block[INDEX["occupation_experience"]] = fit.experience
    block[INDEX["sector_experience"]] = fit.sector
    block[INDEX["text_similarity"]] = np.minimum(fit.text / FULL_WEIGHT, 1.0)


def fused(coded: npt.NDArray[Any], titled: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the mean of what two readings of the opening's occupation say."""
    found: npt.NDArray[Any] = np.float32(0.5) * (coded + titled)
    return found


def _fill_learned(block: Matrix, fit: PairFit, more: LearnedFit) -> None:
    share = more.mentioned / np.maximum(more.n_mentioned * FULL_CREDIT, 1)
    block[INDEX["mentioned_coverage"]] = np.where(more.n_mentioned > 0, share, _NEUTRAL_COVERAGE)
    block[INDEX["skill_trade"]] = more.trade
    block[INDEX["wish_nearness"]] = more.wish
    stated = fit.n_essential > 0
    sums = np.where(stated, more.believed, more.believed_mentioned)
    n = np.where(stated, fit.n_essential, more.n_mentioned)
    share, inverse = unpack_belief(sums)
    covered = np.where(n > 0, share / np.maximum(n, 1), more.typical)
    least = np.where(n > 0, weakest(inverse, n), more.typical)
    block[INDEX["believed_coverage"]] = covered
    block[INDEX["weakest_skill"]] = least
    block[INDEX["practice"]] = more.practice
    block[INDEX["skilled_practice"]] = covered * more.practice
    block[INDEX["weakest_practice"]] = least * more.practice


def _fill_place(
    block: Matrix, side: PairSide, fit: PairFit, has_bed: npt.NDArray[np.bool_]
) -> None:
    block[INDEX["commute_km"]] = effective_commute_km(fit.distance, side.max_commute_km)
    block[INDEX["place_unknown"]] = np.isnan(fit.distance)
    block[INDEX["lodging_fit"]] = has_bed & np.equal(side.lodging, 1)


def _fill_way(block: Matrix, side: PairSide, fit: PairFit, bed: npt.NDArray[Any]) -> None:
    way = daily_way_km(side, fit.distance, bed) / 30.0
    block[INDEX["daily_way"]] = way
    block[INDEX["underpaid_way"]] = way * np.maximum(-block[INDEX["wage_gap"]], 0.0)
    block[INDEX["unverified"]] = out_of_reach(side, fit.distance, bed)


def _fill_terms(block: Matrix, side: PairSide, columns: OpeningColumns, rows: Rows) -> None:
    wage = columns.wage[rows]
    gap = (wage - side.wage_expected) / np.maximum(side.wage_expected, 1.0)
    block[INDEX["wage_gap"]] = np.where(np.isnan(gap), 0.0, np.minimum(np.maximum(gap, -0.5), 0.5))
    shift = columns.shift[rows]
    block[INDEX["shift_fit"]] = (shift >= 0) & np.greater(side.shifts_ok, 0)
    education = columns.education_min[rows]
    known = (education >= 0) & np.greater_equal(side.education, 0)
    margin = (side.education - education) / np.float32(5)
    block[INDEX["education_margin"]] = np.where(known, margin, 0.0)
    exertion = columns.exertion[rows]
    known = (exertion > 0) & np.greater(side.exertion_max, 0)
    margin = (side.exertion_max - exertion) / np.float32(3)
    block[INDEX["exertion_margin"]] = np.where(known, margin, 0.0)


def _fill_opening(block: Matrix, columns: OpeningColumns, rows: Rows, as_of_day: Day) -> None:
    for name, column in _STATIC:
        block[INDEX[name]] = getattr(columns, column)[rows]
    opened = columns.open_day[rows].astype(np.int64)
    age = np.minimum(np.maximum(as_of_day - opened, 0) / 180.0, 1.0)
    block[INDEX["opening_age"]] = np.where(opened > 0, age, 0.0)
    turn = 2 * np.pi * (as_of_day % 365.25) / 365.25
    block[INDEX["season_cos"]] = np.cos(turn)
    block[INDEX["season_sin"]] = np.sin(turn)


def _desired(side: PairSide, fit: PairFit, occupation: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """1 wished for, -1 something else wished for, 0 no wishes or occupation unknown."""
    known = np.greater(side.has_wishes, 0) & (occupation > 0)
    return np.where(known, np.where(fit.desired, 1.0, -1.0), 0.0)
