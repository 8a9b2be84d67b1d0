"""An opening in words: pay, place, terms. What nobody stated is said to be unknown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext

from matchboard.domain.client import Exertion
from matchboard.domain.codes import UnknownCode, read_code
from matchboard.domain.roles import Role
from matchboard.labels import label
from matchboard.labels.vacancies import EDUCATION_MIN
from matchboard.services.vacancy_board import BoardCard
from matchboard.web.codebooks import division_words, occupation_words
from matchboard.web.language import current_language
from matchboard.web.template_setup import isodate, km, localtime


@dataclass(frozen=True, slots=True)
class OpeningCard:
    """What `opening_card` of components/cards.html draws."""

    title: str
    url: str
    partner_name: str
    town: str
    wage_text: str
    facts: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    n_places: int
    posted: str
    closes: str
    state: Any = None
    is_external: bool = False


def board_card(card: BoardCard) -> OpeningCard:
    """Return an opening of the public board as a card; only what is known is on it."""
    facts: list[tuple[str, str]] = []
    if card.distance_km is not None:
        facts.append(("route", km(card.distance_km)))
    if card.employment_type is not None:
        facts.append(("file-text", label(card.employment_type)))
    if card.shift is not None:
        facts.append(("clock", label(card.shift)))
    if card.lodging_provided:
        facts.append(("bed", gettext("提供住宿")))
    return OpeningCard(
        title=card.title,
        url=url_for("jobs.show", pid=card.pid),
        partner_name=employer_words(card.partner_name, card.partner_name_en),
        town=place_words(card.division_code),
        wage_text=wage_words(card),
        facts=tuple(facts),
        tags=(),
        n_places=card.n_places_left,
        posted=isodate(card.open_on),
        closes=isodate(card.close_on),
    )


def employer_words(name: str, name_en: str) -> str:
    """Return the employer's name in the page's language."""
    return name_en if name_en and current_language() == "en" else name


def employer_of(vacancy: Any) -> str:
    """Return the name of an opening's employer; an external one's own reference."""
    if vacancy.partner is not None:
        return employer_words(vacancy.partner.name, vacancy.partner.name_en)
    return vacancy.external_employer or gettext("未填写")


def place_words(code: str | None) -> str:
    """Return the place's full name, or that it is unknown."""
    return division_words(code) if code else gettext("地点未填写")


def wage_words(opening: Any) -> str:
    """Return ¥4,500–6,000/月, one figure, an hourly one, or that pay is unknown."""
    low, high = opening.wage_min_cny_month, opening.wage_max_cny_month
    hourly = opening.wage_hourly_cny
    if low is None and high is None:
        if hourly is None:
            return gettext("工资未填写")
        return gettext("¥%(amount)s/小时", amount=f"{hourly:g}")
    if low is None:
        return gettext("最高 ¥%(amount)s/月", amount=f"{high:,}")
    if high is None:
        return gettext("¥%(amount)s/月起", amount=f"{low:,}")
    if low == high:
        return gettext("¥%(amount)s/月", amount=f"{low:,}")
    return gettext("¥%(low)s–%(high)s/月", low=f"{low:,}", high=f"{high:,}")


def lodging_words(value: bool | None) -> str:
    """Return whether lodging is provided; empty if unknown."""
    return "" if value is None else gettext("提供住宿") if value else gettext("不提供住宿")


def term_facts(vacancy: Any) -> list[tuple[str, str]]:
    """Return what a person weighs, as name and words; empty words are unknown."""
    hours = [
        gettext("每天 %(n)s 小时", n=f"{vacancy.hours_per_day:g}") if vacancy.hours_per_day else "",
        gettext("每周 %(n)s 小时", n=f"{vacancy.hours_per_week:g}")
        if vacancy.hours_per_week
        else "",
    ]
    return [
        (gettext("工资"), wage_words(vacancy) if has_wage(vacancy) else ""),
        (gettext("用工形式"), label(vacancy.employment_type) if vacancy.employment_type else ""),
        (gettext("班次"), label(vacancy.shift) if vacancy.shift else ""),
        (gettext("工作时间"), " · ".join(filter(None, hours))),
        (gettext("住宿"), lodging_words(vacancy.lodging_provided)),
        (gettext("体力强度"), label(Exertion(vacancy.exertion)) if vacancy.exertion else ""),
        (gettext("学历要求"), _education(vacancy.education_min)),
        (gettext("合同期限"), contract_words(vacancy.contract_months)),
        (gettext("试用期"), probation_words(vacancy)),
    ]


def has_wage(vacancy: Any) -> bool:
    """Return whether any pay is stated."""
    stated = (
        vacancy.wage_min_cny_month,
        vacancy.wage_max_cny_month,
        vacancy.wage_hourly_cny,
    )
    return any(amount is not None for amount in stated)


def _education(value: int | None) -> str:
    return "" if value is None else str(EDUCATION_MIN[value])


def contract_words(months: int | None) -> str:
    """Return the contract's length; 0 is open-ended, empty unknown."""
    if months is None:
        return ""
    return _months(months) if months else gettext("长期（无固定期限）")


def _months(months: float) -> str:
    return ngettext(
        "%(months)s 个月", "%(months)s 个月", 1 if months == 1 else 2, months=f"{months:g}"
    )


def probation_words(vacancy: Any) -> str:
    """Return the probation and its pay; empty if unknown."""
    months = vacancy.probation_months
    if months is None:
        return ""
    if not months:
        return gettext("没有试用期")
    words = _months(months)
    if vacancy.probation_wage_cny_month is not None:
        pay = gettext("¥%(amount)s/月", amount=f"{vacancy.probation_wage_cny_month:,}")
        words = f"{words} · {pay}"
    return words


def occupation_of(vacancy: Any) -> str:
    """Return the occupation's name; empty if unknown."""
    return occupation_words(vacancy.occupation_code) if vacancy.occupation_code else ""


def validity_words(open_on: date | None, close_on: date | None) -> str:
    """Return from when to when an opening stands; empty if unknown."""
    if open_on is None and close_on is None:
        return ""
    return gettext(
        "%(first)s 至 %(last)s",
        first=isodate(open_on) or gettext("现在"),
        last=isodate(close_on) or gettext("长期"),
    )


def when_words(instant: datetime) -> str:
    """Return an instant on the office's clock."""
    return localtime(instant)


def role_of(code: str) -> Role | UnknownCode:
    """Return the role an event was recorded under."""
    return read_code(Role, code)
