"""The referral card in words: the same facts for employer, officer, person and letter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext

from matchboard.domain.identity import national_phone
from matchboard.domain.placement import is_agreed
from matchboard.services.referrals import ReferralCard
from matchboard.web.codebooks import division_words, skill_words
from matchboard.web.template_setup import code_name, isodate, money_month


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


def agreed_facts(placement: Any) -> list[tuple[str, str]]:
    """Return (name, words) of first day and wage once they are agreed, of the job once it began."""
    if not is_agreed(placement.state):
        return []
    facts = []
    if placement.started_on is not None:
        facts.append((gettext("上岗日期"), isodate(placement.started_on)))
    elif placement.offered_start_on is not None:
        facts.append((gettext("约定上岗日期"), isodate(placement.offered_start_on)))
    if placement.wage_cny_month is not None:
        wage = gettext("约定工资") if placement.vacancy else gettext("每月大约收入")
        facts.append((wage, money_month(placement.wage_cny_month)))
    return facts


def _skill(code: str, level: int | None) -> str:
    if level is None:
        return skill_words(code)
    return gettext("%(skill)s（%(level)s级）", skill=skill_words(code), level=level)


def _join(parts: Iterable[str]) -> str:
    return gettext("、").join(parts)
