"""Ranked rows → what the match card shows: words, icons, links to the record's field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext

from matchboard.domain.client import Exertion
from matchboard.labels import label
from matchboard.labels.matching import FIELDS, reason_text
from matchboard.ranking.candidates import CandidateRow
from matchboard.ranking.shortlist import MatchRow, MissRow
from matchboard.services.seen import shown_version
from matchboard.web.codebooks import division_words, skill_words
from matchboard.web.template_setup import named
from matchboard.web.vacancy_words import wage_words

#: Field of the exchange format → section of the profile in which it is kept.
PROFILE_SECTIONS = {
    "lat": "residence",
    "lon": "residence",
    "skills": "skills",
    "certificates": "certificates",
    "experience": "experience",
    "text": "preferences",
    "desired_occupations": "preferences",
    "max_commute_km": "preferences",
    "needs_lodging": "preferences",
    "wage_expected_cny_month": "preferences",
    "shifts_ok": "preferences",
    "education": "experience",
    "exertion_max": "preferences",
    "employment_types_ok": "preferences",
    "available_on": "preferences",
}


@dataclass(frozen=True, slots=True)
class MatchCard:
    """The contract of `components/cards.html: match_card`."""

    pid: str
    rank: int
    band: str
    title: str
    url: str
    partner_name: str
    town: str
    distance_km: float | None
    commute_limit_km: float | None
    wage_text: str
    wage_gap_text: str
    wage_gap_sign: str
    facts: tuple[tuple[str, str], ...]
    reasons: tuple[tuple[str, str, str | None], ...]
    why_above: str
    n_places: int
    gate: str
    propose_url: str
    compare_name: str
    version: str = ""


def match_card(
    row: MatchRow,
    *,
    client: Any,
    commute_limit_km: float,
    why_above: str,
    may_propose: bool,
    is_record_verified: bool,
) -> MatchCard:
    """Build the card of one ranked opening for one person."""
    vacancy = row.vacancy
    gap_text, gap_sign = wage_gap(vacancy, client.wage_expected_cny_month)
    may_be_proposed = may_propose and vacancy.partner_id is not None
    return MatchCard(
        pid=vacancy.pid,
        rank=row.rank,
        band=row.band,
        title=vacancy.title,
        url=url_for("vacancies.show", pid=vacancy.pid),
        partner_name=employer_name(vacancy),
        town=division_words(vacancy.division_code) if vacancy.division_code else "",
        distance_km=row.distance_km,
        commute_limit_km=commute_limit_km,
        wage_text=wage_words(vacancy),
        wage_gap_text=gap_text,
        wage_gap_sign=gap_sign,
        facts=opening_facts(vacancy),
        reasons=reasons(row.reasons, client.pid, vacancy.pid),
        why_above=why_above,
        n_places=vacancy.n_places_left,
        gate=_gate(row, is_record_verified=is_record_verified),
        propose_url=(
            url_for("placements.propose", pid=client.pid, vacancy_pid=vacancy.pid)
            if may_be_proposed
            else ""
        ),
        compare_name="v",
        version=shown_version(vacancy),
    )


def _gate(row: MatchRow, *, is_record_verified: bool) -> str:
    """Return what the card says of the law.

    Without a verified record every opening leaves a doubt: the page says so once, not each card.
    """
    if not row.needs_decision:
        return "clear"
    return "review" if is_record_verified else "unverified"


def reasons(
    found: Sequence[Any], client_pid: str, vacancy_pid: str
) -> tuple[tuple[str, str, str | None], ...]:
    """Return (sign, words, link to the field the reason came from)."""
    return tuple(
        (
            "+" if reason.sign > 0 else "-",
            reason_text(reason),
            field_url(reason.client_field, client_pid)
            or url_for("vacancies.show", pid=vacancy_pid),
        )
        for reason in found
    )


def field_url(name: str, client_pid: str) -> str | None:
    """Return the place of the profile where a field is kept."""
    section = PROFILE_SECTIONS.get(name)
    if section is None:
        return None
    return url_for("client_profile.show", pid=client_pid, _anchor=f"section-{section}")


def missing_fields(names: Sequence[str], client_pid: str) -> list[tuple[str, str | None]]:
    """Return each field that is not filled in, in words, with the place to fill it in."""
    words = {str(FIELDS[name]): field_url(name, client_pid) for name in names if name in FIELDS}
    return list(words.items())


def candidate_reasons(row: CandidateRow) -> tuple[tuple[str, str, str | None], ...]:
    """Return a candidate's reasons, each opening the person's field it came from."""
    return tuple(
        (
            "+" if reason.sign > 0 else "-",
            reason_text(reason),
            field_url(reason.client_field, row.client.pid),
        )
        for reason in row.reasons
    )


def employer_name(vacancy: Any) -> str:
    """Return the partner's name, or who an external advertisement came from."""
    if vacancy.partner is not None:
        return named(vacancy.partner)
    return gettext("外部招聘信息（未核验）")


