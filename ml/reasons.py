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
    EXPERIENCE_TOLD = "experience_told"
    """None is recorded, but the person's own words tell of such work."""
    EXPERIENCE_SHORT = "experience_short"
    """Experience in this occupation or near it, but not long."""
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
    WISH_NEAR = "wish_near"
    """An occupation near one the person wishes for."""
    WISH_ELSEWHERE = "wish_elsewhere"
    """The person wishes for another occupation."""
    WISH_UNKNOWN = "wish_unknown"
    """No wish is recorded, or the opening's occupation is unknown."""
    COMMUTE_SHORT = "commute_short"
    """A short way; value in km, `other` the person's limit."""
    COMMUTE_LODGED = "commute_lodged"
    """Far, but with a bed there, so that no day needs the whole way; numbers as above."""
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
    WAGE_EQUAL = "wage_equal"
    """Pays what is expected; numbers as above."""
    WAGE_BELOW = "wage_below"
    """Pays less than expected; numbers as above."""
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
    """People proposed to this employer are hired and stay; value is the share hired as far as the
    record tells, `other` the number of outcomes."""
    PARTNER_RARELY = "partner_rarely"
    """People proposed to this employer are seldom hired or seldom stay; `other` as above."""
    PARTNER_UNTRIED = "partner_untried"
    """No outcome of this employer is known yet."""
    PARTNER_TRADE_RELIABLE = "partner_trade_reliable"
    """No outcome of this employer is known yet, those of its trade are good; value as above."""
    OPENING_NEW = "opening_new"
    """Opened not long ago; value in days."""
    OPENING_OLD = "opening_old"
    """Open for long; value in days."""
    PLACES_MANY = "places_many"
    """Several places are free; value is the number."""
    PLACES_FEW = "places_few"
    """Few places are free; value is the number."""
    MENTIONED_COVERED = "mentioned_covered"
    """The skills that the opening's words name are largely covered; value of `other` covered."""
    MENTIONED_MISSING = "mentioned_missing"
    """Skills that the opening's words name are missing; `codes` names them."""
    MENTIONED_NONE = "mentioned_none"
    """The opening's words name no skills."""
    TRADE_MATCHES = "trade_matches"
    """The person's skills are those of this occupation or of one near it."""
    TRADE_ELSEWHERE = "trade_elsewhere"
    """The person's skills are not those of this occupation."""
    TRADE_UNTOLD = "trade_untold"
    """No skill is recorded or named that would tell a trade."""
    OCCUPATION_UNKNOWN = "occupation_unknown"
    """The opening's occupation is unknown."""
    ABILITY_LIKELY = "ability_likely"
    """Skills and work together suggest the person can do most of it; value is the share."""
    ABILITY_DOUBTFUL = "ability_doubtful"
    """Skills and work together leave doubt; value is the share, `codes` names what is doubtful."""
    ABILITY_UNTOLD = "ability_untold"
    """No skill is recorded or named to judge by."""
    PRACTICE_SKILLED = "practice_skilled"
    """Skills and experience point to this work together."""
    PRACTICE_UNSKILLED = "practice_unskilled"
    """Nothing shows both the skills and experience of this work."""
    WAY_PAID = "way_paid"
    """The wage makes up for the way; only said of two openings."""
    WAY_UNDERPAID = "way_underpaid"
    """A way that is not made up for: the wage is below the one expected."""
    TERMS_FIT = "terms_fit"
    """What one side has not stated is unlikely to exclude the pair."""
    TERMS_UNSTATED = "terms_unstated"
    """What one side has not stated may exclude the pair; `codes` names the blank fields."""


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
        Skills or certificates the reason names; fields for `TERMS_UNSTATED`.
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
