"""Words for the rules a district sets for itself."""

from __future__ import annotations

from enum import Enum
from typing import Any

from flask_babel import LazyString, lazy_gettext as _l

#: Rule → what it is called.
RULES: dict[str, LazyString] = {
    "registration_days": _l("释放后报到登记期限"),
    "support_years": _l("帮教期限"),
    "vacancy_validity_days": _l("岗位有效期"),
    "partner_reverification_months": _l("爱心企业复核间隔"),
    "referral_expiry_days": _l("推荐无答复自动失效"),
    "reminder_first_days": _l("第一次提醒企业"),
    "reminder_second_days": _l("第二次提醒企业"),
    "assumed_commute_km": _l("未填写时假定的通勤距离"),
    "lodging_reach_km": _l("提供住宿时的最远距离"),
    "placement_target_percent": _l("安置率目标"),
    "shuffled_lists_percent": _l("检验排序的匹配列表"),
    "personal_link_days": _l("个人链接有效期"),
}

#: Rule → unit of its number.
UNITS: dict[str, LazyString | str] = {
    "registration_days": _l("天"),
    "support_years": _l("年"),
    "vacancy_validity_days": _l("天"),
    "partner_reverification_months": _l("个月"),
    "referral_expiry_days": _l("天"),
    "reminder_first_days": _l("天后"),
    "reminder_second_days": _l("天后"),
    "assumed_commute_km": _l("公里"),
    "lodging_reach_km": _l("公里"),
    "placement_target_percent": "%",
    "shuffled_lists_percent": "%",
    "personal_link_days": _l("天"),
}

#: Rule → what follows from it.
EXPLANATIONS: dict[str, LazyString] = {
    "registration_days": _l("超过期限仍未报到的，列入主动联系，不作处罚。"),
    "support_years": _l("自释放之日起计算。"),
    "vacancy_validity_days": _l("到期前由企业再次确认，否则岗位自动到期。"),
    "partner_reverification_months": _l("到期列入待办，由区安帮办复核。"),
    "referral_expiry_days": _l("自推荐发送给企业之日起计算。"),
    "reminder_first_days": _l("自推荐发送给企业之日起计算。"),
    "reminder_second_days": _l("须晚于第一次提醒，早于自动失效。"),
    "assumed_commute_km": _l("只用于推荐排序，填写了实际意愿的以本人意愿为准。"),
    "lodging_reach_km": _l("超过这个距离的岗位，即使包住也不推荐。"),
    "placement_target_percent": _l("工作概览中的目标线。"),
    "shuffled_lists_percent": _l(
        "在这部分列表里，分数几乎相同的岗位随机排先后，用来检验排序；填 0 就不再调换。"
    ),
    "personal_link_days": _l("个人链接交给本人后可以使用多久，可随时撤销。"),
}

TABLES: dict[type[Enum], dict[Any, LazyString]] = {}
ERRORS: dict[str, LazyString] = {
    "unknown_rule": _l("没有这条规则。"),
    "reminders_out_of_order": _l("第二次提醒必须晚于第一次提醒。"),
    "reminder_after_expiry": _l("第二次提醒必须早于推荐自动失效。"),
    "rules_unchanged": _l("这些规则和那一天已经有效的规则一样：没有要改的，没有保存。"),
    "rules_of_date_exist": _l("这一天已经有一套规则，请选择另一个日期。"),
}
