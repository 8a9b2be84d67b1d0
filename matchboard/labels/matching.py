"""Words for reasons, gates, contrasts and fields of the ranking."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any, Protocol

from flask_babel import LazyString, get_locale, gettext, lazy_gettext as _l

from matchboard.domain.catalogues import skills

TABLES: dict[type[Enum], dict[Any, LazyString]] = {}
ERRORS: dict[str, LazyString] = {}

MODELS: dict[str, LazyString] = {
    "expert": _l("专家规则"),
    "map": _l("专家规则＋本区结果"),
    "blend": _l("专家规则＋本区结果＋组合规律"),
}

#: Sentences of `ml.reasons.ReasonCode`; value, other and names come from the reason.
REASONS: dict[str, LazyString] = {
    "skills_covered": _l("必备技能基本具备"),
    "skills_missing": _l("还缺技能：%(names)s"),
    "skills_not_stated": _l("招聘没有写明必备技能"),
    "preferred_covered": _l("具备加分技能"),
    "preferred_missing": _l("没有加分技能"),
    "certificate_held": _l("持有所需证书：%(names)s"),
    "certificate_not_asked": _l("不看证书，持证不加分"),
    "experience_matches": _l("干过同类工作"),
    "experience_told": _l("自述里提到干过同类工作"),
    "experience_short": _l("干过同类工作，时间不长"),
    "experience_elsewhere": _l("经验在别的行当"),
    "experience_none": _l("没有登记工作经历"),
    "text_matches": _l("本人自述与岗位吻合"),
    "text_differs": _l("本人自述没有提到这类工作"),
    "wish_met": _l("是本人想做的工种"),
    "wish_near": _l("与本人想做的工种相近"),
    "wish_elsewhere": _l("本人更想做别的工种"),
    "wish_unknown": _l("不清楚本人想做什么工种"),
    "commute_short": _l("离家近，%(value)s 公里"),
    "commute_lodged": _l("离家 %(value)s 公里，但可住在单位"),
    "commute_long": _l("路程较远，%(value)s 公里"),
    "place_unknown": _l("地点不明，无法计算路程"),
    "lodging_provided": _l("提供住宿"),
    "lodging_absent": _l("没有写明提供住宿"),
    "wage_above": _l("工资高于期望 ¥%(gap)s"),
    "wage_equal": _l("工资与期望相同"),
    "wage_below": _l("工资低于期望 ¥%(gap)s"),
    "wage_unknown": _l("工资或期望工资不明"),
    "shift_fits": _l("班次合适"),
    "shift_unknown": _l("班次不明，要问一问"),
    "education_above": _l("学历高于要求"),
    "education_at_limit": _l("学历刚好达到，或不清楚"),
    "exertion_light": _l("劳动强度不大"),
    "exertion_at_limit": _l("劳动强度到了上限，或不清楚"),
    "contract_stable": _l("合同稳定"),
    "contract_short": _l("临时或短期用工"),
    "trained_recently": _l("刚参加过培训"),
    "training_none": _l("近期没有参加培训"),
    "partner_reliable": _l("该企业留用情况好"),
    "partner_rarely": _l("该企业录用或留用较少"),
    "partner_untried": _l("与该企业还没有合作记录"),
    "partner_trade_reliable": _l("该企业还没有合作记录，同行业留用情况好"),
    "opening_new": _l("新发布的岗位"),
    "opening_old": _l("岗位挂了 %(value)s 天"),
    "places_many": _l("名额多，余 %(value)s 个"),
    "places_few": _l("名额少，余 %(value)s 个"),
    "mentioned_covered": _l("会招聘文字里提到的技能"),
    "mentioned_missing": _l("招聘文字里提到的技能还缺：%(names)s"),
    "mentioned_none": _l("招聘文字没有提到技能"),
    "trade_matches": _l("登记和自述的技能属于这一行"),
    "trade_elsewhere": _l("登记和自述的技能不属于这一行"),
    "trade_untold": _l("没有登记技能，看不出属于哪一行"),
    "occupation_unknown": _l("岗位的工种不明"),
    "ability_likely": _l("按技能和经历推测，多半能胜任"),
    "ability_doubtful": _l("按技能和经历推测，可能还差：%(names)s"),
    "ability_untold": _l("没有登记技能，无法推测能否胜任"),
    "practice_skilled": _l("技能和工作经历都对口"),
    "practice_unskilled": _l("看不出技能和工作经历都对口"),
    "way_paid": _l("工资抵得上路程"),
    "way_underpaid": _l("路上要花时间，工资又低于期望"),
    "terms_fit": _l("条件上多半没有冲突"),
    "terms_unstated": _l("没写明，可能对不上：%(names)s"),
}
#: The same where a reason names no skill or field.
_NAMELESS: dict[str, LazyString] = {
    "skills_missing": _l("必备技能还差一些"),
    "mentioned_missing": _l("招聘文字里提到的技能还差一些"),
    "ability_doubtful": _l("按技能和经历推测，能否胜任还没把握"),
    "terms_unstated": _l("有些条件没写明，可能对不上"),
}

#: What sets one opening apart from another, by the family's code.
_CONTRAST_AMOUNTS: dict[str, tuple[LazyString, LazyString]] = {
    "commute": (_l("路程少 %(amount)s 分钟"), _l("路程多 %(amount)s 分钟")),
    "wage": (_l("工资低 ¥%(amount)s"), _l("工资高 ¥%(amount)s")),
    "places": (_l("名额少 %(amount)s 个"), _l("名额多 %(amount)s 个")),
}
_AMOUNT_FAMILY = {
    "commute_short": "commute",
    "commute_long": "commute",
    "wage_above": "wage",
    "wage_below": "wage",
    "places_many": "places",
    "places_few": "places",
}
#: The family in plain words where there is no number: better first, worse second.
_CONTRASTS: dict[str, LazyString] = {
    "skills_covered": _l("技能更对口"),
    "skills_missing": _l("技能差一些"),
    "preferred_covered": _l("加分技能更多"),
    "preferred_missing": _l("加分技能少一些"),
    "certificate_held": _l("证书用得上"),
    "certificate_not_asked": _l("证书用不上"),
    "experience_matches": _l("经验更对口"),
    "experience_elsewhere": _l("经验不太对口"),
    "text_matches": _l("更接近本人自述"),
    "text_differs": _l("离本人自述远一些"),
    "wish_met": _l("更合本人意愿"),
    "wish_elsewhere": _l("不如后者合本人意愿"),
    "commute_short": _l("路程更近"),
    "commute_long": _l("路程更远"),
    "lodging_provided": _l("有住宿"),
    "lodging_absent": _l("没有住宿"),
    "wage_above": _l("工资更合期望"),
    "wage_below": _l("工资差一些"),
    "shift_fits": _l("班次更合适"),
    "shift_unknown": _l("班次不明"),
    "education_above": _l("学历更有余地"),
    "education_at_limit": _l("学历余地小"),
    "exertion_light": _l("活更轻"),
    "exertion_at_limit": _l("活更重"),
    "contract_stable": _l("合同更稳定"),
    "contract_short": _l("合同较短"),
    "trained_recently": _l("培训用得上"),
    "training_none": _l("没有相关培训"),
    "partner_reliable": _l("企业留用更好"),
    "partner_rarely": _l("企业留用差一些"),
    "opening_new": _l("岗位更新"),
    "opening_old": _l("岗位挂得更久"),
    "places_many": _l("名额更多"),
    "places_few": _l("名额更少"),
    "mentioned_covered": _l("招聘文字里提到的技能会得更多"),
    "mentioned_missing": _l("招聘文字里提到的技能会得少一些"),
    "trade_matches": _l("更属于本行"),
    "trade_elsewhere": _l("离本行远一些"),
    "ability_likely": _l("更可能胜任"),
    "ability_doubtful": _l("能否胜任更没把握"),
    "practice_skilled": _l("技能和经历更对口"),
    "practice_unskilled": _l("技能和经历没那么对口"),
    "way_paid": _l("工资更抵得上路程"),
    "way_underpaid": _l("工资抵不上路程"),
    "terms_fit": _l("条件更不容易冲突"),
    "terms_unstated": _l("没写明的条件更可能冲突"),
}

#: Gates of `ml.gates.Gate`, as "what stands in the way".
GATES: dict[str, LazyString] = {
    "commute_or_lodging": _l("路程超出可接受范围，又没有住宿"),
    "shift": _l("班次不在可上的班次里"),
    "exertion": _l("劳动强度超出本人所能承受"),
    "education": _l("学历低于要求"),
    "certificate": _l("缺少所需证书"),
    "employment_type": _l("用工形式不在可接受范围"),
    "dates": _l("时间对不上"),
    "headcount": _l("名额已满"),
}

#: Fields of the exchange format, for missing and assumed data.
FIELDS: dict[str, LazyString] = {
    "lat": _l("居住地或工作地点"),
    "lon": _l("居住地或工作地点"),
    "max_commute_km": _l("可接受路程"),
    "wage_expected_cny_month": _l("期望工资"),
    "education": _l("学历"),
    "skills": _l("技能"),
    "certificates": _l("证书"),
    "experience": _l("工作经历"),
    "desired_occupations": _l("想做的工种"),
    "shifts_ok": _l("可上的班次"),
    "needs_lodging": _l("是否需要住宿"),
    "exertion_max": _l("可承受的劳动强度"),
    "employment_types_ok": _l("可接受的用工形式"),
    "available_on": _l("可到岗日期"),
    "text": _l("本人自述"),
    "occupation": _l("工种"),
    "wage_min_cny_month": _l("工资"),
    "wage_max_cny_month": _l("工资"),
    "education_min": _l("学历要求"),
    "exertion": _l("劳动强度"),
    "skills_required": _l("必备技能"),
    "shift": _l("班次"),
    "lodging_provided": _l("是否提供住宿"),
    "employment_type": _l("用工形式"),
}


class ReasonLike(Protocol):
    """What a reason of `ml` offers to be put into words."""

    @property
    def code(self) -> Any:
        """The reason's code, an enum."""

    @property
    def value(self) -> float | None:
        """The number the sentence names."""

    @property
    def other(self) -> float | None:
        """The number it is held against."""

    @property
    def codes(self) -> tuple[str, ...]:
        """Skills or certificates it names; fields where it is about blank ones."""

    @property
    def client_field(self) -> str:
        """The person's field it comes from; empty if only the opening has one."""


