"""The reason families: every feature that can tell one pair of a day from another is in one."""

from __future__ import annotations

from dataclasses import dataclass

from ml.reasons import ReasonCode as _R


@dataclass(frozen=True, slots=True)
class Family:
    """Describe a group of features that people understand as one reason.

    Attributes
    ----------
    key : str
    features : tuple of str
    client_field, vacancy_field : str
        Columns of the exchange format; empty where one side has none.
    positive, negative : ReasonCode
        What is said where the pair is better or worse than usual in it.
    measure : str
        Feature whose value decides which of the two is true, for families whose effect outcomes
        may turn round; empty where the effect decides.
    falls : bool
        Whether a lower `measure` is the better one.
    """

    key: str
    features: tuple[str, ...]
    client_field: str
    vacancy_field: str
    positive: _R
    negative: _R
    measure: str = ""
    falls: bool = False


FAMILIES = (
    Family(
        "essential",
        ("essential_coverage", "n_missing_essential", "essential_stated"),
        "skills",
        "skills_required",
        _R.SKILLS_COVERED,
        _R.SKILLS_MISSING,
    ),
    Family(
        "optional",
        ("optional_coverage",),
        "skills",
        "skills_preferred",
        _R.PREFERRED_COVERED,
        _R.PREFERRED_MISSING,
    ),
    Family(
        "certificate",
        ("certificate_match",),
        "certificates",
        "certificates_required",
        _R.CERTIFICATE_HELD,
        _R.CERTIFICATE_NOT_ASKED,
    ),
    Family(
        "experience",
        ("occupation_experience", "sector_experience", "practice", "experience_known"),
        "experience",
        "occupation",
        _R.EXPERIENCE_MATCHES,
        _R.EXPERIENCE_ELSEWHERE,
    ),
    Family("text", ("text_similarity",), "text", "title", _R.TEXT_MATCHES, _R.TEXT_DIFFERS),
    Family(
        "wish",
        ("desired_occupation", "wish_nearness"),
        "desired_occupations",
        "occupation",
        _R.WISH_MET,
        _R.WISH_ELSEWHERE,
    ),
    Family(
        "commute",
        ("commute_km", "place_unknown", "daily_way"),
        "max_commute_km",
        "lat",
        _R.COMMUTE_SHORT,
        _R.COMMUTE_LONG,
    ),
    Family(
        "lodging",
        ("lodging_fit",),
        "needs_lodging",
        "lodging_provided",
        _R.LODGING_PROVIDED,
        _R.LODGING_ABSENT,
    ),
    Family(
        "wage",
        ("wage_gap",),
        "wage_expected_cny_month",
        "wage_min_cny_month",
        _R.WAGE_ABOVE,
        _R.WAGE_BELOW,
        measure="wage_gap",
    ),
    Family("shift", ("shift_fit",), "shifts_ok", "shift", _R.SHIFT_FITS, _R.SHIFT_UNKNOWN),
    Family(
        "education",
        ("education_margin",),
        "education",
        "education_min",
        _R.EDUCATION_ABOVE,
        _R.EDUCATION_AT_LIMIT,
        measure="education_margin",
    ),
    Family(
        "exertion",
        ("exertion_margin",),
        "exertion_max",
        "exertion",
        _R.EXERTION_LIGHT,
        _R.EXERTION_AT_LIMIT,
    ),
    Family(
        "contract",
        ("contract_stability",),
        "employment_types_ok",
        "employment_type",
        _R.CONTRACT_STABLE,
        _R.CONTRACT_SHORT,
        measure="contract_stability",
    ),
    Family(
        "training",
        ("training_recency",),
        "trained_on",
        "",
        _R.TRAINED_RECENTLY,
        _R.TRAINING_NONE,
    ),
    Family(
        "partner",
        (
            "partner_hire",
            "partner_retained",
            "partner_n",
            "partner_hire_odds",
            "partner_retained_odds",
        ),
        "",
        "partner_id",
        _R.PARTNER_RELIABLE,
        _R.PARTNER_RARELY,
    ),
    Family(
        "age",
        ("opening_age",),
        "",
        "open_on",
        _R.OPENING_NEW,
        _R.OPENING_OLD,
        measure="opening_age",
        falls=True,
    ),
    Family(
        "places",
        ("places_left",),
        "",
        "headcount",
        _R.PLACES_MANY,
        _R.PLACES_FEW,
        measure="places_left",
    ),
    Family(
        "mentioned",
        ("mentioned_coverage",),
        "skills",
        "text",
        _R.MENTIONED_COVERED,
        _R.MENTIONED_MISSING,
    ),
    Family(
        "trade",
        ("skill_trade", "occupation_known"),
        "skills",
        "occupation",
        _R.TRADE_MATCHES,
        _R.TRADE_ELSEWHERE,
    ),
    Family(
        "ability",
        ("believed_coverage", "weakest_skill", "skills_known"),
        "skills",
        "skills_required",
        _R.ABILITY_LIKELY,
        _R.ABILITY_DOUBTFUL,
    ),
    Family(
        "skilled_practice",
        ("skilled_practice", "weakest_practice"),
        "experience",
        "skills_required",
        _R.PRACTICE_SKILLED,
        _R.PRACTICE_UNSKILLED,
    ),
    Family(
        "underpaid_way",
        ("underpaid_way",),
        "wage_expected_cny_month",
        "wage_min_cny_month",
        _R.WAY_PAID,
        _R.WAY_UNDERPAID,
    ),
    Family(
        "unverified",
        ("unverified",),
        "shifts_ok",
        "shift",
        _R.TERMS_FIT,
        _R.TERMS_UNSTATED,
    ),
)
OF_THE_DAY = frozenset({"season_cos", "season_sin"})
"""Features of no family: they are the same for all pairs of one day and explain no order."""
