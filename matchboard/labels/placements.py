"""Words of placements: states, steps, reasons, duties, and what can stand in their way."""

from __future__ import annotations

from enum import Enum
from typing import Any

from flask_babel import LazyString, lazy_gettext as _l

from matchboard.domain.duties import DutyKind, Urgency
from matchboard.domain.placement import (
    PlacementFigure,
    PlacementReason,
    PlacementState,
    PlacementType,
)

S, R, T, D = PlacementState, PlacementReason, PlacementType, DutyKind

TABLES: dict[type[Enum], dict[Any, LazyString]] = {
    PlacementState: {
        S.PROPOSED: _l("待本人同意"),
        S.CONSENTED: _l("本人已同意"),
        S.SENT: _l("已送企业"),
        S.INTERVIEW: _l("约面试"),
        S.OFFERED: _l("拟录用"),
        S.STARTED: _l("在岗"),
        S.COMPLETED: _l("稳定就业"),
        S.ENDED: _l("已离岗"),
        S.DECLINED_BY_CLIENT: _l("本人谢绝"),
        S.DECLINED_BY_EMPLOYER: _l("企业未录用"),
        S.NO_SHOW: _l("未到场"),
        S.WITHDRAWN: _l("已撤回"),
        S.EXPIRED: _l("逾期未答复"),
    },
    PlacementFigure: {
        PlacementFigure.UNANSWERED: _l("企业超过 7 天没有答复"),
        PlacementFigure.CHECK_OVERDUE: _l("回访已逾期"),
        PlacementFigure.HALF_YEAR_KNOWN: _l("半年结果已知"),
        PlacementFigure.HALF_YEAR_KEPT: _l("做满半年"),
    },
    PlacementType: {
        T.HIRED_BY_ENTERPRISE: _l("企业吸纳"),
        T.CERTIFIED_ENTERPRISE_BASE: _l("认定企业基地"),
        T.GOVERNMENT_BASE: _l("政府安置基地"),
        T.PUBLIC_WELFARE_POST: _l("公益性岗位"),
        T.LAND_RESTORED: _l("落实责任田"),
        T.SELF_EMPLOYED_HOUSEHOLD: _l("个体经营"),
        T.OWN_BUSINESS: _l("自主创业"),
        T.TEMPORARY: _l("临时务工"),
        T.SEASONAL: _l("季节性务工"),
        T.GIG: _l("灵活就业（零工）"),
        T.OTHER: _l("其他方式"),
    },
    PlacementReason: {
        R.TOO_FAR: _l("路太远"),
        R.WAGE_TOO_LOW: _l("工资偏低"),
        R.SHIFT_UNSUITABLE: _l("班次不合适"),
        R.WORK_TOO_HEAVY: _l("活太重"),
        R.NO_LODGING: _l("没有住宿"),
        R.NOT_INTERESTED: _l("不想做这份工作"),
        R.HEALTH: _l("身体原因"),
        R.FAMILY: _l("家庭原因"),
        R.FOUND_OTHER_WORK: _l("已找到别的工作"),
        R.TRAINING_FIRST: _l("想先参加培训"),
        R.SKILL_MISSING: _l("技能不够"),
        R.EXPERIENCE_MISSING: _l("经验不够"),
        R.CERTIFICATE_MISSING: _l("缺少证书"),
        R.POSITION_FILLED: _l("岗位已招满"),
        R.POSITION_CANCELLED: _l("岗位取消"),
        R.INTERVIEW_NOT_PASSED: _l("面试未通过"),
        R.NOT_AVAILABLE_IN_TIME: _l("到岗时间对不上"),
        R.DID_NOT_COME: _l("没有来"),
        R.PLACED_ELSEWHERE: _l("已在别处上岗"),
        R.CONSENT_WITHDRAWN: _l("本人撤回同意"),
        R.ENTERED_IN_ERROR: _l("录入有误"),
        R.OPENING_CLOSED: _l("岗位关闭"),
        R.QUIT: _l("本人辞职"),
        R.DISMISSED: _l("企业辞退"),
        R.CONTRACT_OVER: _l("合同到期"),
        R.EMPLOYER_CLOSED: _l("企业停业"),
        R.MOVED_AWAY: _l("搬到外地"),
        R.BETTER_JOB: _l("找到更好的工作"),
        R.OTHER: _l("其他"),
    },
    DutyKind: {
        D.REGISTER: _l("报到登记"),
        D.ASK_CONSENT: _l("请本人决定"),
        D.SEND_REFERRAL: _l("送达企业"),
        D.ASK_CONTACT_CONSENT: _l("企业想联系本人，征求同意"),
        D.CHASE_EMPLOYER: _l("催企业答复"),
        D.INTERVIEW_RESULT: _l("了解面试结果"),
        D.CONFIRM_START: _l("确认上岗"),
        D.OUTCOME_CHECK: _l("回访在岗情况"),
        D.CORRECTION: _l("本人说资料有误"),
        D.RENEW_LINK: _l("专属链接因出生日期多次输错停用"),
        D.NEXT_PROPOSAL: _l("再推荐一个"),
        D.HAND_OVER: _l("责任人不再负责，请移交"),
        D.OPEN_ACCOUNT: _l("账户都已停用，没有人能登录办理：须启用或新建"),
        D.COVER_AGAIN: _l("代管的人不在了，请另行安排或结束"),
        D.NAME_HEAD: _l("所长账户已停用，须另行指定所长"),
        D.OPENING_HELD: _l("岗位现在不招人：还会招的等一等，不招了的撤回推荐"),
    },
    Urgency: {
        Urgency.OVERDUE: _l("已逾期"),
        Urgency.TODAY: _l("今天"),
        Urgency.THIS_WEEK: _l("本周"),
        Urgency.LATER: _l("以后"),
    },
}

