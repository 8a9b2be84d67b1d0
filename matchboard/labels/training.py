"""Words of training: subjects, states, steps, reasons, and what can stand in their way."""

from __future__ import annotations

from enum import Enum
from typing import Any

from flask_babel import LazyString, lazy_gettext as _l

from matchboard.domain.training import (
    AgreementMethod,
    DropReason,
    EnrolmentState,
    SessionTime,
    Subject,
)

S, R = EnrolmentState, DropReason

TABLES: dict[type[Enum], dict[Any, LazyString]] = {
    Subject: {
        Subject.SEWING: _l("缝纫"),
        Subject.COOKING: _l("烹饪"),
        Subject.ELECTRICIAN: _l("电工"),
        Subject.COMPUTING: _l("计算机"),
        Subject.SHOEMAKING: _l("制鞋"),
        Subject.HANDICRAFT: _l("手工"),
        Subject.PLANTING_BREEDING: _l("种植养殖"),
        Subject.OTHER: _l("其他科目"),
    },
    EnrolmentState: {
        S.RECOMMENDED: _l("待答复"),
        S.ENROLLED: _l("已录取"),
        S.WAITLISTED: _l("候补"),
        S.COMPLETED: _l("已结业"),
        S.DROPPED_OUT: _l("中途退出"),
        S.DECLINED: _l("未参加"),
    },
    SessionTime: {
        SessionTime.OPEN: _l("班次未结束"),
        SessionTime.OVER: _l("班次已结束"),
    },
    DropReason: {
        R.FOUND_WORK: _l("找到工作了"),
        R.HEALTH: _l("身体原因"),
        R.FAMILY: _l("家庭原因"),
        R.TOO_FAR: _l("路太远"),
        R.NOT_INTERESTED: _l("不想学这个"),
        R.NOT_REACHED: _l("联系不上"),
        R.OTHER: _l("其他"),
        R.CONSENT_WITHDRAWN: _l("本人撤回同意"),
    },
    AgreementMethod: {
        AgreementMethod.SAID_AT_OFFICE: _l("在司法所说明同意"),
        AgreementMethod.CAME_IN_PERSON: _l("本人到培训机构报名"),
    },
}

#: Buttons, by the step's name.
STEPS: dict[str, LazyString] = {
    "recommend": _l("推荐参加"),
    "enrol": _l("录取"),
    "waitlist": _l("排入候补"),
    "complete": _l("结业"),
    "drop_out": _l("登记退出"),
    "decline": _l("不参加"),
    "release": _l("班次取消"),
    "move": _l("改到这一班"),
}

#: The same steps as done, for the timeline.
EVENTS: dict[str, LazyString] = {
    "recommend": _l("推荐参加培训"),
    "enrol": _l("已录取"),
    "waitlist": _l("排入候补名单"),
    "complete": _l("结业，技能已记入"),
    "drop_out": _l("中途退出"),
    "decline": _l("没有参加"),
    "release": _l("班次取消，回到待答复"),
    "move": _l("改到另一个班次"),
    "withdraw_consent": _l("本人撤回同意"),
}

#: How well a skill is mastered, in the words a shop floor uses.
LEVELS: dict[int, LazyString] = {
    1: _l("会一点"),
    2: _l("有人带着能做"),
    3: _l("能独立做"),
    4: _l("熟练"),
    5: _l("能带徒弟"),
}

ERRORS: dict[str, LazyString] = {
    "enrolment_wrong_state": _l("这名学员现在是“%(state)s”，这一步不能做。请看更新后的名单。"),
    "session_full": _l("这个班次已经满员，可以排入候补名单。"),
    "places_left": _l("这个班次还有空位，请直接录取。"),
    "session_cancelled": _l("这个班次已经取消。"),
    "session_over": _l("这个班次已经结束。"),
    "session_not_started": _l("班次还没有开始，不能登记结业。"),
    "session_has_results": _l("这个班次已有人结业，不能取消。"),
    "course_not_published": _l("这门课程没有公开，不能推荐。"),
    "course_confers_nothing": _l("公开的课程至少要写明能学会的一项技能或一张证书。"),
    "already_enrolled": _l("这个人在这个班次已经是“%(state)s”，不用再报名。"),
    "was_on_session": _l(
        "这个人以前报过那一班，登记的结果是“%(state)s”，不能改过去。"
        "本人要去那一班的，请在那一班办理“本人上门报名”，或请司法所重新推荐。"
    ),
    "already_in_course": _l("这个人已经在这门课程的另一个班次上，请先处理那一班。"),
    "already_completed": _l("这个人已经在这个班次结业。"),
    "course_consent_missing": _l("本人没有同意，或已经撤回同意，这一步不能做。"),
    "training_case_closed": _l("帮教已解除，不能再推荐培训。"),
    "agreement_required": _l("请先征得本人同意，再勾选这一项。"),
    "walk_in_unknown": _l("编号和出生日期对不上，请和本人再核对一次。"),
    "walk_in_guessed": _l("这个编号的出生日期已多次对不上，请 %(minutes)s 分钟后再试。"),
    "nobody_marked": _l("请先勾选结业的学员。"),
    "result_before_start": _l("结业日期早于开班日期，请检查。"),
    "unknown_provider": _l("请从列表中选择本区的培训机构。"),
    "unknown_skill": _l("技能栏里有一项不是技能；证书请填到证书一栏。"),
    "unknown_certificate": _l("证书栏里有一项不是证书；技能请填到技能一栏。"),
    "skill_needs_level": _l("请为每项技能选择学完能达到的程度。"),
    "skill_level_range": _l("技能程度只能是 1 到 5。"),
    "skill_twice": _l("同一项技能写了两次，请保留一项。"),
    "hours_range": _l("课时应在 1 到 %(maximum)s 之间。"),
    "capacity_range": _l("名额应在 1 到 %(maximum)s 之间。"),
    "capacity_below_enrolled": _l("已有 %(n)s 人占用名额，名额不能少于这个数。"),
    "start_after_result": _l("已有人在 %(day)s 结业，开班日期不能晚于这一天。"),
    "session_ends_before_start": _l("结束日期早于开班日期，请检查。"),
    "session_ends_in_past": _l("结束日期已经过去。新增的班次、还没有结束的班次，最早今天结束。"),
    "session_too_long": _l("一个班次最长一年，请检查日期。"),
    "session_too_far": _l("开班日期离今天太远，请检查年份。"),
}
