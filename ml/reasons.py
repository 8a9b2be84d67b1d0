"""The codes of reasons: what speaks for or against a pair. Words for people live in the site."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class ReasonCode(enum.StrEnum):
    """Name every reason; the first of each group speaks for, the others against."""

    SKILLS_COVERED = "skills_covered"
    """The essential skills stated are largely covered; value of `other` covered."""
    SKILLS_MISSING = "skills_missing"
    """Essential skills are missing; `codes` names them."""
    SKILLS_NOT_STATED = "skills_not_stated"
    """The opening states no essential skills."""
    PREFERRED_COVERED = "preferred_covered"
    """Preferred skills are covered; value of `other`."""
    PREFERRED_MISSING = "preferred_missing"
    """Preferred skills are missing or none is stated."""
    CERTIFICATE_HELD = "certificate_held"
    """Every required certificate is held; `codes` names them."""
    CERTIFICATE_NOT_ASKED = "certificate_not_asked"
    """No certificate is required: none of the person's sets them apart here."""
    EXPERIENCE_MATCHES = "experience_matches"
    """Experience in this occupation or near it; value from 0 to 1."""
    EXPERIENCE_ELSEWHERE = "experience_elsewhere"
    """Experience lies in other occupations."""
    EXPERIENCE_NONE = "experience_none"
    """No experience is recorded."""
    TEXT_MATCHES = "text_matches"
    """The person's own words contain the title, or most of it; value is the share."""
    TEXT_DIFFERS = "text_differs"
    """The person's own words do not mention this kind of work, or there are none."""
    WISH_MET = "wish_met"
    """An occupation the person wishes for."""
    WISH_ELSEWHERE = "wish_elsewhere"
    """The person wishes for another occupation."""
    WISH_UNKNOWN = "wish_unknown"
    """No wish is recorded, or the opening's occupation is unknown."""
    COMMUTE_SHORT = "commute_short"
    """A short way; value in km, `other` the person's limit."""
    COMMUTE_LONG = "commute_long"
    """A long way; value in km, `other` the person's limit."""
    PLACE_UNKNOWN = "place_unknown"
    """The place of one of the two is unknown."""
    LODGING_PROVIDED = "lodging_provided"
    """A bed comes with the job and the person needs or accepts one."""
    LODGING_ABSENT = "lodging_absent"
    """No bed is stated, or the person has not said they want one."""
    WAGE_ABOVE = "wage_above"
    """Pays more than expected; value offered, `other` expected, CNY a month."""
    WAGE_BELOW = "wage_below"
    """Pays less than expected, or no more; value offered, `other` expected."""
    WAGE_UNKNOWN = "wage_unknown"
    """The wage offered or the wage expected is unknown."""
    SHIFT_FITS = "shift_fits"
    """A shift the person has said they work."""
    SHIFT_UNKNOWN = "shift_unknown"
    """The shift, or which shifts the person works, is unknown."""
    EDUCATION_ABOVE = "education_above"
    """More schooling than asked; value has, `other` asked."""
    EDUCATION_AT_LIMIT = "education_at_limit"
    """Just the schooling asked, or one of the two is unknown."""
    EXERTION_LIGHT = "exertion_light"
    """Lighter work than the person may do; value asked, `other` may."""
    EXERTION_AT_LIMIT = "exertion_at_limit"
    """As heavy as the person may do, or one of the two is unknown."""
    CONTRACT_STABLE = "contract_stable"
    """A lasting contract."""
    CONTRACT_SHORT = "contract_short"
    """A temporary, seasonal or gig contract."""
    TRAINED_RECENTLY = "trained_recently"
    """A course after release ended not long ago."""
    TRAINING_NONE = "training_none"
    """No recent course after release is recorded."""
    PARTNER_RELIABLE = "partner_reliable"
    """People proposed to this employer are hired and stay; `other` is the number of outcomes."""
    PARTNER_RARELY = "partner_rarely"
    """People proposed to this employer are seldom hired or seldom stay; `other` as above."""
    PARTNER_UNTRIED = "partner_untried"
    """No outcome of this employer is known yet."""
    OPENING_NEW = "opening_new"
    """Opened not long ago; value in days."""
    OPENING_OLD = "opening_old"
    """Open for long; value in days."""
    PLACES_MANY = "places_many"
    """Several places are free; value is the number."""
    PLACES_FEW = "places_few"
    """Few places are free; value is the number."""


class Band(enum.StrEnum):
    """Name how well a pair fits, so that nobody has to read a decimal."""

    STRONG = "strong"
    """A very good fit."""
    GOOD = "good"
    """A good fit."""
    FAIR = "fair"
    """Worth a thought."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Hold one reason of one pair.

    Attributes
    ----------
    code : ReasonCode
    sign : int
        1 speaks for, -1 against.
    weight : float
        Effect on the logarithm of the score, about; for a reason against without effect of its own,
        minus what the best value would add.
    client_field, vacancy_field : str
        Columns of the exchange format it comes from; empty when only the other side has one.
    value, other : float or None
        Numbers of the code, see its description.
    codes : tuple of str
        Skills or certificates the reason names.
    """

    code: ReasonCode
    sign: int
    weight: float
    client_field: str
    vacancy_field: str
    value: float | None = None
    other: float | None = None
    codes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the short form of ``ranked.csv``: ``+commute_short=3.2``."""
        sign = "+" if self.sign > 0 else "-"
        value = "" if self.value is None else f"={self.value:.6g}"
        return f"{sign}{self.code.value}{value}"


@dataclass(frozen=True, slots=True)
class Family:
    """Describe a group of features that people understand as one reason."""

    key: str
    features: tuple[str, ...]
    client_field: str
    vacancy_field: str
    positive: ReasonCode
    negative: ReasonCode


_R = ReasonCode
FAMILIES = (
    Family(
        "essential",
        ("essential_coverage", "n_missing_essential"),
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
        ("occupation_experience", "sector_experience"),
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
    Family("commute", ("commute_km",), "max_commute_km", "lat", _R.COMMUTE_SHORT, _R.COMMUTE_LONG),
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
    ),
    Family("shift", ("shift_fit",), "shifts_ok", "shift", _R.SHIFT_FITS, _R.SHIFT_UNKNOWN),
    Family(
        "education",
        ("education_margin",),
        "education",
        "education_min",
        _R.EDUCATION_ABOVE,
        _R.EDUCATION_AT_LIMIT,
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
        ("partner_hire", "partner_retained", "partner_hire_odds", "partner_retained_odds"),
        "",
        "partner_id",
        _R.PARTNER_RELIABLE,
        _R.PARTNER_RARELY,
    ),
    Family("age", ("opening_age",), "", "open_on", _R.OPENING_NEW, _R.OPENING_OLD),
    Family("places", ("places_left",), "", "headcount", _R.PLACES_MANY, _R.PLACES_FEW),
)
