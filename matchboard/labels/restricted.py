"""Words for the minimal facts of the restricted record: what each asks, and its answers."""

from __future__ import annotations

from enum import Enum
from typing import Any

from flask_babel import LazyString, lazy_gettext as _l

from matchboard.domain.record_access import CoverState, Ground

TABLES: dict[type[Enum], dict[Any, LazyString]] = {
    Ground: {
        Ground.DISTRICT: _l("区安帮办可以打开。"),
        Ground.LEAD: _l("您是这位帮教对象的帮教责任人，可以打开。"),
        Ground.HEAD: _l("您是本所所长，可以打开。"),
        Ground.OFFICE: _l("还没有指定帮教责任人，本所也没有所长，您可以打开。"),
        Ground.COVER: _l("您正在代管，可以打开；每次打开都会记为“代管期间打开”。"),
    },
    CoverState: {
        CoverState.COMING: _l("尚未开始"),
        CoverState.IN_FORCE: _l("代管中"),
        CoverState.EXPIRED: _l("已到期"),
        CoverState.ENDED: _l("已提前结束"),
    },
}
ERRORS: dict[str, LazyString] = {
    "record_closed": _l(
        "这份受限记录只对帮教责任人、所长和区安帮办开放，本所其他人须有代管安排。没有打开，也没有保存任何内容。"
    ),
    "case_lead_not_yours": _l(
        "只有现在的帮教责任人、所长（只有一位工作人员的所，就是这一位）或区安帮办可以更换责任人。"
    ),
    "cover_too_far": _l("最早只能提前 %(n)s 天安排。"),
    "cover_ends_before": _l("最后一天不能早于第一天。"),
    "cover_too_long": _l(
        "一次最多 %(n)s 天。更久的，请把帮教责任人改为接手的同事，或到期后再安排。"
    ),
    "cover_by_oneself": _l("代管的人须是另一位工作人员。"),
    "cover_of_other_office": _l("代管的人须是同一个司法所的工作人员。"),
    "cover_exists": _l("这几天里已有同样的代管安排。"),
    "cover_not_yours": _l("代管由本人、所长或区安帮办安排和结束。没有保存任何内容。"),
    "head_not_officer": _l("所长须是司法所工作人员的账户。"),
    "office_has_head": _l("这个司法所的所长是“%(name)s”。请先取消其所长，再指定新的所长。"),
}

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


def fact_help(key: str) -> str:
    """Return the sentence under the question, empty if it needs none."""
    return str(HELP.get(key, ""))
