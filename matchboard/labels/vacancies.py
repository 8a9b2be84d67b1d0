"""Words for openings: states, steps, terms, and what the posting checks say."""

from __future__ import annotations

from enum import Enum
from typing import Any

from flask_babel import LazyString, lazy_gettext as _l

from matchboard.domain.client import Education
from matchboard.domain.job_trades import JobTrade
from matchboard.domain.posting_checks import PostingProblem, Severity
from matchboard.domain.vacancy import RequirementKind, VacancySource, VacancyState, Visibility

TABLES: dict[type[Enum], dict[Any, LazyString]] = {
    VacancyState: {
        VacancyState.DRAFT: _l("草稿"),
        VacancyState.IN_REVIEW: _l("审核中"),
        VacancyState.OPEN: _l("招聘中"),
        VacancyState.PAUSED: _l("已暂停"),
        VacancyState.FILLED: _l("已招满"),
        VacancyState.CLOSED: _l("已关闭"),
        VacancyState.EXPIRED: _l("已过期"),
    },
    Visibility: {
        Visibility.PUBLIC: _l("公开"),
        Visibility.OFFICERS: _l("仅工作人员可见"),
    },
    VacancySource: {
        VacancySource.PARTNER: _l("爱心企业"),
        VacancySource.EXTERNAL: _l("外部信息，未经核实"),
    },
    RequirementKind: {
        RequirementKind.REQUIRED: _l("必须会"),
        RequirementKind.PREFERRED: _l("会更好"),
        RequirementKind.CERTIFICATE: _l("必须有的证书"),
    },
    Severity: {
        Severity.REFUSE: _l("必须改正"),
        Severity.REVIEW: _l("请核对"),
    },
    JobTrade: {
        JobTrade.SEWING: _l("缝纫服装"),
        JobTrade.MACHINING: _l("机械加工与装配"),
        JobTrade.ELECTRICAL: _l("电工电子"),
        JobTrade.BUILDING: _l("建筑施工"),
        JobTrade.MATERIALS: _l("木材、化工与建材"),
        JobTrade.FOOD: _l("餐饮与食品"),
        JobTrade.CLEANING: _l("保洁绿化与物业"),
        JobTrade.CARE: _l("家政护理与生活服务"),
        JobTrade.DRIVING: _l("驾驶与配送"),
        JobTrade.WAREHOUSE: _l("仓储搬运"),
        JobTrade.SALES: _l("销售与店员"),
        JobTrade.OFFICE: _l("文员与办事"),
        JobTrade.SECURITY: _l("保安消防"),
        JobTrade.REPAIR: _l("维修"),
        JobTrade.FARMING: _l("种植养殖"),
        JobTrade.TECHNICAL: _l("技术与信息"),
    },
}

