"""Words for the person's record: kinds, stages, sections, what is missing, what went wrong."""

from __future__ import annotations

from enum import Enum
from typing import Any

from flask_babel import LazyString, lazy_gettext as _l

from matchboard.domain.client import (
    ClientKind,
    ConsentMethod,
    ConsentScope,
    ContactStatus,
    Education,
    EmploymentType,
    Exertion,
    Sex,
    Shift,
    SkillSource,
    Stage,
    Tier,
)
from matchboard.domain.client_file import (
    ClientSort,
    FileItem,
    MatchField,
    ProfileSection,
    RegistrationStatus,
    RestrictedPurpose,
    TimelineKind,
    TrainingStatus,
    WorkStatus,
)
from matchboard.domain.identity import IdentityWarning
from matchboard.services.global_search import SearchKind

TABLES: dict[type[Enum], dict[Any, LazyString]] = {
    ClientKind: {
        ClientKind.RELEASED_PERSON: _l("刑满释放人员"),
        ClientKind.FORMER_CORRECTION_SUBJECT: _l("解除社区矫正人员"),
    },
    Stage: {
        Stage.PRE_RELEASE: _l("待报到"),
        Stage.IN_SUPPORT: _l("帮教中"),
        Stage.DISCHARGED: _l("已解除帮教"),
    },
    ContactStatus: {
        ContactStatus.IN_CONTACT: _l("有联系"),
        ContactStatus.UNREACHED: _l("暂未联系上"),
        ContactStatus.DECLINED: _l("本人谢绝帮教"),
    },
    Tier: {
        Tier.GENERAL: _l("一般"),
        Tier.KEY: _l("重点"),
    },
    Sex: {
        Sex.MALE: _l("男"),
        Sex.FEMALE: _l("女"),
    },
    SkillSource: {
        SkillSource.SELF_STATED: _l("本人自述"),
        SkillSource.OFFICER: _l("工作人员了解"),
        SkillSource.EMPLOYER: _l("用人单位反馈"),
        SkillSource.CERTIFICATE: _l("证书证明"),
        SkillSource.COURSE: _l("课程认定"),
    },
    ConsentScope: {
        ConsentScope.CARD: _l("匿名推荐卡"),
        ConsentScope.CARD_AND_CONTACT: _l("推荐卡和联系方式"),
    },
    ConsentMethod: {
        ConsentMethod.SIGNED_AT_DESK: _l("当面签字"),
        ConsentMethod.PERSONAL_LINK: _l("本人通过专属链接"),
    },
    Education: {
        Education.NONE: _l("未上过学"),
        Education.PRIMARY: _l("小学"),
        Education.JUNIOR: _l("初中"),
        Education.SENIOR_OR_TECHNICAL: _l("高中、中专或技校"),
        Education.COLLEGE: _l("大专"),
        Education.DEGREE: _l("本科及以上"),
    },
    Exertion: {
        Exertion.LIGHT: _l("轻（坐着、少量走动）"),
        Exertion.MEDIUM: _l("中（久站、搬轻物）"),
        Exertion.HEAVY: _l("重（经常搬重物）"),
        Exertion.VERY_HEAVY: _l("很重（整天重体力）"),
    },
    Shift: {
        Shift.DAY: _l("白班"),
        Shift.EVENING: _l("晚班"),
        Shift.NIGHT: _l("夜班"),
        Shift.ROTATING: _l("倒班"),
    },
    EmploymentType: {
        EmploymentType.FULL_TIME: _l("全日制"),
        EmploymentType.PART_TIME: _l("非全日制"),
        EmploymentType.TEMPORARY: _l("临时"),
        EmploymentType.SEASONAL: _l("季节性"),
        EmploymentType.GIG: _l("零工"),
        EmploymentType.APPRENTICE: _l("学徒"),
        EmploymentType.PUBLIC_WELFARE: _l("公益性岗位"),
    },
    WorkStatus: {
        WorkStatus.SEEKING: _l("正在找工作"),
        WorkStatus.PLACED: _l("已安置"),
        WorkStatus.SETTLED: _l("稳定就业"),
        WorkStatus.NOT_PLACED: _l("未安置"),
        WorkStatus.NOT_SEEKING: _l("暂不找工作"),
    },
    TrainingStatus: {
        TrainingStatus.ENROLLED: _l("在学"),
    },
    ClientSort: {
        ClientSort.UPDATED: _l("最近更新"),
        ClientSort.NAME: _l("姓名"),
        ClientSort.REGISTERED: _l("登记日期"),
        ClientSort.RELEASED: _l("释放日期"),
    },
    RegistrationStatus: {
        RegistrationStatus.NOT_YET: _l("在报到期限内"),
        RegistrationStatus.UNKNOWN: _l("报到情况未知"),
        RegistrationStatus.ON_TIME: _l("按期报到"),
        RegistrationStatus.LATE: _l("晚报到，请多上门关心"),
        RegistrationStatus.OVERDUE: _l("尚未报到，请上门联系"),
    },
    FileItem: {
        FileItem.CONTACT: _l("联系电话"),
        FileItem.ADDRESS: _l("居住地址"),
        FileItem.RELEASE_DATE: _l("释放日期"),
        FileItem.SKILLS: _l("技能或证书"),
        FileItem.PREFERENCES: _l("求职意愿"),
    },
    MatchField: {
        MatchField.RESIDENCE_DIVISION: _l("居住地区"),
        MatchField.SKILLS: _l("技能"),
        MatchField.DESIRED_OCCUPATIONS: _l("想做的工作"),
        MatchField.MAX_COMMUTE: _l("可接受路程"),
        MatchField.WAGE_EXPECTED: _l("期望工资"),
        MatchField.NEEDS_LODGING: _l("是否需要住宿"),
        MatchField.SHIFTS: _l("可上的班次"),
        MatchField.EXERTION: _l("体力强度"),
        MatchField.EDUCATION: _l("文化程度"),
        MatchField.EXPERIENCE: _l("工作经历"),
    },
    ProfileSection: {
        ProfileSection.BASICS: _l("基本情况和联系"),
        ProfileSection.RESIDENCE: _l("居住和户籍"),
        ProfileSection.SKILLS: _l("技能"),
        ProfileSection.CERTIFICATES: _l("证书"),
        ProfileSection.EXPERIENCE: _l("文化程度和工作经历"),
        ProfileSection.PREFERENCES: _l("求职意愿"),
    },
    RestrictedPurpose: {
        RestrictedPurpose.LEGAL_GATE: _l("核对从业限制"),
        RestrictedPurpose.CORRECTION: _l("本人要求更正"),
        RestrictedPurpose.OTHER: _l("其他工作需要"),
    },
    TimelineKind: {
        TimelineKind.RELEASED: _l("释放"),
        TimelineKind.REGISTERED: _l("报到登记"),
        TimelineKind.PLACEMENT: _l("推荐与安置"),
        TimelineKind.CHECK: _l("回访"),
        TimelineKind.TRAINING: _l("培训"),
        TimelineKind.PROFILE: _l("更新档案"),
        TimelineKind.LEAD: _l("更换了帮教责任人"),
        TimelineKind.LINK: _l("专属链接"),
    },
    IdentityWarning: {
        IdentityWarning.AREA_UNKNOWN: _l("号码前六位不是已知的地区代码，请再核对一次证件。"),
        IdentityWarning.AREA_YOUNGER: _l("号码的地区代码设立晚于出生年份，请再核对一次证件。"),
    },
    SearchKind: {
        SearchKind.CLIENT: _l("帮教对象"),
        SearchKind.VACANCY: _l("岗位"),
        SearchKind.PARTNER: _l("爱心企业"),
        SearchKind.COURSE: _l("培训课程"),
    },
}

