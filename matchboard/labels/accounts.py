"""Words for roles and accounts."""

from __future__ import annotations

from enum import Enum
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext as _l

from matchboard.domain.accounts import LeadStanding
from matchboard.domain.organisation import UnitKind
from matchboard.domain.roles import Permission, Role

TABLES: dict[type[Enum], dict[Any, LazyString]] = {
    Role: {
        Role.VISITOR: _l("访客"),
        Role.CLIENT: _l("帮教对象"),
        Role.OFFICER: _l("司法所工作人员"),
        Role.ENTERPRISE: _l("爱心企业"),
        Role.COORDINATOR: _l("培训协调员"),
        Role.DISTRICT: _l("区安帮办"),
        Role.SYSTEM_ADMIN: _l("系统管理员"),
        Role.SECURITY_ADMIN: _l("安全管理员"),
        Role.AUDIT_ADMIN: _l("审计管理员"),
        Role.SYSTEM: _l("系统"),
    },
    LeadStanding: {
        LeadStanding.ACTIVE: _l("在本所工作"),
        LeadStanding.SHUT: _l("账户已停用"),
        LeadStanding.MOVED: _l("已不在本所"),
    },
    UnitKind: {
        UnitKind.DISTRICT: _l("区安帮办"),
        UnitKind.JUSTICE_OFFICE: _l("司法所"),
        UnitKind.PARTNER: _l("爱心企业"),
        UnitKind.PROVIDER: _l("培训机构"),
    },
}

#: State of an account → words.
STATES: dict[str, LazyString] = {
    "active": _l("正常"),
    "locked": _l("已锁定"),
    "disabled": _l("已停用"),
    "unconfirmed": _l("待确认"),
}

#: Permission → what it lets a role do; "subject:action" is shown beside it.
PERMISSIONS: dict[Permission, LazyString] = {
    Permission.PUBLIC: _l("查看公开页面"),
    Permission.ACCOUNT_OWN: _l("管理本人账户"),
    Permission.LINK_OWN: _l("凭个人链接查看本人信息"),
    Permission.TODAY_READ: _l("查看今日待办"),
    Permission.SEARCH: _l("搜索"),
    Permission.CLIENT_READ: _l("查看帮教对象"),
    Permission.CLIENT_WRITE: _l("登记和修改帮教对象"),
    Permission.RESTRICTED_READ: _l("查看受限记录"),
    Permission.RESTRICTED_WRITE: _l("修改受限记录"),
    Permission.MATCH_READ: _l("查看岗位匹配"),
    Permission.PLACEMENT_READ: _l("查看推荐与安置"),
    Permission.PLACEMENT_PROPOSE: _l("提出推荐"),
    Permission.PLACEMENT_WRITE: _l("办理推荐与安置"),
    Permission.VACANCY_READ: _l("查看全部岗位"),
    Permission.VACANCY_WRITE: _l("录入和修改岗位"),
    Permission.VACANCY_REVIEW: _l("审核岗位"),
    Permission.PARTNER_READ: _l("查看爱心企业"),
    Permission.PARTNER_WRITE: _l("审核和管理爱心企业"),
    Permission.REFERRAL_OWN: _l("处理收到的推荐"),
    Permission.VACANCY_OWN: _l("发布本企业岗位"),
    Permission.COURSE_WRITE: _l("管理课程"),
    Permission.ENROLMENT_WRITE: _l("管理学员"),
    Permission.COURSE_RECOMMEND: _l("推荐培训"),
    Permission.DASHBOARD_READ: _l("查看工作概览和报表"),
    Permission.POLICY_WRITE: _l("制定政策规则"),
    Permission.RANKING_STEER: _l("训练、启用和停用排序模型"),
    Permission.TASK_READ: _l("查看后台任务"),
    Permission.ACCOUNTS_ADMIN: _l("管理账户和单位"),
    Permission.SETTINGS_ADMIN: _l("管理安全设置"),
    Permission.AUDIT_READ: _l("查看审计日志"),
}

ERRORS: dict[str, LazyString] = {
    "sign_in_failed": _l("邮箱或密码不正确。请检查后重试，多次失败会暂时锁定。"),
    "sign_in_unconfirmed": _l(
        "密码没有错，但这个账户还没有确认，暂时不能登录。请联系安全管理员确认，确认后用同一个密码登录。"
    ),
    "sign_in_locked": _l(
        "登录失败次数过多，已暂时锁定到 %(until)s。届时再试，或请系统管理员解锁。"
    ),
    "password_wrong": _l("现在的密码不正确。"),
    "password_unchanged": _l("新密码不能与现在的密码相同。"),
    "password_too_short": _l("密码至少要有 %(n)s 个字符。"),
    "password_too_long": _l("密码最多 %(n)s 个字符。"),
    "password_contains_name": _l("密码不能包含您的姓名或邮箱名。"),
    "password_common": _l("这个密码太容易被猜到，请换一个。"),
    "email_malformed": _l("电子邮箱的格式不对，例如 name@example.org。"),
    "email_repeated": _l("三位管理员须是三个人，邮箱不能相同。"),
    "setup_code_wrong": _l(
        "安装码不对或已过期。请在服务器上运行 matchboard init --code 取得新的安装码。"
    ),
    "district_exists": _l("系统中已有区安帮办，初始安装只做一次。"),
    "email_taken": _l("这个邮箱已经有账户。"),
    "unit_of_other_kind": _l("“%(role)s”必须属于一个%(kind)s。"),
    "account_unknown": _l("没有用这个邮箱的账户。"),
    "account_is_own": _l("不能对自己的账户做这项操作。"),
    "unit_kind_not_created_here": _l("这类单位不在这里新建。"),
    "unit_name_taken": _l("同类单位中已有这个名称。"),
    "district_missing": _l(
        "系统中还没有区安帮办，请先在服务器上运行 matchboard init 完成初始安装。"
    ),
}


def lead_words(client: Any) -> str:
    """Return who leads a case, and whether they do no more; empty without a lead."""
    lead, standing = client.case_lead, client.lead_standing
    if lead is None:
        return ""
    if standing is LeadStanding.ACTIVE:
        return str(lead.display_name)
    why = TABLES[LeadStanding][standing]
    return gettext("%(name)s（%(why)s）", name=lead.display_name, why=why)
