"""Words for the verbs of the audit log; the code is what is stored, filtered and exported."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext as _l

from matchboard.domain.calendar import BEIJING
from matchboard.labels import partners, placements, training, vacancies
from matchboard.services.audit import ChainReport
from matchboard.services.audit_folds import Check

TABLES: dict[type[Enum], dict[Any, LazyString]] = {}
ERRORS: dict[str, LazyString] = {
    "audit_agrees": _l("审计日志与锚点一致，没有需要认可的差别。"),
    "audit_chain_broken": _l(
        "审计日志本身不一致，不能认可。请先查明原因：matchboard audit verify。"
    ),
}

#: Kinds of record an entry is about.
SUBJECTS: dict[str, LazyString] = {
    "absence_cover": _l("代管安排"),
    "account": _l("登录账户"),
    "background_task": _l("后台任务"),
    "bar_decision": _l("从业核定"),
    "client": _l("帮教对象档案"),
    "correction_request": _l("更正请求"),
    "course": _l("课程"),
    "course_session": _l("培训班次"),
    "enrolment": _l("培训报名"),
    "partner": _l("企业"),
    "placement": _l("推荐记录"),
    "policy_rule_set": _l("一套政策规则"),
    "ranking_model": _l("排序模型"),
    "restricted_record": _l("本人的受限记录"),
    "unit": _l("机构"),
    "vacancy": _l("企业岗位"),
}

VERBS: dict[str, LazyString] = {
    "absence_cover.end": _l("提前结束代管"),
    "absence_cover.make": _l("安排代管"),
    "account.change_password": _l("修改自己的密码"),
    "account.confirm": _l("复核账户变动"),
    "account.confirm_head": _l("复核所长"),
    "account.create": _l("新建账户"),
    "account.disable": _l("停用账户"),
    "account.enable": _l("启用账户"),
    "account.lockout": _l("账户因多次输错被锁定"),
    "account.name_head": _l("指定所长，待复核"),
    "account.remove_head": _l("取消所长"),
    "account.reset_password": _l("重置密码"),
    "account.sign_in": _l("登录"),
    "account.sign_in_failed": _l("登录失败"),
    "account.sign_out": _l("退出登录"),
    "account.unlock": _l("解除锁定"),
    "account.update": _l("修改账户设置"),
    "audit.anchors_accepted": _l("认可日志与锚点的差别"),
    "audit.anchors_begun": _l("开始一份锚点文件"),
    "audit.seal": _l("为旧日志加盖封印"),
    "audit.export": _l("导出审计日志"),
    "audit.verify": _l("核对日志完整性"),
    "client.check_number": _l("查询一个无人登记的身份证号"),
    "client.check_refused": _l("查询身份证号过多被拒绝"),
    "client.look": _l("打开帮教对象的页面"),
    "client.look_list": _l("打开列有帮教对象的名单"),
    "client.check_elsewhere": _l("查询身份证号是否已登记"),
    "client.export": _l("导出帮教对象名单"),
    "client.register": _l("登记帮教对象"),
    "client.update": _l("更新档案"),
    "correction.request": _l("本人请求更正"),
    "correction.settle": _l("处理更正请求"),
    "course.create": _l("新建课程"),
    "course.edit": _l("修改课程"),
    "course.publish": _l("公开课程"),
    "course.unpublish": _l("撤下课程"),
    "course_session.cancel": _l("取消班次"),
    "course_session.create": _l("新建班次"),
    "course_session.edit": _l("修改班次"),
    "district.set_up": _l("初始安装"),
    "enrolment.walk_in": _l("现场登记学员"),
    "enrolment.walk_in_refused": _l("现场登记因多次输错被拒绝"),
    "enrolment.walk_in_wrong": _l("现场登记时信息不符"),
    "legal_gate.decide": _l("书面核定从业限制"),
    "partner.create": _l("登记爱心企业"),
    "partner.edit": _l("修改企业登记信息"),
    "partner.edit_profile": _l("修改企业联系方式"),
    "personal_link.create": _l("办理专属链接"),
    "personal_link.fail": _l("专属链接核对失败"),
    "personal_link.lock": _l("专属链接因多次输错被锁定"),
    "personal_link.revoke": _l("收回专属链接"),
    "placement.check": _l("登记在岗回访"),
    "placement.letter": _l("打印推荐函"),
    "placement.remind": _l("催办企业答复"),
    "policy.add": _l("新增政策规则"),
    "ranking_model.promote": _l("启用排序模型"),
    "ranking_model.retire": _l("停用排序模型"),
    "ranking_model.train": _l("训练排序模型"),
    "referral.read": _l("企业查看推荐"),
    "restricted.read": _l("查看受限记录"),
    "restricted.refuse": _l("打开受限记录被拒绝"),
    "restricted.seal": _l("删除依法封存的事实"),
    "restricted.write": _l("修改受限记录"),
    "security_setting.change": _l("修改安全设置"),
    "task.start": _l("开始后台任务"),
    "tick.run": _l("每日例行处理"),
    "unit.create": _l("新建机构"),
    "vacancy.import": _l("导入岗位"),
    "vacancy.import_rows": _l("导入岗位表"),
}

#: What is wrong with the log's chain; `number` is the first bad entry.
_FAULTS: dict[str, LazyString] = {
    "changed": _l("审计日志在第 %(number)s 条处不一致：这一条或前一条被改动、删除或插入过。"),
    "unknown_key": _l(
        "审计日志第 %(number)s 条所用的密钥不在本系统的密钥之中，无法核对。请把旧密钥补到设置里。"
    ),
    "unsealed": _l("审计日志第 %(number)s 条没有签名，不是本系统写入的。"),
    "empty": _l("审计日志是空的，而系统中已有账户：记录被清除过。"),
}
#: How the log differs from what was written down outside the database.
_MISMATCHES: dict[str, LazyString] = {
    "cut": _l("审计日志的末尾被截断：%(at)s 时已有第 %(number)s 条，现在没有了。"),
    "rewritten": _l("审计日志被重写过：第 %(number)s 条与 %(at)s 留存的锚点不同。"),
    "fewer": _l("审计日志少了记录：%(at)s 时，到第 %(number)s 条为止的条数比现在多。"),
    "unreadable": _l("锚点文件第 %(number)s 行无法读取：文件被改动过。"),
    "missing": _l("锚点文件缺失：审计日志第 %(number)s 条开始的那一份不在了。"),
}

#: What is held against the tables when the log is checked, as it ought to be.
_CHECKS: dict[str, LazyString] = {
    "placement_state": _l("推荐记录的状态应与最后一步相符"),
    "placement_path": _l("推荐记录的每一步应接着上一步"),
    "placement_log": _l("推荐记录的每一步都应在日志里"),
    "vacancy_state": _l("岗位的状态应与最后一步相符"),
    "vacancy_log": _l("岗位的每一步都应在日志里"),
    "enrolment_state": _l("培训报名的状态应与最后一步相符"),
    "enrolment_log": _l("培训报名的每一步都应在日志里"),
    "partner_state": _l("企业的状态应与日志相符"),
    "course_consent_in_force": _l("正在进行的培训应有本人生效的同意，撤回的不再生效"),
    "consent_in_force": _l("生效的同意应是给过且没有撤回的"),
    "vacancy_reserved": _l("预留的名额应各有一条推荐记录"),
    "vacancy_filled": _l("已占的名额应各有上岗的人"),
    "course_session_enrolled": _l("班次已占的名额应各有学员"),
    "account_head": _l("所长应是日志里指定并确认过的"),
    "absence_cover_log": _l("每项代管都应与日志相符"),
}

#: Steps of a record's life, recorded as kind and step.
_STEPS: dict[str, dict[str, LazyString]] = {
    "enrolment": training.EVENTS,
    "partner": partners.STEPS,
    "placement": placements.EVENTS,
    "vacancy": vacancies.EVENTS,
}


def verb_words(verb: str) -> str:
    """Return what was done in words; the code itself for a verb nobody knows any more."""
    return str(find_words(verb) or verb)


def find_words(verb: str) -> LazyString | None:
    """Return a verb's words, None if it has none."""
    if verb in VERBS:
        return VERBS[verb]
    kind, _, step = verb.partition(".")
    words = _STEPS.get(kind, {}).get(step)
    if words is None:
        return None
    return _l("%(subject)s：%(step)s", subject=SUBJECTS.get(kind, kind), step=words)