ERRORS: dict[str, LazyString] = {
    "link_closed": _l(
        "链接到期、停用或换过新的，就打不开了，您没有做错什么。请联系给您链接的司法所，"
        "电话印在那张纸上，可以马上重新办一个。"
    ),
    "link_guessed": _l(
        "出生日期多次对不上，为保护您的信息，这个链接已经停用，刚才的操作没有保存。"
        "请联系给您链接的司法所，电话印在那张纸上，可以马上重新办一个。"
    ),
    "corrections_waiting": _l("您前几次说的，司法所还在处理。着急的话，请打电话。"),
    "identity_blank": _l("请填写身份证号。"),
    "identity_old_15_digits": _l("15 位的旧号码已停用，请填写 18 位身份证号。"),
    "identity_length": _l("身份证号应为 18 位，请数一数是否多写或少写了。"),
    "identity_other_document": _l(
        "这像是护照或通行证的号码。这里只填居民身份证号；没有的，请勾选“暂无身份证号”，再填出生日期。"
    ),
    "identity_characters": _l("身份证号只能是数字，最后一位可以是 X。"),
    "identity_birth_date": _l("号码中的出生日期不存在，请对照证件检查第 7–14 位。"),
    "identity_birth_date_ahead": _l("号码中的出生日期在今天之后，请对照证件检查第 7–14 位。"),
    "identity_check_digit": _l("号码的校验位不对，可能有一位写错了，请对照证件检查。"),
    "identity_or_mark": _l("请填写身份证号；暂时没有的，请勾选“暂无身份证号”。"),
    "numbers_tried": _l(
        "一小时内最多查询 %(most)s 个身份证号，现在不能再查，请 %(minutes)s 分钟后再试。"
        "填写的内容没有丢失。"
    ),
    "client_registered_here": _l("这个身份证号已经登记在您的工作范围内，请直接打开已有的记录。"),
    "client_registered_elsewhere": _l(
        "这个身份证号已由本区另一个司法所登记。请联系区安帮办办理移交，这里不显示其内容。"
    ),
    "birth_date_required": _l("没有身份证号时，请填写出生日期。"),
    "birth_date_mismatch": _l("出生日期与身份证号不一致，请核对；留空则以身份证号为准。"),
    "birth_date_ahead": _l("出生日期不能在今天之后。"),
    "birth_date_too_early": _l("出生日期太早，请检查年份。"),
    "birth_date_too_young": _l("按这个日期还不满 %(minimum)s 岁，请检查年份。"),
    "name_too_long": _l("姓名最多 %(maximum)s 个字。"),
    "name_unreadable": _l("姓名中没有可识别的文字，请检查。"),
    "phone_blank": _l("请填写电话号码。"),
    "phone_characters": _l("电话号码只能包含数字，请检查。"),
    "phone_extension": _l("请只填写总机号码，不带分机。"),
    "phone_several": _l("一栏只能填一个电话号码，请留最常用的一个。"),
    "phone_remark": _l("电话号码旁边还写了别的字，这一栏存不下，没有保存。请只留号码。"),
    "phone_unknown_range": _l("没有这样的电话号码，请数一数位数；固定电话请带区号。"),
    "unknown_division": _l("没有找到这个地区，请从列表中选择。"),
    "unknown_office": _l("请选择本区的司法所。"),
    "nobody_chosen": _l("请至少选择一个人。"),
    "unknown_case_lead": _l("请选择本所的工作人员。"),
    "released_before_birth": _l("释放日期不能早于出生日期。"),
    "release_is_ahead": _l("释放日期在今天之后。尚未释放的，请把阶段选为“待报到”。"),
    "registered_before_release": _l("登记日期不能早于释放日期。"),
    "registered_needs_stage": _l(
        "已经登记的，请把阶段选为“帮教中”；还没有登记的，请清空登记日期。"
    ),
    "expires_before_issue": _l("有效期不能早于发证日期。"),
    "skill_level": _l("熟练程度只能是 1 到 5，或者未知。"),
    "skill_source": _l("请选择技能的来源；“课程认定”由培训结业时自动记入。"),
    "certificate_among_skills": _l("这是证书，请填到“证书”一栏。"),
    "skill_among_certificates": _l("这是技能，不是证书，请填到“技能”一栏。"),
    "listed_twice": _l("同一项填写了两次，请保留一项。"),
    "credited_by_course": _l("这一项已由课程认定，不必再填。"),
    "list_too_long": _l("最多填写 %(maximum)s 项。"),
    "experience_what": _l("请写明做过什么工作，或选择职业。"),
    "text_too_long": _l("最多 %(maximum)s 个字。"),
    "purpose_required": _l("选择“其他工作需要”时，请写明是什么需要。"),
    "malformed_facts": _l("有些内容不符合要求，没有保存，请看下面标出的项目。"),
    "no_active_link": _l("这个人现在没有可用的专属链接。"),
}