#: The schooling an opening asks for.
EDUCATION_MIN: dict[int, LazyString] = {
    Education.NONE: _l("不要求学历"),
    Education.PRIMARY: _l("小学以上"),
    Education.JUNIOR: _l("初中以上"),
    Education.SENIOR_OR_TECHNICAL: _l("高中、中专或技校以上"),
    Education.COLLEGE: _l("大专以上"),
    Education.DEGREE: _l("本科以上"),
}
#: Steps of the lifecycle as verbs on buttons.
STEPS: dict[str, LazyString] = {
    "submit": _l("送审"),
    "approve": _l("通过并发布"),
    "return": _l("退回修改"),
    "recheck": _l("改动后重新审核"),
    "pause": _l("暂停招聘"),
    "resume": _l("恢复招聘"),
    "fill": _l("招满"),
    "reopen": _l("有空位，重新开放"),
    "refill": _l("补招一人"),
    "renew": _l("重新招聘"),
    "close": _l("关闭岗位"),
    "reappear": _l("再次出现"),
    "expire": _l("到期"),
}
#: The same steps where the owner had paused the opening: it stays paused.
STEPS_KEEPING_PAUSE: dict[str, LazyString] = {"approve": _l("通过，仍暂停招聘")}
#: What the history says happened.
EVENTS: dict[str, LazyString] = {
    "create": _l("新建"),
    "edit": _l("修改"),
    "import": _l("导入"),
    "confirm": _l("确认仍在招聘"),
    "occupation": _l("核对职业"),
    "submit": _l("送交审核"),
    "approve": _l("审核通过，发布"),
    "return": _l("退回修改"),
    "recheck": _l("企业改动了重要内容，重新审核"),
    "pause": _l("暂停招聘"),
    "resume": _l("恢复招聘"),
    "fill": _l("名额已满"),
    "reopen": _l("有了空位，重新开放"),
    "refill": _l("补招一人"),
    "renew": _l("重新招聘，转为草稿"),
    "close": _l("关闭"),
    "reappear": _l("再次导入，恢复招聘"),
    "expire": _l("到期下线"),
    "republish": _l("补上发布日期，重新公开"),
}
#: The same where the owner had paused the opening before.
EVENTS_KEEPING_PAUSE: dict[str, LazyString] = {
    "approve": _l("审核通过，仍暂停招聘"),
    "confirm": _l("延长有效期，仍暂停招聘"),
    "reopen": _l("有了空位，仍暂停招聘"),
}
FIELDS: dict[str, LazyString] = {
    "title": _l("岗位名称"),
    "occupation_code": _l("职业"),
    "duties": _l("工作内容"),
    "conditions": _l("招聘条件"),
    "division_code": _l("工作地区"),
    "address": _l("详细地址"),
    "wage_min_cny_month": _l("最低月薪"),
    "wage_max_cny_month": _l("最高月薪"),
    "wage_hourly_cny": _l("小时工资"),
    "employment_type": _l("用工形式"),
    "shift": _l("班次"),
    "hours_per_day": _l("每天工作时间"),
    "hours_per_week": _l("每周工作时间"),
    "contract_months": _l("合同期限"),
    "probation_months": _l("试用期"),
    "probation_wage_cny_month": _l("试用期月薪"),
    "deposit_free": _l("不收押金的承诺"),
    "lodging_provided": _l("住宿"),
    "exertion": _l("体力强度"),
    "education_min": _l("最低学历"),
    "posts": _l("涉及的特定职务"),
    "licences": _l("执业资格"),
    "headcount": _l("招聘人数"),
    "open_on": _l("开始日期"),
    "close_on": _l("截止日期"),
    "confirmed_on": _l("确认日期"),
    "visibility": _l("公开范围"),
    "requirements": _l("技能与证书"),
    "employer": _l("用人单位"),
}
SORTS: dict[str, LazyString] = {
    "newest": _l("最新发布"),
    "wage": _l("工资从高到低"),
    "distance": _l("距离最近"),
}

#: What the public page of an opening that is not on the board says: heading and sentence.
ABSENCES: dict[str, tuple[LazyString, LazyString]] = {
    "paused": (_l("这个岗位暂停招聘"), _l("企业暂停了招聘，恢复后会再公开。")),
    "in_review": (_l("这个岗位正在核对"), _l("岗位的内容有改动，核对后会再公开。")),
    "not_begun": (_l("这个岗位还没有开始招聘"), _l("到了开始日期会公开。")),
    "employer": (_l("这个岗位暂不公开"), _l("这家企业现在不通过本平台招聘。")),
    "filled": (_l("这个岗位已经招满"), _l("招聘的人数都招到了。")),
    "over": (_l("这个岗位已经结束招聘"), _l("招聘的截止日期已经过了。")),
    "closed": (_l("这个岗位已经结束招聘"), _l("这个岗位已经关闭。")),
}

#: What is wrong with a cell of an imported file.
CELL_PROBLEMS: dict[str, LazyString] = {
    "wrong_number_of_cells": _l("这一行的列数与第一行不同"),
    "blank": _l("编号不能为空"),
    "duplicate": _l("编号在文件里重复"),
    "below_minimum_wage": _l("低于最低工资标准"),
    "out_of_order": _l("后一个值小于前一个值"),
    "half_a_place": _l("经度和纬度要一起填写"),
    "too_long": _l("内容太长"),
    "not_printable": _l("含有看不见的字符"),
    "not_a_number": _l("不是数字"),
    "not_whole": _l("不是整数"),
    "out_of_range": _l("超出允许的范围"),
    "not_a_flag": _l("只能是 1 或 0"),
    "not_a_date": _l("不是 2026-11-23 这样的日期"),
    "not_in_list": _l("不在允许的值里"),
    "not_a_code": _l("不是代码"),
    "not_a_level": _l("熟练程度只能是 1 到 5"),
}