def wage_gap(vacancy: Any, expected: int | None) -> tuple[str, str]:
    """Return the middle of the offer against the person's wish, and its sign."""
    figures = [w for w in (vacancy.wage_min_cny_month, vacancy.wage_max_cny_month) if w is not None]
    if expected is None or not figures:
        return "", ""
    gap = round(sum(figures) / len(figures)) - expected
    if gap == 0:
        return gettext("与期望相同"), ""
    if gap > 0:
        return gettext("比期望高 ¥%(gap)s", gap=f"{gap:,}"), "+"
    return gettext("比期望低 ¥%(gap)s", gap=f"{-gap:,}"), "-"


def opening_facts(vacancy: Any) -> tuple[tuple[str, str], ...]:
    """Return lodging, shift, load and contract as (icon, words); unknown is said, not hidden."""
    lodging = {
        True: gettext("提供住宿"),
        False: gettext("不提供住宿"),
        None: gettext("住宿未填写"),
    }[vacancy.lodging_provided]
    shift = label(vacancy.shift) if vacancy.shift else gettext("班次未填写")
    load = label(Exertion(vacancy.exertion)) if vacancy.exertion else gettext("劳动强度未填写")
    contract = (
        label(vacancy.employment_type)
        if vacancy.employment_type
        else gettext("用工形式未填写，按全职计算")
    )
    return (("bed", lodging), ("clock", shift), ("barbell", load), ("file-text", contract))


@dataclass(frozen=True, slots=True)
class Step:
    """What would open an opening that is one constraint away, with a link to act."""

    words: str
    url: str | None
    link_words: str = ""


def miss_step(row: MissRow, client_pid: str) -> Step:
    """Return what would change a near miss: a certificate, a shift, lodging, a talk."""
    profile = field_url(row.field, client_pid) if row.side == "client" else None
    match row.gate:
        case "certificate":
            names = gettext("、").join(skill_words(code) for code in row.codes)
            training = url_for("client_training.show", pid=client_pid)
            return Step(gettext("取得%(names)s", names=names), training, gettext("看培训课程"))
        case "commute_or_lodging":
            words = gettext(
                "距离 %(distance)s 公里，可接受 %(limit)s 公里；能住宿或愿意走远一些就可以",
                distance=_figure(row.need or row.distance_km),
                limit=_figure(row.have),
            )
            return Step(words, profile, gettext("与本人核对路程和住宿"))
        case "education":
            return Step(gettext("请与企业商量学历要求"), profile, gettext("核对学历"))
        case "exertion":
            return Step(gettext("如本人愿意承担更重的劳动就可以"), profile, gettext("核对劳动强度"))
        case "shift":
            return Step(gettext("如本人愿意上这个班次就可以"), profile, gettext("核对班次"))
        case "employment_type":
            return Step(gettext("如本人接受这种用工形式就可以"), profile, gettext("核对用工形式"))
        case "dates":
            return Step(gettext("如到岗日期能调整就可以"), profile, gettext("核对到岗日期"))
    opening = url_for("vacancies.show", pid=row.vacancy.pid)
    return Step(gettext("名额已满，可等空缺"), opening, gettext("看岗位名额"))


def _figure(value: float | None) -> str:
    return "?" if value is None else f"{value:.0f}"