class DifferenceLike(Protocol):
    """What a contrast of `ml` offers to be put into words."""

    @property
    def code(self) -> Any:
        """The family's code, an enum."""

    @property
    def amount(self) -> float | None:
        """First minus second, where the family has a number."""


#: Whose place it is that nobody wrote down: each is put right on another page.
_NO_PLACE_OF_PERSON = _l("本人现住地区未填写，无法计算路程")
_NO_PLACE_OF_OPENING = _l("岗位地点未填写，无法计算路程")


def reason_text(reason: ReasonLike) -> str:
    """Return one reason in the reader's language."""
    gap = (
        abs(reason.value - reason.other)
        if reason.value is not None and reason.other is not None
        else 0
    )
    code = str(reason.code.value)
    words = REASONS[code] if reason.codes else _NAMELESS.get(code, REASONS[code])
    if code == "place_unknown":
        words = _NO_PLACE_OF_PERSON if reason.client_field else _NO_PLACE_OF_OPENING
    return str(words) % {
        "value": _number(reason.value),
        "gap": f"{gap:,.0f}",
        "names": gettext("、").join(_name(each) for each in reason.codes),
    }


def _name(code: str) -> str:
    """Return the name of a skill, a certificate or a field of the exchange format."""
    return str(FIELDS[code]) if code in FIELDS else skill_name(code)


def contrast_text(differences: Sequence[DifferenceLike]) -> str:
    """Return why one opening stands above another, as one sentence; empty without a difference."""
    parts = [_difference(d) for d in differences if str(d.code.value) in _CONTRASTS]
    return gettext("，").join(parts)


def skill_name(code: str) -> str:
    """Return a skill's or certificate's name in the reader's language; an unknown code as it is."""
    found = skills().get(code)
    if found is None:
        return code
    locale = get_locale()
    return found.name("en" if locale is not None and locale.language == "en" else "zh")


def _difference(difference: DifferenceLike) -> str:
    code = str(difference.code.value)
    family = _AMOUNT_FAMILY.get(code)
    if family is None or not difference.amount:
        return str(_CONTRASTS[code])
    less, more = _CONTRAST_AMOUNTS[family]
    words = less if difference.amount < 0 else more
    return str(words) % {"amount": f"{abs(difference.amount):,.0f}"}


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.1f}" if 0 < abs(value) < 10 and value != int(value) else f"{value:,.0f}"