_CHECKS: dict[str, LazyString] = {
    "employer_missing": _l("没有写明用人单位。"),
    "title_missing": _l("没有写明岗位名称。"),
    "headcount_missing": _l("没有写明招聘人数。"),
    "duties_missing": _l("请写明工作内容。"),
    "conditions_missing": _l("请写明招聘条件；没有特别条件就写“不限”。"),
    "place_missing": _l("请写明工作地区。"),
    "headcount_below_one": _l("招聘人数至少一人。"),
    "validity_missing": _l("请写明招聘截止日期。"),
    "validity_ends_before_start": _l("截止日期早于开始日期。"),
    "validity_over": _l("截止日期 %(words)s 已经过了。"),
    "validity_unconfirmed": _l("有效期比规定的长（到 %(words)s 为止要再确认），请核对是否属实。"),
    "employer_verification_due": _l("企业资料超过规定时间没有重新核实。"),
    "pay_missing": _l("请写明工资。"),
    "pay_order": _l("最高工资低于最低工资。"),
    "pay_below_minimum": _l("工资低于当地最低工资标准，每月不得低于 %(words)s 元。"),
    "pay_lower_end_missing": _l("没有写明最低拿多少。"),
    "minimum_wage_unknown": _l("没有当地最低工资标准的数据，请人工核对。"),
    "hourly_pay_below_minimum": _l(
        "小时工资低于当地小时最低工资标准，每小时不得低于 %(words)s 元。"
    ),
    "hourly_pay_unknown": _l("兼职请写明小时工资。"),
    "probation_in_part_time": _l("兼职不得约定试用期。"),
    "probation_too_long": _l("这样的合同期限，试用期最多 %(words)s 个月。"),
    "probation_not_allowed": _l("三个月以下的合同或以完成一项任务为期限的工作不得约定试用期。"),
    "contract_term_missing": _l("约定了试用期，请写明合同期限。"),
    "probation_pay_below_share": _l("试用期工资不得低于约定工资的 80%%，即每月 %(words)s 元。"),
    "probation_pay_below_minimum": _l(
        "试用期工资低于当地最低工资标准，每月不得低于 %(words)s 元。"
    ),
    "part_time_hours_missing": _l("兼职请写明工作时间。"),
    "part_time_hours_exceeded": _l("兼职每天不超过 4 小时、每周不超过 24 小时。"),
    "deposit_statement_missing": _l("请确认不收押金、不扣证件。"),
    "sex_condition": _l("招聘条件限制了性别：“%(words)s”。"),
    "marriage_condition": _l("招聘条件限制了婚育：“%(words)s”。"),
    "ethnicity_condition": _l("招聘条件限制了民族：“%(words)s”。"),
    "religion_condition": _l("招聘条件限制了宗教信仰：“%(words)s”。"),
    "household_condition": _l("招聘条件限制了户籍：“%(words)s”。"),
    "health_condition": _l("招聘条件歧视残疾人或病原携带者：“%(words)s”。"),
    "deposit_condition": _l("不得收取押金或费用：“%(words)s”。"),
    "costs_on_worker": _l("由劳动者自己出的费用是否合法，请核对：“%(words)s”。"),
    "wage_withheld": _l("不得扣押工资，工资要按月足额发放：“%(words)s”。"),
    "wage_in_arrears": _l("工资要按月发放，压工资的做法请核对：“%(words)s”。"),
    "wage_forfeited": _l("干了活就要付工资，不能因没通过、没干满或离职不付：“%(words)s”。"),
    "unpaid_trial": _l("试工、试用和岗前培训也要付工资，请核对：“%(words)s”。"),
    "insurance_waived": _l("不得约定或让劳动者承诺不缴社会保险费，这样的约定无效：“%(words)s”。"),
    "insurance_missing": _l("用工之日起三十日内要办社会保险，请核对：“%(words)s”。"),
    "contract_refused": _l("全日制用工要签书面劳动合同：“%(words)s”。"),
    "service_contract": _l("是不是劳动关系，请核对要签的合同：“%(words)s”。"),
    "risk_shifted": _l("不得免除用人单位的工伤责任，这样的约定无效：“%(words)s”。"),
    "credit_condition": _l("个人征信的要求是否必要，请核对：“%(words)s”。"),
    "hours_exceeded": _l(
        "每周 %(words)s 小时：标准是每天 8 小时、每周 40 小时，"
        "加班每天最多 3 小时、每月最多 36 小时，每周至少休息一天。"
    ),
    "hours_to_review": _l(
        "每周 %(words)s 小时，超过标准工时和加班的上限，请核对是否批准了综合计算工时。"
    ),
    "day_to_review": _l("每天 %(words)s 小时，超过 8 小时加 3 小时加班，请核对是否轮班。"),
    "document_withheld": _l("不得扣押证件：“%(words)s”。"),
    "tattoo_condition": _l("限制纹身的条件是否必要，请核对：“%(words)s”。"),
    "blacklist_condition": _l("“黑名单”条件的依据请核对：“%(words)s”。"),
    "age_below_working_age": _l("不得招用未满 16 周岁的人：“%(words)s”。"),
    "age_condition": _l("年龄限制是否必要，请核对：“%(words)s”。"),
    "record_condition_wider_than_law": _l("无犯罪记录的要求比法律规定的宽，请核对：“%(words)s”。"),
    "record_condition_unsupported": _l("无犯罪记录的要求没有法律依据：“%(words)s”。"),
}