def finding_words(report: ChainReport, checks: Sequence[Check]) -> list[str]:
    """Return what a check of the log found, each in a sentence; empty if all is well."""
    found = []
    if report.fault:
        found.append(_FAULTS[report.fault] % {"number": report.broken_at})
    if report.mismatch is not None:
        words = _MISMATCHES[report.mismatch.fault]
        found.append(words % {"number": report.mismatch.number, "at": _local(report.mismatch.at)})
    for check in checks:
        if not check.is_kept:
            found.append(
                gettext(
                    "核对不符：%(rule)s。共 %(n)s 条，例如 %(examples)s。",
                    rule=check_words(check),
                    n=check.n_bad,
                    examples=gettext("、").join(check.examples),
                )
            )
    return found


def check_words(check: Check) -> str:
    """Return the rule that a check holds against the tables."""
    return str(_CHECKS[check.name])


def _local(instant: str) -> str:
    """Return an anchor's instant on the office's clock."""
    return (
        f"{datetime.fromisoformat(instant).astimezone(BEIJING):%Y-%m-%d %H:%M}" if instant else ""
    )


def subject_code(typed: str) -> str:
    """Return the kind of record that was typed in words; anything else as it is."""
    return next((code for code, words in SUBJECTS.items() if str(words) == typed), typed)


def subject_words(kind: str) -> str:
    """Return the kind of a record in words."""
    return str(SUBJECTS.get(kind, kind))