#: Buttons, by the step's name; the officer's wording where another's word is noted.
STEPS: dict[str, LazyString] = {
    "propose": _l("推荐"),
    "settle": _l("登记安置"),
    "consent": _l("登记本人同意"),
    "decline": _l("本人谢绝"),
    "send": _l("送达企业"),
    "invite": _l("约面试"),
    "offer": _l("拟录用"),
    "refuse": _l("这次不合适"),
    "amend": _l("更正约定"),
    "start": _l("确认上岗"),
    "miss": _l("登记未到场"),
    "undo_miss": _l("撤销“未到场”"),
    "withdraw": _l("撤回推荐"),
    "expire": _l("逾期"),
    "end": _l("登记离岗"),
    "complete": _l("稳定就业"),
    "widen_consent": _l("同意提供联系方式"),
    "withdraw_consent": _l("撤回同意"),
    "request_contact": _l("请求联系方式"),
}

#: The same steps as done, for the timeline.
EVENTS: dict[str, LazyString] = {
    "propose": _l("推荐了岗位"),
    "settle": _l("登记了安置"),
    "consent": _l("本人同意"),
    "decline": _l("本人谢绝"),
    "send": _l("材料送达企业"),
    "invite": _l("企业约面试"),
    "offer": _l("企业拟录用"),
    "refuse": _l("企业未录用"),
    "amend": _l("更正了约定"),
    "start": _l("上岗"),
    "miss": _l("未到场"),
    "undo_miss": _l("撤销了“未到场”"),
    "withdraw": _l("推荐撤回"),
    "expire": _l("企业逾期未答复"),
    "end": _l("离岗"),
    "complete": _l("稳定就业满期"),
    "widen_consent": _l("本人同意提供联系方式"),
    "withdraw_consent": _l("本人撤回同意"),
    "request_contact": _l("企业请求联系方式"),
}

ERRORS: dict[str, LazyString] = {
    "case_closed": _l("帮教已解除，不能再推荐。"),
    "vacancy_unchecked": _l(
        "这是未核验的外部招聘信息，不能直接推荐。请先联系企业并登记为爱心企业。"
    ),
    "vacancy_not_open": _l("这个岗位现在没有开放：%(state)s。"),
    "already_proposed": _l("这个岗位已经推荐过，正在进行中。"),
    "already_working": _l("本人正在另一个岗位上。请先登记那个岗位的离岗，再确认上岗。"),
    "wrong_state": _l("现在的状态是“%(state)s”，这一步不能做。请刷新后再看。"),
    "unknown_step": _l("没有这个操作：%(value)s。"),
    "needs_vacancy": _l("这种安置方式要从岗位推荐，不能直接登记。"),
    "date_in_future": _l("日期不能晚于今天。"),
    "date_too_far_ahead": _l("日期太远，请检查。"),
    "conclusion_required": _l("请选择核定结论。"),
    "wage_below_advertised": _l(
        "岗位发布的工资最低是每月 %(advertised)s 元，约定的比它低。"
        "请核对；确实这样约定的，请勾选下面一项再提交。"
    ),
    "wage_far_above_advertised": _l(
        "岗位发布的工资是每月 %(advertised)s 元，约定的比它的两倍还多。"
        "请核对有没有多写一位；确实这样约定的，请勾选下面一项再提交。"
    ),
    "nothing_amended": _l("上岗日期和工资都和原来的约定一样：没有要更正的，没有记录。"),
    "date_before_sent": _l("日期早于材料送达企业的日期，请检查。"),
    "end_before_start": _l("离岗日期早于上岗日期，请检查。"),
    "negative": _l("不能是负数。"),
    "source_required": _l("请写明企业是怎么答复的（谁、什么时候、电话还是当面）。"),
    "miss_note_required": _l("请写明约在什么时候、怎么联系过本人。"),
    "note_required": _l("选择“其他”时请写明情况。"),
    "reason_not_for_step": _l("这个原因不适用于这一步。"),
    "agreement_missing": _l("企业还没有签保密协议，材料不能送达。"),
    "consent_missing": _l("没有本人的有效同意。"),
    "contact_consent_needed": _l("从面试开始需要联系方式，请先征得本人同意提供姓名和电话。"),
    "scope_already_open": _l("本人已经同意提供这些信息。"),
    "contact_requested": _l("已经请求过联系方式，司法所正在征求本人意见。"),
    "undo_too_late": _l("只能在 %(days)s 天内撤销。"),
    "ask_office": _l("这一步要由司法所办理，请联系司法所。"),
    "view_closed": _l("本人的资料已经关闭，不能再答复。"),
    "end_of_running_job": _l("选了“还在岗”，又填了离岗的日期或原因。请改正其中一处。"),
    "birth_date_wrong": _l(
        "出生日期不对，请再核对。还可以试 %(left)s 次，都不对的话这个链接会停用。"
    ),
    "use_end_form": _l("请在下面“我已经不在那里上班了”里填写离岗日期和原因。"),
    "check_done": _l("这次回访已经登记过。"),
    "check_not_due": _l("这次回访的日期是 %(due_on)s，还没有到。"),
    "legally_blocked": _l("法律规定不能从事：依据《%(source)s》第 %(article)s 条。"),
    "decision_required": _l("从业禁止需要核定：请写明核定依据，再推荐。"),
    "decided_against": _l("已书面核定不能推荐这个岗位。"),
    "no_review_needed": _l("这个岗位不需要核定。"),
    "grounds_too_short": _l("核定依据至少写 %(minimum)s 个字。"),
}
