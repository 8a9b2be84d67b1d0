"""What the office has recorded, as the person reads it; nothing restricted is among it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from matchboard.domain.client import Education, EmploymentType, Exertion, Shift
from matchboard.domain.identity import mask_phone
from matchboard.labels import label
from matchboard.web.codebooks import division_words, occupation_words, skill_words
from matchboard.web.template_setup import money_month


def details(client: Any) -> list[tuple[str, str]]:
    """Return name and words of each entry; empty words are not filled in."""
    comma = gettext("、")
    lodging = {True: gettext("需要，或可以住"), False: gettext("不住单位"), None: ""}
    km, wage = client.max_commute_km, client.wage_expected_cny_month
    return [
        (gettext("手机号"), mask_phone(client.phone) if client.phone else ""),
        (
            gettext("现住地区"),
            division_words(client.residence_division) if client.residence_division else "",
        ),
        (gettext("技能"), comma.join(skill_words(s.skill_code) for s in client.skills)),
        (gettext("证书"), comma.join(skill_words(c.code) for c in client.certificates)),
        (gettext("工作经历"), comma.join(_job(one) for one in client.experience)),
        (
            gettext("学历"),
            "" if client.education is None else label(Education(client.education)),
        ),
        (
            gettext("想做的工作"),
            comma.join(occupation_words(code) for code in client.desired_occupations),
        ),
        (gettext("最远能接受的路程"), "" if km is None else gettext("%(n)s 公里", n=f"{km:g}")),
        (gettext("期望月工资"), "" if wage is None else money_month(wage)),
        (gettext("要不要单位提供住宿"), lodging[client.needs_lodging]),
        (gettext("能上的班次"), comma.join(label(Shift(s)) for s in client.shifts_ok)),
        (
            gettext("最多能承受的体力强度"),
            "" if client.exertion_max is None else label(Exertion(client.exertion_max)),
        ),
        (
            gettext("能接受的用工形式"),
            comma.join(label(EmploymentType(t)) for t in client.employment_types_ok),
        ),
        (
            gettext("最早哪天可以上班"),
            client.available_on.isoformat() if client.available_on else "",
        ),
    ]


def _job(one: Any) -> str:
    return one.title or (occupation_words(one.occupation_code) if one.occupation_code else "")
