"""The referral card in words: the same facts for employer, officer, person and letter."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext

from matchboard.domain.identity import national_phone
from matchboard.services.referrals import ReferralCard
from matchboard.web.codebooks import division_words, skill_words
from matchboard.web.template_setup import code_name, isodate


def card_facts(card: ReferralCard) -> list[tuple[str, str]]:
    """Return (name, words) of everything the card holds; an empty value is shown as unknown."""
    facts = [(gettext("代号"), code_name(card.code_name))]
    if card.name is not None:
        facts = [(gettext("姓名"), card.name)]
    if card.phone is not None:
        facts.append((gettext("电话"), national_phone(card.phone)))
    return [
        *facts,
        (gettext("技能"), _join(_skill(code, level) for code, level in card.skills)),
        (gettext("证书"), _join(skill_words(code) for code in card.certificates)),
        (gettext("所在地"), division_words(card.area) if card.area else ""),
        (gettext("最早到岗"), isodate(card.earliest_start_on) or gettext("随时")),
    ]


def _skill(code: str, level: int | None) -> str:
    if level is None:
        return skill_words(code)
    return gettext("%(skill)s（%(level)s级）", skill=skill_words(code), level=level)


def _join(parts: Iterable[str]) -> str:
    return gettext("、").join(parts)
