"""Words for partner enterprises and their vetting."""

from __future__ import annotations

from enum import Enum
from typing import Any

from flask_babel import LazyString, lazy_gettext as _l

from matchboard.domain.organisation import BaseKind, PartnerState

TABLES: dict[type[Enum], dict[Any, LazyString]] = {
    PartnerState: {
        PartnerState.PENDING: _l("待审核"),
        PartnerState.ACTIVE: _l("合作中"),
        PartnerState.SUSPENDED: _l("已暂停"),
        PartnerState.REJECTED: _l("未通过"),
    },
    BaseKind: {
        BaseKind.CERTIFIED_ENTERPRISE: _l("认定企业基地"),
        BaseKind.GOVERNMENT: _l("政府安置基地"),
    },
}
#: Steps of the vetting as verbs on buttons.
STEPS: dict[str, LazyString] = {
    "vet": _l("通过审核"),
    "reject": _l("不通过"),
    "suspend": _l("暂停合作"),
    "reinstate": _l("恢复合作"),
}
#: Kinds of employer some occupational bars look at.
EMPLOYER_KINDS: dict[str, LazyString] = {
    "after_school_care": _l("校外托管机构"),
    "catering": _l("餐饮"),
    "charity": _l("慈善组织"),
    "child_shelter_or_welfare": _l("儿童福利或救助机构"),
    "commercial_bank": _l("商业银行"),
    "company": _l("公司"),
    "drug_distributor": _l("药品批发企业"),
    "drug_maker": _l("药品生产企业"),
    "early_education": _l("早期教育机构"),
    "entertainment_venue": _l("娱乐场所"),
    "food_business": _l("食品经营者"),
    "food_producer": _l("食品生产者"),
    "home_service": _l("家政服务机构"),
    "infant_care": _l("婴幼儿照护机构"),
    "kindergarten": _l("幼儿园"),
    "medical": _l("医疗机构"),
    "medical_for_minors": _l("儿童医疗机构"),
    "other_care_for_minors": _l("其他未成年人照护机构"),
    "people_organisation": _l("人民团体"),
    "pharmacy": _l("药店"),
    "pig_slaughterhouse": _l("生猪屠宰厂"),
    "precursor_class1_producer": _l("第一类易制毒化学品生产企业"),
    "precursor_class1_trader": _l("第一类易制毒化学品经营企业"),
    "private_school": _l("民办学校"),
    "public_fund_manager": _l("公募基金管理人"),
    "public_institution": _l("事业单位"),
    "school": _l("学校"),
    "security_company": _l("保安服务公司"),
    "seed_company": _l("种子企业"),
    "special_trade": _l("特种行业"),
    "state_organ": _l("国家机关"),
    "state_owned_enterprise": _l("国有企业"),
    "training_institution": _l("校外培训机构"),
    "travel_agency": _l("旅行社"),
}
#: Posts and licences some occupational bars look at.
POSTS: dict[str, LazyString] = {
    "accounting_work": _l("会计工作"),
    "agri_product_testing": _l("农产品检测"),
    "appraisal_work": _l("资产评估"),
    "armed_guard": _l("武装押运"),
    "bankruptcy_administrator": _l("破产管理人"),
    "civil_explosives_work": _l("民用爆炸物品作业"),
    "civil_servant": _l("公务员"),
    "commercial_driver": _l("营运驾驶"),
    "decision_body_head": _l("决策机构负责人"),
    "director": _l("董事"),
    "drug_production_or_trade": _l("药品生产经营"),
    "food_safety_manager": _l("食品安全管理"),
    "food_testing": _l("食品检验"),
    "judge": _l("法官"),
    "legal_representative": _l("法定代表人"),
    "manager": _l("经理"),
    "network_operation_key_post": _l("网络运营关键岗位"),
    "network_security_management": _l("网络安全管理"),
    "people_assessor": _l("人民陪审员"),
    "prosecutor": _l("检察官"),
    "registered_cpa": _l("注册会计师"),
    "ride_hailing_driver": _l("网约车驾驶"),
    "sales_staff": _l("销售人员"),
    "school_bus_driver": _l("校车驾驶"),
    "security_guard": _l("保安员"),
    "senior_manager": _l("高级管理人员"),
    "state_organ_office": _l("国家机关职务"),
    "supervisor": _l("监事"),
    "supervisor_official": _l("监察官"),
    "taxi_driver": _l("出租车驾驶"),
    "technical_staff": _l("技术人员"),
    "unit_head": _l("单位负责人"),
    "village_or_residents_committee_member": _l("村（居）委会成员"),
}
LICENCES: dict[str, LazyString] = {
    "auctioneer": _l("拍卖师"),
    "cpa": _l("注册会计师证"),
    "driving": _l("驾驶证"),
    "lawyer": _l("律师"),
    "notary": _l("公证员"),
    "physician": _l("医师"),
    "taxi": _l("出租车从业资格"),
    "teacher": _l("教师资格"),
    "tour_guide": _l("导游证"),
}
ERRORS: dict[str, LazyString] = {
    "partner_step_impossible": _l("企业现在是“%(state)s”，不能做这一步。请刷新后再看。"),
    "agreement_needed": _l("还没有填写保密协议的签订日期，签订后才能合作。"),
    "credit_code_blank": _l("请填写统一社会信用代码。"),
    "credit_code_length": _l("统一社会信用代码是 18 位，请核对。"),
    "credit_code_check_digit": _l("统一社会信用代码的校验位不对，请核对每一位。"),
    "credit_code_is_identity": _l(
        "这是个人的身份证号，不是统一社会信用代码，没有保存。请填营业执照上的 18 位代码。"
    ),
    "credit_code_characters": _l("统一社会信用代码里有不该出现的字符。"),
    "credit_code_on_record": _l("这个统一社会信用代码已经登记过。"),
}