def _with_articles(words: LazyString) -> LazyString:
    """Return the sentence followed by the articles it rests on."""
    return LazyString(lambda: f"{words} [%(articles)s]")


ERRORS: dict[str, LazyString] = {
    "vacancy_step_impossible": _l("岗位现在是“%(state)s”，不能做这一步。请刷新后再看。"),
    "vacancy_over": _l("岗位现在是“%(state)s”，不能再修改。可以“重新招聘”，或照它再发一个。"),
    "occupation_confirmed": _l("别人刚刚核对过职业。请看下面的结果，需要改就点“修改”。"),
    "reason_needed": _l("请写明原因。"),
    "reason_too_long": _l("最多写 %(most)s 个字。"),
    "opening_unchecked": _l("这是未经核实的外部信息，不能这样操作。"),
    "partner_not_active": _l(
        "企业现在是“%(state)s”，审核通过后才能发布岗位、收到推荐材料；岗位草稿可以先保存。"
    ),
    "validity_over_renew": _l("有效期已过，请先修改截止日期，或重新招聘。"),
    "no_place_left": _l("招聘人数都已占用，请增加人数。"),
    "approval_note_needed": _l("有需要核对的内容，请写明为什么可以通过。"),
    "no_reservation": _l("没有预留的名额。"),
    "no_filled_place": _l("没有已占用的名额。"),
    "no_ended_placement": _l("已入职的人都还在岗，没有可以补招的名额。需要多招人请修改招聘人数。"),
    "nobody_hired": _l("还没有人入职，没有可以补招的名额。需要多招人请修改招聘人数。"),
    "external_over": _l("外部信息现在是“%(state)s”，不能再修改。再次导入时会恢复。"),
    "headcount_below_taken": _l("已有 %(taken)s 个名额被预留或占用，人数不能更少。"),
    "external_not_public": _l("未经核实的外部信息只能由工作人员查看。"),
    "wage_order": _l("最高工资不能低于最低工资。"),
    "date_order": _l("截止日期不能早于开始日期。"),
    "requirement_twice": _l("同一项技能或证书只能写一次。"),
    "import_unreadable": _l("文件读不出来：请用 UTF-8 编码的 CSV 文件。"),
    "import_header": _l("文件第一行没有列名 %(column)s。"),
    "import_header_twice": _l("文件第一行的列名 %(column)s 出现了两次。"),
    "import_too_large": _l("文件超过 %(most)s 行，请分开导入。"),
    **{f"posting_{code}": _with_articles(words) for code, words in _CHECKS.items()},
}


def problem_text(problem: PostingProblem) -> str:
    """Return what a posting check found, in the page's language, without its articles."""
    return str(_CHECKS[problem.code]) % {"words": problem.excerpt}
