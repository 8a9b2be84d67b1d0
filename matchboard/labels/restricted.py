"""Words for the minimal facts of the restricted record: what each asks, and its answers."""

from __future__ import annotations

from enum import Enum
from typing import Any

from flask_babel import LazyString, lazy_gettext as _l

TABLES: dict[type[Enum], dict[Any, LazyString]] = {}
ERRORS: dict[str, LazyString] = {}

FACTS: dict[str, LazyString] = {
    "basis": _l("这项决定是什么"),
    "intent": _l("故意还是过失"),
    "kinds": _l("涉及的类别"),
    "kinds_doubtful": _l("不能确定的类别"),
    "fixed_term_or_more": _l("是否判处有期徒刑以上"),
    "suspended": _l("是否缓刑（且未被撤销）"),
    "probation_ended_on": _l("缓刑考验期满日"),
    "sentence_completed_on": _l("刑罚执行完毕日"),
    "political_rights_deprived": _l("是否附加剥夺政治权利"),
    "political_rights_deprived_until": _l("剥夺政治权利到哪一天"),
    "court_prohibition": _l("法院有没有判决从业禁止"),
    "court_prohibition_until": _l("法院的从业禁止到哪一天"),
    "court_prohibition_occupations": _l("法院禁止的职业"),
    "penalty_decided_on": _l("行政或纪律处分决定日"),
    "licence": _l("被吊销的证照"),
    "licence_revoked_on": _l("证照吊销日"),
    "ordered_ban": _l("行政决定中写明的从业禁止"),
    "role_at_offence": _l("当时的职务"),
    "major_accident": _l("是否造成重大以上事故"),
    "commercial_vehicle": _l("驾驶的是否营运车辆"),
}

HELP: dict[str, LazyString] = {
    "basis": _l(
        "治安管理处罚、行政拘留、戒毒措施的记录依法封存，这里没有这些选项，也不要换个名目填写。"
    ),
    "kinds": _l("只勾选决定书写明的类别；都没有勾选即为“未知”。"),
    "kinds_doubtful": _l("既不能确认也不能排除的，勾在这里，系统会交由人工核定。"),
    "fixed_term_or_more": _l("宣告缓刑的也算。"),
    "sentence_completed_on": _l("缓刑没有这一天，请留空。"),
    "court_prohibition_occupations": _l("按判决书的文字对应到职业；不确定的先不填。"),
}

CHOICES: dict[str, dict[str, LazyString]] = {
    "basis": {
        "criminal_penalty": _l("法院判处刑罚"),
        "exempted_from_penalty": _l("免予刑事处罚"),
        "non_prosecution_minor": _l("情节轻微不起诉"),
        "administrative_penalty": _l("行政处罚（治安管理处罚除外）"),
        "abolished_custody_measure": _l("已废止的收容、劳教措施"),
        "licence_revocation": _l("吊销证照"),
        "dismissal_from_post": _l("撤职处分"),
    },
    "intent": {
        "intentional": _l("故意"),
        "negligent": _l("过失"),
    },
    "kinds": {
        "bribery_embezzlement": _l("贪污贿赂"),
        "market_order": _l("破坏市场经济秩序"),
        "property": _l("侵犯财产"),
        "dereliction_of_duty": _l("渎职"),
        "accounting": _l("会计"),
        "food_safety": _l("食品安全"),
        "medicine_safety": _l("药品安全"),
        "narcotics": _l("毒品"),
        "narcotics_trade": _l("毒品交易"),
        "sexual": _l("性侵害"),
        "sexual_harassment": _l("性骚扰"),
        "abuse": _l("虐待"),
        "harm_to_minors": _l("侵害未成年人"),
        "trafficking_persons": _l("拐卖人口"),
        "violent_injury": _l("暴力伤害"),
        "violence": _l("暴力"),
        "gambling": _l("赌博"),
        "prostitution_related": _l("涉卖淫"),
        "obscene_material": _l("淫秽物品"),
        "money_laundering": _l("洗钱"),
        "organised_crime": _l("有组织犯罪"),
        "explosives": _l("爆炸物"),
        "traffic": _l("交通"),
        "hit_and_run": _l("交通肇事逃逸"),
        "drunk_driving": _l("醉酒驾驶"),
        "drink_driving": _l("饮酒驾驶"),
        "border": _l("国（边）境管理"),
        "network_security": _l("网络安全"),
        "production_safety": _l("安全生产"),
        "seed": _l("种子"),
        "agri_product_safety": _l("农产品质量安全"),
        "licence_forgery": _l("伪造、变造证照"),
        "abuse_of_profession": _l("利用职业便利"),
        "other": _l("其他"),
    },
    "court_prohibition": {
        "none": _l("没有"),
        "physician": _l("禁止从事医师职业"),
        "other": _l("禁止从事其他职业"),
    },
    "licence": {
        "driving": _l("机动车驾驶证"),
        "security_guard": _l("保安员证"),
        "food": _l("食品生产经营许可"),
        "pig_slaughter": _l("生猪定点屠宰证"),
        "travel_agency": _l("旅行社业务经营许可"),
    },
    "ordered_ban": {
        "life": _l("终身"),
        "10_years": _l("十年"),
        "5_years": _l("五年"),
        "other": _l("其他期限"),
        "none": _l("没有"),
    },
    "role_at_offence": {
        "head": _l("主要负责人"),
        "responsible_manager": _l("直接负责的主管人员"),
        "soe_officer": _l("国有企业管理人员"),
        "accounting_staff": _l("会计人员"),
        "food_tester": _l("食品检验人员"),
        "agri_tester": _l("农产品检测人员"),
        "other": _l("其他"),
    },
}
CHOICES["kinds_doubtful"] = CHOICES["kinds"]

#: Defects of single facts, as `domain.occupational_bars.parse_facts` names them.
DEFECTS: dict[str, LazyString] = {
    "unknown_key": _l("表中没有这一项。"),
    "wrong_type": _l("这一项填写的形式不对。"),
    "unknown_value": _l("请从列表中选择。"),
    "bad_date": _l("日期看不懂或不存在，请写成 2026-11-23。"),
    "duplicate_value": _l("同一项选择了两次。"),
    "sealed_by_law": _l(
        "行政处罚下的这类记录属于治安管理处罚，依法封存，不能保存。请去掉这一类别，或移除整条记录。"
    ),
}


def fact_label(key: str) -> str:
    """Return what a fact asks."""
    return str(FACTS[key])


def fact_help(key: str) -> str:
    """Return the sentence under the question, empty if it needs none."""
    return str(HELP.get(key, ""))


def choice_label(key: str, value: str) -> str:
    """Return the words of one answer."""
    return str(CHOICES[key][value])
